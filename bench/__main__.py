"""`make bench`: every figure beside what it is compared with, in one run; writes docs/benchmarks.md.

`make bench ARGS="--only answers"` measures one part again and leaves the others as they are. Two
take long and are measured by themselves only: `make bench ARGS="--growth 1000x10 100000x10"`, how
figures grow with the number of people and years, and `make bench ARGS="--peak 500 15"`, so many
answers a second for so many minutes.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import platform
import re
import sys
import tempfile
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from bench import answers, cycles, growth, peak, record, whole

PAGE = Path(__file__).parents[1] / "docs" / "benchmarks.md"
REMARKS = Path(__file__).with_name("remarks.md")
BEGIN = "\nMedians of rounds in turn.\n"
DISKS = {"ok": "This machine's disk", "slow 1000": "The same with 1 ms more for each flush"}
GROWTH, PEAK = "Growth", "Peak"
Line = tuple[str, str, str, str]
Tables = dict[str, list[Line]]


def main() -> None:
    """Measure, print and write the page."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--only", choices=PARTS, metavar=f"{{{','.join(PARTS)}}}")
    asked.add_argument("--growth", nargs="+", type=growth.Size.of, metavar="PEOPLExYEARS")
    asked.add_argument("--peak", nargs=2, type=int, metavar=("ANSWERS", "MINUTES"))
    asked.add_argument("--processes", type=int, default=1, help="of the API, for the peak")
    given = asked.parse_args()
    if given.growth:
        tables = {GROWTH: growth.figures(given.growth)}
    elif given.peak:
        tables = {PEAK: peak.figures(*given.peak, given.processes)}
    else:
        parts = [given.only] if given.only else list(PARTS)
        tables = {title: lines for part in parts for title, lines in PARTS[part]().items()}
    sections = {title: section(title, lines) for title, lines in tables.items()}
    print("\n".join(sections.values()))
    together = written() | sections
    alone = {title: together.pop(title) for title in (GROWTH, PEAK) if title in together}
    text = "".join((together | alone).values())
    PAGE.write_text("# Benchmarks\n" + BEGIN + text + "\n" + REMARKS.read_text())


def of_the_record() -> Tables:
    """The record on each disk."""
    tables: Tables = {}
    for disk, name in DISKS.items():
        with tempfile.TemporaryDirectory() as folder:
            Path(folder).chmod(0o755)
            lines = asyncio.run(record.measure(Path(folder) / "data", disk))
            tables[f"The record. {name}"] = lines
    return tables


PARTS: dict[str, Callable[[], Tables]] = {
    "whole": lambda: {"Everything together": whole.figures()},
    "answers": lambda: {"Recording an answer over HTTP": answers.figures()},
    "cycles": lambda: {"Cycles that sleep": cycles.figures()},
    "record": of_the_record,
}


def written() -> dict[str, str]:
    """The sections of the page as it stands, by their titles."""
    remarks, _, _ = REMARKS.read_text().partition("\n")
    text, _, _ = PAGE.read_text().removeprefix("# Benchmarks\n").partition(f"\n{remarks}\n")
    _, *sections = re.split(r"^(?=\n## )", text, flags=re.MULTILINE)
    titles = [section.strip().partition("\n")[0].removeprefix("## ") for section in sections]
    return dict(zip(titles, sections, strict=True))


def section(title: str, lines: list[Line]) -> str:
    """A table under its title, and when, where and by which command it was measured."""
    rows = [("what", "Cairn", "against", "ratio"), ("---",) * 4, *lines]
    table = "".join(f"| {' | '.join(row)} |\n" for row in rows)
    asked = " ".join(sys.argv[1:])
    command = f'make bench ARGS="{asked}"' if asked else "make bench"
    return f"\n## {title}\n\n{table}\n`{command}`, {_here()}.\n"


def _here() -> str:
    machine = f"{os.cpu_count()} cores, {platform.system()}, Python {platform.python_version()}"
    return f"{datetime.now(UTC):%Y-%m-%d}, {machine}"


if __name__ == "__main__":
    main()
