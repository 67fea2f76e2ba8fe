"""What is counted of requests, and who may see it."""

from __future__ import annotations

import json

import httpx2
import pytest
from fastapi import FastAPI
from prometheus_client import REGISTRY

from console.app import create_app, provide
from console.bootstrap import House
from shared.settings import Settings
from shared.telemetry.asgi import Seen
from shared.tokens import Issuer
from tests.conftest import Door

ANA = {"name": "Ana Silva", "email": "ana@example.com"}


def counted(name: str, **labels: str) -> float:
    return REGISTRY.get_sample_value(name, labels) or 0.0


async def test_requests_are_counted_by_the_route_as_it_is_declared(door: Door) -> None:
    route = {"method": "PUT", "route": "/v1/people/{person}", "status": "201"}
    before = counted("cairn_http_requests_total", **route)
    assert (await door("platform").put("/v1/people/ana", json=ANA)).status_code == 201
    assert counted("cairn_http_requests_total", **route) == before + 1


async def test_an_address_that_is_none_and_a_method_that_is_none_make_no_label(door: Door) -> None:
    await door("platform").request("GET", "/canary-of-a-path")
    await door("platform").request("CANARY", "/v1/people")
    labels = [str(sample.labels) for metric in REGISTRY.collect() for sample in metric.samples]
    assert not any("canary" in label.lower() for label in labels)


async def test_trace_is_no_method(door: Door) -> None:
    assert (await door("platform").request("TRACE", "/v1/people")).status_code == 405


async def test_what_is_not_allowed_is_counted_and_logged(
    door: Door, capsys: pytest.CaptureFixture[str]
) -> None:
    before = counted("cairn_refused_total")
    answer = await door("employee", "ana").put("/v1/policy", json={"cadence": "P1Y"})
    assert answer.status_code == 403
    assert counted("cairn_refused_total") == before + 1
    assert "not allowed" in capsys.readouterr().err


async def test_a_request_that_fails_is_a_500_in_the_figures() -> None:
    async def fail() -> None:
        raise ValueError("canary")

    app = FastAPI()
    app.add_api_route("/fails", fail)
    app.add_middleware(Seen)
    transport = httpx2.ASGITransport(app=app, raise_app_exceptions=False)
    async with httpx2.AsyncClient(transport=transport, base_url="http://cairn") as client:
        assert (await client.get("/fails")).status_code == 500
    assert counted("cairn_http_requests_total", method="GET", route="/fails", status="500") == 1


async def test_appends_and_events_are_counted(door: Door) -> None:
    kind = {"type": "people.registered"}
    before = counted("cairn_events_recorded_total", **kind)
    appends = counted("cairn_append_seconds_count")
    await door("platform").put("/v1/people/ana", json=ANA)
    assert counted("cairn_events_recorded_total", **kind) == before + 1
    assert counted("cairn_append_seconds_count") > appends


async def test_on_this_machine_metrics_need_no_token(door: Door) -> None:
    answer = await door().get("/metrics")
    assert answer.status_code == 200
    assert "cairn_append_seconds_bucket" in answer.text


@pytest.mark.parametrize(("role", "status"), [("", 401), ("platform", 403), ("ops", 200)])
async def test_beyond_this_machine_they_are_for_ops(
    settings: Settings, house: House, issuer: Issuer, tenant: str, role: str, status: int
) -> None:
    app = create_app(settings.model_copy(update={"api_host": "0.0.0.0"}))
    app.state.given = provide(house, issuer, settings)
    headers = {}
    if role:
        headers["Authorization"] = f"Bearer {issuer.issue(tenant, [role], None, 600)}"
    async with httpx2.AsyncClient(
        transport=httpx2.ASGITransport(app=app), base_url="http://cairn", headers=headers
    ) as client:
        answer = await client.get("/metrics")
    assert answer.status_code == status
    if status != 200:
        assert json.loads(answer.text)["status"] == status
