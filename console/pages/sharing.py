"""Choosing what the conversation partner may read: everything, some of it, or nothing any more."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from fastapi import APIRouter
from fastapi.responses import HTMLResponse, Response

from console.pages.conversation import Conversing, Own
from console.pages.forms import Posted, Sent
from console.pages.frame import Page, show
from console.pages.language import Texts, sentence
from console.pages.questions import Service
from console.pages.reader import Reader, Reading, leads_to
from console.pages.seen import Conversed
from shared.http import Id

router = APIRouter()
Wanted = tuple[list[str], list[str], bool]
_NOTHING = sentence("Tick what you would like to share; or share nothing yet, and come back later.")
_NOTHING_BACK = sentence("Tick what you would like to take back; or take back everything.")


@dataclass(frozen=True)
class Item:
    """One thing that can be shared: what it is about, the beginning of it, and whether it is shared.

    What was shared `before` was so with an earlier conversation partner, and not taken back since.
    """

    part: str
    kind: str
    title: Texts
    text: str
    shared: bool
    before: bool


@dataclass(frozen=True, kw_only=True)
class SharingPage(Page):
    """What there is to share, and what is shared."""

    own: Own
    items: tuple[Item, ...]
    ticked: frozenset[str] = frozenset()

    @property
    def shared(self) -> tuple[Item, ...]:
        return tuple(item for item in self.items if item.shared)

    @property
    def private(self) -> tuple[Item, ...]:
        return tuple(item for item in self.items if not (item.shared or item.before))

    @property
    def before(self) -> tuple[Item, ...]:
        return tuple(item for item in self.items if item.before)


@router.get("/conversations/{id}/share", name="sharing")
async def sharing(reader: Reading, own: Conversing) -> HTMLResponse:
    """Read what is shared, and what could be."""
    return show("sharing.html", _page(reader, own))


@router.post("/conversations/{id}/share", name="share")
async def share(
    reader: Reading, own: Conversing, id_: Id, form: Sent, service: Service
) -> Response:
    """Share what was ticked, or everything: with all of it shared already, that is done."""
    page = _page(reader, own)
    wanted = _wanted(form, "part", page.private, _NOTHING, is_done=bool(page.shared))
    if form.is_good and (
        not any(wanted) or await form.once(lambda c: service.share(c, id_, *wanted))
    ):
        return leads_to(f"/conversations/{id_}/shared")
    return _again(reader, own, form)


@router.post("/conversations/{id}/unshare", name="unshare")
async def unshare(
    reader: Reading, own: Conversing, id_: Id, form: Sent, service: Service
) -> Response:
    """Take back what was ticked, or everything: with nothing shared any more, that is done."""
    wanted = _wanted(form, "back", _page(reader, own).shared, _NOTHING_BACK, is_done=True)
    if form.is_good and (
        not any(wanted) or await form.once(lambda c: service.unshare(c, id_, *wanted))
    ):
        return leads_to(f"/conversations/{id_}/share", "unshared")
    return _again(reader, own, form)


@router.get("/conversations/{id}/shared", name="shared")
async def shared(reader: Reading, own: Conversing) -> HTMLResponse:
    """What is shared now, and what happens next."""
    return show("shared.html", _page(reader, own))


def _page(reader: Reader, own: Own) -> SharingPage:
    return SharingPage(frame=reader.frame, own=own, items=tuple(items(own.conversation)))


def _again(reader: Reader, own: Own, form: Posted) -> HTMLResponse:
    page = SharingPage(
        frame=reader.frame,
        own=own,
        items=tuple(items(own.conversation)),
        ticked=frozenset([*form.texts("part"), *form.texts("back"), *form.texts("before")]),
        problems=tuple(form.problems),
    )
    return show("sharing.html", page, 422)


def items(known: Conversed) -> Iterable[Item]:
    """Everything that was written, in the order of the pages."""
    now, before = known.shared, known.shared.before
    for question in known.questions:
        if question.state == "answered" or question.shared:
            yield Item(
                f"question:{question.id}", "question", question.text, question.answer or "",
                question.shared, before.has_question(question.id),
            )  # fmt: skip
    for id_, facet in known.facets.items():
        is_shared, was_shared = now.has_facet(id_), before.has_facet(id_)
        yield Item(f"facet:{id_}", facet.kind, {}, facet.text, is_shared, was_shared)
    if known.direction is not None:
        title = {"code": known.direction}
        comment = known.direction_comment or ""
        is_shared, was_shared = now.has_direction, before.has_direction
        yield Item("direction", "direction", title, comment, is_shared, was_shared)


def _wanted(
    form: Posted, field: str, listed: Iterable[Item], nothing: str, *, is_done: bool
) -> Wanted:
    """The questions, the facets and the direction that were ticked, or all that are listed there; a
    problem where that is nothing, unless this very form, or another one, has done all of it before."""
    field = "before" if form.text("what") == "before" else field
    is_all = form.text("what") == "everything"
    ticked = [item.part for item in listed] if is_all else form.texts(field)
    parts = [part.partition(":") for part in ticked]
    questions = [id_ for kind, _, id_ in parts if kind == "question"]
    facets = [id_ for kind, _, id_ in parts if kind == "facet"]
    if not (questions or facets or "direction" in ticked or (is_all and is_done)):
        form.refuse(field, nothing)
    return questions, facets, "direction" in ticked
