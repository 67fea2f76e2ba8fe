"""What cycles cost: Temporal's actions and history for one (S8), how fast a batch falls asleep (S7), and
memory while many sleep (S10); the last two beside durable workflows in PostgreSQL alone (DBOS)."""

from __future__ import annotations

import asyncio
import json
import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any
from uuid import uuid4

import asyncpg
import httpx2
from temporalio.api.enums.v1 import EventType
from temporalio.client import Client

from bench.answers import PEERS, installed
from bench.whole import Line, everything, resident, token

ASLEEP = int(os.environ.get("CAIRN_BENCH_CYCLES", "5000"))
FEW = 100
STARTED = 2_000
ROLES = ("api", "worker", "relay")
FAST = {
    "answer_nudges": ["PT2S", "PT4S", "PT1H"],
    "check_in_every": "PT4S",
    "follow_up_after": "PT7S",
    "cadence": "PT1H",
}
ACTIONS = {
    "EVENT_TYPE_WORKFLOW_EXECUTION_STARTED",
    "EVENT_TYPE_WORKFLOW_EXECUTION_SIGNALED",
    "EVENT_TYPE_WORKFLOW_EXECUTION_UPDATE_ACCEPTED",
    "EVENT_TYPE_ACTIVITY_TASK_SCHEDULED",
    "EVENT_TYPE_TIMER_STARTED",
    "EVENT_TYPE_UPSERT_WORKFLOW_SEARCH_ATTRIBUTES",
}


def figures() -> list[Line]:
    """Play one cycle and count; then let many fall asleep and weigh the processes."""
    with everything() as (where, state):
        lines = asyncio.run(one(where, state))
        return [*lines, *asyncio.run(many(where, state))]


class Town:
    """The API of one running set-up."""

    def __init__(self, where: Path, state: dict[str, Any]) -> None:
        self.where = where
        self.http = httpx2.AsyncClient(base_url=state["api_url"], timeout=60)

    async def call(self, role: str, person: str | None, method: str, path: str, body: Any) -> Any:
        headers = {"Authorization": f"Bearer {token(self.where, role, person)}"}
        headers["Idempotency-Key"] = uuid4().hex
        answer = await self.http.request(method, path, json=body, headers=headers)
        answer.raise_for_status()
        return answer.json()

    async def until(self, cycle: str, so: Callable[[dict[str, Any]], Any]) -> dict[str, Any]:
        while True:
            found: dict[str, Any] = await self.call("hr", None, "GET", f"/v1/cycles/{cycle}", None)
            if so(found):
                return found
            await asyncio.sleep(0.1)


async def one(where: Path, state: dict[str, Any]) -> list[Line]:
    """S8: opened, two nudges, concluded, a plan proposed and agreed, a check-in, the follow-up."""
    town = Town(where, state)
    await town.call("hr", None, "PUT", "/v1/policy", FAST)
    for person, partner in (("ben", None), ("ana", "ben")):
        body = {"name": person, "email": f"{person}@mail.example", "partner": partner}
        await town.call("hr", None, "PUT", f"/v1/people/{person}", body)
    cycle = (await town.call("hr", None, "POST", "/v1/cycles", {"person": "ana"}))["id"]
    await asyncio.sleep(5)
    shown = await town.until(cycle, lambda c: c["conversation"])
    talk = f"/v1/conversations/{shown['conversation']}"
    await town.call("employee", "ana", "PUT", f"{talk}/direction", {"direction": "deepen"})
    await town.call("employee", "ana", "POST", f"{talk}:conclude", {"meeting": "waived"})
    plan = f"/v1/plans/{(await town.until(cycle, lambda c: c['plan']))['plan']}"
    await town.call("employee", "ana", "PUT", f"{plan}/goals/g", {"text": "depth"})
    await town.call("employee", "ana", "POST", f"{plan}:propose", None)
    await asyncio.sleep(1)
    await town.call("partner", "ben", "POST", f"{plan}:agree", None)
    await asyncio.sleep(5)
    await town.call("employee", "ana", "POST", f"{plan}:check-in", {"state": "on_track"})
    await town.until(cycle, lambda c: c["state"] == "follow_up")
    await asyncio.sleep(1)
    actions, size = await cost(state)
    return [
        ("S8 Temporal actions of a whole cycle with nudges", f"{actions}", "-", "goal ≤ 40"),
        ("S8 its history", f"{size / 1024:.1f} KB", "-", "goal ≤ 25 KB"),
    ]


async def cost(state: dict[str, Any]) -> tuple[int, int]:
    client = await Client.connect(state["temporal_address"])
    async for each in client.list_workflows('WorkflowType="CareerCycle"'):
        history = await client.get_workflow_handle(each.id, run_id=each.run_id).fetch_history()
        kinds = [EventType.Name(event.event_type) for event in history.events]
        size = sum(event.ByteSize() for event in history.events)
        return sum(kind in ACTIONS for kind in kinds), size
    raise LookupError("no cycle runs")


