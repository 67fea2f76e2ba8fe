"""For data protection: to hold somebody's record for a legal reason, and to erase their words."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Annotated, cast
from uuid import UUID

from fastapi import APIRouter
from fastapi.responses import HTMLResponse, Response

from console.pages.about import AboutSomebody
from console.pages.forms import Posted, Sent
from console.pages.frame import Page
from console.pages.language import sentence
from console.pages.reader import Reader, Reading
from services.people.application import People
from services.people.certificate import Depth
from services.people.employment import Hold
from services.permission import Permission, Resource
from shared.eventstore.record import Record
from shared.http import CustomerId, given

router = APIRouter()
Roster = Annotated[People, given(People)]
REASONS = ("litigation", "authority", "audit", "works_council", "other")
_DEPTHS = ("words", "link")
_WHY = sentence("Choose why the record is held.")
_PAST = sentence("Choose a day that is still to come.")
_HOW_DEEP = sentence("Choose what is erased.")
_NOBODY = sentence("There is nobody of that id in the roster.")
_NOT_THEIRS = sentence(
    "Type their id exactly as it stands above, to say that you mean this person."
)


@dataclass(frozen=True, kw_only=True)
class KeepingPage(Page):
    """One person's record: whether it is held or erased, and what the reader may do."""

    person: str
    name: str
    subject: UUID
    hold: Hold | None
    owner: str
    """Who answers for the hold, or is meant to."""
    erased: datetime | None
    may_erase: bool
    tomorrow: date
    reason: str = ""
    review: str = ""
    depth: str = ""
    reasons: tuple[str, ...] = REASONS


class Keeper(AboutSomebody):
    """Finds a person's record as data protection sees it."""

    TEMPLATE = "keeping.html"
    AT = "/keeping"

    def __init__(self, record: Record, permission: Permission, people: People) -> None:
        self._record = record
        self._permission = permission
        self._people = people

    async def page(self, reader: Reader, person: str, form: Posted | None = None) -> KeepingPage:
        await self._permission.require(reader.by, "hold", Resource("person"), reader.now)
        known = await self._people.get_person(reader.by, person)
        answers = {known.hold.owner} if known.hold and known.hold.owner else set()
        ids = await self._record.vault.people_of(reader.by.tenant, answers)
        today = reader.now.astimezone(reader.manner.zone).date()
        return KeepingPage(
            frame=reader.frame,
            person=person,
            name=known.profile.name,
            subject=known.id,
            hold=known.hold,
            owner=form.text("owner") if form else next(iter(ids.values()), ""),
            erased=known.erased_at,
            may_erase=reader.by.has("dpo"),
            tomorrow=today + timedelta(days=1),
            reason=form.text("reason") if form else "",
            review=form.text("review") if form else "",
            depth=form.text("depth") if form else "",
            problems=tuple(form.problems) if form else (),
        )


Kept = Annotated[Keeper, given(Keeper)]


@router.get("/people/{person}/keeping", name="keeping")
async def keeping(reader: Reading, person: CustomerId, keeper: Kept) -> HTMLResponse:
    """See whether it is held, and what an erasure would do."""
    return await keeper.shown(reader, person)


@router.post("/people/{person}/hold", name="place_hold")
async def place_hold(
    reader: Reading, person: CustomerId, form: Sent, keeper: Kept, people: Roster
) -> Response:
    """Keep it as it is."""
    page = await keeper.page(reader, person)
    reason = form.one_of("reason", REASONS, _WHY)
    review = form.day("review")
    if review is not None and review < page.tomorrow:
        form.refuse("review", _PAST)
    owner = form.text("owner") or None
    if owner and await form.record.vault.subject_of(reader.by.tenant, owner) is None:
        form.refuse("owner", _NOBODY)
    return await keeper.sent(
        form, person, lambda c: people.place_hold(c, person, reason, review, owner)
    )


@router.post("/people/{person}/release", name="release_hold")
async def release_hold(person: CustomerId, form: Sent, keeper: Kept, people: Roster) -> Response:
    """Let go of it."""
    return await keeper.sent(form, person, lambda c: people.release_hold(c, person))


@router.post("/people/{person}/erase", name="erase_person")
async def erase_person(
    reader: Reading,
    person: CustomerId,
    form: Sent,
    keeper: Kept,
    people: Roster,
    permission: Annotated[Permission, given(Permission)],
) -> Response:
    """Delete all words of and about them, for ever.

    A second click finds nobody of that id any more, so the form says whose certificate it leads to.
    """
    await permission.require(reader.by, "erase", Resource("person"), reader.now)
    depth = cast("Depth", form.one_of("depth", _DEPTHS, _HOW_DEEP))
    if form.text("typed") != person:
        form.refuse("typed", _NOT_THEIRS)
    certificate = f"/erasures/{form.text('subject')}"
    return await keeper.sent(
        form, person, lambda c: people.erase_person(c, person, depth), certificate, "erased"
    )
