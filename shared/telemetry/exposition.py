"""A small door of its own for Prometheus and for probes: /metrics, /healthz and /readyz.

It answers from a thread, so that a process whose loop hangs can be told from one that is gone.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from urllib.request import urlopen

from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from shared.telemetry.metrics import READY

_PULSE_SECONDS = 0.25
_HANGS_SECONDS = 30.0
"""A loop without a pulse for so long is told to be hanging."""


class Exposition:
    """What others may look at; `also` is the address of more metrics to pass on, such as an SDK's."""

    def __init__(self, host: str, port: int, also: str | None = None) -> None:
        self._also = also
        self._ready = False
        self._beat = time.monotonic()
        self._pulse: asyncio.Task[None] | None = None
        self._server = ThreadingHTTPServer((host, port), _answering(self.answer))
        self._server.daemon_threads = True

    @property
    def port(self) -> int:
        return int(self._server.server_address[1])

    @property
    def ready(self) -> bool:
        """Whether the process can do its work; what /readyz answers."""
        return self._ready

    @ready.setter
    def ready(self, so: bool) -> None:
        self._ready = so
        READY.set(so)

    def start(self) -> None:
        """Answer from now on; called within the loop whose pulse /healthz feels."""
        Thread(target=self._server.serve_forever, name="exposition", daemon=True).start()
        self._pulse = asyncio.create_task(self._beats())

    def close(self) -> None:
        if self._pulse is not None:
            self._pulse.cancel()
        self._server.shutdown()
        self._server.server_close()

    def answer(self, path: str) -> tuple[int, str, bytes]:
        """Status, content type and body for a path."""
        if path == "/metrics":
            return 200, CONTENT_TYPE_LATEST, generate_latest() + self._more()
        if path == "/healthz":
            return _told(time.monotonic() - self._beat < _HANGS_SECONDS, "ok", "hangs")
        if path == "/readyz":
            return _told(self._ready, "ready", "waits")
        return 404, "text/plain", b"there are /metrics, /healthz and /readyz\n"

    async def _beats(self) -> None:
        while True:
            self._beat = time.monotonic()
            await asyncio.sleep(_PULSE_SECONDS)

    def _more(self) -> bytes:
        if self._also is None:
            return b""
        try:
            with urlopen(self._also, timeout=2) as response:  # noqa: S310 - our own address
                return bytes(response.read())
        except OSError:
            return b""


def _told(so: bool, yes: str, no: str) -> tuple[int, str, bytes]:
    status, word = (200, yes) if so else (503, no)
    return status, "application/json", f'{{"status":"{word}"}}'.encode()


def _answering(answer: Callable[[str], tuple[int, str, bytes]]) -> type[BaseHTTPRequestHandler]:
    class Answering(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            status, kind, body = answer(self.path.partition("?")[0])
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Say nothing: a scrape is no news."""

    return Answering
