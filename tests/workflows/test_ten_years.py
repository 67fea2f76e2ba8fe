"""Ten years of one cycle with all that happens in them; the dates are written down by hand."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta
from uuid import UUID

import msgspec

from services.people.employment import Profile
from tests.workflows.conftest import Life
from tests.workflows.test_years import STARTED

# Berlin, 09:00: 08:00 UTC in winter, 07:00 UTC in summer.
EXPECTED = [
    ("cycles.conversation_opened", "2027-08-31 08:00"),
    ("cycles.follow_up_opened", "2028-02-29 08:00"),  # the leap day
    ("cycles.conversation_opened", "2028-08-31 07:00"),
    # A year's leave: the first day is 1 December 2028; back on 1 December 2029. Two weeks later is
    # Saturday the 15th, so Monday the 17th. The clocks stood for 381 days and nine hours.
    ("cycles.suspended", "2028-11-30 23:00"),
    ("cycles.resumed", "2029-12-17 08:00"),
    # 31 August 2028 + 381 days is 16 September 2029; + 6 months is Saturday 16 March.
    ("cycles.follow_up_opened", "2030-03-18 08:00"),
    ("cycles.conversation_opened", "2030-09-16 07:00"),
    # She pauses, gets a new partner, and agrees on 2 December 2030.
    ("cycles.follow_up_opened", "2031-06-02 07:00"),
    ("cycles.conversation_opened", "2031-12-02 08:00"),
    # The cadence is a year from this round on: 18 months from 2 December 2031.
    ("cycles.follow_up_opened", "2032-06-02 07:00"),
    ("cycles.conversation_opened", "2033-06-02 07:00"),
    # Nobody says anything: it rests on 11 August 2033, and that is the anchor.
    ("cycles.rested", "2033-08-11 07:00"),
    ("cycles.follow_up_opened", "2034-02-13 08:00"),  # 11 February is a Saturday
    ("cycles.conversation_opened", "2035-02-12 08:00"),  # + 18 months is Sunday 11 February
    ("cycles.follow_up_opened", "2035-08-13 07:00"),  # 12 August is a Sunday
    ("cycles.conversation_opened", "2036-08-12 07:00"),
    ("cycles.rested", "2036-10-20 07:00"),
    # Her last day is 31 December 2036.
    ("cycles.closed", "2036-12-31 23:00"),
]
REMINDERS = [
    ("cycles.nudge_withheld", "2030-09-23 07:00"),  # paused since the 20th
    ("cycles.nudge_withheld", "2030-10-07 07:00"),
    ("cycles.nudge_withheld", "2030-10-31 08:00"),
    ("cycles.nudged", "2033-06-09 07:00"),
    ("cycles.nudged", "2033-06-23 07:00"),
    ("cycles.nudged", "2033-07-18 07:00"),  # + 45 days is Sunday 17 July
    ("cycles.nudged", "2036-08-19 07:00"),
    ("cycles.nudged", "2036-09-02 07:00"),
    ("cycles.nudged", "2036-09-26 07:00"),
]


def at(text: str) -> datetime:
    return datetime.fromisoformat(f"{text}+00:00")


async def test_ten_years_with_leave_pause_partner_and_policy_changes_and_a_last_day(
    life: Life,
) -> None:
    await life.sleep_until(STARTED)
    await life.start("Europe/Berlin")
    await talk_and_follow_up(life, 1, "2028-02-29 08:01", "2028-08-31 07:01")
    await life.converse(2)
    await life.agree(2)
    await life.go_on_leave(date(2028, 12, 1), date(2029, 11, 30))
    await life.sleep_until(at("2030-03-18 08:01"))
    await life.converse(2, "follow_up")
    await life.until("steady", 2)
    await life.sleep_until(at("2030-09-20 08:00"))
    await pause_and_change_partner(life)
    await life.sleep_until(at("2031-06-02 07:01"))
    await life.converse(3, "follow_up")
    await life.sleep_until(at("2031-07-01 08:00"))
    await life.adopt(cadence="P12M")
    await life.sleep_until(at("2031-12-02 08:01"))
    await talk_and_follow_up(life, 4, "2032-06-02 07:01", "2034-02-13 08:01")
    await life.converse(5, "follow_up")
    await life.sleep_until(at("2035-02-12 08:01"))
    await talk_and_follow_up(life, 6, "2035-08-13 07:01", "2036-08-12 07:01")
    await give_notice(life, date(2036, 12, 31))
    await life.sleep_until(at("2037-01-05 08:00"))
    topics = {topic for topic, _ in EXPECTED}
    assert await life.dates(*topics) == EXPECTED
    assert await life.dates("cycles.nudged", "cycles.nudge_withheld") == REMINDERS
    assert await nothing_was_sent_between(life, "2028-12-01 00:00", "2029-12-17 07:59")


async def talk_and_follow_up(life: Life, round_: int, follow_up: str, after: str) -> None:
    """Everybody answers on the day on which they are asked."""
    await life.converse(round_)
    await life.agree(round_)
    await life.sleep_until(at(follow_up))
    await life.converse(round_, "follow_up")
    await life.until("steady", round_)
    await life.sleep_until(at(after))


async def pause_and_change_partner(life: Life) -> None:
    conversation = (await life.until("conversation", 3)).conversation
    until = at("2030-11-19 08:00")
    await life.house.conversations.pause(await life.as_ana(), conversation, until)
    await life.wake()
    await life.sleep_until(at("2030-10-01 08:00"))
    await life.name_partner("eve")
    await life.sleep_until(at("2030-12-02 11:00"))
    people = await life.house.record.rows(life.tenant, life.ana)
    chosen = [row for row in people if row.type == "people.handover_chosen"]
    assert [f"{row.at:%Y-%m-%d %H:%M}" for row in chosen] == ["2030-10-15 07:00"]
    assert msgspec.json.decode(chosen[0].facts)["choice"] == "plan"
    found = await life.until("conversation", 3)
    assert found.conversation_state == "open"  # the pause has ended by itself
    await life.converse(3)
    await life.agree(3)


async def give_notice(life: Life, last: date) -> None:
    command = await life.command(life.platform)
    profile = Profile("Ana", "ana@example.com", timezone="Europe/Berlin", end_date=last)
    await life.house.people.put_person(replace(command), "ana", profile, "eve")
    await life.wake()


async def nothing_was_sent_between(life: Life, since: str, until: str) -> bool:
    rows = await life.house.record.rows(life.tenant, UUID(life.cycle))
    return not [row for row in rows if at(since) <= row.at <= at(until) and b"tells" in row.facts]


async def test_a_leave_without_an_end_lasts_until_the_return(life: Life) -> None:
    await life.sleep_until(STARTED)
    await life.start("Europe/Berlin")
    await life.until("conversation", 1)
    await life.go_on_leave(date(2027, 9, 3), None)
    await life.sleep_until(at("2028-09-04 06:00"))
    back = await life.command(life.platform)
    await life.house.people.end_leave(back, "ana", lambda _: at("2028-09-04 06:00"))
    await life.wake()
    await life.sleep_until(at("2028-10-10 08:00"))
    # Monday 4 September; two weeks later is Monday 18 September 2028. From 3 September 2027 00:00 that
    # is 381 days and nine hours: 31 August 2027 becomes 15 September 2028; + 7 days is Friday the 22nd.
    assert await life.dates("cycles.suspended", "cycles.resumed", "cycles.nudged") == [
        ("cycles.suspended", "2027-09-02 22:00"),
        ("cycles.resumed", "2028-09-18 07:00"),
        ("cycles.nudged", "2028-09-22 07:00"),
        ("cycles.nudged", "2028-10-06 07:00"),
    ]


async def test_somebody_who_moves_to_another_zone_is_asked_in_the_morning_there(life: Life) -> None:
    await life.sleep_until(STARTED)
    await life.start("Europe/Berlin")
    await life.converse(1)
    await life.agree(1)
    await life.name_partner("ben", "Asia/Tokyo")
    await life.sleep_until(at("2028-03-01 00:00") + timedelta(hours=12))
    # The anchor, 31 August 10:00 in Berlin, is 17:00 in Tokyo: the same day. 09:00 there is 00:00 UTC.
    assert await life.dates("cycles.check_in_asked", "cycles.follow_up_opened") == [
        ("cycles.check_in_asked", "2027-11-30 00:00"),
        ("cycles.follow_up_opened", "2028-02-29 00:00"),
    ]
