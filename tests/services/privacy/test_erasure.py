"""Forgetting somebody: at once and everywhere, with a certificate, and not while a hold keeps it."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from tests.conftest import Story
from tests.services.audit.test_exports import asked, write

SECRET = "What nobody shall read again"


async def spoken(story: Story) -> Story:
    await story.ana.put(f"{story.conversation}/answers/impact", json={"text": SECRET})
    await story.ana.put(f"{story.conversation}/drafts/energy", json={"text": SECRET})
    await story.ana.post(f"{story.conversation}:share")
    return story


async def erase(story: Story, **body: str) -> dict[str, Any]:
    answer = await story.dpo.post("/v1/people/ana:erase", json=body)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def test_in_the_middle_of_a_cycle_it_is_unreadable_at_once(story: Story) -> None:
    await spoken(story)
    assert SECRET in (await story.ben.get(story.conversation)).text
    await erase(story)
    for client in (story.ana, story.ben):
        for path in (story.conversation, f"{story.conversation}/drafts", "/v1/people/ana"):
            answer = await client.get(path)
            assert SECRET not in answer.text
            assert "Ana Silva" not in answer.text
    found = await story.house.record.pool.fetchval(
        "SELECT count(*) FROM record.read_log($1, 0, 100000)"
        " WHERE words IS NOT NULL AND convert_from(meta, 'UTF8')::jsonb ->> 'subject' = $2",
        story.tenant,
        str(await story.house.record.vault.subject_of(story.tenant, "ana")),
    )
    assert found == 0


async def test_a_bundle_that_is_written_later_holds_nothing_of_it(story: Story) -> None:
    await spoken(story)
    await erase(story)
    export = await asked(story)
    await write(story, export)
    bundle = (await story.auditor.get(f"/v1/audit/exports/{export}/bundle")).text
    lines = [line for line in bundle.splitlines() if '"type":"conversation.answer' in line]
    assert len(lines) == 1
    assert '"words":' not in lines[0]


async def test_the_certificate_says_where_copies_were_and_when_the_last_backup_goes(
    story: Story,
) -> None:
    told = await erase(await spoken(story))
    assert told["depth"] == "words"
    backup = told["copies"][-1]
    expires = datetime.fromisoformat(backup["until"])
    assert expires - datetime.fromisoformat(told["erased_at"]) >= timedelta(days=30)
    assert {each["where"] for each in told["copies"]} >= {"data_key", "record", "drafts", "bundles"}
    assert SECRET not in str(told)


async def test_a_hold_keeps_it_until_it_is_released(story: Story) -> None:
    await spoken(story)
    assert (await story.dpo.post("/v1/people/ana:hold", json={"reason": "lawsuit"})).is_success
    refused = await story.dpo.post("/v1/people/ana:erase")
    assert (refused.status_code, refused.json()["type"]) == (409, "/problems/on-hold")
    assert SECRET in (await story.ana.get(story.conversation)).text
    assert (await story.dpo.post("/v1/people/ana:release")).is_success
    await erase(story)
    assert SECRET not in (await story.ana.get(story.conversation)).text


async def test_with_the_link_nobody_knows_any_more_whose_it_was(story: Story) -> None:
    await spoken(story)
    await erase(story)
    assert (await story.dpo.get("/v1/people/ana")).status_code == 200
    assert (await erase(story, depth="link"))["depth"] == "link"
    assert (await story.dpo.get("/v1/people/ana")).status_code == 404
    assert (await story.dpo.post("/v1/people/ana:erase")).status_code == 404
    await story.read_models()
    params = {"cycle": story.cycle, "limit": 200}
    items = (await story.auditor.get("/v1/audit/timeline", params=params)).json()["items"]
    assert {item["person"] for item in items} == {None}
    tombstones = [t for t in await story.happened("people.") if t == "people.erased"]
    assert len(tombstones) == 2


async def test_only_data_protection_forgets_anybody(story: Story) -> None:
    for client in (story.hr, story.platform, story.ben):
        assert (await client.post("/v1/people/ana:erase")).status_code in {403, 404}
    assert "people.erased" not in await story.happened("people.")
