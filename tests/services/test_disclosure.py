"""Whoever reads somebody else's words is on record before the words leave."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import pytest

from services.disclosure import Disclosures, Reading
from shared.errors import Unavailable
from shared.eventstore.record import Record
from shared.principal import Principal
from shared.settings import Settings
from tests.clock import MovableClock
from tests.conftest import Client
from tests.years import Years, id_of


@pytest.fixture(autouse=True)
def _half_past(clock: MovableClock) -> None:
    """No full hour passes during a test."""
    clock.move(timedelta(minutes=(90 - clock.now().minute) % 60))


async def disclosures(years: Years, client: Client | None = None) -> list[dict[str, Any]]:
    await years.read_models()
    told = await years.told(client or years.ana, "/v1/people/ana/disclosures")
    found: list[dict[str, Any]] = told["items"]
    return found


async def share_some(years: Years) -> None:
    await years.ana.put(f"{years.conversation}/answers/impact", json={"text": "mine"})
    await years.ana.post(f"{years.conversation}:share")


async def test_a_partner_who_reads_what_was_shared_is_on_the_employees_list(years: Years) -> None:
    await share_some(years)
    await years.ben.get(years.conversation)
    (entry,) = await disclosures(years)
    assert entry["reader"] == "ben"
    assert (entry["artefact"], entry["id"]) == ("conversation", id_of(years.conversation))
    assert entry["ground"] == "partner"
    assert entry["hour"].endswith(":00:00Z")


async def test_reading_again_within_the_hour_is_one_entry(years: Years) -> None:
    await share_some(years)
    await asyncio.gather(*(years.ben.get(years.conversation) for _ in range(8)))
    await years.ben.get(years.conversation)
    assert len(await disclosures(years)) == 1


async def test_another_hour_or_another_process_makes_no_mistake(years: Years) -> None:
    vault = years.house.record.vault
    ana, ben = [await vault.assign_subject(years.tenant, name) for name in ("ana", "ben")]
    by = Principal(years.tenant, frozenset({"partner"}), "ben", ben)
    reading = Reading("conversation", uuid4(), "partner")
    now = years.house.record.clock.now().replace(minute=30)
    processes = [Disclosures(years.house.record) for _ in range(3)]
    await asyncio.gather(*(process.record(by, ana, [reading], now) for process in processes))
    await processes[0].record(by, ana, [reading], now + timedelta(hours=1))
    assert len(await disclosures(years)) == 2


async def test_nothing_read_is_nothing_disclosed(years: Years) -> None:
    await years.ana.put(f"{years.conversation}/answers/impact", json={"text": "mine"})
    await years.ben.get(years.conversation)
    await years.eve.get(years.conversation)
    assert await disclosures(years) == []


async def test_ones_own_words_are_no_disclosure(years: Years) -> None:
    await share_some(years)
    body = {"text": "his own", "shared": False}
    await years.ben.post(f"{years.conversation}/notes", json=body)
    await years.ana.get(years.conversation)
    await years.ben.get(f"{years.conversation}/notes")
    assert await disclosures(years) == []


async def test_a_place_that_the_employee_named_is_read_and_one_of_the_partners_own_is_not(
    years: Years,
) -> None:
    when = {"starts_at": "2199-03-04T10:00:00Z", "duration": "PT1H", "place": "My kitchen"}
    await years.ben.post(f"{years.conversation}:schedule", json=when)
    await years.ben.get(f"{years.conversation}/invite.ics")
    assert await disclosures(years) == []
    await years.ana.post(f"{years.conversation}:schedule", json=when | {"place": "Outside"})
    await years.ben.get(f"{years.conversation}/invite.ics")
    assert [entry["artefact"] for entry in await disclosures(years)] == ["meeting"]


async def test_each_artefact_is_an_entry_and_the_newest_comes_first(years: Years) -> None:
    await share_some(years)
    await years.ben.get(years.conversation)
    await years.agree()
    await years.ben.get(years.plan)
    assert [entry["artefact"] for entry in await disclosures(years)] == ["plan", "conversation"]


async def test_what_was_said_before_is_an_artefact_of_its_own(years: Years) -> None:
    await share_some(years)
    await years.conclude()
    follow_up = await years.follow_up()
    await years.ben.get(follow_up)
    (entry,) = await disclosures(years)
    assert entry["id"] == id_of(years.conversation)


async def test_a_promise_that_hr_reads_is_disclosed(years: Years) -> None:
    await years.agree()
    hr = years.door("hr")
    shown = await years.told(hr, years.plan)
    assert set(shown["promises"]) == {"mentor", "course"}
    (entry,) = [one for one in await disclosures(years) if one["artefact"] == "promises"]
    assert (entry["reader"], entry["ground"]) == ("client:hr", "hr")


async def test_who_reads_states_and_outlines_reads_no_words(years: Years) -> None:
    await years.agree()
    before = await disclosures(years)
    for role in ("auditor", "platform"):
        await years.told(years.door(role), years.plan)
    assert await disclosures(years) == before


async def test_the_person_auditors_and_data_protection_see_the_list_and_nobody_else(
    years: Years,
) -> None:
    await share_some(years)
    await years.ben.get(years.conversation)
    for client in (years.ana, years.auditor, years.door("dpo")):
        assert len(await disclosures(years, client)) == 1
    for client in (years.ben, years.platform, years.door("hr"), years.door("ops")):
        answer = await client.get("/v1/people/ana/disclosures")
        assert answer.status_code == 404
    assert (await years.ana.get("/v1/people/ben/disclosures")).status_code == 404
    assert (await years.ana.get("/v1/people/nobody/disclosures")).status_code == 404


async def test_the_list_has_pages(years: Years) -> None:
    vault = years.house.record.vault
    ana, ben = [await vault.assign_subject(years.tenant, name) for name in ("ana", "ben")]
    by = Principal(years.tenant, frozenset({"partner"}), "ben", ben)
    readings = [Reading("conversation", UUID(int=number), "partner") for number in range(5)]
    now = years.house.record.clock.now()
    await Disclosures(years.house.record).record(by, ana, readings, now)
    await years.read_models()
    seen: list[str] = []
    cursor = ""
    while True:
        page = await years.told(years.ana, "/v1/people/ana/disclosures", limit="2", cursor=cursor)
        seen += [entry["id"] for entry in page["items"]]
        if (cursor := page["next"]) is None:
            break
    assert seen == [str(reading.id) for reading in reversed(readings)]


async def test_words_stay_where_it_can_not_be_recorded_that_they_leave(
    years: Years, settings: Settings
) -> None:
    await share_some(years)
    wrong, corrections = {"about": "profile", "text": "mine too"}, "/v1/people/ana/corrections"
    await years.ana.post(corrections, json=wrong)
    admin = await asyncpg.connect(settings.required_database_url())
    await admin.execute("REVOKE EXECUTE ON FUNCTION record.append FROM cairn_app")
    try:
        hr = years.door("hr")
        asked = ((years.ben, years.conversation), (hr, corrections), (hr, "/v1/people/ana"))
        for client, path in asked:
            answer = await client.get(path)
            assert (answer.status_code, answer.json()["type"]) == (503, "/problems/not-on-record")
            assert "mine" not in answer.text
        own = await years.ana.get(years.conversation)
        assert own.status_code == 200
    finally:
        await admin.execute("GRANT EXECUTE ON FUNCTION record.append TO cairn_app")
        await admin.close()
    assert "mine" in (await years.ben.get(years.conversation)).text


async def test_a_database_that_is_away_is_told_as_such(years: Years, settings: Settings) -> None:
    from shared.database import open_pool

    pool = await open_pool(settings.required_database_url(), size=1)
    house = years.house
    apart = Record(pool, house.record.vault, house.record.clock, house.record.registry)
    ben = await house.record.vault.assign_subject(years.tenant, "ben")
    by = Principal(years.tenant, frozenset({"partner"}), "ben", ben)
    pool.terminate()
    with pytest.raises(Unavailable):
        await Disclosures(apart).record(
            by, uuid4(), [Reading("plan", uuid4(), "partner")], house.record.clock.now()
        )
