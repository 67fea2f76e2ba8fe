"""For HR: one person of the roster, with whom they talk, and whether they were asked. No words."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Literal

from fastapi import APIRouter
from fastapi.responses import HTMLResponse, Response

from console.pages.about import AboutSomebody
from console.pages.forms import Posted, Sent
from console.pages.frame import Page
from console.pages.language import sentence
from console.pages.names import Names
from console.pages.reader import Reader, Reading
from services.cycles.application import Cycles
from services.cycles.course import waiting_for
from services.cycles.progress import FEED_STOPPED, ORGANISATION, Progress
from services.people.application import People
from services.people.domain import Person
from services.people.employment import Profile
from services.permission import Permission, Resource
from shared.eventstore.record import Record
from shared.http import CustomerId, given

router = APIRouter()
Standing = Literal["nothing", "under_way", "resting", "concluded", "organisation", "feed"]
_NOBODY = sentence("Write the id of somebody who is in the roster and has not left.")


@dataclass(frozen=True, kw_only=True)
class PersonPage(Page):
    """What the roster knows of somebody, and whether they were asked."""

    person: str
    profile: Profile
    partner: str | None
    proposed: tuple[str, str] | None
    standing: Standing
    left: bool
    may_write: bool
    may_hold: bool
    may_review: bool
    named: str = ""


class PersonFile(AboutSomebody):
    """Finds one person as HR sees them."""

    TEMPLATE = "person.html"

    def __init__(
        self,
        record: Record,
        permission: Permission,
        people: People,
        cycles: Cycles,
        names: Names,
    ) -> None:
        self._record = record
        self._permission = permission
        self._people = people
        self._cycles = cycles
        self._names = names

    async def page(self, reader: Reader, person: str, form: Posted | None = None) -> PersonPage:
        await self._permission.require(reader.by, "read", Resource("roster"), reader.now)
        known = await self._people.get_person(reader.by, person)
        return PersonPage(
            frame=reader.frame,
            person=person,
            profile=known.profile,
            partner=await self._names.of(reader.by.tenant, known.partner),
            proposed=await self._proposed(reader, known),
            standing=await self._standing(reader, known),
            left=known.left_on is not None,
            may_write=reader.by.has("hr", "admin") and not known.erased,
            may_hold=reader.by.has("dpo", "admin"),
            may_review=reader.by.has("dpo"),
            named=form.text("partner") if form else "",
            problems=tuple(form.problems) if form else (),
        )

    async def _proposed(self, reader: Reader, known: Person) -> tuple[str, str] | None:
        """Whom the person would like to talk with, unless they have gone: the id and the name."""
        tenant, wished = reader.by.tenant, known.proposed
        other = await self._people.person_of(tenant, wished) if wished else None
        if other is None or other.has_gone:
            return None
        ids = await self._record.vault.people_of(tenant, {other.id})
        name = await self._names.of(tenant, other.id)
        return (ids[other.id], name or ids[other.id]) if other.id in ids else None

    async def _standing(self, reader: Reader, known: Person) -> Standing:
        cycle, _ = await self._cycles.open_cycle(reader.by.tenant, known.id)
        progress = await self._cycles.progress_of(reader.by.tenant, cycle.id) if cycle else None
        return _standing_of(progress, reader) if progress else "nothing"


File = Annotated[PersonFile, given(PersonFile)]


@router.get("/people/{person}", name="person")
async def person(reader: Reading, person: CustomerId, file: File) -> HTMLResponse:
    """Read what the roster knows of somebody."""
    return await file.shown(reader, person)


@router.post("/people/{person}/partner", name="name_partner")
async def name_partner(
    reader: Reading,
    person: CustomerId,
    form: Sent,
    file: File,
    people: Annotated[People, given(People)],
    permission: Annotated[Permission, given(Permission)],
) -> Response:
    """Say with whom they talk from now on."""
    await permission.require(reader.by, "write", Resource("person"), reader.now)
    known = await people.get_person(reader.by, person)
    named = form.words("partner", _NOBODY)
    other = await form.record.vault.subject_of(reader.by.tenant, named) if named else None
    talks = await people.person_of(reader.by.tenant, other) if other else None
    if form.is_good and (talks is None or talks.has_gone):
        form.refuse("partner", _NOBODY)
    return await file.sent(
        form, person, lambda c: people.put_person(c, person, known.profile, named)
    )


@router.post("/people/{person}/conversation", name="start_cycle")
async def start_cycle(
    person: CustomerId,
    form: Sent,
    file: File,
    cycles: Annotated[Cycles, given(Cycles)],
) -> Response:
    """Ask them: their conversation is opened."""
    return await file.sent(form, person, lambda c: cycles.start_cycle(c, person, "console"))


def _standing_of(p: Progress, reader: Reader) -> Standing:
    if waiting_for(p) == ORGANISATION:
        return "feed" if p.partner and FEED_STOPPED in p.suspensions else "organisation"
    if p.suspension is not None or p.asked_for_time(reader.now) is not None:
        return "resting"
    if p.state in {"planning", "developing"} or p.conversation_state == "concluded":
        return "concluded"
    return "under_way" if p.talks else "resting"
