"""Runs the workflows: which of them, with which activities, and what Temporal needs for it."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import structlog
from temporalio.api.enums.v1 import IndexedValueType
from temporalio.api.operatorservice.v1 import AddSearchAttributesRequest
from temporalio.client import Client
from temporalio.common import VersioningBehavior, WorkerDeploymentVersion
from temporalio.converter import DataConverter
from temporalio.runtime import Runtime
from temporalio.service import RPCError, RPCStatusCode, TLSConfig
from temporalio.worker import (
    Interceptor,
    UnsandboxedWorkflowRunner,
    Worker,
    WorkerDeploymentConfig,
    WorkflowRunner,
)

from shared.eventstore.rootkeys import RootKey
from shared.settings import Settings
from workflows.activities import Activities
from workflows.batch_start import BatchStart
from workflows.batching import AT_A_TIME, Batching
from workflows.career_cycle import CareerCycle
from workflows.codec import converter
from workflows.keeping import Keeping
from workflows.messages import (
    BATCH_QUEUE,
    KEEPING_QUEUE,
    MAIL_QUEUE,
    SEARCH_ATTRIBUTES,
    TASK_QUEUE,
)
from workflows.posting import Posting
from workflows.privacy import Checkpointing, Erasure, Export, Retention
from workflows.quiet import Quiet
from workflows.reconcile import Reconcile
from workflows.reconciler import Reconciler
from workflows.version import build_id
from workflows.watching import Watching

log = structlog.get_logger("cairn.worker")
DEPLOYMENT = "cairn"
OPEN = UnsandboxedWorkflowRunner()
"""A third of what a cycle costs a worker would go into a sandbox for each run."""
_RETRY_SECONDS = 1.0
_STOP = timedelta(seconds=5)
_TYPES = {
    "keyword": IndexedValueType.INDEXED_VALUE_TYPE_KEYWORD,
    "int": IndexedValueType.INDEXED_VALUE_TYPE_INT,
    "datetime": IndexedValueType.INDEXED_VALUE_TYPE_DATETIME,
}


async def connect(settings: Settings, root: RootKey, runtime: Runtime | None = None) -> Client:
    """Connect to Temporal; waits for it as long as it is away."""
    while True:
        try:
            return await open_client(settings, root, runtime)
        except (RuntimeError, RPCError):
            log.warning("waits for Temporal", address=settings.temporal_address)
            await asyncio.sleep(_RETRY_SECONDS)


async def open_client(
    settings: Settings, root: RootKey | None = None, runtime: Runtime | None = None
) -> Client:
    """Connect to Temporal now; raises what the SDK raises when it can't be reached.

    Without the root key it can look after workflows, but neither start them nor read what they hold.
    """
    key = _content(settings.temporal_api_key_file)
    return await Client.connect(
        settings.temporal_address,
        namespace=settings.temporal_namespace,
        data_converter=converter(root) if root else DataConverter.default,
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
    for key in SEARCH_ATTRIBUTES:
        kind = _TYPES[str(key.indexed_value_type.name).lower()]
        await _register(client, {key.name: kind})


async def _register(client: Client, wanted: dict[str, IndexedValueType.ValueType]) -> None:
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


@dataclass(frozen=True)
class Hands:
    """Everything that workflows do in the world."""

    cycles: Activities
    posting: Posting
    batching: Batching
    reconciler: Reconciler
    keeping: Keeping


def workers(
    client: Client,
    hands: Hands,
    interceptors: Sequence[Interceptor] = (),
    *,
    versioned: bool = False,
    batch_rate: float = 200.0,
    runner: WorkflowRunner = OPEN,
) -> list[Worker]:
    """A worker for each kind of work, so that none waits for another: cycles, mail, batches, keeping.

    `versioned` pins runs to the code that they began with, until they go on in a new one; `batch_rate`
    is how many cycles batches start a second, all tenants together. The tests' `runner` is a sandbox
    that refuses what a replay couldn't repeat.
    """
    version = WorkerDeploymentVersion(DEPLOYMENT, build_id())
    pinned = WorkerDeploymentConfig(version, versioned, VersioningBehavior.PINNED)
    deployment = pinned if versioned else None
    quiet = [*interceptors, Quiet()]
    return [
        _cycles(client, hands, quiet, deployment, runner),
        _mail(client, hands, quiet),
        _batches(client, hands, quiet, deployment, batch_rate, runner),
        _keeping(client, hands, quiet, runner),
    ]


def _cycles(
    client: Client,
    hands: Hands,
    interceptors: Sequence[Interceptor],
    deployment: WorkerDeploymentConfig | None,
    runner: WorkflowRunner,
) -> Worker:
    """The cache holds the cycles that are active at the same time, not those that sleep."""
    return Worker(
        client,
        task_queue=TASK_QUEUE,
        workflows=[CareerCycle, Reconcile],
        workflow_runner=runner,
        activities=[*hands.cycles.all(), hands.posting.give_up, *hands.reconciler.all()],
        interceptors=interceptors,
        deployment_config=deployment,
        max_cached_workflows=100,
        max_concurrent_activities=50,
        max_concurrent_workflow_tasks=50,
        graceful_shutdown_timeout=_STOP,
    )


def _mail(client: Client, hands: Hands, interceptors: Sequence[Interceptor]) -> Worker:
    return Worker(
        client,
        task_queue=MAIL_QUEUE,
        activities=hands.posting.all(),
        interceptors=interceptors,
        max_concurrent_activities=20,
        graceful_shutdown_timeout=_STOP,
    )


def _batches(
    client: Client,
    hands: Hands,
    interceptors: Sequence[Interceptor],
    deployment: WorkerDeploymentConfig | None,
    rate: float,
    runner: WorkflowRunner,
) -> Worker:
    """The rate is Temporal's own, over all workers, so that tenants take turns fairly."""
    return Worker(
        client,
        task_queue=BATCH_QUEUE,
        workflows=[BatchStart],
        workflow_runner=runner,
        activities=hands.batching.all(),
        interceptors=interceptors,
        deployment_config=deployment,
        max_cached_workflows=50,
        max_concurrent_activities=4,
        max_task_queue_activities_per_second=rate / AT_A_TIME,
        graceful_shutdown_timeout=_STOP,
    )


def _keeping(
    client: Client, hands: Hands, interceptors: Sequence[Interceptor], runner: WorkflowRunner
) -> Worker:
    """Long work for auditors and data protection, little of it at once."""
    return Worker(
        client,
        task_queue=KEEPING_QUEUE,
        workflows=[Checkpointing, Erasure, Export, Retention],
        workflow_runner=runner,
        activities=hands.keeping.all(),
        interceptors=interceptors,
        max_cached_workflows=20,
        max_concurrent_activities=4,
        graceful_shutdown_timeout=_STOP,
    )


async def run(running: Sequence[Worker]) -> None:
    """Run them all until cancelled, or until one fails."""
    await asyncio.gather(*(each.run() for each in running))
