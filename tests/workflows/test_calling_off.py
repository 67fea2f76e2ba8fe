"""A meeting that won't take place leaves the calendars of those whom it was with."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from email.message import EmailMessage
from typing import Any
from uuid import UUID

import pytest
from icalendar import Calendar

from tests.conftest import Story
from tests.console.test_mail import PostOffice, post, server  # noqa: F401 - a fixture
from tests.years import Years

WHEN = {"starts_at": "2199-03-04T10:00:00+01:00", "duration": "PT90M"}
ANA = {"name": "Ana Silva", "email": "ana@example.com"}
BEN = {"name": "Ben Okoro", "email": "ben@example.com"}
EVE = {"name": "Eve Stone", "email": "eve@example.com"}
LAST_DAY = {"end_date": "2026-01-31"}
Do = Callable[[Story], Awaitable[Any]]


async def scheduled(story: Story) -> None:
    answer = await story.ana.post(f"{story.conversation}:schedule", json=WHEN)
    assert answer.status_code == 200, answer.text
    await story.advance()


async def put(story: Story, person: str, **more: Any) -> None:
    answer = await story.platform.put(f"/v1/people/{person}", json=more)
    assert answer.status_code in {200, 201}, answer.text


async def told(story: Story) -> list[tuple[int, list[str]]]:
    """What was announced of meetings: its sequence, and to which sides."""
    found: dict[int, list[str]] = {}
    for notice in await story.house.cycles.notices_of(story.tenant, UUID(story.cycle)):
        if notice.kind == "meeting_announced":
            found.setdefault(notice.facts["sequence"], []).append(notice.to)
    return sorted(found.items())


def entry_of(letter: EmailMessage) -> tuple[str, str, int]:
    """To whom, by which method, and the sequence."""
    (part,) = [each for each in letter.walk() if each.get_content_type() == "text/calendar"]
    calendar = Calendar.from_ical(part.get_payload(decode=True))
    (event,) = calendar.walk("VEVENT")
    return str(letter["To"].addresses[0].addr_spec), calendar["method"], event["sequence"]


def called_off(server: PostOffice) -> list[tuple[str, str, int]]:  # noqa: F811
    """What was written to whom of a time that changed."""
    return sorted(entry_of(each) for each in server.letters() if "time of" in each["Subject"])


OFF_FOR_BOTH = [("ana@example.com", "CANCEL", 1), ("ben@example.com", "CANCEL", 1)]


async def to_nobody(story: Story) -> None:
    await put(story, "ana", **ANA, partner=None)


async def to_eve_who_leaves(story: Story) -> None:
    await put(story, "eve", **EVE)
    await put(story, "ana", **ANA, partner="eve")
    await put(story, "eve", **EVE, **LAST_DAY)


async def to_eve_who_is_forgotten(story: Story) -> None:
    await put(story, "eve", **EVE)
    await put(story, "ana", **ANA, partner="eve")
    await story.dpo.post("/v1/people/eve:erase")


@pytest.mark.parametrize("change", [to_nobody, to_eve_who_leaves, to_eve_who_is_forgotten])
async def test_a_partner_of_before_hears_that_the_meeting_is_off(
    story: Story,
    server: PostOffice,  # noqa: F811
    change: Do,
) -> None:
    await scheduled(story)
    await post(story)
    server.taken.clear()
    await change(story)
    await story.advance()
    assert await told(story) == [(0, ["employee", "partner"]), (1, ["employee", "partner"])]
    await post(story)
    assert called_off(server) == OFF_FOR_BOTH


async def scheduled_with_eve(story: Story, office: PostOffice) -> None:
    """Ben has it in his calendar, Eve becomes the partner, and Ana names another time at once."""
    await scheduled(story)
    await post(story)
    office.taken.clear()
    await put(story, "eve", **EVE)
    await put(story, "ana", **ANA, partner="eve")
    again = WHEN | {"starts_at": "2199-03-05T10:00:00+01:00"}
    answer = await story.ana.post(f"{story.conversation}:schedule", json=again)
    assert answer.status_code == 200, answer.text


async def test_a_partner_of_before_hears_that_it_is_off_where_the_next_one_is_set_already(
    story: Story,
    server: PostOffice,  # noqa: F811
) -> None:
    await scheduled_with_eve(story, server)
    await story.advance()
    both = ["employee", "partner"]
    assert await told(story) == [(0, both), (1, ["partner"]), (2, both)]
    await post(story)
    assert called_off(server) == [
        ("ana@example.com", "REQUEST", 2),
        ("ben@example.com", "CANCEL", 1),
        ("eve@example.com", "REQUEST", 2),
    ]


async def test_a_partner_of_before_hears_it_also_where_the_person_has_left_meanwhile(
    story: Story,
    server: PostOffice,  # noqa: F811
) -> None:
    await scheduled_with_eve(story, server)
    await put(story, "ana", **ANA, **LAST_DAY)
    await story.advance()
    assert (await told(story))[1:] == [(1, ["partner"]), (3, ["partner"])]
    await post(story)
    assert called_off(server) == [
        ("ben@example.com", "CANCEL", 1),
        ("eve@example.com", "CANCEL", 3),
    ]


async def declines(story: Story) -> None:
    await story.ana.post(f"{story.conversation}:decline")


async def concludes_without(story: Story) -> None:
    await story.ana.put(f"{story.conversation}/direction", json={"direction": "expand"})
    await story.ana.post(f"{story.conversation}:conclude", json={"meeting": "waived"})


async def is_closed_by_hand(story: Story) -> None:
    closed = await story.hr.post(f"/v1/cycles/{story.cycle}:close", json={"reason": "opted_out"})
    assert closed.status_code == 200, closed.text


async def concludes_having_met_before(story: Story) -> None:
    await story.ana.put(f"{story.conversation}/direction", json={"direction": "expand"})
    done = {"meeting": "held", "held_on": "2026-01-05"}
    await story.ana.post(f"{story.conversation}:conclude", json=done)


@pytest.mark.parametrize(
    "end", [declines, concludes_without, concludes_having_met_before, is_closed_by_hand]
)
async def test_both_hear_that_a_meeting_is_off_when_its_conversation_ends_without_it(
    story: Story,
    server: PostOffice,  # noqa: F811
    end: Do,
) -> None:
    await scheduled(story)
    await end(story)
    await story.advance()
    await story.advance()
    assert await told(story) == [(0, ["employee", "partner"]), (1, ["employee", "partner"])]
    await post(story)
    assert set(called_off(server)) == set(
        OFF_FOR_BOTH
    )  # the invitation that still waited says it too


async def test_the_partner_hears_that_a_meeting_is_off_when_the_person_has_left(
    story: Story,
    server: PostOffice,  # noqa: F811
) -> None:
    await scheduled(story)
    await put(story, "ana", **ANA, **LAST_DAY)
    await story.advance()
    assert (await story.state())["state"] == "closed"
    assert await told(story) == [(0, ["employee", "partner"]), (1, ["partner"])]
    await story.advance()
    assert len(await told(story)) == 2
    await post(story)
    assert set(called_off(server)) == {("ben@example.com", "CANCEL", 1)}


async def test_also_while_the_clocks_stood_still(story: Story) -> None:
    await scheduled(story)
    await story.platform.post("/v1/people/ana:leave", json={"from": "2020-01-06"})
    await story.advance()
    assert (await story.state())["suspended"] is not None
    await put(story, "ana", **ANA, **LAST_DAY)
    await story.advance()
    assert await told(story) == [(0, ["employee", "partner"]), (1, ["partner"])]


async def test_both_hear_that_a_meeting_is_off_when_the_next_round_ends_a_follow_up_that_rests(
    years: Years,
) -> None:
    await years.conclude()
    years.conversation = await years.follow_up()
    await years.ana.put(f"{years.conversation}/direction", json={"direction": "expand"})
    await years.ana.post(f"{years.conversation}:share")
    await scheduled(years)
    await years.pass_time()
    assert (await years.state())["round"] == 2
    assert "conversation.rested" in await years.happened("conversation.")
    assert await told(years) == [(0, ["employee", "partner"]), (1, ["employee", "partner"])]
