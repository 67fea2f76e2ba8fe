"""Somebody's own word beside what is wrong on record: stated, seen where the original is, taken back."""

from __future__ import annotations

from tests.conftest import Story
from tests.console.pages.conftest import Visitor
from tests.console.pages.keyboard import Keyboard

ORIGINAL, WORD = "Three years in Lisbon", "It was Porto."


async def concluded(story: Story) -> str:
    """Ana's conversation is over, and what she said is what she said; answers where it is read."""
    await story.ana.put(f"{story.conversation}/answers/impact", json={"text": ORIGINAL})
    await story.ana.post(f"{story.conversation}:share", json={"questions": ["impact"]})
    await story.conclude()
    await story.read_models()
    return story.conversation.removeprefix("/v1")


async def test_an_answer_is_corrected_beside_it_by_keyboard_alone_and_the_partner_reads_both(
    story: Story, visitor: Visitor
) -> None:
    at = await concluded(story)
    ana = Keyboard(await visitor("ana"))
    await ana.go("/history")
    await ana.follow("Career conversation")
    await ana.follow("Is it wrong? – Which people, choices or moments")
    await ana.reads(ORIGINAL)
    await ana.press("Put it beside it")
    await ana.reads("Write what is wrong, and how it is instead.")
    await ana.write("What is wrong, and how is it instead?", WORD)
    await ana.press("Put it beside it")
    await ana.reads(WORD)
    await ana.go(at)
    told = await ana.visit.text()
    assert told.index(ORIGINAL) < told.index(WORD)
    ben = await visitor("ben")
    await ben.go("/partner/ana")
    told = await ben.text()
    assert told.index(ORIGINAL) < told.index(WORD)


async def test_a_correction_is_taken_back_and_that_it_was_made_stays_on_record(
    story: Story, visitor: Visitor
) -> None:
    wrong = {"about": "profile", "text": WORD}
    await story.ana.post("/v1/people/ana/corrections", json=wrong)
    ana = Keyboard(await visitor("ana", java_script_enabled=False))
    await ana.go("/history")
    await ana.follow("Is something wrong?")
    await ana.reads(WORD)
    await ana.press("Take it back")
    await ana.reads("You have corrected nothing so far.")
    assert await story.happened("corrections.") == [
        "corrections.opened",
        "corrections.stated",
        "corrections.withdrawn",
    ]


async def test_what_the_roster_says_is_corrected_without_scripts(
    story: Story, visitor: Visitor
) -> None:
    ana = await visitor("ana", java_script_enabled=False)
    await ana.go("/history/corrections")
    await ana.follow("Say what is wrong in it")
    assert "ana@example.com" in await ana.text()
    await ana.page.fill("#text", WORD)
    await ana.press("Put it beside it")
    assert WORD in await ana.text()
    [stated] = (await story.hr.get("/v1/people/ana")).json()["corrections"]
    assert (stated["about"], stated["text"]) == ("profile", WORD)


async def test_a_plan_is_corrected_for_both_who_sit_at_it(story: Story, visitor: Visitor) -> None:
    await story.conclude()
    await story.ana.put(f"{story.plan}/goals/lead", json={"text": "Lead"})
    await story.ana.post(f"{story.plan}:propose")
    at = story.plan.removeprefix("/v1")
    ana, ben = await visitor("ana"), await visitor("ben")
    await ana.go(at)
    await ana.follow("Say so")
    await ana.page.fill("#text", WORD)
    await ana.press("Put it beside it")
    await ana.follow("In a plan")
    await ben.go(at)
    for visit in (ana, ben):
        assert WORD in await visit.text()


async def test_what_isnt_about_the_reader_or_isnt_there_is_not_found(
    story: Story, visitor: Visitor
) -> None:
    id_ = story.conversation.rpartition("/")[2]
    ana, ben = await visitor("ana"), await visitor("ben")
    for visit, path in (
        (ben, f"conversation/{id_}/question-impact"),
        (ana, f"conversation/{id_}/question-none"),
        (ana, f"conversation/{id_}/note-1"),
        (ana, f"plan/{id_}/whole"),
        (ana, f"profile/{id_}/whole"),
    ):
        answer = await visit.page.goto(f"{visit.site.url}/history/corrections/{path}")
        assert answer is not None
        assert answer.status == 404, path


async def test_what_is_said_of_a_conversation_as_a_whole_stays_with_whoever_says_it(
    story: Story, visitor: Visitor
) -> None:
    at = await concluded(story)
    ana, ben = await visitor("ana"), await visitor("ben")
    await ana.go(at)
    await ana.follow("Say so")
    assert "for you alone" in await ana.text()
    await ana.page.fill("#text", WORD)
    await ana.press("Put it beside it")
    await ana.follow("In a conversation")
    assert WORD in await ana.text()
    await ben.go("/partner/ana")
    told = await ben.text()
    assert ORIGINAL in told
    assert WORD not in told
