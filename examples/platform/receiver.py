"""Takes webhooks: checks who has sent them, keeps the event, and answers at once."""

from __future__ import annotations

from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

from cairn_client import BadSignature, verified
from cairn_client.schemas import CloudEvent

_LARGEST = 64 * 1024


class Receiver:
    """A small server on this machine; a real one stands behind HTTPS."""

    def __init__(self, secrets: list[str], keep: Callable[[CloudEvent], object]) -> None:
        self.secrets = secrets
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _answering(self, keep))
        self.url = f"http://127.0.0.1:{self._server.server_port}/cairn"

    def start(self) -> None:
        """Serve in a thread of its own."""
        Thread(target=self._server.serve_forever, daemon=True).start()

    def stop(self) -> None:
        """Serve no longer."""
        self._server.shutdown()
        self._server.server_close()


def _answering(
    receiver: Receiver, keep: Callable[[CloudEvent], object]
) -> type[BaseHTTPRequestHandler]:
    class Answering(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            length = int(self.headers.get("Content-Length") or 0)
            if length > _LARGEST:
                return self._answer(413)
            body = self.rfile.read(length)
            try:
                event = verified(body, dict(self.headers), receiver.secrets)
            except BadSignature:
                return self._answer(401)
            keep(event)  # on disk first: what is answered with 204 isn't sent again
            return self._answer(204)

        def _answer(self, status: int) -> None:
            self.send_response(status)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    return Answering
