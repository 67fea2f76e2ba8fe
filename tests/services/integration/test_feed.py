"""The change feed: without gaps, in order, ids and codes only, and told as soon as it happens."""

from __future__ import annotations

import asyncio
import json
import time
from typing import Any

import pytest

from console.bootstrap import House
from console.registry import REGISTRY
from services.integration.catalogue import OUTSIDE
from shared.database import within
from tests.conftest import Door, Story

WORDS = ("Ana", "Silva", "Ben", "Okoro", "example.com", "CANARY")
CLOUD_EVENT = {
    "specversion",
    "id",
    "source",
    "type",
    "subject",
    "time",
    "datacontenttype",
    "position",
    "data",
}


async def published(story: Story) -> None:
    while await story.house.publishing().catch_up():
        pass


async def events(story: Story, **params: Any) -> dict[str, Any]:
    await published(story)
    answer = await story.platform.get("/v1/events", params=params)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def lived(story: Story) -> None:
    """Everything that a conversation can hold, with canaries in every word."""
    ana, at = story.ana, story.conversation
    await ana.put(f"{at}/answers/impact", json={"text": "CANARY"})
    await ana.post(f"{at}/answers/energy:set-aside", json={})
    await ana.post(f"{at}/answers/ideal:decline")
    await ana.put(f"{at}/facets/craft", json={"kind": "value", "text": "CANARY"})
    await ana.put(f"{at}/direction", json={"direction": "expand", "comment": "CANARY"})
    await ana.post(f"{at}:pause", json={})
    await ana.post(f"{at}:resume")
    await ana.post(f"{at}:share")
    await story.conclude()
    await ana.put(f"{story.plan}/goals/lead", json={"text": "CANARY"})


async def test_positions_have_no_gaps_and_events_are_cloud_events(story: Story) -> None:
    await lived(story)
    found = (await events(story))["items"]
    assert [event["position"] for event in found] == list(range(1, len(found) + 1))
    assert [event["type"] for event in found] == [
        "people.registered",
        "people.registered",
        "people.partner_assigned",
        "cycles.started",
        "cycles.conversation_opened",
        "conversation.concluded",
        "cycles.planning_opened",
    ]
    for event in found:
        assert set(event) == CLOUD_EVENT
        assert (event["specversion"], event["source"]) == ("1.0", f"/tenants/{story.tenant}")


async def test_no_words_and_no_steps_of_a_conversation_leave(story: Story) -> None:
    await lived(story)
    text = json.dumps(await events(story))
    assert not [word for word in WORDS if word in text]
    for inside in ("answer", "aside", "decline", "pause", "share", "facet", "direction", "expand"):
        assert inside not in text


async def test_a_suspension_for_a_legal_hold_is_told_without_its_reason(story: Story) -> None:
    hold = {"reason": "lawsuit", "review": "2030-01-01"}
    assert (await story.dpo.post("/v1/people/ana:hold", json=hold)).status_code == 200
    await story.advance()
    (told,) = (await events(story, type="cycles.suspended"))["items"]
    assert (told["data"]["reason"], told["data"]["until"]) == ("organisation", None)
    assert "hold" not in json.dumps(await events(story))


async def test_people_have_the_customers_own_ids(story: Story) -> None:
    assigned = (await events(story, type="people.partner_assigned"))["items"][0]
    assert assigned["subject"] == "people/ana"
    assert (assigned["data"]["person"], assigned["data"]["partner"]) == ("ana", "ben")


async def test_what_leads_on_is_named(story: Story) -> None:
    await lived(story)
    opened = (await events(story, type="cycles.conversation_opened"))["items"][0]["data"]
    concluded = (await events(story, type="conversation.concluded"))["items"][0]["data"]
    assert opened["conversation"] == concluded["conversation"]
    assert opened["cycle"] == concluded["cycle"] == story.cycle


async def test_it_goes_on_after_a_position_and_page_by_page(story: Story) -> None:
    everything = (await events(story))["items"]
    assert (await events(story, after=2))["items"] == everything[2:]
    first = await events(story, limit=2)
    second = await events(story, limit=2, cursor=first["next"])
    assert first["items"] + second["items"] == everything[:4]
    assert (await events(story, after=len(everything)))["items"] == []


