"""Home: where somebody stands, what they may do next, and the page to come back to."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter
from fastapi.responses import Response

from console.login.kept import KeptForms
from console.pages.cases import CaseTeller, Told
from console.pages.companions import Companions, Company
from console.pages.frame import Page, show
from console.pages.names import Names
from console.pages.reader import Reader, Reading, leads_to
from console.pages.seen import Seen
from console.pages.way import Way, Ways
from services.privacy.application import Cases
from shared.http import given

router = APIRouter()


@dataclass(frozen=True, kw_only=True)
class HomePage(Page):
    """The reader's own way, None where no cycle is open; and whom they talk with as a partner."""

    way: Way | None
    company: Company
    partner: str | None
    kept: int
    drafts: frozenset[str]
    hands_over: bool
    cases: tuple[Told, ...]
    """Those about the reader that wait for a decision, or open something."""


@router.get("/", name="home")
async def home(
    reader: Reading,
    ways: Annotated[Ways, given(Ways)],
    names: Annotated[Names, given(Names)],
    kept: Annotated[KeptForms, given(KeptForms)],
    seen: Annotated[Seen, given(Seen)],
    companions: Annotated[Companions, given(Companions)],
    cases: Annotated[Cases, given(Cases)],
    teller: Annotated[CaseTeller, given(CaseTeller)],
) -> Response:
    """The page to come back to."""
    if "home" not in reader.frame.places:
        return leads_to(f"/{next(iter(reader.frame.places), 'nowhere')}")
    way = await ways.of(reader.by, reader.now)
    going_on = way and way.conversation and way.conversation.goes_on and way.conversation.id
    drafts = await seen.drafts(reader.by, going_on) if going_on else {}
    page = HomePage(
        frame=reader.frame,
        way=way,
        company=await companions.of(reader),
        partner=await names.of(reader.by.tenant, way.progress.partner) if way else None,
        drafts=frozenset(drafts),
        hands_over=way is not None and _may_hand_over(reader),
        kept=len(await kept.kept_for(reader.by)),
        cases=await _cases(reader, cases, teller),
    )
    return show("home.html", page)


async def _cases(reader: Reader, cases: Cases, teller: CaseTeller) -> tuple[Told, ...]:
    if reader.by.subject is None:
        return ()
    about = await cases.cases_of(reader.by, reader.by.subject)
    return tuple(each for each in await teller.tell(reader.by.tenant, about) if each.goes_on)


def _may_hand_over(reader: Reader) -> bool:
    """Whether a new partner waits to learn what they get of what was before."""
    person = reader.person
    return person is not None and person.has_a_past and person.relations[-1].handover is None
