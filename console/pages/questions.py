"""One question a page: answer it, take your time with it, or leave it out. A draft is kept by itself."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, time
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter
from fastapi.responses import HTMLResponse, Response

from console.pages.conversation import Conversing, Own
from console.pages.forms import Posted, Sent
from console.pages.frame import Page, show
from console.pages.language import sentence
from console.pages.reader import Reader, Reading, leads_to
from console.pages.seen import Conversed, Question, Seen
from services.conversation.application import Conversations
from services.conversation.both_sides import BothSides
from services.conversation.drafts import Draft
from shared.errors import Stale
from shared.http import Id, given

router = APIRouter()
Service = Annotated[Conversations, given(Conversations)]
Both = Annotated[BothSides, given(BothSides)]
_NOTHING = sentence("Write something first; or take your time, and come back to it later.")
_ELSEWHERE = sentence(
    "You have written something else here in the meantime, perhaps in another window. It stands below"
    " your text; put together what you want to keep, then save."
)
_PAST = sentence("Choose a day that is still to come.")


@dataclass(frozen=True, kw_only=True)
class QuestionPage(Page):
    """A question with what may be known before one types: why, and who reads it."""

    own: Own
    question: Question
    number: int
    draft: Draft | None
    next: str | None
    written: str | None = None
    elsewhere: str | None = None

    @property
    def text(self) -> str:
        """What stands in the page's field: what was just sent, a draft, or what is saved."""
        if self.written is not None:
            return self.written
        return self.draft.text if self.draft else self.question.answer or ""

    @property
    def has_draft(self) -> bool:
        return self.draft is not None and self.draft.text != self.question.answer


@dataclass(frozen=True, kw_only=True)
class DraftPage(Page):
    """What became of a draft: its new version, or that it was changed elsewhere."""

    version: int | None
    at: datetime


@router.get("/conversations/{id}/questions/{question}", name="question")
async def question(
    reader: Reading, own: Conversing, question: str, seen: Annotated[Seen, given(Seen)]
) -> HTMLResponse:
    """Read one question, and what was said to it so far."""
    return _show(await _page(reader, own, question, seen))


@router.post("/conversations/{id}/questions/{question}", name="record_answer")
async def record_answer(
    reader: Reading,
    own: Conversing,
    id_: Id,
    question: str,
    form: Sent,
    service: Service,
    seen: Annotated[Seen, given(Seen)],
) -> Response:
    """Save an answer; again is a revision."""
    page = await _page(reader, own, question, seen)
    text = form.words("text", _NOTHING)
    elsewhere = _written_elsewhere(form, page)
    if elsewhere is not None:
        form.refuse("text", _ELSEWHERE)
    if form.is_good and await form.once(lambda c: service.record_answer(c, id_, question, text)):
        return leads_to(_after(id_, page), "saved")
    return _show(_again(page, form, elsewhere))


@router.post("/conversations/{id}/questions/{question}/draft", name="save_draft")
async def save_draft(
    reader: Reading, own: Conversing, id_: Id, question: str, form: Sent, both: Both
) -> HTMLResponse:
    """Keep what is being typed, by itself; nobody but its author ever sees it."""
    command = replace(form.command(), asked=None, if_version=form.number("draft") or 0)
    try:
        saved = await both.save_draft(command, id_, question, form.verbatim("text"))
        version: int | None = saved["version"]
    except Stale:
        version = None
    page = DraftPage(frame=reader.frame, version=version, at=reader.now)
    return show("draft.html", page)


@router.post("/conversations/{id}/questions/{question}/set-aside", name="set_aside")
async def set_aside(
    reader: Reading,
    own: Conversing,
    id_: Id,
    question: str,
    form: Sent,
    service: Service,
    both: Both,
    seen: Annotated[Seen, given(Seen)],
) -> Response:
    """Take your time with it; what was typed stays as a draft."""
    page = await _page(reader, own, question, seen)
    await _keep_as_draft(form, page, id_, both)
    if form.is_good and await form.once(lambda c: service.set_aside(c, id_, question, None)):
        return leads_to(f"/conversations/{id_}/questions/{question}/later")
    return _show(_again(page, form))


