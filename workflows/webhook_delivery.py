"""Delivers a webhook's events as long as it is there: a run now, the next when it is due."""

from __future__ import annotations

import asyncio
import re
from datetime import datetime, timedelta

from temporalio import workflow
from temporalio.common import Priority, RetryPolicy
from temporalio.exceptions import ApplicationError

with workflow.unsafe.imports_passed_through():
    from workflows.messages import DUE, STAGE, WAKE
    from workflows.webhook_messages import EndpointRun, Skip, SkipDelivery, Standing

_RETRY = RetryPolicy(initial_interval=timedelta(seconds=1), maximum_interval=timedelta(minutes=1))
_GRACE = timedelta(milliseconds=20)


@workflow.defn(name="WebhookDelivery")
class WebhookDelivery:
    """One per webhook; a wake says that there may be something new, and carries nothing else."""

    @workflow.init
    def __init__(self, run: EndpointRun) -> None:
        self._run = run
        self._wakes = 0
        self._shown: tuple[str, datetime | None] | None = None

    @workflow.run
    async def run(self, run: EndpointRun) -> None:
        while True:
            seen = self._wakes
            now = await self.deliver()
            if now.over and self._wakes == seen:
                await workflow.wait_condition(workflow.all_handlers_finished)
                return
            if workflow.info().is_continue_as_new_suggested():
                await workflow.wait_condition(workflow.all_handlers_finished)
                workflow.continue_as_new(run)
            await self.wait(now, seen)

    async def deliver(self) -> Standing:
        """Deliver what is due, and see where that leads."""
        now: Standing = await workflow.execute_activity(
            "deliver",
            self._run,
            result_type=Standing,
            start_to_close_timeout=timedelta(seconds=90),
            heartbeat_timeout=timedelta(seconds=15),
            retry_policy=_RETRY,
            priority=self._priority,
            summary="Delivers what is due, in order for each cycle",
        )
        self.show(now)
        return now

    async def wait(self, now: Standing, seen: int) -> None:
        """Sleep until a wake, or until the next attempt is due."""
        timeout = summary = None
        if now.next_at is not None:
            timeout = max(now.next_at - now.now, _GRACE)
            summary = f"Tries again at {now.next_at:%Y-%m-%d %H:%M:%S} UTC; {now.waiting} wait"
        try:
            await workflow.wait_condition(
                lambda: self._wakes > seen, timeout=timeout, timeout_summary=summary
            )
        except asyncio.TimeoutError:  # noqa: UP041 - the SDK raises asyncio's
            return

    def show(self, now: Standing) -> None:
        """Tell ops where it stands: counts and dates only."""
        stage = "over" if now.over else "failing" if now.failing_since else "delivering"
        lines = [f"### Webhook: {stage}", "", f"- {now.waiting} events wait"]
        if now.failing_since is not None:
            lines.append(f"- It fails since {now.failing_since:%Y-%m-%d %H:%M:%S} UTC")
        if now.next_at is not None:
            lines.append(f"- Next attempt: {now.next_at:%Y-%m-%d %H:%M:%S} UTC")
        lines += ["", f"Webhook `{self._run.webhook}` of tenant `{self._run.tenant}`."]
        workflow.set_current_details("\n".join(lines))
        if self._shown != (stage, now.next_at):
            self._shown = (stage, now.next_at)
            due = DUE.value_set(now.next_at) if now.next_at else DUE.value_unset()
            workflow.upsert_search_attributes([STAGE.value_set(stage), due])

    @workflow.signal(name=WAKE)
    def wake(self) -> None:
        """There may be something new for this webhook."""
        self._wakes += 1

    @workflow.update(
        name="skip", description="Gives one delivery up, so that those behind it can go"
    )
    async def skip(self, skip: Skip) -> str:
        """Give one delivery up, on the word of somebody from ops; it is recorded."""
        told: str = await workflow.execute_activity(
            "skip_delivery",
            SkipDelivery(self._run, skip),
            result_type=str,
            start_to_close_timeout=timedelta(seconds=20),
            retry_policy=_RETRY,
            summary=f"Gives up delivery {skip.position}",
        )
        self._wakes += 1
        return told

    @skip.validator
    def _check_skip(self, skip: Skip) -> None:
        if skip.position < 1 or not re.fullmatch(r"[A-Za-z0-9._-]{1,64}", skip.by):
            raise ApplicationError(
                'Name a delivery and yourself: {"position": 17, "by": "jd"}', non_retryable=True
            )

    @property
    def _priority(self) -> Priority:
        return Priority(priority_key=3, fairness_key=self._run.tenant[:64])
