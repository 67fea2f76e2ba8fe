"""For HR: writing the next version of a guide, which is shown as it will be read before it is one."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import islice

import msgspec
from fastapi import APIRouter
from fastapi.responses import Response

from console.pages.forms import CHANGED, Posted, Sent
from console.pages.frame import Page, show
from console.pages.guides import Allowed, Books
from console.pages.language import LANGUAGES, sentence
from console.pages.reader import Reader, Reading, leads_to
from services.conversation.guides import Guide, Question
from services.conversation.library import Library
from services.permission import Resource
from shared.http import CustomerId

router = APIRouter()
Texts = dict[str, str]
_NO_TITLE = sentence("Give the guide a title.")
_NO_TEXT = sentence("Write the question; to leave one out, empty all of its fields.")
_NO_QUESTION = sentence("A guide asks at least one question.")
_LONGEST = 2_000
_NEW = 2
"""How many empty questions a form offers besides those there are."""


@dataclass(frozen=True, kw_only=True)
class WritingPage(Page):
    """The next version as it is being written; with `preview` as it would be read.

    `seen` is the newest version that the writer knows of, `now` is that where they don't yet.
    """

    guide: Guide
    seen: int
    now: Guide | None = None
    unsaved: bool = False
    preview: bool = False
    languages: tuple[str, ...] = LANGUAGES


@router.get("/guides/{guide}/{version}/next", name="writing_guide")
async def writing_guide(
    reader: Reading, guide: CustomerId, version: int, library: Books, permission: Allowed
) -> Response:
    """Write the next version, beginning with the newest."""
    await permission.require(reader.by, "write", Resource("guide"), reader.now)
    known = await library.get_guide(reader.by, guide, version)
    newest = max(await _versions(reader, library, guide))
    if version != newest:
        return leads_to(f"/guides/{guide}/{newest}/next")
    page = WritingPage(frame=reader.frame, guide=_with_room(known), seen=newest)
    return show("writing_guide.html", page)


@router.post("/guides/{guide}/{version}/next", name="publish_guide")
async def publish_guide(
    reader: Reading,
    guide: CustomerId,
    version: int,
    form: Sent,
    library: Books,
    permission: Allowed,
) -> Response:
    """Show it as it would be read, and publish it from there; one that came meanwhile is shown first."""
    await permission.require(reader.by, "write", Resource("guide"), reader.now)
    await library.get_guide(reader.by, guide, version)
    page = _page(reader, form, await _versions(reader, library, guide), version)
    if form.is_good and form.text("step") == "publish":
        wanted = _without_room(page.guide)
        if await form.once(
            lambda c: library.publish_guide(replace(c, if_version=page.seen), wanted)
        ):
            return leads_to("/guides", "noted")
    preview = form.is_good and form.text("step") != "write"
    page = replace(page, preview=preview, problems=tuple(form.problems))
    return show("writing_guide.html", page, 422 if form.problems else 200)


async def _versions(reader: Reader, library: Library, guide: str) -> dict[int, Guide]:
    """All versions of a guide by their numbers."""
    listed = await library.list_guides(reader.by)
    return {each.version: each for each, _ in listed if each.guide == guide}


def _page(reader: Reader, form: Posted, known: dict[int, Guide], version: int) -> WritingPage:
    """What was written, over the newest version; refused where its writer doesn't know that one."""
    newest = known[max(known)]
    begun = known.get(form.number("seen") or version, newest)
    written = _written(form, begun, newest, known)
    is_behind = begun != newest and _without_room(written) != newest
    if is_behind:
        form.refuse("now", CHANGED)
    return WritingPage(
        frame=reader.frame,
        guide=msgspec.structs.replace(written, version=version),
        seen=newest.version,
        now=newest if is_behind else None,
        unsaved=True,
    )


def _written(form: Posted, begun: Guide, newest: Guide, known: dict[int, Guide]) -> Guide:
    """What was written: a title, and each question's reason and wording in every language.

    What wasn't touched is as the newest has it; a question that isn't in that any more comes back
    where something was written for it.
    """
    title = _by_language(form, "title", begun.title, newest.title)
    if not title:
        form.refuse("title-en", _NO_TITLE)
    room = _with_room(newest)
    there = [_question(form, each, begun, newest) for each in room.questions]
    gone = {q.id: q for each in known.values() for q in each.questions if q.id not in room.asks}
    back = [_question(form, each, begun, newest) for each in gone.values()]
    questions = (*there, *(each for each in back if each.purpose))
    if not any(each.text for each in questions):
        form.refuse("", _NO_QUESTION)
    return msgspec.structs.replace(newest, title=title, questions=questions)


def _question(form: Posted, known: Question, begun: Guide, newest: Guide) -> Question:
    was, now = _asked(begun, known.id), _asked(newest, known.id)
    purpose = _by_language(form, f"{known.id}-purpose", was.purpose, now.purpose)
    text = _by_language(form, f"{known.id}-text", was.text, now.text)
    if purpose and not text:
        form.refuse(f"{known.id}-text-en", _NO_TEXT)
    return msgspec.structs.replace(known, purpose=purpose or text, text=text)


def _by_language(form: Posted, name: str, begun: Texts, newest: Texts) -> Texts:
    """A text by language: what was touched as it was written, everything else as the newest has it."""
    written = {each: form.text(f"{name}-{each}") for each in LANGUAGES}
    for language, text in written.items():
        if text:
            form.is_clean(f"{name}-{language}", _LONGEST)
    touched = {each: text for each, text in written.items() if text != begun.get(each, "").strip()}
    texts = {each: newest.get(each, "") for each in LANGUAGES} | touched
    here = {each: text for each, text in texts.items() if text}
    return {each: text for each, text in newest.items() if here and each not in LANGUAGES} | here


def _asked(guide: Guide, id_: str) -> Question:
    """A question of a guide; an empty one where it doesn't ask that."""
    empty = Question(id=id_, purpose={}, text={})
    return next((each for each in guide.questions if each.id == id_), empty)


def _with_room(guide: Guide) -> Guide:
    """The guide with some empty questions at its end, each with an id of its own."""
    fresh = (name for n in range(1, 99) if (name := f"question-{n}") not in guide.asks)
    room = [_asked(guide, name) for name in islice(fresh, _NEW)]
    return msgspec.structs.replace(guide, questions=(*guide.questions, *room))


def _without_room(guide: Guide) -> Guide:
    """The guide without the questions that were left empty."""
    return msgspec.structs.replace(guide, questions=tuple(q for q in guide.questions if q.text))
