"""The lists can be derived again at any time, to the byte, while they are read and written."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from uuid import UUID

import asyncpg
import pytest
from pydantic import SecretStr

from console.bootstrap import House, build
from console.generations import GENERATION
from console.migrations import migrate
from console.rebuild import AlreadyRebuilding, rebuild_read_models
from services.people.employment import Profile
from shared.eventstore.record import Command
from shared.principal import Principal
from shared.settings import Settings

TABLES = (
    "person", "cycle", "conversation", "plan", "timeline", "naming", "promise", "mentorship",
    "mentoring_offer", "keeping",
)  # fmt: skip


@pytest.fixture
async def apart(settings: Settings, tmp_path: Path) -> AsyncIterator[Settings]:
    """A database of its own: a rebuild is about all tenants."""
    admin = await asyncpg.connect(settings.required_database_url())
    await admin.execute("CREATE DATABASE rebuilt")
    url = settings.required_database_url().rpartition("/")[0] + "/rebuilt"
    await migrate(url)
    yield settings.model_copy(update={"database_url": SecretStr(url)})
    await admin.execute("DROP DATABASE rebuilt WITH (FORCE)")
    await admin.close()


async def live(house: House, tenant: str, people: int) -> None:
    """Register people with partners, start their cycles, open and answer their conversations."""
    await house.record.vault.create_tenant(tenant)
    platform = Principal(tenant, frozenset({"platform"}), "platform")

    def command() -> Command:
        return Command(by=platform, at=house.record.clock.now())

    for number in range(people):
        person = f"p{number}"
        profile = Profile(person, f"{person}@example.com", department="research")
        await house.people.put_person(command(), person, profile, "boss")
        cycle = (await house.cycles.start_cycle(command(), person, "api")).body["id"]
        subject = await house.record.vault.assign_subject(tenant, person)
        own = Principal(tenant, frozenset({"employee"}), person, subject)
        opened = await house.conversations.open_conversation(
            Command(by=platform, at=house.record.clock.now(), step="open"),
            person=subject,
            cycle=UUID(cycle),
            round=1,
            kind="conversation",
        )
        answering = Command(by=own, at=house.record.clock.now())
        await house.conversations.record_answer(answering, opened.id, "impact", "words")


async def dump(settings: Settings) -> dict[str, list[tuple[object, ...]]]:
    """Every row of every list, in the order of the first columns."""
    admin = await asyncpg.connect(settings.required_database_url())
    found = {
        table: [
            tuple(row)
            for row in await admin.fetch(f"SELECT * FROM {GENERATION}.{table} ORDER BY 1, 2, 3")
        ]
        for table in TABLES
    }
    await admin.close()
    return found


async def test_rebuilt_lists_are_the_same_to_the_byte(apart: Settings) -> None:
    house = await build(apart)
    for tenant in ("one", "two"):
        await live(house, tenant, 6)
    while await house.readmodels().catch_up():
        pass
    before = await dump(apart)
    assert [len(before[table]) for table in TABLES][:2] == [12, 12]
    seen: list[tuple[int, int]] = []
    read = await rebuild_read_models(apart, lambda done, total: seen.append((done, total)))
    assert await dump(apart) == before
    assert seen[-1] == (read, read)
    assert await house.readmodels().catch_up() == 0
    await house.close()


async def test_lists_are_derived_again_without_whoever_was_forgotten(apart: Settings) -> None:
    """Their ids are gone with the link, while the log still tells that they were registered."""
    house = await build(apart)
    await live(house, "one", 3)
    while await house.readmodels().catch_up():
        pass
    dpo = Principal("one", frozenset({"dpo"}), "dpo")
    for person in ("p0", "p1"):
        command = Command(by=dpo, at=house.record.clock.now())
        await house.people.erase_person(command, person, "link")
    while await house.readmodels().catch_up():
        pass
    await house.close()
    before = await dump(apart)
    assert len(before["person"]) == 1
    await rebuild_read_models(apart, lambda *_: None)
    assert await dump(apart) == before


async def test_lists_are_served_and_filled_while_they_are_rebuilt(apart: Settings) -> None:
    house = await build(apart)
    await live(house, "one", 4)
    following = asyncio.create_task(house.readmodels().run())
    done = asyncio.Event()
    failures: list[Exception] = []
    pages = 0

    async def read_on() -> None:
        nonlocal pages
        while not done.is_set():
            try:
                pages += bool(await house.roster.list_people("one", "", 200, None, None))
            except Exception as failure:
                failures.append(failure)
            await asyncio.sleep(0)

    async def rebuild_on() -> None:
        for _ in range(5):
            await rebuild_read_models(apart, lambda *_: None)
        done.set()

    await asyncio.gather(read_on(), live(house, "two", 12), rebuild_on())
    assert failures == []
    assert pages > 10
    while len((await dump(apart))["person"]) < 16:
        await asyncio.sleep(0.05)
    following.cancel()
    await asyncio.gather(following, return_exceptions=True)
    while await house.readmodels().catch_up():
        pass
    final = await dump(apart)
    await rebuild_read_models(apart, lambda *_: None)
    assert await dump(apart) == final
    await house.close()


async def test_the_owner_who_has_no_root_key_derives_them_again(
    apart: Settings, tmp_path: Path
) -> None:
    """Where the tables are made there is none (deploy/compose.yaml, the chart)."""
    house = await build(apart)
    await live(house, "one", 2)
    await house.close()
    await migrate(apart.required_database_url())
    before = await dump(apart)
    keyless = apart.model_copy(update={"root_key_file": tmp_path / "nowhere"})
    assert await rebuild_read_models(keyless, lambda *_: None) > 0
    assert await dump(apart) == before


async def test_one_rebuild_at_a_time(apart: Settings) -> None:
    outcomes = await asyncio.gather(
        *(rebuild_read_models(apart, lambda *_: None) for _ in range(3)), return_exceptions=True
    )
    assert sum(isinstance(outcome, AlreadyRebuilding) for outcome in outcomes) == 2


async def test_lists_that_are_gone_altogether_are_derived_again(apart: Settings) -> None:
    house = await build(apart)
    await live(house, "one", 3)
    while await house.readmodels().catch_up():
        pass
    before = await dump(apart)
    await house.close()
    admin = await asyncpg.connect(apart.required_database_url())
    await admin.execute(f"DROP SCHEMA {GENERATION} CASCADE")
    await admin.close()
    await rebuild_read_models(apart, lambda *_: None)
    assert await dump(apart) == before
