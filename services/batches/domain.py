"""A batch: for whom cycles are to start, in which order and over which time, and how far it has come.

The order is a shuffle that is fixed by a hash of each person, so that a roll-out over weeks reaches
every department alike and a repetition goes on where the first one stopped.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from functools import lru_cache
from hashlib import sha256
from typing import Any, Literal, Self
from uuid import UUID

from eventsourcing.domain import event

from shared.errors import Invalid, RuleBroken
from shared.eventstore.events import Aggregate, Created, Event
from shared.periods import after, is_exact, is_period, weekday_mornings

State = Literal["running", "finished", "cancelled"]
Unusable = tuple[int, str]
"""Where in the list that was sent something stood that can't be used, and why, as a code."""

PLACES = 2**63
_LONGEST_SPREAD = "P1Y"


class NotAPeriod(Invalid):
    """`spread_over` is an ISO 8601 duration of more than nothing and of a year at most, such as P4W."""


class BatchEnded(RuleBroken):
    """The batch has ended; what it started goes on."""


class Batch(Aggregate):
    """One request for many people; `reached` is the place of the last one who was dealt with.

    `reasons` counts those who were left out; who they are is read from the events.
    """

    TOPIC = "batches"

    class Requested(Created, frozen=True, kw_only=True):
        TOPIC = "batches.requested"
        people: tuple[UUID, ...] | None = None
        unusable: tuple[Unusable, ...] = ()
        department: str | None = None
        location: str | None = None
        legal_entity: str | None = None
        left_out: tuple[UUID, ...] = ()
        spread_over: str | None = None
        timezone: str = "UTC"
        dry_run: bool = False
        total: int

    class Progressed(Event, frozen=True, kw_only=True):
        TOPIC = "batches.progressed"
        reached: int
        started: int
        existing: int
        excluded: tuple[tuple[UUID, str], ...] = ()

    class Finished(Event, frozen=True, kw_only=True):
        TOPIC = "batches.finished"

    class Cancelled(Event, frozen=True, kw_only=True):
        TOPIC = "batches.cancelled"

    state: State

    @classmethod
    def request(cls, stream: UUID, at: datetime, **wanted: Any) -> Self:
        """Ask for the cycles of many people."""
        spread = wanted.get("spread_over")
        if spread is not None and not is_period(spread, _LONGEST_SPREAD):
            raise NotAPeriod
        return cls.begin(stream, at, **wanted)

    @event(Requested)
    def __init__(
        self,
        people: tuple[UUID, ...] | None,
        unusable: tuple[Unusable, ...],
        department: str | None,
        location: str | None,
        legal_entity: str | None,
        left_out: tuple[UUID, ...],
        spread_over: str | None,
        timezone: str,
        dry_run: bool,
        total: int,
    ) -> None:
        self.state = "running"
        self.people = people
        self.filter = (department, location, legal_entity)
        self.left_out = frozenset(left_out)
        self.spread_over = spread_over
        self.timezone = timezone
        self.dry_run = dry_run
        self.total = total
        self.reached = -1
        self.started = 0
        self.existing = 0
        self.reasons = Counter(why for _, why in unusable)

    def progress(
        self, reached: int, started: int, existing: int, excluded: Sequence[tuple[UUID, str]]
    ) -> None:
        """Put it on record up to where it has come; what was counted before is passed over.

        Those who were being started when the batch was cancelled are counted too.
        """
        if self.state == "finished":
            raise BatchEnded
        if reached > self.reached:
            self._progress(
                reached=reached, started=started, existing=existing, excluded=tuple(excluded)
            )

    @event(Progressed)
    def _progress(
        self,
        reached: int,
        started: int,
        existing: int,
        excluded: tuple[tuple[UUID, str], ...],
    ) -> None:
        self.reached = reached
        self.started += started
        self.existing += existing
        self.reasons.update(why for _, why in excluded)

    def finish(self) -> None:
        """Everybody was dealt with."""
        if self.state == "running":
            self._finish()

    @event(Finished)
    def _finish(self) -> None:
        self.state = "finished"

    def cancel(self) -> None:
        """Start nobody's cycle any more; those that were started go on."""
        if self.state == "finished":
            raise BatchEnded
        if self.state == "running":
            self._cancel()

    @event(Cancelled)
    def _cancel(self) -> None:
        self.state = "cancelled"

    def moment_of(self, place: int) -> datetime:
        """When it is the turn of whoever stands at a place of the shuffle; a trial is told at once."""
        if self.spread_over is None or self.dry_run:
            return self.created_on
        end = after(self.created_on, [self.spread_over], self.timezone)
        if is_exact(self.spread_over):
            return self.created_on + (end - self.created_on) * (place / PLACES)
        mornings = _mornings(self.created_on, end, self.timezone)
        return mornings[place * len(mornings) // PLACES]

    @property
    def subject(self) -> None:
        return None

    def receipt(self) -> dict[str, Any]:
        return {
            "id": str(self.id),
            "version": self.version,
            "state": self.state,
            "dry_run": self.dry_run,
            "total": self.total,
        }

    def counts(self) -> dict[str, Any]:
        """How far it has come, in numbers."""
        done = self.started + self.existing + self.reasons.total()
        return {
            **self.receipt(),
            "started": self.started,
            "existing": self.existing,
            "excluded": self.reasons.total(),
            "reasons": dict(sorted(self.reasons.items())),
            "waiting": max(self.total - done, 0) if self.state == "running" else 0,
            "spread_over": self.spread_over,
        }


_mornings = lru_cache(maxsize=16)(weekday_mornings)
"""Everybody of a batch has theirs among the same ones."""


def place_of(person: UUID) -> int:
    """A person's place in every shuffle, the same each time: 63 bits of a hash."""
    return int.from_bytes(sha256(person.bytes).digest()[:8], "big") >> 1
