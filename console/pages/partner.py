"""For conversation partners: who is with them, with whom it is, who rests; and getting ready to talk."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from typing import Annotated

from fastapi import APIRouter, Depends
from fastapi.responses import HTMLResponse, Response

from console.pages.companions import Companion, Companions, Company
from console.pages.forms import Sent
from console.pages.frame import Page, show
from console.pages.language import sentence
from console.pages.planned import Planned
from console.pages.reader import Reader, Reading, leads_to
from console.pages.seen import Conversed, Seen
from services.conversation.both_sides import BothSides
from shared.errors import NotAllowed, NotFound
from shared.http import CustomerId, given

router = APIRouter()
Finding = Annotated[Companions, given(Companions)]
_FUTURE = sentence("A meeting that has taken place has a day that isn't in the future.")


@dataclass(frozen=True, kw_only=True)
class CompanionsPage(Page):
    """Everybody whom the reader talks with."""

    company: Company


@dataclass(frozen=True, kw_only=True)
class CompanionPage(Page):
    """One of them: what was shared, what helps a good conversation, and what the reader may do."""

    companion: Companion
    shown: Conversed | None
    plan: Planned | None
    today: date
    held_on: str = ""


@router.get("/partner", name="partner")
async def partner(reader: Reading, companions: Finding) -> HTMLResponse:
    """Read where each of them stands."""
    if not reader.by.has("partner") or reader.by.subject is None:
        raise NotAllowed
    company = await companions.of(reader)
    return show("partner.html", CompanionsPage(frame=reader.frame, company=company))


async def accompanied(reader: Reading, person: CustomerId, companions: Finding) -> Companion:
    """The companion of that id; somebody whom the reader doesn't talk with isn't found."""
    return await companions.one(reader, person)


Accompanied = Annotated[Companion, Depends(accompanied)]


@router.get("/partner/{person}", name="companion")
async def companion(
    reader: Reading, with_: Accompanied, seen: Annotated[Seen, given(Seen)]
) -> HTMLResponse:
    """Get ready to talk."""
    return show("companion.html", await _page(reader, with_, seen))


@router.post("/partner/{person}/met", name="claim_held")
async def claim_held(
    reader: Reading,
    with_: Accompanied,
    form: Sent,
    seen: Annotated[Seen, given(Seen)],
    service: Annotated[BothSides, given(BothSides)],
) -> Response:
    """Say that the meeting took place; the employee's word makes it so."""
    page = await _page(reader, with_, seen)
    held_on = form.day("held_on") or page.today
    if held_on > page.today:
        form.refuse("held_on", _FUTURE)
    id_ = with_.conversation
    if id_ is None:
        raise NotFound
    if form.is_good and await form.once(lambda c: service.claim_held(c, id_, held_on)):
        return leads_to(f"/partner/{with_.person}", "claimed")
    page = replace(page, problems=tuple(form.problems), held_on=form.text("held_on"))
    return show("companion.html", page, 422)


async def _page(reader: Reader, with_: Companion, seen: Seen) -> CompanionPage:
    by = reader.by
    shown = await seen.conversation(by, with_.conversation) if with_.conversation else None
    try:
        plan = await seen.plan(by, with_.plan) if with_.plan else None
    except NotFound:
        plan = None  # it is the employee's alone until it is proposed
    return CompanionPage(
        frame=reader.frame,
        companion=with_,
        shown=shown,
        plan=plan,
        today=reader.now.astimezone(reader.manner.zone).date(),
    )
