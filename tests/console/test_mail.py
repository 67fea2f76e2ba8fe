"""Who is written to, once a day at most, and what becomes of each mail."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import replace
from datetime import UTC, datetime
from email import policy
from email.message import EmailMessage
from email.parser import BytesParser
from typing import Any, cast
from uuid import UUID

import pytest
from aiosmtpd.controller import Controller
from httpx2 import ASGITransport

from console.app import CONSOLE, create_app, provide
from console.bootstrap import House, furnish
from console.embedded.children import free_port
from services.cycles.notices import Notice
from services.cycles.step import Step
from services.notices.letters import Reader
from shared.principal import workflow
from shared.settings import Settings
from tests.conftest import Client, Door, Story
from tests.shared.test_mail import Sink
from workflows.messages import CycleRun, Mail, Post, Situation, Steer

PAGES = "https://pages.acme.example"


class PostOffice(Sink):
    """A mail server that keeps what it takes as messages."""

    def letters(self) -> list[EmailMessage]:
        parser = BytesParser(EmailMessage, policy=policy.default)
        return [cast("EmailMessage", parser.parsebytes(each)) for each in self.taken]


@pytest.fixture
async def server(story: Story, settings: Settings) -> AsyncIterator[PostOffice]:
    """A real mail server, to which everything of this story goes."""
    sink, port = PostOffice(), free_port()
    controller = Controller(sink, hostname="127.0.0.1", port=port)
    await asyncio.to_thread(controller.start)
    changes = {"smtp_host": "127.0.0.1", "smtp_port": port, "smtp_tls": "none"}
    sender = {"mail_from": "Cairn <cairn@acme.example>", "console_url": PAGES}
    story.house = furnish(story.house.record, settings.model_copy(update=changes | sender))
    yield sink
    await asyncio.to_thread(controller.stop)


async def notices(story: Story, cycle: str | None = None) -> list[Notice]:
    return await story.house.cycles.notices_of(story.tenant, UUID(cycle or story.cycle))


async def post(story: Story, cycle: str | None = None) -> None:
    """Send what is to be sent, as the worker of the mail queue does."""
    await story.house.posting().post(await due(story, cycle))


async def due(story: Story, cycle: str | None = None) -> Post:
    """All mails of a cycle, as its workflow hands them on."""
    found = await notices(story, cycle)
    mails = [Mail(str(n.event), n.kind, n.to) for n in found]
    return Post(story.tenant, cycle or story.cycle, mails)


async def report(story: Story, person: str, partner: str = "ben") -> str:
    """Somebody with an open conversation and a partner."""
    body = {"name": person.title(), "email": f"{person}@example.com", "partner": partner}
    await story.platform.put(f"/v1/people/{person}", json=body)
    started = await story.platform.post("/v1/cycles", json={"person": person})
    subject = await story.house.record.vault.assign_subject(story.tenant, person)
    await story.house.activities().advance(CycleRun(story.tenant, str(subject)))
    return str(started.json()["id"])


async def share(story: Story) -> None:
    """It is the partner's turn."""
    await story.ana.put(f"{story.conversation}/answers/impact", json={"text": "mine"})
    await story.ana.post(f"{story.conversation}:share")


async def release_partner(story: Story, person: str) -> None:
    body = {"name": person.title(), "email": f"{person}@example.com", "partner": None}
    await story.platform.put(f"/v1/people/{person}", json=body)


async def take(story: Story, name: Any, cycle: str | None = None, **more: Any) -> None:
    """Take a step as if its day had come."""
    progress = await story.house.cycles.progress_of(story.tenant, UUID(cycle or story.cycle))
    assert progress is not None
    step = Step(name, story.house.record.clock.now(), **more)
    await story.house.activities().steps.take(progress, step, workflow(story.tenant, "CareerCycle"))


