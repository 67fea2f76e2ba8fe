"""What was being written when the session had ended: shown to its author, to be saved or let go."""

from __future__ import annotations

import re
from contextlib import suppress
from dataclasses import dataclass
from typing import Annotated
from urllib.parse import unquote, urlsplit
from uuid import UUID

from fastapi import APIRouter
from fastapi.responses import HTMLResponse, Response

from console.login.kept import KeptForm, KeptForms
from console.pages.forms import Sent
from console.pages.frame import Page, show
from console.pages.language import Texts, sentence
from console.pages.reader import Reader, Reading, inward, leads_to
from console.pages.seen import Seen
from shared.errors import NotAllowed, NotFound
from shared.http import Id, given

router = APIRouter()
Kept = Annotated[KeptForms, given(KeptForms)]


_OF = re.compile(r"/(conversations|plans)/([0-9a-f-]{36})/(questions|goals|actions)/([^/]+)")
"""The page of a question, a goal or an action, whose own words say best what it is."""
_SAID = {
    "actions": sentence("An action"),
    "changes": sentence("What should be different?"),
    "check-in": sentence("How is your plan going?"),
    "corrections": sentence("What is wrong?"),
    "direction": sentence("Where would you like to go?"),
    "facets": sentence("What matters to you"),
    "goals": sentence("A goal"),
    "guides": sentence("Guides"),
    "meeting": sentence("A time to talk"),
    "notes": sentence("Notes"),
    "questions": sentence("A question"),
    "report": sentence("What has become of it?"),
}
"""What other pages are called, by a part of their path; the last one counts."""
_SOMETHING = sentence("What you wrote")


@dataclass(frozen=True)
class Waiting:
    """A form that waits for its author: the page that it was on, and what that is about."""

    kept: KeptForm
    page: str
    said: str
    about: Texts | None


@dataclass(frozen=True, kw_only=True)
class KeptPage(Page):
    """Every form that waits for its author."""

    forms: tuple[Waiting, ...]


@router.get("/kept", name="kept")
async def kept(reader: Reading, store: Kept, seen: Annotated[Seen, given(Seen)]) -> HTMLResponse:
    """Read what was being written."""
    forms = [await _waiting(each, reader, seen) for each in await store.kept_for(reader.by)]
    return show("kept.html", KeptPage(frame=reader.frame, forms=tuple(forms)))


async def _waiting(each: KeptForm, reader: Reader, seen: Seen) -> Waiting:
    page = inward(each.form.page)
    path = unquote(urlsplit(page).path)
    parts = [part for part in path.split("/") if part in _SAID]
    about = None
    with suppress(NotFound, NotAllowed):
        about = await _about(path, reader, seen)
    return Waiting(each, page, _SAID[parts[-1]] if parts else _SOMETHING, about)


async def _about(path: str, reader: Reader, seen: Seen) -> Texts | None:
    """The question, or what stands for a goal or an action by now."""
    if not (found := _OF.match(path)):
        return None
    _, id_, part, name = found.groups()
    if part == "questions":
        return (await seen.conversation(reader.by, UUID(id_))).question(name).text
    plan = await seen.plan(reader.by, UUID(id_))
    goal, action = plan.goals.get(name), plan.actions.get(name)
    said = goal.text if goal and part == "goals" else action.title if action else None
    return {reader.manner.language: said} if said else None


@router.post("/kept/{id}/let-go", name="let_go")
async def let_go(reader: Reading, id_: Id, form: Sent, store: Kept) -> Response:
    """Throw it away."""
    await store.let_go(reader.by, id_)
    return leads_to("/kept" if await store.kept_for(reader.by) else "/")
