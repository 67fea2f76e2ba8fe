"""What happens to people and what follows for their cycles, by the API and the worker's activities."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.conftest import Story

ANA = {"name": "Ana Silva", "email": "ana@example.com"}
TODAY = datetime.now(UTC).date()
YESTERDAY = str(TODAY - timedelta(days=2))


async def put(story: Story, person: str = "ana", **fields: Any) -> Any:
    body = {"name": person.title(), "email": f"{person}@example.com", "partner": "ben"} | fields
    if person == "ben":
        del body["partner"]
    return await story.platform.put(f"/v1/people/{person}", json=body)


async def on_one_day() -> None:
    """Wait for midnight (UTC) where it is near: what follows is of one day."""
    while (now := datetime.now(UTC)).date() != (now + timedelta(seconds=20)).date():
        await asyncio.sleep(0.2)


async def in_state(story: Story, state: str) -> None:
    """Bring Ana's cycle to a state, by what people do."""
    if state == "conversation":
        return
    if state == "partner":
        await story.ana.put(f"{story.conversation}/answers/impact", json={"text": "mine"})
        await story.ana.post(f"{story.conversation}:share")
    elif state == "paused":
        await story.ana.post(f"{story.conversation}:pause")
    elif state == "steady":
        await story.ana.post(f"{story.conversation}:decline")
    else:
        await story.conclude()
        if state == "developing":
            await story.ana.put(f"{story.plan}/goals/g", json={"text": "Lead"})
            await story.ana.post(f"{story.plan}:propose")
            await story.ben.post(f"{story.plan}:agree")
    await story.advance()


STATES = ["conversation", "partner", "paused", "planning", "developing", "steady"]


@pytest.mark.parametrize("state", STATES)
async def test_a_leave_suspends_the_cycle_in_every_state(story: Story, state: str) -> None:
    await in_state(story, state)
    before = (await story.state())["state"]
    answer = await story.platform.post("/v1/people/ana:leave", json={"from": str(TODAY)})
    assert answer.status_code == 200, answer.text
    await story.advance()
    found = await story.state()
    assert found["suspended"] == {"reason": "leave", "until": None}
    assert (found["state"], found["waiting_for"]) == (before, "nobody")
    back = await story.platform.post("/v1/people/ana:return")
    assert back.status_code == 200, back.text
    assert (await story.state())["suspended"]["until"] > str(TODAY + timedelta(days=13))


async def test_a_leave_has_a_first_and_a_last_day(story: Story) -> None:
    body = {"from": "2030-03-01", "until": "2030-08-31"}
    await story.platform.post("/v1/people/ana:leave", json=body)
    shown = (await story.platform.get("/v1/people/ana")).json()
    assert shown["leaves"] == [{"since": "2030-03-01T00:00:00Z", "until": "2030-09-01T00:00:00Z"}]
    upside_down = {"from": "2030-03-01", "until": "2030-02-01"}
    answer = await story.platform.post("/v1/people/ana:leave", json=upside_down)
    assert answer.status_code == 422
    assert "last day" in answer.json()["detail"]


async def test_the_last_day_of_the_calendar_is_how_hr_systems_write_that_there_is_none(
    story: Story,
) -> None:
    never = "9999-12-31"
    assert (await put(story, end_date=never)).status_code == 200
    for until in (never, f"{never}T00:00:00Z"):
        leave = {"from": "2030-03-01", "until": until}
        assert (await story.platform.post("/v1/people/ana:leave", json=leave)).is_success
    shown = (await story.platform.get("/v1/people/ana")).json()
    assert shown["end_date"] is None
    assert shown["leaves"] == [{"since": "2030-03-01T00:00:00Z", "until": None}]
    assert (await story.state())["state"] == "conversation"


@pytest.mark.parametrize("day", ["9999-12-30", "9001-01-01", "0999-12-31", "0001-01-01"])
async def test_a_day_at_the_ends_of_the_calendar_is_refused(story: Story, day: str) -> None:
    answers = [
        await put(story, end_date=day),
        await put(story, partner="ben", partner_since=f"{day}T00:00:00Z"),
        await story.platform.post("/v1/people/ana:leave", json={"from": day}),
        await story.platform.post(
            "/v1/people/ana:leave", json={"from": "2030-01-01", "until": f"{day}T00:00:00Z"}
        ),
    ]
    assert [answer.status_code for answer in answers] == [422] * len(answers)
    assert "day between the years 1000 and 9000" in answers[0].text
    assert (await story.state())["state"] == "conversation"


