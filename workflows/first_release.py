"""The loop of release 0.1.0, for cycles that began on it and sleep: the branch before `adr-21-advance`.

They leave it with their next round, or at once by the signal `checkpoint`. Delete this file, and the
patch with it, in the release after all of them have (ADR 21).
"""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import TYPE_CHECKING

from temporalio import workflow
from temporalio.common import RetryPolicy

from workflows.messages import (
    DUE,
    ROUND,
    STAGE,
    SUSPENDED,
    TENANT,
    WAITING_FOR,
    CycleRun,
    Situation,
    TakeStep,
)

if TYPE_CHECKING:
    from workflows.career_cycle import CareerCycle

_RETRY = RetryPolicy(
    initial_interval=timedelta(seconds=1),
    maximum_interval=timedelta(minutes=5),
    non_retryable_error_types=["InvalidStep"],
)


async def run(cycle: CareerCycle, run: CycleRun) -> None:
    """Look, take the steps that are due one by one, wait."""
    while True:
        seen = cycle._wakes
        now = await _do(
            cycle, "look", cycle._run, "Reads the record: whose turn it is, and what is due"
        )
        taken = None
        while now.step_is_due and now.step != taken:
            taken = step = now.step
            assert step is not None
            assert now.cycle is not None
            take = TakeStep(cycle._run, now.cycle, now.round, step)
            now = await _do(cycle, step.name, take, step.summary)
        if now.is_over and cycle._wakes == seen:
            return
        if now.round > run.round > 0 or cycle._rolls:
            workflow.continue_as_new(CycleRun(run.tenant, run.person, now.round))
        cycle._run = run = CycleRun(run.tenant, run.person, now.round)
        await _wait(cycle, now, seen)


async def _do(cycle: CareerCycle, name: str, about: object, summary: str) -> Situation:
    situation: Situation = await workflow.execute_activity(
        name,
        about,
        result_type=Situation,
        start_to_close_timeout=timedelta(seconds=20),
        retry_policy=_RETRY,
        priority=cycle.priority,
        summary=summary,
    )
    _show(cycle, situation)
    return situation


async def _wait(cycle: CareerCycle, now: Situation, seen: int) -> None:
    timeout = summary = None
    if now.step is not None:
        soonest = max(now.step.at - now.now, timedelta(milliseconds=50))
        timeout = timedelta(minutes=5) if now.step_is_due else soonest
        summary = f"{now.step.summary}, due {now.step.at:%Y-%m-%d %H:%M:%S} UTC"
    try:
        await workflow.wait_condition(
            lambda: cycle._wakes > seen, timeout=timeout, timeout_summary=summary
        )
    except asyncio.TimeoutError:  # noqa: UP041 - the SDK raises asyncio's
        return


def _show(cycle: CareerCycle, now: Situation) -> None:
    workflow.set_current_details(now.details)
    due = now.step and now.step.at
    attributes = (now.stage, now.waiting_for, now.suspended, now.round, due)
    if attributes == cycle._shown.get(""):
        return
    cycle._shown[""] = attributes
    workflow.upsert_search_attributes(
        [
            TENANT.value_set(cycle._run.tenant),
            STAGE.value_set(now.stage),
            WAITING_FOR.value_set(now.waiting_for),
            SUSPENDED.value_set(now.suspended),
            ROUND.value_set(now.round),
            DUE.value_set(now.step.at) if now.step else DUE.value_unset(),
        ]
    )
