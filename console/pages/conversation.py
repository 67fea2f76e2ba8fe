"""A conversation of the reader's own, whole: to check while it is open, to read again for years after."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Depends
from fastapi.responses import HTMLResponse

from console.pages.frame import Page, show
from console.pages.people import Names
from console.pages.reader import Reading
from console.pages.way import in_language
from services.conversation.application import Conversations
from services.conversation.domain import Answer, Conversation, Facet
from shared.errors import NotFound
from shared.http import Id, given

router = APIRouter()
KINDS = ("value", "skill", "interest", "goal")


@dataclass(frozen=True)
class Own:
    """A conversation of the reader's own, and the name of whoever it is with."""

    conversation: Conversation
    partner: str | None

    @property
    def path(self) -> str:
        return f"/conversations/{self.conversation.id}"

    @property
    def goes_on(self) -> bool:
        return self.conversation.state in {"open", "paused"}

    def facets(self, kind: str) -> list[tuple[str, Facet]]:
        """What was noted of one kind."""
        return [(id_, f) for id_, f in self.conversation.facets.items() if f.kind == kind]


async def conversing(
    reader: Reading,
    id_: Id,
    conversations: Annotated[Conversations, given(Conversations)],
    names: Annotated[Names, given(Names)],
) -> Own:
    """The reader's own conversation of that id; anybody else's isn't found here."""
    known, standing = await conversations.get_conversation(reader.by, id_)
    if standing != "employee":
        raise NotFound
    partner = reader.person.partner if reader.person else None
    return Own(known, await names.of(reader.by.tenant, partner))


Conversing = Annotated[Own, Depends(conversing)]


@dataclass(frozen=True)
class Said:
    """A question and what was said to it."""

    id: str
    asked: str
    answer: Answer | None
    shared: bool


@dataclass(frozen=True, kw_only=True)
class ConversationPage(Page):
    """Everything of one conversation."""

    own: Own
    said: tuple[Said, ...]


@router.get("/conversations/{id}", name="conversation")
async def conversation(reader: Reading, own: Conversing) -> HTMLResponse:
    """Check what was said so far, or read it again."""
    known = own.conversation
    said = tuple(
        Said(
            id=each.id,
            asked=in_language(each.text, reader.manner.language),
            answer=known.answers.get(each.id),
            shared=known.is_shared(each.id),
        )
        for each in known.guide.questions
    )
    return show("conversation.html", ConversationPage(frame=reader.frame, own=own, said=said))
