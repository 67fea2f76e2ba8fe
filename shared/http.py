"""The habits of every route: who is asking, Idempotency-Key, If-Match, ETag, lists by cursor."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime
from typing import Annotated, Any, TypeVar
from uuid import UUID

import msgspec
from fastapi import Depends, Header, Path, Query, Request
from fastapi.responses import JSONResponse
from pydantic import AfterValidator, AwareDatetime, BeforeValidator

from shared.authentication import Authentication
from shared.errors import Invalid, NotFound
from shared.eventstore.record import Answer, Asked, Command, Record
from shared.limits import Limits, TooManyRequests
from shared.principal import Principal
from shared.telemetry.traces import traceparent
from shared.tokens import BadToken

T = TypeVar("T")
D = TypeVar("D", bound=date)

CUSTOMER_ID = r"^[A-Za-z0-9._@+-]{1,128}$"
CustomerId = Annotated[str, Path(pattern=CUSTOMER_ID, description="an id that you chose")]
Limit = Annotated[int, Query(ge=1, le=200, description="how many items at most")]
Cursor = Annotated[str | None, Query(max_length=512, description="`next` of the page before")]
NO_END = "9999-12-31"
_FIRST_YEAR, _LAST_YEAR = 1000, 9000
_POSITIONS = 2**63
_DATED = re.compile(r"\d{4}-\d{2}-\d{2}")


def _written(value: Any) -> Any:
    """Refuse what pydantic would take as seconds since 1970, such as 0 and 20260302."""
    if not isinstance(value, date) and not (isinstance(value, str) and _DATED.match(value)):
        raise ValueError("a day such as 2026-03-02, or a moment such as 2026-03-02T09:00:00Z")
    return value


def near(day: D) -> D:
    """Refuse what lies at the ends of the calendar, where nothing can be counted on from."""
    if not _FIRST_YEAR <= day.year <= _LAST_YEAR:
        raise ValueError(f"a day between the years {_FIRST_YEAR} and {_LAST_YEAR}")
    return day


def in_utc(moment: datetime) -> datetime:
    """The same moment in UTC."""
    return near(moment).astimezone(UTC)


def _no_end(value: Any) -> Any:
    return None if isinstance(value, str) and value[:10] == NO_END else value


Day = Annotated[date, BeforeValidator(_written), AfterValidator(near)]
"""A day that a caller names, as RFC 3339 writes it."""

Moment = Annotated[AwareDatetime, BeforeValidator(_written), AfterValidator(in_utc)]
"""A moment that a caller names, as RFC 3339 writes it, with its zone."""

Ending = BeforeValidator(_no_end)
"""Of a last day or moment: 9999-12-31, which HR systems write where there is none, is none."""


class KeyRequired(Invalid):
    """A platform's writes need an Idempotency-Key; send a fresh one with each new request."""

    code = "idempotency-key-required"
    status = 400


class BadVersion(Invalid):
    """If-Match takes the ETag of the resource as it was answered, such as "7"."""

    code = "bad-if-match"
    status = 400


class BadCursor(Invalid):
    """The cursor isn't one of ours; take `next` of the page before, unchanged."""

    code = "bad-cursor"
    status = 400


def given(kind: type[T]) -> T:
    """A dependency: the one instance of this class that the application was built with."""

    async def find(request: Request) -> T:  # a plain function would run in a thread
        found: T = request.app.state.given[kind]
        return found

    dependency: T = Depends(find)
    return dependency


async def authenticate(request: Request) -> Principal:
    """Who sent this, by its bearer token; `BadToken` for anything but a good one."""
    known = request.app.state.given
    headers = request.headers.getlist("authorization")
    scheme, _, token = headers[0].partition(" ") if len(headers) == 1 else ("", "", "")
    if scheme.lower() != "bearer":
        raise BadToken("missing")
    principal: Principal = await known[Authentication].principal_of(token.strip())
    allowance = known[Limits].take(principal)
    if allowance is not None:
        request.state.allowance = allowance.headers()
        if allowance.wait:
            raise TooManyRequests(allowance.wait)
    return principal


