"""Which groups may be counted in the open: none so small that a count says something of one person
or of few partners, and none whose small neighbour is found by taking one count from another."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Set
from dataclasses import dataclass
from itertools import permutations
from typing import NamedTuple
from uuid import UUID

Group = str | None
Cell = tuple[Group, ...]
"""The groups that somebody belongs to, one for each dimension."""
Shown = list[set[Group]] | None
"""The groups that may be shown, for each dimension; None where not even all together may."""


class Behind(NamedTuple):
    """Who is behind a figure: how many people, with which partners they talk, and how many others of the
    same groups aren't among them."""

    people: int
    partners: Set[UUID] = frozenset()
    others: int = 0


_NOBODY = Behind(0)


@dataclass(frozen=True)
class Fewest:
    """From how many people on something is shown, from how many partners of theirs, and from how many
    others beside them."""

    people: int
    partners: int = 0
    others: int = 0

    def shows(self, behind: Behind) -> bool:
        return (
            behind.people >= self.people
            and len(behind.partners) >= self.partners
            and behind.others >= self.others
        )


def shown_groups(cells: Mapping[Cell, Behind], fewest: Fewest, among: Shown = None) -> Shown:
    """For each dimension the groups that may be shown beside the total; None where even that isn't.

    Shown are groups behind which there are enough, of those `among` where some are hidden anyway.
    Then the smallest neighbour is hidden too, for as long as the total, or a group of another
    dimension, less what is shown of it leaves over one group alone or too few.
    """
    if not cells or not fewest.shows(_together(cells.values())):
        return None
    wholes = sorted(_wholes(cells), key=_Whole.order)
    shown = [
        {group for group, behind in whole.parts.items() if fewest.shows(behind)}
        for whole in wholes
        if whole.place is None
    ]
    if among is not None:
        shown = [groups & others for groups, others in zip(shown, among, strict=True)]
    while leaking := next((whole for whole in wholes if whole.leaks(shown, fewest)), None):
        shown[leaking.dimension].discard(leaking.smallest(shown))
    return shown


@dataclass(frozen=True)
class _Whole:
    """What can be taken from: a group, or all together; with the groups of another dimension that
    lie wholly in it, and those people of it who are in none of them."""

    place: tuple[int, Group] | None
    dimension: int
    parts: dict[Group, Behind]
    others: Behind = _NOBODY

    def order(self) -> tuple[str, int]:
        """All together first; the same each time, so that no two answers can be compared."""
        return ("" if self.place is None else str(self.place), self.dimension)

    def leaks(self, shown: list[set[Group]], fewest: Fewest) -> bool:
        """Whether it is shown, and what it leaves over says too much."""
        hidden = self.parts.keys() - shown[self.dimension]
        if len(hidden) == len(self.parts) or (
            self.place and self.place[1] not in shown[self.place[0]]
        ):
            return False
        left = _together([self.others, *(self.parts[group] for group in hidden)])
        alone = len(hidden) == 1 and not self.others.people
        return left.people + left.others > 0 and (alone or not fewest.shows(left))

    def smallest(self, shown: list[set[Group]]) -> Group:
        """The smallest group of those that are shown."""
        groups = self.parts.keys() & shown[self.dimension]
        return min(groups, key=lambda group: (self.parts[group].people, repr(group)))


def _wholes(cells: Mapping[Cell, Behind]) -> Iterator[_Whole]:
    """All together, then each group, taken apart by the groups of each other dimension."""
    sizes = [_sizes(cells, dimension) for dimension in range(len(next(iter(cells))))]
    for dimension, size in enumerate(sizes):
        yield _Whole(None, dimension, size)
    for outer, inner in permutations(range(len(sizes)), 2):
        lies_in: dict[Group, Group] = {}
        spread: set[Group] = set()
        for cell in cells:
            if lies_in.setdefault(cell[inner], cell[outer]) != cell[outer]:
                spread.add(cell[inner])
        parts: dict[Group, dict[Group, Behind]] = defaultdict(dict)
        for part in lies_in.keys() - spread:
            parts[lies_in[part]][part] = sizes[inner][part]
        across = {c: cells[c] for c in cells if c[inner] in spread and c[outer] in parts}
        others = _sizes(across, outer)
        for whole, within in parts.items():
            yield _Whole((outer, whole), inner, within, others.get(whole, _NOBODY))


def _sizes(cells: Mapping[Cell, Behind], dimension: int) -> dict[Group, Behind]:
    people: dict[Group, int] = defaultdict(int)
    partners: dict[Group, set[UUID]] = defaultdict(set)
    others: dict[Group, int] = defaultdict(int)
    for cell, behind in cells.items():
        people[cell[dimension]] += behind.people
        others[cell[dimension]] += behind.others
        if behind.partners:
            partners[cell[dimension]] |= behind.partners
    return {
        group: Behind(count, partners.get(group, frozenset()), others[group])
        for group, count in people.items()
    }


def _together(parts: Collection[Behind]) -> Behind:
    partners = set[UUID]().union(*(each.partners for each in parts))
    others = sum(each.others for each in parts)
    return Behind(sum(each.people for each in parts), partners, others)
