"""What waits for HR: a feed that was stopped and goes on, and mail that a server refused."""

from __future__ import annotations

from tests.conftest import Story
from tests.console.pages.conftest import Visitor
from tests.console.pages.test_cases import tab_to
from tests.console.test_mail import PostOffice, post, server

__all__ = ["server"]


async def test_a_feed_that_was_stopped_is_let_go_on_by_keyboard_alone(
    story: Story, visitor: Visitor
) -> None:
    await story.hr.put("/v1/policy", json={"closing_percent": 1, "closing_floor": 1})
    for person, status in (("eli", "active"), ("fay", "active"), ("eli", "inactive")):
        clerk = {"name": person, "email": f"{person}@example.com", "legal_entity": "Acme Iberia"}
        await story.platform.put(f"/v1/people/{person}", json=clerk | {"status": status})
        await story.read_models()
    refused = await story.platform.put("/v1/people/fay", json=clerk | {"status": "inactive"})
    assert refused.status_code == 409
    await story.read_models()
    hr = await visitor(None, "hr")
    await hr.go("/waiting")
    told = await hr.text()
    assert "The roster’s feed was stopped" in told
    assert "Acme Iberia" in told
    await tab_to(hr, "Let it go on")
    async with hr.page.expect_navigation():
        await hr.page.keyboard.press("Enter")
    await story.read_models()
    await hr.go("/waiting")
    assert "The roster’s feed was stopped" not in await hr.text()
    assert (await story.happened("feed."))[-1] == "feed.released"


async def test_mail_that_a_server_refused_leads_to_the_person_whose_address_it_was(
    story: Story, visitor: Visitor, server: PostOffice
) -> None:
    server.recipient = "550 5.1.1 no such user"
    await post(story)
    await story.read_models()
    hr = await visitor(None, "hr", java_script_enabled=False)
    await hr.go("/waiting")
    told = await hr.text()
    assert "Mail that reaches nobody" in told
    assert "to them · the mail server refused it" in told
    assert "to their conversation partner · the mail server refused it" in told
    assert "ana@example.com" not in told
    await hr.follow("Ana Silva")
    assert hr.page.url.endswith("/people/ana")
