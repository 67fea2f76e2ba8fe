"""Calendar arithmetic with ISO 8601 durations, in a person's own time zone."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from itertools import pairwise
from typing import TypeVar
from zoneinfo import ZoneInfo

import isodate

_HOUR = time(9)
_SATURDAY = 5
_DAY = timedelta(days=1)
_CENTURY = timedelta(days=36525)
_MONTHS = [datetime(2026, month, 1) for month in range(1, 13)]  # noqa: DTZ001 - only compared


LONGEST = "P100Y"
"""No time is longer: what is counted with it stays within the calendar."""
_Moment = TypeVar("_Moment", date, datetime)


def is_period(text: str, longest: str = LONGEST) -> bool:
    """Whether it is an ISO 8601 duration of more than nothing, such as `P6M` or `PT2S`."""
    try:
        parsed = isodate.parse_duration(text)
    except (isodate.ISO8601Error, ValueError, ArithmeticError):
        return False
    probe = datetime(2000, 1, 1)  # noqa: DTZ001 - only compared with itself
    try:
        return bool(probe < probe + parsed <= probe + isodate.parse_duration(longest))
    except (OverflowError, ValueError):
        return False


def is_exact(period: str) -> bool:
    """Whether it is a time under a day, which is counted to the second."""
    return _under_a_day(_parsed(period))


def exact_period(text: str) -> timedelta | None:
    """A duration without months and years, such as `P7D` or `PT0S`; None for anything else, and for
    more than a hundred years.
    """
    try:
        parsed = isodate.parse_duration(text)
    except (isodate.ISO8601Error, ValueError, ArithmeticError):
        return None
    return parsed if isinstance(parsed, timedelta) and parsed <= _CENTURY else None


def after(anchor: datetime, periods: Iterable[str], zone: str) -> datetime:
    """The instant (UTC) that lies these periods after the anchor.

    Periods of a day or more are calendar time in `zone`, at 09:00 on a weekday, counted from the
    anchor's day there: 31 August and six months is the last day of February. Periods under a day
    are exact. Mixed ones are calendar time first.
    """
    parsed = [_parsed(period) for period in periods]
    exact = sum((d for d in parsed if _under_a_day(d)), timedelta())
    longer = [d for d in parsed if not _under_a_day(d)]
    if not longer:
        return anchor.astimezone(UTC) + exact
    day = anchor.astimezone(ZoneInfo(zone)).date()
    total = longer[0]
    for more in longer[1:]:
        total = total + more
    return _weekday_morning(datetime.combine(day, _HOUR) + total, zone) + exact


def before(moment: _Moment, period: str) -> _Moment:
    """What lies a period before a day or a moment."""
    found: _Moment = moment - _parsed(period)
    return found


def rises(periods: Sequence[str]) -> bool:
    """Whether each is longer than the one before it, from whichever month they are counted."""
    return all(
        month + _parsed(one) < month + _parsed(next_)
        for one, next_ in pairwise(periods)
        for month in _MONTHS
    )


def longest_gap(periods: list[str], anchor: datetime) -> timedelta:
    """How long lies between the last two periods, each counted from the anchor."""
    ends = [anchor, *(anchor + _parsed(period) for period in periods)]
    gap: timedelta = ends[-1] - ends[-2]
    return gap


def on_time(moment: datetime, zone: str) -> datetime:
    """A moment that counts in days, moved to 09:00 of that day or of the next weekday."""
    return _weekday_morning(_naive(moment, zone), zone)


def weekday_mornings(begin: datetime, end: datetime, zone: str) -> list[datetime]:
    """09:00 of each weekday from the day of `begin` up to, without, that of `end`; one at least."""
    first, last = _naive(begin, zone), _naive(end, zone)
    days = [first + _DAY * n for n in range((last.date() - first.date()).days)]
    return [_weekday_morning(d, zone) for d in days if d.weekday() < _SATURDAY] or [
        _weekday_morning(first, zone)
    ]


def later(moment: datetime, begin: datetime, end: datetime, zone: str) -> datetime:
    """The moment (UTC) moved on by what lies between `begin` and `end` on the wall clock of `zone`.

    Ten o'clock stays ten o'clock, whatever daylight saving did in between.
    """
    if end - begin < _DAY:
        return moment + (end - begin)
    stood = _naive(end, zone) - _naive(begin, zone)
    return (_naive(moment, zone) + stood).replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)


def midnight(day: date, zone: str) -> datetime:
    """The instant (UTC) at which a day begins in a zone."""
    return datetime.combine(day, time(), tzinfo=ZoneInfo(zone)).astimezone(UTC)


def local_day(moment: datetime, zone: str) -> date:
    """The date that a calendar in this zone shows at a moment."""
    return moment.astimezone(ZoneInfo(zone)).date()


def _naive(moment: datetime, zone: str) -> datetime:
    return moment.astimezone(ZoneInfo(zone)).replace(tzinfo=None)


def rfc3339(moment: datetime | None) -> str | None:
    """A moment as everybody gets it: RFC 3339 in UTC; None for none."""
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z") if moment else None


@lru_cache(maxsize=256)
def _parsed(period: str) -> timedelta | isodate.Duration:
    """A period, of the few that policies name; a longer one on record counts as `LONGEST`."""
    parsed, longest = isodate.parse_duration(period), isodate.parse_duration(LONGEST)
    try:
        return min(parsed, longest, key=lambda each: _MONTHS[0] + each)
    except (OverflowError, ValueError):
        return longest


def _under_a_day(duration: timedelta | isodate.Duration) -> bool:
    return isinstance(duration, timedelta) and duration < _DAY


def _weekday_morning(naive: datetime, zone: str) -> datetime:
    while naive.weekday() >= _SATURDAY:
        naive += _DAY
    local = datetime.combine(naive.date(), _HOUR, tzinfo=ZoneInfo(zone))
    return local.astimezone(UTC)
