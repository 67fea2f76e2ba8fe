"""docs/asvs.md leaves no requirement out, and names nothing that isn't there."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

PAGE = Path(__file__).parents[2] / "docs" / "asvs.md"
ROWS = [
    [cell.strip() for cell in line.strip("|\n").split("|")]
    for line in PAGE.read_text().splitlines()
    if re.match(r"\| \d+\.\d+\.\d+ ", line)
]
COUNTS = (27, 11, 19, 10, 9, 35, 18, 7, 7, 29, 14, 9, 13, 9, 13, 16, 7)
SECTIONS = dict(enumerate(COUNTS, start=1))
"""How many requirements of levels 1 and 2 each chapter of version 5.0 has."""


def test_no_requirement_is_left_out_or_comes_twice() -> None:
    ids = [row[0] for row in ROWS]
    assert len(set(ids)) == len(ids) == 253
    assert Counter(int(each.split(".")[0]) for each in ids) == SECTIONS
    assert {row[1] for row in ROWS} == {"1", "2"}


def test_what_is_met_names_a_test_that_is_there() -> None:
    for id_, _, _, state, by in ROWS:
        link = re.fullmatch(r"\[(.+)\]\((.+)\)", by)
        if state in {"met", "written down"}:
            assert link, id_
            file = PAGE.parent / link[2]
            assert file.exists(), (id_, file)
            if link[1].startswith("test_") and not link[1].endswith(".py"):
                assert re.search(rf"def {link[1]}\b", file.read_text()), (id_, link[1])
        else:
            assert state in {"by others", "not here", "open"}, id_
            assert len(by) > 8, f"{id_} says no reason"


def test_the_counts_at_the_top_are_right() -> None:
    states = ("met", "written down", "by others", "not here", "open")
    told = re.search(r"^\| of 253 \| (.+) \|$", PAGE.read_text(), re.MULTILINE)
    assert told
    counted = Counter(row[3] for row in ROWS)
    assert [int(number) for number in told[1].split(" | ")] == [counted[s] for s in states]
