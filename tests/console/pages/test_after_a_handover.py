"""Somebody new is the partner: what was written, claimed and promised before stays whose it was."""

from __future__ import annotations

import pytest

from tests.conftest import Story
from tests.console.pages.conftest import Visitor

ALONE = {"name": "Ana Silva", "email": "ana@example.com", "partner": None}


@pytest.fixture
async def story(story: Story) -> Story:
    carla = {"name": "Carla Marsh", "email": "carla@example.com"}
    await story.platform.put("/v1/people/carla", json=carla)
    return story


async def name_carla(story: Story) -> None:
    ana = ALONE | {"partner": "carla"}
    assert (await story.platform.put("/v1/people/ana", json=ana)).status_code == 200


async def hand_over(story: Story) -> None:
    """Carla takes the place of Ben, and gets what was shown before."""
    await name_carla(story)
    chosen = {"choice": "plan_and_answers", "answers": []}
    answer = await story.ana.post("/v1/people/ana/handover", json=chosen)
    assert answer.status_code == 200, answer.text
    await story.read_models()


async def plan_with_a_promise(story: Story) -> str:
    """A plan in which the partner has promised something; its page."""
    await story.conclude()
    await story.ana.put(f"{story.plan}/goals/lead", json={"text": "Lead"})
    action = {"method": "other", "title": "An hour", "serves": "lead", "success": "so"}
    promise = action | {"owner": "partner"}
    await story.ana.put(f"{story.plan}/actions/it", json=promise)
    await story.ana.post(f"{story.plan}:propose")
    return story.plan.removeprefix("/v1")


async def test_a_note_stays_that_of_whoever_wrote_it(story: Story, visitor: Visitor) -> None:
    notes = f"{story.conversation}/notes"
    await story.ben.post(notes, json={"text": "Look around first", "shared": True})
    await story.ana.post(notes, json={"text": "So I do", "shared": True})
    await hand_over(story)
    ana = await visitor("ana")
    await ana.go(notes.removeprefix("/v1"))
    of_ben, of_ana = await ana.page.locator(".events li").all_inner_texts()
    assert "Ben Okoro" in of_ben
    assert "Carla Marsh" not in of_ben
    assert "Yours" in of_ana


async def test_a_note_of_somebody_who_was_forgotten_is_nobody_elses(
    story: Story, visitor: Visitor
) -> None:
    notes = f"{story.conversation}/notes"
    await story.ben.post(notes, json={"text": "Look around first", "shared": True})
    await hand_over(story)
    assert (await story.dpo.post("/v1/people/ben:erase")).status_code == 200
    ana = await visitor("ana")
    await ana.go(notes.removeprefix("/v1"))
    told = await ana.page.locator(".events li").inner_text()
    assert "The conversation partner" in told
    assert "Carla Marsh" not in told


async def test_whoever_was_shown_nothing_is_not_told_that_something_was_shared(
    story: Story, visitor: Visitor
) -> None:
    await story.ana.put(f"{story.conversation}/answers/impact", json={"text": "Mine"})
    await story.ana.post(f"{story.conversation}:share")
    assert (await story.state())["waiting_for"] == "partner"
    await hand_over(story)
    assert (await story.state())["waiting_for"] == "employee"
    await story.read_models()
    ana, carla = await visitor("ana"), await visitor("carla")
    await carla.go("/partner")
    assert "Has shared something with you" not in await carla.text()
    await carla.go("/partner/ana")
    assert "Ana Silva gets ready, without hurry." in await carla.text()
    answers = [{"conversation": story.conversation.split("/")[-1], "questions": ["impact"]}]
    chosen = {"choice": "plan_and_answers", "answers": answers}
    await story.ana.post("/v1/people/ana/handover", json=chosen)
    await story.read_models()
    assert (await story.state())["waiting_for"] == "partner"
    await carla.go("/partner/ana")
    assert "Ana Silva has shared something with you." in await carla.text()
    assert "Mine" in await carla.text()
    await ana.go("/")
    assert "Carla Marsh" in await ana.text()


async def test_whoever_claimed_the_meeting_is_named_where_it_is_confirmed(
    story: Story, visitor: Visitor
) -> None:
    await story.ana.put(f"{story.conversation}/direction", json={"direction": "expand"})
    held = {"held_on": "2020-05-03"}
    claimed = await story.ben.post(f"{story.conversation}:claim-held", json=held)
    assert claimed.status_code == 200, claimed.text
    await hand_over(story)
    ana, carla = await visitor("ana"), await visitor("carla")
    await ana.go("/")
    assert "Ben Okoro says that you met on 3 May 2020. Is it so?" in await ana.text()
    await ana.go(f"{story.conversation.removeprefix('/v1')}/conclude")
    assert "Ben Okoro says that you met on 3 May 2020." in await ana.text()
    await carla.go("/partner/ana")
    assert "You have said" not in await carla.text()


async def test_a_promise_stays_that_of_whoever_gave_it(story: Story, visitor: Visitor) -> None:
    path = await plan_with_a_promise(story)
    await story.ben.post(f"{story.plan}:agree")
    stuck = {"blocked_by": "partner"}
    answer = await story.ana.post(f"{story.plan}/actions/it:block", json=stuck)
    assert answer.status_code == 200, answer.text
    await hand_over(story)
    ana, carla = await visitor("ana"), await visitor("carla")
    await ana.go(path)
    told = await ana.text()
    assert "Promised by: Ben Okoro · stuck at: Ben Okoro" in told
    assert "Ben Okoro · Open" in told
    assert "Carla Marsh" not in told.replace("A change needs you and Carla Marsh", "")
    await ana.go(f"{path}/actions/it")
    checked = ana.page.locator("#owner label", has=ana.page.locator(":checked"))
    assert await checked.inner_text() == "Carla Marsh"
    assert "So far promised by: Ben Okoro" in await ana.text()
    await carla.go(path)
    told = await carla.text()
    assert "Promised by: Ben Okoro · stuck at: The conversation partner" in told
    assert "Ben Okoro · Open" in told
    await ana.page.fill("#title", "Two hours")
    await ana.press("Save")
    assert "Promised by: Carla Marsh" in await ana.text()
    await ana.go(f"{path}/actions/it")
    assert "So far promised by" not in await ana.text()


