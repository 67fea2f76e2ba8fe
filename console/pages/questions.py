"""One question a page: answer it, take your time with it, or leave it out."""

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
from console.pages.seen import Conversed, Question
from services.conversation.application import Conversations
from shared.http import Id, given

router = APIRouter()
Service = Annotated[Conversations, given(Conversations)]
_NOTHING = sentence("Write something first; or take your time, and come back to it later.")
_ELSEWHERE = sentence(
    "You have saved something else here in the meantime, perhaps in another window. It stands below"
    " your text; put together what you want to keep, then save."
)
_PAST = sentence("Choose a day that is still to come.")


@dataclass(frozen=True, kw_only=True)
class QuestionPage(Page):
    """A question with what may be known before one types: why, and who reads it."""

    own: Own
    question: Question
    number: int
    text: str
    next: str | None
    elsewhere: str | None = None


@router.get("/conversations/{id}/questions/{question}", name="question")
async def question(reader: Reading, own: Conversing, question: str) -> HTMLResponse:
    """Read one question, and what was said to it so far."""
    return _show(_page(reader, own, question))


@router.post("/conversations/{id}/questions/{question}", name="record_answer")
async def record_answer(
    reader: Reading, own: Conversing, id_: Id, question: str, form: Sent, service: Service
) -> Response:
    """Save an answer; again is a revision."""
    page = _page(reader, own, question)
    text = form.words("text", _NOTHING)
    _notice_other_windows(form, page)
    if form.is_good and await form.once(lambda c: service.record_answer(c, id_, question, text)):
        return leads_to(_after(id_, page), "saved")
    return _show(_again(page, form))


@router.post("/conversations/{id}/questions/{question}/set-aside", name="set_aside")
async def set_aside(
    reader: Reading, own: Conversing, id_: Id, question: str, form: Sent, service: Service
) -> Response:
    """Take your time with it."""
    page = _page(reader, own, question)
    if await form.once(lambda c: service.set_aside(c, id_, question, None)):
        return leads_to(f"/conversations/{id_}/questions/{question}/later")
    return _show(_again(page, form))


@router.get("/conversations/{id}/questions/{question}/later", name="later")
async def later(reader: Reading, own: Conversing, question: str) -> HTMLResponse:
    """It is set aside; a day to come back may be chosen, and need not be."""
    return show("later.html", _page(reader, own, question))


@router.post("/conversations/{id}/questions/{question}/later", name="choose_day")
async def choose_day(
    reader: Reading, own: Conversing, id_: Id, question: str, form: Sent, service: Service
) -> Response:
    """Choose a day to come back to it."""
    page = _page(reader, own, question)
    day = form.day("until")
    until = datetime.combine(day, time(9), reader.manner.zone) if day else None
    if until is not None and until <= reader.now:
        form.refuse("until", _PAST)
    if form.is_good and await form.once(lambda c: service.set_aside(c, id_, question, until)):
        return leads_to(_after(id_, page), "set_aside")
    return show("later.html", _again(page, form), 422)


@router.post("/conversations/{id}/questions/{question}/leave-out", name="decline_question")
async def decline_question(
    reader: Reading, own: Conversing, id_: Id, question: str, form: Sent, service: Service
) -> Response:
    """Leave it out; no reason is asked."""
    page = _page(reader, own, question)
    if await form.once(lambda c: service.decline_question(c, id_, question)):
        return leads_to(_after(id_, page), "left_out")
    return _show(_again(page, form))


def _page(reader: Reader, own: Own, question: str) -> QuestionPage:
    known = own.conversation
    asked = known.question(question)
    number = known.questions.index(asked)
    return QuestionPage(
        frame=reader.frame,
        own=own,
        question=asked,
        number=number + 1,
        text=asked.answer or "",
        next=_next_open(known, number),
    )


def _next_open(known: Conversed, number: int) -> str | None:
    """The next question that nothing was said to, going round once."""
    later = (*known.questions[number + 1 :], *known.questions[:number])
    return next((each.id for each in later if each.state == "open"), None)


def _after(id_: UUID, page: QuestionPage) -> str:
    return f"/conversations/{id_}/questions/{page.next}" if page.next else "/"


def _notice_other_windows(form: Posted, page: QuestionPage) -> None:
    """Two windows on one question: neither text takes the other's place unseen."""
    seen, written = form.text("seen"), form.text("text")
    if page.text and written != page.text and seen != str(page.question.version):
        form.refuse("text", _ELSEWHERE)


def _again(page: QuestionPage, form: Posted) -> QuestionPage:
    elsewhere = any(problem.sentence == _ELSEWHERE for problem in form.problems)
    return replace(
        page,
        problems=tuple(form.problems),
        text=form.text("text"),
        elsewhere=page.text if elsewhere else None,
    )


def _show(page: QuestionPage) -> HTMLResponse:
    return show("question.html", page, 422 if page.problems else 200)
