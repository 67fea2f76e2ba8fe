"""The whole person: values, skills, interests and long-term goals, in the employee's words."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, replace
from typing import Annotated, cast

from fastapi import APIRouter
from fastapi.responses import HTMLResponse, Response
from starlette.datastructures import FormData

from console.pages.conversation import KINDS, Conversing, Own
from console.pages.forms import Posted, Sent
from console.pages.frame import Page, show
from console.pages.language import sentence
from console.pages.questions import Service
from console.pages.reader import Reading, leads_to
from console.pages.seen import Seen
from services.conversation.content import FacetKind
from shared.http import Id, given

router = APIRouter()
_NOTHING = sentence("Write a few words first.")
_LONGEST = 2_000
Typed = dict[FacetKind, str]


@dataclass(frozen=True, kw_only=True)
class FacetsPage(Page):
    """What was noted, by kind, and what is being typed."""

    own: Own
    typed: Typed

    @property
    def unsaved(self) -> bool:
        return bool(self.typed)


@router.get("/conversations/{id}/facets", name="facets")
async def facets(reader: Reading, own: Conversing) -> HTMLResponse:
    """Read what was noted."""
    return show("facets.html", FacetsPage(frame=reader.frame, own=own, typed={}))


@router.post("/conversations/{id}/facets", name="note_facet")
async def note_facet(
    reader: Reading, own: Conversing, id_: Id, form: Sent, service: Service
) -> Response:
    """Note what was typed: one of each kind at most."""
    _read_older(form)
    typed = _typed(form)
    if not typed:
        form.refuse("", _NOTHING)
    for kind in typed:
        form.is_clean(f"{kind}-text", _LONGEST)
    noted = [(f"{kind}-{secrets.token_hex(4)}", kind, text) for kind, text in typed.items()]
    if form.is_good and await form.once(lambda c: service.note_facets(c, id_, noted)):
        return leads_to(f"/conversations/{id_}/facets#{next(iter(typed))}")
    page = FacetsPage(frame=reader.frame, own=own, typed=typed, problems=tuple(form.problems))
    return show("facets.html", page, 422)


@router.post("/conversations/{id}/facets/{facet}/withdraw", name="withdraw_facet")
async def withdraw_facet(
    reader: Reading,
    own: Conversing,
    id_: Id,
    facet: str,
    form: Sent,
    service: Service,
    seen: Annotated[Seen, given(Seen)],
) -> Response:
    """Take one back; what is being typed comes along."""
    if facet in own.conversation.facets:
        await form.once(lambda c: service.withdraw_facet(c, id_, facet), is_whole=False)
    typed = _typed(form)
    if form.is_good and not typed:
        return leads_to(f"/conversations/{id_}/facets")
    now = replace(own, conversation=await seen.conversation(reader.by, id_))
    page = FacetsPage(frame=reader.frame, own=now, typed=typed, problems=tuple(form.problems))
    return show("facets.html", page, 422 if page.problems else 200)


def _read_older(form: Posted) -> None:
    """Take a form of one kind, as there was one for each, for the one of all kinds."""
    kind = form.text("kind")
    if kind in KINDS and form.text("text"):
        field = (f"{kind}-text", form.text("text"))
        form.data = FormData([*form.data.multi_items(), field])


def _typed(form: Posted) -> Typed:
    written = {cast("FacetKind", kind): form.text(f"{kind}-text") for kind in KINDS}
    return {kind: text for kind, text in written.items() if text}
