"""Activities are repeated by Temporal: each has one effect, however often it runs."""

from __future__ import annotations

import asyncio
from uuid import UUID

import pytest

from services.cycles.course import next_step
from services.cycles.progress import Progress
from services.cycles.step import Step, StepName
from shared.errors import Stale
from shared.eventstore.record import Command
from shared.principal import workflow
from tests.conftest import Story
from workflows.messages import CycleRun, Situation, Steer, parts_of, workflow_id


async def due(story: Story) -> tuple[CycleRun, Situation]:
    subject = await story.house.record.vault.subject_of(story.tenant, "ana")
    run = CycleRun(story.tenant, str(subject))
    return run, await story.house.activities().look(run)


async def standing(story: Story) -> Progress:
    progress = await story.house.cycles.progress_of(story.tenant, UUID(story.cycle))
    assert progress is not None
    return progress


async def types(story: Story) -> list[str]:
    await story.read_models()
    page = await story.auditor.get("/v1/audit/timeline", params={"limit": 200})
    return [item["type"] for item in page.json()["items"]]


async def test_a_step_taken_many_times_at_once_is_taken_once(story: Story) -> None:
    await story.ana.put(f"{story.conversation}/direction", json={"direction": "deepen"})
    await story.ana.post(f"{story.conversation}:conclude", json={"meeting": "waived"})
    run, now = await due(story)
    assert now.step is not None
    assert now.step.name == "open_planning"
    activities = story.house.activities()
    outcomes = await asyncio.gather(
        *(activities.advance(run) for _ in range(5)), return_exceptions=True
    )
    assert any(isinstance(outcome, Situation) for outcome in outcomes)
    await activities.advance(run)
    found = await types(story)
    assert (found.count("plan.drafted"), found.count("cycles.planning_opened")) == (1, 1)


async def test_a_zombie_that_wakes_up_late_changes_nothing(story: Story) -> None:
    _, now = await due(story)
    assert now.step is not None
    zombie = story.house.activities()
    progress = await story.house.cycles.progress_of(story.tenant, UUID(story.cycle))
    step = next_step(progress, now.now) if progress else None
    assert progress is not None
    assert step is not None
    await story.conclude()
    before = await types(story)
    await zombie.steps.take(progress, step, workflow(story.tenant, "CareerCycle"))
    assert await types(story) == before


async def test_whoever_takes_up_what_they_declined_keeps_their_turn_while_the_round_ends(
    story: Story,
) -> None:
    now, by = story.house.record.clock.now(), workflow(story.tenant, "CareerCycle")
    steps = story.house.activities().steps
    names: tuple[StepName, ...] = ("rest", "open_follow_up")
    for name in names:
        await steps.take(await standing(story), Step(name, now, why="time"), by)
    conversation = f"/v1/conversations/{(await standing(story)).conversation}"
    await story.ana.post(f"{conversation}:decline")
    declined = await standing(story)
    step = next_step(declined, now)
    assert step is not None
    assert step.name == "complete_round"
    await story.ana.post(f"{conversation}:resume")
    await steps.take(declined, step, by)
    found = await standing(story)
    assert (found.state, found.completed, found.turn) == ("steady", 1, "employee")
    reminds = next_step(found, now)
    assert reminds is not None
    assert reminds.name == "nudge"


async def test_what_was_shared_while_a_worker_hung_is_not_laid_to_rest(story: Story) -> None:
    known, now = await standing(story), story.house.record.clock.now()
    command = Command(by=workflow(story.tenant, "CareerCycle"), at=now, step="rests")
    await story.ana.put(f"{story.conversation}/answers/impact", json={"text": "A lot"})
    await story.ana.post(f"{story.conversation}:share")
    with pytest.raises(Stale):
        await story.house.activities().steps.rest(known, Step("rest", now, why="time"), command)
    assert (await standing(story)).turn == "partner"


async def test_what_ops_read_holds_no_names_and_no_words(story: Story) -> None:
    await story.ana.put(f"{story.conversation}/answers/impact", json={"text": "CANARY"})
    _, now = await due(story)
    assert "**employee's** turn" in now.details
    assert not {"CANARY", "Ana", "Silva", "example.com"} & set(now.details.split())
    assert "ana" not in repr(now)


def test_the_workflows_id_has_an_inverse() -> None:
    assert parts_of(workflow_id("acme", "123")) == ("acme", "123")


async def test_what_ops_ask_for_is_done_once_though_the_worker_was_lost_after_it(
    story: Story,
) -> None:
    run, _ = await due(story)
    activities = story.house.activities()
    for verb in ("wake", "retry", "hold_nudges", "release_nudges", "skip_mail", "nudge_now"):
        ask = Steer(run, story.cycle, verb, "kim", f"{verb}-1")
        assert await activities.steer(ask) != "On record already."
        assert await activities.steer(ask) == "On record already."
    found = [kind for kind in await types(story) if kind.startswith(("cycles.n", "cycles.w"))]
    assert sorted(found) == [
        "cycles.notice_refused", "cycles.notice_refused", "cycles.nudge_withheld",
        "cycles.nudges_held", "cycles.nudges_released", "cycles.wake_asked", "cycles.wake_asked",
    ]  # fmt: skip


async def test_another_ask_takes_the_next_reminder(story: Story) -> None:
    run, _ = await due(story)
    for id_ in ("first", "second"):
        await story.house.activities().steer(Steer(run, story.cycle, "nudge_now", "kim", id_))
    assert (await types(story)).count("cycles.nudge_withheld") == 2  # told today already
