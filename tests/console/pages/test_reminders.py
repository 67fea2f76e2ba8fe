"""Reminders by mail: ended and wanted again by whoever they go to, with a login or by a mail's link."""

from __future__ import annotations

from services.notices.letters import Reader
from tests.conftest import Story
from tests.console.pages.conftest import Visitor

ANA = {"name": "Ana Silva", "email": "ana@example.com", "locale": "de"}


async def test_whoever_ended_reminders_has_them_again_by_themselves(
    story: Story, visitor: Visitor
) -> None:
    ana = await visitor("ana", java_script_enabled=False)
    await ana.go("/history")
    await ana.follow("Reminders by mail")
    await ana.press("No more reminders by mail")
    assert "You get no reminders by mail." in await ana.text()
    await ana.press("I want reminders after all")
    assert "Cairn reminds you gently by mail" in await ana.text()
    happened = await story.happened("people.reminders")
    assert happened == ["people.reminders_declined", "people.reminders_wanted"]


async def test_the_link_of_a_mail_leads_to_a_page_in_the_readers_language(
    story: Story, visitor: Visitor
) -> None:
    await story.platform.put("/v1/people/ana", json=ANA)
    subject = await story.house.record.vault.assign_subject(story.tenant, "ana")
    reader = Reader(story.tenant, subject, "Ana", "ana@example.com", "de")
    link = story.house.notices.link_of(reader)
    somebody = await visitor()
    await somebody.go(f"/mail/unsubscribe/{link}")
    assert await somebody.problems_by_axe() == []
    assert await somebody.page.get_attribute("html", "lang") == "de"
    await somebody.press("Keine Erinnerungen mehr per Mail")
    assert "Sie bekommen keine Erinnerungen" in await somebody.text()
    await somebody.press("English")
    assert "You get no reminders by mail." in await somebody.text()
    await somebody.press("I want reminders after all")
    assert "Cairn reminds you gently by mail" in await somebody.text()
