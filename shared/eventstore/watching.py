"""Watches the record from beside it: how far behind its followers are, the clock, the connections."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime, timedelta

import asyncpg

from shared.database import LOST
from shared.eventstore.record import Record
from shared.telemetry import metrics

SECONDS = 5.0
Look = Callable[[], Awaitable[None]]


async def watch(*looks: Look) -> None:
    """Look again and again until cancelled; a database that is away is looked for the next time."""
    while True:
        for look in looks:
            try:
                await look()
            except (*LOST, asyncpg.PostgresError):
                break
        await asyncio.sleep(SECONDS)


def followers(record: Record, names: Sequence[str]) -> Look:
    """Measures how far behind these followers are, whichever process they read in.

    While the database can't be asked, what waits for them grows older by itself.
    """
    since: dict[str, datetime] = {}

    async def look() -> None:
        try:
            rows = await record.pool.fetch("SELECT * FROM record.follower_lag($1)", list(names))
        finally:
            _age(record, names, since)
        since.clear()
        for row in rows:
            metrics.FOLLOWER_LAG_EVENTS.labels(row["follower"]).set(row["events"])
            if row["oldest"] is not None:
                since[row["follower"]] = row["oldest"]
        _age(record, names, since)

    return look


def _age(record: Record, names: Sequence[str], since: dict[str, datetime]) -> None:
    now = record.clock.now()
    for name in names:
        waited = now - since[name] if name in since else timedelta()
        metrics.FOLLOWER_LAG_SECONDS.labels(name).set(max(0.0, waited.total_seconds()))


def database(record: Record) -> Look:
    """Measures the connections in use and how far this machine's clock is off."""

    async def look() -> None:
        size, idle = record.pool.get_size(), record.pool.get_idle_size()
        metrics.POOL.labels("used").set(size - idle)
        metrics.POOL.labels("idle").set(idle)
        there = await record.pool.fetchval("SELECT clock_timestamp()")
        metrics.CLOCK_OFFSET.set((datetime.now(UTC) - there).total_seconds())

    return look
