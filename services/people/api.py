"""The routes of the roster."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Annotated, Any, Literal
from uuid import UUID
from zoneinfo import available_timezones

import msgspec
from fastapi import APIRouter, Body, Query
from fastapi.responses import JSONResponse
from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    field_validator,
)

from services.correction_book import CorrectionBook
from services.people.application import KEEP, MomentThere, People
from services.people.certificate import Depth
from services.people.domain import Person
from services.people.employment import Profile
from services.people.readmodel import Roster
from services.permission import Permission, Resource
from shared.eventstore.record import Record
from shared.http import (
    CUSTOMER_ID,
    Caller,
    Commanded,
    Cursor,
    CustomerId,
    Day,
    Ending,
    Limit,
    Moment,
    after_cursor,
    answered,
    given,
    page,
    shown,
)
from shared.periods import midnight
from shared.principal import Principal
from shared.texts import Line

router = APIRouter(tags=["people"])
_ZONES = available_timezones()
Short = Annotated[Line, Field(max_length=200)]
Code = Annotated[str, Field(pattern=CUSTOMER_ID)]


class ProfileBody(BaseModel):
    """A person's whole profile; only `partner` stays as it is when absent, and null releases it."""

    model_config = ConfigDict(extra="forbid")

    name: Short
    email: Annotated[str, Field(min_length=3, max_length=254, pattern=r"^[^@\s]+@[^@\s]+$")]
    partner: Code | None = None
    partner_since: Moment | None = None
    department: Code | None = None
    location: Short | None = None
    legal_entity: Short | None = None
    timezone: str = "UTC"
    locale: Annotated[str, Field(pattern=r"^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$")] = "en"
    start_date: Day | None = None
    end_date: Annotated[Day | None, Ending] = None
    status: Literal["active", "inactive"] = "active"

    @field_validator("timezone")
    @classmethod
    def _known(cls, zone: str) -> str:
        if zone not in _ZONES:
            raise ValueError("not an IANA time zone, such as Europe/Berlin")
        return zone

    def profile(self) -> Profile:
        return Profile(**self.model_dump(exclude={"partner", "partner_since"}))


class _Body(BaseModel):
    model_config = ConfigDict(extra="forbid")


class LeaveBody(_Body):
    """The first day away and the last one, as far as it is known; for trials also moments."""

    since: Annotated[Moment | Day, Field(alias="from")]
    until: Annotated[Moment | Day | None, Ending] = None


class ReturnBody(_Body):
    """The first day back; without one it is now."""

    since: Annotated[Moment | Day | None, Field(alias="from")] = None


class HoldBody(_Body):
    """Why the record is kept, as a class; who answers for it, and when it is looked at again."""

    reason: Annotated[str, Field(pattern=r"^[a-z0-9_]{1,64}$")]
    review: Day | None = None
    owner: Code | None = None


class EraseBody(_Body):
    """How deeply: the words, or the link between your id and the record too, for ever."""

    depth: Depth = "words"


class PartnerBody(_Body):
    """With whom the person would like to talk."""

    partner: Code


class FeedBody(_Body):
    """Whose feed; null is everybody without a legal entity."""

    legal_entity: Short | None = None


Service = Annotated[People, given(People)]


@router.put("/v1/people/{person}", operation_id="put_person", status_code=200)
async def put_person(
    person: CustomerId,
    body: ProfileBody,
    command: Commanded,
    people: Service,
) -> JSONResponse:
    """Register a person, or replace the profile; a last day that has passed is leaving."""
    partner = body.partner if "partner" in body.model_fields_set else KEEP
    since = body.partner_since
    return answered(await people.put_person(command, person, body.profile(), partner, since))


@router.get("/v1/people", operation_id="list_people")
async def list_people(
    by: Caller,
    roster: Annotated[Roster, given(Roster)],
    permission: Annotated[Permission, given(Permission)],
    record: Annotated[Record, given(Record)],
    limit: Limit = 50,
    cursor: Cursor = None,
    department: Annotated[str | None, Query(pattern=CUSTOMER_ID)] = None,
    status: Literal["active", "inactive"] | None = None,
) -> dict[str, Any]:
    """List the roster in the order of the people's ids."""
    await permission.require(by, "read", Resource("roster"), record.clock.now())
    after = after_cursor(cursor, str, "")
    found = await roster.list_people(by.tenant, after, limit, department, status)
    return page(found, limit, lambda item: str(item["person"]))


