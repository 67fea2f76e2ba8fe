"""Failures become `application/problem+json` (RFC 9457) here, and nowhere else."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Receive, Scope, Send

from shared.database import LOST
from shared.errors import Invalid, NotAllowed, NotFound, Refusal, RuleBroken, Stale, Unavailable
from shared.eventstore.record import KeyReused, KeyUsed, Record
from shared.http import Replayed, answered
from shared.tokens import BadToken

log = structlog.get_logger("cairn.http")

_STATUS: tuple[tuple[type[Refusal], int], ...] = (
    (NotFound, 404),
    (NotAllowed, 403),
    (RuleBroken, 409),
    (Invalid, 422),
    (Stale, 412),
    (Unavailable, 503),
)

_HTTP = {
    400: ("bad-request", "The request can't be read; check that its body is JSON in UTF-8."),
    404: ("not-found", "There is nothing at this address; see /docs for what there is."),
    405: ("method-not-allowed", "This address doesn't take that method; see /docs."),
    413: ("too-large", "The body is too large; send less in one request."),
    415: ("unsupported-media-type", "Send the body as application/json."),
}


def install(app: FastAPI) -> None:
    """Give the application its one table of failures."""
    app.add_exception_handler(Refusal, _refused)
    app.add_exception_handler(BadToken, _unauthenticated)
    app.add_exception_handler(Replayed, _replayed)
    app.add_exception_handler(KeyUsed, _answered_meanwhile)
    app.add_exception_handler(KeyReused, _key_reused)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(HTTPException, _http)
    for lost in LOST:
        app.add_exception_handler(lost, _database_away)
    app.add_exception_handler(Exception, _unexpected)


def problem(
    status: int, code: str, detail: str, errors: list[dict[str, Any]] | None = None, **more: Any
) -> JSONResponse:
    """One problem, as everybody gets it; `more` are members of its own."""
    body: dict[str, Any] = {
        **more,
        "type": f"/problems/{code}",
        "title": code.replace("-", " ").capitalize(),
        "status": status,
        "detail": detail,
    }
    if errors is not None:
        body["errors"] = errors
    headers = {401: {"WWW-Authenticate": "Bearer"}, 503: {"Retry-After": "1"}}.get(status)
    return JSONResponse(body, status, headers, media_type="application/problem+json")


def code_of(kind: type[Exception]) -> str:
    """The stable code of a failure: its own, or its name in kebab-case."""
    own: str = getattr(kind, "code", "") or re.sub(r"(?<!^)(?=[A-Z])", "-", kind.__name__).lower()
    return own


class SizeLimit:
    """Answers a body that declares to be too large with a problem, before anything reads it.

    A body that doesn't declare its size is cut by the framework's own limit of the same size.
    """

    def __init__(self, app: ASGIApp, largest: int) -> None:
        self._app = app
        self._largest = largest

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        declared = Headers(scope=scope).get("content-length", "") if scope["type"] == "http" else ""
        if declared.isdigit() and int(declared) > self._largest:
            await problem(413, *_HTTP[413])(scope, receive, send)
        else:
            await self._app(scope, receive, send)


async def _refused(_: Request, failure: Exception) -> JSONResponse:
    assert isinstance(failure, Refusal)
    default = next(status for kind, status in _STATUS if isinstance(failure, kind))
    status: int = getattr(type(failure), "status", default)
    return problem(status, code_of(type(failure)), failure.detail, **failure.more)


async def _unauthenticated(_: Request, __: Exception) -> JSONResponse:
    return problem(401, "unauthenticated", BadToken.__doc__ or "")


async def _replayed(_: Request, failure: Exception) -> JSONResponse:
    assert isinstance(failure, Replayed)
    return answered(failure.answer, replayed=True)


async def _answered_meanwhile(request: Request, _: Exception) -> JSONResponse:
    """The same key came twice at once: the other request's answer is the answer."""
    record: Record = request.app.state.given[Record]
    try:
        answer = await record.answered(request.state.command)
    except KeyReused as reused:
        return await _key_reused(request, reused)
    assert answer is not None
    return answered(answer, replayed=True)


async def _key_reused(_: Request, __: Exception) -> JSONResponse:
    return problem(422, "idempotency-key-reused", KeyReused.__doc__ or "")


async def _invalid(_: Request, failure: Exception) -> JSONResponse:
    assert isinstance(failure, RequestValidationError)
    errors = [
        {"pointer": _pointer(error["loc"], failure.body), "detail": error["msg"]}
        for error in failure.errors()
    ]
    return problem(422, "invalid-request", "Some fields can't be used; see `errors`.", errors)


def _pointer(place: Sequence[str | int], body: Any) -> str:
    """Where in the request it is, without the name of the kind of body that was chosen by a field."""
    kind_chosen = len(place) > 2 and isinstance(body, dict) and place[1] not in body
    parts = [place[0], *place[2:]] if kind_chosen and place[0] == "body" else place
    return "/" + "/".join(str(part) for part in parts)


async def _http(_: Request, failure: Exception) -> JSONResponse:
    assert isinstance(failure, HTTPException)
    fallback = ("http-error", "The request can't be served; see /docs.")
    code, detail = _HTTP.get(failure.status_code, fallback)
    return problem(failure.status_code, code, detail)


async def _database_away(_: Request, __: Exception) -> JSONResponse:
    return problem(503, "unavailable", Unavailable.__doc__ or "")


async def _unexpected(request: Request, failure: Exception) -> JSONResponse:
    log.error("unexpected", kind=type(failure).__name__, route=_route(request), exc_info=failure)
    return problem(500, "internal-error", "Something failed on our side; it was noted. Try again.")


def _route(request: Request) -> str:
    return str(getattr(request.scope.get("route"), "path", "unknown"))
