"""Runs the cycles: which workflows and activities a worker process has, and what Temporal needs."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import timedelta

import structlog
from temporalio.api.enums.v1 import IndexedValueType
from temporalio.api.operatorservice.v1 import AddSearchAttributesRequest
from temporalio.client import Client
from temporalio.runtime import Runtime
from temporalio.service import RPCError, RPCStatusCode
from temporalio.worker import Interceptor, Worker

from workflows.activities import Activities
from workflows.career_cycle import CareerCycle
from workflows.messages import SEARCH_ATTRIBUTES, TASK_QUEUE
from workflows.watching import Watching

log = structlog.get_logger("cairn.worker")
_RETRY_SECONDS = 1.0
_TYPES = {
    "keyword": IndexedValueType.INDEXED_VALUE_TYPE_KEYWORD,
    "int": IndexedValueType.INDEXED_VALUE_TYPE_INT,
    "datetime": IndexedValueType.INDEXED_VALUE_TYPE_DATETIME,
}


async def connect(address: str, namespace: str, runtime: Runtime | None = None) -> Client:
    """Connect to Temporal; waits for it as long as it is away."""
    while True:
        try:
            return await Client.connect(
                address, namespace=namespace, runtime=runtime, interceptors=[Watching()]
            )
        except (RuntimeError, RPCError):
            log.warning("waits for Temporal", address=address)
            await asyncio.sleep(_RETRY_SECONDS)


async def prepare(client: Client) -> None:
    """Register the search attributes; safe to run again and again."""
    wanted = {
        key.name: _TYPES[str(key.indexed_value_type.name).lower()] for key in SEARCH_ATTRIBUTES
    }
    request = AddSearchAttributesRequest(namespace=client.namespace, search_attributes=wanted)
    while True:
        try:
            await client.operator_service.add_search_attributes(request)
        except RPCError as refused:
            if refused.status is RPCStatusCode.ALREADY_EXISTS:
                return
            log.warning("waits for Temporal", status=refused.status.name)
            await asyncio.sleep(_RETRY_SECONDS)
        else:
            return


def worker(
    client: Client, activities: Activities, interceptors: Sequence[Interceptor] = ()
) -> Worker:
    """A worker for the cycles; its cache holds those active at the same time."""
    return Worker(
        client,
        task_queue=TASK_QUEUE,
        workflows=[CareerCycle],
        activities=activities.all(),
        interceptors=interceptors,
        max_cached_workflows=500,
        max_concurrent_activities=50,
        max_concurrent_workflow_tasks=50,
        graceful_shutdown_timeout=timedelta(seconds=5),
    )
