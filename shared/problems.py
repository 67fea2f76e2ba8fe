"""Failures become `application/problem+json` (RFC 9457) here, and nowhere else."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import asyncpg
import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, Response
from starlette.exceptions import HTTPException
from starlette.routing import Match

from shared.database import LOST
from shared.errors import Invalid, NotAllowed, NotFound, Refusal, RuleBroken, Stale, Unavailable
from shared.eventstore.record import KeyReused, KeyUsed, Record
from shared.http import answered
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
_UNAUTHENTICATED = (401, "unauthenticated", BadToken.__doc__ or "")
_KEY_REUSED = (422, "idempotency-key-reused", KeyReused.__doc__ or "")
_INVALID = (422, "invalid-request", "Some fields can't be used; see `errors`.")
_UNEXPECTED = (500, "internal-error", "Something failed on our side; it was noted. Try again.")
NOT_READY = (503, "not-ready", "The database can't be reached.")

HEADERS: Mapping[int, Mapping[str, str]] = {
    401: {"WWW-Authenticate": "Bearer"},
    503: {"Retry-After": "1"},
}
"""What every answer of a status says, however its body looks."""


@dataclass(frozen=True)
class Kind:
    """One kind of problem: its stable code, its status, and the sentences that say what to do."""

    code: str
    status: int
    sentences: tuple[str, ...]


def kinds() -> list[Kind]:
    """Every kind of problem that the imported services know, in the order of the codes."""
    fixed = [_UNAUTHENTICATED, _KEY_REUSED, _INVALID, _UNEXPECTED, NOT_READY]
    fixed += [(status, *rest) for status, rest in _HTTP.items()]
    fixed += [(status_of(kind), code_of(kind), _sentence(kind)) for kind in _refusals(Refusal)]
    found: dict[tuple[str, int], list[str]] = {}
    for status, code, sentence in fixed:
        known = found.setdefault((code, status), [])
        if sentence and sentence not in known:
            known.append(sentence)
    return [Kind(*key, tuple(sentences)) for key, sentences in sorted(found.items())]


def install(app: FastAPI) -> None:
    """Give the application its one table of failures."""
    app.add_exception_handler(Refusal, _refused)
    app.add_exception_handler(BadToken, _unauthenticated)
    app.add_exception_handler(KeyUsed, _answered_before)
    app.add_exception_handler(KeyReused, _key_reused)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(HTTPException, _http)
    app.add_exception_handler(asyncpg.CharacterNotInRepertoireError, _unreadable)
    for lost in LOST:
        app.add_exception_handler(lost, _database_away)
    app.add_exception_handler(Exception, _unexpected)


def problem(
    status: int,
    code: str,
    detail: str,
    errors: list[dict[str, Any]] | None = None,
    headers: Mapping[str, str] | None = None,
    **more: Any,
) -> JSONResponse:
    """One problem, as everybody gets it; `more` are members of its own."""
    body = more | problem_body(status, code, detail)
    if errors is not None:
        body["errors"] = errors
    given = {**HEADERS.get(status, {}), **(headers or {})}
    return JSONResponse(body, status, given, media_type="application/problem+json")


def problem_body(status: int, code: str, detail: str) -> dict[str, Any]:
    """The members of a problem; its type leads to a page about it."""
    return {
        "type": f"/problems/{code}",
        "title": title_of(code),
        "status": status,
        "detail": detail,
    }


def title_of(code: str) -> str:
    return code.replace("-", " ").capitalize()


def too_large() -> JSONResponse:
    """The problem of a body that is larger than its route takes."""
    return problem(413, *_HTTP[413])


def code_of(kind: type[Exception]) -> str:
    """The stable code of a failure: its own, or its name in kebab-case."""
    own: str = getattr(kind, "code", "") or re.sub(r"(?<!^)(?=[A-Z])", "-", kind.__name__).lower()
    return own


def status_of(kind: type[Refusal]) -> int:
    """The status of a failure: its own, or that of what it is a kind of."""
    default = next((status for base, status in _STATUS if issubclass(kind, base)), 422)
    own: int = getattr(kind, "status", default)
    return own


def refusal_body(failure: Refusal) -> dict[str, Any]:
    """A refusal as the members of a problem, for answers that hold several."""
    kind = type(failure)
    return problem_body(status_of(kind), code_of(kind), failure.detail)


def _refusals(kind: type[Refusal]) -> Iterator[type[Refusal]]:
    for each in kind.__subclasses__():
        if not each.__module__.startswith("console."):  # the command line's own
            yield each
            yield from _refusals(each)


def _sentence(kind: type[Refusal]) -> str:
    return " ".join((kind.__doc__ or "").split())


async def _refused(request: Request, failure: Exception) -> Response:
    """A refusal; but a command that had its effect before gets the answer of that time.

    Not while something of it can't be done: whoever asks again then hears when it was.
    """
    assert isinstance(failure, Refusal)
    is_done = not isinstance(failure, Unavailable)
    if is_done and (before := await _before(request)) is not None:
        return before
    kind = type(failure)
    headers = getattr(failure, "headers", None)
    return problem(status_of(kind), code_of(kind), failure.detail, headers=headers, **failure.more)


async def _answered_before(request: Request, _: Exception) -> Response:
    """The key has its answer already, which is the answer to this request too."""
    before = await _before(request)
    assert before is not None
    return before


async def _before(request: Request) -> Response | None:
    """The answer that this request's key was given before, if any."""
    command = getattr(request.state, "command", None)
    record: Record = request.app.state.given[Record]
    try:
        answer = await record.answered(command) if command is not None else None
    except KeyReused:
        return problem(*_KEY_REUSED)
    except Unavailable:
        return problem(503, "unavailable", _sentence(Unavailable))
    return answered(answer, replayed=True) if answer is not None else None


