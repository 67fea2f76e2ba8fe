"""A small OpenTelemetry collector: takes OTLP over HTTP and keeps every span."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest


@dataclass(frozen=True)
class Span:
    """What a picture of a trace needs; times are nanoseconds."""

    service: str
    name: str
    trace: str
    id: str
    parent: str
    begin: int
    end: int
    attributes: dict[str, str] = field(default_factory=dict)


class Collector:
    """Listens on loopback; `endpoint` is for CAIRN_OTLP_ENDPOINT."""

    def __init__(self) -> None:
        self.spans: list[Span] = []
        self.bodies: list[bytes] = []
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._answering())
        self.endpoint = f"http://127.0.0.1:{self._server.server_address[1]}/v1/traces"
        Thread(target=self._server.serve_forever, daemon=True).start()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()

    def traces(self) -> dict[str, list[Span]]:
        """The spans of each trace in the order in which they began."""
        found: dict[str, list[Span]] = {}
        for span in sorted(self.spans, key=lambda span: span.begin):
            found.setdefault(span.trace, []).append(span)
        return found

    def take(self, body: bytes) -> None:
        self.bodies.append(body)
        self.spans += _spans_of(ExportTraceServiceRequest.FromString(body))

    def _answering(self) -> type[BaseHTTPRequestHandler]:
        take = self.take

        class Answering(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                take(self.rfile.read(int(self.headers["Content-Length"])))
                self.send_response(200)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_: object) -> None:
                return

        return Answering


def _spans_of(request: ExportTraceServiceRequest) -> Iterator[Span]:
    for resource in request.resource_spans:
        named = {each.key: each.value.string_value for each in resource.resource.attributes}
        for scope in resource.scope_spans:
            for span in scope.spans:
                yield Span(
                    service=named["service.name"],
                    name=span.name,
                    trace=span.trace_id.hex(),
                    id=span.span_id.hex(),
                    parent=span.parent_span_id.hex(),
                    begin=span.start_time_unix_nano,
                    end=span.end_time_unix_nano,
                    attributes={each.key: str(each.value) for each in span.attributes},
                )
