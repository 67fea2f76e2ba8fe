"""Calendar arithmetic with ISO 8601 durations, in a person's own time zone."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import isodate

_HOUR = time(9)
_SATURDAY = 5


def is_period(text: str) -> bool:
    """Whether it is an ISO 8601 duration of more than nothing, such as `P6M` or `PT2S`."""
    try:
        parsed = isodate.parse_duration(text)
    except (isodate.ISO8601Error, ValueError, ArithmeticError):
        return False
    probe = datetime(2000, 1, 1)  # noqa: DTZ001 - only compared with itself
    try:
        return bool(probe + parsed > probe)
    except (OverflowError, ValueError):
        return False


def exact_period(text: str) -> timedelta | None:
    """A duration without months and years, such as `P7D` or `PT0S`; None for anything else."""
    try:
        parsed = isodate.parse_duration(text)
    except (isodate.ISO8601Error, ValueError, ArithmeticError):
        return None
    return parsed if isinstance(parsed, timedelta) else None


def after(anchor: datetime, periods: Iterable[str], zone: str) -> datetime:
    """The instant (UTC) that lies these periods after the anchor.

    Periods of a day or more are calendar time in `zone`, at 09:00 on a weekday, counted from the
    anchor's day there: 31 August and six months is the last day of February. Periods under a day
    are exact. Mixed ones are calendar time first.
    """
    parsed = [isodate.parse_duration(period) for period in periods]
    exact = sum((d for d in parsed if _under_a_day(d)), timedelta())
    longer = [d for d in parsed if not _under_a_day(d)]
    if not longer:
        return anchor.astimezone(UTC) + exact
    day = anchor.astimezone(ZoneInfo(zone)).date()
    total = longer[0]
    for more in longer[1:]:
        total = total + more
    return _weekday_morning(datetime.combine(day, _HOUR) + total, zone) + exact


def longest_gap(periods: list[str], anchor: datetime) -> timedelta:
    """How long lies between the last two periods, each counted from the anchor."""
    ends = [anchor, *(anchor + isodate.parse_duration(period) for period in periods)]
    gap: timedelta = ends[-1] - ends[-2]
    return gap


def _under_a_day(duration: timedelta | isodate.Duration) -> bool:
    return isinstance(duration, timedelta) and duration < timedelta(days=1)


def _weekday_morning(naive: datetime, zone: str) -> datetime:
    while naive.weekday() >= _SATURDAY:
        naive += timedelta(days=1)
    local = datetime.combine(naive.date(), _HOUR, tzinfo=ZoneInfo(zone))
    return local.astimezone(UTC)
