"""Hears in every process at once of whom is forgotten, so that no key outlives it in any memory.

Keys may be kept only while somebody listens. A connection that is lost, or doesn't answer for some
seconds, takes everything that was kept with it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any
from uuid import UUID

import asyncpg
import structlog

from shared.database import LOST, Connection, Pool, is_cancelled

CHANNEL = "cairn_forgotten"
_BEAT_SECONDS = 2.0
_AGAIN_SECONDS = 1.0
log = structlog.get_logger("cairn.forgetting")


class Ears:
    """One listening connection of a process, taken when the first key is asked for."""

    def __init__(
        self, pool: Pool, forget: Callable[[str, UUID], None], forget_all: Callable[[], None]
    ) -> None:
        self._pool = pool
        self._forget = forget
        self._forget_all = forget_all
        self._listening: asyncio.Task[None] | None = None
        self._hears = False
        self._heard = 0

    def since(self) -> int | None:
        """What has to be the same still when a key that is fetched now is kept; None: keep none."""
        if self._listening is None or self._listening.done():
            self._listening = asyncio.create_task(self._listen())
        return self._heard if self._hears else None

    def is_still(self, since: int | None) -> bool:
        """Whether nobody was forgotten in between, and it listens as it did."""
        return since is not None and self._hears and since == self._heard

    async def close(self) -> None:
        """Stop listening, and give the connection back."""
        if self._listening is not None:
            self._listening.cancel()
            await asyncio.gather(self._listening, return_exceptions=True)

    async def _listen(self) -> None:
        while True:
            try:
                async with self._pool.acquire() as connection:
                    await self._listen_on(connection)
            except (*LOST, asyncpg.PostgresError) as lost:
                if is_cancelled():
                    raise asyncio.CancelledError from lost
                log.warning("not listening", kind=type(lost).__name__)
            finally:
                self._hears = False
                self._forget_all()
            await asyncio.sleep(_AGAIN_SECONDS)

    async def _listen_on(self, connection: Connection) -> None:
        await connection.add_listener(CHANNEL, self._hear)
        try:
            self._hears = True
            while True:
                await asyncio.sleep(_BEAT_SECONDS)
                await connection.fetchval("SELECT 1", timeout=_BEAT_SECONDS)
        finally:
            if not connection.is_closed():
                await connection.remove_listener(CHANNEL, self._hear)

    def _hear(self, _: Any, __: int, ___: str, told: object) -> None:
        self._heard += 1
        tenant, _, subject = str(told).partition(" ")
        self._forget(tenant, UUID(subject))
