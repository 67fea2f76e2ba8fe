"""The meeting, and the employee's last word: only they say that it took place, or that it needn't."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Annotated, cast

from fastapi import APIRouter
from fastapi.responses import HTMLResponse, Response

from console.pages.conversation import Conversing, Own
from console.pages.forms import Sent
from console.pages.frame import Page, show
from console.pages.language import sentence
from console.pages.questions import Service
from console.pages.reader import Reading, leads_to
from console.pages.way import Way, Ways
from services.conversation.content import Outcome
from shared.http import Id, given

router = APIRouter()
_CHOOSE = sentence("Say whether you have met; both are fine.")
_FUTURE = sentence("A meeting that has taken place has a day that isn't in the future.")


@dataclass(frozen=True, kw_only=True)
class ConcludePage(Page):
    """Whether they met, on which day, and what still has to be said."""

    own: Own
    today: date
    meeting: str = ""
    held_on: str = ""


@dataclass(frozen=True, kw_only=True)
class ConcludedPage(Page):
    """It is concluded; what happens next."""

    own: Own
    way: Way | None


@router.get("/conversations/{id}/conclude", name="concluding")
async def concluding(reader: Reading, own: Conversing) -> HTMLResponse:
    """Say whether the meeting took place."""
    claimed = own.conversation.meeting.claimed_on
    today = reader.now.astimezone(reader.manner.zone).date()
    day = str(claimed or "")
    return show(
        "conclude.html", ConcludePage(frame=reader.frame, own=own, today=today, held_on=day)
    )


@router.post("/conversations/{id}/conclude", name="conclude")
async def conclude(
    reader: Reading, own: Conversing, id_: Id, form: Sent, service: Service
) -> Response:
    """The employee ends the conversation."""
    meeting = cast("Outcome", form.one_of("meeting", ("held", "waived"), _CHOOSE))
    today = reader.now.astimezone(reader.manner.zone).date()
    held_on = form.day("held_on") or today if meeting == "held" else None
    if held_on is not None and held_on > today:
        form.refuse("held_on", _FUTURE)
    if form.is_good and await form.once(lambda c: service.conclude(c, id_, meeting, held_on)):
        return leads_to(f"/conversations/{id_}/concluded")
    page = ConcludePage(
        frame=reader.frame,
        own=own,
        today=today,
        meeting=meeting,
        held_on=form.text("held_on"),
        problems=tuple(form.problems),
    )
    return show("conclude.html", page, 422)


@router.get("/conversations/{id}/concluded", name="concluded")
async def concluded(
    reader: Reading, own: Conversing, ways: Annotated[Ways, given(Ways)]
) -> HTMLResponse:
    """It is concluded."""
    way = await ways.of(reader.by, reader.now)
    return show("concluded.html", ConcludedPage(frame=reader.frame, own=own, way=way))
