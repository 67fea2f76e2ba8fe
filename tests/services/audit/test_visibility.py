"""Who could see what on a past day, as it was known then and as it is known now."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from tests.conftest import Story


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


async def test_the_plan_was_the_employees_alone_until_it_was_proposed(story: Story) -> None:
    await story.conclude()
    await story.ana.put(f"{story.plan}/goals/lead", json={"text": "Lead a team"})
    before = now(story)
    await story.ana.post(f"{story.plan}:propose")
    assert whole(await seen(story, before), "plan") == {"ana"}
    assert whole(await seen(story, now(story)), "plan") == {"ana", "ben"}


async def test_it_is_for_those_who_audit(story: Story) -> None:
    params = {"person": "ana", "at": now(story).isoformat()}
    for client in (story.ana, story.ben, story.hr, story.platform):
        assert (await client.get("/v1/audit/visibility", params=params)).status_code == 403
    unknown = await story.auditor.get("/v1/audit/visibility", params=params | {"person": "zoe"})
    assert unknown.status_code == 404
