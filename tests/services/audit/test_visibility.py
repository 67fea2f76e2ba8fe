"""Who could see what on a past day, as it was known then and as it is known now."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from tests.conftest import Client, Door, Story


async def seen(story: Story, at: datetime | str) -> dict[str, Any]:
    await story.read_models()
    params = {"person": "ana", "at": at if isinstance(at, str) else at.isoformat()}
    answer = await story.auditor.get("/v1/audit/visibility", params=params)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def whole(found: dict[str, Any], part: str, known: str = "known_then") -> set[str | None]:
    """Who could see all of a part."""
    [thing] = [each for each in found["things"] if each["part"] == part]
    return {each["who"] for each in thing[known] if each["fields"] == "all"}


def of(found: dict[str, Any], part: str) -> list[dict[str, Any]]:
    """Who could see something of a part."""
    [thing] = [each for each in found["things"] if each["part"] == part]
    seen_by: list[dict[str, Any]] = thing["known_then"]
    return seen_by


def now(story: Story) -> datetime:
    return story.house.record.clock.now()


async def test_an_answer_was_its_authors_alone_until_it_was_shared(story: Story) -> None:
    await story.ana.put(f"{story.conversation}/answers/impact", json={"text": "a secret"})
    before = now(story)
    await story.ana.post(f"{story.conversation}:share")
    shared = now(story)
    await story.ana.post(f"{story.conversation}:unshare")
    assert whole(await seen(story, before), "question/impact") == {"ana"}
    assert whole(await seen(story, shared), "question/impact") == {"ana", "ben"}
    assert whole(await seen(story, now(story)), "question/impact") == {"ana"}
    assert (await seen(story, before - timedelta(days=1)))["things"] == []


async def test_roles_are_told_with_how_much_they_saw(story: Story) -> None:
    await story.ana.put(f"{story.conversation}/answers/impact", json={"text": "a secret"})
    await story.ana.post(f"{story.conversation}:share")
    [thing] = (await seen(story, now(story)))["things"]
    told = {each["standing"]: each["fields"] for each in thing["known_then"]}
    assert told == {"employee": "all", "partner": "all", "hr": "counts", "auditor": "hashes"}
    assert "a secret" not in str(thing)


async def test_a_backdated_partner_counts_as_known_now_and_opened_nothing_then(
    story: Story,
) -> None:
    await story.ana.put(f"{story.conversation}/answers/impact", json={"text": "a secret"})
    await story.ana.post(f"{story.conversation}:share")
    day = now(story)
    await story.platform.put("/v1/people/eve", json={"name": "Eve", "email": "eve@example.com"})
    since = (day - timedelta(days=3)).isoformat()
    ana = {"name": "Ana", "email": "ana@example.com", "partner": "eve", "partner_since": since}
    assert (await story.platform.put("/v1/people/ana", json=ana)).status_code == 200
    found = await seen(story, day)
    assert [p["partner"] for p in found["partners"]["known_then"]] == ["ben"]
    assert [p["partner"] for p in found["partners"]["known_now"]] == ["eve"]
    assert whole(found, "question/impact") == {"ana", "ben"}
    assert whole(found, "question/impact", "known_now") == {"ana", "eve"}


async def test_after_a_rehire_the_partner_of_before_could_see_nothing_of_before(
    story: Story,
) -> None:
    await story.ana.put(f"{story.conversation}/answers/impact", json={"text": "a secret"})
    await story.ana.post(f"{story.conversation}:share")
    before = now(story)
    ana = {"name": "Ana", "email": "ana@example.com"}
    for more in ({"end_date": "2026-01-31"}, {"partner": "ben"}):
        assert (await story.platform.put("/v1/people/ana", json=ana | more)).status_code == 200
    for known in ("known_then", "known_now"):
        assert whole(await seen(story, before), "question/impact", known) == {"ana", "ben"}
        assert whole(await seen(story, now(story)), "question/impact", known) == {"ana"}
    [partner] = (await seen(story, now(story)))["partners"]["known_then"]
    assert partner["partner"] == "ben"


async def test_the_plan_was_the_employees_alone_until_it_was_proposed(story: Story) -> None:
    await story.conclude()
    await story.ana.put(f"{story.plan}/goals/lead", json={"text": "Lead a team"})
    before = now(story)
    await story.ana.post(f"{story.plan}:propose")
    assert whole(await seen(story, before), "plan") == {"ana"}
    assert whole(await seen(story, now(story)), "plan") == {"ana", "ben"}


async def test_a_granted_case_opened_what_was_shared_to_the_auditor_who_asked_while_it_lasted(
    story: Story, door: Door
) -> None:
    await story.ana.put(f"{story.conversation}/answers/impact", json={"text": "a secret"})
    await story.ana.post(f"{story.conversation}:share")
    await story.ana.put(f"{story.conversation}/answers/energy", json={"text": "mine alone"})
    await story.platform.put("/v1/people/eve", json={"name": "Eve", "email": "eve@example.com"})
    before = now(story)
    case, eves = await granted(story, story.auditor), await granted(story, door("auditor", "eve"))
    lasting = now(story)
    for each in (case, eves):
        await story.dpo.post(f"{each}:revoke")
    for known in ("known_then", "known_now"):
        readers = {"ana", "ben", "client:auditor", "eve"}
        assert whole(await seen(story, lasting), "question/impact", known) == readers
        assert whole(await seen(story, lasting), "question/energy", known) == {"ana"}
        for day in (before, now(story)):
            assert whole(await seen(story, day), "question/impact", known) == {"ana", "ben"}
    told = {each["who"]: each for each in of(await seen(story, lasting), "question/impact")}
    assert told["eve"]["ground"] == "case"
    assert "auditor" in {e["standing"] for e in told.values() if e["fields"] == "hashes"}


async def granted(story: Story, auditor: Client) -> str:
    body = {"cycle": story.cycle, "reason": "complaint"}
    case = f"/v1/audit/cases/{(await auditor.post('/v1/audit/cases', json=body)).json()['id']}"
    for client in (story.dpo, story.hr):
        assert (await client.post(f"{case}:approve")).status_code == 200
    return case


async def test_an_access_request_opened_all_to_data_protection_and_a_released_note_to_the_person(
    story: Story,
) -> None:
    await story.ana.put(f"{story.conversation}/answers/impact", json={"text": "a secret"})
    note = {"text": "she hesitates", "shared": False}
    assert (await story.ben.post(f"{story.conversation}/notes", json=note)).status_code == 201
    before = now(story)
    await story.ana.post("/v1/people/ana/access-package:request")
    asked = now(story)
    await story.read_models()
    place = {"conversation": story.conversation.rpartition("/")[2], "note": 1}
    review = place | {"decision": "release", "reason": "outweighs"}
    reviewed = await story.dpo.post("/v1/people/ana/access-package:review", json=review)
    assert reviewed.status_code == 200, reviewed.text
    released, over = now(story), now(story) + timedelta(days=31)
    for day, role in ((before, set()), (asked, {"dpo"}), (over, set())):
        found = of(await seen(story, day), "question/impact")
        assert {e["standing"] for e in found if e["ground"] == "access_request"} == role
    assert whole(await seen(story, asked), "note/1") == {"ben", None}
    for day in (released, over):
        assert whole(await seen(story, day), "note/1", "known_now") == {"ana", "ben", None}


async def test_it_is_for_those_who_audit(story: Story) -> None:
    params = {"person": "ana", "at": now(story).isoformat()}
    for client in (story.ana, story.ben, story.hr, story.platform):
        assert (await client.get("/v1/audit/visibility", params=params)).status_code == 403
    unknown = await story.auditor.get("/v1/audit/visibility", params=params | {"person": "zoe"})
    assert unknown.status_code == 404
