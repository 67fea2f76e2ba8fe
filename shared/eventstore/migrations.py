"""Brings the database up to date: numbered SQL files, each run once, in order, under one lock."""

from __future__ import annotations

from hashlib import sha256
from importlib import resources
from typing import Any

import asyncpg

from shared.database import Connection, Pool

_LOCK = 0x63616972  # "cair": one migration at a time in this database

_LEDGER = """
CREATE TABLE IF NOT EXISTS public.cairn_migration (
  name       text PRIMARY KEY,
  sha256     text NOT NULL,
  applied_at timestamptz NOT NULL DEFAULT clock_timestamp()
)"""


class MigrationChanged(Exception):
    """A migration that was already applied has another text now."""


async def migrate(connection: asyncpg.Connection[Any], up_to: str | None = None) -> list[str]:
    """Apply what is missing and answer its names; safe to run twice and from two places at once.

    `connection` belongs to a superuser, or to a role with CREATEROLE and BYPASSRLS that owns the
    database. `up_to` is the last one wanted.
    """
    async with connection.transaction():
        await connection.execute("SET LOCAL createrole_self_grant = 'set, inherit'")
        await connection.execute("SELECT pg_advisory_xact_lock($1)", _LOCK)
        await connection.execute(_LEDGER)
        applied = {
            row["name"]: row["sha256"]
            for row in await connection.fetch("SELECT name, sha256 FROM public.cairn_migration")
        }
        wanted = [(name, sql) for name, sql in _files() if up_to is None or name <= up_to]
        fresh = [name for name, sql in wanted if await _apply(connection, name, sql, applied)]
        await connection.execute("GRANT SELECT ON public.cairn_migration TO cairn_app")
        return fresh


async def pending(connection: Connection | Pool) -> tuple[list[str], list[str]]:
    """Which migrations are missing in the database, and which it has that this release doesn't know."""
    if not await connection.fetchval("SELECT to_regclass('public.cairn_migration') IS NOT NULL"):
        return [name for name, _ in _files()], []
    rows = await connection.fetch("SELECT name FROM public.cairn_migration ORDER BY name")
    applied, known = [row["name"] for row in rows], [name for name, _ in _files()]
    return (
        [name for name in known if name not in applied],
        [name for name in applied if name not in known],
    )


async def _apply(
    connection: asyncpg.Connection[Any], name: str, sql: str, applied: dict[str, str]
) -> bool:
    digest = sha256(sql.encode()).hexdigest()
    if name in applied:
        if applied[name] != digest:
            raise MigrationChanged(
                f"migration {name} was applied with another text; write a new one instead"
            )
        return False
    await connection.execute(sql)
    await connection.execute(
        "INSERT INTO public.cairn_migration (name, sha256) VALUES ($1, $2)", name, digest
    )
    return True


def _files() -> list[tuple[str, str]]:
    folder = resources.files("shared.eventstore") / "migrations"
    found = [(file.name, file.read_text()) for file in folder.iterdir()]
    return sorted((name, text) for name, text in found if name.endswith(".sql"))
