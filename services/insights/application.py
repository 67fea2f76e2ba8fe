"""What may be asked of all conversations together: counts, never words, never one person."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Awaitable, Callable, Collection, Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Literal, cast

from services.insights.readmodel import Figures, Whose
from services.insights.standing import BUCKETS, DIMENSIONS, Dimension
from services.insights.suppression import Group, shown_groups
from services.permission import Permission, Resource
from shared.errors import Invalid
from shared.eventstore.clock import Clock
from shared.principal import Principal

FIGURES = ("people", *BUCKETS, "concluded_within")
Practice = Literal["consistency", "opportunity", "promises"]
FEWEST_PARTNERS = 3
"""What fewer partners do isn't compared: it would be a judgement of single people."""
FEWEST_IN_A_CELL = 3
"""A method that fewer people of a group work with isn't counted there."""

_WINDOW = re.compile(r"P(?:([1-9]\d?)M|([1-5])Y)")
_BEHIND: dict[Practice, Whose] = {
    "consistency": "offered_people",
    "opportunity": "planned_people",
    "promises": "promised_people",
}
_OF_PARTNERS = frozenset({"consistency", "promises"})


class NotAWindow(Invalid):
    """A window is a number of months or years, from P1M to P99M or P5Y."""


@dataclass(frozen=True)
class Limits:
    """From how many people on a group is counted, and how long a first offer may take."""

    min_group: int
    first_offer_within: timedelta


class Insights:
    """Counts people by group; a group that is too small is named, and not counted."""

    def __init__(
        self,
        figures: Figures,
        permission: Permission,
        clock: Clock,
        limits_of: Callable[[str], Awaitable[Limits]],
    ) -> None:
        self.figures = figures
        self._permission = permission
        self._clock = clock
        self._limits_of = limits_of

    async def coverage(self, by: Principal, dimension: Dimension, window: str) -> dict[str, Any]:
        """How far the offer reaches, over the whole roster."""
        since = await self._begin(by, window)
        cells, rows = await self.figures.coverage(by.tenant, dimension, since)
        figures = {row["group"]: {name: row[name] for name in FIGURES} for row in rows}
        total = {name: sum(each[name] for each in figures.values()) for name in FIGURES}
        least = (await self._limits_of(by.tenant)).min_group
        shown = _shown(cells, least, dimension)
        return _answer(dimension, since, least, figures, shown, total if shown.total else None)

    async def practice(
        self, by: Principal, what: Practice, dimension: Dimension, window: str
    ) -> dict[str, Any]:
        """Where practice differs, which methods plans use, or which promises were kept."""
        since = await self._begin(by, window)
        limits = await self._limits_of(by.tenant)
        moment = datetime.combine(since, time(), UTC)
        cells = await self.figures.people(_BEHIND[what], by.tenant, moment)
        withheld = await self._few_partners(by.tenant) if what in _OF_PARTNERS else _Few()
        shown = _shown(cells, limits.min_group, dimension, withheld)
        rows = await self.figures.groups(what, by.tenant, moment, dimension)
        figures = {
            _ALL if row.pop("is_total") else row["group"]: _without_group(row) for row in rows
        }
        if what == "consistency":
            await self._count_forgotten(by.tenant, figures, dimension, limits)
        if what == "opportunity":
            figures = {group: _coarse(each) for group, each in figures.items()}
        total = figures.pop(_ALL, None)
        least = limits.min_group
        return _answer(dimension, since, least, figures, shown, total if shown.total else None)

    async def _begin(self, by: Principal, window: str) -> date:
        """The first day of the window: of a month, so that no two windows differ by a day."""
        now = self._clock.now()
        await self._permission.require(by, "read", Resource("insight"), now)
        return first_month(now, window)

    async def _few_partners(self, tenant: str) -> _Few:
        partners: dict[tuple[int, Group], set[Any]] = defaultdict(set)
        everybody = set()
        for cell, partner in await self.figures.partners(tenant):
            everybody.add(partner)
            for dimension, group in enumerate(cell):
                partners[dimension, group].add(partner)
        few = {place for place, found in partners.items() if len(found) < FEWEST_PARTNERS}
        return _Few(frozenset(few), len(everybody) < FEWEST_PARTNERS)

    async def _count_forgotten(
        self, tenant: str, figures: dict[Group, dict[str, Any]], by: Dimension, limits: Limits
    ) -> None:
        """Add those whom nothing was offered although it was due."""
        due = self._clock.now() - limits.first_offer_within
        forgotten: Counter[Group] = Counter()
        for cell, people in (await self.figures.people("never_offered", tenant, due)).items():
            for group in (cell[DIMENSIONS.index(by)], _ALL):
                forgotten[group] += people
        for group, each in figures.items():
            each["forgotten"] = forgotten[group]


_ALL = cast("Group", object())
"""Stands for all groups together; `None` is those who are in no group."""


@dataclass(frozen=True)
class _Few:
    """Groups whose people talk with too few partners, and whether that is so of all together."""

    groups: frozenset[tuple[int, Group]] = frozenset()
    everywhere: bool = False


@dataclass(frozen=True)
class _Shown:
    groups: Collection[Group]
    total: bool


def first_month(now: datetime, window: str) -> date:
    """The first day of the month in which a window of months or years begins."""
    found = _WINDOW.fullmatch(window)
    if found is None:
        raise NotAWindow
    months = int(found[1]) if found[1] else 12 * int(found[2])
    count = now.year * 12 + now.month - 1 - months
    return date(count // 12, count % 12 + 1, 1)


def _shown(cells: Any, least: int, dimension: Dimension, few: _Few | None = None) -> _Shown:
    few = few or _Few()
    if sum(cells.values()) < least or few.everywhere:
        return _Shown((), False)
    place = DIMENSIONS.index(dimension)
    return _Shown(shown_groups(cells, least, few.groups)[place], True)


def _answer(
    dimension: Dimension,
    since: date,
    least: int,
    figures: dict[Group, dict[str, Any]],
    shown: _Shown,
    total: dict[str, Any] | None,
) -> dict[str, Any]:
    return {
        "by": dimension,
        "since": since.isoformat(),
        "min_group": least,
        "total": total,
        "groups": [
            {"group": group, "suppressed": group not in shown.groups}
            | {name: value if group in shown.groups else None for name, value in each.items()}
            for group, each in sorted(figures.items(), key=_by_name)
        ],
    }


def _by_name(group: tuple[Group, object]) -> tuple[bool, str]:
    return group[0] is None, group[0] or ""


def _without_group(row: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in row.items() if name != "group"}


def _coarse(figures: dict[str, Any]) -> dict[str, Any]:
    """Leave out what only one or two people do."""
    few: Iterable[int] = range(1, FEWEST_IN_A_CELL)
    return {name: None if value in few else value for name, value in figures.items()}
