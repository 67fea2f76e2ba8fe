"""The workflow of a batch: some people at a time, at the rate that its task queue allows."""

from __future__ import annotations

import asyncio
from datetime import timedelta

from temporalio import workflow
from temporalio.common import Priority, RetryPolicy

with workflow.unsafe.imports_passed_through():
    from workflows.messages import BLOCKED, STAGE, TENANT, WAKE, BatchRun, BatchStep

_RETRY = RetryPolicy(initial_interval=timedelta(seconds=1), maximum_interval=timedelta(minutes=5))
_MOST_EVENTS = 2_000


@workflow.defn(name="BatchStart")
class BatchStart:
    """Starts cycles until everybody was dealt with, or the batch was cancelled."""

    @workflow.init
    def __init__(self, run: BatchRun) -> None:
        self._run = run
        self._wakes = 0

    @workflow.run
    async def run(self, run: BatchRun) -> None:
        workflow.upsert_search_attributes(
            [TENANT.value_set(run.tenant), STAGE.value_set("batch"), BLOCKED.value_set("no")]
        )
        while True:
            seen = self._wakes
            step = await self.start_some()
            workflow.set_current_details(step.details)
            if step.next_at is None:
                return
            self._run = BatchRun(run.tenant, run.batch, step.reached, step.uncounted)
            if workflow.info().get_current_history_length() > _MOST_EVENTS:
                workflow.continue_as_new(
                    self._run,
                    initial_versioning_behavior=(
                        workflow.ContinueAsNewVersioningBehavior.AUTO_UPGRADE
                    ),
                )
            if step.next_at > step.now:
                await self.wait(step.next_at - step.now, seen)

    async def start_some(self) -> BatchStep:
        """Start the next cycles that are due; many batches of one tenant share its turns fairly."""
        step: BatchStep = await workflow.execute_activity(
            "start_some",
            self._run,
            result_type=BatchStep,
            start_to_close_timeout=timedelta(seconds=20),
            retry_policy=_RETRY,
            priority=Priority(priority_key=5, fairness_key=self._run.tenant[:64]),
            summary="Starts the next cycles of the batch",
        )
        return step

    async def wait(self, duration: timedelta, seen: int) -> None:
        """Sleep until the next people's day, or until somebody changed the batch."""
        try:
            await workflow.wait_condition(
                lambda: self._wakes > seen,
                timeout=duration,
                timeout_summary="Waits for the next people's day",
            )
        except asyncio.TimeoutError:  # noqa: UP041 - the SDK raises asyncio's
            return

    @workflow.signal(name=WAKE, description="The batch was changed.")
    def wake(self) -> None:
        self._wakes += 1
