"""S8: what a whole cycle of six months with nudges costs in Temporal, mail included."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta

from temporalio.api.enums.v1 import EventType

from tests.workflows.conftest import Life
from tests.workflows.test_years import STARTED

MOST_ACTIONS, MOST_BYTES = 40, 25 * 1024
ACTIONS = {
    "EVENT_TYPE_WORKFLOW_EXECUTION_STARTED",
    "EVENT_TYPE_WORKFLOW_EXECUTION_SIGNALED",
    "EVENT_TYPE_WORKFLOW_EXECUTION_UPDATE_ACCEPTED",
    "EVENT_TYPE_ACTIVITY_TASK_SCHEDULED",
    "EVENT_TYPE_TIMER_STARTED",
    "EVENT_TYPE_UPSERT_WORKFLOW_SEARCH_ATTRIBUTES",
}
"""What Temporal counts, and bills, as an action."""


async def test_a_cycle_of_six_months_with_nudges_stays_within_its_cost(life: Life) -> None:
    """Opened, two nudges, concluded, a plan proposed and agreed, a check-in, the follow-up opened."""
    await life.sleep_until(STARTED)
    await life.start("Europe/Berlin")
    await life.until("conversation", 1)
    await life.sleep_until(STARTED + timedelta(days=25))
    await life.converse(1)
    await life.agree(1)
    await life.sleep_until(STARTED + timedelta(days=125))
    plan = (await life.until("developing", 1)).plan
    await life.house.plans.check_in(await life.as_ana(), plan, "on_track", None)
    await life.wake()
    await life.sleep_until(STARTED + timedelta(days=215))
    progress = await life.until("follow_up", 1)
    assert (progress.check_ins, progress.nudges) == (1, 0)
    assert await life.dates("cycles.nudged") == [
        ("cycles.nudged", "2027-09-07 07:00"),
        ("cycles.nudged", "2027-09-21 07:00"),
    ]
    assert life.handle is not None
    history = await life.handle.fetch_history()
    kinds = Counter(EventType.Name(event.event_type) for event in history.events)
    actions = sum(count for kind, count in kinds.items() if kind in ACTIONS)
    size = sum(event.ByteSize() for event in history.events)
    mails = await life.dates("cycles.notice_sent")
    assert len(mails) == 7  # both at the opening and at the follow-up, two nudges, one check-in
    assert actions <= MOST_ACTIONS, (actions, kinds)
    assert size <= MOST_BYTES, (size, kinds)
    print(f"S8: {actions} actions, {size} bytes")  # noqa: T201 - the figure, for whoever runs it with -s
