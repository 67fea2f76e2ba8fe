"""Starts and wakes workflows: the one place that knows their ids, queues and priorities."""

from __future__ import annotations

from dataclasses import dataclass

from temporalio.client import Client
from temporalio.common import (
    Priority,
    SearchAttributePair,
    TypedSearchAttributes,
    WorkflowIDConflictPolicy,
)
from temporalio.service import RPCError, RPCStatusCode

from workflows.messages import (
    BATCH_QUEUE,
    KEEPING_QUEUE,
    TASK_QUEUE,
    TENANT,
    WAKE,
    BatchRun,
    CycleRun,
    ErasureRun,
    ExportRun,
    batch_id,
    erasure_id,
    export_id,
    workflow_id,
)
from workflows.webhook_messages import DELIVERY_QUEUE, EndpointRun, endpoint_workflow_id

_NORMAL, _BULK = 3, 5


@dataclass(frozen=True)
class Starting:
    """Starts what isn't running, and wakes what is; harmless as often as it is done."""

    client: Client

    async def cycle(self, tenant: str, person: str, *, bulk: bool = False) -> None:
        """Start or wake the workflow of a person's cycle."""
        await self._start(
            "CareerCycle",
            CycleRun(tenant, person),
            workflow_id(tenant, person),
            TASK_QUEUE,
            "One person's career cycle; the details say whose turn it is",
            _BULK if bulk else _NORMAL,
        )

    async def wake(self, tenant: str, person: str) -> None:
        """Wake a person's cycle where there is one."""
        handle = self.client.get_workflow_handle(workflow_id(tenant, person))
        try:
            await handle.signal(WAKE)
        except RPCError as refused:
            if refused.status is not RPCStatusCode.NOT_FOUND:  # nobody's cycle: nothing to wake
                raise

    async def batch(self, tenant: str, batch: str) -> None:
        """Start or wake the workflow of a batch."""
        run, what = BatchRun(tenant, batch), "Starts the cycles of a batch"
        await self._start("BatchStart", run, batch_id(tenant, batch), BATCH_QUEUE, what, _BULK)

    async def webhook(self, tenant: str, webhook: str) -> None:
        """Start or wake the workflow that delivers to a webhook."""
        run, id_ = EndpointRun(tenant, webhook), endpoint_workflow_id(tenant, webhook)
        await self._start("WebhookDelivery", run, id_, DELIVERY_QUEUE, "Delivers to a webhook")

    async def export(self, tenant: str, export: str) -> None:
        """Start writing a bundle, where that isn't under way."""
        run, what = ExportRun(tenant, export), "Writes a bundle for an auditor"
        id_ = export_id(tenant, export)
        await self._start("Export", run, id_, KEEPING_QUEUE, what, _BULK, wake=None)

    async def erasure(self, tenant: str, subject: str) -> None:
        """Start doing what a tombstone says, where that isn't under way."""
        run, what = ErasureRun(tenant, subject), "Deletes what a tombstone on record covers"
        id_ = erasure_id(tenant, subject)
        await self._start("Erasure", run, id_, KEEPING_QUEUE, what, wake=None)

    async def _start(
        self,
        workflow: str,
        run: CycleRun | BatchRun | EndpointRun | ExportRun | ErasureRun,
        id_: str,
        queue: str,
        what: str,
        priority: int = _NORMAL,
        wake: str | None = WAKE,
    ) -> None:
        """Start it, or send what wakes it where it runs; `what` it does is said in Temporal's UI."""
        await self.client.start_workflow(
            workflow,
            run,
            id=id_,
            task_queue=queue,
            id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
            start_signal=wake,
            static_summary=what,
            search_attributes=TypedSearchAttributes([SearchAttributePair(TENANT, run.tenant)]),
            priority=Priority(priority_key=priority, fairness_key=run.tenant[:64]),
        )
