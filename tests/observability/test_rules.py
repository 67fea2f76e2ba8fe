"""Alerts, runbooks and dashboards fit each other and the metrics that there are."""

from __future__ import annotations

import re
import subprocess

import pytest
from prometheus_client.metrics import MetricWrapperBase

from shared.telemetry import metrics as shared_metrics
from tests.observability.dashboards import dashboards, expressions
from tests.observability.prometheus import BACKUPS, ROOT, RULES, rules
from tests.tools import found
from workflows import metrics as workflow_metrics

DOCS = ROOT / "docs" / "runbooks"
ALL = rules() + rules(BACKUPS)
NAME = r"\b(?:cairn|temporal|process)_[a-z_]+\b"
FOREIGN = {"up", "process_resident_memory_bytes", "process_cpu_seconds_total"}
TEMPORAL = {
    "temporal_activity_execution_failed",
    "temporal_activity_execution_latency_bucket",
    "temporal_workflow_failed",
    "temporal_workflow_task_execution_failed",
    "temporal_workflow_task_schedule_to_start_latency_bucket",
}


def metrics() -> list[MetricWrapperBase]:
    return [
        value
        for module in (shared_metrics, workflow_metrics)
        for value in vars(module).values()
        if isinstance(value, MetricWrapperBase)
    ]


def series() -> set[str]:
    """The names under which our metrics are told."""
    more = {"counter": ["_total"], "histogram": ["_bucket", "_count", "_sum"]}
    return {metric._name + end for metric in metrics() for end in more.get(metric._type, [""])}


def promtool(*arguments: str) -> None:
    program = found("promtool")
    assert program, "there is no promtool: python -m tests.tools"
    done = subprocess.run(
        [program, *arguments], capture_output=True, text=True, check=False, cwd=RULES.parent
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_prometheus_takes_the_rules_and_its_configuration() -> None:
    promtool("check", "rules", "alerts.yml", "backups.yml")
    promtool("check", "config", "--syntax-only", "prometheus.yml")


def test_each_alert_comes_and_stays_away_when_it_should() -> None:
    files = ("alerts_test.yml", "alerts_of_a_day_test.yml", "backups_test.yml")
    promtool("test", "rules", *files)
    tests = "".join((RULES.parent / file).read_text() for file in files)
    for rule in ALL:
        assert f"alertname: {rule['alert']}\n" in tests, rule["alert"]


@pytest.mark.parametrize("rule", ALL, ids=lambda rule: rule["alert"])
def test_each_alert_says_how_urgent_it_is_and_has_its_page(rule: dict[str, dict[str, str]]) -> None:
    assert rule["labels"]["severity"] in {"page", "ticket"}
    page = (ROOT / rule["annotations"]["runbook"]).read_text()
    assert page.startswith(f"# {rule['alert']}\n")
    assert re.findall(r"^## (.+)$", page, re.MULTILINE) == ["What it means", "Look", "Mend"]


def test_no_page_is_left_over() -> None:
    named = {rule["annotations"]["runbook"].rpartition("/")[2] for rule in ALL}
    assert {page.name for page in DOCS.glob("*.md")} == named


def test_every_metric_that_is_asked_for_exists() -> None:
    asked = [rule["expr"] for rule in rules()] + [expression for _, expression in expressions()]
    for text in asked:
        assert set(re.findall(NAME, text)) <= series() | TEMPORAL | FOREIGN, text
    known = series() | TEMPORAL | FOREIGN | {metric._name for metric in metrics()}
    for page in DOCS.glob("*.md"):
        assert set(re.findall(NAME, page.read_text())) <= known, page


def test_dashboards_say_what_each_panel_shows_and_let_none_overlap() -> None:
    for dashboard in dashboards():
        places: set[tuple[int, int]] = set()
        assert dashboard["uid"].startswith("cairn-")
        for panel in dashboard["panels"]:
            assert panel["description"], panel["title"]
            at = panel["gridPos"]
            cells = {
                (x, y)
                for x in range(at["x"], at["x"] + at["w"])
                for y in range(at["y"], at["y"] + at["h"])
            }
            assert at["x"] + at["w"] <= 24
            assert not cells & places, panel["title"]
            places |= cells
