"""How far a proof goes: short in the suite, long by `make prove`, which writes docs/proofs.md."""

from __future__ import annotations

import os
import platform
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

LONG = os.environ.get("CAIRN_PROVE") == "long"
Proof = Callable[[str, str, str], None]
"""Notes what is promised, what was done, and what came of it."""

Line = tuple[str, str, str]

_PAGE = Path(__file__).parents[1] / "docs" / "proofs.md"
_HEAD = """\
# Proofs

What Cairn promises, tried out in the long form by `make prove`, on the day beside it: {machine}.
Faults are real: processes are killed, connections cut, disks fail. An oracle decides from the
clients' own journals and the record alone. The short forms run in `make test`; a line is proven
again by `CAIRN_PROVE=long .venv/bin/pytest` and the test beside it.

| promise | what was done | what came of it | on | test |
|---|---|---|---|---|
"""


def write_page(test: str, lines: list[Line]) -> None:
    """Write what a test has shown into docs/proofs.md, in place of what it showed before."""
    machine = f"{os.cpu_count()} cores, {platform.system()}, Python {platform.python_version()}"
    by = f"`{test}`"
    written = [row for row in _PAGE.read_text().splitlines() if row.endswith("` |")]
    kept = [row for row in written if f" {by} |" not in row]
    day = f"{datetime.now(UTC):%Y-%m-%d}"
    rows = [*kept, *(f"| {' | '.join([*line, day, by])} |" for line in lines)]
    _PAGE.write_text(_HEAD.format(machine=machine) + "\n".join(sorted(rows, key=_promise)) + "\n")


def _promise(row: str) -> tuple[int, str]:
    """P2 before P10, and before what no promise names."""
    number = row.split()[1].removeprefix("P")
    return int(number) if number.isdigit() else 100, row


def told(figures: dict[str, Any]) -> str:
    """Figures as a person reads them."""
    return ", ".join(f"{name.replace('_', ' ')} {value:,}" for name, value in figures.items())
