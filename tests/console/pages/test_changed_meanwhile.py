"""A page that is behind: it undoes nothing that was changed meanwhile, and what was typed is kept."""

from __future__ import annotations

from functools import partial
from typing import Any

from services.conversation.both_sides import BothSides
from services.conversation.library import Library
from services.cycles.application import Cycles
from tests.conftest import Story
from tests.console.pages.conftest import Site, Visit, Visitor, while_it_happens


async def set_times(story: Story, **times: Any) -> None:
    """Somebody else sets some of the times, and leaves the others."""
    known = (await story.platform.get("/v1/policy")).json()
    del known["version"]
    assert (await story.platform.put("/v1/policy", json=known | times)).is_success


async def test_times_that_somebody_else_set_meanwhile_are_shown_and_not_undone(
    story: Story, visitor: Visitor
) -> None:
    hr = await visitor(None, "hr")
    await hr.go("/policy")
    await set_times(story, hold_nudges=True, min_group=20, partner_nudges=[])
    await hr.page.fill("#plan_within", "P90D")
    await hr.press("Set these times")
    assert "This was changed while you were writing" in await hr.text()
    assert await hr.problems_by_axe() == []
    shown = await hr.page.locator("dl", has_text="Hold back all reminders").inner_text()
    assert shown.splitlines() == [
        "Time for agreeing on a plan", "P60D", "Reminders to the partner, after", "None",
        "From how many people on a group is counted", "20", "Hold back all reminders, at once", "Yes",
    ]  # fmt: skip
    assert await hr.page.input_value("#plan_within") == "P90D"
    known = (await story.hr.get("/v1/policy")).json()
    assert (known["hold_nudges"], known["min_group"], known["plan_within"]) == (True, 20, "P60D")
    await hr.page.check("[name=hold_nudges]")
    await hr.press("Set these times")
    known = (await story.hr.get("/v1/policy")).json()
    assert (known["hold_nudges"], known["min_group"], known["plan_within"]) == (True, 10, "P90D")


async def test_times_that_somebody_else_sets_at_that_moment_are_not_undone(
    story: Story, visitor: Visitor, site: Site
) -> None:
    hr = await visitor(None, "hr")
    await hr.go("/policy")
    held = partial(set_times, story, hold_nudges=True)
    with while_it_happens(site.given[Cycles], "put_policy", held):
        await hr.press("Set these times")
    assert "Something was changed at the same moment" in await hr.text()
    assert (await story.hr.get("/v1/policy")).json()["hold_nudges"]
    await hr.press("Set these times")
    assert "This was changed while you were writing" in await hr.text()


OURS = {
    "title": {"en": "Ours", "fr": "Le nôtre"},
    "kind": "conversation",
    "questions": [
        {"id": "why", "purpose": {"en": "To know"}, "text": {"en": "Why?"}},
        {"id": "how", "purpose": {"en": "To learn"}, "text": {"en": "How?"}},
    ],
}
BETTER = {
    "title": {"en": "Ours, for all", "fr": "Le nôtre"},
    "kind": "conversation",
    "questions": [
        {"id": "why", "purpose": {"en": "To know"}, "text": {"en": "Why then?"}},
        {"id": "question-1", "purpose": {"en": "To dream"}, "text": {"en": "Whereto?"}},
    ],
}


async def published(story: Story, *guides: dict[str, Any]) -> None:
    for each in guides:
        assert (await story.platform.post("/v1/guides/ours", json=each)).status_code == 201


async def asked_by(story: Story, version: int) -> dict[str, str]:
    """What a version of the guide asks in English, by the questions' ids."""
    found = (await story.hr.get(f"/v1/guides/ours/{version}")).json()
    return {each["id"]: each["text"]["en"] for each in found["questions"]}


async def test_a_version_that_was_published_meanwhile_is_shown_and_not_undone(
    story: Story, visitor: Visitor
) -> None:
    await published(story, OURS)
    hr = await visitor(None, "hr")
    await hr.go("/guides/ours/1/next")
    await published(story, BETTER)
    await hr.page.fill("#why-purpose-en", "To understand")
    await hr.page.fill("#how-text-en", "How so?")
    await hr.press("See how it will be read")
    assert "This was changed while you were writing" in await hr.text()
    assert await hr.problems_by_axe() == []
    now = await hr.page.inner_text("#now ~ ol")
    assert "Why then?" in now
    assert "Whereto?" in now
    await hr.press("See how it will be read")
    await hr.press("Publish it")
    wanted = {"why": "Why then?", "question-1": "Whereto?", "how": "How so?"}
    assert await asked_by(story, 3) == wanted
    third = (await story.hr.get("/v1/guides/ours/3")).json()
    assert third["title"] == BETTER["title"]
    assert third["questions"][0]["purpose"] == {"en": "To understand"}