async def many(where: Path, state: dict[str, Any]) -> list[Line]:
    """S7 and S10: a few cycles, then many in one batch; the time that takes, and the memory of both."""
    town = Town(where, state)
    await town.call("hr", None, "PUT", "/v1/policy", {})
    weights: list[dict[str, float]] = []
    for first, last in ((0, FEW), (FEW, ASLEEP)):
        people = [f"p{number}" for number in range(first, last)]
        for person in people:
            body = {"name": person, "email": f"{person}@mail.example"}
            await town.call("platform", None, "PUT", f"/v1/people/{person}", body)
        raw = await raw_rate(state)
        began = time.monotonic()
        await town.call("platform", None, "POST", "/v1/cycles:batch", {"people": people})
        acknowledged = time.monotonic() - began
        await asleep(state, last + 1)
        rate = len(people) / (time.monotonic() - began)
        await asyncio.sleep(10)
        weights.append(resident(where))
    return told(acknowledged, rate, raw, weights, await in_dbos(where, state))


def told(
    acknowledged: float,
    rate: float,
    raw: float,
    weights: list[dict[str, float]],
    peer: dict[str, float],
) -> list[Line]:
    """The figures as lines of the table."""
    few, all_ = ({role: weight[role] for role in ROLES} for weight in weights)
    each, before = (", ".join(f"{role} {w[role]:.0f}" for role in ROLES) for w in (all_, few))
    ratio, more = sum(all_.values()) / sum(few.values()), peer["many"] / peer["few"]
    asleep_, memory = (
        "until every cycle has its conversation and sleeps",
        f"{ASLEEP:,} cycles asleep",
    )
    return [
        (
            f"S7 a batch of {ASLEEP - FEW:,} acknowledged",
            f"{acknowledged:.2f} s",
            "-",
            "goal < 5 s",
        ),
        (
            f"S7 {asleep_}",
            f"{rate:.0f} /s",
            f"raw start_workflow {raw:.0f} /s",
            f"{rate / raw:.2f} × (goal ≥ 0.25)",
        ),
        (
            "S7 the same",
            f"{rate:.0f} /s",
            f"DBOS {peer['rate']:.0f} /s",
            f"{rate / peer['rate']:.2f} ×",
        ),
        (
            f"S10 memory of API, worker and relay, {memory}",
            f"{sum(all_.values()):.0f} MB ({each})",
            f"{FEW} asleep {sum(few.values()):.0f} MB ({before})",
            f"{ratio:.2f} × (goal ≤ 1.1)",
        ),
        (
            f"S10 what {memory} grow by",
            f"{ratio:.2f} ×",
            f"DBOS {more:.2f} × ({peer['few']:.0f} to {peer['many']:.0f} MB)",
            f"{ratio / more:.2f} ×",
        ),
    ]


async def in_dbos(where: Path, state: dict[str, Any]) -> dict[str, float]:
    """The same with a peer, in an environment and a database of its own on the same server."""
    connection = await asyncpg.connect(state["database_url"])
    await connection.execute("CREATE DATABASE dbos_cycles")
    await connection.close()
    python, mails = await installed(where.parent), where.parent / "mails"
    mails.mkdir()
    command = [python, str(PEERS / "dbos_cycles.py"), str(FEW), str(ASLEEP), str(mails)]
    environment = os.environ | {"CAIRN_DATABASE_URL": state["database_url"]}
    peer = await asyncio.create_subprocess_exec(
        *command, env=environment, stdout=asyncio.subprocess.PIPE
    )
    out, _ = await peer.communicate()
    found: dict[str, float] = json.loads(out.splitlines()[-1])
    return found


async def raw_rate(state: dict[str, Any]) -> float:
    """How many workflows that do nothing Temporal starts in a second, for a queue that nobody serves."""
    client = await Client.connect(state["temporal_address"])
    places = asyncio.Semaphore(64)
    run = uuid4().hex

    async def begin(number: int) -> None:
        async with places:
            await client.start_workflow("Empty", id=f"empty/{run}/{number}", task_queue="nobody")

    began = time.monotonic()
    await asyncio.gather(*(begin(number) for number in range(STARTED)))
    return STARTED / (time.monotonic() - began)


async def asleep(state: dict[str, Any], count: int) -> None:
    client = await Client.connect(state["temporal_address"])
    query = 'WorkflowType="CareerCycle" AND ExecutionStatus="Running" AND CairnDue IS NOT NULL'
    while (await client.count_workflows(query)).count < count:
        await asyncio.sleep(1)
