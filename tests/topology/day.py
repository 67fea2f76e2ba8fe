"""Everybody at work in a company: roster feed, campaigns, employees, auditor, a webhook's receiver."""

from __future__ import annotations

import asyncio
import json
import random
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from datetime import UTC, datetime
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
FILE, FILES_AT_ONCE = 1_000, 4
"""How many lines HR's system sends at a time, and how many such files on the first day."""
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

    def __init__(self, house: House, seed: int, writing: int, roster: int, wave: int) -> None:
        self._house = house
        self._chance = random.Random(seed)
        self._people = [f"member-{number}" for number in range(roster)]
        self._place = [self._chance.choice(DEPARTMENTS) for _ in self._people]
        self._working: list[asyncio.Task[None]] = []
        self._began = datetime.now(UTC)
        self._told_from = 0
        self._head: str | None = None
        self._writing = writing
        self._wave = wave
        self.receiver = Receiver(Moody(seed).answer)
        self.done: Counter[str] = Counter()

    async def hire(self) -> None:
        """Register everybody, on a day before this one."""
        self.traffic = self._house.traffic(self._writing)
        files = iter(range(-(-len(self._people) // FILE)))
        async with self.traffic.client("platform", patience=60) as platform:
            await asyncio.gather(*(self._send_all(platform, files) for _ in range(FILES_AT_ONCE)))

    async def begin(self) -> None:
        """Let them all come to work."""
        self._began = datetime.now(UTC)
        await self.receiver.start()
        async with self.traffic.client("admin") as admin:
            await self._ask(admin, "POST", "/v1/webhooks", {"url": self.receiver.url})
        async with self.traffic.client("platform") as platform:
            async for event in _all(platform, "/v1/events"):
                self._told_from = event["position"]
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
            today = _all(platform, "/v1/events", after=self._told_from)
            return {event["position"] async for event in today} - told

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
        async with self.traffic.client(role, patience=60) as client:
            for number in count():
                await work(client, number)
                self.done[role] += 1
                await asyncio.sleep(0.2)

    async def _roster(self, platform: httpx2.AsyncClient, number: int) -> None:
        """The next file of the roster; somebody in it has moved."""
        first = number * FILE % len(self._people)
        members = range(first, min(first + FILE, len(self._people)))
        for member in self._chance.sample(members, -(-len(members) // 100)):
            self._place[member] = self._chance.choice(DEPARTMENTS)
        await self._send(platform, members)

    async def _send_all(self, platform: httpx2.AsyncClient, files: Iterator[int]) -> None:
        for number in files:
            first = number * FILE
            await self._send(platform, range(first, min(first + FILE, len(self._people))))

    async def _send(self, platform: httpx2.AsyncClient, members: range) -> None:
        """Some lines of the roster, sent again until each of them was taken."""
        lines = [
            {"person": p, "name": p, "email": f"{p}@example.com", "department": self._place[member]}
            for member in members
            for p in [self._people[member]]
        ]
        body = "".join(json.dumps(line) + "\n" for line in lines).encode()
        while True:  # a file that was stopped half-way is sent again
            answer = await self._ask(platform, "POST", "/v1/people:import", body)
            results = [json.loads(line)["status"] for line in answer.text.splitlines()]
            if len(results) == len(lines) and not {"refused", "stopped"} & set(results):
                return

    async def _campaign(self, hr: httpx2.AsyncClient, number: int) -> None:
        """The next wave, until the batch is through; people who have a cycle stay as they are."""
        first = number * self._wave % len(self._people)
        body = {"people": self._people[first : first + self._wave]}
        batch = (await self._ask(hr, "POST", "/v1/cycles:batch", body)).json()["id"]
        while (await self._ask(hr, "GET", f"/v1/batches/{batch}")).json()["state"] == "running":
            await asyncio.sleep(0.2)

    async def _audit(self, auditor: httpx2.AsyncClient, _: int) -> None:
        """Take along what happened today, and check it."""
        await self._check(await self._bundle(auditor, {"since": self._began.isoformat()}))

    async def audit_everything(self) -> int:
        """Take the whole record along, and check that it goes on from the last head of the day;
        answers how many events it has."""
        async with self.traffic.client("auditor", patience=60) as auditor:
            return await self._check(await self._bundle(auditor, {}), self._head)

    async def _bundle(self, auditor: httpx2.AsyncClient, wanted: dict[str, str]) -> Path:
        export = (await self._ask(auditor, "POST", "/v1/audit/exports", wanted)).json()["id"]
        at, file = f"/v1/audit/exports/{export}", self._house.folder / "taken.jsonl"
        while (await self._ask(auditor, "GET", at)).json()["state"] != "written":
            await asyncio.sleep(0.2)
        while True:
            try:
                async with auditor.stream("GET", f"{at}/bundle") as answer:
                    if answer.is_success:
                        with file.open("wb") as taken:
                            async for chunk in answer.aiter_bytes():
                                taken.write(chunk)
                        return file
            except httpx2.TransportError:
                pass  # whoever is cut off begins again
            await asyncio.sleep(0.2)

    async def _check(self, file: Path, kept: str | None = None) -> int:
        with file.open("rb") as lines:
            report = await asyncio.to_thread(verify, lines, checkpoint=kept)
        with file.open("rb") as lines:
            self._head = json.loads(lines.readline())["checkpoint"]
        return report.events

    async def _ask(
        self, client: httpx2.AsyncClient, method: str, at: str, body: object = None
    ) -> httpx2.Response:
        return await self.traffic.insist(client, method, at, body, uuid4().hex)


async def _all(client: httpx2.AsyncClient, at: str, **asked: int) -> AsyncIterator[dict[str, Any]]:
    """Every item of a list, page by page."""
    wanted: dict[str, Any] = asked | {"limit": 200}
    while True:
        page = (await client.get(at, params=wanted)).raise_for_status().json()
        for item in page["items"]:
            yield item
        if page["next"] is None:
            return
        wanted["cursor"] = page["next"]
