"""For auditors: a bundle of the record to take along, which anybody can check without us."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter
from fastapi.responses import FileResponse, HTMLResponse, Response

from console.pages.forms import Posted, Sent
from console.pages.frame import Page, show
from console.pages.language import sentence
from console.pages.made import Made
from console.pages.reader import Reader, Reading, leads_to
from services.audit.application import Audit
from services.audit.exporting import Exports
from services.audit.exports import Export
from shared.eventstore.record import Record
from shared.http import Id, given
from shared.periods import midnight

router = APIRouter()
Taking = Annotated[Exports, given(Exports)]
_NOBODY = sentence("There is nobody of that id in the roster.")


_AT_A_TIME = 20
_NEWEST = 2**62


@dataclass(frozen=True)
class Past:
    """A bundle that was asked for: when, of whom (None for everybody), and what became of it."""

    id: UUID
    at: datetime
    of: str | None
    whole: bool
    state: str
    events: int | None


@dataclass(frozen=True, kw_only=True)
class AskingPage(Page):
    """What a bundle is asked of, and those that were asked for before."""

    past: tuple[Past, ...]
    next: int | None
    person: str = ""
    since: str = ""
    until: str = ""


@dataclass(frozen=True, kw_only=True)
class ExportPage(Page):
    """How far a bundle is, and what is in it."""

    id: UUID
    state: str
    events: int | None
    length: int | None
    sha256: str | None


class Shelf:
    """Finds the bundles that were asked for."""

    def __init__(self, record: Record, service: Exports) -> None:
        self._record = record
        self._service = service

    async def page(self, reader: Reader, before: int, form: Posted | None = None) -> AskingPage:
        tenant = reader.by.tenant
        found = await self._service.list_exports(reader.by, before, _AT_A_TIME)
        listed = found[:_AT_A_TIME]
        people = {each.export.person for each in listed if each.export.person}
        ids = await self._record.vault.people_of(tenant, people)
        return AskingPage(
            frame=reader.frame,
            past=tuple(_past(each.export, ids) for each in listed),
            next=listed[-1].position if len(found) > _AT_A_TIME else None,
            person=form.text("person") if form else "",
            since=form.text("since") if form else "",
            until=form.text("until") if form else "",
            problems=tuple(form.problems) if form else (),
        )


Bundles = Annotated[Shelf, given(Shelf)]


@router.get("/exports", name="exports")
async def exports(reader: Reading, shelf: Bundles, before: int = _NEWEST) -> HTMLResponse:
    """Ask for a bundle, or find one that was asked for."""
    return show("exports.html", await shelf.page(reader, before))


@router.post("/exports", name="request_export")
async def request_export(
    reader: Reading,
    form: Sent,
    audit: Annotated[Audit, given(Audit)],
    service: Taking,
    shelf: Bundles,
) -> Response:
    """Let it be written."""
    await audit.require(reader.by)
    person = form.text("person") or None
    since, until = form.day("since"), form.day("until")
    if person and await form.record.vault.subject_of(reader.by.tenant, person) is None:
        form.refuse("person", _NOBODY)
    made = Made()
    period = _period(reader, since, until)
    if form.is_good and await form.once(
        lambda c: made.by(service.request_export(c, person, None, *period))
    ):
        return leads_to(f"/exports/{await made.id(form)}")
    return show("exports.html", await shelf.page(reader, _NEWEST, form), 422)


@router.get("/exports/{id}", name="export")
async def export(reader: Reading, id_: Id, service: Taking) -> HTMLResponse:
    """See how far it is."""
    found = await service.get_export(reader.by, id_)
    page = ExportPage(
        frame=reader.frame,
        id=id_,
        state=found["state"],
        events=found["events"],
        length=found["length"],
        sha256=found["sha256"],
    )
    return show("export.html", page)


@router.get("/exports/{id}/bundle", name="bundle")
async def bundle(reader: Reading, id_: Id, service: Taking) -> Response:
    """Take it along; that is put on record."""
    file = await service.fetch_bundle(reader.by, id_)
    headers = {"Cache-Control": "no-store"}
    name = f"{id_}.cairn"
    return FileResponse(file, media_type="application/x-ndjson", filename=name, headers=headers)


def _period(
    reader: Reader, since: date | None, until: date | None
) -> tuple[datetime | None, datetime | None]:
    zone = str(reader.manner.zone)
    end = midnight(until + timedelta(days=1), zone) if until else None
    return (midnight(since, zone) if since else None, end)


def _past(export: Export, ids: dict[UUID, str]) -> Past:
    whole = export.person is None and export.cycle is None
    events = export.written["events"] if export.written else None
    of = ids.get(export.person) if export.person else None
    return Past(export.id, export.created_on, of, whole, export.state, events)
