"""The workflow of one person's cycle: read the record, take the step that is due, wait, again.

What is due when is decided by `services.cycles.course`, afresh at every wake-up, so that this code
stays the same while cycles sleep for half a year.
"""

from __future__ import annotations

import asyncio
from datetime import timedelta

from temporalio import workflow
from temporalio.common import Priority, RetryPolicy

with workflow.unsafe.imports_passed_through():
    from workflows.messages import (
        DUE,
        ROUND,
        STAGE,
        SUSPENDED,
        TENANT,
        WAITING_FOR,
        WAKE,
        CycleRun,
        Situation,
        TakeStep,
    )

_RETRY = RetryPolicy(
    initial_interval=timedelta(seconds=1),
    maximum_interval=timedelta(minutes=5),
    non_retryable_error_types=["InvalidStep"],
)
_GRACE = timedelta(milliseconds=50)
_AGAIN = timedelta(minutes=5)


@workflow.defn(name="CareerCycle")
class CareerCycle:
    """One run a round; a wake says that the record has something new, and carries nothing else."""

    @workflow.init
    def __init__(self, run: CycleRun) -> None:
        self._run = run
        self._wakes = 0
        self._shown: tuple[object, ...] | None = None

    @workflow.run
    async def run(self, run: CycleRun) -> None:
        while True:
            seen = self._wakes
            now = await self.look()
            taken = None
            while now.step_is_due and now.step != taken:
                taken = now.step
                now = await self.take(now)
            if now.is_over and self._wakes == seen:
                return
            if now.round > run.round > 0:
                workflow.continue_as_new(CycleRun(run.tenant, run.person, now.round))
            self._run = run = CycleRun(run.tenant, run.person, now.round)
            await self.wait(now, seen)

    async def look(self) -> Situation:
        """Read where the cycle stands."""
        situation: Situation = await workflow.execute_activity(
            "look",
            self._run,
            result_type=Situation,
            start_to_close_timeout=timedelta(seconds=20),
            retry_policy=_RETRY,
            priority=self._priority,
            summary="Reads the record: whose turn it is, and what is due",
        )
        self.show(situation)
        return situation

    async def take(self, now: Situation) -> Situation:
        """Take the step that is due, and see where that leads."""
        step = now.step
        assert step is not None
        assert now.cycle is not None
        situation: Situation = await workflow.execute_activity(
            step.name,
            TakeStep(self._run, now.cycle, now.round, step),
            result_type=Situation,
            start_to_close_timeout=timedelta(seconds=20),
            retry_policy=_RETRY,
            priority=self._priority,
            summary=step.summary,
        )
        self.show(situation)
        return situation

    async def wait(self, now: Situation, seen: int) -> None:
        """Sleep until a wake or until the next step is due by the record's time.

        A step that was taken and is due all the same is tried again after a while.
        """
        timeout = summary = None
        if now.step is not None:
            timeout = _AGAIN if now.step_is_due else max(now.step.at - now.now, _GRACE)
            summary = f"{now.step.summary}, due {now.step.at:%Y-%m-%d %H:%M:%S} UTC"
        try:
            await workflow.wait_condition(
                lambda: self._wakes > seen, timeout=timeout, timeout_summary=summary
            )
        except asyncio.TimeoutError:  # noqa: UP041 - the SDK raises asyncio's
            return

    def show(self, now: Situation) -> None:
        """Tell ops where it stands: codes and dates only."""
        workflow.set_current_details(now.details)
        attributes = (
            now.stage,
            now.waiting_for,
            now.suspended,
            now.round,
            now.step and now.step.at,
        )
        if attributes == self._shown:
            return
        self._shown = attributes
        workflow.upsert_search_attributes(
            [
                TENANT.value_set(self._run.tenant),
                STAGE.value_set(now.stage),
                WAITING_FOR.value_set(now.waiting_for),
                SUSPENDED.value_set(now.suspended),
                ROUND.value_set(now.round),
                DUE.value_set(now.step.at) if now.step else DUE.value_unset(),
            ]
        )

    @workflow.signal(name=WAKE)
    def wake(self) -> None:
        """The record has something new for this cycle."""
        self._wakes += 1

    @property
    def _priority(self) -> Priority:
        return Priority(priority_key=3, fairness_key=self._run.tenant[:64])
