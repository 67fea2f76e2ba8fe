"""The plan in the browser: from a goal to an agreement of both, check-ins, and what became of it."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest

from shared.eventstore.record import Command
from shared.principal import workflow
from tests.conftest import Story
from tests.console.pages.conftest import Visit, Visitor
from tests.console.pages.test_every_page import is_german, look

ACTION = {
    "method": "other",
    "title": "An hour",
    "serves": "lead",
    "success": "so",
    "owner": "employee",
}


async def plan_of(story: Story) -> dict[str, Any]:
    found: dict[str, Any] = (await story.ana.get(story.plan)).json()
    return found


async def do(story: Story, step: str) -> None:
    """Review the plan, or end it with its round, as the worker would: `review` or `complete`."""
    by, record = workflow(story.tenant, "Cycle"), story.house.record
    command = Command(by=by, at=record.clock.now(), step=step)
    use_case = getattr(story.house.plans, f"{step}_plan")
    await use_case(command, UUID(story.plan.rpartition("/")[2]))


async def in_force(story: Story, **more: str) -> str:
    """A plan in force with an action of the employee's; its page."""
    await story.conclude()
    await story.ana.put(f"{story.plan}/goals/lead", json={"text": "Lead"})
    await story.ana.put(f"{story.plan}/actions/old", json=ACTION | more)
    await story.ana.post(f"{story.plan}:propose")
    await story.ben.post(f"{story.plan}:agree")
    await story.advance()
    return story.plan.removeprefix("/v1")


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
    said = (await plan_of(story))["last_check_in"]
    assert (said["state"], said["by"], said["comment"]) == ("on_track", "employee", None)


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
    await do(story, "complete")
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


async def test_a_mentor_is_named_in_the_form_and_can_be_left_out_or_left_behind(
    story: Story, visitor: Visitor
) -> None:
    await story.conclude()
    await story.ana.put(f"{story.plan}/goals/lead", json={"text": "Lead"})
    eve = {"name": "Eve Adams", "email": "eve@example.com"}
    await story.platform.put("/v1/people/eve", json=eve)
    offer = {"skills": ["lead"], "capacity": 1}
    await story.door("employee", "eve").put("/v1/people/eve/mentoring", json=offer)
    await story.read_models()
    ana = await visitor("ana")
    await ana.go(story.plan.removeprefix("/v1"))
    await ana.follow("with Eve Adams")
    await ana.page.fill("#title", "Two hours a month")
    await ana.page.fill("#success", "We would both say so")
    assert await ana.page.get_by_role("checkbox", name="with Eve Adams").is_checked()
    await ana.press("Save")
    ((action, known),) = (await plan_of(story))["actions"].items()
    assert known["mentor"] == "eve"
    for method, mentor in (("mentoring", "eve"), ("coaching", None)):
        await ana.go(f"{story.plan.removeprefix('/v1')}/actions/{action}?method={method}")
        await ana.press("Save")
        known = (await plan_of(story))["actions"][action]
        assert (known["method"], known["mentor"]) == (method, mentor)
    await ana.go(f"{story.plan.removeprefix('/v1')}/actions/new?method=mentoring&mentor=eve")
    await ana.page.uncheck("[name=mentor]")
    await ana.press("Save")
    assert not await ana.page.get_by_role("checkbox", name="with Eve Adams").is_checked()
    await ana.page.fill("#title", "An hour")
    await ana.page.fill("#success", "so")
    await ana.press("Save")
    *_, known = (await plan_of(story))["actions"].values()
    assert (known["title"], known["mentor"]) == ("An hour", None)


async def test_a_mentor_whom_nobody_has_agreed_on_and_who_offers_nothing_is_not_named(
    story: Story, visitor: Visitor
) -> None:
    """Whoever knows somebody's id can write it into a plan; the name is told nowhere else either."""
    for person, name in (("eve", "Eve Adams"), ("fay", "Fay Holt")):
        profile = {"name": name, "email": f"{person}@example.com"}
        await story.platform.put(f"/v1/people/{person}", json=profile)
    offer = {"skills": ["chess"], "capacity": 1}
    await story.door("employee", "fay").put("/v1/people/fay/mentoring", json=offer)
    await story.read_models()
    assert (await story.ana.get("/v1/people/eve")).status_code == 404
    await story.conclude()
    await story.ana.put(f"{story.plan}/goals/lead", json={"text": "Lead"})
    for name, mentor in (("hour", "eve"), ("walk", "ben"), ("game", "fay")):
        action = ACTION | {"method": "mentoring", "title": name, "mentor": mentor}
        await story.ana.put(f"{story.plan}/actions/{name}", json=action)
    path, ana = story.plan.removeprefix("/v1"), await visitor("ana")
    for page in (path, f"{path}/actions/hour"):
        await ana.go(page)
        assert "with eve" in await ana.text()
        assert "Eve Adams" not in await ana.page.content()
    await ana.go(path)
    assert "with Ben Okoro" in await ana.text()  # whom she knows by name
    assert "with Fay Holt" in await ana.text()  # who offers it
    await story.ana.post(f"{story.plan}:propose")
    await story.ben.post(f"{story.plan}:agree")
    await ana.go(path)
    assert "with Eve Adams" in await ana.text()


