"""What watches the record: how far followers are behind, and nothing that a tenant said."""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

import asyncpg
import pytest
from prometheus_client import REGISTRY

from console.bootstrap import House
from console.generations import GENERATION
from console.watched import overdue
from shared.database import open_pool, within
from shared.eventstore.follower import Follower
from shared.eventstore.watching import database, followers
from shared.settings import Settings
from tests.conftest import Story
from tests.shared.eventstore.test_record import open_one


def told(name: str, **labels: str) -> float | None:
    return REGISTRY.get_sample_value(name, labels)


async def test_a_follower_that_has_not_read_is_behind_since_the_oldest_event(
    house: House, tenant: str
) -> None:
    name = f"f-{uuid4().hex}"
    await open_one(house, tenant)
    await followers(house.record, [name])()
    assert (told("cairn_follower_lag_events", follower=name) or 0) >= 1
    assert (told("cairn_follower_lag_seconds", follower=name) or 0) > 0
    follower = Follower(house.record, name)
    while await follower.catch_up():
        pass
    behind = sum(
        row["log_size"] - row["reached"]
        for row in await house.record.pool.fetch(
            "SELECT * FROM record.tenants_behind($1, 0, 1)", name
        )
    )
    await followers(house.record, [name])()
    assert told("cairn_follower_lag_events", follower=name) == behind


async def test_while_the_database_is_away_what_waits_grows_older(
    house: House, settings: Settings, tenant: str
) -> None:
    name = f"f-{uuid4().hex}"
    await open_one(house, tenant)
    look = followers(house.record, [name])
    await look()
    before = told("cairn_follower_lag_seconds", follower=name) or 0
    pool, house.record.pool = house.record.pool, await open_pool(settings.required_database_url())
    await house.record.pool.close()
    with pytest.raises(asyncpg.InterfaceError):
        await look()
    house.record.pool = pool
    assert (told("cairn_follower_lag_seconds", follower=name) or 0) > before


async def test_connections_and_the_clock_are_measured(house: House) -> None:
    await database(house.record)()
    assert (told("cairn_pool_connections", state="idle") or 0) >= 1
    assert abs(told("cairn_clock_offset_seconds") or 0) < 5


async def test_whoever_watches_sees_sizes_and_times_and_no_row(
    settings: Settings, house: House, tenant: str
) -> None:
    await open_one(house, tenant)
    admin = await asyncpg.connect(settings.required_database_url())
    await admin.execute("SET ROLE cairn_watch")
    assert await admin.fetchval(
        "SELECT count(position) FROM record.event WHERE tenant = $1", tenant
    )
    for column in ("meta", "facts", "words", "stream", "*"):
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await admin.fetch(f"SELECT {column} FROM record.event")
    await admin.close()


async def test_a_step_that_nobody_takes_is_measured(story: Story) -> None:
    await story.read_models()
    due = await story.house.cycle_list.earliest_due(story.tenant)
    assert due is not None
    assert due - story.house.record.clock.now() > timedelta(days=5)
    await overdue(story.house)()
    before = told("cairn_step_overdue_seconds")
    async with within(story.house.record.pool, story.tenant) as connection:
        await connection.execute(f"UPDATE {GENERATION}.cycle SET due = now() - interval '1 year'")
    await overdue(story.house)()
    assert before != told("cairn_step_overdue_seconds")
    assert (told("cairn_step_overdue_seconds") or 0) >= 364 * 86_400
    async with within(story.house.record.pool, story.tenant) as connection:
        await connection.execute(f"UPDATE {GENERATION}.cycle SET due = $1", due)