async def test_a_return_without_a_leave_is_refused(story: Story) -> None:
    answer = await story.platform.post("/v1/people/ana:return")
    assert (answer.status_code, answer.json()["type"]) == (409, "/problems/not-on-leave")


async def test_a_suspension_for_leave_is_not_resumed_by_hand(story: Story) -> None:
    await story.platform.post("/v1/people/ana:leave", json={"from": str(TODAY)})
    await story.advance()
    answer = await story.platform.post(f"/v1/cycles/{story.cycle}:resume", json={})
    assert answer.json()["type"] == "/problems/suspended-by-itself"


@pytest.mark.parametrize("state", STATES)
async def test_a_leaver_has_the_cycle_closed_in_every_state(story: Story, state: str) -> None:
    await in_state(story, state)
    assert (await put(story, end_date=YESTERDAY)).status_code == 200
    await story.advance()
    found = await story.state()
    assert (found["state"], found["suspended"]) == ("closed", None)
    happened = await story.happened()
    assert happened.count("people.left") == happened.count("cycles.closed") == 1
    if story.plan:
        assert "plan.closed" in happened  # what was promised is released
    if state in {"conversation", "partner", "paused"}:
        assert "conversation.closed" in happened
        assert "conversation.concluded" not in happened


async def test_inactive_is_not_leaving_and_stops_the_clocks(story: Story) -> None:
    await put(story, status="inactive")
    await story.advance()
    found = await story.state()
    assert (found["state"], found["suspended"]["reason"]) == ("conversation", "inactive")
    assert "people.left" not in await story.happened()
    await put(story)
    await story.advance()
    assert (await story.state())["suspended"] is None


async def test_a_partner_who_is_forgotten_is_nobodys_partner_any_more(story: Story) -> None:
    await story.read_models()
    await erase(story, "ben")
    assert (await story.platform.get("/v1/people/ana")).json()["partner"] is None


async def test_nobody_who_was_forgotten_gets_a_cycle(story: Story) -> None:
    await erase(story, "ben")
    refused = await story.platform.post("/v1/cycles", json={"person": "ben"})
    assert (refused.status_code, refused.json()["type"]) == (409, "/problems/person-erased")
    assert (await story.happened("cycles.")).count("cycles.started") == 1  # Ana's


async def test_a_rehire_is_a_new_employment_with_a_new_cycle(story: Story) -> None:
    await story.ana.put(f"{story.conversation}/answers/impact", json={"text": "then"})
    await put(story, end_date=YESTERDAY)
    await story.advance()
    started = await story.platform.post("/v1/cycles", json={"person": "ana"})
    assert (started.status_code, started.json()["type"]) == (409, "/problems/has-left")
    await put(story)
    assert (await story.happened("people."))[-1] == "people.partner_assigned"
    assert "people.rejoined" in await story.happened()
    again = await story.platform.post("/v1/cycles", json={"person": "ana"})
    assert again.status_code == 201
    assert again.json()["id"] != story.cycle
    assert again.json()["conversations"] == []  # the old words are in the old cycle alone


async def test_a_partner_who_leaves_is_nobodys_partner_any_more(story: Story) -> None:
    await story.read_models()
    await put(story, "ben", end_date=YESTERDAY)
    assert (await story.platform.get("/v1/people/ana")).json()["partner"] is None
    assert (await story.ben.get(story.conversation)).status_code == 404


async def test_a_transfer_to_another_department_and_legal_entity_keeps_the_cycle(
    story: Story,
) -> None:
    await put(story, department="sales", legal_entity="Acme SAS")
    await story.advance()
    found = await story.state()
    assert (found["id"], found["state"]) == (story.cycle, "conversation")
    await story.read_models()
    moved = await story.platform.get("/v1/cycles", params={"department": "sales"})
    assert [item["id"] for item in moved.json()["items"]] == [story.cycle]


