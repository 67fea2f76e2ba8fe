"""P10: answers are accepted while Temporal is down. P12: nothing depends on a process's clock."""

from __future__ import annotations

import asyncio
import itertools
import os
import signal
import subprocess
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import asyncpg
import httpx2
import pytest

from tests.automaton import check_database
from tests.console.test_up import AFTER_A_LOSS, Running, cycle_of, until
from tests.proving import LONG, Proof

Answering = tuple[httpx2.Client, str]
"""An employee, and the path of their conversation."""

SOURCE = Path(__file__).with_name("clock.c")
OUTAGE = 1_800 if LONG else 60
OTHERS = [f"p{number}" for number in range(40 if LONG else 4)]
SHORT = [(3_600, 1), (-3_600, 1)]
WRONG = [*SHORT, (259_200, 1), (-259_200, 1), (0, 10), (0, -1)] if LONG else SHORT
"""By how many seconds clocks are wrong, and how fast they run: the last one backwards."""


@pytest.mark.timeout(7200 if LONG else 500)
def test_answers_are_accepted_while_temporal_is_down(tmp_path: Path, proof: Proof) -> None:
    running = Running(tmp_path / "up").start()
    try:
        others = [running.opened("patient", person) for person in OTHERS]
        _, ana, cycle = running.began("outage")
        path = f"/v1/conversations/{until(lambda: cycle_of(ana, cycle)['conversation'])}"
        temporal = running.state["pids"]["temporal"]
        os.kill(temporal, signal.SIGSTOP)
        accepted, waits = answer_for([(ana, path), *others], OUTAGE)
        ana.put(f"{path}/direction", json={"direction": "deepen"})
        concluded = ana.post(f"{path}:conclude", json={"meeting": "waived"})
        assert concluded.status_code == 200
        assert cycle_of(ana, cycle)["plan"] is None
        os.kill(temporal, signal.SIGCONT)
        back = time.monotonic()
        until(lambda: cycle_of(ana, cycle)["plan"], AFTER_A_LOSS)
        url = running.state["database_url"]
        recorded = asyncio.run(count(url, "conversation.answer_%"))
        asyncio.run(check_database(url))
    finally:
        running.stop()
    proof(
        "P10 answers while Temporal is down",
        f"Temporal frozen for {OUTAGE} s, {accepted} answers meanwhile",
        f"all accepted, p99 {waits[int(len(waits) * 0.99)] * 1000:.0f} ms, the cycle went on"
        f" {time.monotonic() - back:.1f} s after it was back",
    )
    assert recorded == accepted


def answer_for(people: Sequence[Answering], seconds: float) -> tuple[int, list[float]]:
    """Answer in turn, each accepted; how many those are, and how long each took."""
    waits: list[float] = []
    end = time.monotonic() + seconds
    turn = itertools.cycle(people)
    while time.monotonic() < end:
        who, path = next(turn)
        began = time.monotonic()
        answer = who.put(f"{path}/answers/impact", json={"text": f"number {len(waits)}"})
        waits.append(time.monotonic() - began)
        assert answer.status_code == 200, answer.text
        time.sleep(0.05)
    return len(waits), sorted(waits)


async def count(url: str, topics: str) -> int:
    connection = await asyncpg.connect(url)
    found: int = await connection.fetchval(
        "SELECT count(*) FROM record.event WHERE type LIKE $1", topics
    )
    await connection.close()
    return found


@pytest.fixture(scope="module")
def wrong_clock(tmp_path_factory: pytest.TempPathFactory) -> Path:
    library = tmp_path_factory.mktemp("clock") / "clock.so"
    compiler = ["cc", "-shared", "-fPIC", "-O2", "-o", str(library), str(SOURCE), "-ldl"]
    subprocess.run(compiler, check=True)
    return library


@pytest.mark.timeout(400)
@pytest.mark.parametrize(("shift", "rate"), WRONG)
def test_a_cycle_keeps_its_times_whatever_the_processes_clocks_say(
    tmp_path: Path, wrong_clock: Path, shift: int, rate: int, proof: Proof
) -> None:
    """API, worker and relay are wrong by hours; the record's times are right and nothing comes early."""
    wrong = {"LD_PRELOAD": str(wrong_clock), "CLOCK_IS_WRONG_BY": str(shift)}
    wrong["CLOCK_RUNS"] = str(rate)
    running = Running(tmp_path / "up", **wrong).start()
    try:
        platform, _, _ = running.began("clocks")
        policy = {"answer_nudges": ["PT2S", "PT4S"], "follow_up_after": "PT3S", "cadence": "PT1H"}
        platform.put("/v1/policy", json=policy).raise_for_status()
        body = {"name": "Cleo", "email": "cleo@example.com", "partner": "ben"}
        platform.put("/v1/people/cleo", json=body).raise_for_status()
        other = platform.post("/v1/cycles", json={"person": "cleo"}).json()["id"]
        until(lambda: cycle_of(platform, other)["state"] == "follow_up", AFTER_A_LOSS)
        times = asyncio.run(times_of(running.state["database_url"], other))
        asyncio.run(check_database(running.state["database_url"]))
    finally:
        running.stop()
    worst = max(abs((datetime.now(UTC) - at).total_seconds()) for _, at in times)
    proof(
        "P12 nothing depends on a process's clock",
        f"API, worker and relay wrong by {shift:+d} s, their clocks {rate} times as fast",
        f"{len(times)} steps in their order, at the right times",
    )
    assert worst < 600  # far from the hours by which the processes are wrong
    moments = dict(times)
    opened, followed = moments["cycles.conversation_opened"], moments["cycles.follow_up_opened"]
    nudged = [at for topic, at in times if topic == "cycles.nudged" and at < followed]
    waited = [(at - opened).total_seconds() for at in nudged]
    assert len(waited) == 2
    assert waited[0] >= 2
    assert waited[1] >= 4
    assert (followed - moments["cycles.rested"]).total_seconds() >= 3


async def times_of(url: str, cycle: str) -> list[tuple[str, datetime]]:
    connection = await asyncpg.connect(url)
    found = await connection.fetch(
        "SELECT type, at FROM record.event WHERE stream = $1::uuid ORDER BY version", cycle
    )
    await connection.close()
    return [(row["type"], row["at"]) for row in found]
