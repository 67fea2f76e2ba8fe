"""The whole first conversation in a real browser: by mouse, by keyboard, with and without scripts."""

from __future__ import annotations

import re

import pytest

from tests.conftest import Story
from tests.console.pages.conftest import Visit, Visitor
from tests.years import FAST, Years


async def answer(visit: Visit, text: str) -> None:
    await visit.page.fill("#text", text)
    await visit.press("Save")


@pytest.mark.parametrize("scripts", [True, False], ids=["with scripts", "without scripts"])
@pytest.mark.parametrize("narrow", [True, False], ids=["narrow", "wide"])
async def test_somebody_goes_the_whole_way_without_a_manual(
    story: Story, visitor: Visitor, scripts: bool, narrow: bool
) -> None:
    ana = await visitor("ana", java_script_enabled=scripts, narrow=narrow)
    await ana.go("/")
    assert "A conversation with Ben Okoro" in await ana.text()
    await ana.follow("What shaped your success so far, and why")
    assert "Only you can read this" in await ana.text()
    await answer(ana, "My teacher, who let me try.")
    assert "Only you can read it until you share it" in await ana.text()
    await answer(ana, "The quiet hour with a hard problem.")
    await ana.press("Take your time")
    assert "It waits for you on your list" in await ana.text()
    await ana.follow("To your way")
    await ana.follow("What matters to you: values, skills, interests, goals")
    await ana.page.fill("#value-text", "Honesty")
    async with ana.page.expect_navigation():
        await ana.page.click("#value button.stone")
    assert "Honesty" in await ana.text()
    await ana.follow("To your way")
    await ana.follow("Your direction")
    await ana.page.check("input[value=deepen]")
    await ana.press("Save")
    await ana.follow("Check what you have written")
    assert "The quiet hour with a hard problem." in await ana.text()
    await ana.follow("Choose what to share")
    await ana.page.check("input[value='question:energy']")
    await ana.press("Share what is ticked")
    assert "Ben Okoro can now read one thing" in await ana.text()
    await ana.follow("To your way")
    await ana.follow("Conclude, when you have talked")
    await ana.page.check("input[value=held]")
    await ana.press("Conclude the conversation")
    assert "Your conversation is concluded" in await ana.text()
    await story.advance()
    await ana.go("/")
    assert "From your conversation a plan can grow" in await ana.text()


async def test_somebody_goes_through_the_questions_by_keyboard_alone(
    story: Story, visitor: Visitor
) -> None:
    ana = await visitor("ana")
    await ana.go("/")
    page = ana.page
    await page.keyboard.press("Tab")
    assert await page.evaluate("document.activeElement.className") == "skip"
    await page.keyboard.press("Enter")
    await page.keyboard.press("Tab")
    async with page.expect_navigation():
        await page.keyboard.press("Enter")
    for number in range(1, 7):
        assert f"Question {number} of 6" in await ana.text()
        await page.locator("#text").focus()
        await page.keyboard.type(f"Thought {number}")
        await page.keyboard.press("Tab")
        assert await page.evaluate("document.activeElement.innerText") == "Save"
        async with page.expect_navigation():
            await page.keyboard.press("Enter")
    assert page.url == f"{ana.site.url}/?done=saved"
    shown = await story.ana.get(story.conversation)
    said = [question["answer"] for question in shown.json()["questions"]]
    assert said == [f"Thought {number}" for number in range(1, 7)]


async def test_the_partner_reads_what_was_shared_and_nothing_else(
    story: Story, visitor: Visitor
) -> None:
    await story.ana.put(f"{story.conversation}/answers/energy", json={"text": "shared words"})
    await story.ana.put(f"{story.conversation}/answers/ideal", json={"text": "private words"})
    await story.ana.post(f"{story.conversation}:share", json={"questions": ["energy"]})
    await story.read_models()
    ben = await visitor("ben")
    await ben.go("/partner")
    assert re.search(r"With you\s+Ana Silva\s+Has shared something with you", await ben.text())
    await ben.follow("Ana Silva")
    seen = await ben.text()
    assert "shared words" in seen
    assert "private words" not in seen
    assert "“take your time” is a good sentence" in seen
    await ben.press("We have talked")
    assert "It counts once Ana Silva confirms it" in await ben.text()
    ana = await visitor("ana")
    await ana.go("/")
    assert "Ben Okoro says that you met" in await ana.text()


async def test_home_shows_by_itself_what_came_next(story: Story, visitor: Visitor) -> None:
    await story.ana.put(f"{story.conversation}/direction", json={"direction": "expand"})
    await story.ana.post(f"{story.conversation}:conclude", json={"meeting": "waived"})
    ana = await visitor("ana")
    await ana.go("/")
    assert "What comes next is being laid out" in await ana.text()
    await story.advance()
    await ana.page.wait_for_selector("text=From your conversation a plan can grow")


async def test_a_later_round_shows_what_was_said_to_the_same_question(
    years: Years, visitor: Visitor
) -> None:
    await years.ana.put(f"{years.conversation}/answers/energy", json={"text": "said before"})
    await years.conclude()
    again = await years.next_round()
    ana = await visitor("ana")
    await ana.go("/")
    await ana.follow("What you love in your work")
    assert again.removeprefix("/v1") in ana.page.url
    await ana.page.click("text=What you said before")
    assert await ana.page.get_by_text("said before", exact=True).is_visible()


async def test_a_follow_up_leads_back_to_the_plan(years: Years, visitor: Visitor) -> None:
    await years.agree()
    await years.follow_up()
    ana = await visitor("ana")
    await ana.go("/")
    assert "Some time has passed since you last talked" in await ana.text()
    await ana.follow("What has become of your plan")
    await ana.page.get_by_role("link", name="What has become of it?").first.click()
    await ana.page.check("input[value=carried_over]")
    await ana.press("Save")
    assert "Carried over" in await ana.text()


async def test_after_a_follow_up_the_round_is_complete_and_the_next_one_has_its_day(
    years: Years, visitor: Visitor
) -> None:
    await years.admin.put("/v1/policy", json=FAST | {"cadence": "PT1H"})
    await years.conclude()
    years.conversation = await years.next_round()
    await years.agree()
    at = (await years.follow_up()).removeprefix("/v1")
    ana = await visitor("ana")
    await ana.go(f"{at}/conclude")
    await ana.page.check("[value=waived]")
    await ana.press("Conclude the conversation")
    assert "This round is complete." in await ana.text()
    assert "A plan is laid out for you" not in await ana.text()
    await years.advance()
    await ana.go(f"{at}/concluded")
    assert "Your next career conversation begins on" in await ana.text()
