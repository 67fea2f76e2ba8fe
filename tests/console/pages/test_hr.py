"""What HR does on the pages: start many conversations, mend what waits, name somebody to talk with."""

from __future__ import annotations

from urllib.parse import urlsplit

from playwright.async_api import expect

from services.people.readmodel import SQL
from shared.settings import Settings
from tests.conftest import Story
from tests.console.pages.conftest import Visit, Visitor
from tests.good import BODIES
from tests.plans import filled, plan_of
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


async def test_a_batch_that_is_under_way_stays_in_reach_however_many_came_later(
    story: Story, visitor: Visitor
) -> None:
    asked = {"filter": {}, "spread_over": "P4W"}
    batch = (await story.platform.post("/v1/cycles:batch", json=asked)).json()["id"]
    for _ in range(21):
        tried = await story.platform.post("/v1/cycles:batch", json=asked | {"dry_run": True})
        await story.hr.post(f"/v1/batches/{tried.json()['id']}:cancel")
    await story.read_models()
    hr = await visitor(None, "hr")
    await hr.go("/batches")
    first = hr.page.locator("main .tasks a").first
    assert await first.get_attribute("href") == f"/batches/{batch}"
    await hr.follow("Earlier ones")
    assert await hr.page.locator("main .tasks li").count() == 2


async def test_what_a_page_looks_up_by_itself_leaves_the_focus_where_it_is(
    story: Story, visitor: Visitor
) -> None:
    batch = (await story.platform.post("/v1/cycles:batch", json={"filter": {}})).json()["id"]
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
    await story.begin_alone()
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


async def test_whoever_was_wished_for_and_has_left_is_not_offered(
    story: Story, visitor: Visitor
) -> None:
    carla = {"name": "Carla Marsh", "email": "carla@example.com"}
    await story.platform.put("/v1/people/carla", json=carla)
    await story.ana.post("/v1/people/ana:propose-partner", json={"partner": "carla"})
    hr = await visitor(None, "hr")
    await hr.go("/people/ana")
    assert "Ana Silva would like to talk with Carla Marsh." in await hr.text()
    left = carla | {"end_date": "2026-01-31"}
    assert (await story.platform.put("/v1/people/carla", json=left)).is_success
    await hr.go("/people/ana")
    assert "would like to talk with" not in await hr.text()
    assert await hr.page.get_by_role("button", name="Name them").count() == 1


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


async def test_of_a_person_hr_is_told_what_is_so(story: Story, visitor: Visitor) -> None:
    hr = await visitor(None, "hr", java_script_enabled=False)
    await story.conclude()
    await hr.go("/people/ana")
    assert "It is concluded." in await hr.text()
    closed = await story.hr.post(f"/v1/cycles/{story.cycle}:close", json={"reason": "other"})
    assert closed.is_success, closed.text
    await hr.go("/people/ana")
    assert "Nothing is under way." in await hr.text()


async def test_hr_sees_who_has_left(story: Story, visitor: Visitor) -> None:
    gone = {"name": "Gus", "email": "gus@example.com", "end_date": "2026-01-31"}
    await story.platform.put("/v1/people/gus", json=gone)
    await story.read_models()
    hr = await visitor(None, "hr", java_script_enabled=False)
    await hr.go("/people")
    assert "Gus has left" in await hr.text()
    assert "Ana Silva has left" not in await hr.text()
    await hr.follow("Gus")
    assert await hr.page.inner_text("h1") == "Gus has left"


async def test_hr_finds_somebody_by_their_id_and_by_their_department(
    story: Story, visitor: Visitor
) -> None:
    for person, department in (("cleo", "sales"), ("dora", "care"), ("emil", "sales")):
        profile = {"name": person.title(), "email": f"{person}@example.com"}
        await story.platform.put(
            f"/v1/people/{person}", json=profile | {"department": department, "partner": "ben"}
        )
    await story.read_models()
    hr = await visitor(None, "hr", java_script_enabled=False)
    await hr.go("/people")
    choices = await hr.page.locator("#department option").all_inner_texts()
    assert choices == ["all", "care", "sales"]
    await hr.page.select_option("#department", "sales")
    await hr.press("Show")
    lines = hr.page.locator("tbody tr")
    assert (await lines.all_inner_texts())[0] == "Cleo\tsales\tBen Okoro\t"
    assert await lines.count() == 2
    await hr.page.select_option("#department", "")
    await hr.page.fill("#person", "cl")
    await hr.press("Show")
    assert "There is nobody of that id in the roster." in await hr.text()
    assert (await lines.first.inner_text()).startswith("Cleo")
    await hr.page.fill("#person", "ana")
    await hr.press("Show")
    assert hr.page.url.endswith("/people/ana")


async def test_an_id_that_is_only_known_as_a_partners_is_nobodys_in_the_roster(
    story: Story, visitor: Visitor
) -> None:
    cleo = {"name": "Cleo", "email": "cleo@example.com", "partner": "zoe"}
    assert (await story.platform.put("/v1/people/cleo", json=cleo)).status_code == 201
    await story.read_models()
    hr = await visitor(None, "hr", java_script_enabled=False)
    await hr.go("/people")
    await hr.page.fill("#person", "zoe")
    await hr.press("Show")
    assert "There is nobody of that id in the roster." in await hr.text()
    assert await hr.page.input_value("#person") == "zoe"


async def test_the_departments_are_looked_up_and_not_read_out_of_the_whole_roster(
    story: Story, settings: Settings
) -> None:
    many = (
        "INSERT INTO person (tenant, subject, person, position, version, status, department)"
        " SELECT $1, gen_random_uuid(), n::text, n, 1, 'active', nullif(n % 4, 0)::text"
        " FROM generate_series(9000, 14000) n"
    )
    async with filled(settings, "person", many, story.tenant) as owner:
        plan = await plan_of(owner, SQL["departments"], story.tenant)
        found = await owner.fetch(SQL["departments"], story.tenant)
    assert "person_by_department" in plan
    assert "Seq Scan" not in plan
    assert [row["department"] for row in found] == ["1", "2", "3"]


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
    await hr.page.fill("#reference", "Works agreement 7")
    await hr.press("Put it on record")
    assert "Write the legal entity" in await hr.text()
    assert await hr.page.input_value("#reference") == "Works agreement 7"
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
