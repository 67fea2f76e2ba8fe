"""Notes beside a conversation, of either side: for oneself, or for both."""

from __future__ import annotations

from dataclasses import dataclass

from fastapi import APIRouter
from fastapi.responses import HTMLResponse, Response

from console.pages.appointments import Both, ForBoth, Meeting
from console.pages.forms import Sent
from console.pages.frame import Page, show
from console.pages.language import sentence
from console.pages.reader import Reading, leads_to
from shared.http import Id

router = APIRouter()
_NOTHING = sentence("Write something first.")


@dataclass(frozen=True, kw_only=True)
class NotesPage(Page):
    """The notes that the reader may see, and the one that is being written."""

    meeting: Meeting
    text: str = ""
    shared: bool = False


@router.get("/conversations/{id}/notes", name="notes")
async def notes(reader: Reading, meeting: ForBoth) -> HTMLResponse:
    """Read them."""
    return show("notes.html", NotesPage(frame=reader.frame, meeting=meeting))


@router.post("/conversations/{id}/notes", name="write_note")
async def write_note(
    reader: Reading, meeting: ForBoth, id_: Id, form: Sent, both: Both
) -> Response:
    """Write one."""
    text, shared = form.words("text", _NOTHING), form.text("shared") == "yes"
    if form.is_good and await form.once(
        lambda c: both.write_note(c, id_, text, shared=shared, question=None)
    ):
        return leads_to(f"/conversations/{id_}/notes", "noted")
    page = NotesPage(
        frame=reader.frame,
        meeting=meeting,
        text=form.text("text"),
        shared=shared,
        problems=tuple(form.problems),
    )
    return show("notes.html", page, 422)
