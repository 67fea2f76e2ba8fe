"""The routes of batches."""

from __future__ import annotations

from typing import Annotated, Any
from zoneinfo import available_timezones

from fastapi import APIRouter
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from services.batches.application import FIRST, Batches, Mark, Wanted
from services.batches.readmodel import Filter
from shared.http import (
    CUSTOMER_ID,
    Caller,
    Commanded,
    Cursor,
    Id,
    Limit,
    after_cursor,
    answered,
    given,
    page,
    position,
    shown,
)
from shared.texts import Line

router = APIRouter(tags=["batches"])
Service = Annotated[Batches, given(Batches)]
Code = Annotated[str, Field(pattern=CUSTOMER_ID)]
Short = Annotated[Line, Field(max_length=200)]
BATCH = "/v1/cycles:batch"
LARGEST_BATCH = 8 * 1024 * 1024
"""Twice ten thousand ids of 256 characters, `people` and `exclude`, fit in it."""
_ZONES = available_timezones()


class FilterBody(BaseModel):
    """Which part of the roster; nothing named is everybody."""

    model_config = ConfigDict(extra="forbid")
    department: Code | None = None
    location: Short | None = None
    legal_entity: Short | None = None


class BatchBody(BaseModel):
    """For whom cycles are to start: `people` by their ids, or a `filter` over the roster.

    `spread_over` is the time over which they start, in an order that is fixed for each person.
    """

    model_config = ConfigDict(extra="forbid")
    people: (
        Annotated[list[Annotated[str, Field(max_length=256)]], Field(max_length=10_000)] | None
    ) = None
    filter: FilterBody | None = None
    exclude: Annotated[list[Code], Field(max_length=10_000)] = []
    dry_run: bool = False
    spread_over: Annotated[str, Field(max_length=64)] | None = None
    timezone: str = "UTC"

    @field_validator("timezone")
    @classmethod
    def _known(cls, zone: str) -> str:
        if zone not in _ZONES:
            raise ValueError("not an IANA time zone, such as Europe/Berlin")
        return zone

    @model_validator(mode="after")
    def _one_of_both(self) -> BatchBody:
        if (self.people is None) == (self.filter is None):
            raise ValueError("name `people`, or a `filter` ({} is the whole roster), not both")
        return self

    def wanted(self) -> Wanted:
        chosen = Filter(**self.filter.model_dump()) if self.filter else Filter()
        return Wanted(
            self.people, chosen, self.exclude, self.spread_over, self.timezone, self.dry_run
        )


@router.post(BATCH, operation_id="request_batch", status_code=202)
async def request_batch(body: BatchBody, command: Commanded, batches: Service) -> JSONResponse:
    """Start the cycles of many people; answers at once, and GET says how far it has come."""
    return answered(await batches.request_batch(command, body.wanted()))


@router.get("/v1/batches/{id}", operation_id="get_batch")
async def get_batch(batch: Id, by: Caller, batches: Service) -> JSONResponse:
    """How many were started, existed already or were left out, each with the reason."""
    found = await batches.get_batch(by, batch)
    return shown(found, found["version"])


@router.get("/v1/batches/{id}/exclusions", operation_id="list_exclusions")
async def list_exclusions(
    batch: Id, by: Caller, batches: Service, limit: Limit = 50, cursor: Cursor = None
) -> dict[str, Any]:
    """Who was left out of a batch, and why, in the order in which it was found out."""
    after = after_cursor(cursor, _mark, FIRST)
    found = await batches.list_exclusions(by, batch, after, limit)
    listed = page(found, limit, lambda each: "{}/{}".format(*each.mark))
    return listed | {"items": await batches.named(by.tenant, listed["items"])}


@router.post("/v1/batches/{id}:cancel", operation_id="cancel_batch")
async def cancel_batch(batch: Id, command: Commanded, batches: Service) -> JSONResponse:
    """Start nobody's cycle any more; those that were started go on."""
    return answered(await batches.cancel_batch(command, batch))


def _mark(text: str) -> Mark:
    version, _, number = text.partition("/")
    return position(version), position(number)
