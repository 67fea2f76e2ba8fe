"""Half-written thoughts: their author's alone, outside the record, gone once they are recorded."""

from __future__ import annotations

import asyncio
from uuid import uuid4

import asyncpg
import pytest

from shared.eventstore.record import Command
from shared.principal import Principal
from shared.settings import Settings
from tests.conftest import Story
from tests.years import Years


async def rows(settings: Settings, tenant: str) -> list[asyncpg.Record]:
    """What is on the disk, as the database's owner sees it."""
    admin = await asyncpg.connect(settings.required_database_url())
    found = await admin.fetch("SELECT * FROM drafts.draft WHERE tenant = $1", tenant)
    await admin.close()
    return found


async def put_back(settings: Settings, row: asyncpg.Record) -> None:
    admin = await asyncpg.connect(settings.required_database_url())
    await admin.execute("INSERT INTO drafts.draft VALUES ($1, $2, $3, $4, $5, $6, $7, $8)", *row)
    await admin.close()


async def test_a_draft_is_kept_and_given_back_to_its_author(story: Story) -> None:
    path = f"{story.conversation}/drafts/impact"
    saved = await story.ana.put(path, json={"text": "half a"})
    assert (saved.status_code, saved.json()) == (200, {"question": "impact", "version": 1})
    again = await story.ana.put(path, json={"text": "half a thought"})
    assert (again.json()["version"], again.headers["etag"]) == (2, '"2"')
    read = await story.ana.get(path)
    assert (read.json()["text"], read.headers["etag"]) == ("half a thought", '"2"')


async def test_each_side_has_drafts_of_its_own_and_sees_no_others(story: Story) -> None:
    path = f"{story.conversation}/drafts/impact"
    await story.ana.put(path, json={"text": "hers"})
    assert (await story.ben.get(path)).status_code == 404
    await story.ben.put(path, json={"text": "his"})
    await story.ben.put(f"{story.conversation}/drafts/note", json={"text": "his note"})
    assert (await story.ana.get(path)).json()["text"] == "hers"
    listed = (await story.ben.get(f"{story.conversation}/drafts")).json()["items"]
    assert [(draft["question"], draft["text"]) for draft in listed] == [
        ("impact", "his"),
        ("note", "his note"),
    ]
    await story.ana.post(f"{story.conversation}:share")
    assert "hers" not in (await story.ben.get(story.conversation)).text


async def test_a_draft_is_no_part_of_the_record(story: Story, settings: Settings) -> None:
    before = await story.house.record.rows(story.tenant, _id(story))
    headers = {"Idempotency-Key": "draft-1"}
    path = f"{story.conversation}/drafts/impact"
    await story.ana.put(path, json={"text": "CANARY"}, headers=headers)
    assert await story.house.record.rows(story.tenant, _id(story)) == before
    again = await story.ana.put(path, json={"text": "another text"}, headers=headers)
    assert "idempotency-replayed" not in again.headers
    assert (await story.ana.get(path)).json()["text"] == "another text"
    (row,) = await rows(settings, story.tenant)
    assert b"another" not in row["text"]


async def test_a_draft_is_deleted_once_it_is_recorded(story: Story, settings: Settings) -> None:
    await story.ana.put(f"{story.conversation}/drafts/impact", json={"text": "half"})
    await story.ana.put(f"{story.conversation}/drafts/energy", json={"text": "kept"})
    await story.ana.put(f"{story.conversation}/answers/impact", json={"text": "whole"})
    assert (await story.ana.get(f"{story.conversation}/drafts/impact")).status_code == 404
    await story.house.drafts.settled()
    assert [row["part"] for row in await rows(settings, story.tenant)] == ["energy"]


async def test_a_note_that_is_written_takes_its_draft_with_it(
    story: Story, settings: Settings
) -> None:
    for part in ("note", "impact", "energy"):
        await story.ben.put(f"{story.conversation}/drafts/{part}", json={"text": part})
    notes = f"{story.conversation}/notes"
    await story.ben.post(notes, json={"text": "x", "shared": False})
    await story.ben.post(notes, json={"text": "y", "shared": False, "question": "impact"})
    await story.house.drafts.settled()
    assert [row["part"] for row in await rows(settings, story.tenant)] == ["energy"]


async def test_a_draft_that_outlived_its_record_is_not_shown_and_goes_when_looked_for(
    story: Story, settings: Settings
) -> None:
    await story.ana.put(f"{story.conversation}/drafts/impact", json={"text": "half"})
    (row,) = await rows(settings, story.tenant)
    await story.ana.put(f"{story.conversation}/answers/impact", json={"text": "whole"})
    await story.house.drafts.settled()
    await put_back(settings, row)  # as if the process had died before it was deleted
    assert (await story.ana.get(f"{story.conversation}/drafts")).json()["items"] == []
    assert await rows(settings, story.tenant) == []


async def test_a_draft_of_a_revision_outlives_the_answer_before(story: Story) -> None:
    await story.ana.put(f"{story.conversation}/answers/impact", json={"text": "whole"})
    path = f"{story.conversation}/drafts/impact"
    await story.ana.put(path, json={"text": "whole and"})
    await story.house.drafts.settled()
    assert (await story.ana.get(path)).json()["text"] == "whole and"


async def test_a_draft_is_thrown_away(story: Story, settings: Settings) -> None:
    path = f"{story.conversation}/drafts/impact"
    await story.ana.put(path, json={"text": "half"})
    assert (await story.ana.delete(path)).status_code == 200
    assert (await story.ana.delete(path)).status_code == 404
    assert await rows(settings, story.tenant) == []


