"""Sees each HTTP request: counts it, times it, and begins or continues its trace."""

from __future__ import annotations

from time import perf_counter

import structlog
from opentelemetry.trace import Span, SpanKind
from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from shared.telemetry.metrics import AUTH_FAILURES, HTTP_REQUESTS, HTTP_SECONDS, REFUSED
from shared.telemetry.traces import listed, span

_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
_UNSEEN = frozenset({"/healthz", "/readyz", "/metrics"})
log = structlog.get_logger("cairn.http")


class Seen:
    """The outermost layer of the application. Routes are told as they are declared, not as called."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"] in _UNSEEN:
            await self._app(scope, receive, send)
            return
        began, status = perf_counter(), 500

        async def sending(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        parent = Headers(scope=scope).get("traceparent")
        with span("request", parent=parent, kind=SpanKind.SERVER) as current:
            try:
                await self._app(scope, receive, sending)
            finally:
                _note(scope, status, perf_counter() - began, current)


def _note(scope: Scope, status: int, seconds: float, current: Span) -> None:
    method = scope["method"] if scope["method"] in _METHODS else "other"
    route = str(getattr(scope.get("route"), "path", "none"))
    HTTP_REQUESTS.labels(method, route, status).inc()
    HTTP_SECONDS.labels(route).observe(seconds)
    current.update_name(f"{method} {route}")
    current.set_attributes(listed({"method": method, "route": route, "status": status}))
    if status == 401:
        AUTH_FAILURES.inc()
        why = scope.get("state", {}).get("why")
        log.info("no good token", method=method, route=route, status=status, why=why)
    elif status == 403:
        REFUSED.inc()
        log.info("not allowed", method=method, route=route, status=status)