async def test_both_hear_that_a_conversation_is_open(story: Story, server: PostOffice) -> None:
    await post(story)
    heard = {str(each["To"].addresses[0].addr_spec): each for each in server.letters()}
    assert heard.keys() == {"ana@example.com", "ben@example.com"}
    assert heard["ana@example.com"]["Subject"] == "Your career conversation is open"
    assert f"{PAGES}/" in str(heard["ana@example.com"].get_body(("plain",)))
    assert (await story.happened("cycles."))[-2:] == ["cycles.notice_sent"] * 2


async def test_a_mail_is_sent_once_however_often_it_is_tried(
    story: Story, server: PostOffice
) -> None:
    for _ in range(3):
        await post(story)
    assert len(server.taken) == 2
    assert [each.outcome for each in await notices(story)] == ["sent", "sent"]


async def test_a_mail_that_comes_twice_after_a_crash_is_recognisable(
    story: Story, server: PostOffice
) -> None:
    """Between the server's 250 and the record a worker may die: the next try is the same mail."""
    posting = story.house.posting()
    first = (await notices(story))[0]
    progress = await story.house.cycles.progress_of(story.tenant, UUID(story.cycle))
    assert progress is not None
    await posting._send(progress, first)
    await post(story)
    ids = [each["Message-ID"] for each in server.letters()]
    assert (len(ids), len(set(ids))) == (3, 2)


async def test_a_partner_of_many_is_reminded_once_a_day_and_told_how_many_wait(
    story: Story, server: PostOffice
) -> None:
    others = [await report(story, person) for person in ("cleo", "dan", "eli")]
    await share(story)
    await story.read_models()
    for cycle in [story.cycle, *others]:
        await take(story, "nudge_partner", cycle)
    happened = await story.happened("cycles.partner")
    assert (
        happened == ["cycles.partner_nudge_withheld"] * 4
    )  # the opening has told Ben today already
    openings = [n.to for cycle in [story.cycle, *others] for n in await notices(story, cycle)]
    assert openings == ["employee", "partner", "employee", "employee", "employee"]
    await post(story)
    to_ben = [each for each in server.letters() if "ben@" in str(each["To"])]
    assert len(to_ben) == 1


async def test_a_trial_in_seconds_has_no_limit_a_day(story: Story) -> None:
    await take(story, "nudge", gently=False)
    await take(story, "nudge", number=2, gently=False)
    assert (await story.happened("cycles.nudge")) == ["cycles.nudged"] * 2


async def test_the_reason_why_nobody_was_reminded_is_on_record(story: Story) -> None:
    await take(story, "nudge")
    timeline = await story.house.record.rows(story.tenant, UUID(story.cycle))
    assert timeline[-1].type == "cycles.nudge_withheld"
    assert b'"why":"told_today"' in timeline[-1].facts


async def test_one_click_ends_reminders_and_another_wants_them_back(
    story: Story, settings: Settings, server: PostOffice
) -> None:
    """At the address of the pages, also where these are served alone."""
    await take(story, "nudge", gently=False)
    await post(story)
    nudge = next(each for each in server.letters() if each["List-Unsubscribe"])
    path = str(nudge["List-Unsubscribe"]).strip("<>").removeprefix(PAGES)
    app = create_app(settings, (CONSOLE,))
    app.state.given = provide(story.house, None, settings)
    nobody = Client(transport=ASGITransport(app=app, raise_app_exceptions=False), base_url=PAGES)
    assert (await nobody.get(path)).status_code == 200
    assert "people.reminders_declined" not in await story.happened("people.")
    click = await nobody.post(path, content="List-Unsubscribe=One-Click")
    assert click.status_code == 200
    await take(story, "nudge", number=2, gently=False)
    assert (await story.happened("cycles.nudge"))[-1] == "cycles.nudge_withheld"
    assert (await nobody.post(path.replace("unsubscribe", "subscribe"))).status_code == 200
    assert (await story.happened("people."))[-1] == "people.reminders_wanted"
    for wrong in ("x", path.rpartition("/")[2][:-3] + "AAA", "A" * 500):
        assert (await nobody.post(f"/mail/unsubscribe/{wrong}")).status_code == 404