Caller = Annotated[Principal, Depends(authenticate)]


async def command(
    request: Request,
    by: Caller,
    idempotency_key: Annotated[
        str | None, Header(min_length=1, max_length=255, pattern=r"^[\x21-\x7e]+$")
    ] = None,
    if_match: Annotated[str | None, Header(max_length=64)] = None,
) -> Command:
    """What a write is made of.

    Nobody asks beforehand whether its key was used: the key's row is in the same commit as the
    effect, and a request that fails for any reason is looked up before it is told so (problems.py).
    """
    if idempotency_key is None and by.has("platform"):
        raise KeyRequired
    record: Record = request.app.state.given[Record]
    asked = None
    if idempotency_key is not None:
        route = f"{request.method} {request.url.path}".encode()
        print_ = record.vault.fingerprint(route, await request.body())
        asked = Asked(by.actor, idempotency_key, print_)
    made = Command(
        by=by,
        at=record.clock.now(),
        cause=request.state.request_id,
        trace=traceparent() or _trace(request),
        asked=asked,
        if_version=_version(if_match),
    )
    request.state.command = made
    return made


Commanded = Annotated[Command, Depends(command)]


async def resource_id(value: Annotated[str, Path(alias="id", max_length=64)]) -> UUID:
    """The id in the path; what was never one of ours is simply not found."""
    try:
        return UUID(value)
    except ValueError:
        raise NotFound from None


Id = Annotated[UUID, Depends(resource_id)]


json_of = msgspec.json.encode
"""JSON as all answers have it."""


class Json(JSONResponse):
    """A response whose body is encoded by msgspec, several times faster than by `json`."""

    def render(self, content: Any) -> bytes:
        return json_of(content)


def answered(answer: Answer, *, replayed: bool = False, shown_once: Any = None) -> Json:
    """The response to a write; `shown_once` is added to it and isn't there in a repetition."""
    headers = {"Idempotency-Replayed": "true"} if replayed else {}
    if "version" in answer.body:
        headers["ETag"] = f'"{answer.body["version"]}"'
    return Json(answer.body | (shown_once or {}), answer.status, headers)


def shown(body: dict[str, Any], version: int) -> Json:
    """The response to a read of one resource."""
    return Json(body, headers={"ETag": f'"{version}"'})


def page(items: Sequence[T], limit: int, key: Callable[[T], str]) -> dict[str, Any]:
    """A list as we answer it, from up to `limit` + 1 items."""
    kept = items[:limit]
    more = len(items) > limit
    return {"items": kept, "next": _encode(key(kept[-1])) if more and kept else None}


def after_cursor(cursor: str | None, kind: Callable[[str], T], first: T) -> T:
    """What a list goes on after, read as the list's own kind of key; `first` for its first page."""
    if not cursor:
        return first
    try:
        key = base64.urlsafe_b64decode(cursor.encode("ascii")).decode()
        if "\0" in key:
            raise BadCursor
        return kind(key)
    except (ValueError, binascii.Error):
        raise BadCursor from None


def position(text: str) -> int:
    """A place in a log, as a cursor holds it; raises `ValueError` for what can't be one."""
    found = int(text)
    if not 0 <= found < _POSITIONS:
        raise ValueError("no position")
    return found


def _encode(key: str) -> str:
    return base64.urlsafe_b64encode(key.encode()).decode()


def _version(if_match: str | None) -> int | None:
    if if_match is None or if_match == "*":
        return None
    if not re.fullmatch(r'"\d{1,9}"', if_match):
        raise BadVersion
    return int(if_match.strip('"'))


def _trace(request: Request) -> str | None:
    trace = request.headers.get("traceparent", "")
    return (
        trace if re.fullmatch(r"[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}", trace) else None
    )
