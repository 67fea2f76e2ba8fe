"""The calendar entry of a meeting, as real calendar software reads it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from icalendar import Calendar

from services.conversation.content import Appointment
from services.conversation.invite import invite
from services.directory import Contact
from tests.conftest import Client
from tests.examples import BEN, LATER, conversation
from tests.years import Years

WHEN = {"starts_at": "2199-03-04T10:00:00+01:00", "duration": "PT90M", "place": "The small room"}


async def entry(client: Client, years: Years) -> tuple[Any, Any]:
    """The calendar and its one event."""
    answer = await client.get(f"{years.conversation}/invite.ics")
    assert answer.status_code == 200, answer.text
    calendar = Calendar.from_ical(answer.content)
    method = calendar["method"]
    assert answer.headers["content-type"] == f"text/calendar; method={method}; charset=utf-8"
    (event,) = calendar.walk("VEVENT")
    return calendar, event


async def test_a_meeting_is_a_request_with_a_neutral_title(years: Years) -> None:
    scheduled = await years.ben.post(f"{years.conversation}:schedule", json=WHEN)
    assert (scheduled.status_code, scheduled.json()["sequence"]) == (200, 0)
    assert "room" not in scheduled.text
    calendar, event = await entry(years.ana, years)
    assert (calendar["method"], event["summary"]) == ("REQUEST", "Career conversation")
    assert event.decoded("dtstart") == datetime(2199, 3, 4, 9, 0, tzinfo=UTC)
    assert event.decoded("duration") == timedelta(minutes=90)
    assert event["location"] == "The small room"
    assert event["status"] == "CONFIRMED"
    assert "description" not in event
    assert sorted(event["attendee"]) == ["mailto:ana@example.com", "mailto:ben@example.com"]


async def test_the_sender_of_mail_invites_both_and_nobody_themselves(years: Years) -> None:
    """A calendar takes no invitation from its own reader; whoever set the time has accepted it."""
    for client, taken in ((years.ben, "ben"), (years.ana, "ana")):
        await client.post(f"{years.conversation}:schedule", json=WHEN | {"place": taken})
        _, event = await entry(client, years)
        organizer = event["organizer"]
        assert (organizer, organizer.params["CN"]) == ("mailto:cairn@localhost", "Cairn")
        statuses = {str(a): a.params["PARTSTAT"] for a in event["attendee"]}
        other = {"ben": "ana", "ana": "ben"}[taken]
        assert statuses == {
            f"mailto:{taken}@example.com": "ACCEPTED",
            f"mailto:{other}@example.com": "NEEDS-ACTION",
        }
        assert {a.params["RSVP"] for a in event["attendee"]} == {"FALSE"}


async def test_changes_and_the_end_have_the_same_uid_and_a_rising_sequence(years: Years) -> None:
    await years.ben.post(f"{years.conversation}:schedule", json=WHEN)
    _, first = await entry(years.ben, years)
    await years.ana.post(f"{years.conversation}:schedule", json=WHEN | {"duration": "PT1H"})
    _, second = await entry(years.ben, years)
    await years.ana.post(f"{years.conversation}:unschedule")
    calendar, third = await entry(years.ben, years)
    assert [event["sequence"] for event in (first, second, third)] == [0, 1, 2]
    assert len({event["uid"] for event in (first, second, third)}) == 1
    assert (calendar["method"], third["status"]) == ("CANCEL", "CANCELLED")
    assert second["organizer"] == first["organizer"]


async def test_both_see_when_and_where_they_meet(years: Years) -> None:
    await years.ana.post(f"{years.conversation}:schedule", json=WHEN)
    for client in (years.ana, years.ben):
        meeting = (await years.told(client, years.conversation))["meeting"]
        assert meeting == {
            "state": "scheduled",
            "held_on": None,
            "starts_at": "2199-03-04T09:00:00Z",
            "duration": "PT90M",
            "place": "The small room",
        }
    await years.ben.post(f"{years.conversation}:unschedule")
    meeting = (await years.told(years.ana, years.conversation))["meeting"]
    assert (meeting["state"], meeting["starts_at"]) == (None, None)


async def test_the_title_is_in_the_readers_language(years: Years) -> None:
    ben = {"name": "Ben Okoro", "email": "ben@example.com", "locale": "de-AT"}
    await years.platform.put("/v1/people/ben", json=ben)
    await years.ben.post(f"{years.conversation}:schedule", json=WHEN)
    assert (await entry(years.ben, years))[1]["summary"] == "Karrieregespräch"
    assert (await entry(years.ana, years))[1]["summary"] == "Career conversation"


HOSTILE = 'Room 4; "north", 2nd floor\nBEGIN:VEVENT\nATTENDEE:mailto:eve@example.com 🪨 שלום'


async def test_a_place_that_looks_like_calendar_lines_stays_a_place(years: Years) -> None:
    await years.ana.post(f"{years.conversation}:schedule", json=WHEN | {"place": HOSTILE})
    _, event = await entry(years.ben, years)
    assert event["location"] == HOSTILE
    assert len(event["attendee"]) == 2


@pytest.mark.parametrize("odd", ['"Ben" <b@c>', "Ben\r\nUID:1", "b\x00en", "שלום 🪨", "B;E:N,", ""])
def test_an_odd_name_or_address_of_one_keeps_nothing_from_the_other(odd: str) -> None:
    """Directories hand on what they hold: what no line of a calendar may hold is left out."""
    ana, at = Contact("ana", "Ana", "ana@example.com", "en", "UTC"), LATER
    ben = Contact("ben", odd, f"{odd}@example.com", "en", "UTC")
    meeting = Appointment(LATER, "PT1H", None, "partner", BEN, 0)
    told = invite(conversation(), "Cairn <cairn@localhost>", ana, ben, "en", at, meeting)
    (event,) = Calendar.from_ical(told).walk("VEVENT")
    assert event["uid"] == f"{conversation().id}@cairn"
    first, second = event["attendee"]
    assert (first, first.params["CN"]) == ("mailto:ana@example.com", "Ana")
    assert second.params["CN"] == " ".join(odd.replace("\x00", " ").split())


async def test_a_meeting_with_an_earlier_partner_is_not_the_new_ones(years: Years) -> None:
    await years.ana.post(f"{years.conversation}:schedule", json=WHEN)
    await years.name_partner("eve")
    for client in (years.ana, years.eve):
        assert (await client.get(f"{years.conversation}/invite.ics")).status_code == 409
        meeting = (await years.told(client, years.conversation))["meeting"]
        assert (meeting["state"], meeting["place"]) == (None, None)
    assert (await years.ben.get(f"{years.conversation}/invite.ics")).status_code == 404
    again = await years.eve.post(f"{years.conversation}:schedule", json=WHEN)
    assert again.json()["sequence"] == 2  # the one with Ben was called off by it
    _, event = await entry(years.eve, years)
    assert "mailto:eve@example.com" in event["attendee"]


async def test_without_a_partner_there_is_nobody_to_meet(years: Years) -> None:
    await years.name_partner(None)
    refused = await years.ana.post(f"{years.conversation}:schedule", json=WHEN)
    assert (refused.status_code, refused.json()["type"]) == (409, "/problems/nobody-to-meet")


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"starts_at": "2020-01-01T09:00:00Z"}, "meeting-in-the-past"),
        ({"duration": "an hour"}, "not-a-duration"),
        ({"duration": "P2M"}, "not-a-duration"),
        ({"starts_at": "2199-03-04T10:00:00"}, "invalid-request"),
        ({"place": "a\x00b"}, "invalid-request"),
        ({"starts_at": "9999-12-31T23:59:59-12:00"}, "invalid-request"),
    ],
)
async def test_a_meeting_that_can_not_be_is_refused(
    years: Years, changes: dict[str, str], problem: str
) -> None:
    refused = await years.ana.post(f"{years.conversation}:schedule", json=WHEN | changes)
    assert (refused.status_code, refused.json()["type"]) == (422, f"/problems/{problem}")


async def test_there_is_no_invitation_before_a_meeting_is_scheduled(years: Years) -> None:
    answer = await years.ana.get(f"{years.conversation}/invite.ics")
    assert (answer.status_code, answer.json()["type"]) == (409, "/problems/not-scheduled")
    refused = await years.ana.post(f"{years.conversation}:unschedule")
    assert refused.status_code == 409


async def test_a_workflow_calls_off_a_meeting_that_can_not_be_held(years: Years) -> None:
    from uuid import UUID

    from shared.eventstore.record import Command
    from shared.principal import workflow

    await years.ana.post(f"{years.conversation}:schedule", json=WHEN)
    at = years.house.record.clock.now()
    command = Command(by=workflow(years.tenant, "CareerCycle"), at=at, step="call-off")
    id_ = UUID(years.conversation.rpartition("/")[2])
    for _ in range(2):
        await years.house.conversations.call_off_meeting(command, id_)
    calendar, event = await entry(years.ben, years)
    assert (calendar["method"], event["sequence"]) == ("CANCEL", 1)