async def test_it_can_be_narrowed_to_types_that_there_are(story: Story) -> None:
    found = await events(story, type=["cycles.started", "people.registered"])
    assert {event["type"] for event in found["items"]} == {"cycles.started", "people.registered"}
    answer = await story.platform.get("/v1/events", params={"type": "conversation.answer_recorded"})
    assert (answer.status_code, answer.json()["type"]) == (422, "/problems/type-unknown")


async def test_whoever_waits_is_answered_as_soon_as_it_happens(story: Story) -> None:
    after = len((await events(story))["items"])
    params = {"after": after, "wait": "PT20S"}
    began = time.monotonic()
    asked = asyncio.create_task(story.platform.get("/v1/events", params=params))
    await asyncio.sleep(0.3)
    assert not asked.done()
    await story.platform.put("/v1/people/cleo", json={"name": "C", "email": "c@example.com"})
    await published(story)
    found = (await asked).json()["items"]
    assert [event["subject"] for event in found] == ["people/cleo"]
    assert time.monotonic() - began < 15


async def test_whoever_waits_in_vain_gets_an_empty_page_in_time(story: Story) -> None:
    began = time.monotonic()
    answer = await story.platform.get("/v1/events", params={"after": 99, "wait": "PT0.4S"})
    assert answer.json() == {"items": [], "next": None}
    assert 0.3 < time.monotonic() - began < 20


@pytest.mark.parametrize("wait", ["PT31S", "P1D", "P1M", "-PT1S", "a while", "17"])
async def test_a_wait_that_is_too_long_or_none_is_told_so(story: Story, wait: str) -> None:
    answer = await story.platform.get("/v1/events", params={"wait": wait})
    assert (answer.status_code, answer.json()["type"]) == (422, "/problems/wait-too-long")


async def test_somebody_who_was_forgotten_is_told_of_without_an_id(
    story: Story, house: House
) -> None:
    vault = house.record.vault
    subject = await vault.subject_of(story.tenant, "ana")
    async with within(house.record.pool, story.tenant) as connection:
        await connection.execute(
            "DELETE FROM keys.subject WHERE tenant = $1 AND subject = $2", story.tenant, subject
        )
    vault._people.clear()
    registered = (await events(story, type="people.registered"))["items"][1]
    assert (registered["subject"], registered["data"]["person"]) == (None, None)


async def test_each_tenant_has_a_feed_of_its_own(story: Story, door: Door, house: House) -> None:
    await published(story)
    await house.record.vault.create_tenant("elsewhere")
    stranger = door("platform", tenant="elsewhere")
    assert (await stranger.get("/v1/events")).json()["items"] == []


async def test_only_platforms_and_admins_read_it(story: Story, door: Door) -> None:
    for role, person in (("employee", "ana"), ("hr", None), ("auditor", None), ("ops", None)):
        assert (await door(role, person).get("/v1/events")).status_code == 403
    assert (await door("admin").get("/v1/events")).status_code == 200


async def test_the_types_are_listed_with_what_they_carry(story: Story) -> None:
    listed = (await story.platform.get("/v1/events/types")).json()["items"]
    assert {item["type"] for item in listed} == set(OUTSIDE)
    found = (await events(story))["items"]
    carried = {item["type"]: item["data"] for item in listed}
    for event in found:
        assert list(event["data"]) == carried[event["type"]]


def test_every_type_outside_is_a_topic_and_every_fact_one_of_its_facts() -> None:
    for topic, told in OUTSIDE.items():
        kind = REGISTRY.of_topic(topic)
        assert set(told.facts) <= set(kind.facts), topic
        assert not set(told.facts) & set(kind.words), topic
        assert told.sentence.endswith(".")


async def test_positions_stay_when_lists_are_derived_again(story: Story, house: House) -> None:
    before = (await events(story))["items"]
    follower = house.publishing()
    await follower.catch_up()
    assert (await events(story))["items"] == before
