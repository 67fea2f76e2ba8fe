"""A new conversation partner: the employee chooses what they get of what was before."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter
from fastapi.responses import HTMLResponse, Response

from console.pages.forms import Posted, Sent
from console.pages.frame import Page, show
from console.pages.language import sentence
from console.pages.names import Names
from console.pages.reader import Reader, Reading, leads_to
from console.pages.seen import Conversed, Seen
from console.pages.sharing import Item, items
from services.conversation.content import Part
from services.conversation.readmodel import ConversationList
from services.cycles.application import Cycles
from services.cycles.course import hands_over_at
from services.people.choices import Choices
from shared.errors import NotFound
from shared.eventstore.record import Record
from shared.http import given

router = APIRouter()
CHOICES = ("nothing", "plan", "plan_and_answers")
_NONE = sentence("Choose one of the three.")
_MOST = 200


@dataclass(frozen=True, kw_only=True)
class HandoverPage(Page):
    """The three choices, and what can be chosen with the last of them.

    `by_itself` is when the plan is shown in outline, where nothing is chosen until then.
    """

    partner: str
    choice: str
    items: tuple[tuple[str, Item], ...]
    ticked: frozenset[str]
    by_itself: datetime | None
    taken_in_again: bool
    choices: tuple[str, ...] = CHOICES


@router.get("/handover", name="handover")
async def handover(
    reader: Reading,
    seen: Annotated[Seen, given(Seen)],
    names: Annotated[Names, given(Names)],
    conversations: Annotated[ConversationList, given(ConversationList)],
    cycles: Annotated[Cycles, given(Cycles)],
) -> HTMLResponse:
    """Read the three."""
    return show("handover.html", await _page(reader, seen, names, conversations, cycles))


@router.post("/handover", name="choose_handover")
async def choose_handover(
    reader: Reading,
    form: Sent,
    choices: Annotated[Choices, given(Choices)],
    record: Annotated[Record, given(Record)],
    seen: Annotated[Seen, given(Seen)],
    names: Annotated[Names, given(Names)],
    conversations: Annotated[ConversationList, given(ConversationList)],
    cycles: Annotated[Cycles, given(Cycles)],
) -> Response:
    """Choose, and choose anew later if you like; without a partner there is nothing to choose."""
    if reader.person is not None and reader.person.partner is None:
        return leads_to("/", "no_partner")
    page = await _page(reader, seen, names, conversations, cycles, form)
    choice = form.one_of("choice", CHOICES, _NONE)
    ticked = {name for name, _ in page.items} & page.ticked
    answers = tuple(sorted(ticked)) if choice == "plan_and_answers" else ()
    person = await _id_of(reader, record)
    if form.is_good and await form.once(
        lambda c: choices.choose_handover(c, person, choice, answers)
    ):
        return leads_to("/", "handed_over")
    return show("handover.html", replace(page, problems=tuple(form.problems)), 422)


async def _id_of(reader: Reader, record: Record) -> str:
    """The customer's id of the reader."""
    assert reader.by.subject is not None
    found = await record.vault.people_of(reader.by.tenant, {reader.by.subject})
    return found[reader.by.subject]


async def _page(
    reader: Reader,
    seen: Seen,
    names: Names,
    conversations: ConversationList,
    cycles: Cycles,
    form: Posted | None = None,
) -> HandoverPage:
    person, by = reader.person, reader.by
    if person is None or by.subject is None or person.partner is None:
        raise NotFound
    chosen = person.relations[-1].handover
    listed = await conversations.conversations_of(by.tenant, by.subject, 0, _MOST)
    said = [await seen.conversation(by, each["id"]) for each in listed]
    return HandoverPage(
        frame=reader.frame,
        partner=await names.of(by.tenant, person.partner) or "",
        choice=form.text("choice") if form else (chosen.choice if chosen else ""),
        items=tuple(each for known in said for each in _named(known)),
        by_itself=await _by_itself(reader, cycles),
        taken_in_again=person.employed_since is not None,
        ticked=frozenset(form.texts("part") if form else (chosen.answers if chosen else ())),
    )


async def _by_itself(reader: Reader, cycles: Cycles) -> datetime | None:
    assert reader.by.subject is not None
    cycle, _ = await cycles.open_cycle(reader.by.tenant, reader.by.subject)
    progress = await cycles.progress_of(reader.by.tenant, cycle.id) if cycle else None
    return hands_over_at(progress) if progress else None


def _named(known: Conversed) -> list[tuple[str, Item]]:
    """What was said in one conversation, each by the name that a hand-over calls it."""
    return [(_name(known.id, item), item) for item in items(known)]


def _name(conversation: UUID, item: Item) -> str:
    kind, _, id_ = item.part.partition(":")
    return Part(kind, id_).named(conversation)  # type: ignore[arg-type]
