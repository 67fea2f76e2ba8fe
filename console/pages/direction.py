"""The direction: four cards, each as good as another."""

from __future__ import annotations

from dataclasses import dataclass
from typing import cast, get_args

from fastapi import APIRouter
from fastapi.responses import HTMLResponse, Response

from console.pages.conversation import Conversing, Own
from console.pages.forms import Sent
from console.pages.frame import Page, show
from console.pages.language import sentence
from console.pages.questions import Service
from console.pages.reader import Reading, leads_to
from services.conversation.content import Direction
from shared.http import Id

router = APIRouter()
DIRECTIONS: tuple[Direction, ...] = get_args(Direction)
_NONE = sentence("Choose one of the four; “I don't know yet” is one of them.")


@dataclass(frozen=True, kw_only=True)
class DirectionPage(Page):
    """The four, which one was chosen, and a word about it."""

    own: Own
    chosen: str
    comment: str
    directions: tuple[str, ...] = DIRECTIONS


@router.get("/conversations/{id}/direction", name="direction")
async def direction(reader: Reading, own: Conversing) -> HTMLResponse:
    """Read the four, and what was said before."""
    known = own.conversation
    page = DirectionPage(
        frame=reader.frame,
        own=own,
        chosen=known.direction or "",
        comment=known.direction_comment or "",
    )
    return show("direction.html", page)


@router.post("/conversations/{id}/direction", name="state_direction")
async def state_direction(
    reader: Reading, own: Conversing, id_: Id, form: Sent, service: Service
) -> Response:
    """Say which, and change it as often as wanted."""
    chosen = cast("Direction", form.one_of("direction", DIRECTIONS, _NONE))
    comment = form.words("comment", "") if form.text("comment") else None
    if form.is_good and await form.once(lambda c: service.state_direction(c, id_, chosen, comment)):
        return leads_to("/", "saved_shared" if own.conversation.shared.has_direction else "saved")
    page = DirectionPage(
        frame=reader.frame,
        own=own,
        chosen=form.text("direction"),
        comment=form.text("comment"),
        problems=tuple(form.problems),
    )
    return show("direction.html", page, 422)
