"""What the dashboards that deploy/ ships ask Prometheus."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parents[2] / "deploy" / "grafana" / "dashboards"


def dashboards() -> list[dict[str, Any]]:
    return [json.loads(path.read_text()) for path in sorted(FOLDER.glob("*.json"))]


def expressions(window: str = "5m") -> list[tuple[str, str]]:
    """Each panel's title and expressions, over a window."""
    return [
        (panel["title"], target["expr"].replace("$__rate_interval", window))
        for dashboard in dashboards()
        for panel in dashboard["panels"]
        for target in panel["targets"]
    ]
