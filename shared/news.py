"""Wakes requests that wait for something new: one listening connection for a whole process."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from typing import Any

import asyncpg
import structlog

from shared.database import LOST, Pool, is_cancelled

_MOST = 500
_AGAIN_SECONDS = 1.0

log = structlog.get_logger("cairn.news")


class News:
    """Who waits for which tenant's news on one channel of the database.

    The connection is taken while somebody waits. Whoever waits looks again by itself after a few
    seconds, so that a lost notification costs no more than that.
    """

    def __init__(self, pool: Pool, channel: str) -> None:
        self._pool = pool
        self._channel = channel
        self._waiting: dict[str, set[asyncio.Event]] = {}
        self._count = 0
        self._listening: asyncio.Task[None] | None = None

    @contextlib.asynccontextmanager
    async def of(self, tenant: str) -> AsyncIterator[asyncio.Event | None]:
        """An event that is set by news of a tenant; None when too many wait already."""
        if self._count >= _MOST:
            yield None
            return
        fresh = asyncio.Event()
        self._waiting.setdefault(tenant, set()).add(fresh)
        self._count += 1
        if self._listening is None or self._listening.done():
            self._listening = asyncio.create_task(self._listen())
        try:
            yield fresh
        finally:
            self._count -= 1
            self._waiting[tenant].discard(fresh)
            if not self._waiting[tenant]:
                del self._waiting[tenant]

    async def close(self) -> None:
        """Stop listening, and let everybody go who waits."""
        if self._listening is not None:
            self._listening.cancel()
            await asyncio.gather(self._listening, return_exceptions=True)
        for tenant in list(self._waiting):
            self._hear(None, 0, "", tenant)

    async def _listen(self) -> None:
        while self._waiting:
            try:
                async with self._pool.acquire() as connection:
                    await connection.add_listener(self._channel, self._hear)
                    while self._waiting and not connection.is_closed():
                        await asyncio.sleep(_AGAIN_SECONDS)
                    if not connection.is_closed():
                        await connection.remove_listener(self._channel, self._hear)
            except (*LOST, asyncpg.PostgresError) as lost:
                if is_cancelled():
                    raise asyncio.CancelledError from lost
                log.warning("not listening", kind=type(lost).__name__)
                await asyncio.sleep(_AGAIN_SECONDS)

    def _hear(self, _: Any, __: int, ___: str, tenant: object) -> None:
        for fresh in self._waiting.get(str(tenant), ()):
            fresh.set()