async def test_a_refusal_for_good_is_recorded_and_shown(story: Story, server: PostOffice) -> None:
    server.recipient = "550 5.1.1 no such user"
    await post(story)
    assert [each.outcome for each in await notices(story)] == ["smtp_550", "smtp_550"]
    await story.read_models()
    page = await story.hr.get("/v1/notices", params={"outcome": "refused"})
    shown = page.json()["items"]
    assert {(each["person"], each["to"], each["outcome"]) for each in shown} == {
        ("ana", "employee", "smtp_550"),
        ("ana", "partner", "smtp_550"),
    }
    subject = await story.house.record.vault.subject_of(story.tenant, "ana")
    now = await story.house.activities().look(CycleRun(story.tenant, str(subject)))
    assert "didn't go out: `smtp_550`" in now.details
    assert now.mails == []
    first = (await story.hr.get("/v1/notices", params={"limit": 1})).json()
    rest = (await story.hr.get("/v1/notices", params={"cursor": first["next"]})).json()
    assert len(first["items"]) == len(rest["items"]) == 1
    assert (await story.ana.get("/v1/notices")).status_code == 403


async def test_a_full_mailbox_is_tried_again(story: Story, server: PostOffice) -> None:
    server.recipient = "451 later"
    with pytest.raises(Exception, match="451"):
        await post(story)
    assert [each.outcome for each in await notices(story)] == [None, None]
    server.recipient = "250 OK"
    await post(story)
    assert len(server.taken) == 2


async def test_a_mail_that_nobody_took_for_days_is_given_up_on_record(story: Story) -> None:
    await story.house.posting().give_up(await due(story))
    assert [each.outcome for each in await notices(story)] == ["gave_up", "gave_up"]


async def test_nothing_is_sent_to_whoever_has_gone_away_meanwhile(
    story: Story, server: PostOffice
) -> None:
    await story.platform.post("/v1/people/ana:leave", json={"from": "2020-01-06"})
    ben = {"name": "Ben", "email": "ben@example.com", "end_date": "2020-01-01"}
    await story.platform.put("/v1/people/ben", json=ben)
    await post(story)
    assert server.taken == []
    assert [each.outcome for each in await notices(story)] == ["away", "left"]


async def outcomes(story: Story, kind: str) -> list[str | None]:
    return [each.outcome for each in await notices(story) if each.kind == kind]


async def pauses(story: Story) -> None:
    await story.ana.post(f"{story.conversation}:pause", json={})


async def sets_aside(story: Story) -> None:
    set_aside = await story.ana.post(f"{story.conversation}/answers/energy:set-aside")
    assert set_aside.status_code == 200, set_aside.text


async def is_suspended_by_hand(story: Story) -> None:
    await story.hr.post(f"/v1/cycles/{story.cycle}:suspend", json={"reason": "strike"})


async def stood_still(story: Story) -> None:
    await is_suspended_by_hand(story)
    await story.hr.post(f"/v1/cycles/{story.cycle}:resume")


async def holds_all_reminders(story: Story) -> None:
    await story.hr.put("/v1/policy", json={"hold_nudges": True})


@pytest.mark.parametrize("change", [pauses, is_suspended_by_hand, holds_all_reminders])
async def test_a_reminder_that_waited_for_the_server_hurries_nobody_who_has_asked_for_time(
    story: Story, server: PostOffice, change: Callable[[Story], Awaitable[None]]
) -> None:
    await post(story)
    await take(story, "nudge", gently=False)
    await change(story)
    server.taken.clear()
    await post(story)
    assert server.taken == []
    assert await outcomes(story, "nudged") == ["outdated"]


