"""A conversation of the reader's own, whole: to check while it is open, to read for years after."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Depends
from fastapi.responses import HTMLResponse

from console.pages.frame import Page, show
from console.pages.names import Names
from console.pages.reader import Reading
from console.pages.seen import Conversed, Seen
from shared.errors import NotFound
from shared.http import Id, given

router = APIRouter()
KINDS = ("value", "skill", "interest", "goal")


@dataclass(frozen=True)
class Own:
    """A conversation of the reader's own, and the name of whoever it is with."""

    conversation: Conversed
    partner: str | None

    @property
    def path(self) -> str:
        return self.conversation.path


async def conversing(
    reader: Reading,
    id_: Id,
    seen: Annotated[Seen, given(Seen)],
    names: Annotated[Names, given(Names)],
) -> Own:
    """The reader's own conversation of that id; anybody else's isn't found here."""
    if await seen.is_about(reader.by, id_) != reader.by.subject:
        raise NotFound
    partner = reader.person.partner if reader.person else None
    known = await seen.conversation(reader.by, id_)
    return Own(known, await names.of(reader.by.tenant, partner))


Conversing = Annotated[Own, Depends(conversing)]


@dataclass(frozen=True, kw_only=True)
class ConversationPage(Page):
    """Everything of one conversation."""

    own: Own


@router.get("/conversations/{id}", name="conversation")
async def conversation(reader: Reading, own: Conversing) -> HTMLResponse:
    """Check what was said so far, or read it again."""
    return show("conversation.html", ConversationPage(frame=reader.frame, own=own))
