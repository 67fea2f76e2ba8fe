"""Who reads what is typed is said by whether this very thing is shared, before and after saving."""

from __future__ import annotations

from tests.conftest import Story
from tests.console.pages.conftest import Visitor

ALONE = "Only you can read"
SHARED_SO_FAR = "Saved. Your conversation partner can read it, since you have shared it."


def at(story: Story) -> str:
    return story.conversation.removeprefix("/v1")


async def test_a_revised_answer_is_said_to_be_read_where_it_is_shared(
    story: Story, visitor: Visitor
) -> None:
    await story.ana.put(f"{story.conversation}/answers/energy", json={"text": "before"})
    await story.ana.put(f"{story.conversation}/answers/impact", json={"text": "mine"})
    await story.ana.post(f"{story.conversation}:share", json={"questions": ["energy"]})
    ana = await visitor("ana")
    for question, said in (("energy", SHARED_SO_FAR), ("impact", ALONE)):
        await ana.go(f"{at(story)}/questions/{question}")
        await ana.page.fill("#text", "revised")
        await ana.press("Save")
        assert said in await ana.page.inner_text("[role=status].done")


async def test_a_direction_stated_anew_is_said_to_be_read_where_it_is_shared(
    story: Story, visitor: Visitor
) -> None:
    ana = await visitor("ana")
    for said in (ALONE, SHARED_SO_FAR):
        await ana.go(f"{at(story)}/direction")
        await ana.page.check("[value=expand]")
        await ana.page.fill("#comment", said)
        await ana.press("Save")
        assert said in await ana.page.inner_text("[role=status].done")
        await story.ana.post(f"{story.conversation}:share")


async def test_what_isnt_written_yet_isnt_said_to_be_shared(story: Story, visitor: Visitor) -> None:
    """Everything that is recorded so far is shared; nothing that comes after is."""
    value = {"kind": "value", "text": "Honesty"}
    await story.ana.put(f"{story.conversation}/facets/value-1", json=value)
    await story.ana.post(f"{story.conversation}:share")
    ana = await visitor("ana")
    for page in ("direction", "facets"):
        await ana.go(f"{at(story)}/{page}")
        assert ALONE in await ana.page.inner_text("#readers")
    assert "Shared" in await ana.page.inner_text("#value")
    await ana.page.fill("#value-text", "Calm")
    async with ana.page.expect_navigation():
        await ana.page.click("#value button.stone")
    assert (await ana.page.inner_text("#value")).count("Shared") == 1