@router.get("/conversations/{id}/questions/{question}/later", name="later")
async def later(
    reader: Reading, own: Conversing, question: str, seen: Annotated[Seen, given(Seen)]
) -> HTMLResponse:
    """It is set aside; a day to come back may be chosen, and need not be."""
    return show("later.html", await _page(reader, own, question, seen))


@router.post("/conversations/{id}/questions/{question}/later", name="choose_day")
async def choose_day(
    reader: Reading,
    own: Conversing,
    id_: Id,
    question: str,
    form: Sent,
    service: Service,
    seen: Annotated[Seen, given(Seen)],
) -> Response:
    """Choose a day to come back to it."""
    page = await _page(reader, own, question, seen)
    day = form.day("until")
    until = datetime.combine(day, time(9), reader.manner.zone) if day else None
    if until is not None and until <= reader.now:
        form.refuse("until", _PAST)
    if form.is_good and await form.once(lambda c: service.set_aside(c, id_, question, until)):
        return leads_to(_after(id_, page), "set_aside" if until else "")
    return show("later.html", _again(page, form), 422)


@router.post("/conversations/{id}/questions/{question}/leave-out", name="decline_question")
async def decline_question(
    reader: Reading,
    own: Conversing,
    id_: Id,
    question: str,
    form: Sent,
    service: Service,
    both: Both,
    seen: Annotated[Seen, given(Seen)],
) -> Response:
    """Leave it out; no reason is asked, and what was typed stays as a draft."""
    page = await _page(reader, own, question, seen)
    await _keep_as_draft(form, page, id_, both)
    if form.is_good and await form.once(lambda c: service.decline_question(c, id_, question)):
        return leads_to(_after(id_, page), "left_out")
    return _show(_again(page, form))


async def _page(reader: Reader, own: Own, question: str, seen: Seen) -> QuestionPage:
    known = own.conversation
    asked = known.question(question)
    number = known.questions.index(asked)
    drafts = await seen.drafts(reader.by, known.id)
    return QuestionPage(
        frame=reader.frame,
        own=own,
        question=asked,
        number=number + 1,
        draft=drafts.get(question),
        next=_next_open(known, number),
    )


def _next_open(known: Conversed, number: int) -> str | None:
    """The next question that nothing was said to, going round once."""
    later_ones = (*known.questions[number + 1 :], *known.questions[:number])
    return next((each.id for each in later_ones if each.state == "open"), None)


def _after(id_: UUID, page: QuestionPage) -> str:
    return f"/conversations/{id_}/questions/{page.next}" if page.next else "/"


def _written_elsewhere(form: Posted, page: QuestionPage) -> str | None:
    """Two windows on one question: what the other one holds, where this one hasn't seen it."""
    written, answer, draft = form.text("text"), page.question.answer, page.draft
    if answer and form.number("seen") != page.question.version and answer != written:
        return answer
    if draft and form.number("draft") != draft.version and draft.text.strip() != written:
        return draft.text
    return None


async def _keep_as_draft(form: Posted, page: QuestionPage, id_: UUID, both: BothSides) -> None:
    """Keep what was typed, unless it is saved already."""
    written = form.verbatim("text")
    if written.strip() and written != page.text and form.is_clean("text"):
        command = replace(form.command(), asked=None)
        await both.save_draft(command, id_, page.question.id, written)


def _again(page: QuestionPage, form: Posted, elsewhere: str | None = None) -> QuestionPage:
    problems, written = tuple(form.problems), form.verbatim("text")
    return replace(page, problems=problems, written=written, elsewhere=elsewhere)


def _show(page: QuestionPage) -> HTMLResponse:
    return show("question.html", page, 422 if page.problems else 200)
