"""A running Cairn as others look at it: one trace from a request to the next step, metrics, logs."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator
from pathlib import Path

import httpx2
import pytest

from console.generations import GENERATION
from shared.telemetry.traces import ATTRIBUTES
from tests.console.collector import Collector, Span
from tests.console.test_up import Running, cycle_of, until


@pytest.fixture(scope="module")
def collector() -> Iterator[Collector]:
    made = Collector()
    yield made
    made.close()


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory, collector: Collector) -> Iterator[Running]:
    """`cairn up` that sends its traces, and a cycle whose conversation was concluded."""
    made = Running(
        tmp_path_factory.mktemp("watched"),
        CAIRN_OTLP_ENDPOINT=collector.endpoint,
        OTEL_BSP_SCHEDULE_DELAY="300",
    )
    made.start()
    assert (made.folder / "cairn.json").exists(), made.stop()
    _, ana, cycle = made.began("acme")
    conversation = until(lambda: cycle_of(ana, cycle)["conversation"])
    until(lambda: any(span.name == "activity advance" for span in list(collector.spans)))
    at = f"/v1/conversations/{conversation}"
    ana.put(f"{at}/answers/impact", json={"text": "canary-answer"}).raise_for_status()
    ana.put(f"{at}/direction", json={"direction": "expand"}).raise_for_status()
    ana.post(f"{at}:conclude", json={"meeting": "waived"}).raise_for_status()
    until(lambda: cycle_of(ana, cycle)["plan"])
    yield made
    made.stop()


def metrics_of(running: Running, role: str) -> dict[str, float]:
    text = httpx2.get(running.state["metrics_urls"][role]).raise_for_status().text
    lines = [line for line in text.splitlines() if line and not line.startswith("#")]
    return {line.rpartition(" ")[0]: float(line.rpartition(" ")[2]) for line in lines}


def concluding(collector: Collector) -> list[Span]:
    """The trace that begins with concluding the conversation, once it has come to the next step."""

    def whole() -> list[Span] | None:
        for spans in collector.traces().values():
            names = [span.name for span in spans]
            if any(":conclude" in name for name in names) and names.count("append") >= 3:
                ids = {span.id for span in spans}
                arrived = all(not span.parent or span.parent in ids for span in spans)
                there = {"wake", "step open_planning"} <= set(names)
                return spans if arrived and there else None
        return None

    found: list[Span] = until(whole, seconds=30)
    return found


def test_one_trace_leads_from_the_request_to_the_next_step(
    running: Running, collector: Collector
) -> None:
    spans = concluding(collector)
    by_id = {span.id: span for span in spans}

    def ancestors(span: Span) -> list[str]:
        names = []
        while span.parent in by_id:
            span = by_id[span.parent]
            names.append(f"{span.service} {span.name}")
        return names

    step = next(span for span in spans if span.name == "step open_planning")
    last = [s for s in spans if s.name == "append" and s.parent == step.id][-1]
    assert ancestors(last) == [
        "cairn-worker step open_planning",
        "cairn-worker activity advance",
        "cairn-worker workflow CareerCycle woken",
        "cairn-relay wake",
        "cairn-api append",
        "cairn-api POST /v1/conversations/{id}:conclude",
    ]


def test_spans_tell_only_what_is_on_the_list(running: Running, collector: Collector) -> None:
    concluding(collector)
    told = {name for span in collector.spans for name in span.attributes}
    assert told <= set(ATTRIBUTES.values())
    bodies = b"".join(collector.bodies)
    for word in (b"canary-answer", b"Ana", b"example.com"):
        assert word not in bodies


def test_each_role_tells_its_metrics(running: Running) -> None:
    api, worker, relay = (metrics_of(running, role) for role in ("api", "worker", "relay"))
    assert api['cairn_events_recorded_total{type="conversation.concluded"}'] == 1
    assert api["cairn_append_seconds_count"] > 3
    route = 'method="PUT",route="/v1/conversations/{id}/answers/{question}",status="200"'
    assert api[f"cairn_http_requests_total{{{route}}}"] == 1
    assert relay["cairn_wakes_total"] >= 2
    assert relay[f'cairn_follower_active{{follower="{GENERATION}"}}'] == 1
    assert until(
        lambda: 'cairn_follower_lag_events{follower="relay"}' in metrics_of(running, "relay")
    )
    assert worker['cairn_steps_total{outcome="taken",step="open_planning"}'] == 1
    assert any(name.startswith("temporal_workflow_task") for name in worker)


def test_the_relay_says_how_far_its_followers_are_behind(running: Running) -> None:
    def caught_up() -> bool:
        relay = metrics_of(running, "relay")
        lags = [v for name, v in relay.items() if name.startswith("cairn_follower_lag_events{")]
        return len(lags) == 5 and sum(lags) == 0

    assert until(caught_up)


def test_worker_and_relay_answer_probes(running: Running) -> None:
    for role in ("worker", "relay"):
        base = running.state["metrics_urls"][role].removesuffix("/metrics")
        assert httpx2.get(f"{base}/healthz").json() == {"status": "ok"}
        assert httpx2.get(f"{base}/readyz").json() == {"status": "ready"}


def test_a_bad_token_is_counted_and_logged_without_its_text(running: Running) -> None:
    before = metrics_of(running, "api")["cairn_auth_failures_total"]
    url = f"{running.state['api_url']}/v1/people/canary-person"
    assert httpx2.get(url, headers={"Authorization": "Bearer canary-token"}).status_code == 401
    assert metrics_of(running, "api")["cairn_auth_failures_total"] == before + 1
    text = (running.folder / "logs" / "api.log").read_text()
    assert "no good token" in text
    assert "canary" not in text


def test_every_line_of_every_log_is_json_and_lost_nothing(running: Running) -> None:
    logs = [running.folder / "logs" / f"{role}.log" for role in ("api", "worker", "relay")]
    lines = [json.loads(line) for log in logs for line in log.read_text().splitlines()]
    assert lines
    assert [line for line in lines if "dropped" in line] == []
    assert all(line.get("role") or line.get("logger") for line in lines)


def test_labels_are_codes(running: Running) -> None:
    for role in ("api", "worker", "relay"):
        for name in metrics_of(running, role):
            for value in re.findall(r'="((?:[^"\\]|\\.)*)"', name):
                assert re.fullmatch(r"[\w./:+{}*-]{0,80}", value), name
                assert value not in {"acme", "ana", "ben"}, name
    assert os.environ.get("CAIRN_OTLP_ENDPOINT") is None


def test_what_is_recorded_names_its_trace(running: Running, collector: Collector) -> None:
    trace = concluding(collector)[0].trace
    folder = running.folder / "bundle"
    done = running.command("audit", "export", "--tenant", "acme", "-o", str(folder))
    assert done.returncode == 0, done.stderr
    events = [json.loads(line) for line in Path(folder).read_text().splitlines()[1:]]
    told = {e["type"]: json.loads(e["meta"]).get("trace", "") for e in events if "meta" in e}
    assert trace in told["conversation.concluded"]
    assert trace in told["cycles.planning_opened"]
