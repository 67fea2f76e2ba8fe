"""What the workflow of a webhook does in the world: deliver for some seconds, or give something up."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable, Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

from temporalio import activity
from temporalio.client import Client
from temporalio.worker import Interceptor, Worker, WorkflowRunner

from services.integration.application import Webhooks
from services.integration.sender import Sender
from shared.errors import Refusal
from shared.eventstore.record import Command, Record
from shared.principal import workflow
from workflows.webhook_delivery import WebhookDelivery
from workflows.webhook_messages import DELIVERY_QUEUE, EndpointRun, SkipDelivery, Standing
from workflows.worker import OPEN

_BEAT_SECONDS = 4.0


class DeliveryActivities:
    """Use cases of the integration service, safe to repeat."""

    def __init__(self, record: Record, sender: Sender, webhooks: Webhooks) -> None:
        self._record = record
        self._sender = sender
        self._webhooks = webhooks

    def all(self) -> Sequence[Callable[..., Any]]:
        """What a worker registers."""
        return [self.deliver, self.skip_delivery]

    @activity.defn(name="deliver")
    async def deliver(self, run: EndpointRun) -> Standing:
        """Deliver what is due."""
        async with _beating():
            outcome = await self._sender.deliver(run.tenant, UUID(run.webhook))
        return Standing(
            over=outcome.over,
            next_at=outcome.next_at,
            now=self._record.clock.now(),
            waiting=outcome.waiting,
            failing_since=outcome.failing_since,
        )

    @activity.defn(name="skip_delivery")
    async def skip_delivery(self, wanted: SkipDelivery) -> str:
        """Give a delivery up; answers what came of it."""
        run, skip = wanted.run, wanted.skip
        command = Command(
            by=workflow(run.tenant, "WebhookDelivery"),
            at=self._record.clock.now(),
            on_behalf_of=f"ops:{skip.by}",
            step=f"skip/{skip.position}/{activity.info().activity_id}",
        )
        try:
            await self._webhooks.skip_delivery(command, UUID(run.webhook), skip.position)
        except Refusal as refused:
            return refused.detail
        return f"delivery {skip.position} is given up"


def delivery_worker(
    client: Client,
    activities: DeliveryActivities,
    interceptors: Sequence[Interceptor] = (),
    runner: WorkflowRunner = OPEN,
) -> Worker:
    """A worker for webhooks, on a queue of its own: slow receivers hold no cycle up."""
    return Worker(
        client,
        task_queue=DELIVERY_QUEUE,
        workflows=[WebhookDelivery],
        workflow_runner=runner,
        activities=activities.all(),
        interceptors=interceptors,
        max_cached_workflows=200,
        max_concurrent_activities=50,
        max_concurrent_workflow_tasks=20,
        graceful_shutdown_timeout=timedelta(seconds=5),
    )


@contextlib.asynccontextmanager
async def _beating() -> AsyncIterator[None]:
    """Tell Temporal every few seconds that this still goes on."""

    async def beat() -> None:
        while True:
            activity.heartbeat()
            await asyncio.sleep(_BEAT_SECONDS)

    beats = asyncio.create_task(beat())
    try:
        yield
    finally:
        beats.cancel()
