"""What somebody says is wrong on record about them: their own word, beside the original, which stays."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Annotated
from uuid import UUID

import msgspec
from fastapi import APIRouter, Depends, Path
from fastapi.responses import HTMLResponse, Response

from console.pages.copies import Own
from console.pages.forms import Sent
from console.pages.frame import Page, show
from console.pages.language import Texts, sentence
from console.pages.planned import Planned
from console.pages.reader import Reader, Reading, leads_to
from console.pages.seen import Conversed, Seen
from console.pages.stated import Stated
from services.people.employment import Profile
from services.privacy.correcting import Correcting, Original
from shared.errors import NotAllowed, NotFound
from shared.http import Id, given

router = APIRouter()
Service = Annotated[Correcting, given(Correcting)]
WHOLE = "whole"
"""Stands in an address for a part that isn't named."""
_NOTHING = sentence("Write what is wrong, and how it is instead.")


@dataclass(frozen=True)
class Matter:
    """What a statement is about: of which kind, which one, which part; its title and its words."""

    about: Original
    id: UUID
    part: str | None = None
    title: Texts | None = None
    words: str = ""

    @property
    def path(self) -> str:
        return f"/history/corrections/{self.about}/{self.id}/{(self.part or WHOLE).replace('/', '-', 1)}"


@dataclass(frozen=True, kw_only=True)
class CorrectionsPage(Page):
    """All that stands, and what the roster says of the reader."""

    stated: tuple[Stated, ...]
    subject: UUID
    profile: Profile


@dataclass(frozen=True, kw_only=True)
class CorrectingPage(Page):
    """The original, and the word that is being written."""

    matter: Matter
    profile: Profile
    text: str = ""


async def one(
    reader: Reading, about: Original, id_: Id, part: str, seen: Annotated[Seen, given(Seen)]
) -> Matter:
    """What is on record about the reader under that address; raises `NotFound`."""
    if about == "profile" and id_ == reader.by.subject:
        return Matter(about, id_)
    if await seen.is_about(reader.by, id_) != reader.by.subject:
        raise NotFound
    named = None if part == WHOLE else part.replace("-", "/", 1)
    if about == "conversation":
        return _of_conversation(await seen.conversation(reader.by, id_), named)
    if about == "plan":
        return _of_plan(await seen.plan(reader.by, id_), named)
    raise NotFound


One = Annotated[Matter, Depends(one)]


@router.get("/history/corrections", name="corrections")
async def corrections(reader: Reading, person: Own, service: Service) -> HTMLResponse:
    """Read what you said is wrong."""
    return show("corrections.html", await _page(reader, person, service))


@router.get("/history/corrections/{about}/{id}/{part}", name="correcting")
async def correcting(reader: Reading, matter: One) -> HTMLResponse:
    """Read the original, and say what is wrong with it."""
    page = CorrectingPage(frame=reader.frame, matter=matter, profile=_profile(reader))
    return show("correcting.html", page)


@router.post("/history/corrections/{about}/{id}/{part}", name="state_correction")
async def state_correction(
    reader: Reading, person: Own, matter: One, form: Sent, service: Service
) -> Response:
    """Put it beside the original."""
    text, which = form.words("text", _NOTHING), (matter.about, matter.id, None, matter.part)
    if form.is_good and await form.once(
        lambda c: service.state_correction(c, person, *which, text)
    ):
        return leads_to("/history/corrections", "noted")
    page = CorrectingPage(
        frame=reader.frame,
        matter=matter,
        profile=_profile(reader),
        text=form.text("text"),
        problems=tuple(form.problems),
    )
    return show("correcting.html", page, 422)


@router.post("/history/corrections/{number}/withdraw", name="withdraw_correction")
async def withdraw_correction(
    reader: Reading,
    person: Own,
    number: Annotated[int, Path(ge=1, le=1_000_000)],
    form: Sent,
    service: Service,
) -> Response:
    """Take it back; that it was stated stays on record."""
    if await form.once(lambda c: service.withdraw_correction(c, person, number)):
        return leads_to("/history/corrections", "noted")
    page = await _page(reader, person, service)
    return show("corrections.html", replace(page, problems=tuple(form.problems)), 422)


async def _page(reader: Reader, person: str, service: Correcting) -> CorrectionsPage:
    assert reader.by.subject is not None
    found = await service.list_corrections(reader.by, person)
    stated = msgspec.convert(tuple(reversed(found)), tuple[Stated, ...], strict=False)
    return CorrectionsPage(
        frame=reader.frame, stated=stated, subject=reader.by.subject, profile=_profile(reader)
    )


def _of_conversation(known: Conversed, part: str | None) -> Matter:
    matter = Matter("conversation", known.id, part)
    kind, _, name = (part or "").partition("/")
    match kind:
        case "":
            return matter
        case "question":
            asked = known.question(name)
            return replace(matter, title=asked.text, words=asked.answer or "")
        case "facet" if name in known.facets:
            return replace(matter, words=known.facets[name].text)
        case "note" if name in (notes := {str(note.note): note.text for note in known.notes}):
            return replace(matter, words=notes[name])
        case "direction" if known.direction:
            return replace(matter, words=known.direction_comment or "")
    raise NotFound


def _of_plan(known: Planned, part: str | None) -> Matter:
    matter = Matter("plan", known.id, part)
    kind, _, name = (part or "").partition("/")
    match kind:
        case "":
            return matter
        case "goal" if name in known.goals:
            return replace(matter, words=known.goals[name].text)
        case "action" if name in known.actions:
            return replace(matter, words=known.actions[name].title)
    raise NotFound


def _profile(reader: Reader) -> Profile:
    if reader.person is None:
        raise NotAllowed
    return reader.person.profile