async def test_a_backdated_partner_opens_nothing_backwards(story: Story) -> None:
    await put(story, "eve")
    since = "2020-01-01T00:00:00Z"
    await put(story, partner="eve", partner_since=since)
    subject = await story.house.record.vault.assign_subject(story.tenant, "ana")
    person = await story.house.people.person_of(story.tenant, subject)
    assert person is not None
    relation = person.relations[-1]
    assert relation.valid_from == datetime(2020, 1, 1, tzinfo=UTC)
    assert not relation.lasts_at(datetime(2021, 1, 1, tzinfo=UTC))
    ahead = await put(story, partner="ben", partner_since="2090-01-01T00:00:00Z")
    assert ahead.status_code == 422


async def test_an_employee_proposes_a_partner_and_hr_names_one(story: Story) -> None:
    await put(story, "eve")
    await put(story, partner=None)
    path = "/v1/people/ana:propose-partner"
    assert (await story.ana.post(path, json={"partner": "eve"})).status_code == 200
    for knows in (story.hr, story.ana, story.dpo, story.admin, story.platform):
        assert (await knows.get("/v1/people/ana")).json()["proposed_partner"] == "eve"
    assert (await story.ana.post(path, json={"partner": "nobody"})).status_code == 404
    assert (await story.ana.post(path, json={"partner": "ana"})).status_code == 409
    await put(story, partner="eve")
    shown = (await story.hr.get("/v1/people/ana")).json()
    assert (shown["partner"], shown["proposed_partner"]) == ("eve", None)


async def test_the_partner_of_today_is_not_told_whom_the_person_would_rather_talk_with(
    story: Story,
) -> None:
    await put(story, "eve")
    path = "/v1/people/ana:propose-partner"
    assert (await story.ana.post(path, json={"partner": "eve"})).status_code == 200
    shown = (await story.ben.get("/v1/people/ana")).json()
    assert (shown["partner"], shown["proposed_partner"]) == ("ben", None)


async def test_a_new_partner_in_mid_cycle_asks_for_the_hand_over_and_loses_nothing(
    story: Story,
) -> None:
    await put(story, "eve")
    await story.ana.put(f"{story.conversation}/answers/impact", json={"text": "kept"})
    await put(story, partner="eve")
    await story.advance()
    assert (await story.happened("cycles."))[-1] == "cycles.handover_asked"
    assert (await story.state())["state"] == "conversation"
    shown = (await story.ana.get(story.conversation)).json()
    assert shown["questions"][0]["answer"] == "kept"
    assert (await story.ben.get(story.conversation)).status_code == 404


async def test_a_legal_hold_stops_the_cycle_and_the_erasure(story: Story) -> None:
    hold = {"reason": "lawsuit", "review": "2030-01-01"}
    assert (await story.dpo.post("/v1/people/ana:hold", json=hold)).status_code == 200
    assert (await story.hr.post("/v1/people/ana:hold", json=hold)).status_code == 403
    await story.advance()
    assert (await story.happened("cycles."))[-1] == "cycles.suspended"
    with pytest.raises(Exception, match="legal hold"):
        await erase(story)
    assert (await story.dpo.post("/v1/people/ana:release")).status_code == 200
    await story.advance()
    assert (await story.state())["suspended"] is None
    assert (await story.dpo.post("/v1/people/ana:release")).status_code == 409


async def test_of_a_legal_hold_nobody_outside_hears_but_that_the_cycle_stands_still(
    story: Story,
) -> None:
    hold = {"reason": "lawsuit", "review": "2030-01-01"}
    assert (await story.dpo.post("/v1/people/ana:hold", json=hold)).status_code == 200
    await story.advance()
    await story.read_models()
    neutral = {"reason": "organisation", "until": None}
    for client in (story.platform, story.ana, story.ben):
        one = (await client.get(f"/v1/cycles/{story.cycle}")).json()
        (listed,) = (await client.get("/v1/cycles")).json()["items"]
        assert one["suspended"] == listed["suspended"] == neutral
    again = await story.platform.post("/v1/cycles", json={"person": "ana"})
    assert again.json()["suspended"] == neutral
    for client in (story.hr, story.dpo, story.auditor, story.admin):
        one = (await client.get(f"/v1/cycles/{story.cycle}")).json()
        (listed,) = (await client.get("/v1/cycles")).json()["items"]
        assert one["suspended"]["reason"] == listed["suspended"]["reason"] == "hold"


