"""A person's wish to get what is held about them, and what data protection decided on others' notes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal, Self, get_args
from uuid import UUID, uuid5

from eventsourcing.domain import event

from services.access import Exemption
from services.exhibits import Opening
from shared.errors import RuleBroken
from shared.eventstore.events import Aggregate, Created, Event

LASTS = timedelta(days=30)
"""The month within which the law wants an answer; then it is asked for anew."""

Released = Literal["no_third_party", "third_party_agreed", "outweighs"]
Withheld = Literal["third_party", "confidence", "legal_claim", "other_reason"]
RELEASED: tuple[Released, ...] = get_args(Released)
WITHHELD: tuple[Withheld, ...] = get_args(Withheld)
Note = tuple[UUID, int]
"""A conversation and the number of a note in it."""


class NotAskedFor(RuleBroken):
    """This takes a request of the person from the last 30 days; put theirs on record first."""


@dataclass(frozen=True)
class Review:
    """What became of somebody else's note: part of the package or not, and why as a code."""

    released: bool
    reason: str
    at: datetime


class AccessRequest(Aggregate):
    """One per person: when they asked last, and which notes of others they get."""

    TOPIC = "access"

    class Requested(Created, frozen=True, kw_only=True):
        """`through` says whether the person asked here, or data protection heard of it elsewhere."""

        TOPIC = "access.requested"
        person: UUID
        through: str

    class RequestedAgain(Event, frozen=True, kw_only=True):
        TOPIC = "access.requested_again"
        through: str

    class NoteReviewed(Event, frozen=True, kw_only=True):
        TOPIC = "access.note_reviewed"
        conversation: UUID
        note: int
        released: bool
        reason: str

    @classmethod
    def request(cls, person: UUID, at: datetime, through: str) -> Self:
        """Ask for the first time."""
        return cls.begin(request_id(person), at, person=person, through=through)

    @event(Requested)
    def __init__(self, person: UUID, through: str, timestamp: datetime) -> None:
        self.person = person
        self.requested_at, self.through = timestamp, through
        self.reviews: dict[Note, Review] = {}

    def request_again(self, through: str) -> None:
        """Ask once more; while a request is open it is nothing new."""
        if not self.is_open:
            self._request_again(through=through, timestamp=self.at)

    @event(RequestedAgain)
    def _request_again(self, through: str, timestamp: datetime) -> None:
        self.requested_at, self.through = timestamp, through

    def review(self, note: Note, released: bool, reason: str) -> None:
        """Say whether a note of somebody else is part of the package; the newer word counts."""
        self.must_be_open()
        known = self.reviews.get(note)
        if known is None or (known.released, known.reason) != (released, reason):
            self._review(
                conversation=note[0],
                note=note[1],
                released=released,
                reason=reason,
                timestamp=self.at,
            )

    @event(NoteReviewed)
    def _review(
        self, conversation: UUID, note: int, released: bool, reason: str, timestamp: datetime
    ) -> None:
        self.reviews[conversation, note] = Review(released, reason, timestamp)

    @property
    def until(self) -> datetime:
        """Up to when data protection may look at what is held, for the sake of this request."""
        return self.requested_at + LASTS

    @property
    def is_open(self) -> bool:
        return self.at < self.until

    def must_be_open(self) -> None:
        if not self.is_open:
            raise NotAskedFor

    def exemption(self) -> Exemption:
        """What it opens to data protection."""
        self.must_be_open()
        return Exemption("access_request", self.requested_at, self.until)

    def openings(self) -> list[Opening]:
        """Everything to data protection while it is open; to the person what was released, for good."""
        released = [(note, review) for note, review in self.reviews.items() if review.released]
        return [
            *([Opening(self.exemption(), "dpo")] if self.is_open else []),
            *(
                Opening(
                    Exemption("access_request", review.at, None),
                    "employee",
                    part=(conversation, f"note/{number}"),
                )
                for (conversation, number), review in released
            ),
        ]

    @property
    def subject(self) -> UUID:
        return self.person

    def receipt(self) -> dict[str, Any]:
        return {"version": self.version}


def request_id(person: UUID) -> UUID:
    """The id of the stream of a person's requests."""
    return uuid5(person, "access")
