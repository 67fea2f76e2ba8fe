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
from workflows.messages import BATCH_QUEUE, KEEPING_QUEUE, MAIL_QUEUE, TASK_QUEUE
from workflows.webhook_messages import DELIVERY_QUEUE
from workflows.worker import open_client

_SECONDS = 5
_PREPARE = "cairn deploy prepare-temporal"
_QUEUES = (TASK_QUEUE, MAIL_QUEUE, BATCH_QUEUE, KEEPING_QUEUE, DELIVERY_QUEUE)


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
    """How many work on each queue: a worker may have been given some of them alone."""
    found = await asyncio.gather(*(workers_on(client, queue) for queue in _QUEUES))
    counts = dict(zip(_QUEUES, found, strict=True))
    if idle := [queue for queue, count in counts.items() if not count]:
        what = f"nobody works on these queues: {', '.join(idle)}"
        return Finding("workers", "wrong", what, "cairn serve worker")
    told = ", ".join(f"{count} on {queue}" for queue, count in counts.items())
    return Finding("workers", "fine", told)


async def workers_on(client: Client, queue: str) -> int:
    """How many work on a queue, by their activities, which each queue has."""
    described = await client.workflow_service.describe_task_queue(
        DescribeTaskQueueRequest(
            namespace=client.namespace,
            task_queue=TaskQueue(name=queue),
            task_queue_type=TaskQueueType.TASK_QUEUE_TYPE_ACTIVITY,
        )
    )
    return len({poller.identity for poller in described.pollers})
