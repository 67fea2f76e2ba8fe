"""Derives the lists again from the record: beside those that are served, then in their place."""

from __future__ import annotations

from collections.abc import Callable

import asyncpg

from console.bootstrap import open_facts, readmodels
from console.generations import GENERATION, create_lists, index_lists
from shared.errors import RuleBroken
from shared.settings import Settings

_NEXT = f"{GENERATION}_next"
_OLD = f"{GENERATION}_old"
_LOCK = 0x72656275  # "rebu": one rebuild at a time in this database

Progress = Callable[[int, int], None]
"""Is told how many events were read, and of how many."""


class AlreadyRebuilding(RuleBroken):
    """Another rebuild is under way; wait until it has ended."""


async def rebuild_read_models(settings: Settings, progress: Progress) -> int:
    """Build a new generation of all lists and switch to it; answer how many events were read.

    What is served meanwhile are the old lists. Wants the owner, as `migrate` does, and no root key.
    """
    url = settings.required_database_url()
    admin = await asyncpg.connect(url, timeout=10)
    try:
        if not await admin.fetchval("SELECT pg_try_advisory_lock($1)", _LOCK):
            raise AlreadyRebuilding
        await _prepare(admin)
        read = await _fill(url, admin, progress)
        await index_lists(admin, _NEXT)
        read = await _fill(url, admin, progress, read)
        await _switch(admin)
        await admin.execute(f"DROP SCHEMA {_OLD} CASCADE")
    finally:
        await admin.close()
    return read


async def _prepare(admin: asyncpg.Connection[asyncpg.Record]) -> None:
    async with admin.transaction():
        await admin.execute(f"DROP SCHEMA IF EXISTS {_NEXT} CASCADE")
        await admin.execute(f"DROP SCHEMA IF EXISTS {_OLD} CASCADE")
        await admin.execute("SELECT record.forget_follower($1)", _NEXT)
        await admin.execute(f"CREATE SCHEMA IF NOT EXISTS {GENERATION}")
        await create_lists(admin, _NEXT)


async def _fill(
    url: str,
    admin: asyncpg.Connection[asyncpg.Record],
    progress: Progress,
    read: int = 0,
) -> int:
    """Read on where it was left, `read` events after the beginning; answer how many it is then."""
    record = await open_facts(url, _NEXT)
    follower = readmodels(record, _NEXT)
    try:
        while news := await follower.catch_up():
            read += news
            progress(read, max(read, await admin.fetchval("SELECT record.events_in_all()")))
    finally:
        await record.close()
    return read


async def _switch(admin: asyncpg.Connection[asyncpg.Record]) -> None:
    """Rename the schemas and hand over the checkpoints, while both followers stand still."""
    async with admin.transaction():
        await admin.execute("SET LOCAL lock_timeout = '10s'")
        await admin.execute("SELECT record.replace_follower($1, $2)", GENERATION, _NEXT)
        await admin.execute(f"ALTER SCHEMA {GENERATION} RENAME TO {_OLD}")
        await admin.execute(f"ALTER SCHEMA {_NEXT} RENAME TO {GENERATION}")
