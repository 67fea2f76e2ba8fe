"""Group commit: requests that arrive while a batch is on its way form the next one.

One batch is in flight per process, without lingering. Of many requests it takes half, so that those
who wait for the others prepare what comes next meanwhile. A batch holds at most one request per
stream, so that what is refused fails alone: the database refuses the whole batch, and its requests are
sent one by one.
"""

from __future__ import annotations

import asyncio
from collections import Counter, deque
from collections.abc import Iterable, Sequence
from itertools import count
from time import perf_counter
from typing import Any

import asyncpg
import msgspec

from shared.database import LOST, Pool, within
from shared.errors import Unavailable
from shared.eventstore.clock import Clock
from shared.eventstore.sealing import Row
from shared.telemetry import metrics

_BATCH = 512
_UNDIVIDED = 16
_BACKLOG = 8_192
_ATTEMPTS = 6


class Receipt(msgspec.Struct, frozen=True):
    """The first answer to one Idempotency-Key; `answer` is JSON without anybody's words."""

    tenant: str
    principal: str
    key: str
    fingerprint: bytes
    status: int
    answer: bytes


class Append(msgspec.Struct, frozen=True):
    """What must be recorded together or not at all: one stream's events and a receipt."""

    rows: tuple[Row, ...]
    receipt: Receipt | None = None


class Conflict(Exception):
    """Somebody else wrote to the stream in between."""


class KeyUsed(Exception):
    """The Idempotency-Key already has its answer."""


