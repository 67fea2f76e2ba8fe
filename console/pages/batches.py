"""For HR: starting the conversations of many people; it is tried first, and started from there."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter
from fastapi.responses import HTMLResponse, Response

from console.pages.forms import Posted, Sent
from console.pages.frame import Page, show
from console.pages.language import sentence
from console.pages.made import Made
from console.pages.reader import Reader, Reading, leads_to
from services.batches.application import FIRST, Batches, Wanted
from services.batches.domain import Batch
from services.batches.readmodel import Filter
from shared.errors import NotFound
from shared.http import Id, given

router = APIRouter()
Service = Annotated[Batches, given(Batches)]
SPREADS = ("", "P2W", "P4W", "P13W")
_AT_A_TIME = 20
_NEWEST = 2**62
_MOST_NAMED = 200
_NO_SPREAD = sentence("Choose over how long it is spread.")


@dataclass(frozen=True)
class Line:
    """A batch in the list."""

    id: UUID
    at: datetime
    state: str
    dry_run: bool
    place: tuple[str, ...]
    counts: dict[str, Any]

    @property
    def tried(self) -> bool:
        """Whether it was only tried, and is known to the end."""
        return self.dry_run and self.state == "finished"


@dataclass(frozen=True, kw_only=True)
class BatchesPage(Page):
    """What is under way and what was started lately, and the form that tries a batch.

    `next` is the place in the record before which there are more.
    """

    lines: tuple[Line, ...]
    next: int | None
    departments: list[str]
    locations: list[str]
    legal_entities: list[str]
    chosen: Filter
    left_out: str = ""
    spread: str = ""
    spreads: tuple[str, ...] = SPREADS


@dataclass(frozen=True, kw_only=True)
class BatchPage(Page):
    """How far a batch has come, or whom it would reach; who is left out, and why."""

    line: Line
    spread: str
    left_out: tuple[tuple[str, str], ...]
    more_left_out: int


@router.get("/batches", name="batches")
async def batches(reader: Reading, service: Service, before: int = _NEWEST) -> HTMLResponse:
    """Read what was started, and try whom a batch would reach."""
    return show("batches.html", await _list_page(reader, service, before=before))


@router.post("/batches", name="try_batch")
async def try_batch(reader: Reading, form: Sent, service: Service) -> Response:
    """See whom it would reach, without starting anything."""
    spread = form.one_of("spread", SPREADS, _NO_SPREAD) if form.text("spread") else ""
    place = [form.text(name) or None for name in ("department", "location", "legal_entity")]
    names = re.split(r"[\s,;]+", form.text("left_out"))
    wanted = Wanted(
        filter=Filter(*place),
        left_out=[name for name in names if name],
        spread_over=spread or None,
        timezone=str(reader.manner.zone),
        dry_run=True,
    )
    made = Made()
    if form.is_good and await form.once(lambda c: made.by(service.request_batch(c, wanted))):
        return leads_to(f"/batches/{await made.id(form)}")
    return show("batches.html", await _list_page(reader, service, form, wanted), 422)


@router.get("/batches/{id}", name="batch")
async def batch(reader: Reading, service: Service, id_: Id) -> HTMLResponse:
    """See how far it has come."""
    return show("batch.html", await _page(reader, service, id_))


@router.post("/batches/{id}/start", name="start_batch")
async def start_batch(reader: Reading, form: Sent, service: Service, id_: Id) -> Response:
    """Start what was tried."""
    await service.get_batch(reader.by, id_)
    tried = await service.batch_of(reader.by.tenant, id_)
    if not tried.dry_run:
        raise NotFound
    names = await form.record.vault.people_of(reader.by.tenant, set(tried.left_out))
    wanted = Wanted(
        filter=Filter(*tried.filter),
        left_out=list(names.values()),
        spread_over=tried.spread_over,
        timezone=tried.timezone,
    )
    made = Made()
    if await form.once(lambda c: made.by(service.request_batch(c, wanted))):
        return leads_to(f"/batches/{await made.id(form)}")
    return show("batch.html", await _page(reader, service, id_, form), 422)


@router.post("/batches/{id}/cancel", name="cancel_batch")
async def cancel_batch(reader: Reading, form: Sent, service: Service, id_: Id) -> Response:
    """Start nobody any more."""
    if await form.once(lambda c: service.cancel_batch(c, id_)):
        return leads_to(f"/batches/{id_}", "cancelled")
    return show("batch.html", await _page(reader, service, id_, form), 422)


async def _list_page(
    reader: Reader,
    service: Batches,
    form: Posted | None = None,
    wanted: Wanted | None = None,
    before: int = _NEWEST,
) -> BatchesPage:
    departments, locations, legal_entities = await service.places(reader.by)
    under_way = await service.open_batches(reader.by)
    found = await service.ended_batches(reader.by, before, _AT_A_TIME)
    over = found[:_AT_A_TIME]
    return BatchesPage(
        frame=reader.frame,
        lines=tuple(_line(each) for each in (*under_way, *(batch for _, batch in over))),
        next=over[-1][0] if len(found) > _AT_A_TIME else None,
        departments=departments,
        locations=locations,
        legal_entities=legal_entities,
        chosen=wanted.filter if wanted else Filter(),
        left_out=form.text("left_out") if form else "",
        spread=form.text("spread") if form else "",
        problems=tuple(form.problems) if form else (),
    )


async def _page(
    reader: Reader, service: Batches, id_: UUID, form: Posted | None = None
) -> BatchPage:
    some = (await service.list_exclusions(reader.by, id_, FIRST, _MOST_NAMED))[:_MOST_NAMED]
    found = await service.named(reader.by.tenant, some)
    known = await service.batch_of(reader.by.tenant, id_)
    line = _line(known)
    return BatchPage(
        frame=reader.frame,
        line=line,
        spread=known.spread_over or "",
        left_out=tuple((each["person"] or "?", each["reason"]) for each in found),
        more_left_out=line.counts["excluded"] - len(found),
        problems=tuple(form.problems) if form else (),
    )


def _line(known: Batch) -> Line:
    place = tuple(part for part in known.filter if part)
    at = known.created_on
    return Line(known.id, at, known.state, known.dry_run, place, known.counts())
