"""People at work through the balancer: each writes down what was sent and what was heard."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from contextlib import suppress
from itertools import count, pairwise
from pathlib import Path
from uuid import uuid4

import httpx2

from shared.tokens import Issuer
from tests.faults.writer import Journal

QUESTIONS = ("impact", "energy", "challenge", "learning", "ideal", "peak")
TENANT = "acme"
CANARY = "a-word-that-stands-nowhere-else"
PATIENCE = 180
"""Seconds for anything to go on after a fault, on a busy machine too."""


class Traffic:
    """Employees who answer without a pause, and repeat with the same key until they are heard."""

    def __init__(self, url: str, issuer: Issuer, folder: Path, people: int) -> None:
        self._url = url
        self._issuer = issuer
        self._journal = Journal(folder / f"journal-{uuid4().hex[:8]}")
        self._people = people
        self._working: list[asyncio.Task[None]] = []
        self.refused: Counter[str] = Counter()
        self.heard: list[float] = []
        self.cycles: list[str] = []

    def client(
        self, role: str, person: str | None = None, patience: float = 5
    ) -> httpx2.AsyncClient:
        token = self._issuer.issue(TENANT, [role], person, 3 * 3600)
        headers = {"Authorization": f"Bearer {token}"}
        return httpx2.AsyncClient(base_url=self._url, headers=headers, timeout=patience)

    async def start(self) -> None:
        """Register people, start their cycles, wait for their conversations, and let them write."""
        async with self.client("platform") as platform:
            found = await asyncio.gather(
                *(self._begin(platform, number) for number in range(self._people))
            )
        for person, conversation in found:
            self._working.append(asyncio.create_task(self._write(person, conversation)))

    async def go_on(self, answers: int) -> None:
        """Let at least so many more answers be acknowledged."""
        wanted = len(self.heard) + answers
        deadline = time.monotonic() + PATIENCE
        while len(self.heard) < wanted:
            failed = [task for task in self._working if task.done()]
            assert not failed, [task.exception() for task in failed]
            assert time.monotonic() < deadline, f"nothing goes on: {self.refused}"
            await asyncio.sleep(0.05)

    async def stop(self) -> None:
        """Let everybody be heard once more, then stop them."""
        await self.go_on(self._people)
        for task in self._working:
            task.cancel()
        await asyncio.gather(*self._working, return_exceptions=True)

    def longest_silence(self, since: float = 0.0) -> float:
        """The longest time without any acknowledgement, in seconds."""
        moments = [moment for moment in self.heard if moment >= since]
        return max(
            (later - earlier for earlier, later in pairwise(moments)),
            default=0.0,
        )

    async def insist(
        self, client: httpx2.AsyncClient, method: str, at: str, body: object, key: str
    ) -> httpx2.Response:
        """Send it until it is answered; bytes are lines of JSON."""
        headers = {"Idempotency-Key": key, "X-Request-Id": key}
        if isinstance(body, bytes):
            sent = {"content": body}
            headers["Content-Type"] = "application/x-ndjson"
        else:
            sent = {} if body is None else {"json": body}
        while True:
            try:
                answer = await client.request(method, at, headers=headers, **sent)
            except httpx2.TransportError as unknown:
                self.refused[type(unknown).__name__] += 1
                await asyncio.sleep(0.05)
                continue
            if answer.is_success:
                return answer
            assert answer.status_code in {502, 503, 504}, f"{at}: {answer.text}"
            self.refused[str(answer.status_code)] += 1
            await asyncio.sleep(0.05)

    async def _begin(self, platform: httpx2.AsyncClient, number: int) -> tuple[str, str]:
        person = f"person-{number}"
        profile = {"name": person, "email": f"{person}@example.com"}
        await self.insist(platform, "PUT", f"/v1/people/{person}", profile, uuid4().hex)
        started = await self.insist(platform, "POST", "/v1/cycles", {"person": person}, uuid4().hex)
        cycle = started.json()["id"]
        self.cycles.append(cycle)
        deadline = time.monotonic() + PATIENCE
        while True:
            with suppress(httpx2.TransportError):
                answer = await platform.get(f"/v1/cycles/{cycle}")
                if answer.status_code == 200 and answer.json()["conversation"]:
                    return person, answer.json()["conversation"]
            assert time.monotonic() < deadline, f"{cycle} has no conversation"
            await asyncio.sleep(0.2)

    async def _write(self, person: str, conversation: str) -> None:
        async with self.client("employee", person) as client:
            for number in count():
                key = f"{self._url[-5:]}-{person}-{number}-{uuid4().hex[:6]}"
                at = f"/v1/conversations/{conversation}/answers/{QUESTIONS[number % 6]}"
                self._journal.write("sent", key)
                answer = await self.insist(client, "PUT", at, {"text": f"{CANARY} {number}"}, key)
                self._journal.write("heard", key, conversation, answer.json()["version"])
                self.heard.append(time.monotonic())
