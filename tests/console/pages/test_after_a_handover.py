"""Somebody new is the partner: what was written, claimed and promised before stays whose it was."""

from __future__ import annotations

import pytest

from tests.conftest import Story
from tests.console.pages.conftest import Visitor


@pytest.fixture
async def story(story: Story) -> Story:
    carla = {"name": "Carla Marsh", "email": "carla@example.com"}
    await story.platform.put("/v1/people/carla", json=carla)
    return story


async def hand_over(story: Story) -> None:
    """Carla takes the place of Ben, and gets what was shown before."""
    ana = {"name": "Ana Silva", "email": "ana@example.com", "partner": "carla"}
    assert (await story.platform.put("/v1/people/ana", json=ana)).status_code == 200
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
    assert "Carla Marsh" not in told
    await carla.go(path)
    told = await carla.text()
    assert "Promised by: Ben Okoro · stuck at: The conversation partner" in told
    assert "Ben Okoro · Open" in told


async def test_what_the_new_partner_is_still_to_agree_to_is_theirs_to_promise(
    story: Story, visitor: Visitor
) -> None:
    path = await plan_with_a_promise(story)
    await hand_over(story)
    ana = await visitor("ana")
    await ana.go(path)
    assert "Promised by: Carla Marsh" in await ana.text()


async def test_whoever_agreed_is_named_to_both(story: Story, visitor: Visitor) -> None:
    path = await plan_with_a_promise(story)
    await story.ana.put(f"{story.plan}/goals/lead", json={"text": "Lead a field"})
    await story.ben.post(f"{story.plan}:agree")
    await hand_over(story)
    ana, carla = await visitor("ana"), await visitor("carla")
    await ana.go(path)
    assert "Ben Okoro has agreed to the plan as it stands" in await ana.text()
    await carla.go(path)
    told = await carla.text()
    assert "Your predecessor has agreed to the plan as it stands. Now Ana Silva looks" in told
    assert "You have agreed" not in told
