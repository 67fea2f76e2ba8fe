"""S11: the record of a whole company is taken along and verified twice, in bounded memory."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import asyncpg
import pytest
from pydantic import SecretStr

from bench.companies.filling import follow, found
from console.migrations import migrate
from shared.settings import Settings
from tests.proving import LONG, Proof

PEOPLE, YEARS, LIVES = (10_000, 1, 24) if LONG else (30, 1, 2)
TENANT = "company"
MOST_MEGABYTES = 300
ROOT = Path(__file__).parents[2]
CAIRN = [sys.executable, "-m", "console.cli", "audit"]


@pytest.fixture
async def events(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[int]:
    """How many events the company has; commands find its database."""
    admin = await asyncpg.connect(settings.required_database_url())
    await admin.execute("CREATE DATABASE bundles")
    url = settings.required_database_url().rpartition("/")[0] + "/bundles"
    await migrate(url)
    made = settings.model_copy(update={"database_url": SecretStr(url)})
    count = await found(made, TENANT, PEOPLE, YEARS, lambda *_: None, LIVES)
    await follow(made)
    monkeypatch.setenv("CAIRN_DATABASE_URL", url)
    monkeypatch.setenv("CAIRN_DATA_DIR", str(settings.data_dir))
    yield count
    await admin.execute("DROP DATABASE bundles WITH (FORCE)")
    await admin.close()


@dataclass(frozen=True)
class Ran:
    """How a command ended: what it said, how long it took, and the most memory that it held."""

    said: str
    seconds: float
    megabytes: float

    def __str__(self) -> str:
        return f"{self.seconds:,.1f} s, {self.megabytes:,.0f} MB"


def run(*command: str | Path) -> Ran:
    began, most = time.monotonic(), 0.0
    process = subprocess.Popen(
        [str(part) for part in command],
        cwd=ROOT,
        env=os.environ | {"COLUMNS": "100"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    while process.poll() is None:
        most = max(most, _peak(process.pid))
        time.sleep(0.02)
    said = process.communicate()[0]
    assert process.returncode == 0, said
    return Ran(said, time.monotonic() - began, most)


def _peak(pid: int) -> float:
    """The most that a process has held so far; 0 for one that has just ended."""
    try:
        status = Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return 0.0
    told = re.search(r"VmHWM:\s+(\d+) kB", status)
    return int(told[1]) / 1_000 if told else 0.0


@pytest.mark.timeout(1_800)
async def test_a_company_is_exported_and_verified_in_bounded_memory(
    events: int, tmp_path: Path, proof: Proof
) -> None:
    bundle = tmp_path / "company.jsonl"
    exported = run(*CAIRN, "export", "--tenant", TENANT, "--output", bundle)
    ours = run(*CAIRN, "verify", bundle)
    theirs = run(sys.executable, ROOT / "verifiers" / "cairn_verify.py", bundle)
    assert f"Verified: {events} events of {TENANT}" in ours.said
    assert f"Verified: {events} events of {TENANT}, the whole log" in theirs.said
    for shown in (exported, ours):
        assert f"{events}/{events} events" in shown.said  # the progress, at its end
    proof(
        "S11 a bundle of a whole company",
        f"{PEOPLE:,} people, {events:,} events, {bundle.stat().st_size / 1e6:,.0f} MB exported, then"
        " verified by both verifiers",
        f"export {exported}; `cairn audit verify` {ours}; `cairn_verify.py` {theirs}",
    )
    assert max(each.megabytes for each in (exported, ours, theirs)) <= MOST_MEGABYTES
