"""For auditors: to ask to read what was shared in one cycle of somebody's."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, get_args
from uuid import UUID

from fastapi import APIRouter
from fastapi.responses import HTMLResponse, Response

from console.pages.forms import Posted, Sent
from console.pages.frame import Page, show
from console.pages.language import sentence
from console.pages.made import Made
from console.pages.reader import Reader, Reading, leads_to
from services.audit.readmodel import Timeline
from services.permission import Permission, Resource
from services.privacy.application import Cases
from services.privacy.cases import Reason
from shared.eventstore.record import Record
from shared.http import given

router = APIRouter()
REASONS: tuple[str, ...] = get_args(Reason)
HOURS = ("1", "2", "3", "4")
_WHICH = sentence("Choose the cycle whose words you need.")
_WHY = sentence("Choose why you need them; the person is shown the reason.")
_HOW_LONG = sentence("Choose for how long: four hours at most.")


@dataclass(frozen=True)
class Cycle:
    """A cycle of somebody's, and when it began."""

    id: UUID
    began: datetime


@dataclass(frozen=True, kw_only=True)
class AskingCasePage(Page):
    """Of whom and of which cycle, why, and for how long."""

    person: str
    cycles: tuple[Cycle, ...] | None
    """None for somebody who isn't known, or as long as nobody is named."""
    cycle: str = ""
    reason: str = ""
    hours: str = "4"
    reasons: tuple[str, ...] = REASONS


class Askable:
    """Finds of whom something can be asked."""

    def __init__(self, record: Record, permission: Permission, timeline: Timeline) -> None:
        self._record = record
        self._permission = permission
        self._timeline = timeline

    async def page(self, reader: Reader, person: str, form: Posted | None = None) -> AskingCasePage:
        by = reader.by
        await self._permission.require(by, "write", Resource("case"), reader.now)
        return AskingCasePage(
            frame=reader.frame,
            person=person,
            cycles=await self._cycles(by.tenant, person, reader.now) if person else None,
            cycle=form.text("cycle") if form else "",
            reason=form.text("reason") if form else "",
            hours=form.text("hours") if form else "4",
            problems=tuple(form.problems) if form else (),
        )

    async def _cycles(self, tenant: str, person: str, now: datetime) -> tuple[Cycle, ...] | None:
        subject = await self._record.vault.subject_of(tenant, person)
        if subject is None:
            return None
        streams = await self._timeline.streams_of(tenant, subject, now)
        rows = await self._record.rows_of(tenant, [s for s, kind in streams if kind == "cycles"])
        began = [Cycle(row.stream, row.at) for row in rows if row.version == 1]
        return tuple(sorted(began, key=lambda each: each.began, reverse=True))


Asking = Annotated[Askable, given(Askable)]


@router.get("/cases/ask", name="asking_case")
async def asking_case(reader: Reading, askable: Asking, person: str = "") -> HTMLResponse:
    """Say whose words are needed, and why."""
    return show("case_asking.html", await askable.page(reader, person))


@router.post("/cases", name="request_case")
async def request_case(
    reader: Reading, form: Sent, askable: Asking, service: Annotated[Cases, given(Cases)]
) -> Response:
    """Ask; two others decide."""
    person = form.text("person")
    known = (await askable.page(reader, person)).cycles or ()
    cycle = form.one_of("cycle", tuple(str(each.id) for each in known), _WHICH)
    reason = form.one_of("reason", REASONS, _WHY)
    hours = form.one_of("hours", HOURS, _HOW_LONG)
    made = Made()
    if form.is_good and await form.once(
        lambda c: made.by(service.request_case(c, UUID(cycle), reason, int(hours)))
    ):
        return leads_to(f"/cases/{await made.id(form)}")
    return show("case_asking.html", await askable.page(reader, person, form), 422)