async def test_setting_a_question_aside_keeps_its_draft(story: Story) -> None:
    path = f"{story.conversation}/drafts/impact"
    await story.ana.put(path, json={"text": "half"})
    await story.ana.post(f"{story.conversation}/answers/impact:set-aside")
    assert (await story.ana.get(path)).json()["text"] == "half"


async def test_a_second_window_is_told_and_overwrites_nothing(story: Story) -> None:
    path = f"{story.conversation}/drafts/impact"
    first = await story.ana.put(path, json={"text": "one"})
    behind = {"If-Match": first.headers["etag"]}
    await story.ana.put(path, json={"text": "two"}, headers=behind)
    refused = await story.ana.put(path, json={"text": "three"}, headers=behind)
    assert (refused.status_code, refused.json()["type"]) == (412, "/problems/changed-elsewhere")
    assert (await story.ana.get(path)).json()["text"] == "two"


async def test_a_version_of_a_draft_that_is_gone_makes_no_new_one(
    story: Story, settings: Settings
) -> None:
    path = f"{story.conversation}/drafts/impact"
    behind = {"If-Match": '"3"'}
    assert (await story.ana.put(path, json={"text": "x"}, headers=behind)).status_code == 412
    assert await rows(settings, story.tenant) == []


async def test_there_are_drafts_of_questions_that_are_asked_and_of_notes(story: Story) -> None:
    refused = await story.ana.put(f"{story.conversation}/drafts/salary", json={"text": "x"})
    assert (refused.status_code, refused.json()["type"]) == (404, "/problems/question-unknown")


async def test_nothing_is_drafted_after_the_end_but_what_there_is_can_be_read(
    story: Story,
) -> None:
    path = f"{story.conversation}/drafts/impact"
    await story.ana.put(path, json={"text": "half"})
    await story.conclude()
    assert (await story.ana.put(path, json={"text": "more"})).status_code == 409
    assert (await story.ana.get(path)).json()["text"] == "half"


async def test_an_earlier_partner_reads_and_deletes_own_drafts_and_saves_none(
    years: Years,
) -> None:
    path = f"{years.conversation}/drafts/note"
    await years.ben.put(path, json={"text": "his"})
    await years.name_partner("eve")
    assert (await years.ben.get(path)).json()["text"] == "his"
    assert (await years.ben.put(path, json={"text": "more"})).status_code == 404
    assert (await years.ben.delete(path)).status_code == 200


async def test_roles_have_no_drafts(years: Years) -> None:
    await years.ana.put(f"{years.conversation}/drafts/impact", json={"text": "half"})
    for role in ("hr", "auditor", "dpo", "platform", "ops", "admin"):
        client = years.door(role)
        assert (await client.get(f"{years.conversation}/drafts")).status_code == 404
        assert (await client.get(f"{years.conversation}/drafts/impact")).status_code == 404


@pytest.mark.parametrize("forgotten", ["ana", "ben"])
async def test_drafts_go_with_the_person_that_they_are_about_and_with_their_author(
    story: Story, settings: Settings, forgotten: str
) -> None:
    await story.ana.put(f"{story.conversation}/drafts/impact", json={"text": "hers"})
    await story.ben.put(f"{story.conversation}/drafts/impact", json={"text": "his, about her"})
    dpo = Principal(story.tenant, frozenset({"dpo"}), "dpo")
    command = Command(by=dpo, at=story.house.record.clock.now())
    await story.house.people.erase_person(command, forgotten)
    left = await rows(settings, story.tenant)
    assert len(left) == {"ana": 0, "ben": 1}[forgotten]


async def test_nothing_is_drafted_about_somebody_who_was_forgotten(story: Story) -> None:
    dpo = Principal(story.tenant, frozenset({"dpo"}), "dpo")
    command = Command(by=dpo, at=story.house.record.clock.now())
    await story.house.people.erase_person(command, "ana")
    refused = await story.ana.put(f"{story.conversation}/drafts/impact", json={"text": "x"})
    assert (refused.status_code, refused.json()["type"]) == (409, "/problems/forgotten")


async def test_a_draft_moved_to_another_place_can_not_be_read(
    story: Story, settings: Settings
) -> None:
    await story.ana.put(f"{story.conversation}/drafts/impact", json={"text": "half"})
    admin = await asyncpg.connect(settings.required_database_url())
    await admin.execute(
        "UPDATE drafts.draft SET stream = $2 WHERE tenant = $1", story.tenant, uuid4()
    )
    await admin.execute(
        "UPDATE drafts.draft SET stream = $2, part = 'energy' WHERE tenant = $1",
        story.tenant,
        _id(story),
    )
    await admin.close()
    answer = await story.ana.get(f"{story.conversation}/drafts/energy")
    assert answer.status_code == 500
    assert "half" not in answer.text


async def test_many_saves_at_once_leave_one_draft(story: Story, settings: Settings) -> None:
    path = f"{story.conversation}/drafts/impact"
    answers = await asyncio.gather(
        *(story.ana.put(path, json={"text": f"text {n}"}) for n in range(12))
    )
    assert sorted(answer.json()["version"] for answer in answers) == list(range(1, 13))
    assert len(await rows(settings, story.tenant)) == 1


def _id(story: Story) -> object:
    from uuid import UUID

    return UUID(story.conversation.rpartition("/")[2])
