"""Stretches of time, some without a known end, each known by its beginning; the newer word counts."""

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

    def replaces(self, older: Interval) -> bool:
        """Whether it speaks of the same beginning, or of all the time of an older one."""
        if self.since == older.since:
            return True
        ends = self.until is None or older.until is None or older.until <= self.until
        return self.holds(older.since) and ends

    def merged(self, other: Interval) -> Interval:
        """From where the first of two begins to where the last of them ends."""
        ends = None if self.until is None or other.until is None else max(self.until, other.until)
        return Interval(min(self.since, other.since), ends)


def overlaid(known: Iterable[Interval], newer: Interval) -> list[Interval]:
    """Those that the newer one doesn't replace, and it, by their beginnings.

    One that began earlier and has a known end stays whole, so that both together last to the later
    end. One without a known end lasts until the newer one begins, which says how it goes on.
    """
    kept = (each for each in known if not newer.replaces(each))
    return sorted([*(_up_to(each, newer.since) for each in kept), newer], key=_since)


def ended(known: Iterable[Interval], at: datetime) -> list[Interval]:
    """All that hold at a moment end with it, and what would end as it begins never was; others stay."""
    return [
        Interval(each.since, at) if each.holds(at) else each for each in known if each.since != at
    ]


def _up_to(each: Interval, newer: datetime) -> Interval:
    is_open = each.until is None and each.since < newer
    return Interval(each.since, newer) if is_open else each


def _since(interval: Interval) -> datetime:
    return interval.since