async def test_what_two_have_worded_differently_is_kept_as_it_was_typed_beside_what_stands_now(
    story: Story, visitor: Visitor
) -> None:
    await published(story, OURS)
    hr = await visitor(None, "hr")
    await hr.go("/guides/ours/1/next")
    await hr.page.fill("#why-text-en", "Why ever?")
    await hr.press("See how it will be read")
    await published(story, BETTER)
    await hr.press("Publish it")
    assert "This was changed while you were writing" in await hr.text()
    assert await hr.page.input_value("#why-text-en") == "Why ever?"
    assert "Why then?" in await hr.page.inner_text("#now ~ ol")
    assert (await story.hr.get("/v1/guides/ours/3")).status_code == 404


async def test_a_version_published_at_that_moment_is_not_undone(
    story: Story, visitor: Visitor, site: Site
) -> None:
    await published(story, OURS)
    hr = await visitor(None, "hr")
    await hr.go("/guides/ours/1/next")
    await hr.press("See how it will be read")
    better = partial(published, story, BETTER)
    with while_it_happens(site.given[Library], "publish_guide", better):
        await hr.press("Publish it")
    assert "Something was changed at the same moment" in await hr.text()
    assert (await story.hr.get("/v1/guides/ours/3")).status_code == 404


async def test_a_next_version_begins_with_the_newest(story: Story, visitor: Visitor) -> None:
    await published(story, OURS, BETTER)
    hr = await visitor(None, "hr")
    await hr.go("/guides/ours/1/next")
    assert hr.page.url.endswith("/guides/ours/2/next")
    assert await hr.page.input_value("#why-text-en") == "Why then?"


def meeting_on(day: int, place: str) -> dict[str, str]:
    starts_at = f"2099-03-{day:02}T13:30:00Z"
    return {"starts_at": starts_at, "duration": "PT1H", "place": place}


async def met_at(story: Story) -> tuple[Any, Any]:
    """On which day the meeting is, and where."""
    known = (await story.ana.get(story.conversation)).json()["meeting"]
    return known["starts_at"] and known["starts_at"][:10], known["place"]


async def look_at_meeting(story: Story, visitor: Visitor) -> Visit:
    """Ana has the page before her, with the meeting that Ben has set."""
    await story.ben.post(f"{story.conversation}:schedule", json=meeting_on(2, "Room 1"))
    ana = await visitor("ana")
    await ana.go(f"{story.conversation.removeprefix('/v1')}/meeting")
    return ana


async def test_a_time_that_the_other_side_chose_meanwhile_is_shown_and_not_undone(
    story: Story, visitor: Visitor
) -> None:
    ana = await look_at_meeting(story, visitor)
    await story.ben.post(f"{story.conversation}:schedule", json=meeting_on(3, "Room 2"))
    await ana.page.fill("#place", "A walk")
    await ana.press("Choose this time")
    assert "This was changed while you were writing" in await ana.text()
    assert "Room 2" in await ana.page.inner_text("#now + p")
    assert await ana.problems_by_axe() == []
    assert await ana.page.input_value("#place") == "A walk"
    assert await met_at(story) == ("2099-03-03", "Room 2")
    await ana.press("Choose this time")
    assert await met_at(story) == ("2099-03-02", "A walk")


async def test_a_meeting_that_was_called_off_meanwhile_is_not_set_anew_unseen(
    story: Story, visitor: Visitor
) -> None:
    ana = await look_at_meeting(story, visitor)
    await story.ben.post(f"{story.conversation}:unschedule")
    await ana.page.fill("#place", "A walk")
    await ana.press("Choose this time")
    assert "The meeting was called off." in await ana.page.inner_text("#now + p")
    assert await met_at(story) == (None, None)


async def test_nobody_calls_off_a_meeting_that_they_have_not_seen(
    story: Story, visitor: Visitor
) -> None:
    ana = await look_at_meeting(story, visitor)
    await story.ben.post(f"{story.conversation}:schedule", json=meeting_on(3, "Room 2"))
    await ana.press("Call it off")
    assert "The meeting was changed while you were looking." in await ana.text()
    assert await met_at(story) == ("2099-03-03", "Room 2")
    await ana.press("Call it off")
    assert await met_at(story) == (None, None)


async def test_a_time_that_the_other_side_chooses_at_that_moment_is_not_undone(
    story: Story, visitor: Visitor, site: Site
) -> None:
    ana = await look_at_meeting(story, visitor)
    await ana.page.fill("#place", "A walk")
    later = partial(story.ben.post, f"{story.conversation}:schedule", json=meeting_on(3, "Room 2"))
    with while_it_happens(site.given[BothSides], "schedule", later):
        await ana.press("Choose this time")
    assert "Something was changed at the same moment" in await ana.text()
    assert await met_at(story) == ("2099-03-03", "Room 2")
