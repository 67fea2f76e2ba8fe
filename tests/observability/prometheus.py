"""A real Prometheus with the alerts that deploy/ ships, their times shortened."""

from __future__ import annotations

import re
import signal
from pathlib import Path
from typing import Any

import httpx2
import yaml

from console.embedded.children import free_port, spawn, stop
from tests.console.test_up import until
from tests.tools import found

ROOT = Path(__file__).parents[2]
RULES = ROOT / "deploy" / "prometheus" / "alerts.yml"
BACKUPS = RULES.with_name("backups.yml")
SECONDS = {"> 60": "> 2", "> 1800": "> 3", "> 3600": "> 3"}
"""Thresholds that are times, and what they are in the test."""


def rules(file: Path = RULES) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = yaml.safe_load(file.read_text())["groups"][0]["rules"]
    return found


def shortened() -> str:
    """The same rules: every window ten seconds, every wait one, thresholds of time some seconds."""
    document = yaml.safe_load(RULES.read_text())
    for rule in document["groups"][0]["rules"]:
        rule["for"] = "1s"
        rule["expr"] = re.sub(r"\[\d+[md]\]", "[10s]", rule["expr"])
        for before, after in SECONDS.items():
            rule["expr"] = rule["expr"].replace(before, after)
    return yaml.safe_dump(document)


class Prometheus:
    """Scrapes what it is told to twice a second; `jobs` are addresses by job."""

    def __init__(self, folder: Path, jobs: dict[str, list[str]]) -> None:
        self._folder = folder
        self._jobs = jobs
        self._port = free_port()
        self.url = f"http://127.0.0.1:{self._port}"

    def start(self) -> None:
        program = found("prometheus")
        assert program, "there is no prometheus: python -m tests.tools"
        (self._folder / "alerts.yml").write_text(shortened())
        config = {
            "global": {
                "scrape_interval": "500ms",
                "scrape_timeout": "500ms",
                "evaluation_interval": "500ms",
            },
            "rule_files": [str(self._folder / "alerts.yml")],
            "scrape_configs": [
                {"job_name": job, "static_configs": [{"targets": targets}]}
                for job, targets in self._jobs.items()
            ],
        }
        (self._folder / "prometheus.yml").write_text(yaml.safe_dump(config))
        self._child = spawn(
            [
                program,
                f"--config.file={self._folder}/prometheus.yml",
                f"--storage.tsdb.path={self._folder}/data",
                f"--web.listen-address=127.0.0.1:{self._port}",
                "--web.enable-lifecycle",
            ],
            self._folder / "prometheus.log",
        )
        until(self._is_ready)

    async def stop(self) -> None:
        await stop(self._child, signal.SIGTERM, seconds=10)

    def ask(self, expression: str) -> list[dict[str, Any]]:
        """What an expression answers now."""
        asked = {"query": expression}
        answer = httpx2.get(f"{self.url}/api/v1/query", params=asked, timeout=30)
        assert answer.status_code == 200, answer.text
        found: list[dict[str, Any]] = answer.json()["data"]["result"]
        return found

    def firing(self, name: str) -> dict[str, Any] | None:
        """The alert of that name, where it fires."""
        answer = httpx2.get(f"{self.url}/api/v1/alerts", timeout=30)
        alerts = answer.json()["data"]["alerts"]
        return next(
            (a for a in alerts if a["labels"]["alertname"] == name and a["state"] == "firing"),
            None,
        )

    def until_firing(self, name: str, **labels: str) -> dict[str, Any]:
        def fires() -> dict[str, Any] | None:
            found = self.firing(name)
            return found if found and labels.items() <= found["labels"].items() else None

        found: dict[str, Any] = until(fires, seconds=120)
        return found

    def until_quiet(self, *names: str, seconds: float = 120) -> None:
        until(lambda: not any(self.firing(name) for name in names), seconds)

    def _is_ready(self) -> bool:
        try:
            return httpx2.get(f"{self.url}/-/ready").status_code == 200
        except httpx2.TransportError:
            return False
