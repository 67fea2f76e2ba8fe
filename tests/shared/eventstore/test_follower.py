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
from shared.eventstore.follower import Follower, Gap
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
    with pytest.raises(RuntimeError):
        while await follower.catch_up():
            pass
    seen.fail = False
    while await follower.catch_up():
        pass
    assert seen.positions[tenant] == [1]


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
    done, _ = await asyncio.wait({running}, timeout=1)
    assert done == {running}


async def test_a_follower_halts_on_a_gap(house: House, settings: Settings, tenant: str) -> None:
    await open_one(house, tenant)
    admin = await asyncpg.connect(settings.required_database_url())
    await admin.execute(
        "UPDATE record.tenant SET log_size = log_size + 1 WHERE tenant = $1", tenant
    )
    await open_one(house, tenant)
    follower = Follower(house.record, f"f-{uuid4().hex}", apply=[Seen().apply])
    with pytest.raises(Gap, match="position 2 is missing"):
        while await follower.catch_up():
            pass
    await admin.execute("ALTER TABLE record.event DISABLE TRIGGER append_only")
    await admin.execute("DELETE FROM record.event WHERE tenant = $1", tenant)
    await admin.execute("ALTER TABLE record.event ENABLE TRIGGER append_only")
    await admin.execute("UPDATE record.tenant SET log_size = 0 WHERE tenant = $1", tenant)
    await admin.close()
