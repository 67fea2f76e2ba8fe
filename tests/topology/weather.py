"""What goes wrong in the course of a day: one fault after another, in the order that a seed gives."""

from __future__ import annotations

import asyncio
import os
import random
import signal
from collections import Counter
from collections.abc import Awaitable, Callable

import asyncpg

from tests.topology.house import House

_CUT = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'cairn_serving'"
_FROZEN_SECONDS = 2


class Weather:
    """Faults of a topology; `told` counts them by kind."""

    def __init__(self, house: House, seed: int) -> None:
        self._house = house
        self._chance = random.Random(seed)
        self._server = house.pair.primary
        self.told: Counter[str] = Counter()

    async def strike(self) -> None:
        """Whatever is next."""
        name = self._chance.choice(self._house.names)
        kinds: dict[str, Callable[[], Awaitable[None]]] = {
            f"{name.partition('-')[0]} killed": lambda: self._kill(name),
            f"{name.partition('-')[0]} frozen": lambda: self._freeze(name),
            "connections cut": self._cut,
            "temporal killed": self._kill_temporal,
        }
        kind = self._chance.choices(list(kinds), weights=(4, 2, 2, 1))[0]
        await kinds[kind]()
        self.told[kind] += 1

    async def fail_over(self) -> None:
        """The record's server is gone for good, and its standby takes over."""
        self._house.pair.kill_primary()
        await asyncio.sleep(1)
        await self._house.pair.promote()
        self._server = self._house.pair.standby
        self.told["fail-over"] += 1

    @property
    def url(self) -> str:
        """The server that writes now, for its administrator."""
        return self._server.url

    async def _kill(self, name: str) -> None:
        child = self._house.children[name]
        child.kill()
        child.wait()
        self._house.serve(name)
        await self._house.until_ready(name)

    async def _freeze(self, name: str) -> None:
        pid = self._house.children[name].pid
        os.kill(pid, signal.SIGSTOP)
        await asyncio.sleep(_FROZEN_SECONDS)
        os.kill(pid, signal.SIGCONT)

    async def _cut(self) -> None:
        admin = await asyncpg.connect(self.url)
        await admin.execute(_CUT)
        await admin.close()

    async def _kill_temporal(self) -> None:
        self._house.temporal.child.kill()
        self._house.temporal.child.wait()
        await self._house.temporal.restart()
