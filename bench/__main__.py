"""`make bench`: every figure beside what it is compared with, in one run; writes docs/benchmarks.md.

Two sections take long and are measured by themselves, leaving the others as they are:
`make bench ARGS="--growth 1000x10 100000x10"`, how figures grow with the number of people and years, and
`make bench ARGS="--peak 500 15"`, so many answers a second for so many minutes.
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

from bench import answers, cycles, growth, peak, record, whole

PAGE = Path(__file__).parents[1] / "docs" / "benchmarks.md"
REMARKS = Path(__file__).with_name("remarks.md")
DISKS = {"ok": "This machine's disk", "slow 1000": "The same with 1 ms more for each flush"}
GROWTH, PEAK = "Growth", "Peak"
Line = tuple[str, str, str, str]


def main() -> None:
    """Measure, print and write the page."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--growth", nargs="+", type=growth.Size.of, metavar="PEOPLExYEARS")
    asked.add_argument("--peak", nargs=2, type=int, metavar=("ANSWERS", "MINUTES"))
    given = asked.parse_args()
    if given.growth:
        sizes = " ".join(f"{size.people}x{size.years}" for size in given.growth)
        sections = by_itself(GROWTH, f"--growth {sizes}", growth.figures(given.growth))
    elif given.peak:
        rate, minutes = given.peak
        sections = by_itself(PEAK, f"--peak {rate} {minutes}", peak.figures(rate, minutes))
    else:
        sections = measured()
    print("\n".join(sections.values()))
    together = written() | sections
    alone = {title: together.pop(title) for title in (GROWTH, PEAK) if title in together}
    text = "".join((together | alone).values())
    PAGE.write_text("# Benchmarks\n" + text + "\n" + REMARKS.read_text())


def measured() -> dict[str, str]:
    """All sections but those by themselves; the first says when and where."""
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


def by_itself(title: str, asked: str, lines: list[Line]) -> dict[str, str]:
    """One section, which says its own day."""
    sections: dict[str, str] = {}
    add(sections, title, lines)
    sections[title] += f'\n`make bench ARGS="{asked}"`, {_here()}.\n'
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
