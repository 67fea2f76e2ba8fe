"""Stretches of time, some without a known end; a newer one replaces those that it touches."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

import msgspec


class Interval(msgspec.Struct, frozen=True):
    """From `since` up to, not including, `until`; None while the end isn't known."""

    since: datetime
    until: datetime | None = None

    def holds(self, moment: datetime) -> bool:
        return self.since <= moment and (self.until is None or moment < self.until)

    def touches(self, other: Interval) -> bool:
        return _before(self.since, other.until) and _before(other.since, self.until)


def overlaid(known: Iterable[Interval], newer: Interval) -> list[Interval]:
    """All that don't touch the newer one, and it, in their order."""
    kept = [interval for interval in known if not interval.touches(newer)]
    return sorted([*kept, newer], key=lambda interval: interval.since)


def ended(known: Iterable[Interval], at: datetime) -> list[Interval]:
    """The latest one that has begun by then, ended at that moment; those after it stay."""
    begun = [interval for interval in known if interval.since <= at]
    later = [interval for interval in known if interval.since > at]
    return [*begun[:-1], *(Interval(last.since, at) for last in begun[-1:]), *later]


def _before(begin: datetime, end: datetime | None) -> bool:
    return end is None or begin < end
