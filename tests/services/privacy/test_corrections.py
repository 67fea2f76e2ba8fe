"""A person says that something on record is wrong: beside the original, for whoever reads that."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest

from tests.conftest import Client, Story

WRONG = "I never said that I want to move"
PATH = "/v1/people/ana/corrections"


async def stated(story: Story, **about: Any) -> int:
    answer = await story.ana.post(PATH, json=about | {"text": WRONG})
    assert answer.status_code == 201, answer.text
    assert WRONG not in answer.text
    number: int = answer.json()["correction"]
    return number


async def corrections_at(client: Client, path: str) -> list[Any]:
    answer = await client.get(path)
    assert answer.status_code == 200, answer.text
    found: list[Any] = answer.json()["corrections"]
    return found


def of(story: Story) -> dict[str, str]:
    return {"about": "conversation", "id": story.conversation.rpartition("/")[2]}


async def test_it_stands_beside_the_original_which_stays_as_it_is(story: Story) -> None:
    await story.ana.put(f"{story.conversation}/answers/impact", json={"text": "I want to move"})
    await stated(story, **of(story), part="question/impact")
    shown = (await story.ana.get(story.conversation)).json()
    assert shown["questions"][0]["answer"] == "I want to move"
    assert [(c["part"], c["text"]) for c in shown["corrections"]] == [("question/impact", WRONG)]
    assert len((await story.ana.get(PATH)).json()["items"]) == 1


async def test_the_partner_reads_it_where_the_original_is_shared_and_is_on_record_for_it(
    story: Story,
) -> None:
    await story.ana.put(f"{story.conversation}/answers/impact", json={"text": "I want to move"})
    await stated(story, **of(story), part="question/impact")
    assert await corrections_at(story.ben, story.conversation) == []
    await story.ana.post(f"{story.conversation}:share")
    assert len(await corrections_at(story.ben, story.conversation)) == 1
    await story.read_models()
    (read,) = (await story.ana.get("/v1/people/ana/disclosures")).json()["items"]
    assert read["reader"] == "ben"


async def test_of_a_note_that_one_side_keeps_to_itself_the_other_side_reads_nothing(
    story: Story,
) -> None:
    note = {"text": "For myself", "shared": False}
    await story.ana.post(f"{story.conversation}/notes", json=note)
    await stated(story, **of(story), part="note/1")
    assert await corrections_at(story.ben, story.conversation) == []
    assert len(await corrections_at(story.ana, story.conversation)) == 1


async def test_of_the_profile_hr_and_data_protection_hear_and_machines_do_not(story: Story) -> None:
    await stated(story, about="profile")
    for client in (story.ana, story.hr, story.dpo):
        assert len(await corrections_at(client, "/v1/people/ana")) == 1
    for client in (story.ben, story.platform):
        assert await corrections_at(client, "/v1/people/ana") == []


async def test_of_a_plan_both_read_it(story: Story) -> None:
    await story.conclude()
    await story.ana.put(f"{story.plan}/goals/lead", json={"text": "Lead"})
    await story.ana.post(f"{story.plan}:propose")
    await stated(story, about="plan", id=story.plan.rpartition("/")[2], part="goal/lead")
    for client in (story.ana, story.ben):
        assert len(await corrections_at(client, story.plan)) == 1


async def test_withdrawn_it_is_shown_no_more_and_stays_on_record(story: Story) -> None:
    number = await stated(story, about="profile")
    assert (await story.ana.delete(f"{PATH}/{number}")).status_code == 200
    assert await corrections_at(story.ana, "/v1/people/ana") == []
    assert (await story.ana.delete(f"{PATH}/{number}")).status_code == 404
    happened = await story.happened("corrections.")
    assert happened == ["corrections.opened", "corrections.stated", "corrections.withdrawn"]


async def test_it_is_in_the_timeline_without_its_words(story: Story) -> None:
    await stated(story, about="cycle", id=story.cycle, version=1)
    await story.read_models()
    asked = {"person": "ana", "kind": "corrections.stated"}
    answer = await story.auditor.get("/v1/audit/timeline", params=asked)
    (item,) = answer.json()["items"]
    assert item["sentence"] == "The person stated that something on record is wrong (cycle)."
    assert (item["facts"]["version"], item["facts"]["about"]) == (1, story.cycle)
    assert WRONG not in answer.text


@pytest.mark.parametrize(
    "about",
    [
        {"about": "conversation", "id": str(uuid4())},
        {"about": "plan", "id": "conversation"},
        {"about": "conversation", "id": "conversation", "version": 99},
        {"about": "profile", "version": 99},
    ],
)
async def test_what_is_not_on_record_about_them_can_not_be_corrected(
    story: Story, about: dict[str, Any]
) -> None:
    if about.get("id") == "conversation":
        about = about | {"id": of(story)["id"]}
    answer = await story.ana.post(PATH, json=about | {"text": WRONG})
    assert (answer.status_code, answer.json()["type"]) == (404, "/problems/no-such-original")


async def test_nobody_corrects_for_somebody_else(story: Story) -> None:
    own = story.door("employee", "ben")
    body = of(story) | {"text": WRONG}
    for client in (own, story.hr, story.dpo):
        assert (await client.post(PATH, json=body)).status_code in {403, 404}
    theirs = await own.post("/v1/people/ben/corrections", json=body)
    assert theirs.status_code == 404
