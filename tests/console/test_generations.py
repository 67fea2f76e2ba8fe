"""Each release has lists of its own, so that two can run side by side."""

from __future__ import annotations

import asyncpg
import pytest

from console.bootstrap import build
from console.generations import GENERATION, create_lists, other_generations
from console.migrations import migrate
from shared.eventstore.durability import Unsafe
from shared.settings import Settings
from tests.console.test_rebuild import apart, dump, live

__all__ = ["apart"]
OTHER = "readmodel_0ddba11f"


async def other_release(admin: asyncpg.Connection[asyncpg.Record]) -> None:
    """What a release with other lists has left, and reads from."""
    async with admin.transaction():
        await create_lists(admin, OTHER)
    await admin.execute(
        "INSERT INTO record.checkpoint SELECT $1, tenant, 1 FROM record.tenant", OTHER
    )


async def test_lists_of_a_new_release_are_whole_before_anybody_serves_them(
    apart: Settings,
) -> None:
    house = await build(apart)
    await live(house, "one", 4)
    while await house.readmodels().catch_up():
        pass
    before = await dump(apart)
    await house.close()
    admin = await asyncpg.connect(apart.required_database_url())
    await admin.execute(f"DROP SCHEMA {GENERATION} CASCADE")
    await admin.execute("DELETE FROM record.checkpoint WHERE follower = $1", GENERATION)
    await admin.close()
    await migrate(apart.required_database_url())
    assert await dump(apart) == before


async def test_another_releases_lists_stay_until_they_are_dropped_on_purpose(
    apart: Settings,
) -> None:
    house = await build(apart)
    await live(house, "one", 1)
    await house.close()
    admin = await asyncpg.connect(apart.required_database_url())
    await other_release(admin)
    await migrate(apart.required_database_url())
    assert await other_generations(admin) == [OTHER]
    assert await migrate(apart.required_database_url(), drop_old=True) == [f"without {OTHER}"]
    assert await other_generations(admin) == []
    left = await admin.fetch("SELECT DISTINCT follower FROM record.checkpoint ORDER BY 1")
    assert [row["follower"] for row in left] == [GENERATION]
    await admin.close()


async def test_a_release_whose_lists_are_not_there_serves_nothing(apart: Settings) -> None:
    admin = await asyncpg.connect(apart.required_database_url())
    await admin.execute(f"DROP SCHEMA {GENERATION} CASCADE")
    await admin.close()
    with pytest.raises(Unsafe, match="run `cairn migrate`"):
        await build(apart)
