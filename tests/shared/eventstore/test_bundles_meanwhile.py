"""Bundles that are written while somebody is erased, and out of logs that are long."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from pathlib import Path

import asyncpg
import pytest

from console.bootstrap import House
from console.commands.audit import export_bundle
from console.exits import GaveUp
from shared.database import ROLE
from shared.eventstore import bundle as bundling
from shared.eventstore.bundle import Bundler, Selection
from shared.eventstore.record import Record
from shared.principal import Principal
from shared.settings import Settings
from tests.conftest import Story
from tests.shared.eventstore.tampering import events_in
from tests.shared.eventstore.test_bundle import ours, theirs
from tests.shared.eventstore.test_ledger import bundle, fill
from tests.shared.eventstore.test_record import command

SLOW = """
CREATE FUNCTION public.slowly() RETURNS boolean LANGUAGE plpgsql VOLATILE AS
  $$ BEGIN PERFORM pg_sleep(0.025); RETURN true; END $$;
GRANT EXECUTE ON FUNCTION public.slowly TO PUBLIC;
CREATE POLICY slowly ON record.event AS RESTRICTIVE FOR SELECT TO cairn_app USING (public.slowly());
"""
FAST = "DROP POLICY slowly ON record.event; DROP FUNCTION public.slowly();"


@pytest.mark.parametrize("when", ["after the first event", "before the last page"])
async def test_a_bundle_during_which_somebody_is_erased_begins_anew_with_a_newer_head(
    story: Story, monkeypatch: pytest.MonkeyPatch, when: str
) -> None:
    await story.ana.put(f"{story.conversation}/answers/impact", json={"text": "a secret"})
    monkeypatch.setattr(bundling, "_PAGE", 2)
    house = story.house
    lines = Bundler(house.record, house.ledger).lines(story.tenant, Selection())
    written = [await anext(lines)]
    for _ in range({"after the first event": 2, "before the last page": 6}[when]):
        written.append(await anext(lines))
    await erase(house, story.tenant, "ana")
    try:
        written += [line async for line in lines]
    except bundling.Overtaken:
        written = await bundle(house, story.tenant)
    assert ours(written) == theirs(written) == (True, None, "")


@pytest.mark.parametrize("times", [1, 5])
async def test_an_export_begins_anew_when_somebody_is_erased_meanwhile_and_gives_up_in_the_end(
    story: Story, settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, times: int
) -> None:
    await story.ana.put(f"{story.conversation}/answers/impact", json={"text": "a secret"})
    monkeypatch.setattr(bundling, "_PAGE", 2)
    people = ["ana", "ben", "p1", "p2", "p3"][:times]
    for person in people[2:]:
        put = {"name": person, "email": f"{person}@example.com"}
        await story.platform.put(f"/v1/people/{person}", json=put)
    monkeypatch.setattr(Bundler, "lines", erasing_meanwhile(story, people))
    output = tmp_path / "bundle"
    exporting = export_bundle(settings, story.tenant, None, None, None, None, output)
    if times == 5:
        with pytest.raises(GaveUp, match="5 times"):
            await exporting
        assert not output.exists()
    else:
        await exporting
        lines = output.read_bytes().splitlines(keepends=True)
        assert ours(lines) == theirs(lines) == (True, None, "")
    assert people == []


def erasing_meanwhile(story: Story, people: list[str]) -> Callable[..., AsyncIterator[bytes]]:
    """The lines of a bundle during which one of these people is erased, each time the next."""
    written = Bundler.lines

    async def lines(bundler: Bundler, tenant: str, selection: Selection) -> AsyncIterator[bytes]:
        found = written(bundler, tenant, selection)
        yield await anext(found)
        if people:
            await erase(story.house, tenant, people.pop())
        async for line in found:
            yield line

    return lines


async def erase(house: House, tenant: str, person: str) -> None:
    dpo = Principal(tenant, frozenset({"dpo"}), "dpo")
    await house.people.erase_person(command(house, tenant, by=dpo), person)


async def test_a_bundle_that_lacks_a_body_no_tombstone_covers_is_written_and_refused(
    story: Story, settings: Settings
) -> None:
    await story.ana.put(f"{story.conversation}/answers/impact", json={"text": "a secret"})
    admin = await asyncpg.connect(settings.required_database_url())
    await admin.execute("SET ROLE cairn_erase")
    await admin.execute(
        "UPDATE record.event SET words = NULL WHERE tenant = $1 AND type LIKE 'conversation.answer%'",
        story.tenant,
    )
    await admin.close()
    lines = await bundle(story.house, story.tenant)
    assert not ours(lines)[0]
    assert not theirs(lines)[0]


@pytest.fixture
async def slow(settings: Settings, house: House) -> AsyncIterator[Record]:
    """A record of which each row takes a fortieth of a second, and each statement three at most."""
    url = settings.required_database_url()
    admin = await asyncpg.connect(url)
    pool = await asyncpg.create_pool(
        url, min_size=1, max_size=2, command_timeout=3.0, server_settings={"role": ROLE}
    )
    await admin.execute(SLOW)
    yield Record(pool, house.record.vault, house.record.clock, house.record.registry)
    await pool.close()
    await admin.execute(FAST)
    await admin.close()


@pytest.fixture
async def long_log(house: House, tenant: str) -> Selection:
    """A log of 160 events, of which four are a person's."""
    opened = await fill(house, tenant, 40)
    await house.ledger.checkpoint(tenant)
    return Selection(subject=opened[7].person)


async def test_what_is_selected_out_of_a_long_log_takes_as_long_as_it_takes(
    long_log: Selection, house: House, slow: Record, tenant: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bundling, "_AT_ONCE", 20, raising=False)
    lines = [line async for line in Bundler(slow, house.ledger).lines(tenant, long_log)]
    assert len(events_in(lines)) == 4
    assert ours(lines) == theirs(lines) == (True, None, "")
