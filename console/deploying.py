"""Prepares a Temporal cluster: namespace, retention, search attributes, the first version of workers.

Safe to run at any time.
"""

from __future__ import annotations

import asyncio
from datetime import timedelta

import isodate
from google.protobuf.duration_pb2 import Duration
from temporalio.api.namespace.v1 import NamespaceConfig
from temporalio.api.operatorservice.v1 import ListSearchAttributesRequest
from temporalio.api.workflowservice.v1 import (
    DescribeNamespaceRequest,
    DescribeWorkerDeploymentRequest,
    RegisterNamespaceRequest,
    SetWorkerDeploymentCurrentVersionRequest,
    UpdateNamespaceRequest,
)
from temporalio.client import Client
from temporalio.service import RPCError, RPCStatusCode

from shared.errors import Invalid
from shared.settings import Settings
from workflows.messages import SEARCH_ATTRIBUTES
from workflows.version import build_id
from workflows.worker import DEPLOYMENT, open_client, prepare

_PATIENCE = 60


async def prepare_temporal(settings: Settings, retention: str) -> list[str]:
    """Bring the namespace to what Cairn needs; answers what was changed, in sentences."""
    wanted = _days(retention)
    client = await open_client(settings)
    done = []
    if (present := await retention_of(client)) is None:
        await _register(client, wanted)
        done.append(f"namespace {client.namespace} was made, closed runs are kept {days(wanted)}")
    elif present != wanted:
        await _keep(client, wanted)
        done.append(f"closed runs are kept {days(wanted)}")
    if missing := await missing_attributes(client):
        await prepare(client)
        done.append(f"search attributes were registered: {', '.join(missing)}")
    if settings.worker_versioning and not await current_version(client):
        await _begin_versions(client)
        done.append(f"new runs go to workers of version {build_id()}")
    return done


async def retention_of(client: Client) -> timedelta | None:
    """How long closed runs are kept; None where the namespace isn't there."""
    try:
        found = await client.workflow_service.describe_namespace(
            DescribeNamespaceRequest(namespace=client.namespace)
        )
    except RPCError as refused:
        if refused.status is RPCStatusCode.NOT_FOUND:
            return None
        raise
    return found.config.workflow_execution_retention_ttl.ToTimedelta()


async def missing_attributes(client: Client) -> list[str]:
    """The search attributes that aren't registered yet."""
    found = await client.operator_service.list_search_attributes(
        ListSearchAttributesRequest(namespace=client.namespace)
    )
    return [key.name for key in SEARCH_ATTRIBUTES if key.name not in found.custom_attributes]


async def current_version(client: Client) -> str | None:
    """The version of workers that new runs go to; None where there never was one."""
    request = DescribeWorkerDeploymentRequest(
        namespace=client.namespace, deployment_name=DEPLOYMENT
    )
    try:
        found = await client.workflow_service.describe_worker_deployment(request)
    except RPCError as refused:
        if refused.status is RPCStatusCode.NOT_FOUND:
            return None
        raise
    return found.worker_deployment_info.routing_config.current_deployment_version.build_id or None


async def _begin_versions(client: Client) -> None:
    """Without a current version no run would ever begin; those that follow are set by hand."""
    await client.workflow_service.set_worker_deployment_current_version(
        SetWorkerDeploymentCurrentVersionRequest(
            namespace=client.namespace,
            deployment_name=DEPLOYMENT,
            build_id=build_id(),
            identity=client.identity,
            allow_no_pollers=True,
        )
    )


async def _register(client: Client, retention: timedelta) -> None:
    await client.workflow_service.register_namespace(
        RegisterNamespaceRequest(
            namespace=client.namespace,
            description="Cairn: when something is due in people's cycles",
            workflow_execution_retention_period=_duration(retention),
        )
    )
    for _ in range(_PATIENCE):  # other frontends hear of it within seconds
        try:
            await missing_attributes(client)
        except RPCError as refused:
            if refused.status is not RPCStatusCode.NOT_FOUND:
                raise
            await asyncio.sleep(1)
        else:
            return


async def _keep(client: Client, retention: timedelta) -> None:
    await client.workflow_service.update_namespace(
        UpdateNamespaceRequest(
            namespace=client.namespace,
            config=NamespaceConfig(workflow_execution_retention_ttl=_duration(retention)),
        )
    )


def days(period: timedelta) -> str:
    """A time as it is told."""
    return f"{period.days} day{'' if period.days == 1 else 's'}"


def _duration(period: timedelta) -> Duration:
    duration = Duration()
    duration.FromTimedelta(period)
    return duration


def _days(text: str) -> timedelta:
    try:
        period = isodate.parse_duration(text)
    except (isodate.ISO8601Error, ValueError):
        period = None
    if not isinstance(period, timedelta) or period < timedelta(days=1):
        raise Invalid(f"--retention {text!r} is not a time of a day or more, such as P30D")
    return period
