"""To take a copy of all that is held about oneself; others' own notes are looked at first."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated
from uuid import UUID

import msgspec
from fastapi import APIRouter, Depends
from fastapi.responses import HTMLResponse, Response, StreamingResponse

from console.pages.forms import Sent
from console.pages.frame import Page, show
from console.pages.reader import Reading, leads_to
from services.privacy.packages import Packages
from shared.errors import NotAllowed
from shared.eventstore.record import Record
from shared.http import given

router = APIRouter()
Service = Annotated[Packages, given(Packages)]


class Reviewed(msgspec.Struct, frozen=True):
    """Somebody else's own note, and whether it is in the copy; its text for who decides alone."""

    conversation: UUID
    note: int
    at: datetime
    decision: str | None = None
    reason: str | None = None
    text: str = ""


class Asked(msgspec.Struct, frozen=True):
    """When somebody asked, and what became of others' notes."""

    notes: tuple[Reviewed, ...]
    open: bool
    requested_at: datetime | None = None
    until: datetime | None = None
    through: str | None = None

    def decided(self, decision: str | None) -> list[Reviewed]:
        return [note for note in self.notes if note.decision == decision]


@dataclass(frozen=True, kw_only=True)
class CopyPage(Page):
    """What is in the copy, and what waits."""

    asked: Asked


async def own_id(reader: Reading, record: Annotated[Record, given(Record)]) -> str:
    """The reader's id as their company chose it; raises `NotAllowed` for whoever isn't a person."""
    subject = reader.by.subject
    ids = await record.vault.people_of(reader.by.tenant, {subject}) if subject else {}
    if subject not in ids:
        raise NotAllowed
    return ids[subject]


Own = Annotated[str, Depends(own_id)]


@router.get("/history/copy", name="copy")
async def copy(reader: Reading, person: Own, service: Service) -> HTMLResponse:
    """See what is in it."""
    asked = msgspec.convert(await service.get_request(reader.by, person), Asked, strict=False)
    return show("copy.html", CopyPage(frame=reader.frame, asked=asked))


@router.post("/history/copy", name="request_package")
async def request_package(reader: Reading, person: Own, form: Sent, service: Service) -> Response:
    """Ask data protection to look at what others noted."""
    if await form.once(lambda c: service.request_package(c, person)):
        return leads_to("/history/copy", "wished")
    asked = msgspec.convert(await service.get_request(reader.by, person), Asked, strict=False)
    page = CopyPage(frame=reader.frame, asked=asked, problems=tuple(form.problems))
    return show("copy.html", page, 422)


@router.get("/history/copy/package", name="package")
async def package(reader: Reading, person: Own, service: Service) -> Response:
    """Take it along."""
    return await taken(reader, person, service)


async def taken(reader: Reading, person: str, service: Packages) -> Response:
    """The package as a file, in the reader's language; nothing on the way keeps it."""
    parts = await service.fetch_package(reader.by, person, reader.manner.language)
    headers = {
        "Content-Disposition": 'attachment; filename="access-package.zip"',
        "Cache-Control": "no-store",
    }
    return StreamingResponse(parts, media_type="application/zip", headers=headers)
