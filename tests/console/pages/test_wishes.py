"""What either side says about the plan reaches the other: wishes, check-ins, and what is in force."""

from __future__ import annotations

import pytest

from tests.conftest import Story
from tests.console.pages.conftest import Visitor
from tests.console.pages.test_every_page import is_german, look


@pytest.fixture
async def path(story: Story) -> str:
    """The page of a plan that Ana has proposed."""
    await story.conclude()
    await story.ana.put(f"{story.plan}/goals/lead", json={"text": "Lead"})
    action = {"method": "mentoring", "title": "An hour", "serves": "lead", "success": "so"}
    body = action | {"owner": "partner", "mentor": "ben"}
    assert (await story.ana.put(f"{story.plan}/actions/it", json=body)).status_code == 200
    await story.ana.post(f"{story.plan}:propose")
    return story.plan.removeprefix("/v1")


async def test_a_wish_for_changes_is_read_by_the_other(
    story: Story, path: str, visitor: Visitor
) -> None:
    ana, ben = await visitor("ana"), await visitor("ben")
    await ben.go(f"{path}/changes")
    await ben.page.fill("#comment", "Smaller steps")
    await ben.press("Ask for it")
    told = await ben.text()
    assert "You have asked for changes. Now Ana Silva looks at it." in told
    assert "Smaller steps" in told
    await look(ana, path)
    await is_german(ana, path)
    told = await ana.text()
    assert "Ben Okoro asks for changes." in told
    assert "Smaller steps" in told
    assert "was changed" not in told
    await ana.press("Agree to it as it stands")
    assert "Smaller steps" in await ana.text()
    await ben.go(path)
    await ben.press("Agree to it as it stands")
    assert "Both of you have agreed to this" in await ben.text()
    assert "Smaller steps" not in await ben.text()


async def test_what_is_in_force_is_read_beside_what_waits_for_an_agreement(
    story: Story, path: str, visitor: Visitor
) -> None:
    await story.ben.post(f"{story.plan}:agree")
    await story.advance()
    await story.ben.put(f"{story.plan}/goals/lead", json={"text": "Lead a field"})
    out = await story.ben.post(f"{story.plan}/actions/it:drop", json={"comment": "No time"})
    assert out.status_code == 200, out.text
    ana = await visitor("ana")
    await ana.go("/")
    assert "The plan was changed; it needs the agreement of both of you." in await ana.text()
    assert "How is your plan going?" not in await ana.text()
    await story.ben.post(f"{story.plan}:agree")
    await ana.go("/")
    assert "Ben Okoro has agreed to a change of the plan." in await ana.text()
    await look(ana, path)
    await is_german(ana, path)
    assert "Nothing serves this goal yet." in await ana.text()
    await ana.page.click("summary >> text=What is in force")
    told = await ana.page.inner_text("details")
    for each in ("Lead", "An hour", "Taken out", "No time", "Promised by: Ben Okoro"):
        assert each in told
    await ana.press("Agree to it as it stands")
    assert await ana.page.locator("details", has_text="What is in force").count() == 0


async def change_and_wish(story: Story) -> None:
    """Ana changes the plan that is in force, and Ben asks for something else."""
    await story.ben.post(f"{story.plan}:agree")
    await story.advance()
    await story.ana.put(f"{story.plan}/goals/lead", json={"text": "Lead a field"})
    await story.ben.post(f"{story.plan}:request-changes", json={"comment": "Later"})


async def test_a_wish_in_the_midst_of_a_plan_is_told_at_home(
    story: Story, path: str, visitor: Visitor
) -> None:
    await change_and_wish(story)
    ana = await visitor("ana")
    await ana.go("/")
    assert "Ben Okoro asks for changes to the plan." in await ana.text()
    await story.ana.post(f"{story.plan}:request-changes", json={"comment": "Sooner"})
    await ana.go("/")
    assert "You have asked for changes. Now Ben Okoro looks at it." in await ana.text()
    await story.ben.post(f"{story.plan}:agree")
    await ana.go("/")
    assert "Ben Okoro has agreed to a change of the plan." in await ana.text()


async def test_whoever_agrees_in_spite_of_a_wish_has_asked_for_nothing(
    story: Story, path: str, visitor: Visitor
) -> None:
    await change_and_wish(story)
    await story.ana.post(f"{story.plan}:agree")
    ana = await visitor("ana")
    await ana.go("/")
    assert "You have agreed to a change of the plan. Now Ben Okoro looks at it" in await ana.text()


async def test_a_word_at_the_check_in_is_read_by_both(
    story: Story, path: str, visitor: Visitor
) -> None:
    await story.ben.post(f"{story.plan}:agree")
    ana, ben = await visitor("ana"), await visitor("ben")
    await ana.go(f"{path}/check-in")
    await ana.page.fill("#comment", "Slower than I thought")
    await ana.press("Something has changed")
    for visit, who in ((ana, "You"), (ben, "Ana Silva")):
        await visit.go(path)
        said = visit.page.locator(".quote", has_text="Slower than I thought")
        assert f"Something has changed · {who}" in await said.inner_text()


async def test_what_was_planned_by_mistake_can_be_reported_on_before_it_is_in_force(
    story: Story, path: str, visitor: Visitor
) -> None:
    ana = await visitor("ana")
    await ana.go(path)
    assert "with Ben Okoro" in await ana.text()
    await ana.page.get_by_role("link", name="What has become of it?").click()
    await ana.page.check("input[value=dropped]")
    await ana.press("Save")
    assert "Nothing serves this goal yet" in await ana.text()