async def test_whoever_could_get_it_going_is_asked_within_what_has_become_of_it(
    story: Story, visitor: Visitor
) -> None:
    ana = await visitor("ana")
    await ana.go(f"{await in_force(story)}/actions/old/report")
    asked = ana.page.get_by_role("group", name="What has become of it?").get_by_role(
        "group", name="Who could get it going again?"
    )
    assert await asked.get_by_role("radio").count() == 3
    await ana.page.check("[value=blocked]")
    await ana.press("Save")
    assert "Say who could get it going again." in await asked.inner_text()
    assert await ana.problems_by_axe() == []


async def test_what_is_not_in_force_yet_can_only_be_taken_out(
    story: Story, visitor: Visitor
) -> None:
    path = await in_force(story)
    await story.ana.put(f"{story.plan}/actions/new", json=ACTION)
    await story.ana.put(f"{story.plan}/actions/old", json=ACTION | {"title": "Two hours"})
    ana = await visitor("ana")
    for action, found in (("new", ["dropped"]), ("old", ["started", "done"])):
        await ana.go(f"{path}/actions/{action}/report")
        choices = ana.page.locator("input[name=state]")
        assert [await each.input_value() for each in await choices.all()][:2] == found
        assert "Both of you have to agree to that." in await ana.text()
    await do(story, "review")
    await ana.go(f"{path}/actions/new/report")
    assert "It is taken out of the plan." in await ana.text()
    await ana.press("Save")
    assert (await plan_of(story))["actions"]["new"]["state"] == "dropped"


async def test_a_change_of_a_plan_in_force_comes_to_the_other_one_also_after_a_check_in(
    story: Story, visitor: Visitor
) -> None:
    await in_force(story, method="mentoring", mentor="ben")
    await story.ana.put(f"{story.plan}/actions/old", json=ACTION | {"title": "Two hours"})
    await story.ana.post(f"{story.plan}:agree")
    await story.ana.post(f"{story.plan}:check-in", json={"state": "on_track"})
    await story.read_models()
    ben = await visitor("ben")
    await ben.go("/partner")
    assert "A change of the plan is for you to look at" in await ben.text()
    await ben.follow("Ana Silva")
    assert "Ana Silva would like to change the plan." in await ben.text()
    assert await ben.page.locator(".moss").inner_text() == "Open the plan"
    await ben.follow("Open the plan")
    assert "with Ben Okoro" in (await ben.page.text_content("main details") or "")


async def asks_how_it_goes(story: Story) -> None:
    """Three months have passed."""
    by, now = workflow(story.tenant, "CareerCycle"), story.house.record.clock.now()
    command = Command(by=by, at=now, step="ask_check_in")
    await story.house.cycles.take_step(command, UUID(story.cycle), lambda c: c.ask_check_in(1))


async def test_how_it_goes_can_be_said_while_a_change_waits_and_is_asked_until_it_is(
    story: Story, visitor: Visitor
) -> None:
    await in_force(story)
    await asks_how_it_goes(story)
    await story.ana.put(f"{story.plan}/goals/lead", json={"text": "Lead a field"})
    await story.ana.post(f"{story.plan}:propose")
    ana = await visitor("ana")
    await look(ana, "/")
    assert (
        "Now Ben Okoro looks at it; what is agreed stays in force until then." in await ana.text()
    )
    assert "nothing that you have to do" not in await ana.text()
    assert await ana.page.get_by_role("link", name="Say how it goes").count() == 1
    await is_german(ana, "/")
    await story.ben.post(f"{story.plan}:agree")
    assert (await story.state())["waiting_for"] == "employee"
    await ana.go("/")
    assert "How is your plan going?" in await ana.text()
    await ana.follow("Say how it goes")
    await ana.press("It goes its way")
    assert "There is nothing that you have to do here now." in await ana.text()
    assert await ana.page.get_by_role("link", name="Say how it goes").count() == 0
    assert (await story.state())["waiting_for"] == "nobody"


async def test_whoever_has_the_partners_change_before_them_is_not_said_to_be_asked_how_it_goes(
    story: Story, visitor: Visitor
) -> None:
    await in_force(story)
    ben = await visitor("ben")
    await story.ben.put(f"{story.plan}/goals/lead", json={"text": "Lead a field"})
    await story.ben.post(f"{story.plan}:propose")
    await story.read_models()
    await look(ben, "/partner")
    assert "Looks at a change of the plan" in await ben.text()
    await is_german(ben, "/partner")
    await story.ana.post(f"{story.plan}:agree")
    await asks_how_it_goes(story)
    await story.read_models()
    await ben.go("/partner")
    assert "Is asked how the plan goes" in await ben.text()
