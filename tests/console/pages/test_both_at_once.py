"""Both sides at the same plan: no words are undone unseen, and nobody agrees to what they didn't see."""

from __future__ import annotations

from functools import partial
from typing import Any

from httpx2 import AsyncClient

from services.planning.application import Plans
from tests.conftest import Story
from tests.console.pages.conftest import Site, Visit, Visitor, while_it_happens

ACTION = {
    "method": "other",
    "title": "Two hours a month",
    "serves": "lead",
    "success": "We would both say so",
    "owner": "partner",
}


async def proposed(story: Story) -> str:
    """A plan that both can read and change; its page."""
    await story.conclude()
    await story.ana.put(f"{story.plan}/goals/lead", json={"text": "Lead"})
    await story.ana.put(f"{story.plan}/goals/learn", json={"text": "Learn"})
    await story.ana.put(f"{story.plan}/actions/it", json=ACTION)
    await story.ana.post(f"{story.plan}:propose")
    return story.plan.removeprefix("/v1")


async def plan_of(story: Story) -> dict[str, Any]:
    found: dict[str, Any] = (await story.ana.get(story.plan)).json()
    return found


async def lead_a_field(side: AsyncClient, plan: str) -> None:
    await side.put(f"{plan}/goals/lead", json={"text": "Lead a field"})


async def opened(visitor: Visitor, path: str) -> Visit:
    ana = await visitor("ana")
    await ana.go(path)
    return ana


async def test_what_the_other_side_made_of_an_action_meanwhile_is_shown_beside_ones_own(
    story: Story, visitor: Visitor
) -> None:
    ana = await opened(visitor, f"{await proposed(story)}/actions/it")
    bens = ACTION | {"success": "Somebody else asks her"}
    assert (await story.ben.put(f"{story.plan}/actions/it", json=bens)).status_code == 200
    await ana.page.fill("#by", "2099-03-01")
    await ana.press("Save")
    told = await ana.text()
    assert "This was changed while you were writing" in told
    assert "Somebody else asks her" in told
    assert await ana.page.input_value("#success") == "We would both say so"
    assert await ana.page.input_value("#by") == "2099-03-01"
    assert (await plan_of(story))["actions"]["it"]["success"] == "Somebody else asks her"
    assert await ana.problems_by_axe() == []
    await ana.page.fill("#success", "Somebody else asks her, and we would both say so")
    await ana.press("Save")
    known = (await plan_of(story))["actions"]["it"]
    assert known["by"] == "2099-03-01"
    assert known["success"] == "Somebody else asks her, and we would both say so"


async def test_what_the_other_side_made_of_a_goal_meanwhile_is_shown_beside_ones_own(
    story: Story, visitor: Visitor
) -> None:
    ana = await opened(visitor, f"{await proposed(story)}/goals/lead")
    await story.ben.put(f"{story.plan}/goals/lead", json={"text": "Lead a field"})
    await ana.page.fill("#horizon", "in two years")
    await ana.press("Save")
    told = await ana.text()
    assert "This was changed while you were writing" in told
    assert "Lead a field" in told
    assert await ana.page.input_value("#text") == "Lead"
    assert await ana.page.input_value("#horizon") == "in two years"
    assert (await plan_of(story))["goals"]["lead"]["text"] == "Lead a field"
    await ana.press("Save")
    assert (await plan_of(story))["goals"]["lead"]["text"] == "Lead"


async def test_a_change_of_something_else_in_the_plan_keeps_nobody_from_saving(
    story: Story, visitor: Visitor
) -> None:
    ana = await opened(visitor, f"{await proposed(story)}/goals/lead")
    await story.ben.put(f"{story.plan}/goals/learn", json={"text": "Learn a language"})
    await ana.page.fill("#text", "Lead a field")
    await ana.press("Save")
    goals = (await plan_of(story))["goals"]
    assert [goal["text"] for goal in goals.values()] == ["Lead a field", "Learn a language"]


