"""What is typed is kept by itself, also after an answer that went wrong, came late or never came."""

from __future__ import annotations

import asyncio
from typing import Any

from playwright.async_api import Route

from tests.conftest import Story
from tests.console.pages.conftest import Visit, Visitor
from tests.console.pages.test_leaving import ended

DRAFTS = "**/draft"


def page_of(story: Story) -> str:
    return f"{story.conversation.removeprefix('/v1')}/questions/energy"


async def writing(story: Story, visitor: Visitor) -> Visit:
    ana = await visitor("ana")
    await ana.go(page_of(story))
    return ana


async def draft(story: Story) -> str:
    found = (await story.ana.get(f"{story.conversation}/drafts")).json()["items"]
    return str(found[0]["text"]) if found else ""


async def typed(visit: Visit, words: str) -> None:
    await visit.page.locator("#text").press("Control+End")
    await visit.page.keyboard.type(words)


async def kept(visit: Visit) -> None:
    await visit.page.wait_for_selector("text=Kept as a draft at")


async def lost(route: Route) -> None:
    """It arrives, and its answer doesn't."""
    await route.fetch()
    await route.abort()


async def never_arrives(route: Route) -> None:
    await route.abort()


async def never_answered(_: Route) -> None:
    """It stays on its way."""


class HeldUp:
    """A draft that stays on its way until it is let go."""

    def __init__(self) -> None:
        self.on_its_way, self.let_go = asyncio.Event(), asyncio.Event()

    async def before_it_arrives(self, route: Route) -> None:
        self.on_its_way.set()
        await self.let_go.wait()
        await route.continue_()

    async def before_its_answer(self, route: Route) -> None:
        answer = await route.fetch()
        self.on_its_way.set()
        await self.let_go.wait()
        await route.fulfill(response=answer)

    async def has_left(self) -> None:
        async with asyncio.timeout(30):
            await self.on_its_way.wait()


async def asks_before_it_goes(visit: Visit) -> bool:
    """Whether closing the page asks first."""
    asked: list[str] = []

    async def stay(dialog: Any) -> None:
        asked.append(dialog.type)
        await dialog.dismiss()

    visit.page.on("dialog", stay)
    await visit.page.close(run_before_unload=True)
    async with asyncio.timeout(30):
        while not asked and not visit.page.is_closed():
            await asyncio.sleep(0.05)
    return asked == ["beforeunload"]


async def test_drafts_are_kept_again_after_one_failed(story: Story, visitor: Visitor) -> None:
    ana = await writing(story, visitor)
    await typed(ana, "one")
    await kept(ana)
    for failing in (
        lambda route: route.fulfill(status=503, body="Not kept at the moment."),
        never_arrives,
    ):
        await ana.page.route(DRAFTS, failing, times=1)
        await typed(ana, ", failed")
        await ana.page.wait_for_selector("text=/Not kept at the moment|There is no connection/")
        await typed(ana, ", again")
        await kept(ana)
    assert await draft(story) == "one, failed, again, failed, again"


async def test_a_draft_that_was_kept_without_an_answer_is_this_windows_own(
    story: Story, visitor: Visitor
) -> None:
    ana = await writing(story, visitor)
    await ana.page.route(DRAFTS, lost, times=1)
    await typed(ana, "written")
    await ana.page.wait_for_selector("text=There is no connection")
    assert await draft(story) == "written"
    await typed(ana, " on")
    await kept(ana)
    assert await draft(story) == "written on"


async def test_a_draft_that_was_kept_without_an_answer_stays_ours_when_the_next_one_is_lost(
    story: Story, visitor: Visitor
) -> None:
    ana = await writing(story, visitor)
    await ana.page.evaluate(
        "document.addEventListener('htmx:error', () => window.failed = 1 + (window.failed || 0))"
    )
    for n, (fate, words) in enumerate(((lost, "wört-"), (never_arrives, "lich\n"), (lost, " und"))):
        await ana.page.route(DRAFTS, fate, times=1)
        await typed(ana, words)
        await ana.page.wait_for_function("(n) => window.failed > n", arg=n)
    assert await draft(story) == "wört-lich\n und"
    await typed(ana, " weiter")
    await kept(ana)
    assert await draft(story) == "wört-lich\n und weiter"


