"""The whole person: values, skills, interests and long-term goals, in the employee's words."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from typing import cast

from fastapi import APIRouter
from fastapi.responses import HTMLResponse, Response

from console.pages.conversation import KINDS, Conversing, Own
from console.pages.forms import Sent
from console.pages.frame import Page, show
from console.pages.language import sentence
from console.pages.questions import Service
from console.pages.reader import Reading, leads_to
from services.conversation.content import FacetKind
from shared.http import Id

router = APIRouter()
_NOTHING = sentence("Write a few words first.")


@dataclass(frozen=True, kw_only=True)
class FacetsPage(Page):
    """What was noted, by kind, and what is being typed."""

    own: Own
    kinds: tuple[str, ...] = KINDS
    typed: str = ""
    typed_kind: str = ""


@router.get("/conversations/{id}/facets", name="facets")
async def facets(reader: Reading, own: Conversing) -> HTMLResponse:
    """Read what was noted."""
    return show("facets.html", FacetsPage(frame=reader.frame, own=own))


@router.post("/conversations/{id}/facets", name="note_facet")
async def note_facet(
    reader: Reading, own: Conversing, id_: Id, form: Sent, service: Service
) -> Response:
    """Note one more, or word one anew."""
    kind = cast("FacetKind", form.one_of("kind", KINDS, _NOTHING))
    text = form.words("text", _NOTHING, longest=2_000)
    facet = form.text("facet") or f"{kind}-{secrets.token_hex(4)}"
    if form.is_good and await form.once(lambda c: service.note_facet(c, id_, facet, kind, text)):
        return leads_to(f"/conversations/{id_}/facets#{kind}")
    page = FacetsPage(
        frame=reader.frame,
        own=own,
        problems=tuple(form.problems),
        typed=form.text("text"),
        typed_kind=kind,
    )
    return show("facets.html", page, 422)


@router.post("/conversations/{id}/facets/{facet}/withdraw", name="withdraw_facet")
async def withdraw_facet(
    own: Conversing, id_: Id, facet: str, form: Sent, service: Service
) -> Response:
    """Take one back."""
    if facet in own.conversation.facets:
        await form.once(lambda c: service.withdraw_facet(c, id_, facet))
    return leads_to(f"/conversations/{id_}/facets")
