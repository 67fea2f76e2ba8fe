"""Years of one cycle in seconds; the expected dates are written down by hand."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

from tests.workflows.conftest import Life

STARTED = datetime(2027, 8, 31, 8, 0, tzinfo=UTC)  # a Tuesday, 10:00 in Berlin

# Berlin, 09:00: 08:00 UTC in winter, 07:00 UTC in summer.
EXPECTED = [
    ("cycles.conversation_opened", "2027-08-31 08:00"),
    ("cycles.follow_up_opened", "2028-02-29 08:00"),  # the leap day
    ("cycles.conversation_opened", "2028-08-31 07:00"),  # from the anchor again, not 29 August
    ("cycles.follow_up_opened", "2029-02-28 08:00"),
    ("cycles.conversation_opened", "2029-08-31 07:00"),
    ("cycles.follow_up_opened", "2030-02-28 08:00"),
    ("cycles.conversation_opened", "2030-09-02 07:00"),  # 31 August is a Saturday
    ("cycles.follow_up_opened", "2031-03-03 08:00"),  # 2 March is a Sunday
    ("cycles.conversation_opened", "2031-09-02 07:00"),
    ("cycles.follow_up_opened", "2032-03-02 08:00"),
    ("cycles.conversation_opened", "2032-09-02 07:00"),
]


async def test_five_years_of_one_cycle_fall_on_the_right_days(life: Life) -> None:
    await life.sleep_until(STARTED)
    await life.start("Europe/Berlin")
    days = [datetime.fromisoformat(f"{at}+00:00") for _, at in EXPECTED]
    for round_ in range(1, 6):  # everybody answers on the day on which they are asked
        await life.converse(round_)
        await life.agree(round_)
        await life.sleep_until(days[2 * round_ - 1] + timedelta(minutes=1))
        await life.converse(round_, "follow_up")
        await life.until("steady", round_)
        await life.sleep_until(days[2 * round_] + timedelta(minutes=1))
    await life.until("conversation", 6)
    dates = await life.dates("cycles.conversation_opened", "cycles.follow_up_opened")
    assert dates == EXPECTED


async def test_somebody_who_says_nothing_is_reminded_three_times_and_then_left_in_peace(
    life: Life,
) -> None:
    await life.sleep_until(STARTED)
    await life.start("Europe/Berlin")
    await life.until("conversation", 1)
    await life.env.sleep(timedelta(days=150))
    await life.until("steady", 1)
    assert await life.dates("cycles.nudged", "cycles.rested") == [
        ("cycles.nudged", "2027-09-07 07:00"),
        ("cycles.nudged", "2027-09-21 07:00"),
        ("cycles.nudged", "2027-10-15 07:00"),
        ("cycles.rested", "2027-11-08 08:00"),  # winter time since 31 October
    ]


async def test_whoever_asked_for_time_is_not_reminded(life: Life) -> None:
    await life.sleep_until(STARTED)
    await life.start("Europe/Berlin")
    conversation = (await life.until("conversation", 1)).conversation
    await life.house.conversations.set_aside(await life.as_ana(), conversation, "energy", None)
    await life.wake()
    await life.env.sleep(timedelta(days=30))
    assert await life.dates("cycles.nudged", "cycles.nudge_withheld") == [
        ("cycles.nudge_withheld", "2027-09-07 07:00"),
        ("cycles.nudge_withheld", "2027-09-21 07:00"),
    ]


async def test_a_partner_is_reminded_twice_and_then_hr_is_told(life: Life) -> None:
    await life.sleep_until(STARTED)
    await life.start("Europe/Berlin")
    conversation = (await life.until("conversation", 1)).conversation
    await life.house.conversations.record_answer(await life.as_ana(), conversation, "impact", "x")
    await life.house.conversations.share(await life.as_ana(), conversation, None, None, None)
    await life.wake()
    await life.env.sleep(timedelta(days=60))
    assert await life.dates("cycles.partner_nudged", "cycles.escalated") == [
        ("cycles.partner_nudged", "2027-09-14 07:00"),
        ("cycles.partner_nudged", "2027-09-28 07:00"),
        ("cycles.escalated", "2027-10-12 07:00"),
    ]


async def test_lost_and_doubled_wakes_are_harmless(life: Life) -> None:
    await life.sleep_until(STARTED)
    await life.start("Europe/Berlin")
    for _ in range(5):
        await life.wake()
    await life.until("conversation", 1)
    await life.converse(1)
    for _ in range(5):
        await life.wake()
    await life.agree(1)
    assert await life.dates("cycles.planning_opened", "cycles.development_began") == [
        ("cycles.planning_opened", "2027-08-31 08:00"),
        ("cycles.development_began", "2027-08-31 08:00"),
    ]


async def test_a_cycle_that_starts_while_its_workflow_is_about_to_end_is_not_forgotten(
    life: Life,
) -> None:
    await life.sleep_until(STARTED)
    await life.register("Europe/Berlin")

    started = asyncio.Event()

    async def start_cycle() -> None:
        await life.start_cycle()
        await life.wake()
        started.set()

    life.meanwhile.append(start_cycle)
    await life.start_workflow()  # it looks, finds no cycle, and meanwhile there is one
    await started.wait()
    await life.until("conversation", 1)
