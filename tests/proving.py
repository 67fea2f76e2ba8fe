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

_PAGE = Path(__file__).parents[1] / "docs" / "proofs.md"
_HEAD = """\
# Proofs

What Cairn promises, tried out in the long form by `make prove` on {day}: {machine}.
Faults are real: processes are killed, connections cut, disks fail. An oracle decides from the
clients' own journals and the record alone. The short forms run in `make test`.

| promise | what was done | what came of it |
|---|---|---|
"""


def write_page(lines: list[tuple[str, str, str]]) -> None:
    """Write docs/proofs.md."""
    machine = f"{os.cpu_count()} cores, {platform.system()}, Python {platform.python_version()}"
    page = _HEAD.format(day=f"{datetime.now(UTC):%Y-%m-%d}", machine=machine)
    _PAGE.write_text(page + "".join(f"| {' | '.join(line)} |\n" for line in lines))


def told(figures: dict[str, Any]) -> str:
    """Figures as a person reads them."""
    return ", ".join(f"{name.replace('_', ' ')} {value:,}" for name, value in figures.items())
