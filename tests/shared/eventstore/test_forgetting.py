"""Whoever is forgotten is forgotten in every process at once, not when a minute has passed."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from uuid import UUID

import pytest
from cachetools import TTLCache

from console.bootstrap import House, build
from shared.settings import Settings


@pytest.fixture
async def other(settings: Settings) -> AsyncIterator[House]:
    """The same house in another process: its own connections and its own memory."""
    built = await build(settings)
    yield built
    await built.close()


async def within_seconds(what: Callable[[], Awaitable[bool]]) -> bool:
    for _ in range(1_000):
        if await what():
            return True
        await asyncio.sleep(0.02)
    return False


async def kept(house: House, tenant: str, subject: UUID) -> bool:
    """Ask for a key, and tell whether it is remembered now."""
    await house.record.vault.key_of(tenant, subject)
    return (tenant, subject) in house.record.vault._keys


async def test_a_key_that_was_destroyed_is_in_no_memory(
    house: House, other: House, tenant: str
) -> None:
    ana = await house.record.vault.assign_subject(tenant, "ana")
    assert await within_seconds(lambda: kept(other, tenant, ana))
    await house.record.vault.destroy(tenant, ana)

    async def forgotten() -> bool:
        return (tenant, ana) not in other.record.vault._keys

    assert await within_seconds(forgotten)
    assert await other.record.vault.key_of(tenant, ana) is None


async def test_nothing_is_kept_while_nobody_listens(
    house: House, other: House, tenant: str
) -> None:
    ana = await house.record.vault.assign_subject(tenant, "ana")
    assert await within_seconds(lambda: kept(other, tenant, ana))
    vault = other.record.vault
    await vault.ears.close()
    assert (tenant, ana) not in vault._keys
    await house.record.vault.destroy(tenant, ana)
    assert await vault.key_of(tenant, ana) is None


async def test_listening_ends_when_told_though_the_database_went_away_first(
    house: House, settings: Settings, tenant: str
) -> None:
    other = await build(settings)
    ana = await house.record.vault.assign_subject(tenant, "ana")
    assert await within_seconds(lambda: kept(other, tenant, ana))
    other.record.pool.terminate()
    async with asyncio.timeout(20):
        await other.record.vault.ears.close()
    await other.close()


async def test_a_key_that_was_fetched_while_somebody_was_forgotten_is_not_kept(
    house: House, tenant: str
) -> None:
    vault = house.record.vault
    ana = await vault.assign_subject(tenant, "ana")
    assert await within_seconds(lambda: kept(house, tenant, ana))
    since = vault.ears.since()
    vault.ears._hear(None, 0, "", f"{tenant} {ana}")
    assert not vault.ears.is_still(since)


async def test_whoever_is_driven_out_of_a_memory_is_not_taken_for_forgotten(
    other: House, tenant: str
) -> None:
    vault = other.record.vault
    vault._people = TTLCache(1, 60)
    ana, ben, eve = [await vault.assign_subject(tenant, name) for name in ("ana", "ben", "eve")]
    assert await vault.people_of(tenant, {ana}) == {ana: "ana"}
    names = {ana: "ana", ben: "ben", eve: "eve"}
    assert await vault.people_of(tenant, {ana, ben, eve}) == names
