"""The routes for auditors."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import APIRouter, Header, Query
from fastapi.responses import JSONResponse, Response, StreamingResponse
from pydantic import Field

from services.audit.application import Audit
from services.audit.readmodel import Timeline, Wanted
from services.audit.sheet import header, rows
from services.audit.visibility import Visibility
from shared.errors import Invalid, NotFound
from shared.eventstore.ledger import Ledger
from shared.eventstore.record import Record
from shared.http import (
    CUSTOMER_ID,
    Caller,
    Cursor,
    CustomerId,
    Id,
    Limit,
    Moment,
    after_cursor,
    given,
    page,
    position,
    shown,
)

router = APIRouter(tags=["audit"])
Service = Annotated[Audit, given(Audit)]
Tree = Annotated[Ledger, given(Ledger)]
Place = Annotated[int, Query(ge=1, le=2**62)]
Languages = Annotated[str, Header(alias="accept-language", max_length=256)]
Version = Annotated[int, Field(ge=1, le=2_000_000_000)]
Point = Annotated[Version | Moment, Field(union_mode="left_to_right")]
KIND = r"^[a-z_]{1,64}(\.[a-z_]{1,64})?$"
PRINTABLE = r"^[^\x00-\x1f]*$"
CSV = "text/csv"
_KINDS = {"conversations": "conversation", "plans": "plan", "cycles": "cycles"}


class OneOfBoth(Invalid):
    """Name a version or a moment, not both."""


@router.get("/v1/audit/timeline", operation_id="timeline")
async def timeline(
    by: Caller,
    audit: Service,
    timeline_: Annotated[Timeline, given(Timeline)],
    languages: Languages = "",
    accept: Annotated[str, Header(include_in_schema=False)] = "",
    limit: Limit = 50,
    cursor: Cursor = None,
    person: Annotated[str | None, Query(pattern=CUSTOMER_ID)] = None,
    cycle: Annotated[str | None, Query(pattern=r"^[0-9a-f-]{36}$")] = None,
    actor: Annotated[str | None, Query(max_length=160, pattern=PRINTABLE)] = None,
    kind: Annotated[str | None, Query(pattern=KIND)] = None,
    since: Moment | None = None,
    until: Moment | None = None,
) -> Any:
    """Everything that happened, across services, in the order of the log; all of it in one sheet as CSV.

    `kind` is a type such as plan.agreed, or all of one stream's such as plan. Sentences come in the
    reader's language (Accept-Language).
    """
    await audit.require(by)
    more = {"cycle": _uuid(cycle), "since": since, "until": until, "kind": kind}
    wanted = await audit.wanted(by.tenant, person, actor, **more)
    if accept.partition(";")[0].strip().lower() == CSV:
        return _sheet(_lines(audit, timeline_, by.tenant, wanted, languages))
    if wanted is None:
        return page([], limit, str)
    found = await timeline_.find(by.tenant, wanted, after_cursor(cursor, position, 0), limit)
    items = await audit.items(by.tenant, found, languages)
    return page(items, limit, lambda item: str(item["position"]))


async def _lines(
    audit: Audit, timeline_: Timeline, tenant: str, wanted: Wanted | None, languages: str
) -> AsyncIterator[str]:
    yield header()
    if wanted is not None:
        async for found in timeline_.pages(tenant, wanted):
            yield rows(await audit.items(tenant, found, languages))


def _sheet(lines: AsyncIterator[str]) -> Response:
    headers = {"Content-Disposition": 'attachment; filename="timeline.csv"'}
    return StreamingResponse(lines, media_type=f"{CSV}; charset=utf-8", headers=headers)


@router.get("/v1/audit/visibility", operation_id="visibility")
async def visibility(
    by: Caller,
    seen: Annotated[Visibility, given(Visibility)],
    person: Annotated[str, Query(pattern=CUSTOMER_ID)],
    at: Moment,
) -> dict[str, Any]:
    """Who could see what of a person's at a moment, as it was known then and as it is known now."""
    return await seen.visibility(by, person, at)


