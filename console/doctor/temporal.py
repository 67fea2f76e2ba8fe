"""Temporal: reachable, prepared, and somebody works there."""

from __future__ import annotations

import asyncio

from temporalio.api.enums.v1 import TaskQueueType
from temporalio.api.taskqueue.v1 import TaskQueue
from temporalio.api.workflowservice.v1 import DescribeTaskQueueRequest
from temporalio.client import Client
from temporalio.service import RPCError

from console.deploying import days, missing_attributes, retention_of
from console.doctor.findings import Finding, Findings
from shared.settings import Settings
from workflows.messages import TASK_QUEUE
from workflows.worker import open_client

_SECONDS = 5
_PREPARE = "cairn deploy prepare-temporal"


async def look_at_temporal(settings: Settings) -> Findings:
    """Whether workflows can be started, seen and run."""
    where = f"{settings.temporal_address}, namespace {settings.temporal_namespace}"
    try:
        async with asyncio.timeout(_SECONDS):
            client = await open_client(settings)
            retention = await retention_of(client)
    except (RuntimeError, RPCError, OSError) as away:
        yield Finding(
            "temporal",
            "unreachable",
            f"{settings.temporal_address} can't be reached ({type(away).__name__})",
            "start Temporal there, or set CAIRN_TEMPORAL_ADDRESS to where it is",
        )
        return
    if retention is None:
        yield Finding("temporal", "wrong", f"at {where}: there is no such namespace", _PREPARE)
        return
    yield Finding("temporal", "fine", f"{where}, closed runs are kept {days(retention)}")
    if missing := await missing_attributes(client):
        what = f"search attributes aren't registered: {', '.join(missing)}"
        yield Finding("temporal", "wrong", what, _PREPARE)
    yield await _workers(client)


async def _workers(client: Client) -> Finding:
    described = await client.workflow_service.describe_task_queue(
        DescribeTaskQueueRequest(
            namespace=client.namespace,
            task_queue=TaskQueue(name=TASK_QUEUE),
            task_queue_type=TaskQueueType.TASK_QUEUE_TYPE_WORKFLOW,
        )
    )
    count = len({poller.identity for poller in described.pollers})
    if not count:
        what = f"nobody works on the queue {TASK_QUEUE}"
        return Finding("workers", "wrong", what, "cairn serve worker")
    return Finding("workers", "fine", f"{count} on the queue {TASK_QUEUE}")
