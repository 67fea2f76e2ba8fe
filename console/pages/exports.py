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
from shared.http import Id, given
from shared.periods import midnight

router = APIRouter()
Taking = Annotated[Exports, given(Exports)]
_NOBODY = sentence("There is nobody of that id in the roster.")


@dataclass(frozen=True, kw_only=True)
class AskingPage(Page):
    """What a bundle is asked of."""

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


@router.get("/exports", name="exports")
async def exports(reader: Reading, audit: Annotated[Audit, given(Audit)]) -> HTMLResponse:
    """Ask for a bundle."""
    await audit.require(reader.by)
    return show("exports.html", AskingPage(frame=reader.frame))


@router.post("/exports", name="request_export")
async def request_export(
    reader: Reading, form: Sent, audit: Annotated[Audit, given(Audit)], service: Taking
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
    return show("exports.html", _asked(reader, form), 422)


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


def _asked(reader: Reader, form: Posted) -> AskingPage:
    return AskingPage(
        frame=reader.frame,
        person=form.text("person"),
        since=form.text("since"),
        until=form.text("until"),
        problems=tuple(form.problems),
    )
