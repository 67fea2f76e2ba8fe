"""P11: Temporal's database can be thrown away while cycles are open; the record makes it again."""

from __future__ import annotations

import asyncio
import os
import signal
import time
from collections import Counter
from pathlib import Path

import pytest

from bench.cycles import asleep
from tests.automaton import check_database
from tests.console.test_up import Running, until
from tests.faults.test_cycles import rows
from tests.proving import LONG, Proof

PEOPLE, LONGEST = (10_000, 3_600) if LONG else (100, 240)
"""How many, and how many seconds each step may take at most."""
NUDGE = "PT15M" if LONG else "PT20S"
"""Later than the database is thrown away for whoever began first."""
ONCE = ("cycles.started", "cycles.conversation_opened", "cycles.nudged")


@pytest.mark.timeout(7200 if LONG else 900)
def test_temporals_database_is_thrown_away_and_no_step_is_skipped_or_doubled(
    tmp_path: Path, proof: Proof
) -> None:
    limits = {"CAIRN_LIMIT_MACHINES": "0", "CAIRN_LIMIT_PEOPLE": "0"}
    running = Running(tmp_path / "up", **limits).start()
    try:
        begin(running)
        until(lambda: times(running)["cycles.conversation_opened"] == PEOPLE, LONGEST, every=1)
        nudged_before = times(running)["cycles.nudged"]
        began = time.monotonic()
        throw_away(running)
        rebuilt = until(lambda: running.command("rebuild", "workflows").returncode == 0, every=1)
        asyncio.run(asyncio.wait_for(asleep(running.state, PEOPLE), LONGEST))
        took = time.monotonic() - began
        until(lambda: times(running)["cycles.nudged"] >= PEOPLE, LONGEST, every=1)
        happened = times(running)
        streams = asyncio.run(check_database(running.state["database_url"]))
    finally:
        running.stop()
    assert rebuilt
    assert {topic: happened[topic] for topic in ONCE} == dict.fromkeys(ONCE, PEOPLE)
    assert streams["cycles"] == PEOPLE
    proof(
        "P11 Temporal's database can be thrown away",
        f"thrown away with {PEOPLE:,} open cycles, of which {nudged_before:,} had been nudged",
        f"every cycle asleep at its place after {took:.0f} s; afterwards each was nudged once,"
        f" {streams['cycles']:,} streams possible, none skipped or doubled",
    )


def begin(running: Running) -> None:
    """Everybody's first conversation, by one batch."""
    platform = running.caller("wiped", "platform")
    platform.timeout = 300
    platform.put("/v1/policy", json={"answer_nudges": [NUDGE]}).raise_for_status()
    people = [f"p{number}" for number in range(PEOPLE)]
    running.roster("wiped", people)
    platform.post("/v1/cycles:batch", json={"people": people}).raise_for_status()


def throw_away(running: Running) -> None:
    """Temporal dies, and comes back with nothing."""
    for file in running.folder.glob("temporal.db*"):
        file.unlink()
    pid = running.state["pids"]["temporal"]
    os.kill(pid, signal.SIGKILL)
    until(lambda: running.state["pids"]["temporal"] != pid)


def times(running: Running) -> Counter[str]:
    """How often each kind of event is in the streams of cycles."""
    query = "SELECT type, count(*) AS n FROM record.event WHERE type LIKE 'cycles.%' GROUP BY type"
    found = asyncio.run(rows(running.state["database_url"], query))
    return Counter({row["type"]: row["n"] for row in found})