async def test_a_slow_draft_is_waited_for_and_the_last_one_follows_it(
    story: Story, visitor: Visitor
) -> None:
    ana, slow = await writing(story, visitor), HeldUp()
    await ana.page.evaluate(
        "document.addEventListener('htmx:config:request', () => window.due = 1 + (window.due || 0))"
    )
    await ana.page.route(DRAFTS, slow.before_its_answer, times=1)
    for n, words in enumerate(("slow", " and", " steady")):
        await typed(ana, words)
        await ana.page.wait_for_function("(n) => window.due > n", arg=n)
    await slow.has_left()
    slow.let_go.set()
    await kept(ana)
    async with asyncio.timeout(30):
        while await draft(story) != "slow and steady":
            await asyncio.sleep(0.1)
    assert "another window" not in await ana.text()


async def test_saving_waits_for_a_draft_that_is_on_its_way(story: Story, visitor: Visitor) -> None:
    ana, slow = await writing(story, visitor), HeldUp()
    await ana.page.route(DRAFTS, slow.before_its_answer, times=1)
    await typed(ana, "slow")
    await slow.has_left()
    await typed(ana, " but sure")
    saving = asyncio.create_task(ana.press("Save"))
    await ana.page.wait_for_selector("form[data-sent=soon]")
    slow.let_go.set()
    await saving
    shown = (await story.ana.get(story.conversation)).json()
    assert [q["answer"] for q in shown["questions"] if q["id"] == "energy"] == ["slow but sure"]


async def test_leaving_asks_while_what_was_typed_is_kept_nowhere(
    story: Story, visitor: Visitor
) -> None:
    one, two = await visitor("ana"), await visitor("ana")
    await one.go(page_of(story))
    await two.go(page_of(story))
    await typed(one, "of the first")
    await kept(one)
    await typed(two, "of the second")
    await two.page.wait_for_selector("text=open in another window")
    assert not await asks_before_it_goes(one)
    assert await asks_before_it_goes(two)


async def test_leaving_asks_for_what_was_typed_after_the_draft_had_left(
    story: Story, visitor: Visitor
) -> None:
    ana, half = await writing(story, visitor), HeldUp()
    await ana.page.route(DRAFTS, never_answered)
    await ana.page.route(DRAFTS, half.before_it_arrives, times=1)
    await typed(ana, "half")
    await half.has_left()
    await typed(ana, " a thought")
    half.let_go.set()
    await kept(ana)
    assert await asks_before_it_goes(ana)


async def test_an_older_window_with_nothing_new_leaves_a_newer_draft_alone(
    story: Story, visitor: Visitor
) -> None:
    for button in ("Take your time", "Leave it out"):
        older, newer = await visitor("ana"), await visitor("ana")
        await older.go(page_of(story))
        await older.page.fill("#text", f"begun: {button}")
        await kept(older)
        await newer.go(page_of(story))
        await typed(newer, " and gone on with")
        await kept(newer)
        await older.press(button)
        assert "/questions/energy?" not in older.page.url
        assert await draft(story) == f"begun: {button} and gone on with"


async def test_an_older_window_with_something_new_shows_both(
    story: Story, visitor: Visitor
) -> None:
    for button in ("Take your time", "Leave it out"):
        older = await visitor("ana", java_script_enabled=False)
        newer = await visitor("ana")
        await older.go(page_of(story))
        await newer.go(page_of(story))
        await newer.page.fill("#text", f"newer: {button}")
        await kept(newer)
        await older.page.fill("#text", f"older: {button}")
        await older.press(button)
        assert "You have written something else here" in await older.text()
        assert f"newer: {button}" in await older.text()
        assert await older.page.input_value("#text") == f"older: {button}"
        assert await draft(story) == f"newer: {button}"
        await older.press(button)
        assert await draft(story) == f"older: {button}"


async def test_what_was_typed_is_shown_where_the_conversation_has_ended_meanwhile(
    story: Story, visitor: Visitor
) -> None:
    ana = await visitor("ana", java_script_enabled=False)
    await ana.go(page_of(story))
    await ana.page.fill("#text", "of no use now")
    await ended(story)
    await ana.press("Save")
    assert "Please look again" in await ana.text()
    assert "of no use now" in await ana.text()
