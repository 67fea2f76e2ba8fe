"""A person says that something on record is wrong: beside the original, for whoever reads that."""

from __future__ import annotations

from dataclasses import replace
from typing import Any
from uuid import UUID, uuid4

import pytest

from console.bootstrap import House
from services.correction import About, Corrections
from shared.eventstore.record import Command
from shared.principal import Principal
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


@pytest.mark.parametrize(
    ("path", "body", "part"),
    [
        ("answers/impact", {"text": "I want to move"}, "question/impact"),
        ("facets/lead", {"kind": "goal", "text": "Lead"}, "facet/lead"),
        ("direction", {"direction": "expand"}, "direction"),
    ],
)
async def test_of_one_event_the_partner_reads_it_where_the_part_of_that_event_is_shared(
    story: Story, path: str, body: dict[str, str], part: str
) -> None:
    answer = await story.ana.put(f"{story.conversation}/{path}", json=body)
    await stated(story, **of(story), version=answer.json()["version"])
    assert await corrections_at(story.ben, story.conversation) == []
    (own,) = await corrections_at(story.ana, story.conversation)
    assert own["part"] == part
    await story.ana.post(f"{story.conversation}:share")
    assert len(await corrections_at(story.ben, story.conversation)) == 1


async def test_of_the_event_of_a_note_only_its_readers_hear(story: Story) -> None:
    note = {"text": "For myself", "shared": False, "question": "impact"}
    answer = await story.ana.post(f"{story.conversation}/notes", json=note)
    await stated(story, **of(story), version=answer.json()["version"])
    await story.ana.post(f"{story.conversation}:share")
    assert await corrections_at(story.ben, story.conversation) == []
    (own,) = await corrections_at(story.ana, story.conversation)
    assert own["part"] == "note/1"


async def test_of_a_conversation_as_a_whole_and_what_is_no_part_of_it_the_employee_alone_reads(
    story: Story,
) -> None:
    await stated(story, **of(story))
    await stated(story, **of(story), version=1)
    await story.ana.post(f"{story.conversation}:share")
    assert await corrections_at(story.ben, story.conversation) == []
    assert len(await corrections_at(story.ana, story.conversation)) == 2


@pytest.mark.parametrize(
    "about",
    [About(uuid4(), "conversation", version=2), About(uuid4(), "conversation", 2, "goal/x")],
)
async def test_what_was_stated_without_its_part_stays_with_the_employee(
    story: Story, house: House, about: About
) -> None:
    """Statements that are on record with a version alone, or with a part of something else."""
    answer = await story.ana.put(f"{story.conversation}/answers/impact", json={"text": "To move"})
    assert answer.json()["version"] == about.version
    ana = await house.record.vault.subject_of(story.tenant, "ana")
    assert ana is not None
    by = Principal(story.tenant, frozenset({"employee"}), "ana", ana)
    command = Command(by=by, at=house.record.clock.now(), step="stated")
    known = Corrections.open(ana, command.at)
    known.state(replace(about, stream=UUID(of(story)["id"])), WRONG)
    await house.record.save(known, command, creates=True)
    await story.ana.post(f"{story.conversation}:share")
    assert await corrections_at(story.ben, story.conversation) == []
    assert len(await corrections_at(story.ana, story.conversation)) == 1


async def test_of_a_plan_the_partner_reads_nothing_of_what_was_never_put_before_them(
    story: Story,
) -> None:
    await story.conclude()
    plan = {"about": "plan", "id": story.plan.rpartition("/")[2]}
    for goal in ("lead", "rest"):
        answer = await story.ana.put(f"{story.plan}/goals/{goal}", json={"text": "Lead"})
        await stated(story, **plan, version=answer.json()["version"])
    await story.ana.delete(f"{story.plan}/goals/rest")
    await stated(story, **plan, version=1)
    await story.ana.post(f"{story.plan}:propose")
    (read,) = await corrections_at(story.ben, story.plan)
    assert read["part"] == "goal/lead"
    assert len(await corrections_at(story.ana, story.plan)) == 3


@pytest.mark.parametrize(
    ("about", "part"),
    [("conversation", "goal/x"), ("plan", "question/impact"), ("profile", "note/1")],
)
async def test_a_part_is_one_of_what_it_is_about(story: Story, about: str, part: str) -> None:
    await story.conclude()
    ids = {"conversation": story.conversation, "plan": story.plan}
    place = {"about": about, "part": part, "text": WRONG}
    if about in ids:
        place["id"] = ids[about].rpartition("/")[2]
    answer = await story.ana.post(PATH, json=place)
    assert (answer.status_code, answer.json()["type"]) == (404, "/problems/no-such-original")


async def test_a_part_and_an_event_say_the_same(story: Story) -> None:
    await story.ana.put(f"{story.conversation}/answers/impact", json={"text": "I want to move"})
    other = of(story) | {"version": 2, "part": "question/energy", "text": WRONG}
    answer = await story.ana.post(PATH, json=other)
    assert (answer.status_code, answer.json()["type"]) == (404, "/problems/no-such-original")


async def test_of_the_profile_hr_and_data_protection_hear_and_machines_do_not(story: Story) -> None:
    await stated(story, about="profile")
    for client in (story.ana, story.hr, story.dpo):
        assert len(await corrections_at(client, "/v1/people/ana")) == 1
    for client in (story.ben, story.platform):
        assert await corrections_at(client, "/v1/people/ana") == []


async def test_whoever_reads_what_is_wrong_in_the_profile_is_on_record_for_it(story: Story) -> None:
    number = await stated(story, about="profile")
    for client in (story.ana, story.hr, story.dpo, story.admin):
        for path in ("/v1/people/ana", PATH):
            assert WRONG in (await client.get(path)).text
    await story.read_models()
    read = (await story.ana.get("/v1/people/ana/disclosures")).json()["items"]
    assert [(r["artefact"], r["ground"]) for r in read] == [
        ("corrections", office) for office in ("admin", "dpo", "hr")
    ]
    params = {"person": "ana", "at": story.house.record.clock.now().isoformat()}
    seen = (await story.auditor.get("/v1/audit/visibility", params=params)).json()["things"]
    (of_it,) = [thing for thing in seen if thing["artefact"] == "corrections"]
    assert (of_it["id"], of_it["part"]) == (read[0]["id"], f"correction/{number}")
    assert [by["standing"] for by in of_it["known_then"]] == ["employee", "hr", "dpo", "admin"]


async def test_what_is_wrong_in_what_was_never_shared_leaves_to_no_office(story: Story) -> None:
    await story.ana.put(f"{story.conversation}/answers/ideal", json={"text": "To leave"})
    await stated(story, **of(story), part="question/ideal")
    for client in (story.hr, story.dpo, story.admin):
        assert (await client.get(PATH)).json() == {"items": [], "next": None}
        assert await corrections_at(client, "/v1/people/ana") == []
    assert len((await story.ana.get(PATH)).json()["items"]) == 1
    await story.read_models()
    assert (await story.ana.get("/v1/people/ana/disclosures")).json()["items"] == []


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
