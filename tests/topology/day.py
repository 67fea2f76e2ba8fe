"""Everybody at work in a company: roster feed, campaigns, employees, auditor, a webhook's receiver."""

from __future__ import annotations

import asyncio
import json
import random
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from itertools import count
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx2

from shared.eventstore.verify import verify
from tests.services.integration.test_sender import first_times
from tests.shared.receiver import OK, Got, Receiver, status
from tests.topology.house import House
from tests.topology.traffic import CANARY, Traffic

DEPARTMENTS = ("care", "kitchen", "laundry", "office")
WAVE = 10
SETTINGS = {
    "CAIRN_WEBHOOKS_ON_LOOPBACK": "true",
    "CAIRN_LIMIT_PEOPLE": "0",
    "CAIRN_LIMIT_MACHINES": "0",
}


class Moody:
    """A receiver that fails now and then, never for long."""

    def __init__(self, seed: int) -> None:
        self._chance = random.Random(seed)

    def answer(self, _: Got) -> bytes | None:
        fails = self._chance.random() < 0.02
        return self._chance.choice([status(500), status(302), None, b"HT"]) if fails else OK


class Day:
    """One day of a company; `done` counts what each of them got done."""

    traffic: Traffic

    def __init__(self, house: House, seed: int, writing: int, roster: int) -> None:
        self._house = house
        self._chance = random.Random(seed)
        self._people = [f"member-{number}" for number in range(roster)]
        self._working: list[asyncio.Task[None]] = []
        self._head: str | None = None
        self._writing = writing
        self.receiver = Receiver(Moody(seed).answer)
        self.done: Counter[str] = Counter()

    async def begin(self) -> None:
        """Let them all come to work."""
        self.traffic = self._house.traffic(self._writing)
        await self.receiver.start()
        async with self.traffic.client("admin") as admin:
            await self._ask(admin, "POST", "/v1/webhooks", {"url": self.receiver.url})
        await self.traffic.start()
        for role, work in (
            ("platform", self._roster),
            ("hr", self._campaign),
            ("auditor", self._audit),
        ):
            self._working.append(asyncio.create_task(self._again_and_again(role, work)))

    async def end(self) -> None:
        """Let them finish what they are at, and go home."""
        await self.traffic.stop()
        for task in self._working:
            assert not task.done(), task.exception()
            task.cancel()
        await asyncio.gather(*self._working, return_exceptions=True)

    async def undelivered(self) -> set[int]:
        """Positions of the feed that the receiver hasn't taken."""
        told = {event["position"] for event in first_times(self.receiver.got)}
        async with self.traffic.client("platform") as platform:
            return {e["position"] async for e in _all(platform, "/v1/events")} - told

    def out_of_order(self) -> int:
        """Of how many people, cycles and so on something newer was told first."""
        places: dict[str, list[int]] = {}
        for event in first_times(self.receiver.got):
            places.setdefault(event["subject"], []).append(event["position"])
        return sum(each != sorted(each) for each in places.values())

    async def cycles(self) -> Counter[str]:
        """How many cycles each person has."""
        async with self.traffic.client("hr") as hr:
            return Counter([item["person"] async for item in _all(hr, "/v1/cycles")])

    def leaks(self) -> list[str]:
        """Where a word that an employee wrote stands in clear."""
        folder: Path = self._house.folder
        files = [*folder.glob("logs/*"), *folder.glob("temporal.db*"), *folder.glob("exports/**/*")]
        found = [f.name for f in files if f.is_file() and CANARY.encode() in f.read_bytes()]
        return found + [got.path for got in self.receiver.got if CANARY.encode() in got.body]

    async def _again_and_again(
        self, role: str, work: Callable[[httpx2.AsyncClient, int], Awaitable[None]]
    ) -> None:
        async with self.traffic.client(role) as client:
            for number in count():
                await work(client, number)
                self.done[role] += 1
                await asyncio.sleep(0.2)

    async def _roster(self, platform: httpx2.AsyncClient, _: int) -> None:
        """The whole roster once more; somebody has moved."""
        lines = [
            {"person": p, "name": p, "email": f"{p}@example.com", "department": department}
            for p in self._people
            for department in [self._chance.choice(DEPARTMENTS)]
        ]
        body = "".join(json.dumps(line) + "\n" for line in lines).encode()
        while True:  # a file that was stopped half-way is sent again
            answer = await self._ask(platform, "POST", "/v1/people:import", body)
            results = [json.loads(line)["status"] for line in answer.text.splitlines()]
            if len(results) == len(lines) and not {"refused", "stopped"} & set(results):
                return

    async def _campaign(self, hr: httpx2.AsyncClient, number: int) -> None:
        """The next wave, until the batch is through; people who have a cycle stay as they are."""
        first = number * WAVE % len(self._people)
        body = {"people": self._people[first : first + WAVE]}
        batch = (await self._ask(hr, "POST", "/v1/cycles:batch", body)).json()["id"]
        while (await self._ask(hr, "GET", f"/v1/batches/{batch}")).json()["state"] == "running":
            await asyncio.sleep(0.2)

    async def _audit(self, auditor: httpx2.AsyncClient, _: int) -> None:
        """Take the whole record along, and check that it goes on from the head of the time before."""
        export = (await self._ask(auditor, "POST", "/v1/audit/exports", {})).json()["id"]
        at = f"/v1/audit/exports/{export}"
        while (await self._ask(auditor, "GET", at)).json()["state"] != "written":
            await asyncio.sleep(0.2)
        bundle = (await self._ask(auditor, "GET", f"{at}/bundle")).content.splitlines(keepends=True)
        await asyncio.to_thread(verify, bundle, checkpoint=self._head)
        self._head = json.loads(bundle[0])["checkpoint"]

    async def _ask(
        self, client: httpx2.AsyncClient, method: str, at: str, body: object = None
    ) -> httpx2.Response:
        return await self.traffic.insist(client, method, at, body, uuid4().hex)


async def _all(client: httpx2.AsyncClient, at: str) -> AsyncIterator[dict[str, Any]]:
    """Every item of a list, page by page."""
    after: dict[str, Any] = {"limit": 200}
    while True:
        page = (await client.get(at, params=after)).raise_for_status().json()
        for item in page["items"]:
            yield item
        if page["next"] is None:
            return
        after["cursor"] = page["next"]
