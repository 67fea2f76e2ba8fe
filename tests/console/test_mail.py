"""Who is written to, once a day at most, and what becomes of each mail."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from email import policy
from email.message import EmailMessage
from email.parser import BytesParser
from typing import Any, cast
from uuid import UUID

import pytest
from aiosmtpd.controller import Controller

from console.bootstrap import House, furnish
from console.embedded.children import free_port
from services.cycles.notices import Notice
from services.cycles.step import Step
from shared.principal import workflow
from shared.settings import Settings
from tests.conftest import Door, Story
from tests.shared.test_mail import Sink
from workflows.messages import CycleRun, Mail, Post


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
    sender = {"mail_from": "Cairn <cairn@acme.example>"}
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
    await story.ana.put(f"{story.conversation}/answers/impact", json={"text": "mine"})
    await story.ana.post(f"{story.conversation}:share")
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
    story: Story, door: Door, server: PostOffice
) -> None:
    await take(story, "nudge", gently=False)
    await post(story)
    nudge = next(each for each in server.letters() if each["List-Unsubscribe"])
    path = str(nudge["List-Unsubscribe"]).strip("<>").partition("8000")[2]
    nobody = door()
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


async def test_hr_is_asked_for_a_partner_by_whoever_the_policy_names(
    story: Story, server: PostOffice
) -> None:
    hr = {"name": "Hilde", "email": "hilde@example.com", "locale": "de"}
    await story.platform.put("/v1/people/hilde", json=hr)
    assert (await story.hr.put("/v1/policy", json={"hr_partner": "hilde"})).status_code == 201
    assert (await story.hr.get("/v1/policy")).json()["hr_partner"] == "hilde"
    unknown = await story.hr.put("/v1/policy", json={"hr_partner": "zoe"})
    assert unknown.status_code == 404
    await take(story, "suspend", why="no_partner")
    await post(story)
    asked = [each for each in server.letters() if "hilde" in str(each["To"])]
    assert [each["Subject"] for each in asked] == ["Jemand hat keinen Gesprächspartner"]
    assert "Ana" not in asked[0].as_string()


async def test_a_leaver_is_told_how_to_take_the_record_along(
    story: Story, server: PostOffice
) -> None:
    await post(story)
    ana = {"name": "Ana Silva", "email": "ana@example.com", "end_date": "2020-01-01"}
    await story.platform.put("/v1/people/ana", json=ana)
    await story.advance()
    await post(story)
    assert server.letters()[-1]["Subject"] == "Your record goes with you"


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
    from datetime import UTC, datetime

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
