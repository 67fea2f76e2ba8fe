"""Everything that `cairn up` runs: start-up and resident memory."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from shared.tokens import Issuer

ROOT = Path(__file__).parents[1]
CAIRN = [sys.executable, "-m", "console.cli"]
Line = tuple[str, str, str, str]


def figures() -> list[Line]:
    """Start it twice, and measure the second."""
    with tempfile.TemporaryDirectory() as folder:
        where = Path(folder) / "data"
        first, up = start(where)
        stop(up)
        second, up = start(where)
        try:
            time.sleep(5)
            memory = resident(where)
        finally:
            stop(up)
    return told(first, second, memory)


def start(where: Path) -> tuple[float, subprocess.Popen[bytes]]:
    """Start everything; answer the seconds until /readyz said 200."""
    began = time.monotonic()
    ports = ["--port", "0", "--temporal-port", "0", "--ui-port", "0"]
    up = subprocess.Popen(
        [*CAIRN, "up", "--data-dir", str(where), *ports], stderr=subprocess.DEVNULL, cwd=ROOT
    )
    while not (where / "cairn.json").exists():
        if up.poll() is not None:
            sys.exit(f"cairn up ended with {up.returncode}")
        time.sleep(0.02)
    return time.monotonic() - began, up


@contextmanager
def everything() -> Iterator[tuple[Path, dict[str, Any]]]:
    """Everything on an empty data directory, with a tenant; where that is, and what runs where."""
    with tempfile.TemporaryDirectory() as folder:
        where = Path(folder) / "data"
        _, up = start(where)
        try:
            make_tenant(where)
            yield where, json.loads((where / "cairn.json").read_text())
        finally:
            stop(up)


def make_tenant(where: Path) -> None:
    command = [*CAIRN, "token", "--data-dir", str(where), "--tenant", "bench", "--role", "hr"]
    subprocess.run(command, check=True, cwd=ROOT, stdout=subprocess.DEVNULL)


def stop(up: subprocess.Popen[bytes]) -> None:
    up.send_signal(signal.SIGINT)
    up.wait(60)


def resident(where: Path) -> dict[str, float]:
    """Proportional resident memory (PSS, shared pages counted once) of each process, in MB."""
    pids: dict[str, int] = json.loads((where / "cairn.json").read_text())["pids"]
    found = {name: _memory(pid) for name, pid in pids.items()}
    found["postgres"] += sum(_memory(child) for child in _children(pids["postgres"]))
    return found


def _children(pid: int) -> list[int]:
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def _memory(pid: int) -> float:
    for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
        if line.startswith("Pss:"):
            return int(line.split()[1]) / 1000
    return 0.0


def token(where: Path, role: str, person: str | None = None) -> str:
    return Issuer.of_file(where / "secrets" / "issuer.json").issue("bench", [role], person, 3600)


def told(first: float, second: float, memory: dict[str, float]) -> list[Line]:
    """The figures as lines of the table."""
    total = sum(memory.values())
    each = ", ".join(f"{name} {size:.0f}" for name, size in memory.items())
    return [
        ("start-up on an empty data directory", f"{first:.1f} s", "-", "-"),
        ("start-up on one with data", f"{second:.1f} s", "-", "goal < 15 s"),
        ("memory of everything when idle", f"{total:.0f} MB ({each})", "-", "goal ≤ 700 MB"),
    ]
