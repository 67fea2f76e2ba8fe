"""Spans tell ids, codes and numbers of a closed list; what is recorded carries its trace on."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.sdk.trace.export import SpanExporter, SpanExportResult

from console.bootstrap import House
from shared.telemetry.metrics import SPANS_DROPPED
from shared.telemetry.traces import TRACING, span, traceparent
from tests.conftest import Door

PARENT = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
ANA = {"name": "Ana Silva", "email": "ana@example.com"}


class Kept(SpanExporter):
    """Keeps what was sent to it."""

    def __init__(self) -> None:
        self.spans: list[ReadableSpan] = []

    def export(self, spans: object) -> SpanExportResult:
        self.spans += list(spans)  # type: ignore[call-overload]
        return SpanExportResult.SUCCESS

    def named(self, name: str) -> ReadableSpan:
        return next(each for each in self.sent() if each.name == name)

    def sent(self) -> list[ReadableSpan]:
        assert TRACING._provider is not None
        TRACING._provider.force_flush()
        return self.spans


@pytest.fixture
def kept() -> Iterator[Kept]:
    exporter = Kept()
    TRACING.set_up("api", "0", exporter)
    yield exporter
    TRACING.close()


def test_without_an_endpoint_nothing_is_traced() -> None:
    with span("append", tenant="acme"):
        assert traceparent() is None


def test_a_span_goes_on_from_its_parent(kept: Kept) -> None:
    with span("wake", parent=PARENT, tenant="acme"):
        on = traceparent()
    found = kept.named("wake")
    assert on is not None
    assert on.split("-")[1] == PARENT.split("-")[1]
    assert found.parent is not None
    assert f"{found.parent.span_id:016x}" == PARENT.split("-")[2]


def test_a_span_names_what_it_is_linked_to(kept: Kept) -> None:
    with span("activity look", links=[PARENT]):
        pass
    found = kept.named("activity look")
    assert found.parent is None
    assert f"{found.links[0].context.trace_id:032x}" == PARENT.split("-")[1]


def test_an_attribute_on_no_list_is_left_out_and_counted(kept: Kept) -> None:
    before = SPANS_DROPPED._value.get()
    with span("append", tenant="acme", answer="I want to grow"):
        pass
    assert dict(kept.named("append").attributes or {}) == {"cairn.tenant": "acme"}
    assert SPANS_DROPPED._value.get() == before + 1


def test_a_failure_is_told_by_its_kind(kept: Kept) -> None:
    with pytest.raises(ValueError, match="canary"), span("append"):
        raise ValueError("canary")
    found = kept.named("append")
    assert found.status.description == "ValueError"
    assert found.events == ()
    assert "canary" not in found.to_json()


async def test_a_request_is_one_trace_down_to_what_it_recorded(
    kept: Kept, door: Door, house: House, tenant: str
) -> None:
    headers = {"traceparent": PARENT}
    answer = await door("platform").put("/v1/people/ana", json=ANA, headers=headers)
    assert answer.status_code == 201
    request, append = kept.named("PUT /v1/people/{person}"), kept.named("append")
    assert f"{request.context.trace_id:032x}" == PARENT.split("-")[1]
    assert append.parent is not None
    assert append.parent.span_id == request.context.span_id
    assert append.attributes is not None
    assert append.attributes["cairn.types"] == ("people.registered",)
    subject = await house.record.vault.subject_of(tenant, "ana")
    assert subject is not None
    rows = await house.record.rows(tenant, subject)
    trace = house.record.read_facts(rows)[0].meta.trace
    assert trace is not None
    assert trace.split("-")[1:3] == [PARENT.split("-")[1], f"{append.context.span_id:016x}"]


async def test_nothing_that_was_sent_is_in_a_trace(kept: Kept, door: Door) -> None:
    platform = door("platform")
    await platform.put("/v1/people/canary-id", json={"name": "canary name", "email": "canary"})
    await platform.get("/v1/people/canary-id?canary=1")
    await platform.get("/v1/canary")
    told = [each for each in kept.sent() if "canary" in each.to_json()]
    assert kept.sent()
    assert told == []


async def test_without_traces_what_the_client_sent_is_recorded(
    door: Door, house: House, tenant: str
) -> None:
    await door("platform").put("/v1/people/ana", json=ANA, headers={"traceparent": PARENT})
    subject = await house.record.vault.subject_of(tenant, "ana")
    assert subject is not None
    rows = await house.record.rows(tenant, subject)
    assert house.record.read_facts(rows)[0].meta.trace == PARENT
