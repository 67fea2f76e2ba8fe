"""What waits for HR: a feed that was stopped and goes on, and mail that a server refused."""

from __future__ import annotations

from uuid import UUID

from services.cycles.readmodel import SQL
from shared.database import within
from shared.eventstore.record import Command
from shared.principal import workflow
from shared.settings import Settings
from tests.conftest import Story
from tests.console.pages.conftest import Visitor
from tests.console.pages.test_cases import tab_to
from tests.console.test_mail import PostOffice, post, server, take
from tests.console.test_roster import on_one_day
from tests.plans import filled, plan_of

__all__ = ["server"]
_COPY = """
INSERT INTO cycle
SELECT c.tenant, made.id, person, state, waiting_for, department, partner, due, convert_to(
         jsonb_set(convert_from(progress, 'UTF8')::jsonb, '{cycle}', to_jsonb(made.id))::text, 'UTF8')
  FROM cycle c, LATERAL (SELECT lpad(n::text, 32, '0')::uuid AS id FROM generate_series(1, $2) n) made
 WHERE c.cycle = $1"""
_RIGHTLY_UNSENT = """
INSERT INTO notice
SELECT tenant, lpad(n::text, 32, '0')::uuid, 'employee', cycle, person, 'nudged', now(),
       (ARRAY['left', 'away', 'erased', 'too_late', 'outdated', 'nobody', 'declined',
         'told_today'])[1 + n % 8]
  FROM cycle, generate_series(1, $2) n WHERE cycle = $1"""


async def test_a_feed_that_was_stopped_is_let_go_on_by_keyboard_alone(
    story: Story, visitor: Visitor
) -> None:
    await on_one_day()
    await story.hr.put("/v1/policy", json={"closing_percent": 1, "closing_floor": 1})
    for person, status in (("eli", "active"), ("fay", "active"), ("eli", "inactive")):
        clerk = {"name": person, "email": f"{person}@example.com", "legal_entity": "Acme Iberia"}
        await story.platform.put(f"/v1/people/{person}", json=clerk | {"status": status})
        await story.read_models()
    refused = await story.platform.put("/v1/people/fay", json=clerk | {"status": "inactive"})
    assert refused.status_code == 409
    await story.read_models()
    hr, other = await visitor(None, "hr"), await visitor(None, "hr")
    await other.go("/waiting")
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
    await other.press("Let it go on")
    told = await other.text()
    assert "Noted." in told
    assert "Please look again" not in told
    assert (await story.happened("feed.")).count("feed.released") == 1


async def test_a_feed_that_was_stopped_is_what_a_conversation_waits_for_not_a_partner(
    story: Story, visitor: Visitor
) -> None:
    await waits_for_the_feed(story)
    hr = await visitor(None, "hr")
    await hr.go("/people/ana")
    told = await hr.text()
    assert "Talks with\nBen Okoro" in told
    assert "It stands still until the roster feed, which was stopped, is let go on." in told


async def waits_for_the_feed(story: Story) -> None:
    """Ana's conversation stands still, since the roster's feed was stopped."""
    now = story.house.record.clock.now()
    command = Command(by=workflow(story.tenant, "CareerCycle"), at=now, step="stopped")
    await story.house.cycles.take_step(
        command, UUID(story.cycle), lambda cycle: cycle.suspend_for("feed_stopped", now, None)
    )


async def in_the_lists(story: Story, statement: str, *values: object) -> None:
    await story.read_models()
    async with within(story.house.record.pool, story.tenant) as connection:
        await connection.execute(statement, *values)


async def test_whoever_has_nobody_to_talk_with_is_seen_behind_any_number_of_stopped_ones(
    story: Story, visitor: Visitor
) -> None:
    await waits_for_the_feed(story)
    await story.begin_alone()
    await in_the_lists(story, _COPY, UUID(story.cycle), 201)
    hr = await visitor(None, "hr", java_script_enabled=False)
    await hr.go("/waiting")
    assert await hr.page.locator("main .tasks a").all_inner_texts() == ["Cleo"]


async def test_a_list_of_those_without_a_partner_goes_on_where_it_ends(
    story: Story, visitor: Visitor
) -> None:
    await in_the_lists(story, _COPY, await story.begin_alone(), 200)
    hr = await visitor(None, "hr", java_script_enabled=False)
    await hr.go("/waiting")
    assert await hr.page.locator("main .tasks li").count() == 200
    await hr.follow("Show more")
    assert await hr.page.locator("main .tasks li").count() == 1
    assert await hr.page.get_by_role("link", name="Show more").count() == 0


async def test_mail_that_was_rightly_not_sent_hides_none_that_reaches_nobody(
    story: Story, visitor: Visitor, server: PostOffice
) -> None:
    server.recipient = "550 5.1.1 no such user"
    await post(story)
    await in_the_lists(story, _RIGHTLY_UNSENT, UUID(story.cycle), 201)
    hr = await visitor(None, "hr", java_script_enabled=False)
    await hr.go("/waiting")
    assert await hr.page.locator("main .tasks li").count() == 2


async def test_lost_mail_is_looked_up_and_not_read_out_of_all_that_was_rightly_not_sent(
    story: Story, settings: Settings
) -> None:
    """After years, that is nearly all that wasn't sent."""
    await story.read_models()
    many = (_RIGHTLY_UNSENT, UUID(story.cycle), 5000)
    async with filled(settings, "notice", *many) as owner:
        plan = await plan_of(owner, SQL["undelivered"], story.tenant, 201)
        earliest = await plan_of(owner, SQL["earliest_unsent"], story.tenant)
    assert "notice_undelivered" in plan
    assert "notice_sent_to_hr" in plan
    assert "notice_undelivered" in earliest


async def test_mail_that_reached_nobody_is_over_once_a_later_one_has_arrived(
    story: Story, visitor: Visitor, server: PostOffice
) -> None:
    server.recipient = "550 5.1.1 no such user"
    await post(story)
    server.recipient = "250 OK"
    await take(story, "nudge", gently=False)
    await post(story)
    await story.read_models()
    hr = await visitor(None, "hr", java_script_enabled=False)
    await hr.go("/waiting")
    told = await hr.text()
    assert "to their conversation partner · the mail server refused it" in told
    assert "to them" not in told


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
