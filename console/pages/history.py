"""What somebody has said over the years: their conversations and plans, round by round."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter
from fastapi.responses import HTMLResponse

from console.pages.frame import Page, show
from console.pages.reader import Reading
from services.conversation.domain import Conversation
from services.conversation.readmodel import ConversationList
from services.planning.readmodel import PlanList
from shared.errors import NotAllowed
from shared.eventstore.record import Record
from shared.http import given

router = APIRouter()
_MOST = 200
_LEFT_OUT = Conversation.Declined.TOPIC
_WHETHER_TO_TALK = {_LEFT_OUT, Conversation.Reopened.TOPIC}


@dataclass(frozen=True)
class Entry:
    """A conversation or a plan: which, when it began, and how it stands."""

    id: UUID
    kind: str
    state: str
    began: datetime
    round: int


@dataclass(frozen=True, kw_only=True)
class HistoryPage(Page):
    """All of them, the newest first."""

    entries: tuple[Entry, ...]
    hands_over: bool
    """Whether something may have been said before, of which today's partner gets what is chosen."""


@router.get("/history", name="history")
async def history(
    reader: Reading,
    conversations: Annotated[ConversationList, given(ConversationList)],
    plans: Annotated[PlanList, given(PlanList)],
    record: Annotated[Record, given(Record)],
) -> HTMLResponse:
    """Read it again."""
    by = reader.by
    if by.subject is None or "history" not in reader.frame.places:
        raise NotAllowed
    said = await conversations.conversations_of(by.tenant, by.subject, 0, _MOST)
    planned = await plans.plans_of(by.tenant, by.subject, 0, _MOST, drafts=True)
    rows = await record.rows_of(by.tenant, [each["id"] for each in (*said, *planned)])
    began = {row.stream: row.at for row in rows if row.version == 1}
    left_out = {row.stream: row.type == _LEFT_OUT for row in rows if row.type in _WHETHER_TO_TALK}
    entries = [_entry(_told(each, left_out), each["kind"], began) for each in said]
    entries += [_entry(each, "plan", began) for each in planned]
    newest_first = tuple(sorted(entries, key=lambda each: each.began, reverse=True))
    person = reader.person
    hands_over = person is not None and person.has_a_past
    page = HistoryPage(frame=reader.frame, entries=newest_first, hands_over=hands_over)
    return show("history.html", page)


def _told(listed: dict[str, Any], left_out: dict[UUID, bool]) -> dict[str, Any]:
    """The next one closes what was left out, which it stays."""
    stays = listed["state"] == "closed" and left_out.get(listed["id"], False)
    return listed | {"state": "declined"} if stays else listed


def _entry(listed: dict[str, Any], kind: str, began: dict[UUID, datetime]) -> Entry:
    return Entry(listed["id"], kind, listed["state"], began[listed["id"]], listed["round"])
