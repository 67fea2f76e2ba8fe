"""What "saved" rests on is checked before anything is served."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import asyncpg
import pytest

from console.bootstrap import House
from console.generations import GENERATION
from shared.database import open_pool
from shared.eventstore.durability import Unsafe, check
from shared.settings import Settings
from tests.shared.eventstore.test_record import open_one

ROOT = Path(__file__).parents[3]


@asynccontextmanager
async def altered(settings: Settings, change: str, undo: str) -> AsyncIterator[None]:
    admin = await asyncpg.connect(settings.required_database_url())
    await admin.execute(change)
    try:
        yield
    finally:
        await admin.execute(undo)
        await admin.close()


async def refused(settings: Settings) -> str:
    """Why a process that starts now would refuse to serve."""
    pool = await open_pool(settings.required_database_url(), size=2)
    try:
        with pytest.raises(Unsafe) as unsafe:
            await check(pool)
    finally:
        await pool.close()
    return str(unsafe.value)


async def test_a_sound_database_is_served(house: House) -> None:
    await check(house.record.pool)


async def test_commits_that_are_not_waited_for_are_refused(settings: Settings) -> None:
    change = "ALTER DATABASE cairn SET synchronous_commit = off"
    async with altered(settings, change, "ALTER DATABASE cairn RESET synchronous_commit"):
        assert "set synchronous_commit = on" in await refused(settings)


async def test_writes_that_may_be_torn_are_refused(settings: Settings) -> None:
    change = "ALTER SYSTEM SET full_page_writes = off"
    async with altered(settings, change, "ALTER SYSTEM RESET full_page_writes"):
        admin = await asyncpg.connect(settings.required_database_url())
        await admin.execute("SELECT pg_reload_conf()")
        while await admin.fetchval("SELECT current_setting('full_page_writes')") == "on":
            pass
        assert "full_page_writes = off" in await refused(settings)
        await admin.execute("ALTER SYSTEM RESET full_page_writes")
        await admin.execute("SELECT pg_reload_conf()")
        while await admin.fetchval("SELECT current_setting('full_page_writes')") == "off":
            pass
        await admin.close()


async def test_a_database_of_an_older_release_is_refused(settings: Settings) -> None:
    change = "UPDATE public.cairn_migration SET name = '{}' WHERE name = '{}'"
    known, other = "0061_last_taken.sql", "later"
    async with altered(settings, change.format(other, known), change.format(known, other)):
        assert f"without {known}; run `cairn migrate`" in await refused(settings)


async def test_a_role_that_could_do_anything_is_refused(settings: Settings) -> None:
    async with altered(
        settings, "ALTER ROLE cairn_app BYPASSRLS", "ALTER ROLE cairn_app NOBYPASSRLS"
    ):
        assert "bypasses row-level security" in await refused(settings)


async def test_a_role_that_owns_a_table_is_refused(settings: Settings) -> None:
    change = "CREATE TABLE record.own (); ALTER TABLE record.own OWNER TO cairn_app"
    async with altered(settings, change, "DROP TABLE record.own"):
        assert "owns record.own" in await refused(settings)


@pytest.mark.parametrize("how", ["NO FORCE", "DISABLE"])
async def test_a_table_without_row_level_security_is_refused(settings: Settings, how: str) -> None:
    table = f"ALTER TABLE {GENERATION}.cycle {{}} ROW LEVEL SECURITY"
    back = "FORCE" if how == "NO FORCE" else "ENABLE"
    async with altered(settings, table.format(how), table.format(back)):
        assert "cycle has no row-level security" in await refused(settings)


async def test_an_older_copy_of_the_database_is_refused(
    house: House, settings: Settings, tenant: str
) -> None:
    await open_one(house, tenant)
    await house.ledger.checkpoint(tenant)
    size = "UPDATE record.tenant SET log_size = {} WHERE tenant = '" + tenant + "'"
    async with altered(settings, size.format(0), size.format(1)):
        assert f"tenant {tenant} is shorter" in await refused(settings)


async def test_the_process_says_so_in_one_line_and_ends(settings: Settings) -> None:
    change = "ALTER ROLE cairn_app BYPASSRLS"
    environment = os.environ | {
        "CAIRN_DATA_DIR": str(settings.data_dir),
        "CAIRN_DATABASE_URL": settings.required_database_url(),
    }
    async with altered(settings, change, "ALTER ROLE cairn_app NOBYPASSRLS"):
        for role in ("relay", "api"):
            done = subprocess.run(
                [sys.executable, "-m", "console.cli", "serve", role],
                cwd=ROOT,
                env=environment,
                capture_output=True,
                text=True,
                timeout=60,
                check=False,
            )
            assert done.returncode != 0
            assert "Nothing is served: the serving role cairn_app" in done.stderr, role