class Committer:
    """Appends to the record for all tasks of a process, many requests in one commit."""

    def __init__(self, pool: Pool, clock: Clock, most_waiting: int = _BACKLOG) -> None:
        self._pool = pool
        self._clock = clock
        self._most_waiting = most_waiting
        self._waiting: deque[tuple[Append, asyncio.Future[None]]] = deque()
        self._flight: asyncio.Task[None] | None = None
        self._landed = 0
        self.announcer = Announcer(pool)

    async def append(self, append: Append) -> None:
        """Return once the append is on disk.

        Raises `Conflict`, `KeyUsed`, or `Unavailable` when there is no database or no room.
        """
        if len(self._waiting) >= self._most_waiting:
            metrics.APPEND_UNAVAILABLE.inc()
            raise Unavailable("more is being recorded than the database keeps up with")
        began = perf_counter()
        done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append((append, done))
        if self._flight is None or self._flight.done():
            self._flight = asyncio.create_task(self._fly())
        await done
        metrics.APPEND_SECONDS.observe(perf_counter() - began)

    async def close(self) -> None:
        """Wait for the batch in flight."""
        if self._flight is not None:
            await self._flight
        await self.announcer.close()

    async def _fly(self) -> None:
        while self._waiting:
            batch = self._next_batch()
            try:
                await self._commit(batch)
            except Exception as failure:
                for _, done in batch:
                    if not done.done():
                        done.set_exception(failure)

    def _next_batch(self) -> list[tuple[Append, asyncio.Future[None]]]:
        batch: list[tuple[Append, asyncio.Future[None]]] = []
        later: list[tuple[Append, asyncio.Future[None]]] = []
        taken: set[tuple[str, str]] = set()
        most = self._most()
        while self._waiting and len(batch) < most:
            item = self._waiting.popleft()
            owns = set(_claims(item[0]))
            if owns & taken:
                later.append(item)
            else:
                taken |= owns
                batch.append(item)
        self._waiting.extendleft(reversed(later))
        self._landed = len(batch)
        metrics.APPEND_BATCH.observe(len(batch))
        metrics.APPEND_WAITING.set(len(self._waiting))
        return batch

    def _most(self) -> int:
        """Half of those who write at present: whoever has just been answered writes again soon."""
        return min(_BATCH, max(_UNDIVIDED, (len(self._waiting) + self._landed + 1) // 2))

    async def _commit(self, batch: list[tuple[Append, asyncio.Future[None]]]) -> None:
        try:
            await self._send([append for append, _ in batch])
        except asyncpg.PostgresError as refused:
            if len(batch) > 1:
                await self._one_by_one(batch)
                return
            if not isinstance(refused, asyncpg.UniqueViolationError):
                raise
            await self._settle(batch[0][0], refused)
        for _, done in batch:
            if not done.done():
                done.set_result(None)

    async def _one_by_one(self, batch: list[tuple[Append, asyncio.Future[None]]]) -> None:
        for item in batch:
            try:
                await self._commit([item])
            except Exception as failure:
                if not item[1].done():
                    item[1].set_exception(failure)

    async def _send(self, appends: Sequence[Append]) -> None:
        """Append all or none. A lost connection leaves the outcome open: the same rows are sent
        again, and rows that are there already show as a clash, which `_settle` looks into."""
        columns = _columns(appends)
        for attempt in range(_ATTEMPTS):
            asked = perf_counter()
            try:
                clock = await self._pool.fetchval(_APPEND, *columns)
            except LOST as lost:
                if attempt == _ATTEMPTS - 1:
                    metrics.APPEND_UNAVAILABLE.inc(len(appends))
                    raise Unavailable("the database can't be reached") from lost
                metrics.APPEND_RESENT.inc()
                await asyncio.sleep(0.05 * 2**attempt)
            else:
                self._clock.heard(clock, perf_counter() - asked)
                _count(appends)
                if any(append.rows for append in appends):
                    self.announcer.announce()
                return

    async def _settle(self, append: Append, clash: asyncpg.UniqueViolationError) -> None:
        """Decide what a clash means: already recorded, another's version, or a used key."""
        if append.rows and await self._is_recorded(append):
            return
        if append.receipt and "receipt" in (clash.constraint_name or ""):
            raise KeyUsed from clash
        metrics.APPEND_CONFLICTS.inc()
        raise Conflict from clash

    async def _is_recorded(self, append: Append) -> bool:
        async with within(self._pool, append.rows[0].tenant) as connection:
            count = await connection.fetchval(
                "SELECT count(*) FROM record.event WHERE tenant = $1 AND event_id = ANY($2::uuid[])"
                " AND leaf = ANY($3::bytea[])",
                append.rows[0].tenant,
                [row.event_id for row in append.rows],
                [row.leaf for row in append.rows],
            )
        return bool(count == len(append.rows))


class Announcer:
    """Tells followers that there is something new: after the commit, from a connection of its own.

    NOTIFY inside the append would serialise the commits of the whole database.
    """

    def __init__(self, pool: Pool) -> None:
        self._pool = pool
        self._due = False
        self._task: asyncio.Task[None] | None = None

    def announce(self) -> None:
        self._due = True
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._tell())

    async def close(self) -> None:
        if self._task is not None:
            await self._task

    async def _tell(self) -> None:
        while self._due:
            self._due = False
            try:
                await self._pool.execute("SELECT pg_notify('cairn_record', '')")
            except (*LOST, asyncpg.PostgresError):
                return  # followers poll as well
            await asyncio.sleep(0.005)


def _count(appends: Sequence[Append]) -> None:
    for kind, events in Counter(row.type for append in appends for row in append.rows).items():
        metrics.EVENTS.labels(kind).inc(events)


def _claims(append: Append) -> Iterable[tuple[str, str]]:
    """What no other request of the same batch may touch."""
    for row in append.rows[:1]:
        yield row.tenant, row.stream.hex
    if append.receipt is not None:
        yield append.receipt.tenant, f"{append.receipt.principal} {append.receipt.key}"


def _columns(appends: Sequence[Append]) -> list[list[Any]]:
    """The arguments of `record.append`."""
    rows = [row for append in appends for row in append.rows]
    receipts = [append.receipt for append in appends if append.receipt is not None]
    events = Counter(row.tenant for row in rows)
    tenants = sorted(events)
    numbers = {tenant: number for number, tenant in enumerate(tenants, 1)}
    places = {tenant: count(1) for tenant in tenants}
    return [
        tenants,
        [events[tenant] for tenant in tenants],
        [numbers[row.tenant] for row in rows],
        [next(places[row.tenant]) for row in rows],
        *_turned(rows, len(Row.__struct_fields__))[_STREAM:],
        *_turned(receipts, len(Receipt.__struct_fields__)),
    ]


def _turned(structs: Sequence[msgspec.Struct], width: int) -> list[list[Any]]:
    """Rows as columns."""
    columns = zip(*map(msgspec.structs.astuple, structs), strict=True)
    return [list(column) for column in columns] or [[] for _ in range(width)]


_STREAM = Row.__struct_fields__.index("stream")
_APPEND = f"SELECT record.append({', '.join(f'${n + 1}' for n in range(23))})"
