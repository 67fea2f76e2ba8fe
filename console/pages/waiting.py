"""For offices: what waits for a person. Nobody to talk with, a stopped feed, lost mail, open cases."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Annotated, Any
from uuid import UUID

import msgspec
from fastapi import APIRouter
from fastapi.responses import HTMLResponse, Response

from console.pages.cases import CaseTeller, Told
from console.pages.forms import Posted, Sent
from console.pages.frame import Page, show
from console.pages.names import Names
from console.pages.reader import Reader, Reading, leads_to
from services.cycles.progress import ORGANISATION, Progress
from services.cycles.readmodel import CycleList, Wanted
from services.people.application import People
from services.people.readmodel import Roster
from services.people.roster_feed import Feed, feed_stream
from services.permission import Permission, Resource
from services.privacy.application import Cases
from services.privacy.packages import Packages
from shared.eventstore.record import Record
from shared.http import given

router = APIRouter()
_MOST = 200
_FIRST = UUID(int=0)


@dataclass(frozen=True)
class Alone:
    """Somebody whose conversation stands still because nobody is named to talk with."""

    person: str
    name: str
    since: datetime


@dataclass(frozen=True)
class Stopped:
    """A legal entity whose feed wanted to close too many people in a day."""

    legal_entity: str
    on: date
    closings: int
    people: int


@dataclass(frozen=True)
class Undelivered:
    """Mail that reaches nobody, and why, as a code."""

    person: str
    name: str
    to: str
    kind: str
    at: datetime
    why: str


class Asker(msgspec.Struct, frozen=True):
    """Somebody who has asked for a copy, and waits for a decision on notes of others."""

    person: str
    until: datetime


@dataclass(frozen=True, kw_only=True)
class WaitingPage(Page):
    """Everything that goes on only if somebody does something.

    `next` is where the list of those who are alone goes on.
    """

    cases: tuple[Told, ...]
    askers: tuple[Asker, ...] = ()
    alone: tuple[Alone, ...] = ()
    next: UUID | None = None
    stopped: tuple[Stopped, ...] = ()
    undelivered: tuple[Undelivered, ...] = ()
    more_undelivered: bool = False

    @property
    def nothing(self) -> bool:
        listed = (self.cases, self.askers, self.alone, self.stopped, self.undelivered)
        return not any(listed)


class Desk:
    """What lies on somebody's desk, gathered from the lists: to each office what is its own to do."""

    def __init__(
        self,
        record: Record,
        permission: Permission,
        names: Names,
        cycles: CycleList,
        roster: Roster,
        cases: Cases,
        teller: CaseTeller,
        packages: Packages,
    ) -> None:
        self._record = record
        self._permission = permission
        self._names = names
        self._cycles = cycles
        self._roster = roster
        self._cases = cases
        self._teller = teller
        self._packages = packages

    async def page(
        self, reader: Reader, form: Posted | None = None, after: UUID = _FIRST
    ) -> WaitingPage:
        sight = await self._permission.sight(reader.by, None, reader.now)
        sight.require("approve", Resource("case"))
        found = await self._cases.find_cases(reader.by, 2**62, _MOST, undecided=True)
        page = WaitingPage(
            frame=reader.frame,
            cases=await self._teller.tell(reader.by.tenant, [f.case for f in found[:_MOST]]),
            problems=tuple(form.problems) if form else (),
        )
        if sight.decide("approve", Resource("package")).allowed:
            asked = await self._packages.requests_to_review(reader.by)
            askers = msgspec.convert(tuple(asked), tuple[Asker, ...], strict=False)
            page = replace(page, askers=askers)
        keeps = sight.decide("write", Resource("feed")).allowed
        return await self._of_the_roster(page, reader.by.tenant, after) if keeps else page

    async def is_stopped(self, reader: Reader, entity: str | None) -> bool:
        """Whether a feed waits to be let go on; raises unless that is the reader's to do."""
        await self._permission.require(reader.by, "write", Resource("feed"), reader.now)
        stream = feed_stream(reader.by.tenant, entity)
        feed = await self._record.load(Feed, reader.by.tenant, stream)
        return feed is not None and feed.stopped

    async def _of_the_roster(self, page: WaitingPage, tenant: str, after: UUID) -> WaitingPage:
        """The same with what concerns people and their mail."""
        without = Wanted(waiting_for=ORGANISATION, alone=True)
        found = await self._cycles.list_cycles(tenant, without, after, _MOST)
        alone = found[:_MOST]
        missed = await self._cycles.undelivered(tenant, _MOST)
        lost = missed[:_MOST]
        subjects = {each.person for each in alone} | {each["person"] for each in lost}
        ids = await self._record.vault.people_of(tenant, subjects)
        called = await self._names.of_all(tenant, ids)
        return replace(
            page,
            alone=tuple(_alone(p, ids[p.person], called) for p in alone if p.person in ids),
            next=alone[-1].cycle if len(found) > _MOST else None,
            stopped=tuple(_stopped(each) for each in await self._roster.stopped_feeds(tenant)),
            undelivered=tuple(_lost(each, ids, called) for each in lost if each["person"] in ids),
            more_undelivered=len(missed) > _MOST,
        )


@router.get("/waiting", name="waiting")
async def waiting(
    reader: Reading, desk: Annotated[Desk, given(Desk)], after: UUID = _FIRST
) -> HTMLResponse:
    """Read what waits for a person."""
    return show("waiting.html", await desk.page(reader, after=after))


@router.post("/waiting/feed", name="release_feed")
async def release_feed(
    reader: Reading,
    form: Sent,
    people: Annotated[People, given(People)],
    desk: Annotated[Desk, given(Desk)],
) -> Response:
    """Let a feed go on that was stopped."""
    entity = form.text("legal_entity") or None
    goes_on = not await desk.is_stopped(reader, entity)
    if goes_on or await form.once(lambda c: people.release_feed(c, entity)):
        return leads_to("/waiting", "noted")
    return show("waiting.html", await desk.page(reader, form), 422)


def _alone(p: Progress, person: str, called: dict[UUID, str]) -> Alone:
    since = p.suspension.since if p.suspension else p.since
    return Alone(person, called.get(p.person, person), since)


def _stopped(feed: dict[str, Any]) -> Stopped:
    return Stopped(feed["legal_entity"] or "", feed["stopped_on"], feed["closings"], feed["people"])


def _lost(notice: dict[str, Any], ids: dict[UUID, str], called: dict[UUID, str]) -> Undelivered:
    person = ids[notice["person"]]
    name = called.get(notice["person"], person)
    return Undelivered(person, name, notice["to"], notice["kind"], notice["at"], notice["outcome"])
