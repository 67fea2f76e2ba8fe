"""`make bench`: every figure beside what it is compared with, in one run; writes docs/benchmarks.md."""

from __future__ import annotations

import asyncio
import os
import platform
import tempfile
from datetime import UTC, datetime
from pathlib import Path

from bench import answers, cycles, record, whole

PAGE = Path(__file__).parents[1] / "docs" / "benchmarks.md"
REMARKS = Path(__file__).with_name("remarks.md")
DISKS = {"ok": "This machine's disk", "slow 1000": "The same with 1 ms more for each flush"}
Line = tuple[str, str, str, str]


def main() -> None:
    """Measure, print and write the page."""
    machine = f"{os.cpu_count()} cores, {platform.system()}, Python {platform.python_version()}"
    day = f"{datetime.now(UTC):%Y-%m-%d}"
    text = f"# Benchmarks\n\n`make bench`, {day}, {machine}; medians of rounds in turn.\n"
    text += section("Everything together", whole.figures())
    text += section("Recording an answer over HTTP", answers.figures())
    text += section("Cycles that sleep", cycles.figures())
    for disk, name in DISKS.items():
        with tempfile.TemporaryDirectory() as folder:
            Path(folder).chmod(0o755)
            text += section(
                f"The record. {name}", asyncio.run(record.measure(Path(folder) / "data", disk))
            )
    print(text)
    PAGE.write_text(text + "\n" + REMARKS.read_text())


def section(title: str, lines: list[Line]) -> str:
    """One table under its title."""
    rows = [("what", "Cairn", "against", "ratio"), ("---",) * 4, *lines]
    return f"\n## {title}\n\n" + "".join(f"| {' | '.join(row)} |\n" for row in rows)


if __name__ == "__main__":
    main()