async def erase(story: Story, person: str = "ana") -> None:
    from shared.eventstore.record import Command
    from shared.principal import Principal

    by = Principal(story.tenant, frozenset({"dpo"}), "dpo")
    command = Command(by=by, at=story.house.record.clock.now())
    await story.house.people.erase_person(command, person)


@pytest.mark.parametrize("state", STATES)
async def test_erasure_closes_the_running_cycle_in_every_state(story: Story, state: str) -> None:
    subject = await story.house.record.vault.subject_of(story.tenant, "ana")
    await story.ana.put(f"{story.conversation}/answers/impact", json={"text": "words"})
    await in_state(story, state)
    await erase(story)
    from workflows.messages import CycleRun

    await story.house.activities().advance(CycleRun(story.tenant, str(subject)))
    assert (await story.state())["state"] == "closed"
    assert (await story.happened("cycles."))[-1] == "cycles.closed"


async def test_a_feed_that_closes_too_many_in_a_day_stops_and_waits_for_a_person(
    story: Story,
) -> None:
    await on_one_day()
    people = [f"p{number}" for number in range(12)]
    for person in people:
        await put(story, person, legal_entity="Acme GmbH")
    await story.read_models()
    answers = [
        await put(story, person, legal_entity="Acme GmbH", status="inactive") for person in people
    ]
    assert [answer.status_code for answer in answers] == [200] * 5 + [
        409
    ] * 7  # never under a floor
    assert answers[-1].json()["type"] == "/problems/feed-stopped"
    await story.read_models()
    stopped = (await story.hr.get("/v1/feeds")).json()["items"]
    assert [(each["legal_entity"], each["closings"]) for each in stopped] == [("Acme GmbH", 5)]
    other = await put(story, "ana", legal_entity="Another", status="inactive")
    assert other.status_code == 200  # of another entity
    body = {"legal_entity": "Acme GmbH"}
    assert (await story.platform.post("/v1/feeds:release", json=body)).status_code == 403
    assert (await story.hr.post("/v1/feeds:release", json=body)).status_code == 200
    assert (await put(story, "p9", legal_entity="Acme GmbH", status="inactive")).status_code == 200
    assert (await story.hr.post("/v1/feeds:release", json=body)).status_code == 409
    changed = await put(story, "p8", legal_entity="Acme GmbH", name="New")
    assert changed.status_code == 200  # whatever closes nobody was never stopped


async def test_a_last_day_that_passes_while_the_feed_is_stopped_is_made_up_for(
    story: Story,
) -> None:
    await on_one_day()
    await story.hr.put("/v1/policy", json={"closing_floor": 1})
    for person in ("zoe", "tom"):
        await put(story, person)
    await story.read_models()
    await put(story, "zoe", status="inactive")
    assert (await put(story, "tom", status="inactive")).status_code == 409
    # Ana's last day was announced in advance; it passes now, by the cycle's own step.
    subject = await story.house.record.vault.subject_of(story.tenant, "ana")
    assert subject is not None
    await announce_last_day(story)
    await story.advance()
    found = await story.state()
    assert (found["suspended"]["reason"], found["waiting_for"]) == ("feed_stopped", "organisation")
    assert (await story.hr.post("/v1/feeds:release", json={})).status_code == 200
    await story.advance()
    assert (await story.state())["state"] == "closed"


async def announce_last_day(story: Story) -> None:
    """Record a last day of yesterday as it would be on record had it been announced last week."""
    from dataclasses import replace

    from services.people.domain import Person
    from shared.eventstore.record import Command
    from shared.principal import Principal

    subject = await story.house.record.vault.assign_subject(story.tenant, "ana")
    by = Principal(story.tenant, frozenset({"platform"}), "platform")
    command = Command(by=by, at=story.house.record.clock.now())

    def decide(known: Person) -> None:
        last = datetime.fromisoformat(YESTERDAY).date()
        known.change_profile(replace(known.profile, end_date=last))

    await story.house.record.change(Person, subject, command, decide)
