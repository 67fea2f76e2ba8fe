"""The routes of the roster."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any, Literal
from zoneinfo import available_timezones

from fastapi import APIRouter, Query
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict, Field, field_validator

from services.people.application import KEEP, People
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

router = APIRouter(tags=["people"])
_ZONES = available_timezones()
Short = Annotated[str, Field(min_length=1, max_length=200)]
Code = Annotated[str, Field(pattern=CUSTOMER_ID)]


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


def _profile(person: str, known: Person, partner: str | None) -> dict[str, Any]:
    profile = {
        name: value.isoformat() if isinstance(value, date) else value
        for name, value in vars(known.profile).items()
    }
    return {"person": person, **profile, "partner": partner, "version": known.version}
