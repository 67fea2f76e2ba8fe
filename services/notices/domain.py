"""A day on which somebody is written to: taken by the first gentle mail of that day, over all cycles."""

from __future__ import annotations

from datetime import date, datetime
from typing import Self
from uuid import UUID, uuid5

from eventsourcing.domain import event

from shared.eventstore.events import Aggregate, Created


class Day(Aggregate):
    """One person's calendar day; `about` is what took it."""

    TOPIC = "notices"

    class DayClaimed(Created, frozen=True, kw_only=True):
        TOPIC = "notices.day_claimed"
        person: UUID
        day: date
        about: str

    @classmethod
    def take(cls, person: UUID, day: date, about: str, at: datetime) -> Self:
        """Take a day; whoever finds it taken by something else keeps silent."""
        return cls.begin(day_stream(person, day), at, person=person, day=day, about=about)

    @event(DayClaimed)
    def __init__(self, person: UUID, about: str) -> None:
        self.person = person
        self.about = about

    @property
    def subject(self) -> UUID:
        return self.person


def day_stream(person: UUID, day: date) -> UUID:
    """The id of a person's day."""
    return uuid5(person, f"told/{day.isoformat()}")
