"""Who has read somebody's words, and who has asked to: for whoever they belong to."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated
from uuid import UUID

import msgspec
from fastapi import APIRouter
from fastapi.responses import HTMLResponse

from console.pages.cases import CaseTeller, Told
from console.pages.frame import Page, show
from console.pages.names import Names
from console.pages.reader import Reading
from services.audit.application import Audit
from services.audit.readmodel import Timeline
from services.privacy.application import Cases
from shared.errors import NotAllowed
from shared.eventstore.record import Record
from shared.http import given

router = APIRouter()
_AT_A_TIME = 50
_NEWEST = 2**62


class Read(msgspec.Struct, frozen=True):
    """Somebody read something, in one hour."""

    position: int
    artefact: str
    id: UUID
    ground: str
    hour: datetime
    reader: str | None = None


@dataclass(frozen=True, kw_only=True)
class ReadersPage(Page):
    """Who read what, the newest first; `names` are those of the readers; and the cases."""

    cases: tuple[Told, ...]
    reads: tuple[Read, ...]
    names: dict[str, str]
    next: int | None


@router.get("/history/readers", name="readers")
async def readers(
    reader: Reading,
    audit: Annotated[Audit, given(Audit)],
    timeline: Annotated[Timeline, given(Timeline)],
    record: Annotated[Record, given(Record)],
    names: Annotated[Names, given(Names)],
    cases: Annotated[Cases, given(Cases)],
    teller: Annotated[CaseTeller, given(CaseTeller)],
    before: int = _NEWEST,
) -> HTMLResponse:
    """Read who has read your words."""
    by = reader.by
    if by.subject is None:
        raise NotAllowed
    await audit.require_disclosures(by, by.subject)
    found = await timeline.disclosures_of(by.tenant, by.subject, before, _AT_A_TIME)
    listed = await audit.disclosures(by.tenant, found[:_AT_A_TIME])
    reads = msgspec.convert(tuple(listed), tuple[Read, ...], strict=False)
    called = {}
    for person in {read.reader for read in reads if read.reader}:
        subject = await record.vault.subject_of(by.tenant, person)
        called[person] = await names.of(by.tenant, subject) or person
    page = ReadersPage(
        frame=reader.frame,
        cases=await teller.tell(by.tenant, await cases.cases_of(by, by.subject)),
        reads=reads,
        names=called,
        next=reads[-1].position if len(found) > _AT_A_TIME else None,
    )
    return show("readers.html", page)
