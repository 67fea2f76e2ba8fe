"""For auditors: a year of the company as one page to take along and print, without words."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Path
from fastapi.responses import HTMLResponse, Response, StreamingResponse

from console.pages.frame import Page, show
from console.pages.reader import Reading
from services.audit.application import Audit
from services.audit.readmodel import Timeline, Wanted
from services.audit.report import Reports
from shared.errors import NotFound
from shared.eventstore.ledger import Ledger
from shared.http import given

router = APIRouter()
Auditing = Annotated[Audit, given(Audit)]
Past = Annotated[Timeline, given(Timeline)]


@dataclass(frozen=True, kw_only=True)
class YearsPage(Page):
    """The years of the record, this one first; it isn't over yet."""

    years: tuple[int, ...]


@router.get("/years", name="years")
async def years(reader: Reading, audit: Auditing, timeline: Past) -> HTMLResponse:
    """Choose a year."""
    await audit.require(reader.by)
    page = YearsPage(frame=reader.frame, years=await _years(reader, timeline))
    return show("years.html", page)


@router.get("/years/{year}", name="year")
async def year(
    reader: Reading,
    audit: Auditing,
    timeline: Past,
    ledger: Annotated[Ledger, given(Ledger)],
    reports: Annotated[Reports, given(Reports)],
    year: Annotated[int, Path(ge=1, le=9998)],
) -> Response:
    """Take its page along, as it is written."""
    await audit.require(reader.by)
    if year not in await _years(reader, timeline):
        raise NotFound
    tenant = reader.by.tenant
    head = await ledger.checkpoint(tenant)
    parts = reports.year(tenant, year, head, reader.manner.language, lambda _, __: None)
    headers = {
        "Content-Disposition": f'attachment; filename="cairn-{year}.html"',
        "Cache-Control": "no-store",
    }
    return StreamingResponse(parts, media_type="text/html; charset=utf-8", headers=headers)


async def _years(reader: Reading, timeline: Timeline) -> tuple[int, ...]:
    first = await timeline.find(reader.by.tenant, Wanted(), 0, 1)
    begun = first[0].row.at.year if first else reader.now.year
    return tuple(range(reader.now.year, begun - 1, -1))
