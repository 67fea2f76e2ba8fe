"""What ops see and may do in Temporal: verbs on record, and nothing that answers for a person."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from temporalio.client import WorkflowFailureError, WorkflowUpdateFailedError
from temporalio.exceptions import ApplicationError, CancelledError

from services.people.employment import Profile
from tests.workflows.conftest import Life
from tests.workflows.test_years import STARTED
from workflows.messages import CHECKPOINT, Ask

KIM = Ask("kim")
LOOKS = 1_500
"""How often a test looks, fifty times a second, before it gives up."""


async def open_conversation(life: Life) -> None:
    await life.sleep_until(STARTED)
    await life.start("Europe/Berlin")
    await life.until("conversation", 1)
    await settled(life)


async def settled(life: Life) -> None:
    """Wait until the mails of the opening are out, so that nothing moves but what a test moves."""
    for _ in range(LOOKS):
        found = await life.house.cycles.notices_of(life.tenant, UUID(life.cycle))
        if all(notice.outcome for notice in found):
            return
        await asyncio.sleep(0.02)
    raise AssertionError("mail waits")


async def ask(life: Life, verb: str, by: Ask = KIM) -> str:
    assert life.handle is not None
    answer: str = await life.handle.execute_update(verb, by, result_type=str)
    return answer


async def rows(life: Life) -> list[tuple[str, str]]:
    """What happened to the cycle, and who did it."""
    found = await life.house.record.rows(life.tenant, UUID(life.cycle))
    return [(row.type, life.house.record.read_facts([row])[0].meta.actor) for row in found]


async def refused(life: Life, verb: str, by: Ask = KIM) -> str:
    with pytest.raises(WorkflowUpdateFailedError) as failed:
        await ask(life, verb, by)
    cause: Any = failed.value.cause
    while cause.cause is not None:
        cause = cause.cause
    return str(cause)


async def details(life: Life) -> str:
    """The current details, as the Temporal UI asks for them."""
    assert life.handle is not None
    found: Any = await life.handle.query("__temporal_workflow_metadata")
    return str(found.current_details)


async def shows(life: Life, text: str) -> str:
    """Wait until the details say something; answer all of them."""
    for _ in range(LOOKS):
        if text in (found := await details(life)):
            return found
        await asyncio.sleep(0.02)
    raise AssertionError(found)


async def test_ops_send_the_next_reminder_ahead_of_its_time_and_it_isnt_sent_again(
    life: Life,
) -> None:
    await open_conversation(life)
    await life.sleep_until(STARTED + timedelta(days=1))
    await ask(life, "nudge_now")
    assert ("cycles.nudged", "client:ops:kim") in await rows(life)
    await life.sleep_until(STARTED + timedelta(days=30))
    assert await life.dates("cycles.nudged") == [
        ("cycles.nudged", "2027-09-01 08:00"),  # instead of the one of 7 September
        ("cycles.nudged", "2027-09-21 07:00"),
    ]


async def test_ops_never_remind_somebody_who_asked_for_time(life: Life) -> None:
    await open_conversation(life)
    conversation = (await life.until("conversation", 1)).conversation
    await life.house.conversations.set_aside(await life.as_ana(), conversation, "energy", None)
    await life.wake()
    assert "set_aside" in await refused(life, "nudge_now")


async def test_ops_remind_no_partner_while_the_employee_asked_for_time_until_a_day(
    life: Life,
) -> None:
    await open_conversation(life)
    conversation, talks = (
        (await life.until("conversation", 1)).conversation,
        life.house.conversations,
    )
    await talks.record_answer(await life.as_ana(), conversation, "impact", "x")
    await talks.share(await life.as_ana(), conversation, None, None, None)
    until = STARTED + timedelta(days=30)
    await talks.set_aside(await life.as_ana(), conversation, "energy", until)
    await life.wake()
    assert "set_aside" in await refused(life, "nudge_now")
    await life.sleep_until(until + timedelta(days=1))
    await ask(life, "nudge_now")
    assert ("cycles.partner_nudged", "client:ops:kim") in await rows(life)


async def test_ops_hold_back_the_reminders_of_one_cycle_and_release_them(life: Life) -> None:
    await open_conversation(life)
    await ask(life, "hold_nudges")
    await shows(life, "Reminders are held back")
    await life.sleep_until(STARTED + timedelta(days=10))
    await ask(life, "release_nudges")
    await life.sleep_until(STARTED + timedelta(days=25))
    assert await life.dates("cycles.nudged", "cycles.nudge_withheld") == [
        ("cycles.nudge_withheld", "2027-09-07 07:00"),
        ("cycles.nudged", "2027-09-21 07:00"),
    ]


async def test_what_keeps_failing_is_answered_and_the_cycle_goes_on(life: Life) -> None:
    await open_conversation(life)
    assert life.handle is not None
    life.faults["steer"] = ApplicationError("broken")
    asking = asyncio.create_task(ask(life, "hold_nudges"))
    while not asking.done():
        await life.env.sleep(timedelta(minutes=1))
    with pytest.raises(WorkflowUpdateFailedError) as failed:
        await asking
    assert "given up" in str(failed.value.cause)
    await life.env.client.get_workflow_handle(life.handle.id).signal(CHECKPOINT)
    await life.sleep_until(STARTED + timedelta(days=10))
    assert await life.dates("cycles.nudged") == [("cycles.nudged", "2027-09-07 07:00")]


async def test_a_policy_that_holds_reminders_counts_at_once(life: Life) -> None:
    await open_conversation(life)
    await life.adopt(hold_nudges=True)
    await life.sleep_until(STARTED + timedelta(days=10))
    assert await life.dates("cycles.nudge_withheld") == [
        ("cycles.nudge_withheld", "2027-09-07 07:00")
    ]


@pytest.mark.parametrize("by", ["", "kim@example.com", "Kim Possible", "k" * 65, "k\nm"])
async def test_whoever_asks_gives_a_login_and_nothing_else(life: Life, by: str) -> None:
    await open_conversation(life)
    assert "your login" in await refused(life, "hold_nudges", Ask(by))


async def test_verbs_that_make_no_sense_now_are_refused_and_leave_no_trace(life: Life) -> None:
    await open_conversation(life)
    before = await rows(life)
    assert "Nothing has given up" in await refused(life, "retry")
    await life.house.cycles.suspend_cycle(
        await life.command(life.platform), UUID(life.cycle), "by_hand", None
    )
    await life.wake()
    await ask(life, "look_again")
    await shows(life, "**Suspended** (by_hand)")
    assert "suspended" in await refused(life, "nudge_now")
    assert [row for row in await rows(life) if row not in before] == [
        ("cycles.suspended", "client:platform"),
        ("cycles.wake_asked", "client:ops:kim"),
    ]


async def test_a_step_that_gives_up_shows_as_blocked_and_goes_on_by_retry(life: Life) -> None:
    await life.sleep_until(STARTED)
    await life.register("Europe/Berlin")
    await life.start_cycle()
    life.faults["advance"] = ApplicationError("broken", non_retryable=True)
    await life.start_workflow()
    assert "send the Update `retry`" in await shows(life, "Blocked")
    life.faults.clear()
    await ask(life, "retry")
    await life.until("conversation", 1)
    assert "Blocked" not in await details(life)


async def test_what_is_blocked_tries_again_by_itself(life: Life) -> None:
    await open_conversation(life)
    life.faults["advance"] = ApplicationError("broken", non_retryable=True)
    await life.wake()
    await shows(life, "Blocked")
    life.faults.clear()
    await life.env.sleep(timedelta(hours=2))
    assert "Blocked" not in await details(life)


async def test_a_cancelled_run_is_on_record_and_the_cycle_goes_on_with_the_next_wake(
    life: Life,
) -> None:
    await open_conversation(life)
    assert life.handle is not None
    await life.handle.cancel()
    with pytest.raises(WorkflowFailureError) as ended:
        await life.handle.result()
    assert isinstance(ended.value.cause, CancelledError)
    assert (await rows(life))[-1] == ("cycles.interrupted", "workflow:CareerCycle")
    await life.start_workflow()
    await life.converse(1)
    await life.until("planning", 1)


async def test_a_checkpoint_goes_on_in_a_new_run_and_takes_no_step_twice(life: Life) -> None:
    await open_conversation(life)
    assert life.handle is not None
    first = (await life.handle.describe()).run_id
    await life.env.client.get_workflow_handle(life.handle.id).signal(CHECKPOINT)
    for _ in range(LOOKS):
        newest = await life.env.client.get_workflow_handle(life.handle.id).describe()
        if newest.run_id != first:
            break
        await asyncio.sleep(0.02)
    assert newest.run_id != first
    await life.converse(1)
    await life.until("planning", 1)
    happened = [topic for topic, _ in await rows(life)]
    assert happened.count("cycles.conversation_opened") == 1
    assert happened.count("cycles.notice_sent") == 2


async def test_mail_that_nobody_takes_is_given_up_after_days_and_nothing_waits_for_it(
    life: Life,
) -> None:
    life.faults["post"] = ApplicationError("no mail server", non_retryable=True)
    await life.sleep_until(STARTED)
    await life.start("Europe/Berlin")
    await life.converse(1)
    await life.until("planning", 1)
    await settled(life)
    found = await life.house.cycles.notices_of(life.tenant, UUID(life.cycle))
    assert {notice.outcome for notice in found} == {"gave_up"}


async def test_ops_skip_a_mail_that_is_stuck(life: Life) -> None:
    life.faults["post"] = RuntimeError("the mail server hangs")
    await life.sleep_until(STARTED)
    await life.start("Europe/Berlin")
    await life.until("conversation", 1)
    await shows(life, "Round 1")
    assert "2 skipped" in await ask(life, "skip_mail")
    found = await life.house.cycles.notices_of(life.tenant, UUID(life.cycle))
    assert {notice.outcome for notice in found} == {"skipped"}
    life.faults.clear()


async def test_the_details_say_whose_turn_since_when_until_when_and_what_next(life: Life) -> None:
    await open_conversation(life)
    await ask(life, "look_again")
    shown = await shows(life, "It is the **employee's** turn, since 2027-08-31")
    assert "Next: Nudge 1 to the employee, 2027-09-07 07:00:00 UTC" in shown
    assert "[Runbook](" in shown
    assert not {"Ana", "Ben", "example.com"} & set(shown.replace("*", " ").split())


async def test_a_leaver_whose_farewell_waits_keeps_the_run_until_it_is_out(life: Life) -> None:
    await open_conversation(life)
    gone = Profile("Ana", "ana@example.com", timezone="Europe/Berlin", end_date=STARTED.date())
    await life.sleep_until(STARTED + timedelta(days=2))
    await life.house.people.put_person(await life.command(life.platform), "ana", gone, None)
    await life.wake()
    assert life.handle is not None
    await life.handle.result()
    assert [topic for topic, _ in await rows(life)][-2:] == ["cycles.closed", "cycles.notice_sent"]


async def test_who_asks_a_blocked_run_that_then_finds_no_cycle_is_told_so_and_it_ends(
    life: Life,
) -> None:
    life.faults["advance"] = ApplicationError("broken", type="InvalidStep", non_retryable=True)
    await life.register("Europe/Berlin")
    await life.start_workflow()
    assert life.handle is not None
    await shows(life, "Blocked")
    life.faults.clear()
    async with asyncio.timeout(30):
        assert "no open cycle" in await refused(life, "retry")
        await life.handle.result()


async def test_what_a_cycle_that_is_closed_by_hand_leaves_open_ends_with_it(life: Life) -> None:
    await open_conversation(life)
    command = await life.command(life.platform)
    await life.house.cycles.close_cycle(command, UUID(life.cycle), "opted_out")
    await life.wake()
    assert life.handle is not None
    await life.handle.result()
    found = await life.house.cycles.progress_of(life.tenant, UUID(life.cycle))
    assert found is not None
    assert (found.state, found.conversation_state) == ("closed", "closed")
    assert [topic for topic, _ in await rows(life)].count("cycles.closed") == 1


async def test_what_it_leaves_open_ends_even_when_the_next_one_has_begun(life: Life) -> None:
    await open_conversation(life)
    closed = UUID(life.cycle)
    await life.house.cycles.close_cycle(await life.command(life.platform), closed, "opted_out")
    await life.start_cycle()
    await life.wake()
    await life.until("conversation", 1)
    found = await life.house.cycles.progress_of(life.tenant, closed)
    assert found is not None
    assert (found.state, found.conversation_state) == ("closed", "closed")


async def test_who_asks_while_a_cycle_ends_is_answered_before_the_run_ends(life: Life) -> None:
    await open_conversation(life)
    gone = Profile("Ana", "ana@example.com", timezone="Europe/Berlin", end_date=STARTED.date())
    await life.sleep_until(STARTED + timedelta(days=2))
    life.faults["steer"] = ApplicationError("later")
    asking = asyncio.create_task(refused(life, "hold_nudges"))
    await life.house.people.put_person(await life.command(life.platform), "ana", gone, None)
    await life.wake()
    for _ in range(LOOKS):
        await asyncio.sleep(0.02)
        happened = [topic for topic, _ in await rows(life)]
        if "cycles.closed" in happened and happened[-1] == "cycles.notice_sent":
            break
    await asyncio.sleep(0.5)  # the run would have ended long ago
    del life.faults["steer"]
    await life.env.sleep(timedelta(minutes=1))
    assert "The cycle is closed" in await asking
    assert life.handle is not None
    await life.handle.result()
    assert "cycles.closed" in [topic for topic, _ in await rows(life)]
