"""A campaign: writer processes at work while faults happen, then the oracle's verdict."""

from __future__ import annotations

import asyncio
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Awaitable, Callable
from contextlib import chdir
from dataclasses import dataclass, field
from pathlib import Path

import asyncpg
from pydantic import SecretStr

from console.bootstrap import House, build
from console.embedded.children import spawn
from console.migrations import migrate
from console.secrets import ensure_secrets
from shared.eventstore.bundle import Bundler, Selection
from shared.eventstore.follower import Follower
from shared.eventstore.verify import Failed, verify
from shared.settings import Settings
from tests.faults.oracle import Verdict, judge
from tests.faults.proxy import Proxy
from tests.faults.server import FaultyServer
from tests.faults.writer import see

ROOT = Path(__file__).parents[2]
WRITERS = ("one", "two", "three")
TENANTS = 8
ACTORS = 32
PREPARE = """
CREATE SCHEMA faults;
CREATE TABLE faults.seen (tenant text, position bigint, PRIMARY KEY (tenant, position));
GRANT USAGE ON SCHEMA faults TO cairn_app;
GRANT INSERT ON faults.seen TO cairn_app;
"""
Injection = Callable[[], Awaitable[object]]


@dataclass
class Outcome:
    """What was done, and what came of it."""

    verdict: Verdict
    seconds: float
    faults: Counter[str] = field(default_factory=Counter)


class Campaign:
    """Three writers, one of them behind a proxy, on one server that fails in every way."""

    def __init__(self, folder: Path, seed: int) -> None:
        self._folder = folder
        self._chance = random.Random(seed)
        self._server = FaultyServer(folder)
        self._writers: dict[str, subprocess.Popen[bytes]] = {}
        self._urls: dict[str, str] = {}
        self._read: dict[str, tuple[int, int]] = {}
        self.faults: Counter[str] = Counter()

    async def run(self, faults: int, acknowledged: int, freezes: int) -> Outcome:
        """Inject at least so many faults, and go on until so many writes were acknowledged."""
        began = time.monotonic()
        await self._begin()
        try:
            await self._inject(faults, freezes)
            while self._acknowledged() < acknowledged:
                await asyncio.sleep(0.2)
            self.faults["writer killed"] += len(WRITERS)
            for writer in self._writers.values():
                writer.kill()
                writer.wait()
            verdict = await self._judge()
        finally:
            for writer in self._writers.values():
                writer.kill()
            await self._proxy.stop()
            await self._server.stop()
        return Outcome(verdict, time.monotonic() - began, self.faults)

    async def _begin(self) -> None:
        await self._server.start()
        await migrate(self._server.url)
        admin = await asyncpg.connect(self._server.url)
        await admin.execute(PREPARE)
        await admin.close()
        settings = Settings(data_dir=self._folder, database_url=SecretStr(self._server.url))
        ensure_secrets(settings)
        house = await build(settings)
        for number in range(TENANTS):
            await house.record.vault.create_tenant(f"tenant-{number}")
        await house.close()
        self._proxy = Proxy(self._server.url)
        self._urls = dict.fromkeys(WRITERS, self._server.url)
        self._urls["one"] = await self._proxy.start()
        for name in WRITERS:
            self._spawn(name)
        await self._work_goes_on()

    def _spawn(self, name: str) -> None:
        command = [sys.executable, "-m", "tests.faults.writer", str(self._folder)]
        command += [self._urls[name], name, str(TENANTS), str(ACTORS)]
        log = self._folder / f"writer-{name}.log"
        with chdir(ROOT):
            self._writers[name] = spawn(command, log, end_with=signal.SIGKILL)

    async def _inject(self, faults: int, freezes: int) -> None:
        kinds: list[tuple[str, Injection]] = [
            ("server killed", self._server.kill),
            ("connections cut", self._server.cut),
            ("writer killed", self._kill_writer),
            ("cut after commit", self._cut_after_commit),
            ("flushes failed", lambda: self._server.fail_disk("broken", 0.15)),
            ("disk full", lambda: self._server.fail_disk("full", 0.15)),
            ("black hole", lambda: self._proxy.swallow(0.5)),
            ("stall", lambda: self._server.freeze(0.4)),
        ]
        plan = [kinds[number % len(kinds)] for number in range(faults - freezes)]
        self._chance.shuffle(plan)
        for number in range(freezes):
            at = (number + 1) * len(plan) // (freezes + 1)
            plan.insert(at, ("7 s freeze", lambda: self._server.freeze(7)))
        for name, inject in plan:
            await inject()
            self.faults[name] += 1
            await self._work_goes_on()

    async def _work_goes_on(self) -> None:
        """After each fault every writer must be heard of again."""
        before = {name: self._heard(name) for name in WRITERS}
        deadline = time.monotonic() + 180
        while any(self._heard(name) <= before[name] for name in WRITERS):
            ended = [name for name in WRITERS if self._writers[name].poll() is not None]
            if ended or time.monotonic() > deadline:
                raise AssertionError(f"writers stand still or ended {ended} after {self.faults}")
            await asyncio.sleep(0.05)

    async def _kill_writer(self) -> None:
        name = self._chance.choice(WRITERS)
        self._writers[name].kill()
        self._writers[name].wait()
        self._spawn(name)

    async def _cut_after_commit(self) -> None:
        made = self._proxy.made
        self._proxy.cuts = 3
        while self._proxy.made < made + 3:
            await asyncio.sleep(0.02)

    async def _judge(self) -> Verdict:
        """Let nothing be in flight any more and the follower come to the end; then compare."""
        await self._server.revive()
        admin = await asyncpg.connect(self._server.url)
        while await admin.fetchval(
            "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'cairn'"
        ):
            await asyncio.sleep(0.1)
        await admin.close()
        settings = Settings(data_dir=self._folder, database_url=SecretStr(self._server.url))
        house = await build(settings)
        follower = Follower(house.record, "seen", apply=[see])
        while await follower.catch_up():
            pass
        verdict = await judge(self._server.url, self._folder)
        verdict.unverified = sum(
            [await self._is_altered(house, f"tenant-{number}") for number in range(TENANTS)]
        )
        await house.close()
        return verdict

    async def _is_altered(self, house: House, tenant: str) -> bool:
        """Whether the offline verifier finds fault with a tenant's log."""
        bundle = self._folder / "bundle"
        with bundle.open("wb") as file:
            async for line in Bundler(house.record, house.ledger).lines(tenant, Selection()):
                file.write(line)
        try:
            with bundle.open("rb") as lines:
                verify(lines)
        except Failed:
            return True
        return False

    def _acknowledged(self) -> int:
        return sum(self._heard(name) for name in WRITERS)

    def _heard(self, name: str) -> int:
        """How many acknowledgements are in a writer's journal; reads only what is new in it."""
        journal = self._folder / f"journal-{name}"
        count, at = self._read.get(name, (0, 0))
        if journal.exists():
            with journal.open("rb") as file:
                file.seek(at)
                news = file.read()
            whole = news[: news.rfind(b"\n") + 1]
            self._read[name] = (count + whole.count(b"heard "), at + len(whole))
        return self._read.get(name, (0, 0))[0]
