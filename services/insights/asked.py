"""The time that somebody asked for in a conversation, for which the next offer waits."""

from __future__ import annotations

from datetime import datetime

import msgspec


class Asked(msgspec.Struct):
    """What is set aside, with the day until which it is, the day of a pause, and the day before which
    nothing comes whatever was taken back since; as `Progress` of the cycles keeps them."""

    aside: dict[str, datetime | None] = {}
    paused_until: datetime | None = None
    not_before: datetime | None = None

    @property
    def until(self) -> datetime | None:
        """The latest of these days."""
        days = (*self.aside.values(), self.paused_until, self.not_before)
        return max(filter(None, days), default=None)

    def set_aside(self, question: str, until: datetime | None, at: datetime) -> None:
        """Leave a question until a day, or for as long as it takes."""
        self._waited(self.aside.get(question), at)
        self.aside[question] = until

    def come_back(self, question: str | None) -> None:
        """Whoever comes back to it earlier than they said is not hurried by it."""
        self._waits(self.aside.pop(question, None) if question else None)

    def pause(self, until: datetime | None, at: datetime) -> None:
        self.go_on(at)
        self.paused_until = until

    def go_on(self, at: datetime) -> None:
        self._waited(self.paused_until, at)
        self.paused_until = None

    def end(self, at: datetime) -> None:
        """Nothing is asked for in what is over."""
        until = self.until
        self.aside, self.paused_until = {}, None
        self.not_before = until and min(until, at)

    def _waited(self, until: datetime | None, at: datetime) -> None:
        """What is taken back before its day held the next offer back till then, and no longer."""
        self._waits(until and min(until, at))

    def _waits(self, until: datetime | None) -> None:
        self.not_before = max(filter(None, (self.not_before, until)), default=None)
