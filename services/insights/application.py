"""What may be asked of all conversations together: counts, never words, never one person."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Awaitable, Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, cast

from services.insights.readmodel import METHODS, Compared, Figures, Offered, Owed
from services.insights.standing import BUCKETS, DIMENSIONS, Dimension
from services.insights.suppression import Behind, Cell, Fewest, Group, Shown, shown_groups
from services.permission import Permission, Resource
from shared.errors import Invalid
from shared.eventstore.clock import Clock
from shared.principal import Principal

FIGURES = ("people", *BUCKETS, "concluded_within")
FEWEST_PARTNERS = 3
"""What fewer partners do isn't compared: it would be a judgement of single people."""
FEWEST_IN_A_CELL = 3
"""What fewer people of a group do, or all but as few, isn't counted there."""
PERIOD = "P12M"
"""What people do is counted over the same months for everybody who asks: two windows, one taken from the
other, would tell of the few in between."""
_SOME_OF_SOME = Fewest(FEWEST_IN_A_CELL, others=FEWEST_IN_A_CELL)
_NOTHING_OFFERED = dict.fromkeys(
    ("people", "offers", "on_time", "concluded", "ended_otherwise", "met", "without_meeting"), 0
) | {"days_to_conversation": None, "guides": None}

_WINDOW = re.compile(r"P(?:([1-9]\d?)M|([1-5])Y)")


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
        figures[ALL] = {name: sum(each[name] for each in figures.values()) for name in FIGURES}
        least = (await self._limits_of(by.tenant)).min_group
        behind = {cell: Behind(people) for cell, people in cells.items()}
        return _answer(dimension, since, least, figures, shown_groups(behind, Fewest(least)))

    async def consistency(self, by: Principal, dimension: Dimension) -> dict[str, Any]:
        """Where practice differs: what became of offers, and whether people met."""
        since = await self._begin(by, PERIOD)
        limits, now = await self._limits_of(by.tenant), self._clock.now()
        offered = await self.figures.offered(by.tenant, _midnight(since))
        behind = {cell: each.behind for cell, each in offered.items()}
        shown = shown_groups(behind, Fewest(limits.min_group, FEWEST_PARTNERS))
        figures = await self._compare("consistency", by, since, dimension)
        hide_few(figures, dimension, offered, shown)
        due = now - limits.first_offer_within
        owed = await self.figures.owed(by.tenant, _midnight(since), due, now)
        shown = count_forgotten(figures, dimension, behind, owed, shown, limits.min_group)
        return _answer(dimension, since, limits.min_group, figures, shown)

    async def opportunity(self, by: Principal, dimension: Dimension) -> dict[str, Any]:
        """Which methods plans use, and how many people have a mentor."""
        since = await self._begin(by, PERIOD)
        least = (await self._limits_of(by.tenant)).min_group
        places = await self.figures.methods(by.tenant, _midnight(since))
        behind = {cell: Behind(row["people"]) for cell, row in places.items()}
        shown = shown_groups(behind, Fewest(least))
        figures = count_methods(places, dimension, shown)
        return _answer(dimension, since, least, figures, shown)

    async def promises(self, by: Principal, dimension: Dimension) -> dict[str, Any]:
        """Which promises were kept."""
        since = await self._begin(by, PERIOD)
        least = (await self._limits_of(by.tenant)).min_group
        behind = await self.figures.promised(by.tenant, _midnight(since))
        shown = shown_groups(behind, Fewest(least, FEWEST_PARTNERS))
        figures = await self._compare("promises", by, since, dimension)
        return _answer(dimension, since, least, figures, shown)

    async def _begin(self, by: Principal, window: str) -> date:
        """The first day of the window: of a month, so that no two windows differ by a day."""
        now = self._clock.now()
        await self._permission.require(by, "read", Resource("insight"), now)
        return first_month(now, window)

    async def _compare(
        self, what: Compared, by: Principal, since: date, dimension: Dimension
    ) -> dict[Group, dict[str, Any]]:
        rows = await self.figures.groups(what, by.tenant, _midnight(since), dimension)
        figures: dict[Group, dict[str, Any]] = {}
        for row in rows:
            group, is_total = row.pop("group"), row.pop("is_total")
            figures[ALL if is_total else group] = row
        return figures


ALL = cast("Group", object())
"""Stands for all groups together; `None` is those who are in no group."""


