"""For HR: the guides that conversations follow, as they are read; and publishing a next version."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import islice
from typing import Annotated

import msgspec
from fastapi import APIRouter
from fastapi.responses import HTMLResponse, Response

from console.pages.forms import Posted, Sent
from console.pages.frame import Page, show
from console.pages.language import LANGUAGES, sentence
from console.pages.reader import Reader, Reading, leads_to
from services.conversation.guides import Guide, Question
from services.conversation.library import Library
from services.permission import Permission, Resource
from shared.http import CustomerId, given

router = APIRouter()
Books = Annotated[Library, given(Library)]
Allowed = Annotated[Permission, given(Permission)]
_NO_TITLE = sentence("Give the guide a title.")
_NO_TEXT = sentence("Write the question; to leave one out, empty all of its fields.")
_NO_QUESTION = sentence("A guide asks at least one question.")
_NO_ENTITY = sentence("Write the legal entity as the roster calls it.")
_LONGEST = 2_000
_NEW = 2
"""How many empty questions a form offers besides those there are."""


@dataclass(frozen=True)
class Shelved:
    """A version of a guide, and which legal entities may use it where that is asked for."""

    guide: Guide
    approved_for: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class GuidesPage(Page):
    """All guides, each with its versions, the newest first."""

    guides: dict[str, tuple[Shelved, ...]]


@dataclass(frozen=True, kw_only=True)
class GuidePage(Page):
    """One version as it is read, and what may be done with it."""

    shelved: Shelved
    newest: bool
    may_write: bool
    legal_entity: str = ""


@dataclass(frozen=True, kw_only=True)
class WritingPage(Page):
    """The next version as it is being written; with `preview` as it would be read."""

    guide: Guide
    unsaved: bool = False
    preview: bool = False
    languages: tuple[str, ...] = LANGUAGES


@router.get("/guides", name="guides")
async def guides(reader: Reading, library: Books, permission: Allowed) -> HTMLResponse:
    """Read which guides there are."""
    await permission.require(reader.by, "read", Resource("policy"), reader.now)
    found: dict[str, tuple[Shelved, ...]] = {}
    for guide, approved in await library.list_guides(reader.by):
        shelved = Shelved(guide, tuple(approved))
        found[guide.guide] = (shelved, *found.get(guide.guide, ()))
    return show("guides.html", GuidesPage(frame=reader.frame, guides=found))


@router.get("/guides/{guide}/{version}", name="guide")
async def guide(
    reader: Reading, guide: CustomerId, version: int, library: Books, permission: Allowed
) -> HTMLResponse:
    """Read a version as somebody will who is asked."""
    await permission.require(reader.by, "read", Resource("policy"), reader.now)
    return show("guide.html", await _page(reader, library, guide, version))


@router.post("/guides/{guide}/{version}/approve", name="approve_guide")
async def approve_guide(
    reader: Reading,
    guide: CustomerId,
    version: int,
    form: Sent,
    library: Books,
    permission: Allowed,
) -> Response:
    """Put it on record that a guide may be used in a legal entity."""
    await permission.require(reader.by, "approve", Resource("guide"), reader.now)
    entity = form.words("legal_entity", _NO_ENTITY, 200)
    reference = form.text("reference")[:200] or None
    if form.is_good and await form.once(
        lambda c: library.approve_guide(c, guide, version, entity, reference)
    ):
        return leads_to(f"/guides/{guide}/{version}", "noted")
    return show("guide.html", await _page(reader, library, guide, version, form), 422)


@router.post("/guides/{guide}/{version}/withdraw", name="withdraw_approval")
async def withdraw_approval(
    reader: Reading,
    guide: CustomerId,
    version: int,
    form: Sent,
    library: Books,
    permission: Allowed,
) -> Response:
    """Let no more rounds begin with it in a legal entity."""
    await permission.require(reader.by, "approve", Resource("guide"), reader.now)
    entity = form.text("legal_entity")
    if await form.once(lambda c: library.withdraw_approval(c, guide, version, entity)):
        return leads_to(f"/guides/{guide}/{version}", "noted")
    return show("guide.html", await _page(reader, library, guide, version, form), 422)


@router.get("/guides/{guide}/{version}/next", name="writing_guide")
async def writing_guide(
    reader: Reading, guide: CustomerId, version: int, library: Books, permission: Allowed
) -> HTMLResponse:
    """Write the next version, beginning with this one."""
    await permission.require(reader.by, "write", Resource("guide"), reader.now)
    known = await library.get_guide(reader.by, guide, version)
    return show("writing_guide.html", WritingPage(frame=reader.frame, guide=_with_room(known)))


@router.post("/guides/{guide}/{version}/next", name="publish_guide")
async def publish_guide(
    reader: Reading,
    guide: CustomerId,
    version: int,
    form: Sent,
    library: Books,
    permission: Allowed,
) -> Response:
    """Show it as it would be read; publish it from there."""
    await permission.require(reader.by, "write", Resource("guide"), reader.now)
    known = await library.get_guide(reader.by, guide, version)
    written = _written(form, known)
    if form.is_good and form.text("step") == "publish":
        wanted = _without_room(written)
        if await form.once(lambda c: library.publish_guide(c, wanted)):
            return leads_to("/guides", "noted")
    page = WritingPage(
        frame=reader.frame,
        guide=written,
        unsaved=True,
        preview=form.is_good and form.text("step") != "write",
        problems=tuple(form.problems),
    )
    return show("writing_guide.html", page, 422 if form.problems else 200)


def _with_room(guide: Guide) -> Guide:
    """The guide with some empty questions at its end, each with an id of its own."""
    fresh = (name for n in range(1, 99) if (name := f"question-{n}") not in guide.asks)
    room = [Question(id=name, purpose={}, text={}) for name in islice(fresh, _NEW)]
    return msgspec.structs.replace(guide, questions=(*guide.questions, *room))


def _without_room(guide: Guide) -> Guide:
    """The guide without the questions that were left empty."""
    return msgspec.structs.replace(guide, questions=tuple(q for q in guide.questions if q.text))


def _written(form: Posted, known: Guide) -> Guide:
    """What was written: a title, and each question's reason and wording in every language."""
    title = _by_language(form, "title", known.title)
    if not title:
        form.refuse("title-en", _NO_TITLE)
    questions = tuple(_question(form, each) for each in _with_room(known).questions)
    if not any(each.text for each in questions):
        form.refuse("", _NO_QUESTION)
    return msgspec.structs.replace(known, title=title, questions=questions)


