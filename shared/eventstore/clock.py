"""The record's time: the database's clock, carried between readings by the monotonic clock."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from typing import Protocol

_PROMPT_SECONDS = 0.1


class Clock(Protocol):
    """What tells the record's time."""

    def now(self) -> datetime:
        """Answer the record's time in UTC."""
        ...

    def heard(self, database_time: datetime, waited: float) -> None:
        """Take note of what the database's clock said in an answer that took so many seconds."""
        ...


class RecordClock:
    """The database's time without asking it each time; this process's wall clock plays no part."""

    def __init__(self, database_time: datetime) -> None:
        self._set(database_time)

    def heard(self, database_time: datetime, waited: float) -> None:
        """What a slow answer says may be past by as much as it took: it never sets the clock back."""
        if waited < _PROMPT_SECONDS or database_time > self.now():
            self._set(database_time)

    def _set(self, database_time: datetime) -> None:
        self._said = database_time.astimezone(UTC)
        self._at = time.monotonic()

    def now(self) -> datetime:
        return self._said + timedelta(seconds=time.monotonic() - self._at)
