"""The circuit breaker of a roster feed: one per legal entity, which counts who is closed in a day."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, Self
from uuid import UUID, uuid5

from eventsourcing.domain import event

from shared.errors import RuleBroken
from shared.eventstore.events import Aggregate, Created, Event

_FEEDS = UUID("0d6f5a52-8a07-5f9e-a8bb-1f1f0c1c2d77")


class FeedStopped(RuleBroken):
    """More people of this legal entity were closed today than is usual, so nobody else is until somebody
    has looked: mend the feed, or let it go on with POST /v1/feeds:release."""


class FeedNotStopped(RuleBroken):
    """The feed of this legal entity isn't stopped."""


class Feed(Aggregate):
    """What the roster feed closes in one legal entity: people who leave or become inactive."""

    TOPIC = "feed"

    class Watched(Created, frozen=True, kw_only=True):
        TOPIC = "feed.watched"
        legal_entity: str | None = None

    class ClosingCounted(Event, frozen=True, kw_only=True):
        TOPIC = "feed.closing_counted"
        person: UUID
        day: date

    class ClosingRefused(Event, frozen=True, kw_only=True):
        """Somebody's last day has passed while the feed was stopped: made up for at the release."""

        TOPIC = "feed.closing_refused"
        person: UUID

    class Stopped(Event, frozen=True, kw_only=True):
        TOPIC = "feed.stopped"
        day: date
        closings: int
        people: int

    class Released(Event, frozen=True, kw_only=True):
        TOPIC = "feed.released"
        day: date

    @classmethod
    def watch(cls, tenant: str, legal_entity: str | None, at: datetime) -> Self:
        """Begin to count."""
        return cls.begin(feed_stream(tenant, legal_entity), at, legal_entity=legal_entity)

    @event(Watched)
    def __init__(self, legal_entity: str | None) -> None:
        self.legal_entity = legal_entity
        self.day: date | None = None
        self.closed: set[UUID] = set()
        self.refused: list[UUID] = []
        self.stopped = False
        self.released_on: date | None = None

    def allows(self, person: UUID, people: int, percent: int, floor: int) -> bool:
        """Count a closing, of so many people; False when that would be too many in one day.

        Whatever a person has let go on goes on for the rest of the day.
        """
        today = self.at.date()
        closed = self.closed if self.day == today else set()
        if person in closed and not self.stopped:
            return True
        too_many = len(closed) + 1 > max(floor, people * percent // 100)
        if too_many and not self.stopped and today != self.released_on:
            self._stop(day=today, closings=len(closed), people=people)
        if not self.stopped:
            self._count_closing(person=person, day=today)
        return not self.stopped

    @event(ClosingCounted)
    def _count_closing(self, person: UUID, day: date) -> None:
        if day != self.day:
            self.day, self.closed = day, set()
        self.closed.add(person)

    @event(Stopped)
    def _stop(self, day: date, closings: int, people: int) -> None:
        self.stopped = True

    def note_refused(self, person: UUID) -> None:
        """Remember whose leaving is to be made up for."""
        if person not in self.refused:
            self._note_refused(person=person)

    @event(ClosingRefused)
    def _note_refused(self, person: UUID) -> None:
        self.refused.append(person)

    def release(self) -> None:
        """Let the feed go on; for the rest of this day without a limit."""
        if not self.stopped:
            raise FeedNotStopped
        self._release(day=self.at.date())

    @event(Released)
    def _release(self, day: date) -> None:
        self.stopped = False
        self.released_on = day
        self.refused = []

    @property
    def subject(self) -> None:
        return None

    def receipt(self) -> dict[str, Any]:
        return {"legal_entity": self.legal_entity, "version": self.version, "stopped": self.stopped}


def feed_stream(tenant: str, legal_entity: str | None) -> UUID:
    """The id of the feed of a legal entity; None is everybody who has none."""
    return uuid5(_FEEDS, f"{tenant}/{legal_entity or ''}")
