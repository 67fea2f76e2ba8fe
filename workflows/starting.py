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

_NORMAL, _BULK = 3, 5


@dataclass(frozen=True)
class Starting:
    """Starts what isn't running, and wakes what is; harmless as often as it is done."""

    client: Client

    async def cycle(self, tenant: str, person: str, *, bulk: bool = False) -> None:
        """Start or wake the workflow of a person's cycle."""
        await self.client.start_workflow(
            "CareerCycle",
            CycleRun(tenant, person),
            id=workflow_id(tenant, person),
            task_queue=TASK_QUEUE,
            id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
            start_signal=WAKE,
            static_summary="One person's career cycle; the details say whose turn it is",
            search_attributes=_of(tenant),
            priority=Priority(priority_key=_BULK if bulk else _NORMAL, fairness_key=tenant[:64]),
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
        await self.client.start_workflow(
            "BatchStart",
            BatchRun(tenant, batch),
            id=batch_id(tenant, batch),
            task_queue=BATCH_QUEUE,
            id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
            start_signal=WAKE,
            static_summary="Starts the cycles of a batch",
            search_attributes=_of(tenant),
            priority=Priority(priority_key=_BULK, fairness_key=tenant[:64]),
        )

    async def export(self, tenant: str, export: str) -> None:
        """Start writing a bundle, where that isn't under way."""
        await self.client.start_workflow(
            "Export",
            ExportRun(tenant, export),
            id=export_id(tenant, export),
            task_queue=KEEPING_QUEUE,
            id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
            static_summary="Writes a bundle for an auditor",
            search_attributes=_of(tenant),
            priority=Priority(priority_key=_BULK, fairness_key=tenant[:64]),
        )

    async def erasure(self, tenant: str, subject: str) -> None:
        """Start doing what a tombstone says, where that isn't under way."""
        await self.client.start_workflow(
            "Erasure",
            ErasureRun(tenant, subject),
            id=erasure_id(tenant, subject),
            task_queue=KEEPING_QUEUE,
            id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
            static_summary="Deletes what a tombstone on record covers",
            search_attributes=_of(tenant),
            priority=Priority(priority_key=_NORMAL, fairness_key=tenant[:64]),
        )


def _of(tenant: str) -> TypedSearchAttributes:
    return TypedSearchAttributes([SearchAttributePair(TENANT, tenant)])
