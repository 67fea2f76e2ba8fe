"""Runs the cycles: which workflows and activities a worker process has, and what Temporal needs."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path

import structlog
from temporalio.api.enums.v1 import IndexedValueType
from temporalio.api.operatorservice.v1 import AddSearchAttributesRequest
from temporalio.client import Client
from temporalio.runtime import Runtime
from temporalio.service import RPCError, RPCStatusCode, TLSConfig
from temporalio.worker import Interceptor, Worker

from shared.settings import Settings
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


async def connect(settings: Settings, runtime: Runtime | None = None) -> Client:
    """Connect to Temporal; waits for it as long as it is away."""
    while True:
        try:
            return await open_client(settings, runtime)
        except (RuntimeError, RPCError):
            log.warning("waits for Temporal", address=settings.temporal_address)
            await asyncio.sleep(_RETRY_SECONDS)


async def open_client(settings: Settings, runtime: Runtime | None = None) -> Client:
    """Connect to Temporal now; raises what the SDK raises when it can't be reached."""
    key = _content(settings.temporal_api_key_file)
    return await Client.connect(
        settings.temporal_address,
        namespace=settings.temporal_namespace,
        runtime=runtime,
        interceptors=[Watching()],
        tls=_tls(settings),
        api_key=key.decode().strip() if key else None,
    )


def _tls(settings: Settings) -> TLSConfig | bool:
    authority = _content(settings.temporal_ca_file)
    own, key = _content(settings.temporal_cert_file), _content(settings.temporal_key_file)
    if authority is None and own is None:
        return settings.temporal_tls
    return TLSConfig(server_root_ca_cert=authority, client_cert=own, client_private_key=key)


def _content(file: Path | None) -> bytes | None:
    return file.read_bytes() if file is not None else None


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
