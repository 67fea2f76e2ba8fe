"""For HR: the guides that conversations follow, as they are read; and where each may be used."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter
from fastapi.responses import HTMLResponse, Response

from console.pages.forms import Posted, Sent
from console.pages.frame import Page, show
from console.pages.language import sentence
from console.pages.reader import Reader, Reading, leads_to
from services.conversation.guides import Guide
from services.conversation.library import Library
from services.permission import Permission, Resource
from shared.http import CustomerId, given

router = APIRouter()
Books = Annotated[Library, given(Library)]
Allowed = Annotated[Permission, given(Permission)]
_NO_ENTITY = sentence("Write the legal entity as the roster calls it.")


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
    reference: str = ""


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
        reference=form.text("reference") if form else "",
        problems=tuple(form.problems) if form else (),
    )