async def test_a_new_partner_gets_no_reminder_that_was_meant_for_the_one_before(
    story: Story, server: PostOffice
) -> None:
    await share(story)
    await post(story)
    await take(story, "nudge_partner", gently=False)
    await story.platform.put("/v1/people/eve", json={"name": "Eve", "email": "eve@example.com"})
    ana = {"name": "Ana", "email": "ana@example.com", "partner": "eve"}
    await story.platform.put("/v1/people/ana", json=ana)
    server.taken.clear()
    await post(story)
    assert server.taken == []
    assert await outcomes(story, "partner_nudged") == ["outdated"]


@pytest.mark.parametrize("change", [sets_aside, stood_still])
async def test_hr_hears_of_a_partner_who_is_waited_for_whatever_came_while_the_mail_had_to_wait(
    story: Story, server: PostOffice, change: Callable[[Story], Awaitable[None]]
) -> None:
    """It is recorded once in a turn: what isn't sent is never told."""
    assert (await story.hr.put("/v1/policy", json={"hr_partner": "ben"})).status_code == 201
    await share(story)
    await take(story, "nudge_partner")
    await take(story, "escalate")
    await change(story)
    await post(story)
    assert await outcomes(story, "escalated") == ["sent"]


async def test_hr_is_asked_for_a_partner_by_whoever_the_policy_names(
    story: Story, server: PostOffice
) -> None:
    hr = {"name": "Hilde", "email": "hilde@example.com", "locale": "de"}
    await story.platform.put("/v1/people/hilde", json=hr)
    assert (await story.hr.put("/v1/policy", json={"hr_partner": "hilde"})).status_code == 201
    assert (await story.hr.get("/v1/policy")).json()["hr_partner"] == "hilde"
    unknown = await story.hr.put("/v1/policy", json={"hr_partner": "zoe"})
    assert unknown.status_code == 404
    await release_partner(story, "ana")
    await take(story, "suspend", why="no_partner")
    await post(story)
    asked = [each for each in server.letters() if "hilde" in str(each["To"])]
    assert [each["Subject"] for each in asked] == ["Jemand hat keinen Gesprächspartner"]
    assert "Ana" not in asked[0].as_string()


async def test_hr_is_told_of_each_case_also_on_a_day_with_other_mail(
    story: Story, server: PostOffice
) -> None:
    """Ben is the HR partner as well, and the opening has told him today already."""
    assert (await story.hr.put("/v1/policy", json={"hr_partner": "ben"})).status_code == 201
    await share(story)
    other = await report(story, "cleo")
    await release_partner(story, "cleo")
    for cycle, name, kind, more in (
        (story.cycle, "escalate", "escalated", {}),
        (other, "suspend", "suspended", {"why": "no_partner"}),
    ):
        await take(story, "nudge_partner", cycle)
        await take(story, name, cycle, **more)
        await post(story, cycle)
        told = [each for each in await notices(story, cycle) if each.kind == kind]
        assert [(each.to, each.outcome) for each in told] == [("hr", "sent")]


async def test_mail_to_hr_that_arrives_says_that_hrs_address_is_right_again(
    story: Story, server: PostOffice
) -> None:
    await story.hr.put("/v1/policy", json={"hr_partner": "ben"})
    await share(story)
    await take(story, "nudge_partner")
    await take(story, "escalate")
    server.recipient = "550 5.1.1 no such user"
    await post(story)
    assert "hr" in await lost_to(story)
    other = await report(story, "cleo")
    await release_partner(story, "cleo")
    await take(story, "suspend", other, why="no_partner")
    server.recipient = "250 OK"
    await post(story, other)
    assert "hr" not in await lost_to(story)


async def lost_to(story: Story) -> set[str]:
    """To which sides mail reaches nobody."""
    await story.read_models()
    found = await story.house.cycle_list.undelivered(story.tenant, 10)
    return {each["to"] for each in found}


