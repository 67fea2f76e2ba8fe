"""The record's time, moved on where a test would have to wait."""

from __future__ import annotations

from datetime import datetime, timedelta

from shared.eventstore.clock import Clock


class MovableClock:
    """Another clock, and as far ahead of it as it was moved."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._ahead = timedelta()

    def now(self) -> datetime:
        return self._clock.now() + self._ahead

    def heard(self, database_time: datetime, waited: float) -> None:
        self._clock.heard(database_time, waited)

    def move(self, by: timedelta) -> None:
        self._ahead += by
