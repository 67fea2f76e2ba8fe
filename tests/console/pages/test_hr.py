"""What HR does on the pages: start many conversations, mend what waits, name somebody to talk with."""

from __future__ import annotations

from urllib.parse import urlsplit

from playwright.async_api import expect

from tests.conftest import Story
from tests.console.pages.conftest import Visit, Visitor
from tests.good import BODIES
from workflows.messages import BatchRun


async def work(story: Story, visit: Visit) -> None:
    """Do what the worker does for the batch that is being looked at."""
    await story.read_models()
    batch = urlsplit(visit.page.url).path.rpartition("/")[2]
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


async def test_what_a_page_looks_up_by_itself_leaves_the_focus_where_it_is(
    story: Story, visitor: Visitor
) -> None:
    asked = {"filter": {}, "spread_over": "P4W"}
    batch = (await story.platform.post("/v1/cycles:batch", json=asked)).json()["id"]
    hr = await visitor(None, "hr")
    await hr.go(f"/batches/{batch}")
    stop = hr.page.get_by_role("button", name="Stop here")
    await stop.focus()
    for _ in range(2):
        await hr.page.wait_for_event("response", lambda answer: answer.url.endswith(batch))
    await expect(stop).to_be_focused()


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
    assert "Write the id of somebody who is in the roster" in await hr.text()
    gone = {"name": "Gus", "email": "gus@example.com", "end_date": "2026-01-31"}
    (await story.platform.put("/v1/people/gus", json=gone)).raise_for_status()
    await hr.page.fill("#partner", "gus")
    await hr.press("Name them")
    assert "Write the id of somebody who is in the roster and has not left." in await hr.text()
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


async def test_a_guide_is_seen_as_it_will_be_read_before_it_is_published(
    story: Story, visitor: Visitor
) -> None:
    hr = await visitor(None, "hr")
    await hr.go("/guides/first-conversation/1/next")
    await hr.page.fill("#question-1-purpose-en", "Why not")
    await hr.press("See how it will be read")
    assert "Write the question" in await hr.text()
    await hr.page.fill("#question-1-text-en", "What have we not asked?")
    for field in ("text", "purpose"):
        for language in ("en", "de"):
            await hr.page.fill(f"#impact-{field}-{language}", "")
    await hr.press("See how it will be read")
    assert "What have we not asked?" in await hr.text()
    assert (await story.hr.get("/v1/guides/first-conversation/2")).status_code == 404
    await hr.press("Publish it")
    published = (await story.hr.get("/v1/guides/first-conversation/2")).json()
    asked = [question["id"] for question in published["questions"]]
    assert asked == ["energy", "challenge", "learning", "ideal", "peak", "question-1"]
    assert published["questions"][0]["text"]["de"].startswith("Welche Teile")


async def test_a_guide_is_approved_for_a_legal_entity_and_withdrawn_again(
    story: Story, visitor: Visitor
) -> None:
    await story.platform.post("/v1/guides/ours", json=BODIES["publish_guide"])
    hr = await visitor(None, "hr", java_script_enabled=False)
    await hr.go("/guides/ours/1")
    await hr.page.fill("#legal_entity", "Acme AG")
    await hr.press("Put it on record")
    assert (await story.hr.get("/v1/guides")).json()["items"][-1]["approved_for"] == ["Acme AG"]
    await hr.page.get_by_role("button", name="Withdraw the approval").click()
    assert (await story.hr.get("/v1/guides")).json()["items"][-1]["approved_for"] == []


async def test_the_times_of_a_round_are_changed_and_what_is_no_time_is_told_at_its_field(
    story: Story, visitor: Visitor
) -> None:
    hr = await visitor(None, "hr")
    await hr.go("/policy")
    await hr.page.fill("#cadence", "half a year")
    await hr.press("Set these times")
    assert "Write a time as P30D" in await hr.page.inner_text("#cadence-problem")
    assert await hr.page.input_value("#cadence") == "half a year"
    await hr.page.fill("#cadence", "p9m")
    await hr.page.fill("#answer_nudges", "P7D, P21D")
    await hr.press("Set these times")
    policy = (await story.hr.get("/v1/policy")).json()
    assert (policy["cadence"], policy["answer_nudges"]) == ("P9M", ["P7D", "P21D"])
    assert policy["partner_wanted_after"] == "P14D"
