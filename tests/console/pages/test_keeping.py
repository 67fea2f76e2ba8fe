"""What data protection and auditors keep an eye on: holds, what is over its time, a year as a page."""

from __future__ import annotations

from datetime import UTC, datetime

from playwright.async_api import expect

from tests.conftest import Story
from tests.console.pages.conftest import Visitor
from tests.console.pages.keyboard import Keyboard
from tests.console.test_roster import on_one_day


async def test_every_hold_is_listed_with_its_owner_and_let_go_by_keyboard_alone(
    story: Story, visitor: Visitor
) -> None:
    hold = {"reason": "litigation", "review": "2099-01-31", "owner": "ben"}
    await story.dpo.post("/v1/people/ana:hold", json=hold)
    await story.read_models()
    dpo = Keyboard(await visitor(None, "dpo"))
    await dpo.go("/waiting")
    await dpo.go_back_up_to("Keeping")
    told = await dpo.visit.text()
    for part in ("ana", "litigation", "ben answers for it", "Looked at again on 31 January 2099."):
        assert part in told
    await dpo.press("Release it")
    await story.read_models()
    await dpo.go("/holds")
    await dpo.reads("Nothing is held.")


async def test_hr_reads_what_is_held_and_can_release_nothing(
    story: Story, visitor: Visitor
) -> None:
    await story.dpo.post("/v1/people/ana:hold", json={"reason": "audit"})
    await story.read_models()
    hr = await visitor(None, "hr", java_script_enabled=False)
    await hr.go("/policy")
    await hr.follow("What is kept for how long")
    await hr.follow("Records that are held")
    assert "ana" in await hr.text()
    assert await hr.page.locator("main button").count() == 0


async def test_retention_says_what_it_would_forget_and_whether_it_is_switched_on(
    story: Story, visitor: Visitor
) -> None:
    gone = {"email": "g@example.com", "end_date": "2020-01-31", "legal_entity": "Acme Iberia"}
    for person in ("gus", "gil"):
        await story.platform.put(f"/v1/people/{person}", json=gone | {"name": person})
    await story.dpo.post("/v1/people/gil:hold", json={"reason": "authority"})
    await story.read_models()
    dpo = await visitor(None, "dpo", java_script_enabled=False)
    await dpo.go("/retention")
    told = await dpo.text()
    assert "the company hasn’t switched it on" in told
    assert "nobody would be forgotten" not in told
    row = dpo.page.get_by_role("row").filter(has_text="their words")
    await expect(row.get_by_role("cell")).to_contain_text(["their words", "", "1", "1"])
    await story.hr.put("/v1/policy", json={"retention_on": True})
    await dpo.page.reload()
    assert "Each night those are forgotten whose time is over." in await dpo.text()


async def test_an_auditor_takes_a_year_along_as_one_page(story: Story, visitor: Visitor) -> None:
    await on_one_day()
    await story.ana.put(f"{story.conversation}/answers/impact", json={"text": "canary"})
    await story.read_models()
    auditor = Keyboard(await visitor(None, "auditor"))
    await auditor.go("/timeline")
    await auditor.follow("Years")
    taken = await auditor.take(str(year := datetime.now(UTC).year))
    assert taken.suggested_filename == f"cairn-{year}.html"
    written = (await taken.path()).read_text()
    assert "conversation.answer_recorded" in written
    assert "canary" not in written
    answer = await auditor.page.request.get(f"{auditor.visit.site.url}/years/1999")
    assert answer.status == 404


async def test_each_office_finds_its_places_in_one_line(story: Story, visitor: Visitor) -> None:
    for office in ("hr", "auditor", "dpo", "admin"):
        for locale in ("en-GB", "de-DE"):
            visit = await visitor(None, office, locale=locale)
            await visit.go("/cases")
            line = await visit.page.locator("header.top").bounding_box()
            assert line is not None
            assert line["height"] < 80, (office, locale)
