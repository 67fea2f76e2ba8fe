"""No group is counted that is too small, and none can be worked out from what is counted."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import permutations
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.insights.application import (
    ALL,
    FEWEST_IN_A_CELL,
    FEWEST_PARTNERS,
    count_forgotten,
    count_methods,
    hide_few,
)
from services.insights.readmodel import METHODS, Offered, Owed
from services.insights.standing import DIMENSIONS
from services.insights.suppression import Behind, Cell, Fewest, Group, Shown, shown_groups

LEAST = 10
KIM, LOU, MAX = (frozenset([UUID(int=number)]) for number in range(3))
ALL_THREE = KIM | LOU | MAX
GROUPS = st.sampled_from(["a", "b", "c", None])
PLACES = st.tuples(GROUPS, GROUPS, st.sampled_from(["ag", "gmbh"]))
PARTNERS = st.frozensets(st.integers(1, 5).map(lambda number: UUID(int=number)), max_size=3)
THOSE = st.builds(Behind, st.integers(1, 25), PARTNERS, st.just(0))
COMPANIES = st.dictionaries(PLACES, THOSE, min_size=1, max_size=9)
FEW = st.one_of(st.integers(0, 3), st.integers(0, 25))
WORKING = st.fixed_dictionaries({"others": FEW} | dict.fromkeys(METHODS, FEW)).map(
    lambda row: row | {"people": row.pop("others") + max(1, *(row[name] for name in METHODS))}
)
PLANS = st.dictionaries(PLACES, WORKING, min_size=1, max_size=9)
MEETINGS = st.dictionaries(PLACES, st.builds(Offered, THOSE, FEW, FEW, FEW), min_size=1, max_size=9)


def shown(sizes: dict[Cell, int], among: Shown = None) -> Shown:
    return shown_groups({cell: Behind(n) for cell, n in sizes.items()}, Fewest(LEAST), among)


def compared(behind: dict[str, Behind]) -> Shown:
    cells: dict[Cell, Behind] = {(group,): each for group, each in behind.items()}
    return shown_groups(cells, Fewest(LEAST, FEWEST_PARTNERS))


def test_large_groups_are_shown() -> None:
    assert shown({("a",): 12, ("b",): 30}) == [{"a", "b"}]


def test_a_small_group_takes_its_smallest_neighbour_along() -> None:
    assert shown({("a",): 12, ("b",): 30, ("c",): 4}) == [{"b"}]


def test_two_small_groups_hide_each_other() -> None:
    assert shown({("a",): 12, ("b",): 6, ("c",): 5}) == [{"a"}]


def test_a_company_that_is_too_small_shows_nothing() -> None:
    assert shown({("a",): 4, ("b",): 5}) is None
    assert shown({}) is None


def test_a_group_hidden_anyway_isnt_what_the_others_leave_over() -> None:
    assert shown({("a",): 12, ("b",): 30, ("c",): 40}, [{"a", "b"}]) == [{"b"}]


def test_a_location_doesnt_tell_of_the_small_department_in_it() -> None:
    """Of the 31 in Basel 27 are in research: taking one from the other would find the other four."""
    found = shown(
        {
            ("research", "basel"): 27,
            ("legal", "basel"): 4,
            ("sales", "porto"): 40,
            ("service", "porto"): 20,
            ("cantine", "porto"): 8,
        }
    )
    assert found is not None
    departments, locations = found
    assert locations == {"basel", "porto"}
    assert "research" not in departments
    assert "legal" not in departments


@pytest.mark.parametrize("second", [KIM, LOU])
def test_groups_of_one_or_two_partners_take_a_neighbour_along_however_many_people_they_have(
    second: frozenset[UUID],
) -> None:
    assert compared(
        {
            "a": Behind(20, KIM),
            "b": Behind(20, second),
            "c": Behind(30, ALL_THREE),
            "d": Behind(40, ALL_THREE),
        }
    ) == [{"d"}]


def test_groups_of_three_partners_together_hide_each_other() -> None:
    found = compared({"a": Behind(20, KIM | LOU), "b": Behind(20, MAX), "c": Behind(30, ALL_THREE)})
    assert found == [{"c"}]


def test_a_company_of_two_partners_isnt_compared() -> None:
    assert compared({"a": Behind(20, KIM), "b": Behind(20, LOU)}) is None


@given(COMPANIES, st.sampled_from([0, FEWEST_PARTNERS]))
def test_nothing_that_is_left_over_is_small(cells: dict[Cell, Behind], partners: int) -> None:
    """For each answer: practice and promises with regard to partners, the others without."""
    fewest = Fewest(LEAST, partners)
    found = shown_groups(cells, fewest)
    if found is None:
        assert not fewest.shows(together(cells))
        return
    for part in (*groups_of(cells, found), *left_over(cells, found)):
        assert fewest.shows(together(part))


@given(PLANS)
def test_no_method_of_few_people_or_of_all_but_few_is_found_from_all_that_is_answered(
    places: dict[Cell, dict[str, int]],
) -> None:
    behind = {cell: Behind(row["people"]) for cell, row in places.items()}
    among = shown_groups(behind, Fewest(LEAST))
    if among is None:
        return
    figures = [count_methods(places, dimension, among) for dimension in DIMENSIONS]
    for method in METHODS:
        told = [
            {group for group in groups if each[group][method] is not None}
            for each, groups in zip(figures, among, strict=True)
        ]
        cells = {
            cell: Behind(row[method], others=row["people"] - row[method])
            for cell, row in places.items()
        }
        whole = [cells] if figures[0][ALL][method] is not None else []
        for part in (*whole, *groups_of(cells, told), *left_over(cells, told)):
            assert not (found := together(part)).people or some_do_and_some_dont(found)


@given(MEETINGS)
def test_nobody_is_found_who_met_or_did_without_from_all_that_is_answered(
    offered: dict[Cell, Offered],
) -> None:
    among = shown_groups({c: each.behind for c, each in offered.items()}, Fewest(LEAST))
    if among is None:
        return
    cells = {c: Behind(each.met, others=each.without_meeting) for c, each in offered.items()}
    told: list[set[Group]] = []
    whole: list[dict[Cell, Behind]] = []
    for place, dimension in enumerate(DIMENSIONS):
        figures: dict[Group, dict[str, Any]] = {group: {} for group in (ALL, *among[place])}
        hide_few(figures, dimension, offered, among)
        told.append({group for group in among[place] if "met" not in figures[group]})
        whole = [cells] if "met" not in figures[ALL] else []
    for part in (*whole, *groups_of(cells, told), *left_over(cells, told)):
        found = together(part)
        assert not found.people + found.others or some_do_and_some_dont(found)


@given(COMPANIES, COMPANIES)
def test_nobody_who_waits_is_found_from_all_that_is_answered(
    offered: dict[Cell, Behind], waiting: dict[Cell, Behind]
) -> None:
    fewest = Fewest(LEAST, FEWEST_PARTNERS)
    shown, owed = shown_groups(offered, fewest), owing(offered, waiting)
    cells = {cell: each.behind for cell, each in owed.items()}
    told = []
    for place, dimension in enumerate(DIMENSIONS):
        figures: dict[Group, dict[str, Any]] = {cell[place]: {} for cell in offered} | {ALL: {}}
        answered = count_forgotten(figures, dimension, offered, owed, shown, LEAST)
        groups = answered[place] if answered else set()
        assert figures.keys() == {ALL} | {cell[place] for cell in cells}
        told.append({group for group in groups if figures[group]["forgotten"] is not None})
        if figures[ALL]["forgotten"] is None:
            assert not told[place]
    for part in (*groups_of(cells, told), *left_over(cells, told)):
        assert fewest.shows(together(part))


def test_one_who_waits_in_a_department_of_their_own_is_not_what_the_total_leaves_over() -> None:
    offered: dict[Cell, Behind] = {
        ("research", None, None): Behind(12, ALL_THREE),
        ("design", None, None): Behind(11, ALL_THREE),
    }
    figures: dict[Group, dict[str, Any]] = {"research": {}, "design": {}, ALL: {}}
    shown = shown_groups(offered, Fewest(LEAST, FEWEST_PARTNERS))
    owed = owing(offered, {("legal", None, None): Behind(1, KIM)})
    answered = count_forgotten(figures, "department", offered, owed, shown, LEAST)
    assert answered is not None
    assert answered[0] == {"research", "design"}
    assert {group: each["forgotten"] for group, each in figures.items()} == {
        "research": 0,
        "design": None,
        "legal": None,
        ALL: 1,
    }


def test_a_department_whom_nothing_was_offered_is_shown_where_it_is_large_enough() -> None:
    figures: dict[Group, dict[str, Any]] = {ALL: {}}
    owed = owing({}, {("legal", None, None): Behind(40, ALL_THREE)})
    answered = count_forgotten(figures, "department", {}, owed, None, LEAST)
    assert answered == [{"legal"}, {None}, {None}]
    assert (figures["legal"]["offers"], figures["legal"]["forgotten"]) == (0, 40)


def test_a_method_of_one_person_isnt_what_the_total_leaves_over() -> None:
    """Of the five who are coached four are in one department: the other had one."""
    nobody = dict.fromkeys(METHODS, 0)
    places: dict[Cell, dict[str, int]] = {
        ("a", None, None): {**nobody, "people": 12, "coaching": 4, "mentoring": 1},
        ("b", None, None): {**nobody, "people": 12, "coaching": 1},
        ("c", None, None): {**nobody, "people": 12, "coaching": 7},
    }
    found = count_methods(places, "department", [{"a", "b", "c"}, {None}, {None}])
    coached = {group: each["coaching"] for group, each in found.items()}
    assert [coached.pop(group) for group in ("a", "b", "c")] == [None, None, 7]
    assert list(coached.values()) == [12]
    assert {each["mentoring"] for each in found.values()} == {None}
    assert {each["other"] for each in found.values()} == {0}


def test_how_many_met_and_how_long_it_took_isnt_told_of_few() -> None:
    """In a three met and three did without; in b one concluded; in c all met; in d nobody ended it."""
    nobody = {"concluded": 0, "met": 0, "without_meeting": 0}
    offered = {
        (group, None, None): Offered(Behind(12, ALL_THREE), **nobody | counts)
        for group, counts in {
            "a": {"concluded": 6, "met": 3, "without_meeting": 3},
            "b": {"concluded": 1, "without_meeting": 1},
            "c": {"concluded": 12, "met": 12},
            "d": {},
        }.items()
    }
    figures: dict[Group, dict[str, Any]] = {
        group: {"days_to_conversation": 9, "met": 0, "without_meeting": 0}
        for group in ("a", "b", "c", "d", ALL)
    }
    hide_few(figures, "department", offered, [{"a", "b", "c", "d"}, {None}, {None}])
    assert {g for g, each in figures.items() if each["met"] is None} == {"a", "b", "c"}
    assert all((f["met"] is None) == (f["without_meeting"] is None) for f in figures.values())
    assert figures["b"]["days_to_conversation"] is None
    assert figures["c"]["days_to_conversation"] == 9


def test_that_all_work_with_a_method_isnt_told_nor_that_all_but_two_do() -> None:
    """In a and b two of 24 work without it; that nobody in e works with it hides no one."""
    nobody = dict.fromkeys(METHODS, 0)
    places: dict[Cell, dict[str, int]] = {
        (group, None, None): {**nobody, "people": 12, "coaching": count}
        for group, count in {"a": 12, "b": 10, "c": 9, "d": 8, "e": 0}.items()
    }
    found = count_methods(places, "department", [set("abcde"), {None}, {None}])
    told = {group: each["coaching"] for group, each in found.items() if group is not ALL}
    assert told == {"a": None, "b": None, "c": 9, "d": None, "e": 0}


def some_do_and_some_dont(found: Behind) -> bool:
    return min(found.people, found.others) >= FEWEST_IN_A_CELL


def owing(offered: dict[Cell, Behind], waiting: dict[Cell, Behind]) -> dict[Cell, Owed]:
    nobody = Behind(0)
    both = {c: (offered.get(c, nobody), waiting.get(c, nobody)) for c in (*offered, *waiting)}
    return {c: Owed(together(dict(enumerate(each))), each[1].people) for c, each in both.items()}


def together(cells: Mapping[Any, Behind]) -> Behind:
    partners = frozenset[UUID]().union(*(each.partners for each in cells.values()))
    others = sum(each.others for each in cells.values())
    return Behind(sum(each.people for each in cells.values()), partners, others)


def groups_of(cells: dict[Cell, Behind], told: list[set[Group]]) -> Iterator[dict[Cell, Behind]]:
    for dimension, groups in enumerate(told):
        for group in groups:
            yield {cell: each for cell, each in cells.items() if cell[dimension] == group}


def left_over(cells: dict[Cell, Behind], told: list[set[Group]]) -> Iterator[dict[Cell, Behind]]:
    """What is found by taking groups from the total, and from a group in which they lie wholly."""
    for dimension, groups in enumerate(told):
        left = {cell: each for cell, each in cells.items() if cell[dimension] not in groups}
        assert not groups or len({cell[dimension] for cell in left}) != 1
        if groups and left:
            yield left
    for outer, inner in permutations(range(len(told)), 2):
        for whole in told[outer]:
            inside = {cell: each for cell, each in cells.items() if cell[outer] == whole}
            within = told[inner] - {cell[inner] for cell in cells.keys() - inside.keys()}
            left = {cell: each for cell, each in inside.items() if cell[inner] not in within}
            if left and len(left) < len(inside):
                yield left
