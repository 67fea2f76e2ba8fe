"""A test that a page names by its name is there."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]


def test_every_test_that_a_page_names_is_there() -> None:
    there = {
        name
        for file in (ROOT / "tests").rglob("*.py")
        for name in re.findall(r"def (test_\w+)", file.read_text())
    }
    files = {file.stem for file in (ROOT / "tests").rglob("*.py")}
    named = {
        (page.relative_to(ROOT).as_posix(), name)
        for page in ROOT.joinpath("docs").rglob("*.md")
        for name in re.findall(r"[`\[](test_\w+)[`\]]", page.read_text())
    }
    assert named
    assert not [(page, name) for page, name in sorted(named) if name not in there | files]
