"""The plan in the browser: from a goal to an agreement of both, check-ins, and what became of it."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest

from shared.eventstore.record import Command
from shared.principal import workflow
from tests.conftest import Story
from tests.console.pages.conftest import Visit, Visitor


async def plan_of(story: Story) -> dict[str, Any]:
    found: dict[str, Any] = (await story.ana.get(story.plan)).json()
    return found


async def complete(story: Story) -> None:
    """End the plan with its round, as the worker would."""
    by, record = workflow(story.tenant, "Cycle"), story.house.record
    command = Command(by=by, at=record.clock.now(), step="complete")
    await story.house.plans.complete_plan(command, UUID(story.plan.rpartition("/")[2]))


async def set_goal(visit: Visit, text: str) -> None:
    await visit.follow("Add a goal")
    await visit.page.fill("#text", text)
    await visit.press("Save")


async def plan_action(visit: Visit, title: str, owner: str, method: str = "Mentoring") -> None:
    await visit.page.get_by_role("link", name="Plan something for it").first.click()
    async with visit.page.expect_navigation():
        await visit.page.get_by_role("link", name=method).click()
    await visit.page.fill("#title", title)
    await visit.page.fill("#success", "We would both say so")
    await visit.page.check(f"input[value={owner}]")
    await visit.press("Save")


@pytest.mark.parametrize("scripts", [True, False], ids=["with scripts", "without scripts"])
async def test_both_sides_come_to_a_plan_and_follow_it(
    story: Story, visitor: Visitor, scripts: bool
) -> None:
    await story.conclude()
    ana = await visitor("ana", java_script_enabled=scripts)
    ben = await visitor("ben", java_script_enabled=scripts)
    await ana.go("/")
    await ana.follow("Open the plan")
    await set_goal(ana, "Be the one to ask about this")
    assert "Nothing serves this goal yet" in await ana.text()
    await plan_action(ana, "Two hours a month", "partner")
    assert "Promised by: Ben Okoro" in await ana.text()
    await ana.press("Propose it to Ben Okoro")
    assert "Now Ben Okoro looks at it" in await ana.text()
    await story.read_models()
    await ben.go("/partner/ana")
    await ben.follow("Open the plan")
    assert "Ana Silva has agreed to the plan as it stands" in await ben.text()
    await ben.press("Agree to it as it stands")
    assert "Both of you have agreed to this" in await ben.text()
    assert (await plan_of(story))["state"] == "active"
    await ben.page.get_by_role("link", name="What has become of it?").click()
    await ben.page.check("input[value=done]")
    await ben.press("Save")
    assert "Done" in await ben.text()
    assert "Kept" in await ben.text()


async def test_somebody_says_in_two_clicks_how_it_goes(story: Story, visitor: Visitor) -> None:
    await story.conclude()
    await story.ana.put(f"{story.plan}/goals/lead", json={"text": "Lead"})
    await story.ana.post(f"{story.plan}:propose")
    await story.ben.post(f"{story.plan}:agree")
    ana = await visitor("ana")
    await ana.go(f"{story.plan.removeprefix('/v1')}/check-in")
    await ana.press("It goes its way")
    assert (await plan_of(story))["last_check_in"] == {"state": "on_track", "comment": None}


async def test_a_change_made_while_somebody_looked_is_shown_before_they_agree(
    story: Story, visitor: Visitor
) -> None:
    await story.conclude()
    await story.ana.put(f"{story.plan}/goals/lead", json={"text": "Lead"})
    await story.ana.post(f"{story.plan}:propose")
    ben = await visitor("ben")
    await ben.go(story.plan.removeprefix("/v1"))
    await story.ana.put(f"{story.plan}/goals/lead", json={"text": "Lead a field"})
    await ben.press("Agree to it as it stands")
    assert "The plan was changed while you were looking" in await ben.text()
    assert "Lead a field" in await ben.text()
    assert (await plan_of(story))["in_force"] is None


async def test_a_partner_asks_for_changes(story: Story, visitor: Visitor) -> None:
    await story.conclude()
    await story.ana.put(f"{story.plan}/goals/lead", json={"text": "Lead"})
    await story.ana.post(f"{story.plan}:propose")
    ben = await visitor("ben")
    await ben.go(story.plan.removeprefix("/v1"))
    await ben.follow("Ask for changes")
    await ben.press("Ask for it")
    assert "Say in a few words what should be different" in await ben.text()
    await ben.page.fill("#comment", "Smaller steps")
    await ben.press("Ask for it")
    assert "Your wish for changes was passed on" in await ben.text()


async def test_doing_without_a_plan_is_a_full_answer(story: Story, visitor: Visitor) -> None:
    await story.conclude()
    ana = await visitor("ana")
    await ana.go("/")
    await ana.follow("Do without a plan")
    await ana.press("Do without a plan")
    assert "That is a full answer" in await ana.text()
    assert (await plan_of(story))["state"] == "closed"


async def test_a_plan_that_was_completed_meanwhile_is_not_told_as_done_without(
    story: Story, visitor: Visitor
) -> None:
    await story.conclude()
    await story.ana.put(f"{story.plan}/goals/lead", json={"text": "Lead"})
    await story.ana.post(f"{story.plan}:propose")
    await story.ben.post(f"{story.plan}:agree")
    ana = await visitor("ana")
    await ana.go(f"{story.plan.removeprefix('/v1')}/close")
    await complete(story)
    await ana.press("Do without a plan")
    told = await ana.text()
    assert "This plan has ended; it stays as it is." in told
    assert "You do without a plan" not in told
    assert (await plan_of(story))["state"] == "completed"


async def test_what_is_missing_is_told_at_the_top_and_at_the_field_and_nothing_is_lost(
    story: Story, visitor: Visitor
) -> None:
    await story.conclude()
    await story.ana.put(f"{story.plan}/goals/lead", json={"text": "Lead"})
    ana = await visitor("ana")
    at = f"{story.plan.removeprefix('/v1')}/actions/new?serves=lead&method=coaching"
    await ana.go(at)
    await ana.page.fill("#title", "Six talks")
    await ana.page.fill("#sessions", "many")
    await ana.press("Save")
    assert (await ana.page.title()).startswith("Please look again")
    focused = "document.activeElement.id"
    assert await ana.page.evaluate(focused) == "problems"
    assert await ana.page.input_value("#title") == "Six talks"
    assert await ana.page.input_value("#sessions") == "many"
    await ana.page.click("#problems a >> text=Write the number of sessions")
    assert await ana.page.evaluate(focused) == "sessions"
    described = await ana.page.get_attribute("#success", "aria-describedby")
    assert described == "success-problem"


async def test_suggestions_say_why_and_lead_to_an_action(story: Story, visitor: Visitor) -> None:
    await story.conclude()
    await story.ana.put(f"{story.plan}/goals/lead", json={"text": "Lead"})
    ana = await visitor("ana")
    await ana.go(story.plan.removeprefix("/v1"))
    await ana.page.get_by_role("link", name="Coaching").first.click()
    await ana.page.wait_for_selector("#aim")
    assert "It serves the goal" in await ana.text()
