"""The database: reachable, of the right version, up to date, durable, guarded, with a standby."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

import asyncpg

from console.doctor.findings import LOOPBACK, Finding, Findings
from console.generations import GENERATION, other_generations
from shared.database import LOST, open_pool
from shared.eventstore.durability import WHOLE, Unsafe, check
from shared.eventstore.migrations import pending

_OLDEST = 180_000
_SECONDS = 5


def place_of(url: str) -> str:
    """Where a database is, without who asks and by which password."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return "what CAIRN_DATABASE_URL says"
    if not parts.hostname:
        return "what CAIRN_DATABASE_URL says"
    return f"{parts.netloc.rpartition('@')[2]}{parts.path}"


async def look_at_database(url: str) -> Findings:
    """Everything about the database; ends at the first thing without which the rest means nothing."""
    try:
        connection = await asyncpg.connect(url, timeout=_SECONDS)
    except (*LOST, asyncpg.PostgresError, ValueError) as away:
        yield Finding(
            "database",
            "unreachable",
            f"{place_of(url)} can't be reached ({type(away).__name__})",
            "start PostgreSQL there, or set CAIRN_DATABASE_URL to where it is",
        )
        return
    try:
        yield await _version(connection, url)
        async for finding in _up_to_date(connection):
            yield finding
            if finding.state == "wrong":
                return
        yield await _sound(url)
        if urlsplit(url).hostname not in LOOPBACK:
            async for finding in _apart(connection):
                yield finding
    finally:
        await connection.close()


async def _version(connection: asyncpg.Connection[Any], url: str) -> Finding:
    number = int(await connection.fetchval("SHOW server_version_num"))
    named = f"PostgreSQL {await connection.fetchval('SHOW server_version')} at {place_of(url)}"
    if number < _OLDEST:
        return Finding("database", "wrong", f"{named} is too old", "run PostgreSQL 18 or newer")
    return Finding("database", "fine", named)


async def _up_to_date(connection: asyncpg.Connection[Any]) -> Findings:
    missing, foreign = await pending(connection)
    lists = await connection.fetchval(_LISTS, GENERATION)
    if missing or lists != WHOLE:
        what = (
            ", ".join(missing)
            if missing
            else "the lists of this release, or some of what is in them"
        )
        yield Finding("migrations", "wrong", f"missing: {what}", "cairn migrate")
        return
    if foreign:
        yield Finding(
            "migrations",
            "warning",
            f"{', '.join(foreign)} came with another release than this one",
            "run the release that migrated the database",
        )
    if others := await other_generations(connection):
        yield Finding(
            "migrations",
            "warning",
            f"lists of other releases are still there: {', '.join(others)}",
            "cairn migrate --drop-old, once every process runs this release",
        )
    if not foreign and not others:
        yield Finding("migrations", "fine", "up to date")


async def _sound(url: str) -> Finding:
    pool = await open_pool(url, size=1, read_models=GENERATION)
    try:
        await check(pool)
    except Unsafe as unsafe:
        what, _, mend = str(unsafe).partition("; ")
        return Finding("durability", "wrong", what, mend or "see docs/operations.md")
    finally:
        await pool.close()
    return Finding("durability", "fine", "commits are on disk, tenants are kept apart")


async def _apart(connection: asyncpg.Connection[Any]) -> Findings:
    """What matters once the database is another machine's."""
    row = await connection.fetchrow(_LOGIN)
    assert row is not None
    if row["mighty"]:
        yield Finding(
            "login",
            "warning",
            f"{row['login']} may do more than serve",
            "serve as a login of its own: CREATE ROLE cairn_serving LOGIN IN ROLE cairn_app",
        )
    if not row["ssl"]:
        mend = "add ?sslmode=verify-full to CAIRN_DATABASE_URL"
        yield Finding("login", "warning", "the connection isn't encrypted", mend)
    if not row["standbys"]:
        yield Finding(
            "standby",
            "warning",
            "no synchronous standby: a fail-over may lose what was said to be saved",
            "set synchronous_standby_names; see docs/operations.md, 'A standby'",
        )
    if row["checksums"] != "on":
        mend = "pg_checksums --enable, while the server is stopped"
        yield Finding("database", "warning", "pages have no checksums", mend)


_LISTS = "SELECT obj_description(to_regnamespace($1), 'pg_namespace')"
_LOGIN = """
SELECT session_user::text AS login,
       (SELECT rolsuper OR rolbypassrls OR rolcreaterole FROM pg_roles WHERE rolname = session_user)
         AS mighty,
       coalesce((SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()), false) AS ssl,
       current_setting('synchronous_standby_names') AS standbys,
       current_setting('data_checksums') AS checksums
"""
