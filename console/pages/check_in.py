"""The check-in: how the plan is going, in two clicks."""

from __future__ import annotations

from dataclasses import dataclass

from fastapi import APIRouter
from fastapi.responses import HTMLResponse, Response

from console.pages.forms import Sent
from console.pages.frame import Page, show
from console.pages.language import sentence
from console.pages.plan import AtTable, Service, Table
from console.pages.reader import Reading, leads_to
from shared.http import Id

router = APIRouter()
STATES = ("on_track", "changed", "blocked")
_CHOOSE = sentence("Choose one of the three.")


@dataclass(frozen=True, kw_only=True)
class CheckInPage(Page):
    """Three ways that it can go, and room for a word."""

    table: Table
    comment: str = ""
    states: tuple[str, ...] = STATES


@router.get("/plans/{id}/check-in", name="checking_in")
async def checking_in(reader: Reading, table: AtTable) -> HTMLResponse:
    """Say how it goes."""
    return show("check_in.html", CheckInPage(frame=reader.frame, table=table))


@router.post("/plans/{id}/check-in", name="check_in")
async def check_in(
    reader: Reading, table: AtTable, id_: Id, form: Sent, service: Service
) -> Response:
    """Put it on record."""
    state = form.one_of("state", STATES, _CHOOSE)
    comment = form.words("comment", "") if form.text("comment") else None
    if form.is_good and await form.once(lambda c: service.check_in(c, id_, state, comment)):
        return leads_to(table.home if state == "on_track" else f"/plans/{id_}", "noted")
    page = CheckInPage(
        frame=reader.frame,
        table=table,
        comment=form.text("comment"),
        problems=tuple(form.problems),
    )
    return show("check_in.html", page, 422)
