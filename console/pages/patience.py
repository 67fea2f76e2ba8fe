"""Nobody is rushed: rest for a while, come back, or leave this round's conversation out altogether."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta

from fastapi import APIRouter
from fastapi.responses import HTMLResponse, Response

from console.pages.conversation import ConversationPage, Conversing, Own
from console.pages.forms import Sent
from console.pages.frame import Page, show
from console.pages.language import sentence
from console.pages.questions import Service
from console.pages.reader import Reader, Reading, leads_to
from shared.http import Id

router = APIRouter()
_PAST = sentence("Choose a day that is still to come.")


@dataclass(frozen=True, kw_only=True)
class RestPage(Page):
    """Until when to rest."""

    own: Own
    suggested: date
    until: str = ""


@router.get("/conversations/{id}/rest", name="resting")
async def resting(reader: Reading, own: Conversing) -> HTMLResponse:
    """Choose until when."""
    return show("rest.html", _page(reader, own))


@router.post("/conversations/{id}/rest", name="pause")
async def pause(
    reader: Reading, own: Conversing, id_: Id, form: Sent, service: Service
) -> Response:
    """Rest; nobody is reminded in the meantime."""
    day = form.day("until")
    until = datetime.combine(day, time(9), reader.manner.zone) if day else None
    if until is not None and until <= reader.now:
        form.refuse("until", _PAST)
    if form.is_good and await form.once(lambda c: service.pause(c, id_, until)):
        return leads_to("/", "paused")
    page = replace(_page(reader, own), until=form.text("until"), problems=tuple(form.problems))
    return show("rest.html", page, 422)


@router.post("/conversations/{id}/resume", name="resume")
async def resume(
    reader: Reading, own: Conversing, id_: Id, form: Sent, service: Service
) -> Response:
    """Go on."""
    if own.conversation.state != "paused" or await form.once(lambda c: service.resume(c, id_)):
        return leads_to("/")
    page = ConversationPage(frame=reader.frame, own=own, problems=tuple(form.problems))
    return show("conversation.html", page, 422)


@router.get("/conversations/{id}/leave-out", name="leaving_out")
async def leaving_out(reader: Reading, own: Conversing) -> HTMLResponse:
    """Read what it means to leave this round's conversation out."""
    return show("leave_out.html", _page(reader, own))


@router.post("/conversations/{id}/leave-out", name="decline")
async def decline(
    reader: Reading, own: Conversing, id_: Id, form: Sent, service: Service
) -> Response:
    """Leave it out; no reason is asked."""
    if await form.once(lambda c: service.decline(c, id_)):
        return leads_to("/", "declined")
    page = _page(reader, own)
    return show("leave_out.html", replace(page, problems=tuple(form.problems)), 422)


def _page(reader: Reader, own: Own) -> RestPage:
    in_a_month = (reader.now + timedelta(days=30)).astimezone(reader.manner.zone).date()
    return RestPage(frame=reader.frame, own=own, suggested=in_a_month)
