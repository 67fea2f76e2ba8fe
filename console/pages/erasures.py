"""What was erased, with its certificate: to read, to print and to hand over."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

import msgspec
from fastapi import APIRouter
from fastapi.responses import HTMLResponse

from console.pages.frame import Page, show
from console.pages.reader import Reading
from services.audit.application import Audit
from services.audit.readmodel import Timeline
from services.people.application import People
from shared.eventstore.record import Record
from shared.http import Id, given

router = APIRouter()
_AT_A_TIME = 50
_NEWEST = 2**62


@dataclass(frozen=True)
class Erasure:
    """Somebody's words were erased; `person` is None once their id was deleted too."""

    subject: UUID
    person: str | None
    at: datetime


class Copy(msgspec.Struct, frozen=True):
    """Where words were, and what has become of them."""

    where: str
    state: str
    until: datetime | None = None
    ids: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class ErasuresPage(Page):
    """All of them, the newest first."""

    erasures: tuple[Erasure, ...]
    may_erase: bool
    next: int | None


@dataclass(frozen=True, kw_only=True)
class CertificatePage(Page):
    """One certificate; there is no word and no name in it."""

    subject: UUID
    depth: str
    erased_at: datetime
    copies: tuple[Copy, ...]
    note: str


@router.get("/erasures", name="erasures")
async def erasures(
    reader: Reading,
    audit: Annotated[Audit, given(Audit)],
    timeline: Annotated[Timeline, given(Timeline)],
    record: Annotated[Record, given(Record)],
    before: int = _NEWEST,
) -> HTMLResponse:
    """Read what was erased when."""
    await audit.require(reader.by)
    tenant = reader.by.tenant
    found = await timeline.newest(tenant, "people.erased", before, _AT_A_TIME)
    rows = [recorded.row for recorded in found[:_AT_A_TIME]]
    ids = await record.vault.people_of(tenant, {row.stream for row in rows})
    page = ErasuresPage(
        frame=reader.frame,
        erasures=tuple(Erasure(row.stream, ids.get(row.stream), row.at) for row in rows),
        may_erase=reader.by.has("dpo"),
        next=rows[-1].position if len(found) > _AT_A_TIME else None,
    )
    return show("erasures.html", page)


@router.get("/erasures/{id}", name="certificate")
async def certificate(
    reader: Reading, id_: Id, people: Annotated[People, given(People)]
) -> HTMLResponse:
    """Read and print a certificate."""
    told: dict[str, Any] = await people.get_certificate(reader.by, id_)
    page = CertificatePage(
        frame=reader.frame,
        subject=id_,
        depth=told["depth"],
        erased_at=datetime.fromisoformat(told["erased_at"]),
        copies=msgspec.convert(told["copies"], tuple[Copy, ...], strict=False),
        note=told["note"],
    )
    return show("certificate.html", page)