async def test_a_change_made_at_the_very_moment_of_saving_is_kept(
    story: Story, visitor: Visitor, site: Site
) -> None:
    ana = await opened(visitor, f"{await proposed(story)}/goals/lead")
    await ana.page.fill("#text", "Lead a team")
    with while_it_happens(
        site.given[Plans], "set_goal", partial(lead_a_field, story.ben, story.plan)
    ):
        await ana.press("Save")
    assert "Something was changed at the same moment" in await ana.text()
    assert await ana.page.input_value("#text") == "Lead a team"
    assert (await plan_of(story))["goals"]["lead"]["text"] == "Lead a field"
    await ana.press("Save")
    assert "Lead a field" in await ana.text()


async def test_a_change_made_at_the_very_moment_of_agreeing_is_not_agreed_to(
    story: Story, visitor: Visitor, site: Site
) -> None:
    path = await proposed(story)
    ben = await visitor("ben")
    await ben.go(path)
    with while_it_happens(site.given[Plans], "agree", partial(lead_a_field, story.ana, story.plan)):
        await ben.press("Agree to it as it stands")
    assert (await plan_of(story))["in_force"] is None
    await ben.press("Agree to it as it stands")
    assert "The plan was changed while you were looking" in await ben.text()
    assert (await plan_of(story))["in_force"] is None


async def test_a_wish_for_a_plan_that_was_changed_meanwhile_is_kept_and_not_asked_unseen(
    story: Story, visitor: Visitor
) -> None:
    ben = await visitor("ben")
    await ben.go(f"{await proposed(story)}/changes")
    await ben.page.fill("#comment", "Name the field")
    await lead_a_field(story.ana, story.plan)
    await story.ana.post(f"{story.plan}:propose")
    await ben.press("Ask for it")
    told = await ben.text()
    assert "The plan was changed while you were writing" in told
    assert "Lead a field" in told
    assert "Two hours a month" in told
    assert await ben.page.input_value("#comment") == "Name the field"
    assert await ben.problems_by_axe() == []
    plan = await plan_of(story)
    assert list(plan["agreements"][str(plan["revision"])]) == ["employee"]
    assert plan["changes_requested"] is None
    await ben.press("Ask for it")
    assert (await plan_of(story))["changes_requested"]["comment"] == "Name the field"


async def test_a_change_made_at_the_very_moment_of_a_wish_is_shown_first(
    story: Story, visitor: Visitor, site: Site
) -> None:
    ben = await visitor("ben")
    await ben.go(f"{await proposed(story)}/changes")
    await ben.page.fill("#comment", "Name the field")
    with while_it_happens(
        site.given[Plans], "request_changes", partial(lead_a_field, story.ana, story.plan)
    ):
        await ben.press("Ask for it")
    assert "Something was changed at the same moment" in await ben.text()
    assert (await plan_of(story))["changes_requested"] is None
    await ben.press("Ask for it")
    assert "The plan was changed while you were writing" in await ben.text()


async def test_an_action_for_a_goal_that_is_gone_meanwhile_is_asked_for_another(
    story: Story, visitor: Visitor
) -> None:
    path = f"{await proposed(story)}/actions/new?method=other&serves=learn"
    ana = await opened(visitor, path)
    await ana.page.fill("#title", "A course")
    await ana.page.fill("#success", "I speak it")
    assert (await story.ben.delete(f"{story.plan}/goals/learn")).status_code == 200
    await ana.press("Save")
    assert "Choose the goal that it serves." in await ana.text()
    assert await ana.page.input_value("#title") == "A course"
    await ana.page.check("input[name=serves][value=lead]")
    await ana.press("Save")
    assert "A course" in await ana.text()
    await ana.go(path)
    assert "Which goal does it serve?" in await ana.text()


async def test_two_clicks_at_once_are_one_change(story: Story, visitor: Visitor) -> None:
    ana = await opened(visitor, f"{await proposed(story)}/goals/lead")
    await ana.page.fill("#text", "Lead a team")
    told = await ana.page.evaluate(
        """async () => {
            const send = () => fetch(location.href, {method: 'POST', body: new URLSearchParams(
                new FormData(document.querySelector('form.writing')))});
            return (await Promise.all([send(), send(), send()])).map((answer) => answer.status);
        }"""
    )
    assert told == [200, 200, 200]
    goals = (await plan_of(story))["goals"]
    assert goals["lead"]["text"] == "Lead a team"
