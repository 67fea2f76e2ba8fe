"""For conversation partners: who is with them, with whom it is, who rests; and getting ready to talk."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Depends
from fastapi.responses import HTMLResponse, Response

from console.pages.forms import Sent
from console.pages.frame import Page, show
from console.pages.language import sentence
from console.pages.names import Names
from console.pages.reader import Reader, Reading, leads_to
from console.pages.seen import Conversed, Planned, Seen
from services.conversation.both_sides import BothSides
from services.cycles.course import waiting_for
from services.cycles.progress import Progress
from services.cycles.readmodel import CycleList, Wanted
from shared.errors import NotAllowed, NotFound
from shared.eventstore.record import Record
from shared.http import CustomerId, given

router = APIRouter()
_MOST = 200
_FIRST = UUID(int=0)
_FUTURE = sentence("A meeting that has taken place has a day that isn't in the future.")
With = Literal["you", "them", "resting"]


@dataclass(frozen=True)
class Companion:
    """Somebody whom the reader talks with, and where the two of them stand; nothing more is told."""

    person: str
    name: str
    state: str
    turn: With
    since: datetime
    resting_until: datetime | None
    conversation: UUID | None
    plan: UUID | None


@dataclass(frozen=True, kw_only=True)
class CompanionsPage(Page):
    """Everybody whom the reader talks with."""

    companions: tuple[Companion, ...]

    def whose(self, turn: With) -> list[Companion]:
        return [each for each in self.companions if each.turn == turn]


@dataclass(frozen=True, kw_only=True)
class CompanionPage(Page):
    """One of them: what was shared, what helps a good conversation, and what the reader may do."""

    companion: Companion
    shown: Conversed | None
    plan: Planned | None
    today: date
    held_on: str = ""


@router.get("/partner", name="partner")
async def partner(
    reader: Reading,
    cycles: Annotated[CycleList, given(CycleList)],
    record: Annotated[Record, given(Record)],
    names: Annotated[Names, given(Names)],
) -> HTMLResponse:
    """Read where each of them stands."""
    if not reader.by.has("partner") or reader.by.subject is None:
        raise NotAllowed
    wanted = Wanted(partner=reader.by.subject)
    found = await cycles.list_cycles(reader.by.tenant, wanted, _FIRST, _MOST)
    companions = await _companions(reader, found, record, names)
    return show("partner.html", CompanionsPage(frame=reader.frame, companions=tuple(companions)))


async def accompanied(
    reader: Reading,
    person: CustomerId,
    cycles: Annotated[CycleList, given(CycleList)],
    record: Annotated[Record, given(Record)],
    names: Annotated[Names, given(Names)],
) -> Companion:
    """The companion of that id; somebody whom the reader doesn't talk with isn't found."""
    subject = await record.vault.subject_of(reader.by.tenant, person)
    if subject is None or reader.by.subject is None or not reader.by.has("partner"):
        raise NotFound
    wanted = Wanted(person=subject, partner=reader.by.subject)
    found = await cycles.list_cycles(reader.by.tenant, wanted, _FIRST, _MOST)
    companions = await _companions(reader, found, record, names)
    if not companions:
        raise NotFound
    return companions[-1]


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


async def _companions(
    reader: Reader, found: list[Progress], record: Record, names: Names
) -> list[Companion]:
    tenant = reader.by.tenant
    going_on = [p for p in found if p.state != "closed" and p.person != reader.by.subject]
    ids = await record.vault.people_of(tenant, {p.person for p in going_on})
    called = await names.of_all(tenant, ids)
    listed = [_companion(p, ids[p.person], called, reader.now) for p in going_on if p.person in ids]
    return sorted(listed, key=lambda each: each.name)


def _companion(p: Progress, person: str, called: dict[UUID, str], now: datetime) -> Companion:
    """What a partner is told: whose turn it is, or that somebody rests; never why."""
    rests = p.suspension is not None or p.withheld(now) in {"paused", "set_aside"}
    turn: With = "resting"
    if not rests and waiting_for(p) in {"employee", "partner"}:
        turn = "you" if waiting_for(p) == "partner" else "them"
    until = p.suspension.until if p.suspension else p.resting_until(now)
    return Companion(
        person=person,
        name=called.get(p.person, person),
        state=p.state,
        turn=turn,
        since=p.since,
        resting_until=until if rests else None,
        conversation=p.conversation,
        plan=p.plan,
    )


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
