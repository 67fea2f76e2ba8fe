"""What auditors do on the pages: cut the timeline, step through a film, compare heads."""

from __future__ import annotations

import re
from uuid import UUID

from playwright.async_api import expect

from shared.database import within
from shared.eventstore.ledger import Ledger
from shared.eventstore.notes import checkpoint
from shared.eventstore.record import Command
from shared.principal import workflow
from tests.conftest import Story
from tests.console.pages.conftest import Visitor


async def test_the_timeline_is_cut_by_person_and_by_day(story: Story, visitor: Visitor) -> None:
    await story.read_models()
    auditor = await visitor(None, "auditor")
    await auditor.go("/timeline?person=ben")
    told = await auditor.text()
    assert "ben" in told
    assert "ana" not in told
    await auditor.page.fill("#person", "")
    await auditor.page.fill("#until", "2020-01-31")
    await auditor.press("Show")
    assert "Nothing happened." in await auditor.text()
    assert await auditor.page.input_value("#until") == "2020-01-31"


async def test_a_film_marks_what_a_step_has_changed_and_shows_hashes_for_words(
    story: Story, visitor: Visitor
) -> None:
    at = story.conversation
    await story.ana.put(f"{at}/answers/impact", json={"text": "canary"})
    await story.ana.put(f"{at}/answers/energy", json={"text": "canary too"})
    await story.ana.put(f"{at}/answers/impact", json={"text": "canary again"})
    auditor = await visitor(None, "auditor", java_script_enabled=False)
    await auditor.go(f"/film{at.removeprefix('/v1')}")
    marked = auditor.page.locator(".differs")
    assert await marked.count() == 1
    await expect(marked).to_contain_text("impact")
    await expect(marked).to_contain_text("changed")
    await expect(marked).to_contain_text("SHA-256")
    await auditor.follow("One step back")
    await expect(marked).to_contain_text("energy")
    await expect(marked).to_contain_text("new")
    await auditor.follow("All that is different since the beginning")
    assert await marked.count() == 2
    assert "canary" not in await auditor.page.content()


async def test_a_film_shows_a_note_beside_the_answer_that_it_is_about(
    story: Story, visitor: Visitor
) -> None:
    at = story.conversation
    await story.ana.put(f"{at}/answers/impact", json={"text": "canary"})
    note = {"text": "canary too", "shared": False, "question": "impact"}
    await story.ben.post(f"{at}/notes", json=note)
    auditor = await visitor(None, "auditor", java_script_enabled=False)
    await auditor.go(f"/film{at.removeprefix('/v1')}")
    told = await auditor.text()
    assert "The question 'impact' was answered" in told
    assert "Notes" in told
    assert await auditor.page.locator(".differs").count() == 1
    await expect(auditor.page.locator(".differs")).to_contain_text("wrote note 1")


async def test_the_slider_moves_the_film_where_there_are_scripts(
    story: Story, visitor: Visitor
) -> None:
    for question in ("impact", "energy"):
        await story.ana.put(f"{story.conversation}/answers/{question}", json={"text": "x"})
    auditor = await visitor(None, "auditor")
    await auditor.go(f"/film{story.conversation.removeprefix('/v1')}")
    await auditor.page.focus("#version")
    await auditor.page.keyboard.press("Home")
    await expect(auditor.page.locator(".lead")).to_contain_text("Version 1 of 3")


async def test_a_checkpoint_that_was_kept_shows_that_nothing_was_altered(
    story: Story, visitor: Visitor
) -> None:
    kept = await story.house.ledger.checkpoint(story.tenant)
    await story.ana.put(f"{story.conversation}/answers/impact", json={"text": "more"})
    auditor = await visitor(None, "auditor")
    await auditor.go("/verification")
    await auditor.page.fill("#kept", kept.note)
    await auditor.press("Compare")
    told = await auditor.text()
    assert "It is." in told
    assert f"begins with the very {kept.size} events" in told


async def test_a_checkpoint_of_another_record_is_told_from_one_that_was_changed(
    story: Story, visitor: Visitor
) -> None:
    kept = await story.house.ledger.checkpoint(story.tenant)
    origin, size = kept.note.split("\n")[0], kept.size
    async with within(story.house.record.pool, story.tenant) as connection:
        _, signer = await Ledger(story.house.record)._signer(connection, story.tenant)
    auditor = await visitor(None, "auditor", java_script_enabled=False)
    for wrong, said in (
        (checkpoint(origin, size, bytes(32), [signer]), "It is not."),
        (
            checkpoint(origin, size + 9, bytes(32), [signer]),
            "The record is shorter than it was.",
        ),
        (kept.note.replace(f"\n{size}\n", "\n1\n"), "No key of this ledger has signed it."),
        ("not a checkpoint", "That is no checkpoint that can be read."),
    ):
        await auditor.go("/verification")
        await auditor.page.fill("#kept", wrong)
        await auditor.press("Compare")
        assert said in await auditor.text(), wrong


async def test_the_timeline_is_cut_by_what_it_is_about(story: Story, visitor: Visitor) -> None:
    await story.read_models()
    auditor = await visitor(None, "auditor")
    await auditor.go("/timeline")
    await auditor.page.select_option("#kind", "conversation")
    await auditor.press("Show")
    assert await auditor.page.locator(".events li").count() == 1
    assert "A conversation was opened" in await auditor.text()


async def test_a_bundle_is_asked_for_once_written_and_taken_along(
    story: Story, visitor: Visitor
) -> None:
    auditor = await visitor(None, "auditor")
    await auditor.go("/exports")
    await auditor.page.fill("#person", "nobody-of-that-id")
    await auditor.press("Write it")
    assert "There is nobody of that id in the roster." in await auditor.text()
    await auditor.page.fill("#person", "ana")
    await auditor.press("Write it")
    assert "The bundle is being written" in await auditor.text()
    export = auditor.page.url.rpartition("/")[2]
    hands = story.house.hands(None)  # type: ignore[arg-type]
    command = Command(
        by=workflow(story.tenant, "Export"), at=story.house.record.clock.now(), step="write"
    )
    await hands.keeping.exports.write_bundle(command, UUID(export), lambda _, __: None)
    await expect(auditor.page.get_by_role("link", name="Take it along")).to_be_visible()
    async with auditor.page.expect_download() as download:
        await auditor.page.get_by_role("link", name="Take it along").click()
    await story.read_models()
    await auditor.go("/exports")
    assert re.search(r"Asked for before\s+.* · ana\s+\d+ events", await auditor.text())
    path = await (await download.value).path()
    assert '"format"' in path.read_text().splitlines()[0]
    assert (await story.happened("exports"))[-1] == "exports.fetched"
