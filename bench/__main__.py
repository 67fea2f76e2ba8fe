"""`make bench`: every figure beside what it is compared with, in one run; writes docs/benchmarks.md.

`make bench ARGS="--growth 1000x10 100000x10"` measures how figures grow with the number of people and
years instead, which takes long, and leaves the other sections as they are.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import platform
import re
import tempfile
from datetime import UTC, datetime
from pathlib import Path

from bench import answers, cycles, growth, record, whole

PAGE = Path(__file__).parents[1] / "docs" / "benchmarks.md"
REMARKS = Path(__file__).with_name("remarks.md")
DISKS = {"ok": "This machine's disk", "slow 1000": "The same with 1 ms more for each flush"}
GROWTH = "Growth"
Line = tuple[str, str, str, str]


def main() -> None:
    """Measure, print and write the page."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--growth", nargs="+", type=growth.Size.of, metavar="PEOPLExYEARS")
    sizes = asked.parse_args().growth
    sections = measured_growth(sizes) if sizes else measured()
    print("\n".join(sections.values()))
    kept = {title: text for title, text in written().items() if (title == GROWTH) != bool(sizes)}
    together = kept | sections if sizes else sections | kept
    PAGE.write_text("# Benchmarks\n" + "".join(together.values()) + "\n" + REMARKS.read_text())


def measured() -> dict[str, str]:
    """All sections but growth; the first says when and where."""
    sections = {"": f"\n`make bench`, {_here()}; medians of rounds in turn.\n"}
    add(sections, "Everything together", whole.figures())
    add(sections, "Recording an answer over HTTP", answers.figures())
    add(sections, "Cycles that sleep", cycles.figures())
    for disk, name in DISKS.items():
        with tempfile.TemporaryDirectory() as folder:
            Path(folder).chmod(0o755)
            lines = asyncio.run(record.measure(Path(folder) / "data", disk))
            add(sections, f"The record. {name}", lines)
    return sections


def measured_growth(sizes: list[growth.Size]) -> dict[str, str]:
    """The section about growth, which says its own day."""
    sections: dict[str, str] = {}
    add(sections, GROWTH, growth.figures(sizes))
    asked = " ".join(f"{size.people}x{size.years}" for size in sizes)
    sections[GROWTH] += f'\n`make bench ARGS="--growth {asked}"`, {_here()}.\n'
    return sections


def written() -> dict[str, str]:
    """The sections of the page as it stands, by their titles."""
    remarks, _, _ = REMARKS.read_text().partition("\n")
    text, _, _ = PAGE.read_text().removeprefix("# Benchmarks\n").partition(f"\n{remarks}\n")
    begin, *sections = re.split(r"^(?=\n## )", text, flags=re.MULTILINE)
    titles = [section.strip().partition("\n")[0].removeprefix("## ") for section in sections]
    return {"": begin, **dict(zip(titles, sections, strict=True))}


def add(sections: dict[str, str], title: str, lines: list[Line]) -> None:
    """One table under its title."""
    rows = [("what", "Cairn", "against", "ratio"), ("---",) * 4, *lines]
    table = "".join(f"| {' | '.join(row)} |\n" for row in rows)
    sections[title] = f"\n## {title}\n\n{table}"


def _here() -> str:
    machine = f"{os.cpu_count()} cores, {platform.system()}, Python {platform.python_version()}"
    return f"{datetime.now(UTC):%Y-%m-%d}, {machine}"


if __name__ == "__main__":
    main()
