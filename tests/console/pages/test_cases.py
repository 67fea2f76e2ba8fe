"""A case from asking to its end: the auditor, the two who decide, and the person whom it is about."""

from __future__ import annotations

from tests.conftest import Story
from tests.console.pages.conftest import Visit, Visitor

SECRET = "What I only told Ben"


async def shared(story: Story) -> Story:
    await story.ana.put(f"{story.conversation}/answers/impact", json={"text": SECRET})
    await story.ana.post(f"{story.conversation}:share")
    await story.ana.put(f"{story.conversation}/answers/energy", json={"text": "mine alone"})
    await story.read_models()
    return story


async def asked(story: Story) -> str:
    body = {"cycle": story.cycle, "reason": "complaint"}
    case = (await story.auditor.post("/v1/audit/cases", json=body)).json()["id"]
    await story.read_models()
    return f"/cases/{case}"


async def tab_to(visit: Visit, name: str) -> None:
    """Go on by the tabulator until something of that name has the focus."""
    for _ in range(40):
        await visit.page.keyboard.press("Tab")
        told = "document.activeElement.textContent.trim() || document.activeElement.name"
        if await visit.page.evaluate(told) == name:
            return
    raise AssertionError(f"{name} can't be reached by keyboard")


async def test_an_auditor_asks_two_agree_and_what_was_shared_is_read(
    story: Story, visitor: Visitor
) -> None:
    await shared(story)
    auditor = await visitor(None, "auditor", java_script_enabled=False)
    await auditor.go("/")
    await auditor.follow("Cases")
    await auditor.follow("Ask to read what was shared")
    await auditor.page.fill("#person", "ana")
    await auditor.press("Show their cycles")
    await auditor.press("Ask")
    assert "Choose why you need them" in await auditor.text()
    await auditor.page.select_option("#reason", "complaint")
    await auditor.press("Ask")
    assert "Waits for two to agree" in await auditor.text()
    await story.read_models()
    for office, case in (("dpo", "Cases to decide on"), ("hr", "Waits for one more to agree")):
        decider = await visitor(None, office, java_script_enabled=False)
        await decider.go("/waiting")
        assert case in await decider.text()
        await decider.page.click("main .tasks a")
        await decider.press("Agree")
    await auditor.page.reload()
    await auditor.follow("Read what was shared")
    told = await auditor.text()
    assert "Which people, choices or moments" in told
    assert SECRET in told
    assert "mine alone" not in told


async def test_the_person_is_told_at_home_and_finds_who_has_asked(
    story: Story, visitor: Visitor
) -> None:
    await asked(await shared(story))
    ana = await visitor("ana")
    await ana.go("/")
    assert "An auditor has asked to read what you shared" in await ana.text()
    await ana.follow("See who asked, and why")
    told = await ana.text()
    assert "a complaint" in told
    assert "nobody yet" in told
    assert await ana.page.locator("main button").count() == 0
    await ana.page.click(".back")
    assert "Who has asked to" in await ana.text()


async def test_one_no_closes_a_case_by_keyboard_alone(story: Story, visitor: Visitor) -> None:
    case = await asked(await shared(story))
    hr = await visitor(None, "hr")
    await hr.go(case)
    await tab_to(hr, "Refuse")
    async with hr.page.expect_navigation():
        await hr.page.keyboard.press("Enter")
    assert "Refused" in await hr.page.inner_text("h1")
    await story.read_models()
    await hr.go("/waiting")
    assert "Cases to decide on" not in await hr.text()


async def test_hr_who_is_a_person_too_goes_back_to_the_cases_from_a_decided_one(
    story: Story, visitor: Visitor
) -> None:
    await story.platform.put("/v1/people/hilde", json={"name": "Hilde", "email": "h@example.com"})
    case = await asked(await shared(story))
    hilde = await visitor("hilde", "employee", "hr")
    await hilde.go(case)
    await hilde.press("Refuse")
    assert await hilde.page.inner_text(".back") == "Cases"


async def test_a_case_is_ended_before_its_time_and_opens_nothing_more(
    story: Story, visitor: Visitor
) -> None:
    case = await asked(await shared(story))
    for decider in (story.dpo, story.hr):
        await decider.post(f"/v1/audit{case}:approve")
    dpo, auditor = await visitor(None, "dpo"), await visitor(None, "auditor")
    await dpo.go(case)
    await dpo.press("End it now")
    assert "Ended before its time" in await dpo.page.inner_text("h1")
    await auditor.go(f"{case}/words")
    told = await auditor.text()
    assert SECRET not in told
    assert "This case was decided or has ended; ask for another one." in told
