"""Reads behind the record: every event once, in order, and halts a tenant that can't be read on."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

import asyncpg
import structlog

from shared.database import LOST, Connection, is_cancelled, within
from shared.errors import Unavailable
from shared.eventstore.record import Record, Recorded
from shared.eventstore.sealing import Gap, Row
from shared.telemetry import metrics

_PAGE = 1_000
_POLL_SECONDS = 1.0
_REST = 4
_LONGEST_REST_SECONDS = 0.25
_RESERVE_SECONDS = 2.0
_HALT_SECONDS = 60.0

Apply = Callable[[Connection, str, Sequence[Recorded]], Awaitable[None]]
"""Takes one tenant's next events, in order, within the transaction that moves the checkpoint."""

Tell = Callable[[str, Sequence[Recorded]], Awaitable[None]]
"""Tells somebody else about them before the checkpoint moves: at least once, so harmless twice."""

log = structlog.get_logger("cairn.follower")


class Follower:
    """One named reader of a shard's logs; several may run, one is active, the rest in reserve.

    `shard` is which of how many: tenants are spread over them by a hash of their names.
    """

    def __init__(
        self,
        record: Record,
        name: str,
        *,
        apply: Sequence[Apply] = (),
        tell: Tell | None = None,
        shard: tuple[int, int] = (0, 1),
    ) -> None:
        self._record = record
        self._apply = apply
        self._tell = tell
        self._shard = shard
        self._lock = f"cairn follower {name} {shard[0]}/{shard[1]}"
        self._news = asyncio.Event()
        self._places = asyncio.Semaphore(_tenants_at_once(record.pool.get_max_size()))
        self.name = name
        self.halted: dict[str, float] = {}
        """Tenants that can't be read on, for a gap or an event that can't be applied; and until when."""

    async def run(self) -> None:
        """Follow until cancelled; a lost database is waited for."""
        while True:
            try:
                await self._follow()
            except (*LOST, asyncpg.PostgresError, Unavailable) as lost:
                if is_cancelled():  # a server that went away first must not hide it
                    raise asyncio.CancelledError from lost
                log.warning("waits for a server", follower=self.name, kind=type(lost).__name__)
                await asyncio.sleep(_RESERVE_SECONDS)

    async def catch_up(self) -> int:
        """Read a page of what is there now, of all tenants; answer how many events that were."""
        behind = await self._record.pool.fetch(_BEHIND, self.name, *self._shard)
        pages = (self._read_or_halt(row["tenant"], row["reached"]) for row in behind)
        read = await asyncio.gather(*pages, return_exceptions=True)
        for failed in read:
            if isinstance(failed, BaseException):
                raise failed
        return sum(count for count in read if isinstance(count, int))

    async def _read_or_halt(self, tenant: str, reached: int) -> int:
        """One tenant's fault is an alarm, and none of the others' business."""
        if self.halted.get(tenant, 0.0) > time.monotonic():
            return 0
        try:
            async with self._places:
                read = await self._read_tenant(tenant, reached)
        except Exception as fault:
            if isinstance(fault, _EVERYBODYS) and not isinstance(fault, _ITS_OWN):
                raise
            self.halted[tenant] = time.monotonic() + _HALT_SECONDS
            log.critical(
                "halted",
                follower=self.name,
                tenant=tenant,
                after=reached,
                why=type(fault).__name__,
                position=fault.position if isinstance(fault, Gap) else None,
            )
            read = 0
        else:
            self.halted.pop(tenant, None)
            metrics.FOLLOWER_READ.labels(self.name).inc(read)
        metrics.HALTED.labels(self.name).set(len(self.halted))
        return read

    async def _follow(self) -> None:
        async with self._record.pool.acquire() as connection:
            await self._become_active(connection)
            await connection.add_listener("cairn_record", self._hear)
            try:
                while not connection.is_closed():
                    self._news.clear()
                    began = time.monotonic()
                    read = await self.catch_up()
                    if not read:
                        await self._wait(connection)
                    elif read < _PAGE:
                        await self._rest(time.monotonic() - began)
            finally:
                await self._step_down(connection)

    async def _become_active(self, connection: Connection) -> None:
        metrics.FOLLOWER_ACTIVE.labels(self.name).set(0)
        while not await connection.fetchval(_LOCK, self._lock):
            await asyncio.sleep(_RESERVE_SECONDS)
        metrics.FOLLOWER_ACTIVE.labels(self.name).set(1)

    async def _step_down(self, connection: Connection) -> None:
        metrics.FOLLOWER_ACTIVE.labels(self.name).set(0)
        if not connection.is_closed():
            await connection.remove_listener("cairn_record", self._hear)
            await connection.execute(_UNLOCK, self._lock)

    async def _wait(self, connection: Connection) -> None:
        try:
            await asyncio.wait_for(self._news.wait(), _POLL_SECONDS)
        except TimeoutError:
            await connection.execute("SELECT 1")  # notices a lock that was lost with its connection

    async def _rest(self, worked: float) -> None:
        """Let news gather for a multiple of what the last pass took: many then share one pass.

        Whoever waits for a saved answer and whoever lists answers use the same database.
        """
        await asyncio.sleep(min(worked * _REST, _LONGEST_REST_SECONDS))

    def _hear(self, *_: Any) -> None:
        self._news.set()

    async def _read_tenant(self, tenant: str, reached: int) -> int:
        rows = [Row(*v) for v in await self._record.pool.fetch(_READ_LOG, tenant, reached, _PAGE)]
        for row, expected in zip(rows, range(reached + 1, reached + 1 + len(rows)), strict=True):
            if row.position != expected:
                raise Gap(tenant, expected)
        if rows:
            await self._take(tenant, reached, self._record.read_facts(rows))
        return len(rows)

    async def _take(self, tenant: str, reached: int, events: Sequence[Recorded]) -> None:
        if self._tell is not None:
            await self._tell(tenant, events)
        async with within(self._record.pool, tenant) as connection:
            await connection.execute(_BEGIN, self.name, tenant)
            if await connection.fetchval(_HOLD, self.name, tenant) != reached:
                return  # somebody else was here: the lock was lost, or the lists were rebuilt
            for apply in self._apply:
                await apply(connection, tenant, events)
            await connection.execute(_ADVANCE, self.name, tenant, events[-1].row.position)


def _tenants_at_once(connections: int) -> int:
    """How many tenants to read side by side, so that the five followers of one process never wait for
    each other's connections: each listens on one, and takes up to two for each tenant."""
    return max(1, (connections - 6) // 5)


_EVERYBODYS = (*LOST, asyncpg.PostgresError, Unavailable)
_ITS_OWN = (asyncpg.IntegrityConstraintViolationError, asyncpg.DataError)
"""What a statement raises because of the very event that it is about."""

_LOCK = "SELECT pg_try_advisory_lock(hashtextextended($1, 0))"
_UNLOCK = "SELECT pg_advisory_unlock(hashtextextended($1, 0))"
_BEHIND = "SELECT * FROM record.tenants_behind($1, $2, $3)"
_READ_LOG = "SELECT * FROM record.read_log($1, $2, $3)"
_BEGIN = """
INSERT INTO record.checkpoint (follower, tenant, position)
SELECT $1, $2, 0 WHERE NOT EXISTS (SELECT FROM record.checkpoint WHERE follower = $1 AND tenant = $2)
ON CONFLICT DO NOTHING
"""
_HOLD = "SELECT position FROM record.checkpoint WHERE follower = $1 AND tenant = $2 FOR UPDATE"
_ADVANCE = "UPDATE record.checkpoint SET position = $3 WHERE follower = $1 AND tenant = $2"
