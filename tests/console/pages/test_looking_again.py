"""A page that looks again by itself: a bad answer changes nothing on it, and it goes on looking."""

from __future__ import annotations

import asyncio
from datetime import timedelta

from playwright.async_api import Route, expect

from tests.conftest import Story
from tests.console.pages.conftest import Site, Visitor
from tests.console.pages.test_lose_no_word import expire, seen


async def conclude_and_wait(story: Story) -> None:
    """The conversation is over, and no worker has laid out what comes next."""
    await story.ana.put(f"{story.conversation}/direction", json={"direction": "expand"})
    await story.ana.post(f"{story.conversation}:conclude", json={"meeting": "waived"})


async def test_a_page_outlives_bad_answers_and_looks_again(story: Story, visitor: Visitor) -> None:
    """With one of ours, one of a proxy on the way, and none at all."""
    await conclude_and_wait(story)
    ana = await visitor("ana")
    await ana.go("/")
    assert "What comes next is being laid out" in await ana.text()
    bad = [
        lambda route: route.fulfill(status=503, body="Not kept at the moment."),
        lambda route: route.fulfill(status=502, body="<h1>Bad gateway</h1>"),
        lambda route: route.fulfill(status=404, body=""),
        lambda route: route.abort(),
    ]
    met = 0

    async def badly(route: Route) -> None:
        nonlocal met
        if not bad:
            await route.continue_()
            return
        met += 1
        await bad.pop(0)(route)

    await ana.page.route(ana.site.url + "/", badly)
    async with asyncio.timeout(60):
        while met < 4:
            await asyncio.sleep(0.2)
            assert "What comes next is being laid out" in await ana.text()
    await story.advance()
    await ana.page.wait_for_selector("text=From your conversation a plan can grow")


async def test_whoever_was_logged_out_meanwhile_is_told(
    story: Story, site: Site, visitor: Visitor
) -> None:
    await conclude_and_wait(story)
    ana = await visitor("ana")
    await ana.go("/")
    await expire(site, ana)
    await ana.page.wait_for_url("**/login?next=**")
    assert "we have logged you out" in await ana.text()


async def test_a_page_that_looks_again_by_itself_is_no_sign_of_life(
    story: Story, site: Site, visitor: Visitor
) -> None:
    await conclude_and_wait(story)
    ana = await visitor("ana")
    await ana.go("/")
    began = await seen(site, ana, ago=timedelta(hours=1))
    await ana.page.wait_for_event("response", lambda answer: answer.url == f"{site.url}/")
    assert await seen(site, ana) == began
    await ana.follow("Look again")
    assert await seen(site, ana) > began


async def test_a_batch_that_is_spread_over_weeks_is_looked_at_once_a_minute(
    story: Story, visitor: Visitor
) -> None:
    asked = {"filter": {}, "spread_over": "P4W"}
    batch = (await story.platform.post("/v1/cycles:batch", json=asked)).json()["id"]
    hr = await visitor(None, "hr")
    looks: list[str | None] = []
    hr.page.on("request", lambda request: looks.append(request.headers.get("hx-source")))
    await hr.page.clock.install()
    await hr.go(f"/batches/{batch}")
    await hr.page.clock.run_for(55_000)
    assert "a#look-again" not in looks
    async with hr.page.expect_response(f"**/batches/{batch}"):
        await hr.page.clock.run_for(10_000)
    assert looks.count("a#look-again") == 1


async def test_later_ones_of_the_timeline_outlive_a_bad_answer_and_get_the_focus(
    story: Story, visitor: Visitor
) -> None:
    for n in range(60):
        await story.ana.put(f"{story.conversation}/answers/energy", json={"text": str(n)})
    await story.read_models()
    auditor = await visitor(None, "auditor")
    await auditor.go("/timeline")
    first = await auditor.page.locator(".events > li").count()
    await auditor.page.route(
        "**/timeline?*", lambda route: route.fulfill(status=503, body="no"), times=1
    )
    async with auditor.page.expect_response("**/timeline?*"):
        await auditor.page.get_by_role("link", name="Later ones").click()
    await auditor.page.get_by_role("link", name="Later ones").press("Enter")
    await auditor.page.wait_for_function(
        "(first) => document.querySelectorAll('.events > li').length > first", arg=first
    )
    await expect(auditor.page.get_by_role("list", name="Later ones")).to_be_focused()
