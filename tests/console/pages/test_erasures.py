"""Data protection holds a record, lets go of it, erases words for ever, and hands over a certificate."""

from __future__ import annotations

from playwright.async_api import expect

from tests.conftest import Story
from tests.console.pages.conftest import Visitor
from tests.console.pages.test_cases import tab_to


async def test_under_a_hold_nothing_is_erased_until_it_is_released(
    story: Story, visitor: Visitor
) -> None:
    await story.read_models()
    dpo = await visitor(None, "dpo", java_script_enabled=False)
    await dpo.go("/people/ana")
    await dpo.follow("Hold their record, or erase their words")
    await dpo.press("Hold the record")
    assert "Choose why the record is held." in await dpo.text()
    await dpo.page.select_option("#reason", "litigation")
    await dpo.page.fill("#review", "2099-01-31")
    await dpo.press("Hold the record")
    told = await dpo.text()
    assert "31 January 2099" in told
    assert "That can’t be done while the record is held (litigation)." in told
    await dpo.press("Release it")
    assert (await story.happened("people.hold"))[-1] == "people.hold_released"
    assert "This can’t be undone, by anybody." in await dpo.text()


async def test_a_hold_that_came_in_between_is_told_and_nothing_is_erased(
    story: Story, visitor: Visitor
) -> None:
    dpo = await visitor(None, "dpo")
    await dpo.go("/people/ana/keeping")
    await story.dpo.post("/v1/people/ana:hold", json={"reason": "litigation"})
    await dpo.page.check("[name=depth][value=words]")
    await dpo.page.fill("#typed", "ana")
    await dpo.press("Erase for ever")
    assert "A legal hold keeps this record as it is" in await dpo.text()
    assert await story.happened("people.erased") == []


async def test_only_whoever_types_the_id_erases_words_for_ever(
    story: Story, visitor: Visitor
) -> None:
    await story.ana.put(f"{story.conversation}/answers/impact", json={"text": "canary"})
    dpo = await visitor(None, "dpo")
    await dpo.go("/people/ana/keeping")
    await dpo.press("Erase for ever")
    assert "Choose what is erased." in await dpo.text()
    await dpo.page.check("[name=depth][value=words]")
    await dpo.page.fill("#typed", "anna")
    await dpo.press("Erase for ever")
    assert "Type their id exactly as it stands above" in await dpo.text()
    assert await story.happened("people.erased") == []
    await dpo.page.fill("#typed", "ana")
    await dpo.press("Erase for ever")
    told = await dpo.text()
    assert "Certificate of an erasure" in told
    assert "The key that their words were under\tdestroyed" in told
    assert "ana" not in told.lower().split()
    await story.read_models()
    await dpo.follow("Keeping")
    await dpo.follow("Erasures")
    assert "ana" in await dpo.text()


async def test_a_second_click_leads_to_the_same_certificate_though_nobody_is_left_to_find(
    story: Story, visitor: Visitor
) -> None:
    await story.platform.put("/v1/people/cleo", json={"name": "Cleo", "email": "c@example.com"})
    dpo = await visitor(None, "dpo")
    await dpo.go("/people/cleo/keeping")
    await dpo.page.check("[name=depth][value=link]")
    await dpo.page.fill("#typed", "cleo")
    await dpo.page.get_by_role("button", name="Erase for ever").dblclick()
    await expect(dpo.page.get_by_role("heading", level=1)).to_have_text("Certificate of an erasure")
    assert "The company’s id for the person was deleted too." in await dpo.text()
    assert await story.happened("people.erased") == ["people.erased"]


async def test_holding_and_erasing_are_done_by_keyboard_alone(
    story: Story, visitor: Visitor
) -> None:
    await story.platform.put("/v1/people/cleo", json={"name": "Cleo", "email": "c@example.com"})
    dpo = await visitor(None, "dpo")
    await dpo.go("/people/cleo/keeping")
    await tab_to(dpo, "depth")
    await dpo.page.keyboard.press("Space")
    await tab_to(dpo, "typed")
    await dpo.page.keyboard.type("cleo")
    async with dpo.page.expect_navigation():
        await dpo.page.keyboard.press("Enter")
    assert "Certificate of an erasure" in await dpo.text()


async def test_a_certificate_is_printed_without_what_can_be_pressed(
    story: Story, visitor: Visitor
) -> None:
    await story.platform.put("/v1/people/cleo", json={"name": "Cleo", "email": "c@example.com"})
    subject = await story.house.record.vault.subject_of(story.tenant, "cleo")
    await story.dpo.post("/v1/people/cleo:erase")
    dpo = await visitor(None, "dpo")
    await dpo.go(f"/erasures/{subject}")
    await dpo.page.emulate_media(media="print")
    for gone in ("nav", "footer", ".who", ".back"):
        await expect(dpo.page.locator(gone)).to_be_hidden()
    await expect(dpo.page.locator("table")).to_be_visible()
