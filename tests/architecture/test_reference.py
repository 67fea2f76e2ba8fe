"""Pages that are made from the code: settings and metrics. They may not drift.

CAIRN_WRITE_DOCS=1 pytest tests/architecture/test_reference.py writes them anew.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from prometheus_client.metrics import MetricWrapperBase

from shared.settings import Settings
from shared.telemetry import metrics as shared_metrics
from workflows import metrics as workflow_metrics

DOCS = Path(__file__).parents[2] / "docs"
SETTINGS = """\
# Settings

Each is an environment variable, read once at the start of a process. Made from
[shared/settings.py](../shared/settings.py) by a test; don't edit it here. A secret is given by a
file (`…_FILE`) or by its variable; it is never printed, logged or told in an error.

| variable | default | what it is |
|---|---|---|
"""
METRICS = """\
# Metrics

What every role tells at `/metrics`, beside the metrics of Python's process and, for worker and
relay, of Temporal's SDK (`temporal_…`). Made from the code by a test; don't edit it here. Labels are
codes: never a tenant, a person or a text.

| metric | kind | labels | what it tells |
|---|---|---|---|
"""


def settings_page() -> str:
    return SETTINGS + "".join(setting_rows())


def setting_rows() -> Iterator[str]:
    for name, field in Settings.model_fields.items():
        default = "" if field.default is None else f"`{field.default}`"
        yield f"| `CAIRN_{name.upper()}` | {default} | {field.description} |\n"


def all_metrics() -> list[MetricWrapperBase]:
    found = [
        value
        for module in (shared_metrics, workflow_metrics)
        for value in vars(module).values()
        if isinstance(value, MetricWrapperBase)
    ]
    return sorted(found, key=lambda metric: metric._name)


def name_of(metric: MetricWrapperBase) -> str:
    return f"{metric._name}_total" if metric._type == "counter" else metric._name


def metrics_page() -> str:
    return METRICS + "".join(metric_rows())


def metric_rows() -> Iterator[str]:
    for metric in all_metrics():
        labels = ", ".join(f"`{label}`" for label in metric._labelnames)
        yield f"| `{name_of(metric)}` | {metric._type} | {labels} | {metric._documentation} |\n"


PAGES = {"settings.md": settings_page, "metrics.md": metrics_page}


@pytest.mark.parametrize("name", PAGES)
def test_the_page_says_what_the_code_says(name: str) -> None:
    page = PAGES[name]()
    if os.environ.get("CAIRN_WRITE_DOCS"):
        (DOCS / name).write_text(page)
    assert (DOCS / name).read_text() == page, "run this file with CAIRN_WRITE_DOCS=1"


def test_every_setting_says_what_it_is() -> None:
    assert [name for name, field in Settings.model_fields.items() if not field.description] == []


def test_all_metrics_are_cairns_and_say_what_they_tell() -> None:
    assert len(all_metrics()) >= 25
    for metric in all_metrics():
        assert metric._name.startswith("cairn_"), metric._name
        assert metric._documentation.endswith("."), metric._name
        assert not {"tenant", "person", "actor"} & set(metric._labelnames)