def first_month(now: datetime, window: str) -> date:
    """The first day of the month in which a window of months or years begins."""
    found = _WINDOW.fullmatch(window)
    if found is None:
        raise NotAWindow
    months = int(found[1]) if found[1] else 12 * int(found[2])
    count = now.year * 12 + now.month - 1 - months
    return date(count // 12, count % 12 + 1, 1)


def hide_few(
    figures: dict[Group, dict[str, Any]],
    dimension: Dimension,
    offered: Mapping[Cell, Offered],
    shown: Shown,
) -> None:
    """Leave out how many met where few did, or few did without; and the days where few concluded.

    None is also where more did by whom those could be found.
    """
    ended = {cell: Behind(each.concluded) for cell, each in offered.items() if each.concluded}
    _hide(figures, ("days_to_conversation",), dimension, ended, Fewest(FEWEST_IN_A_CELL), shown)
    settled = {
        cell: Behind(each.met, others=each.without_meeting)
        for cell, each in offered.items()
        if each.met or each.without_meeting
    }
    _hide(figures, ("met", "without_meeting"), dimension, settled, _SOME_OF_SOME, shown)


def count_methods(
    places: Mapping[Cell, Mapping[str, int]], dimension: Dimension, shown: Shown
) -> dict[Group, dict[str, Any]]:
    """How many people of each group work with which method, and how many of all.

    None is where one or two do, or all but one or two, or all; and where more do by whom those could
    be found. That nobody does is said: such groups cover nobody.
    """
    figures: dict[Group, dict[str, Any]] = defaultdict(Counter)
    for cell, row in places.items():
        for group in (cell[DIMENSIONS.index(dimension)], ALL):
            figures[group].update(row)
    for method in METHODS:
        working = [{c[d] for c in places if places[c][method]} for d in range(len(DIMENSIONS))]
        found = {
            cell: Behind(row[method], others=row["people"] - row[method])
            for cell, row in places.items()
            if all(group in groups for group, groups in zip(cell, working, strict=True))
        }
        _hide(figures, (method,), dimension, found, _SOME_OF_SOME, shown)
    return figures


def _hide(
    figures: dict[Group, dict[str, Any]],
    names: Collection[str],
    dimension: Dimension,
    cells: Mapping[Cell, Behind],
    fewest: Fewest,
    shown: Shown,
) -> None:
    """Make some figures null in those groups of `cells`, and in all together, where too few are behind
    them."""
    if not cells:
        return
    place = DIMENSIONS.index(dimension)
    told = shown_groups(cells, fewest, shown)
    hidden = {c[place] for c in cells} - told[place] if told is not None else figures.keys()
    for group, each in figures.items():
        if group in hidden:
            for name in names:
                each[name] = None


def count_forgotten(
    figures: dict[Group, dict[str, Any]],
    dimension: Dimension,
    offered: Mapping[Cell, Behind],
    owed: Mapping[Cell, Owed],
    shown: Shown,
    least: int,
) -> Shown:
    """Add to each group those whom nothing was offered although it was due; answer what may be shown.

    A group whom nothing was offered at all is named, and shown where it is large enough. None is where
    few are left over, together with those whom something was offered.
    """
    place = DIMENSIONS.index(dimension)
    idle = [{c[d] for c in owed} - {c[d] for c in offered} for d in range(len(DIMENSIONS))]
    among = [each | (shown[d] if shown else set()) for d, each in enumerate(idle)]
    cells = {cell: each.behind for cell, each in owed.items()}
    told = shown_groups(cells, Fewest(least, FEWEST_PARTNERS), among)
    counts: Counter[Group] = Counter({ALL: 0})
    for cell, each in owed.items():
        for group in (cell[place], ALL):
            counts[group] += each.forgotten
    for group in figures.keys() | counts.keys():
        is_told = told is not None and group in {ALL, *told[place]}
        found = figures.setdefault(group, dict(_NOTHING_OFFERED))
        found["forgotten"] = counts[group] if is_told else None
    if told is None or (shown is None and offered):
        return shown
    return [(idle[d] & told[d]) | (shown[d] if shown else set()) for d in range(len(DIMENSIONS))]


def _answer(
    dimension: Dimension,
    since: date,
    least: int,
    figures: dict[Group, dict[str, Any]],
    shown: Shown,
) -> dict[str, Any]:
    total = figures.pop(ALL, None)
    groups = shown[DIMENSIONS.index(dimension)] if shown else set()
    return {
        "by": dimension,
        "since": since.isoformat(),
        "min_group": least,
        "total": total if shown else None,
        "groups": [
            {"group": group, "suppressed": group not in groups}
            | {name: value if group in groups else None for name, value in each.items()}
            for group, each in sorted(figures.items(), key=_by_name)
        ],
    }


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), UTC)


def _by_name(group: tuple[Group, object]) -> tuple[bool, str]:
    return group[0] is None, group[0] or ""
