"""kill -9 of worker, relay and Temporal in turn while cycles run in seconds."""

from __future__ import annotations

import asyncio
import json
import time
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import asyncpg
import pytest

from tests.automaton import check_database
from tests.console.test_up import until
from tests.faults.town import FlakySink, kill, town
from tests.proving import LONG, Proof

Mail = tuple[str, str]
"""The event that it tells of, and the side that it goes to."""

PEOPLE, ROUNDS_OF_KILLS, ROUND, MAILS = (10_000, 20, 5_400, 1_800) if LONG else (200, 2, 900, 400)
"""How many; and within how many seconds everybody's round is complete, and the last mail settled: one
that went down with a worker is tried again two minutes later."""
EVERY = 10 if LONG else 1
"""Seconds from one look at the whole record to the next."""
POLICY = {
    "answer_nudges": ["PT5S"],
    "partner_nudges": [],
    "cadence": "PT1H",
    "follow_up_after": "PT10S",
    "check_in_every": "PT1H",
}
EXPECTED = [
    "started",
    "conversation_opened",
    "nudged",
    "rested",
    "follow_up_opened",
    "nudged",
    "round_completed",
]


@pytest.mark.timeout(7500 if LONG else 1800)
def test_cycles_survive_the_death_of_worker_relay_and_temporal(
    tmp_path: Path, proof: Proof
) -> None:
    sink = FlakySink(later=0.03)
    began = time.monotonic()
    with town(tmp_path / "up", sink) as running:
        platform = running.caller("killed", "platform")
        platform.put("/v1/policy", json=POLICY).raise_for_status()
        people = [f"p{number}" for number in range(PEOPLE)]
        running.roster("killed", people, partner="boss")
        platform.post("/v1/cycles:batch", json={"people": people}).raise_for_status()
        kills: Counter[str] = Counter()
        for _ in range(ROUNDS_OF_KILLS):
            for name in ("worker", "relay", "temporal"):
                time.sleep(2)
                kill(running, name)
                kills[name] += 1
        url = running.state["database_url"]
        until(lambda: asyncio.run(completed(url)) == PEOPLE, ROUND, EVERY)
        until(lambda: asyncio.run(unsettled(url)) == 0, MAILS, EVERY)
        streams = asyncio.run(check_database(url))
        told, outcomes, sequences = asyncio.run(what_happened(url))
    ids = sink.message_ids()
    outdated = [notice for notice, why in outcomes.items() if why == "outdated"]
    proof(
        "P2 no step skipped or doubled",
        f"{PEOPLE} cycles of a whole round in {time.monotonic() - began:.0f} s, killed: {dict(kills)}",
        f"{sum(streams.values())} streams possible, {len(told)} mails due, {len(outdated)} of them"
        f" overtaken by the next step, {len(ids)} taken, {len(set(ids))} different",
    )
    assert streams["cycles"] == PEOPLE
    assert set(sequences) == {tuple(EXPECTED)}
    assert set(outcomes.values()) <= {"sent", "outdated"}
    assert message_ids(told) >= set(ids) >= message_ids(told - set(outdated))
    # A worker that dies between the server's 250 and the record sends again: recognisably.
    assert len(ids) - len(set(ids)) <= 25 * kills["worker"] + 25 * kills["temporal"]


async def rows(url: str, query: str) -> list[Any]:
    connection = await asyncpg.connect(url)
    try:
        return list(await connection.fetch(query))
    finally:
        await connection.close()


async def completed(url: str) -> int:
    query = (
        "SELECT count(DISTINCT stream) AS n FROM record.event WHERE type = 'cycles.round_completed'"
    )
    found = await rows(url, query)
    return int(found[0]["n"])


async def unsettled(url: str) -> int:
    """Mails that are neither sent nor refused yet."""
    told, outcomes, _ = await what_happened(url)
    return len(told - set(outcomes))


def message_ids(mails: Iterable[Mail]) -> set[str]:
    return {f"<{event}.{to}@acme.example>" for event, to in mails}


async def what_happened(url: str) -> tuple[set[Mail], dict[Mail, str], list[tuple[str, ...]]]:
    """Which mails were due, what became of each, and what happened in each cycle but for mail."""
    query = (
        "SELECT stream, type, event_id, facts FROM record.event"
        " WHERE type LIKE 'cycles.%' ORDER BY stream, version"
    )
    told: set[Mail] = set()
    outcomes: dict[Mail, str] = {}
    happened: dict[Any, list[str]] = {}
    for row in await rows(url, query):
        facts, what = facts_of(row), row["type"].partition(".")[2]
        told |= {(str(row["event_id"]), to) for to in facts.get("tells", ())}
        if what in {"notice_sent", "notice_refused"}:
            outcomes[facts["notice"], facts["to"]] = facts.get("why", "sent")
        else:
            happened.setdefault(row["stream"], []).append(what)
    return told, outcomes, [tuple(each) for each in happened.values()]


def facts_of(row: Any) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(row["facts"])
    return found
