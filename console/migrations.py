"""Brings a database up to date: the record's migrations, then the lists of this release, filled."""

from __future__ import annotations

from typing import Any

import asyncpg

from console.bootstrap import open_facts, readmodels
from console.generations import GENERATION, create_lists, drop_other_generations, index_lists
from shared.errors import RuleBroken
from shared.eventstore.migrations import migrate as migrate_record

_ALMOST = 1_000


class NoOwner(RuleBroken):
    """This login can't own the record: take a superuser, or one with CREATEROLE and BYPASSRLS."""


async def require_owner(connection: asyncpg.Connection[Any]) -> None:
    """Raise `NoOwner` where the login can't make the roles, or can't fill tables that are guarded."""
    if not await connection.fetchval(_OWNS):
        raise NoOwner


async def migrate(database_url: str, *, drop_old: bool = False) -> list[str]:
    """Apply what is missing; safe to run twice and from two places at once.

    Answers what was applied. With `drop_old` the lists of other releases go, once none of their
    processes runs any more. Raises `NoOwner`.
    """
    connection = await asyncpg.connect(database_url, timeout=10)
    try:
        await require_owner(connection)
        async with connection.transaction():
            applied = await migrate_record(connection)
            await create_lists(connection, GENERATION)
            dropped = await drop_other_generations(connection) if drop_old else []
        await _fill(database_url)
        await index_lists(connection, GENERATION)
    finally:
        await connection.close()
    return applied + [f"without {schema}" for schema in dropped]


async def _fill(database_url: str) -> None:
    """Read the record into lists that are new, so that whoever serves them next finds them whole."""
    record = await open_facts(database_url)
    follower = readmodels(record)
    try:
        while await follower.catch_up() >= _ALMOST:
            pass
    finally:
        await record.close()


_OWNS = """
SELECT rolsuper OR (rolcreaterole AND rolbypassrls) FROM pg_roles WHERE rolname = current_user
"""
