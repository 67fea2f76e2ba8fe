"""Reads behind the record: every event once, in order, and halts on a gap."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

import asyncpg
import structlog

from shared.database import LOST, Connection, within
from shared.errors import Unavailable
from shared.eventstore.record import Record, Recorded
from shared.eventstore.sealing import Row

_PAGE = 500
_POLL_SECONDS = 1.0
_RESERVE_SECONDS = 2.0

Apply = Callable[[Connection, str, Sequence[Recorded]], Awaitable[None]]
"""Takes one tenant's next events, in order, within the transaction that moves the checkpoint."""

Tell = Callable[[str, Sequence[Recorded]], Awaitable[None]]
"""Tells somebody else about them before the checkpoint moves: at least once, so harmless twice."""

log = structlog.get_logger("cairn.follower")


class Gap(Exception):
    """A position is missing in the record: this is a fault or tampering, nothing to read over."""


class Follower:
    """One named reader of all tenants' logs; several may run, one is active, the rest in reserve."""

    def __init__(
        self, record: Record, name: str, *, apply: Sequence[Apply] = (), tell: Tell | None = None
    ) -> None:
        self._record = record
        self._apply = apply
        self._tell = tell
        self._news = asyncio.Event()
        self.name = name

    async def run(self) -> None:
        """Follow until cancelled; a lost database is waited for."""
        while True:
            try:
                await self._follow()
            except Gap:
                log.critical("halted on a gap in the record", follower=self.name, exc_info=True)
                raise
            except (*LOST, asyncpg.PostgresError, Unavailable) as lost:
                if _is_cancelled():  # a server that went away first must not hide it
                    raise asyncio.CancelledError from lost
                log.warning("waits for a server", follower=self.name, kind=type(lost).__name__)
                await asyncio.sleep(_RESERVE_SECONDS)

    async def catch_up(self) -> int:
        """Read what is there now, of all tenants; answer how many events that were."""
        behind = await self._record.pool.fetch("SELECT * FROM record.tenants_behind($1)", self.name)
        return sum([await self._read_tenant(row["tenant"], row["reached"]) for row in behind])

    async def _follow(self) -> None:
        async with self._record.pool.acquire() as connection:
            await self._become_active(connection)
            await connection.add_listener("cairn_record", self._hear)
            try:
                while not connection.is_closed():
                    self._news.clear()
                    if not await self.catch_up():
                        await self._wait(connection)
            finally:
                await self._step_down(connection)

    async def _become_active(self, connection: Connection) -> None:
        while not await connection.fetchval(_LOCK, self.name):
            await asyncio.sleep(_RESERVE_SECONDS)

    async def _step_down(self, connection: Connection) -> None:
        if not connection.is_closed():
            await connection.remove_listener("cairn_record", self._hear)
            await connection.execute(_UNLOCK, self.name)

    async def _wait(self, connection: Connection) -> None:
        try:
            await asyncio.wait_for(self._news.wait(), _POLL_SECONDS)
        except TimeoutError:
            await connection.execute("SELECT 1")  # notices a lock that was lost with its connection

    def _hear(self, *_: Any) -> None:
        self._news.set()

    async def _read_tenant(self, tenant: str, reached: int) -> int:
        rows = [Row(*v) for v in await self._record.pool.fetch(_READ_LOG, tenant, reached, _PAGE)]
        for row, expected in zip(rows, range(reached + 1, reached + 1 + len(rows)), strict=True):
            if row.position != expected:
                raise Gap(f"tenant {tenant}: position {expected} is missing in the record")
        if rows:
            await self._take(tenant, self._record.read_facts(rows))
        return len(rows)

    async def _take(self, tenant: str, events: Sequence[Recorded]) -> None:
        if self._tell is not None:
            await self._tell(tenant, events)
        async with within(self._record.pool, tenant) as connection:
            for apply in self._apply:
                await apply(connection, tenant, events)
            await connection.execute(_ADVANCE, self.name, tenant, events[-1].row.position)


def _is_cancelled() -> bool:
    task = asyncio.current_task()
    return task is not None and task.cancelling() > 0


_LOCK = "SELECT pg_try_advisory_lock(hashtextextended('cairn follower ' || $1, 0))"
_UNLOCK = "SELECT pg_advisory_unlock(hashtextextended('cairn follower ' || $1, 0))"
_READ_LOG = "SELECT * FROM record.read_log($1, $2, $3)"
_ADVANCE = """
INSERT INTO record.checkpoint (follower, tenant, position) VALUES ($1, $2, $3)
ON CONFLICT (follower, tenant) DO UPDATE SET position = excluded.position
"""
