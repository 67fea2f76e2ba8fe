"""One question a page: answer it, take your time with it, or leave it out. A draft is kept by itself."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, time
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter
from fastapi.responses import HTMLResponse, Response

from console.pages.conversation import Conversing, Own
from console.pages.forms import Posted, Sent, print_of
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
_PRIME = 10**18 + 9
"""What the prints are made with of drafts that were sent and never answered; see quiet.js."""


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
    def known(self) -> str:
        """What is kept of it: a draft, or what is saved."""
        return self.draft.text if self.draft else self.question.answer or ""

    @property
    def text(self) -> str:
        """What stands in the page's field: what was just sent, or what is kept."""
        return self.known if self.written is None else self.written

    @property
    def version(self) -> int:
        return self.draft.version if self.draft else 0

    @property
    def print(self) -> str:
        return _print_of(self.known)

    @property
    def has_draft(self) -> bool:
        return self.draft is not None and self.draft.text != self.question.answer


@dataclass(frozen=True, kw_only=True)
class DraftPage(Page):
    """What became of a draft: its new version, None where it was changed elsewhere."""

    version: int | None
    print: str
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
        return leads_to(_after(id_, page), "saved_shared" if page.question.shared else "saved")
    return _show(_again(page, form, elsewhere))


@router.post("/conversations/{id}/questions/{question}/draft", name="save_draft")
async def save_draft(
    reader: Reading,
    own: Conversing,
    id_: Id,
    question: str,
    form: Sent,
    both: Both,
    seen: Annotated[Seen, given(Seen)],
) -> HTMLResponse:
    """Keep what is being typed, by itself; nobody but its author ever sees it."""
    text, before = form.verbatim("text"), form.number("draft") or 0
    if form.text("sent"):
        known = (await seen.drafts(reader.by, id_)).get(question)
        before = known.version if known and _is_ours(form, known) else before
    command = replace(form.command(), asked=None, if_version=before)
    try:
        version: int | None = (await both.save_draft(command, id_, question, text))["version"]
    except Stale:
        version = None
    page = DraftPage(frame=reader.frame, version=version, print=_print_of(text), at=reader.now)
    return show("draft.html", page, 409 if version is None else 200)


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
    elsewhere = await _keep_as_draft(form, page, id_, both)
    if form.is_good and await form.once(lambda c: service.set_aside(c, id_, question, None)):
        return leads_to(f"/conversations/{id_}/questions/{question}/later")
    return _show(_again(page, form, elsewhere))


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
    elsewhere = await _keep_as_draft(form, page, id_, both)
    if form.is_good and await form.once(lambda c: service.decline_question(c, id_, question)):
        return leads_to(_after(id_, page), "left_out")
    return _show(_again(page, form, elsewhere))


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
    if draft and not _is_ours(form, draft) and draft.text.strip() != written:
        return draft.text
    return None


def _is_ours(form: Posted, draft: Draft) -> bool:
    """Whether this window knows the draft: it read it or kept it, if only the answer never came."""
    sent = int.from_bytes(draft.text.encode(), "big") % _PRIME
    return form.number("draft") == draft.version or str(sent) in form.text("sent").split()


def _print_of(text: str) -> str:
    """What shows of a text whether it was changed since."""
    return print_of({"text": text.strip()})


async def _keep_as_draft(
    form: Posted, page: QuestionPage, id_: UUID, both: BothSides
) -> str | None:
    """Keep what is new in this window; what another one holds and this one hasn't seen is answered."""
    written = form.verbatim("text")
    is_new = _print_of(written) not in {form.text("print"), page.print}
    if not (written.strip() and is_new and form.is_clean("text")):
        return None
    elsewhere = _written_elsewhere(form, page)
    if elsewhere is not None:
        form.refuse("text", _ELSEWHERE)
        return elsewhere
    command = replace(form.command(), asked=None, if_version=page.version)
    await both.save_draft(command, id_, page.question.id, written)
    return None


def _again(page: QuestionPage, form: Posted, elsewhere: str | None = None) -> QuestionPage:
    problems, written = tuple(form.problems), form.verbatim("text")
    return replace(page, problems=problems, written=written, elsewhere=elsewhere)


def _show(page: QuestionPage) -> HTMLResponse:
    return show("question.html", page, 422 if page.problems else 200)
