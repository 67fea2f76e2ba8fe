"""Webhooks while everything that delivers them is killed: each event arrives, in order."""

from __future__ import annotations

import json
import os
import signal
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from tests.console.test_up import Running, until

PEOPLE = 8
AFTER_A_LOSS = 180
"""Seconds for everything to arrive: a delivery that went down with a worker is sent again after 90."""


class Hook(BaseHTTPRequestHandler):
    """Takes each delivery and remembers it."""

    protocol_version = "HTTP/1.1"
    got: list[tuple[str, dict[str, Any]]]

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["content-length"]))
        self.got.append((self.headers["webhook-id"], json.loads(body)))
        self.send_response(204)
        self.end_headers()

    def log_message(self, *_: Any) -> None:
        """Say nothing."""


@pytest.fixture
def hook() -> Iterator[tuple[str, list[tuple[str, dict[str, Any]]]]]:
    Hook.got = []
    server = ThreadingHTTPServer(("127.0.0.1", 0), Hook)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/hook", Hook.got
    server.shutdown()
    server.server_close()


@pytest.mark.timeout(500)
def test_killing_worker_relay_and_temporal_in_turn_loses_and_disorders_nothing(
    tmp_path_factory: pytest.TempPathFactory, hook: Any
) -> None:
    url, got = hook
    folder = tmp_path_factory.mktemp("delivery")
    running = Running(folder, CAIRN_WEBHOOKS_ON_LOOPBACK="true").start()
    try:
        platform = running.caller("acme", "platform")
        platform.post("/v1/webhooks", json={"url": url}).raise_for_status()
        for role in ("worker", "relay", "temporal", "worker"):
            os.kill(running.state["pids"][role], signal.SIGKILL)
            for place in range(12):
                for person in range(PEOPLE):
                    body = {"name": "A", "email": "a@example.com", "location": f"{role} {place}"}
                    platform.put(f"/v1/people/p{person}", json=body).raise_for_status()
                time.sleep(0.02)
        everything = feed(platform)
        until(lambda: len({id_ for id_, _ in got}) == len(everything), AFTER_A_LOSS)
    finally:
        running.stop()
    firsts: dict[str, dict[str, Any]] = {}
    for id_, event in got:
        firsts.setdefault(id_, event)
    assert set(firsts) == {event["id"] for event in everything}
    for person in range(PEOPLE):
        subject = f"people/p{person}"
        own = [each["position"] for each in firsts.values() if each["subject"] == subject]
        assert own == sorted(own)


def feed(platform: Any) -> list[dict[str, Any]]:
    """Everything that the feed has told, once it stands still."""
    found: list[dict[str, Any]] = []
    expected = 4 * 12 * PEOPLE

    def all_there() -> bool:
        after = found[-1]["position"] if found else 0
        params = {"after": after, "limit": 200}
        found.extend(platform.get("/v1/events", params=params).json()["items"])
        return len(found) >= expected

    until(all_there, AFTER_A_LOSS)
    return found