async def test_what_the_new_partner_is_still_to_agree_to_is_theirs_to_promise(
    story: Story, visitor: Visitor
) -> None:
    path = await plan_with_a_promise(story)
    await hand_over(story)
    ana = await visitor("ana")
    await ana.go(path)
    assert "Promised by: Carla Marsh" in await ana.text()


async def test_what_the_partner_before_agreed_to_is_told_to_neither_as_agreed(
    story: Story, visitor: Visitor
) -> None:
    path = await plan_with_a_promise(story)
    await story.ana.put(f"{story.plan}/goals/lead", json={"text": "Lead a field"})
    await story.ben.post(f"{story.plan}:agree")
    await hand_over(story)
    ana, carla = await visitor("ana"), await visitor("carla")
    for each in (ana, carla):
        await each.go(path)
        told = await each.text()
        assert "The plan was changed; it needs the agreement of both of you." in told
        assert "agreed" not in told
    await carla.press("Agree to it as it stands")
    assert "You have agreed to the plan as it stands. Now Ana Silva looks" in await carla.text()
    await ana.go(path)
    assert "Carla Marsh has agreed to the plan as it stands" in await ana.text()


@pytest.mark.parametrize(
    ("page", "tick", "written", "button"),
    [
        ("/handover", "[value=plan_and_answers]", {}, "Save"),
        ("share", "[name=part]", {}, "Share what is ticked"),
        ("notes", "[name=shared]", {"#text": "Between us"}, "Write it down"),
        ("meeting", None, {"#day": "2100-05-04", "#time": "14:30"}, "Choose this time"),
    ],
)
async def test_what_was_meant_for_the_partner_before_isnt_given_to_the_new_one_unasked(
    story: Story,
    visitor: Visitor,
    page: str,
    tick: str | None,
    written: dict[str, str],
    button: str,
) -> None:
    await story.ana.put(f"{story.conversation}/answers/impact", json={"text": "mine"})
    ana = await visitor("ana")
    at = page if page.startswith("/") else f"{story.conversation.removeprefix('/v1')}/{page}"
    await ana.go(at)
    assert "Ben Okoro" in await ana.text()
    if tick:
        await ana.page.check(tick)
    for field, text in written.items():
        await ana.page.fill(field, text)
    await name_carla(story)
    before = await story.happened("people", "conversation")
    await ana.press(button)
    told = await ana.page.inner_text("#problems")
    assert "Your conversation partner is now Carla Marsh; look once more." in told
    assert not tick or await ana.page.is_checked(tick)
    assert {each: await ana.page.input_value(each) for each in written} == written
    assert "Ben Okoro" not in await ana.text()
    assert await story.happened("people", "conversation") == before
    await ana.press(button)
    assert len(await story.happened("people", "conversation")) == len(before) + 1


async def test_who_has_no_partner_any_more_is_told_that_nothing_can_be_handed_over(
    story: Story, visitor: Visitor
) -> None:
    ana = await visitor("ana")
    await ana.go("/handover")
    await ana.page.check("[value=plan]")
    assert (await story.platform.put("/v1/people/ana", json=ALONE)).status_code == 200
    await ana.press("Save")
    assert "There is no conversation partner to hand anything over to" in await ana.text()


async def test_what_was_shared_with_the_partner_before_is_called_so_and_can_be_taken_back(
    story: Story, visitor: Visitor
) -> None:
    for question in ("impact", "energy"):
        await story.ana.put(f"{story.conversation}/answers/{question}", json={"text": question})
    await story.ana.post(f"{story.conversation}:share", json={"questions": ["impact", "energy"]})
    await name_carla(story)
    before = (await story.ana.get(story.conversation)).json()["shared"]["before"]
    assert before == {"questions": ["energy", "impact"], "facets": [], "direction": False}
    at = story.conversation.removeprefix("/v1")
    ana = await visitor("ana")
    await ana.go(f"{at}/questions/impact")
    told = await ana.page.inner_text("#readers")
    assert "You have shared this with an earlier conversation partner. Carla Marsh can’t" in told
    await ana.go(at)
    assert (await ana.text()).count("Shared with an earlier conversation partner") == 2
    await ana.go(f"{at}/share")
    assert "Yours alone" not in await ana.page.locator("legend").all_inner_texts()
    await ana.page.check("[value='question:impact']")
    await ana.press("Take back what is ticked")
    assert "Yours alone" in await ana.page.locator("legend").all_inner_texts()
    await ana.page.check("[value='question:energy']")
    await ana.press("Share it with Carla Marsh too")
    shared = (await story.ana.get(story.conversation)).json()["shared"]
    assert shared["questions"] == ["energy"]
    assert shared["before"]["questions"] == []
    await story.platform.put("/v1/people/ana", json=ALONE)
    await ana.go(f"{at}/questions/energy")
    told = await ana.page.inner_text("#readers")
    assert "Whoever is named next can’t read it unless you share it anew." in told
