"""Carries the trace from a wake through the workflow into its activities.

A cycle lives for years, so its trace isn't the workflow's: each wake brings the trace of what was
recorded, and the activities that it leads to go on from there. What a timer begins later is a trace
of its own, linked to that one. The workflow itself only passes on what its history holds, so that it
replays with and without traces.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from opentelemetry.trace import SpanKind
from temporalio import activity, client, worker, workflow
from temporalio.api.common.v1 import Payload
from temporalio.converter import PayloadConverter

from shared.telemetry.traces import span, traceparent

Headers = Mapping[str, Payload]

_PARENT, _LINK = "cairn-trace", "cairn-trace-link"
_NOTE = "cairn_note_wake"
_LEADS_TO = timedelta(minutes=1)
_payloads = PayloadConverter.default


class Watching(client.Interceptor, worker.Interceptor):
    """For a client, and for the workers that are built on it."""

    def intercept_client(self, next: client.OutboundInterceptor) -> client.OutboundInterceptor:
        return _Sending(next)

    def intercept_activity(
        self, next: worker.ActivityInboundInterceptor
    ) -> worker.ActivityInboundInterceptor:
        return _Acting(next)

    def workflow_interceptor_class(
        self, input: worker.WorkflowInterceptorClassInput
    ) -> type[worker.WorkflowInboundInterceptor]:
        input.unsafe_extern_functions[_NOTE] = _note_wake
        return _Passing


class _Sending(client.OutboundInterceptor):
    """Sends the current trace with a start and a signal."""

    async def start_workflow(
        self, input: client.StartWorkflowInput
    ) -> client.WorkflowHandle[Any, Any]:
        input.headers = _with_trace(input.headers)
        return await super().start_workflow(input)

    async def signal_workflow(self, input: client.SignalWorkflowInput) -> None:
        input.headers = _with_trace(input.headers)
        await super().signal_workflow(input)


class _Passing(worker.WorkflowInboundInterceptor):
    """In the workflow: the trace of the last wake goes to the activities that follow it."""

    def init(self, outbound: worker.WorkflowOutboundInterceptor) -> None:
        self._outbound = _Leading(outbound)
        super().init(self._outbound)

    async def execute_workflow(self, input: worker.ExecuteWorkflowInput) -> Any:
        self._outbound.woken_by(input.headers)
        return await super().execute_workflow(input)

    async def handle_signal(self, input: worker.HandleSignalInput) -> None:
        self._outbound.woken_by(input.headers)
        await super().handle_signal(input)


class _Leading(worker.WorkflowOutboundInterceptor):
    def __init__(self, next: worker.WorkflowOutboundInterceptor) -> None:
        super().__init__(next)
        self._trace: Payload | None = None
        self._since = datetime.min.replace(tzinfo=UTC)

    def woken_by(self, headers: Headers) -> None:
        """Go on from the trace of this wake, if it has one."""
        trace = headers.get(_PARENT)
        if trace is None:
            return
        self._since = workflow.now()
        if not workflow.unsafe.is_replaying():
            trace = workflow.extern_functions()[_NOTE](trace, workflow.info().workflow_type)
        self._trace = trace

    def start_activity(self, input: worker.StartActivityInput) -> workflow.ActivityHandle[Any]:
        if self._trace is not None:
            soon = workflow.now() - self._since < _LEADS_TO
            key = _PARENT if soon else _LINK
            input.headers = {**input.headers, key: self._trace}
        return super().start_activity(input)


class _Acting(worker.ActivityInboundInterceptor):
    """Around an activity: its span."""

    async def execute_activity(self, input: worker.ExecuteActivityInput) -> Any:
        info = activity.info()
        linked = _trace_in(input.headers, _LINK)
        with span(
            f"activity {info.activity_type}",
            parent=_trace_in(input.headers, _PARENT),
            links=[linked] if linked else [],
            kind=SpanKind.CONSUMER,
            activity=info.activity_type,
            attempt=info.attempt,
        ):
            return await super().execute_activity(input)


def _note_wake(trace: Payload, workflow_type: str) -> Payload:
    """Outside of the sandbox: one span for the wake, and the trace as it goes on from it."""
    with span(
        f"workflow {workflow_type} woken",
        parent=_payloads.from_payloads([trace])[0],
        kind=SpanKind.CONSUMER,
        workflow=workflow_type,
    ):
        on = traceparent()
    return _payloads.to_payloads([on])[0] if on else trace


def _with_trace(headers: Headers) -> Headers:
    on = traceparent()
    return {**headers, _PARENT: _payloads.to_payloads([on])[0]} if on else headers


def _trace_in(headers: Headers, key: str) -> str | None:
    return str(_payloads.from_payloads([headers[key]])[0]) if key in headers else None
