"""No group is counted that is too small, and none can be worked out from what is counted."""

from __future__ import annotations

from collections import defaultdict

from hypothesis import given
from hypothesis import strategies as st

from services.insights.suppression import Cell, Group, shown_groups

LEAST = 10
GROUPS = st.sampled_from(["a", "b", "c", None])
COMPANIES = st.dictionaries(st.tuples(GROUPS, GROUPS), st.integers(1, 25), min_size=1, max_size=9)


def sizes(cells: dict[Cell, int], dimension: int) -> dict[Group, int]:
    found: dict[Group, int] = defaultdict(int)
    for cell, people in cells.items():
        found[cell[dimension]] += people
    return found


def test_large_groups_are_shown() -> None:
    assert shown_groups({("a",): 12, ("b",): 30}, LEAST) == [{"a", "b"}]


def test_a_small_group_takes_its_smallest_neighbour_along() -> None:
    assert shown_groups({("a",): 12, ("b",): 30, ("c",): 4}, LEAST) == [{"b"}]


def test_two_small_groups_hide_each_other() -> None:
    assert shown_groups({("a",): 12, ("b",): 6, ("c",): 5}, LEAST) == [{"a"}]


def test_a_company_that_is_too_small_shows_nothing() -> None:
    assert shown_groups({("a",): 4, ("b",): 5}, LEAST) == [set()]
    assert shown_groups({}, LEAST) == []


def test_a_group_withheld_for_another_reason_isnt_what_the_others_leave_over() -> None:
    assert shown_groups({("a",): 12, ("b",): 30, ("c",): 40}, LEAST, {(0, "c")}) == [{"b"}]


def test_a_location_doesnt_tell_of_the_small_department_in_it() -> None:
    """Of the 31 in Basel 27 are in research: taking one from the other would find the other four."""
    company: dict[Cell, int] = {
        ("research", "basel"): 27,
        ("legal", "basel"): 4,
        ("sales", "porto"): 40,
        ("service", "porto"): 20,
        ("cantine", "porto"): 8,
    }
    departments, locations = shown_groups(company, LEAST)
    assert locations == {"basel", "porto"}
    assert "research" not in departments
    assert "legal" not in departments


@given(COMPANIES)
def test_nothing_that_is_left_over_is_small(cells: dict[Cell, int]) -> None:
    shown = shown_groups(cells, LEAST)
    total = sum(cells.values())
    if total < LEAST:
        assert shown == [set(), set()]
    for dimension, groups in enumerate(shown):
        size = sizes(cells, dimension)
        assert all(size[group] >= LEAST for group in groups)
        left = total - sum(size[group] for group in groups)
        assert not groups or left == 0 or left >= LEAST
        assert not groups or len(size) - len(groups) != 1
        for group in groups:
            other = 1 - dimension
            within = {
                each
                for each in shown[other]
                if {cell[dimension] for cell in cells if cell[other] == each} == {group}
            }
            rest = size[group] - sum(sizes(cells, other)[each] for each in within)
            assert not within or rest == 0 or rest >= LEAST