@router.get("/v1/people/{person}/disclosures", operation_id="list_disclosures", tags=["people"])
async def list_disclosures(
    person: CustomerId,
    by: Caller,
    audit: Service,
    timeline_: Annotated[Timeline, given(Timeline)],
    record: Annotated[Record, given(Record)],
    limit: Limit = 50,
    cursor: Cursor = None,
) -> dict[str, Any]:
    """Who read a person's words, when, on what ground; newest first."""
    subject = await record.vault.subject_of(by.tenant, person)
    if subject is None:
        raise NotFound
    before = after_cursor(cursor, position, 2**62)
    await audit.require_disclosures(by, subject)
    found = await timeline_.disclosures_of(by.tenant, subject, before, limit)
    items = await audit.disclosures(by.tenant, found)
    return page(items, limit, lambda item: str(item["position"]))


@router.get("/v1/audit/checkpoint", operation_id="checkpoint")
async def checkpoint(by: Caller, audit: Service, ledger: Tree) -> dict[str, Any]:
    """The signed head of the tenant's ledger as it is now: keep it, and hand it in later."""
    await audit.require(by)
    head = await ledger.checkpoint(by.tenant)
    return {**vars(head), "keys": await ledger.verifier_keys(by.tenant)}


@router.get("/v1/audit/proofs/inclusion", operation_id="proveInclusion")
async def inclusion(
    by: Caller, audit: Service, ledger: Tree, position: Place, size: Place | None = None
) -> dict[str, Any]:
    """The hashes that lead from an event's leaf to the root of the tree of `size` (RFC 6962, 2.1.1).

    Without `size` it is the tree of the newest signed head: compare with a checkpoint that you hold.
    """
    await audit.require(by)
    return vars(await ledger.inclusion(by.tenant, position, size))


@router.get("/v1/audit/proofs/consistency", operation_id="proveConsistency")
async def consistency(
    by: Caller,
    audit: Service,
    ledger: Tree,
    old: Annotated[int, Query(alias="from", ge=1, le=2**62)],
    new: Annotated[int | None, Query(alias="to", ge=1, le=2**62)] = None,
) -> dict[str, Any]:
    """The hashes that prove that the tree of `to` begins with the tree of `from` (RFC 6962, 2.1.2).

    Without `to` it is the tree of the newest signed head: compare with a checkpoint that you hold.
    """
    await audit.require(by)
    return vars(await ledger.consistency(by.tenant, old, new))


@router.get("/v1/audit/{kind}/{id}", operation_id="replay")
async def replay(
    kind: Literal["conversations", "plans", "cycles"],
    stream: Id,
    by: Caller,
    audit: Service,
    languages: Languages = "",
    version: Annotated[int | None, Query(ge=1, le=2_000_000_000)] = None,
    at: Moment | None = None,
) -> JSONResponse:
    """A conversation, plan or cycle as it stood at a version or a moment."""
    if version is not None and at is not None:
        raise OneOfBoth
    found = await audit.replay(by, _KINDS[kind], stream, version or at, languages)
    return shown(found, found["version"])


@router.get("/v1/audit/{kind}/{id}/diff", operation_id="diff")
async def diff(
    kind: Literal["conversations", "plans", "cycles"],
    stream: Id,
    by: Caller,
    audit: Service,
    old: Annotated[Point, Query(alias="from")],
    new: Annotated[Point | None, Query(alias="to")] = None,
    languages: Languages = "",
) -> dict[str, Any]:
    """What differs between two versions or moments (now without `to`), and which events made it so."""
    return await audit.diff(by, _KINDS[kind], stream, old, new, languages)


def _uuid(text: str | None) -> UUID | None:
    try:
        return UUID(text) if text else None
    except ValueError:
        raise NotFound from None
