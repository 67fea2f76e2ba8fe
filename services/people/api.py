"""The routes of the roster."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any, Literal, Self
from uuid import UUID
from zoneinfo import available_timezones

from fastapi import APIRouter, Query
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from services.people.application import KEEP, People
from services.people.choices import Choices
from services.people.domain import Person, Profile
from services.people.readmodel import Roster
from services.permission import Permission, Resource
from shared.eventstore.record import Record
from shared.http import (
    CUSTOMER_ID,
    Caller,
    Commanded,
    Cursor,
    CustomerId,
    Limit,
    after_cursor,
    answered,
    given,
    page,
    shown,
)
from shared.periods import rfc3339
from shared.texts import Line

router = APIRouter(tags=["people"])
Own = Annotated[Choices, given(Choices)]
_ZONES = available_timezones()
Short = Annotated[Line, Field(max_length=200)]
Code = Annotated[str, Field(pattern=CUSTOMER_ID)]
Codes = Annotated[list[Code], Field(max_length=200)]


class ProfileBody(BaseModel):
    """A person's whole profile; only `partner` stays as it is when absent, and null releases it."""

    model_config = ConfigDict(extra="forbid")

    name: Short
    email: Annotated[str, Field(min_length=3, max_length=254, pattern=r"^[^@\s]+@[^@\s]+$")]
    partner: Code | None = None
    department: Code | None = None
    location: Short | None = None
    legal_entity: Short | None = None
    timezone: str = "UTC"
    locale: Annotated[str, Field(pattern=r"^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$")] = "en"
    start_date: date | None = None
    end_date: date | None = None
    status: Literal["active", "inactive"] = "active"

    @field_validator("timezone")
    @classmethod
    def _known(cls, zone: str) -> str:
        if zone not in _ZONES:
            raise ValueError("not an IANA time zone, such as Europe/Berlin")
        return zone

    def profile(self) -> Profile:
        return Profile(**self.model_dump(exclude={"partner"}))


class PartsBody(BaseModel):
    """Parts of an earlier conversation."""

    model_config = ConfigDict(extra="forbid")
    conversation: UUID
    questions: Codes = []
    facets: Codes = []
    direction: bool = False

    def names(self) -> list[str]:
        """How permission calls them."""
        return [
            *(f"{self.conversation}/question/{question}" for question in self.questions),
            *(f"{self.conversation}/facet/{facet}" for facet in self.facets),
            *([f"{self.conversation}/direction"] if self.direction else []),
        ]


class HandoverBody(BaseModel):
    """What a new partner gets of what was before them; answers are named one by one."""

    model_config = ConfigDict(extra="forbid")
    choice: Literal["nothing", "plan", "plan_and_answers"]
    answers: Annotated[list[PartsBody], Field(max_length=50)] = []

    @model_validator(mode="after")
    def _answers_are_chosen(self) -> Self:
        if self.answers and self.choice != "plan_and_answers":
            raise ValueError("answers are handed over with the choice plan_and_answers only")
        return self

    def names(self) -> tuple[str, ...]:
        return tuple(sorted({name for parts in self.answers for name in parts.names()}))


class MentoringBody(BaseModel):
    """Skills as codes that the company uses (goals and facets of others are found by them)."""

    model_config = ConfigDict(extra="forbid")
    skills: Annotated[list[Code], Field(min_length=1, max_length=50)]
    capacity: Annotated[int, Field(ge=1, le=20)]

    def codes(self) -> tuple[str, ...]:
        return tuple(sorted({skill.lower() for skill in self.skills}))


@router.put("/v1/people/{person}", operation_id="put_person", status_code=200)
async def put_person(
    person: CustomerId,
    body: ProfileBody,
    command: Commanded,
    people: Annotated[People, given(People)],
) -> JSONResponse:
    """Register a person, or replace the profile."""
    partner = body.partner if "partner" in body.model_fields_set else KEEP
    return answered(await people.put_person(command, person, body.profile(), partner))


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
    people: Annotated[People, given(People)],
    record: Annotated[Record, given(Record)],
) -> JSONResponse:
    """Read one person's profile."""
    known = await people.get_person(by, person)
    partner = await record.vault.people_of(by.tenant, {known.partner} if known.partner else set())
    return shown(_profile(person, known, next(iter(partner.values()), None)), known.version)


@router.get("/v1/people/{person}/handover", operation_id="get_handover")
async def get_handover(
    person: CustomerId, by: Caller, choices: Own, record: Annotated[Record, given(Record)]
) -> JSONResponse:
    """What one's present partner was handed over of what was before them."""
    known = await choices.get_handover(by, person)
    names = await record.vault.people_of(by.tenant, {known.partner} if known.partner else set())
    chosen = known.relations[-1].handover if known.partner else None
    shown_ = {
        "partner": next(iter(names.values()), None),
        "choice": chosen.choice if chosen else None,
        "answers": list(chosen.answers) if chosen else [],
        "chosen_at": rfc3339(chosen.at) if chosen else None,
    }
    return shown(shown_, known.version)


@router.post("/v1/people/{person}/handover", operation_id="choose_handover")
async def choose_handover(
    person: CustomerId, body: HandoverBody, command: Commanded, choices: Own
) -> JSONResponse:
    """Choose what a new partner gets: nothing, the plan without its texts, or plan and answers."""
    return answered(await choices.choose_handover(command, person, body.choice, body.names()))


@router.get("/v1/people/{person}/mentoring", operation_id="get_mentoring")
async def get_mentoring(person: CustomerId, by: Caller, choices: Own) -> JSONResponse:
    """In what a person has offered to mentor, and how many people at once."""
    known = await choices.get_mentoring(by, person)
    assert known.offer is not None
    offer = {"skills": list(known.offer.skills), "capacity": known.offer.capacity}
    return shown({"person": person, **offer, "version": known.version}, known.version)


@router.put("/v1/people/{person}/mentoring", operation_id="offer_mentoring")
async def offer_mentoring(
    person: CustomerId, body: MentoringBody, command: Commanded, choices: Own
) -> JSONResponse:
    """Offer to mentor; whoever looks for one of these skills may be told your name."""
    return answered(await choices.offer_mentoring(command, person, body.codes(), body.capacity))


@router.delete("/v1/people/{person}/mentoring", operation_id="withdraw_mentoring")
async def withdraw_mentoring(person: CustomerId, command: Commanded, choices: Own) -> JSONResponse:
    """Take on nobody new; pairings that are agreed go on."""
    return answered(await choices.withdraw_mentoring(command, person))


def _profile(person: str, known: Person, partner: str | None) -> dict[str, Any]:
    profile = {
        name: value.isoformat() if isinstance(value, date) else value
        for name, value in vars(known.profile).items()
    }
    return {"person": person, **profile, "partner": partner, "version": known.version}
