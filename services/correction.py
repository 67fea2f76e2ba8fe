"""What a person says is wrong on record about them, in their own words; the original stays.

One stream per person, read with whatever it is about; like disclosures it belongs to no single service.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Self
from uuid import UUID, uuid5

from eventsourcing.domain import event

from shared.errors import NotFound
from shared.eventstore.events import Aggregate, Created, Event, Words
from shared.periods import rfc3339


@dataclass(frozen=True)
class About:
    """What it is about: a stream, and in it one event (`version`) or a part as `question/impact`."""

    stream: UUID
    kind: str
    version: int | None = None
    part: str | None = None


@dataclass(frozen=True)
class Statement:
    """One correction as it stands."""

    number: int
    about: About
    text: str
    at: datetime

    def view(self) -> dict[str, Any]:
        """As it is answered."""
        return {
            "correction": self.number,
            "about": self.about.kind,
            "id": str(self.about.stream),
            "version": self.about.version,
            "part": self.about.part,
            "text": self.text,
            "at": rfc3339(self.at),
        }


class NoSuchCorrection(NotFound):
    """There is no correction with that number; it may have been withdrawn."""


class Corrections(Aggregate):
    """All statements of one person, numbered."""

    TOPIC = "corrections"

    class Opened(Created, frozen=True, kw_only=True):
        TOPIC = "corrections.opened"
        person: UUID

    class Stated(Event, frozen=True, kw_only=True):
        TOPIC = "corrections.stated"
        number: int
        about: UUID
        kind: str
        version: int | None = None
        part: str | None = None
        text: Words

    class Withdrawn(Event, frozen=True, kw_only=True):
        TOPIC = "corrections.withdrawn"
        number: int

    @classmethod
    def open(cls, person: UUID, at: datetime) -> Self:
        """Begin the list."""
        return cls.begin(corrections_id(person), at, person=person)

    @event(Opened)
    def __init__(self, person: UUID) -> None:
        self.person = person
        self.statements: dict[int, Statement] = {}
        self.last = 0

    def state(self, about: About, text: str) -> None:
        """Say what is wrong; the original stays as it is."""
        self._state(
            number=self.last + 1,
            about=about.stream,
            kind=about.kind,
            version=about.version,
            part=about.part,
            text=text,
            timestamp=self.at,
        )

    @event(Stated)
    def _state(
        self,
        number: int,
        about: UUID,
        kind: str,
        version: int | None,
        part: str | None,
        text: str,
        timestamp: datetime,
    ) -> None:
        of = About(about, kind, version, part)
        self.statements[number] = Statement(number, of, text, timestamp)
        self.last = number

    def withdraw(self, number: int) -> None:
        """Take a statement back; that it was made stays on record."""
        if number not in self.statements:
            raise NoSuchCorrection
        self._withdraw(number=number)

    @event(Withdrawn)
    def _withdraw(self, number: int) -> None:
        del self.statements[number]

    @property
    def subject(self) -> UUID:
        return self.person

    def receipt(self) -> dict[str, Any]:
        return {"correction": self.last, "version": self.version}


def corrections_id(person: UUID) -> UUID:
    """The id of the stream of a person's corrections."""
    return uuid5(person, "corrections")
