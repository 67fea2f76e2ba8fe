"""Which groups may be counted in the open: none so small that a count says something of one person,
and none whose small neighbour could be found by taking one count from another."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from itertools import permutations

Group = str | None
Cell = tuple[Group, ...]
"""The groups that somebody belongs to, one for each dimension."""


def shown_groups(
    cells: Mapping[Cell, int], least: int, withheld: Collection[tuple[int, Group]] = ()
) -> list[set[Group]]:
    """For each dimension the groups that may be shown beside the total; none where that is too small.

    Hidden are groups of fewer than `least` people and those `withheld` for another reason. Then the
    smallest neighbour is hidden too, for as long as the total or a larger group of another dimension
    leaves over one group alone, or fewer people than `least`.
    """
    if sum(cells.values()) < least:
        return [set() for _ in _dimensions(cells)]
    sizes = [_sizes(cells, each) for each in _dimensions(cells)]
    plan = _Plan(sizes, _nested(cells), [], least)
    for dimension, size in enumerate(plan.sizes):
        large = {group for group, people in size.items() if people >= least}
        plan.shown.append({group for group in large if (dimension, group) not in withheld})
    while (found := next(plan.leaks(), None)) is not None:
        dimension, group = found
        plan.shown[dimension].discard(group)
    return plan.shown


@dataclass(frozen=True)
class _Plan:
    """What would be shown, and what could be found out by that."""

    sizes: list[dict[Group, int]]
    nested: dict[tuple[int, int], dict[Group, set[Group]]]
    shown: list[set[Group]]
    least: int

    def leaks(self) -> Iterator[tuple[int, Group]]:
        """Groups that have to be hidden for the sake of others."""
        for dimension, size in enumerate(self.sizes):
            hidden = [group for group in size if group not in self.shown[dimension]]
            left = sum(size[group] for group in hidden)
            if self.shown[dimension] and hidden and (left < self.least or len(hidden) == 1):
                yield dimension, self._smallest(dimension, self.shown[dimension])
        for (outer, inner), inside in self.nested.items():
            for group in sorted(self.shown[outer] & inside.keys(), key=str):
                within = inside[group] & self.shown[inner]
                left = self.sizes[outer][group] - sum(self.sizes[inner][each] for each in within)
                if within and 0 < left < self.least:
                    yield inner, self._smallest(inner, within)

    def _smallest(self, dimension: int, groups: set[Group]) -> Group:
        return min(groups, key=lambda group: (self.sizes[dimension][group], str(group)))


def _sizes(cells: Mapping[Cell, int], dimension: int) -> dict[Group, int]:
    found: dict[Group, int] = defaultdict(int)
    for cell, people in cells.items():
        found[cell[dimension]] += people
    return dict(found)


def _nested(cells: Mapping[Cell, int]) -> dict[tuple[int, int], dict[Group, set[Group]]]:
    """For each two dimensions the groups of the inner one that lie wholly in one of the outer one."""
    found: dict[tuple[int, int], dict[Group, set[Group]]] = {}
    for outer, inner in permutations(_dimensions(cells), 2):
        lies_in: dict[Group, Group] = {}
        spread: set[Group] = set()
        for cell in cells:
            if lies_in.setdefault(cell[inner], cell[outer]) != cell[outer]:
                spread.add(cell[inner])
        inside: dict[Group, set[Group]] = defaultdict(set)
        for each in lies_in.keys() - spread:
            inside[lies_in[each]].add(each)
        found[outer, inner] = inside
    return found


def _dimensions(cells: Mapping[Cell, int]) -> range:
    return range(len(next(iter(cells), ())))