@router.get("/v1/people/{person}", operation_id="get_person")
async def get_person(
    person: CustomerId,
    by: Caller,
    people: Service,
    record: Annotated[Record, given(Record)],
    book: Annotated[CorrectionBook, given(CorrectionBook)],
) -> JSONResponse:
    """Read one person's profile."""
    known = await people.get_person(by, person)
    stated = await book.read_by(by, known.id)
    corrections = [each.view() for each in stated if each.about.stream == known.id]
    wish = known.proposed if _sees_wish(by, known) else None
    others = {other for other in (known.partner, wish) if other is not None}
    names = await record.vault.people_of(by.tenant, others)
    told = {"proposed_partner": names.get(wish) if wish else None, "corrections": corrections}
    profile = _profile(person, known, names) | told
    return shown(profile, known.version)


@router.post("/v1/people/{person}:leave", operation_id="start_leave")
async def start_leave(
    person: CustomerId, body: LeaveBody, command: Commanded, people: Service
) -> JSONResponse:
    """Record a long leave: the clocks of the person's cycle stand still from its first day."""
    until = _after(body.until) if body.until else None
    return answered(await people.start_leave(command, person, _begin(body.since), until))


@router.post("/v1/people/{person}:return", operation_id="end_leave")
async def end_leave(
    person: CustomerId,
    command: Commanded,
    people: Service,
    body: Annotated[ReturnBody, Body(default_factory=ReturnBody)],
) -> JSONResponse:
    """Record the return from a leave: the clocks go on two weeks later."""
    back = _begin(body.since or command.at)
    return answered(await people.end_leave(command, person, back))


@router.post("/v1/people/{person}:hold", operation_id="place_hold")
async def place_hold(
    person: CustomerId, body: HoldBody, command: Commanded, people: Service
) -> JSONResponse:
    """Keep a record for a legal reason: no erasure, no retention, and nobody sees more than before."""
    return answered(await people.place_hold(command, person, body.reason, body.review, body.owner))


@router.post("/v1/people/{person}:erase", operation_id="erase_person")
async def erase_person(
    person: CustomerId,
    command: Commanded,
    people: Service,
    body: Annotated[EraseBody, Body(default_factory=EraseBody)],
) -> JSONResponse:
    """Delete all words of and about a person for ever; refused under a hold. Answers a certificate."""
    return answered(await people.erase_person(command, person, body.depth))


@router.post("/v1/people/{person}:release", operation_id="release_hold")
async def release_hold(person: CustomerId, command: Commanded, people: Service) -> JSONResponse:
    """Release a legal hold."""
    return answered(await people.release_hold(command, person))


@router.post("/v1/people/{person}:propose-partner", operation_id="propose_partner")
async def propose_partner(
    person: CustomerId, body: PartnerBody, command: Commanded, people: Service
) -> JSONResponse:
    """Say with whom one would like to talk; HR names the partner."""
    return answered(await people.propose_partner(command, person, body.partner))


@router.get("/v1/feeds", operation_id="list_stopped_feeds")
async def list_stopped_feeds(
    by: Caller,
    roster: Annotated[Roster, given(Roster)],
    permission: Annotated[Permission, given(Permission)],
    record: Annotated[Record, given(Record)],
) -> dict[str, Any]:
    """Legal entities whose feed wanted to close too many people in a day, and waits for a person."""
    await permission.require(by, "read", Resource("roster"), record.clock.now())
    found = await roster.stopped_feeds(by.tenant)
    return {
        "items": [each | {"stopped_on": str(each["stopped_on"])} for each in found],
        "next": None,
    }


@router.post("/v1/feeds:release", operation_id="release_feed")
async def release_feed(body: FeedBody, command: Commanded, people: Service) -> JSONResponse:
    """Let a stopped feed go on; for the rest of this day it closes whom it wants."""
    return answered(await people.release_feed(command, body.legal_entity))


def _begin(day: date) -> MomentThere:
    """The beginning of a day where the person is; a moment is itself."""
    if isinstance(day, datetime):
        return lambda _: day.astimezone(UTC)
    return lambda zone: midnight(day, zone)


def _after(day: date) -> MomentThere:
    """The end of a day where the person is."""
    return _begin(day if isinstance(day, datetime) else day + timedelta(days=1))


def _sees_wish(by: Principal, known: Person) -> bool:
    """Whether somebody is shown with whom the person would like to talk."""
    return by.subject == known.id or by.has("hr", "dpo", "admin", "platform")


def _profile(person: str, known: Person, names: dict[UUID, str]) -> dict[str, Any]:
    profile = {
        name: value.isoformat() if isinstance(value, date) else value
        for name, value in vars(known.profile).items()
    }
    return {
        "person": person,
        **profile,
        "partner": names.get(known.partner) if known.partner else None,
        "leaves": [msgspec.to_builtins(leave) for leave in known.leaves],
        "left_on": known.left_on and known.left_on.isoformat(),
        "version": known.version,
    }
