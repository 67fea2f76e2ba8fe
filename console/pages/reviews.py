"""For data protection: what somebody gets who asks for a copy, and which notes of others are in it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated
from uuid import UUID

import msgspec
from fastapi import APIRouter
from fastapi.responses import HTMLResponse, Response

from console.pages.about import AboutSomebody
from console.pages.copies import Asked, Reviewed, Service, taken
from console.pages.forms import Posted, Sent
from console.pages.frame import Page
from console.pages.language import sentence
from console.pages.reader import Reader, Reading
from services.permission import Permission, Resource
from services.privacy.packages import Packages
from services.privacy.requests import RELEASED, WITHHELD
from shared.errors import NotFound
from shared.http import CustomerId, given

router = APIRouter()
CHOICES = tuple(
    f"{what}/{why}"
    for what, whys in (("release", RELEASED), ("withhold", WITHHELD))
    for why in whys
)
_WHICH = sentence("Choose whether the note is in the copy, and why.")


@dataclass(frozen=True, kw_only=True)
class ReviewingPage(Page):
    """A request and the notes to decide on, with their words while it is open."""

    person: str
    asked: Asked
    notes: tuple[Reviewed, ...]
    released: tuple[str, ...] = RELEASED
    withheld: tuple[str, ...] = WITHHELD


class Reviewer(AboutSomebody):
    """Shows what there is to decide; reading notes is on record before."""

    TEMPLATE = "reviewing.html"
    AT = "/copy"

    def __init__(self, permission: Permission, packages: Packages) -> None:
        self._permission = permission
        self._packages = packages

    async def page(self, reader: Reader, person: str, form: Posted | None = None) -> ReviewingPage:
        await self._permission.require(reader.by, "approve", Resource("package"), reader.now)
        found = await self._packages.get_request(reader.by, person)
        asked = msgspec.convert(found, Asked, strict=False)
        notes = await self._packages.notes_to_review(reader.by, person) if asked.open else []
        return ReviewingPage(
            frame=reader.frame,
            person=person,
            asked=asked,
            notes=msgspec.convert(tuple(notes), tuple[Reviewed, ...], strict=False),
            problems=tuple(form.problems) if form else (),
        )


Deciding = Annotated[Reviewer, given(Reviewer)]


@router.get("/people/{person}/copy", name="copy_of")
async def copy_of(reader: Reading, person: CustomerId, reviewer: Deciding) -> HTMLResponse:
    """Read what others noted, and decide."""
    return await reviewer.shown(reader, person)


@router.post("/people/{person}/copy", name="note_request")
async def note_request(
    reader: Reading, person: CustomerId, form: Sent, reviewer: Deciding, service: Service
) -> Response:
    """Put on record that they have asked."""
    await reviewer.page(reader, person)
    return await reviewer.sent(form, person, lambda c: service.request_package(c, person))


@router.post("/people/{person}/copy/review", name="review_note")
async def review_note(
    reader: Reading, person: CustomerId, form: Sent, reviewer: Deciding, service: Service
) -> Response:
    """Decide on one note."""
    await reviewer.page(reader, person)
    decision, _, reason = form.one_of("choice", CHOICES, _WHICH).partition("/")
    return await reviewer.sent(
        form,
        person,
        lambda c: service.review_note(
            c, person, _note(form), released=decision == "release", reason=reason
        ),
    )


@router.get("/people/{person}/copy/package", name="package_of")
async def package_of(
    reader: Reading,
    person: CustomerId,
    service: Service,
    permission: Annotated[Permission, given(Permission)],
) -> Response:
    """Take it along for them; that is put on record before."""
    await permission.require(reader.by, "approve", Resource("package"), reader.now)
    return await taken(reader, person, service)


def _note(form: Posted) -> tuple[UUID, int]:
    number = form.number("note")
    try:
        return UUID(form.text("conversation")), number or 0
    except ValueError:
        raise NotFound from None