def _question(form: Posted, known: Question) -> Question:
    purpose = _by_language(form, f"{known.id}-purpose", known.purpose)
    text = _by_language(form, f"{known.id}-text", known.text)
    if purpose and not text:
        form.refuse(f"{known.id}-text-en", _NO_TEXT)
    return msgspec.structs.replace(known, purpose=purpose or text, text=text)


def _by_language(form: Posted, name: str, known: dict[str, str]) -> dict[str, str]:
    """A text by language: what was written, and languages that the pages don't have, as they were."""
    written = {each: form.text(f"{name}-{each}") for each in LANGUAGES}
    for language, text in written.items():
        if text:
            form.is_clean(f"{name}-{language}", _LONGEST)
    here = {language: text for language, text in written.items() if text}
    return {each: text for each, text in known.items() if here and each not in LANGUAGES} | here


async def _page(
    reader: Reader, library: Library, guide: str, version: int, form: Posted | None = None
) -> GuidePage:
    known = await library.get_guide(reader.by, guide, version)
    listed = await library.list_guides(reader.by)
    versions = [each.version for each, _ in listed if each.guide == guide]
    approved = next(a for each, a in listed if (each.guide, each.version) == (guide, version))
    return GuidePage(
        frame=reader.frame,
        shelved=Shelved(known, tuple(approved)),
        newest=version == max(versions),
        may_write=reader.by.has("hr", "admin"),
        legal_entity=form.text("legal_entity") if form else "",
        problems=tuple(form.problems) if form else (),
    )
