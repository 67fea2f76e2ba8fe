"""How much a person takes up: bytes of the record, the lists, Temporal; figures for docs/capacity.md.

    python -m bench.sizes

A company is played over the public API: each person has a profile, a cycle, six answers of some three
hundred letters, a direction, and a plan that is proposed and agreed to by both. Then everybody sleeps
until the follow-up, and the files are measured.
"""

from __future__ import annotations

import asyncio
import tempfile
import time
from pathlib import Path
from uuid import uuid4

import asyncpg
import httpx2

from console.generations import GENERATION
from shared.tokens import Issuer
from tests.console.test_up import Running

PEOPLE, AT_ONCE = 200, 12
ANSWER = (
    "What I would like to keep is the work with people in the field, and less of the rest. " * 4
)
QUESTIONS = ("impact", "energy", "challenge", "learning", "ideal", "peak")
WAIT = 120


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        running = Running(Path(folder) / "up").start()
        try:
            asyncio.run(measure(running))
        finally:
            running.stop()


async def measure(running: Running) -> None:
    running.caller("acme", "platform").close()  # makes the tenant
    issuer = Issuer.of_file(running.folder / "secrets" / "issuer.json")
    platforms = issuer.issue("acme", ["platform"], None, 3600)
    before = temporal_bytes(running)
    async with client(running, platforms) as platform:
        await put(platform, "/v1/people/boss", {"name": "Boss", "email": "boss@example.com"})
        places = asyncio.Semaphore(AT_ONCE)

        async def one(number: int) -> None:
            async with places:
                await live(running, issuer, platform, number)

        await asyncio.gather(*(one(number) for number in range(PEOPLE)))
    await asyncio.sleep(5)
    await report(running.state["database_url"])
    slept = (temporal_bytes(running) - before) / PEOPLE / 1024
    print(f"Temporal (SQLite): {slept:.1f} KiB a person asleep")


async def live(running: Running, issuer: Issuer, platform: httpx2.AsyncClient, number: int) -> None:
    person = f"p{number}"
    body = {"name": person, "email": f"{person}@example.com", "partner": "boss"}
    await put(platform, f"/v1/people/{person}", body | {"department": "research"})
    cycle = (await post(platform, "/v1/cycles", {"person": person})).json()["id"]
    employee = issuer.issue("acme", ["employee"], person, 3600)
    boss = issuer.issue("acme", ["partner"], "boss", 3600)
    async with client(running, employee) as own, client(running, boss) as partner:
        at = f"/v1/conversations/{await opened(platform, cycle, 'conversation')}"
        for question in QUESTIONS:
            await put(own, f"{at}/answers/{question}", {"text": ANSWER})
        await put(own, f"{at}/direction", {"direction": "expand"})
        await post(own, f"{at}:conclude", {"meeting": "waived"})
        plan = f"/v1/plans/{await opened(platform, cycle, 'plan')}"
        await put(own, f"{plan}/goals/g", {"text": ANSWER[:90]})
        await post(own, f"{plan}:propose", {})
        await post(own, f"{plan}:agree", {})
        await post(partner, f"{plan}:agree", {})


def client(running: Running, token: str) -> httpx2.AsyncClient:
    return httpx2.AsyncClient(
        base_url=running.state["api_url"],
        headers={"Authorization": f"Bearer {token}"},
        timeout=30,
    )


async def put(who: httpx2.AsyncClient, at: str, body: dict[str, str]) -> httpx2.Response:
    answer = await who.put(at, json=body, headers={"Idempotency-Key": uuid4().hex})
    return answer.raise_for_status()


async def post(who: httpx2.AsyncClient, at: str, body: dict[str, str]) -> httpx2.Response:
    answer = await who.post(at, json=body or None, headers={"Idempotency-Key": uuid4().hex})
    return answer.raise_for_status()


async def opened(platform: httpx2.AsyncClient, cycle: str, what: str) -> str:
    deadline = time.monotonic() + WAIT
    while time.monotonic() < deadline:
        answer = await platform.get(f"/v1/cycles/{cycle}")
        if answer.is_success and (found := answer.json()[what]):
            return str(found)
        await asyncio.sleep(0.2)
    raise TimeoutError(what)


async def report(url: str) -> None:
    admin = await asyncpg.connect(url)
    await admin.execute("VACUUM")
    events = await admin.fetchval("SELECT count(*) FROM record.event")
    answers = await admin.fetchval("SELECT count(*) FROM record.event WHERE type LIKE '%.answer_%'")
    print(f"events: {events / PEOPLE:.1f} a person, {answers / PEOPLE:.1f} of them answers")
    for what, pattern in PARTS.items():
        size = await admin.fetchval(_SIZE, pattern)
        print(
            f"{what}: {size / events:.0f} bytes an event, {size / PEOPLE / 1024:.1f} KiB a person"
        )
    await admin.close()


def temporal_bytes(running: Running) -> int:
    return sum(file.stat().st_size for file in running.folder.glob("temporal.db*"))


PARTS = {
    "record": r"^record\.event",
    "receipts": r"^record\.receipt",
    "ledger": r"^record\.(ledger|tile|tree_node|signed_checkpoint)",
    "feed": r"^record\.feed",
    "keys": r"^keys\.",
    "lists": rf"^{GENERATION}\.",
}
_SIZE = """
SELECT coalesce(sum(pg_total_relation_size(c.oid)), 0) FROM pg_class c
 WHERE c.relkind = 'r' AND c.relnamespace::regnamespace || '.' || c.relname ~ $1
"""

if __name__ == "__main__":
    main()
