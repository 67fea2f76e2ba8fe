"""What HR does on the pages: start many conversations, mend what waits, name somebody to talk with."""

from __future__ import annotations

from playwright.async_api import expect

from tests.conftest import Story
from tests.console.pages.conftest import Visit, Visitor
from workflows.messages import BatchRun


async def work(story: Story, visit: Visit) -> None:
    """Do what the worker does for the batch that is being looked at."""
    await story.read_models()
    batch = visit.page.url.rpartition("/")[2].partition("?")[0]
    hands = story.house.hands(None)  # type: ignore[arg-type]
    while (await story.hr.get(f"/v1/batches/{batch}")).json()["state"] == "running":
        await hands.batching.start_some(BatchRun(story.tenant, batch))
    await story.read_models()


async def test_a_batch_is_tried_before_it_starts_and_says_who_is_left_out(
    story: Story, visitor: Visitor
) -> None:
    for person in ("cleo", "dora"):
        profile = {"name": person, "email": f"{person}@example.com", "department": "sales"}
        await story.platform.put(f"/v1/people/{person}", json=profile)
    await story.read_models()
    hr = await visitor(None, "hr")
    await hr.go("/batches")
    await hr.page.select_option("#department", "sales")
    await hr.page.fill("#left_out", "dora")
    await hr.press("See whom it would reach")
    await work(story, hr)
    await hr.page.reload()
    assert "dora\nyou left them out" in await hr.text()
    assert (await story.hr.get("/v1/cycles", params={"person": "cleo"})).json()["items"] == []
    await hr.press("Start these conversations")
    await work(story, hr)
    await hr.page.reload()
    assert "How far it has come" in await hr.text()
    assert len((await story.hr.get("/v1/cycles", params={"person": "cleo"})).json()["items"]) == 1
    assert (await story.hr.get("/v1/cycles", params={"person": "dora"})).json()["items"] == []


async def test_a_batch_that_is_under_way_can_be_stopped(story: Story, visitor: Visitor) -> None:
    asked = {"filter": {}, "spread_over": "P4W"}
    batch = (await story.platform.post("/v1/cycles:batch", json=asked)).json()["id"]
    hr = await visitor(None, "hr", java_script_enabled=False)
    await hr.go(f"/batches/{batch}")
    await hr.press("Stop here")
    await expect(hr.page.locator(".done")).to_contain_text("Stopped")
    assert (await story.hr.get(f"/v1/batches/{batch}")).json()["state"] == "cancelled"


async def test_whoever_has_nobody_to_talk_with_is_named_somebody(
    story: Story, visitor: Visitor
) -> None:
    at_once = {"partner_wanted_after": "PT0.01S"}
    await story.platform.put("/v1/policy", json=at_once)
    await story.platform.put("/v1/people/cleo", json={"name": "Cleo", "email": "c@example.com"})
    await story.platform.post("/v1/cycles", json={"person": "cleo"})
    await story.advance("cleo")
    await story.advance("cleo")
    await story.read_models()
    hr = await visitor(None, "hr")
    await hr.go("/waiting")
    await hr.follow("Cleo")
    await hr.page.fill("#partner", "nobody-of-that-name")
    await hr.press("Name them")
    assert "Write the id of somebody who is in the roster." in await hr.text()
    await hr.page.fill("#partner", "ben")
    await hr.press("Name them")
    assert "Talks with\nBen Okoro" in await hr.text()


async def test_somebody_is_asked_once_however_often_one_clicks(
    story: Story, visitor: Visitor
) -> None:
    await story.platform.put("/v1/people/cleo", json={"name": "Cleo", "email": "c@example.com"})
    hr = await visitor(None, "hr")
    await hr.go("/people/cleo")
    await hr.page.get_by_role("button", name="Start their conversation").dblclick()
    await expect(hr.page.locator(".done")).to_be_visible()
    await story.read_models()
    assert len((await story.hr.get("/v1/cycles", params={"person": "cleo"})).json()["items"]) == 1


async def test_hr_sees_nobodys_words(story: Story, visitor: Visitor) -> None:
    await story.ana.put(f"{story.conversation}/answers/impact", json={"text": "canary"})
    await story.ana.post(f"{story.conversation}:share")
    await story.read_models()
    hr = await visitor(None, "hr")
    for path in ("/coverage", "/practice", "/people", "/people/ana", "/waiting", "/batches"):
        await hr.go(path)
        assert "canary" not in await hr.page.content(), path
