"""The habits of every route: who is asking, Idempotency-Key, If-Match, ETag, lists by cursor."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Callable, Sequence
from typing import Annotated, Any, TypeVar
from uuid import UUID

from fastapi import Depends, Header, Path, Query, Request
from fastapi.responses import JSONResponse

from shared.errors import Invalid, NotFound
from shared.eventstore.keys import Vault
from shared.eventstore.record import Answer, Asked, Command, Record
from shared.principal import Principal
from shared.telemetry.traces import traceparent
from shared.tokens import BadToken, Issuer

T = TypeVar("T")

CUSTOMER_ID = r"^[A-Za-z0-9._@+-]{1,128}$"
CustomerId = Annotated[str, Path(pattern=CUSTOMER_ID, description="an id that you chose")]
Limit = Annotated[int, Query(ge=1, le=200, description="how many items at most")]
Cursor = Annotated[str | None, Query(max_length=512, description="`next` of the page before")]


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


class Replayed(Exception):
    """The same command was answered before; this is that answer."""

    def __init__(self, answer: Answer) -> None:
        super().__init__()
        self.answer = answer


def given(kind: type[T]) -> T:
    """A dependency: the one instance of this class that the application was built with."""

    async def find(request: Request) -> T:  # a plain function would run in a thread
        found: T = request.app.state.given[kind]
        return found

    dependency: T = Depends(find)
    return dependency


async def authenticate(
    request: Request,
    issuer: Annotated[Issuer, given(Issuer)],
    vault: Annotated[Vault, given(Vault)],
) -> Principal:
    """Who sent this, by its bearer token; `BadToken` for anything but a good one."""
    headers = request.headers.getlist("authorization")
    scheme, _, token = headers[0].partition(" ") if len(headers) == 1 else ("", "", "")
    if scheme.lower() != "bearer":
        raise BadToken
    claims = issuer.verify(token.strip())
    if not await vault.has_tenant(claims.tenant):
        raise BadToken
    subject = await vault.subject_of(claims.tenant, claims.person) if claims.person else None
    return Principal(claims.tenant, claims.roles, claims.name, subject)


Caller = Annotated[Principal, Depends(authenticate)]


async def command(
    request: Request,
    by: Caller,
    record: Annotated[Record, given(Record)],
    idempotency_key: Annotated[
        str | None, Header(min_length=1, max_length=255, pattern=r"^[\x21-\x7e]+$")
    ] = None,
    if_match: Annotated[str | None, Header(max_length=64)] = None,
) -> Command:
    """What a write is made of; raises `Replayed` when its key was answered before."""
    if idempotency_key is None and by.has("platform"):
        raise KeyRequired
    asked = None
    if idempotency_key is not None:
        route = f"{request.method} {request.url.path}".encode()
        print_ = record.vault.fingerprint(route, await request.body())
        asked = Asked(by.actor, idempotency_key, print_)
    made = Command(
        by=by,
        at=record.clock.now(),
        cause=request.headers.get("x-request-id", "")[:128] or None,
        trace=traceparent() or _trace(request),
        asked=asked,
        if_version=_version(if_match),
    )
    request.state.command = made
    if (answer := await record.answered(made)) is not None:
        raise Replayed(answer)
    return made


Commanded = Annotated[Command, Depends(command)]


async def resource_id(value: Annotated[str, Path(alias="id", max_length=64)]) -> UUID:
    """The id in the path; what was never one of ours is simply not found."""
    try:
        return UUID(value)
    except ValueError:
        raise NotFound from None


Id = Annotated[UUID, Depends(resource_id)]


def answered(answer: Answer, *, replayed: bool = False) -> JSONResponse:
    """The response to a write."""
    headers = {"Idempotency-Replayed": "true"} if replayed else {}
    if "version" in answer.body:
        headers["ETag"] = f'"{answer.body["version"]}"'
    return JSONResponse(answer.body, answer.status, headers)


def shown(body: dict[str, Any], version: int) -> JSONResponse:
    """The response to a read of one resource."""
    return JSONResponse(body, headers={"ETag": f'"{version}"', "Cache-Control": "no-store"})


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
        return kind(base64.urlsafe_b64decode(cursor.encode("ascii")).decode())
    except (ValueError, binascii.Error):
        raise BadCursor from None


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
