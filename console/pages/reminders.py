"""Reminders by mail: to end them and to have them again, for whoever they go to."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter
from fastapi.responses import HTMLResponse, Response

from console.pages.forms import Posted, Sent
from console.pages.frame import Page, show
from console.pages.reader import Reader, Reading, leads_to
from services.people.application import People
from services.people.domain import Person
from shared.errors import NotAllowed
from shared.http import given

router = APIRouter()
Service = Annotated[People, given(People)]
_PATH = "/history/reminders"


@dataclass(frozen=True, kw_only=True)
class RemindersPage(Page):
    """Whether somebody is reminded by mail, and where they say otherwise."""

    wanted: bool
    to_end: str
    to_begin: str


@router.get("/history/reminders", name="reminders")
async def reminders(reader: Reading) -> HTMLResponse:
    """See whether one is reminded by mail."""
    return show("reminders.html", _page(reader))


@router.post("/history/reminders/end", name="decline_reminders")
async def decline_reminders(form: Sent, people: Service) -> Response:
    """Take no more of them."""
    return await _set(form, people, wanted=False)


@router.post("/history/reminders/again", name="want_reminders")
async def want_reminders(form: Sent, people: Service) -> Response:
    """Take them again."""
    return await _set(form, people, wanted=True)


async def _set(form: Posted, people: People, *, wanted: bool) -> Response:
    own = _own(form.reader)
    if await form.once(lambda c: people.set_reminders(c, own.id, wanted)):
        return leads_to(_PATH, "noted")
    return show("reminders.html", _page(form.reader, form), 422)


def _own(reader: Reader) -> Person:
    """The reader in the roster; raises `NotAllowed` for whoever isn't there."""
    if reader.person is None:
        raise NotAllowed
    return reader.person


def _page(reader: Reader, form: Posted | None = None) -> RemindersPage:
    return RemindersPage(
        frame=reader.frame,
        wanted=_own(reader).wants_reminders,
        to_end=f"{_PATH}/end",
        to_begin=f"{_PATH}/again",
        problems=tuple(form.problems) if form else (),
    )
