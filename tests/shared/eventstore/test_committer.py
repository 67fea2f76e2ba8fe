"""How appends queue: with a bound, and each with its own outcome."""

from __future__ import annotations

import asyncio
from uuid import uuid4

import asyncpg
import msgspec
import pytest

from console.bootstrap import House
from shared.errors import Unavailable
from shared.eventstore.committer import Append, Committer
from shared.eventstore.sealing import NO_LEAF, Unsealed, seal
from shared.settings import Settings


def append(house: House, tenant: str) -> Append:
    at = house.record.clock.now()
    unsealed = Unsealed(
        tenant=tenant,
        stream=uuid4(),
        version=1,
        type="cycles.started",
        schema_version=1,
        at=at,
        recorded_at=at,
        event_id=uuid4(),
        key_id=None,
        meta=b'{"actor": "system:test"}',
        facts=msgspec.json.encode({"person": uuid4(), "number": 1, "through": "api"}),
    )
    return Append((seal(unsealed, None, None, NO_LEAF),))


async def test_more_than_there_is_room_for_is_refused_at_once_and_the_rest_is_saved(
    house: House, settings: Settings, tenant: str
) -> None:
    committer = Committer(house.record.pool, house.record.clock, most_waiting=5)
    admin = await asyncpg.connect(settings.required_database_url())
    holding = admin.transaction()
    await holding.start()
    await admin.execute("SELECT FROM record.tenant WHERE tenant = $1 FOR UPDATE", tenant)
    flying = asyncio.create_task(committer.append(append(house, tenant)))
    held_up = (
        "SELECT true FROM pg_stat_activity WHERE pg_backend_pid() = ANY (pg_blocking_pids(pid))"
    )
    while not await admin.fetchval(held_up):
        await asyncio.sleep(0.01)
    waiting = [asyncio.create_task(committer.append(append(house, tenant))) for _ in range(5)]
    await asyncio.sleep(0)
    with pytest.raises(Unavailable):
        await asyncio.wait_for(committer.append(append(house, tenant)), timeout=20)
    await holding.rollback()
    await asyncio.gather(flying, *waiting)
    size = await admin.fetchval("SELECT log_size FROM record.tenant WHERE tenant = $1", tenant)
    await admin.close()
    assert size == 6
