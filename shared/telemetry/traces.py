"""Traces by OpenTelemetry: a few spans set by hand, attributes of a closed list.

What is recorded carries the trace of its append (`Meta.trace`); whoever reads it later goes on from
there. The provider is our own and not the global one, so that no library adds spans by itself.
Without an endpoint there are none.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from opentelemetry import trace
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import SpanLimits, TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor, SpanExporter
from opentelemetry.sdk.trace.sampling import ParentBased, TraceIdRatioBased
from opentelemetry.trace import Link, NoOpTracer, Span, SpanKind, Status, StatusCode, Tracer
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

from shared.telemetry.metrics import SPANS_DROPPED

ATTRIBUTES = {
    "activity": "cairn.activity",
    "attempt": "cairn.attempt",
    "events": "cairn.events",
    "follower": "cairn.follower",
    "method": "http.request.method",
    "people": "cairn.people",
    "position": "cairn.position",
    "route": "http.route",
    "status": "http.response.status_code",
    "step": "cairn.step",
    "tenant": "cairn.tenant",
    "types": "cairn.types",
    "workflow": "cairn.workflow",
}
"""Everything that a span may tell, and its name in OpenTelemetry; values are ids, codes and numbers."""

Value = str | int | float | Sequence[str]

_propagator = TraceContextTextMapPropagator()
_LIMITS = SpanLimits(max_span_attribute_length=128, max_span_attributes=16)


class Tracing:
    """This process's tracer: none until it is set up."""

    def __init__(self) -> None:
        self._tracer: Tracer = NoOpTracer()
        self._provider: TracerProvider | None = None

    @property
    def is_on(self) -> bool:
        return self._provider is not None

    @property
    def tracer(self) -> Tracer:
        return self._tracer

    def set_up(self, role: str, version: str, exporter: SpanExporter, share: float = 1.0) -> None:
        """Send spans to an exporter; `share` of the traces that begin here, all that began elsewhere
        and were chosen there."""
        self._provider = TracerProvider(
            resource=Resource({"service.name": f"cairn-{role}", "service.version": version}),
            sampler=ParentBased(TraceIdRatioBased(share)),
            span_limits=_LIMITS,
            shutdown_on_exit=False,
        )
        self._provider.add_span_processor(BatchSpanProcessor(exporter))
        self._tracer = self._provider.get_tracer("cairn")

    def close(self) -> None:
        """Send what is left, and be off."""
        if self._provider is not None:
            self._provider.shutdown()
        self._provider, self._tracer = None, NoOpTracer()


TRACING = Tracing()
"""The one tracer of this process: spans are set in places that know nothing of each other."""


def set_up(role: str, version: str, endpoint: str | None, share: float = 1.0) -> None:
    """Export by OTLP over HTTP to `endpoint` (…/v1/traces), or nothing where there is none."""
    if endpoint is not None:
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter

        TRACING.set_up(role, version, OTLPSpanExporter(endpoint=endpoint, timeout=5), share)


@contextmanager
def span(
    name: str,
    *,
    parent: str | None = None,
    links: Sequence[str] = (),
    kind: SpanKind = SpanKind.INTERNAL,
    **attributes: Value | None,
) -> Iterator[Span]:
    """A span around what is done within; `parent` and `links` are traceparents of what led to it.

    A failure marks it by its kind, never by its text.
    """
    context = _propagator.extract({"traceparent": parent}) if parent else None
    with TRACING.tracer.start_as_current_span(
        name,
        context=context,
        kind=kind,
        attributes=listed(attributes),
        links=[Link(_context_of(each)) for each in links],
        record_exception=False,
        set_status_on_exception=False,
    ) as current:
        try:
            yield current
        except Exception as failure:
            current.set_status(Status(StatusCode.ERROR, type(failure).__name__))
            raise


def listed(attributes: dict[str, Value | None]) -> dict[str, Value]:
    """The attributes that are on the list, by their names in OpenTelemetry."""
    kept = {name: value for name, value in attributes.items() if value is not None}
    if unlisted := kept.keys() - ATTRIBUTES.keys():
        SPANS_DROPPED.inc(len(unlisted))
    return {ATTRIBUTES[name]: kept[name] for name in kept if name in ATTRIBUTES}


def traceparent() -> str | None:
    """The current span as others go on from it; None where nothing is traced."""
    carrier: dict[str, str] = {}
    if TRACING.is_on:
        _propagator.inject(carrier)
    return carrier.get("traceparent")


def _context_of(parent: str) -> trace.SpanContext:
    found = _propagator.extract({"traceparent": parent})
    return trace.get_current_span(found).get_span_context()
