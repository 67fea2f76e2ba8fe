"""Nobody is rushed: rest for a while, come back, or leave this round's conversation out altogether."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, time

from fastapi import APIRouter
from fastapi.responses import HTMLResponse, Response

from console.pages.conversation import ConversationPage, Conversing, Own
from console.pages.forms import Sent
from console.pages.frame import Page, show
from console.pages.language import sentence
from console.pages.questions import Service
from console.pages.reader import Reading, leads_to
from shared.http import Id

router = APIRouter()
_PAST = sentence("Choose a day that is still to come.")


@dataclass(frozen=True, kw_only=True)
class RestPage(Page):
    """Until when to rest; `unnamed` is the moment that is taken where no day is named."""

    own: Own
    unnamed: datetime
    until: str = ""
    latest: datetime | None = None
    """Until when it may be at most, where that was too long."""


@router.get("/conversations/{id}/rest", name="resting")
async def resting(reader: Reading, own: Conversing, id_: Id, service: Service) -> HTMLResponse:
    """Choose until when."""
    unnamed = await service.rest_until(reader.by, id_)
    return show("rest.html", RestPage(frame=reader.frame, own=own, unnamed=unnamed))


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
    page = RestPage(
        frame=reader.frame,
        own=own,
        unnamed=await service.rest_until(reader.by, id_),
        until=form.text("until"),
        latest=datetime.fromisoformat(form.more["latest"]) if "latest" in form.more else None,
        problems=tuple(form.problems),
    )
    return show("rest.html", page, 422)


@router.post("/conversations/{id}/resume", name="resume")
async def resume(
    reader: Reading, own: Conversing, id_: Id, form: Sent, service: Service
) -> Response:
    """Go on, after a rest or after all."""
    quiet = own.conversation.state in {"paused", "declined"}
    if not quiet or await form.once(lambda c: service.resume(c, id_)):
        return leads_to("/")
    page = ConversationPage(frame=reader.frame, own=own, problems=tuple(form.problems))
    return show("conversation.html", page, 422)


@router.get("/conversations/{id}/leave-out", name="leaving_out")
async def leaving_out(reader: Reading, own: Conversing) -> HTMLResponse:
    """Read what it means to leave this round's conversation out."""
    return show("leave_out.html", ConversationPage(frame=reader.frame, own=own))


@router.post("/conversations/{id}/leave-out", name="decline")
async def decline(
    reader: Reading, own: Conversing, id_: Id, form: Sent, service: Service
) -> Response:
    """Leave it out; no reason is asked."""
    if await form.once(lambda c: service.decline(c, id_)):
        return leads_to("/", "declined")
    page = ConversationPage(frame=reader.frame, own=own, problems=tuple(form.problems))
    return show("leave_out.html", page, 422)