async def test_a_case_takes_no_day_from_hrs_own_reminders(story: Story) -> None:
    await story.platform.put("/v1/people/hilde", json={"name": "Hilde", "email": "h@example.com"})
    await story.hr.put("/v1/policy", json={"hr_partner": "hilde"})
    await share(story)
    await take(story, "nudge_partner")
    await take(story, "escalate")
    ana = {"name": "Ana", "email": "ana@example.com", "partner": "hilde"}
    await story.platform.put("/v1/people/ana", json=ana)
    await take(story, "nudge_partner")
    happened = await story.happened("cycles.partner")
    assert happened == ["cycles.partner_nudge_withheld", "cycles.partner_nudged"]


async def test_mail_to_hr_that_is_not_wanted_is_refused_on_record(
    story: Story, server: PostOffice
) -> None:
    await story.platform.put("/v1/people/hilde", json={"name": "Hilde", "email": "h@example.com"})
    await story.hr.put("/v1/policy", json={"hr_partner": "hilde"})
    hilde = await story.house.record.vault.assign_subject(story.tenant, "hilde")
    link = story.house.notices.link_of(Reader(story.tenant, hilde, "Hilde", "h@example.com", "en"))
    assert (await story.platform.post(f"/mail/unsubscribe/{link}")).status_code == 200
    await share(story)
    await take(story, "nudge_partner")
    await take(story, "escalate")
    await post(story)
    assert [each.outcome for each in await notices(story) if each.to == "hr"] == ["declined"]


async def develop(story: Story) -> None:
    """A plan is in force."""
    await story.conclude()
    await story.ana.put(f"{story.plan}/goals/lead", json={"text": "Lead"})
    await story.ana.post(f"{story.plan}:propose")
    agreed = await story.ben.post(f"{story.plan}:agree")
    assert agreed.json()["state"] == "active", agreed.text
    await story.advance()


async def asked_to_check_in(story: Story) -> list[str | None]:
    """What became of the mail."""
    await take(story, "ask_check_in")
    for _ in range(2):
        await post(story)
    return [each.outcome for each in await notices(story) if each.kind == "check_in_asked"]


async def test_that_a_check_in_gave_way_to_another_mail_is_on_record(
    story: Story, server: PostOffice
) -> None:
    await develop(story)
    assert await asked_to_check_in(story) == ["told_today"]


async def test_a_check_in_is_asked_for_on_a_day_without_another_mail(
    story: Story, server: PostOffice
) -> None:
    await develop(story)
    another_day = "Pacific/Kiritimati" if datetime.now(UTC).hour >= 10 else "Pacific/Niue"
    ana = {"name": "Ana", "email": "ana@example.com", "timezone": another_day}
    await story.platform.put("/v1/people/ana", json=ana)
    assert await asked_to_check_in(story) == ["sent"]


async def test_a_leaver_is_told_how_to_take_the_record_along(
    story: Story, server: PostOffice
) -> None:
    await post(story)
    ana = {"name": "Ana Silva", "email": "ana@example.com", "end_date": "2020-01-01"}
    await story.platform.put("/v1/people/ana", json=ana)
    await story.advance()
    await post(story)
    assert server.letters()[-1]["Subject"] == "Your record goes with you"


async def rehired(story: Story) -> tuple[CycleRun, Situation]:
    """Ana has left and come back while no mail went out; how a new run finds her cycle."""
    ana = {"name": "Ana", "email": "ana@example.com"}
    await story.platform.put("/v1/people/ana", json=ana | {"end_date": "2026-01-31"})
    await story.advance()
    await story.platform.put("/v1/people/ana", json=ana)
    again = await story.platform.post("/v1/cycles", json={"person": "ana"})
    assert again.status_code == 201, again.text
    subject = await story.house.record.vault.assign_subject(story.tenant, "ana")
    run = CycleRun(story.tenant, str(subject))
    now = await story.house.activities().advance(run)
    assert now.cycle == again.json()["id"] != story.cycle
    return run, now


