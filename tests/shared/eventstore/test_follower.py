"""Followers see every event once, in order, and stop at a gap."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any
from uuid import uuid4

import asyncpg
import pytest

from console.bootstrap import House, build
from shared.database import Connection
from shared.eventstore.follower import Follower
from shared.eventstore.record import Recorded
from shared.settings import Settings
from tests.shared.eventstore.test_record import open_one


class Seen:
    def __init__(self) -> None:
        self.positions: dict[str, list[int]] = {}
        self.fail = False

    async def apply(self, _: Connection, tenant: str, events: Sequence[Recorded]) -> None:
        if self.fail:
            raise RuntimeError
        self.positions.setdefault(tenant, []).extend(e.row.position for e in events)


async def test_a_follower_sees_each_event_once_and_in_order(house: House, tenant: str) -> None:
    seen = Seen()
    follower = Follower(house.record, f"f-{uuid4().hex}", apply=[seen.apply])
    for _ in range(5):
        await open_one(house, tenant)
    while await follower.catch_up():
        pass
    await open_one(house, tenant)
    while await follower.catch_up():
        pass
    assert seen.positions[tenant] == [1, 2, 3, 4, 5, 6]


async def test_what_failed_is_read_again(house: House, tenant: str) -> None:
    seen = Seen()
    follower = Follower(house.record, f"f-{uuid4().hex}", apply=[seen.apply])
    await open_one(house, tenant)
    seen.fail = True
    while await follower.catch_up():
        pass
    assert tenant in follower.halted
    seen.fail = False
    follower.halted.clear()
    while await follower.catch_up():
        pass
    assert seen.positions[tenant] == [1]


async def test_an_event_that_the_lists_cant_hold_halts_its_tenant_and_nobody_else(
    house: House, tenant: str
) -> None:
    """That a server refuses a row isn't that the server is away."""

    async def apply(to: Connection, whose: str, _: Sequence[Recorded]) -> None:
        if whose == tenant:
            await to.execute(
                "INSERT INTO record.checkpoint (follower, tenant, position)"
                " SELECT follower, tenant, position FROM record.checkpoint WHERE tenant = $1",
                whose,
            )

    other = f"other-{uuid4().hex[:8]}"
    await house.record.vault.create_tenant(other)
    await open_one(house, tenant)
    await open_one(house, other)
    seen = Seen()
    follower = Follower(house.record, f"f-{uuid4().hex}", apply=[apply, seen.apply])
    while await follower.catch_up():
        pass
    assert tenant in follower.halted
    assert (seen.positions.get(tenant), seen.positions[other]) == (None, [1])


async def test_a_follower_ends_when_told_even_if_the_database_went_away_first(
    settings: Settings, tenant: str
) -> None:
    house = await build(settings)
    working = asyncio.Event()

    async def apply(*_: Any) -> None:
        working.set()
        await asyncio.sleep(60)

    await open_one(house, tenant)
    follower = Follower(house.record, f"f-{uuid4().hex}", apply=[apply])
    running = asyncio.create_task(follower.run())
    await working.wait()
    house.record.pool.terminate()
    running.cancel()
    done, _ = await asyncio.wait({running}, timeout=20)
    assert done == {running}


async def test_a_gap_halts_its_tenant_with_an_alarm_and_nobody_else(
    house: House, settings: Settings, tenant: str, capsys: pytest.CaptureFixture[str]
) -> None:
    await open_one(house, tenant)
    other = f"other-{uuid4().hex[:8]}"
    await house.record.vault.create_tenant(other)
    admin = await asyncpg.connect(settings.required_database_url())
    await admin.execute(
        "UPDATE record.tenant SET log_size = log_size + 1 WHERE tenant = $1", tenant
    )
    await open_one(house, tenant)
    await open_one(house, other)
    seen = Seen()
    follower = Follower(house.record, f"f-{uuid4().hex}", apply=[seen.apply])
    while await follower.catch_up():
        pass
    assert tenant in follower.halted
    assert other not in follower.halted
    assert "position=2" in capsys.readouterr().err
    assert (seen.positions.get(tenant), seen.positions[other]) == (None, [1])
    await forget(admin, tenant)
    await admin.close()


async def forget(admin: asyncpg.Connection[asyncpg.Record], tenant: str) -> None:
    """Leave nothing behind at which the followers of other tests would halt."""
    async with admin.transaction():
        await admin.execute("SET LOCAL session_replication_role = replica")
        for table in ("event", "ledger", "checkpoint", "signed_checkpoint", "tree_node", "tile"):
            await admin.execute(f"DELETE FROM record.{table} WHERE tenant = $1", tenant)
        await admin.execute("UPDATE record.tenant SET log_size = 0 WHERE tenant = $1", tenant)


async def test_one_follower_of_a_shard_is_active_and_the_others_wait(
    settings: Settings, tenant: str
) -> None:
    first, second = await build(settings), await build(settings)
    seen = Seen()
    name = f"f-{uuid4().hex}"
    running = [
        asyncio.create_task(Follower(house.record, name, apply=[seen.apply]).run())
        for house in (first, second)
    ]
    for _ in range(3):
        await open_one(first, tenant)
    while seen.positions.get(tenant) != [1, 2, 3]:
        await asyncio.sleep(0.02)
    running[0].cancel()  # whichever was active, the other goes on within seconds
    await asyncio.gather(running[0], return_exceptions=True)
    await open_one(second, tenant)
    while seen.positions[tenant] != [1, 2, 3, 4]:
        await asyncio.sleep(0.02)
    running[1].cancel()
    await asyncio.gather(running[1], return_exceptions=True)
    await first.close()
    await second.close()


async def test_every_tenant_belongs_to_exactly_one_shard(house: House) -> None:
    tenants = [f"s-{uuid4().hex[:8]}" for _ in range(48)]  # of 12, one shard had none at times
    for tenant in tenants:
        await house.record.vault.create_tenant(tenant)
        await open_one(house, tenant)
    seen = [Seen() for _ in range(3)]
    name = f"f-{uuid4().hex}"
    for shard in range(3):
        follower = Follower(house.record, name, apply=[seen[shard].apply], shard=(shard, 3))
        while await follower.catch_up():
            pass
    for tenant in tenants:
        assert [tenant in each.positions for each in seen].count(True) == 1
    assert all(set(each.positions) & set(tenants) for each in seen)


async def test_two_followers_that_are_active_at_once_still_apply_each_event_once(
    house: House, tenant: str
) -> None:
    """As when a lock was lost with its connection, and its owner hasn't noticed yet."""
    seen = Seen()
    name = f"f-{uuid4().hex}"
    for _ in range(20):
        await open_one(house, tenant)

    async def follow() -> None:
        follower = Follower(house.record, name, apply=[seen.apply])
        for _ in range(30):
            await follower.catch_up()

    await asyncio.gather(follow(), follow(), follow())
    assert seen.positions[tenant] == list(range(1, 21))