async def _unauthenticated(request: Request, failure: Exception) -> JSONResponse:
    """The same answer whatever is wrong; the log is told a code."""
    assert isinstance(failure, BadToken)
    request.state.why = failure.why
    return problem(*_UNAUTHENTICATED)


async def _key_reused(_: Request, __: Exception) -> JSONResponse:
    return problem(*_KEY_REUSED)


async def _invalid(request: Request, failure: Exception) -> JSONResponse:
    assert isinstance(failure, RequestValidationError)
    if any(error["loc"] == ("body",) for error in failure.errors()) and not _is_json(request):
        return problem(415, *_HTTP[415])
    wrong = [_wrong(error, failure.body) for error in failure.errors()]
    return problem(*_INVALID, [each for n, each in enumerate(wrong) if each not in wrong[:n]])


def _wrong(error: Mapping[str, Any], body: Any) -> dict[str, Any]:
    if error["type"] == "json_invalid":
        place, character = error["loc"]
        return field_error(
            [place], f"No JSON from character {character} on: {error['ctx']['error']}"
        )
    return field_error(_chosen(error["loc"], body), error["msg"])


def _is_json(request: Request) -> bool:
    kind = request.headers.get("content-type", "application/json").partition(";")[0].strip()
    return kind == "application/json" or kind.endswith("+json")


_SHAPES = ("function-after[", "function-before[")


def _chosen(place: Sequence[str | int], body: Any) -> Sequence[str | int]:
    """Where in the request it is, without the kind of body that a field chose, and the shapes of a field
    that may have several."""
    place = [part for part in place if not str(part).startswith(_SHAPES)]
    kind_chosen = len(place) > 2 and isinstance(body, dict) and place[1] not in body
    return [place[0], *place[2:]] if kind_chosen and place[0] == "body" else place


def field_error(where: Sequence[str | int], detail: str) -> dict[str, Any]:
    """What is wrong with one field: a JSON pointer to it, and a sentence."""
    said = detail.removeprefix("Value error, ")  # as pydantic puts it before a sentence of ours
    pointer = "/" + "/".join(str(part) for part in where)
    return {"pointer": pointer, "detail": said[:1].upper() + said[1:]}


async def _http(request: Request, failure: Exception) -> JSONResponse:
    assert isinstance(failure, HTTPException)
    fallback = ("http-error", "The request can't be served; see /docs.")
    code, detail = _HTTP.get(failure.status_code, fallback)
    headers = {"Allow": _allowed(request)} if failure.status_code == 405 else None
    return problem(failure.status_code, code, detail, headers=headers)


def _allowed(request: Request) -> str:
    """The methods that an address takes; its routes each know their own."""
    routes = request.app.router.routes
    found = [
        method
        for method in ("GET", "HEAD", "PUT", "POST", "PATCH", "DELETE")
        if any(r.matches({**request.scope, "method": method})[0] is Match.FULL for r in routes)
    ]
    return ", ".join(found)


async def _unreadable(_: Request, __: Exception) -> JSONResponse:
    """A character that no text of the database can hold, wherever in the request it stands."""
    return problem(400, *_HTTP[400])


async def _database_away(_: Request, __: Exception) -> JSONResponse:
    return problem(503, "unavailable", Unavailable.__doc__ or "")


async def _unexpected(request: Request, failure: Exception) -> JSONResponse:
    request_id = getattr(request.state, "request_id", "")
    log.error(
        "unexpected",
        kind=type(failure).__name__,
        route=_route(request),
        request_id=request_id,
        exc_info=failure,
    )
    return problem(*_UNEXPECTED, headers={"X-Request-ID": request_id})


def _route(request: Request) -> str:
    return str(getattr(request.scope.get("route"), "path", "unknown"))