async def test_the_mails_of_a_cycle_that_is_closed_go_out_beside_those_of_the_next_one(
    story: Story, server: PostOffice
) -> None:
    _, now = await rehired(story)
    assert now.cycle is not None
    await story.house.posting().post(Post(story.tenant, now.cycle, now.mails))
    assert all(each.outcome for each in await notices(story))
    assert {each.outcome for each in await notices(story, now.cycle)} == {"sent"}
    assert "Your record goes with you" in [letter["Subject"] for letter in server.letters()]


async def test_ops_give_up_the_mails_of_both(story: Story) -> None:
    run, now = await rehired(story)
    assert now.cycle is not None
    steer = Steer(run, now.cycle, "skip_mail", "kim", "1")
    said = await story.house.activities().steer(steer)
    both = [*await notices(story), *await notices(story, now.cycle)]
    assert {each.outcome for each in both} == {"skipped"}
    assert said == f"{len(both)} skipped and on record."


async def test_the_mailbox_shows_what_was_sent_on_this_machine(
    story: Story, door: Door, app: Any, house: House
) -> None:
    await post(story)
    nobody = door()
    page = await nobody.get("/mailbox")
    assert page.status_code == 200
    assert "Your career conversation is open" in page.text
    assert "default-src 'none'" in page.headers["content-security-policy"]
    event = next(n.event for n in await notices(story) if n.to == "employee")
    read = await nobody.get(f"/mailbox/{event}.employee_localhost")
    assert "Take your time." in read.text
    assert "Ana Silva &lt;ana@example.com&gt;" in read.text
    assert (await nobody.get("/mailbox/nothing")).status_code == 404


async def test_the_mailbox_shows_what_calendars_are_told(
    story: Story, door: Door, app: Any, house: House
) -> None:
    when = {"starts_at": "2199-03-04T10:00:00+01:00", "duration": "PT90M"}
    await story.ana.post(f"{story.conversation}:schedule", json=when)
    await story.advance()
    await post(story)
    event = next(n.event for n in await notices(story) if n.kind == "meeting_announced")
    read = await door().get(f"/mailbox/{event}.employee_localhost")
    assert "ORGANIZER;CN=Cairn:mailto:cairn@localhost" in read.text


async def test_no_mail_holds_anybodys_words(story: Story, server: PostOffice) -> None:
    canary = "canary in an answer"
    await story.ana.put(f"{story.conversation}/answers/impact", json={"text": canary})
    await story.ana.post(f"{story.conversation}:share")
    await take(story, "nudge_partner", gently=False)
    await take(story, "escalate", gently=False)
    await post(story)
    assert len(server.taken) == 3
    to_ben = [each for each in server.letters() if "ben@" in str(each["To"])]
    assert canary not in "".join(each.as_string() for each in server.letters())
    assert not any("Ana" in each.as_string() for each in to_ben)


async def test_a_days_mail_is_counted_where_the_reader_is(story: Story) -> None:
    """Nine in the evening of the 8th in UTC is the morning of the 9th in Auckland."""
    cleo = {"name": "Cleo", "email": "c@example.com", "timezone": "Pacific/Auckland"}
    await story.platform.put("/v1/people/cleo", json=cleo)
    await story.platform.put("/v1/people/ana", json={**cleo, "name": "Ana", "partner": "cleo"})
    steps = story.house.activities().steps
    progress = await story.house.cycles.progress_of(story.tenant, UUID(story.cycle))
    assert progress is not None
    from shared.eventstore.record import Command

    step = Step("nudge_partner", datetime(2030, 3, 8, 21, tzinfo=UTC))
    command = Command(by=workflow(story.tenant, "CareerCycle"), at=step.due, step="one")
    silent = steps.telling.keeps_silent
    assert await silent(progress, "partner", step, command) is None
    later = replace(command, at=datetime(2030, 3, 9, 10, tzinfo=UTC), step="two")
    assert await silent(progress, "partner", step, later) == "told_today"
    next_day = replace(command, at=datetime(2030, 3, 9, 12, tzinfo=UTC), step="three")
    assert await silent(progress, "partner", step, next_day) is None
