"""The routes of cases."""

from __future__ import annotations

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Path
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict, Field

from services.privacy.application import Cases
from services.privacy.cases import Reason
from services.privacy.correcting import Correcting, Original
from shared.errors import NotFound
from shared.eventstore.record import Record
from shared.http import (
    Caller,
    Commanded,
    Cursor,
    CustomerId,
    Id,
    Limit,
    after_cursor,
    answered,
    given,
    page,
    position,
    shown,
)
from shared.texts import Text

router = APIRouter(tags=["audit"])
Service = Annotated[Cases, given(Cases)]


Corrections = Annotated[Correcting, given(Correcting)]
PART = r"^(question|facet|note|goal|action)/[A-Za-z0-9._@+-]{1,128}$|^direction$"


class CorrectionBody(BaseModel):
    """What is wrong, and what you say of it; `version` is one event of it, `part` as question/impact."""

    model_config = ConfigDict(extra="forbid")
    about: Original
    id: UUID | None = None
    version: Annotated[int, Field(ge=1, le=2_000_000_000)] | None = None
    part: Annotated[str, Field(pattern=PART)] | None = None
    text: Text


class CaseBody(BaseModel):
    """Which cycle, why, and for how many hours once it is granted."""

    model_config = ConfigDict(extra="forbid")
    cycle: UUID
    reason: Reason
    hours: Annotated[int, Field(ge=1, le=4)] = 4


@router.post("/v1/audit/cases", operation_id="request_case", status_code=201)
async def request_case(body: CaseBody, command: Commanded, cases: Service) -> JSONResponse:
    """Ask to read what was shared in one cycle; two others have to agree, and the person is shown it."""
    return answered(await cases.request_case(command, body.cycle, body.reason, body.hours))


@router.get("/v1/audit/cases", operation_id="find_cases")
async def find_cases(
    by: Caller,
    cases: Service,
    limit: Limit = 50,
    cursor: Cursor = None,
    undecided: bool = False,
) -> dict[str, Any]:
    """Who asked to read whose words, newest first; all cases, or those that wait for a decision."""
    before = after_cursor(cursor, position, 2**62)
    found = await cases.find_cases(by, before, limit, undecided=undecided)
    listed = page(found, limit, lambda each: str(each.position))
    return listed | {"items": await cases.describe(by.tenant, [f.case for f in listed["items"]])}


@router.get("/v1/audit/cases/{id}", operation_id="get_case")
async def get_case(case: Id, by: Caller, cases: Service) -> JSONResponse:
    """How a case stands."""
    found = await cases.get_case(by, case)
    return shown((await cases.describe(by.tenant, [found]))[0], found.version)


@router.post("/v1/audit/cases/{id}:approve", operation_id="approve_case")
async def approve_case(case: Id, command: Commanded, cases: Service) -> JSONResponse:
    """Agree; one of data protection and one of HR or an admin grant it, neither who asked for it."""
    return answered(await cases.approve_case(command, case))


@router.post("/v1/audit/cases/{id}:refuse", operation_id="refuse_case")
async def refuse_case(case: Id, command: Commanded, cases: Service) -> JSONResponse:
    """Don't agree; the case is closed."""
    return answered(await cases.refuse_case(command, case))


@router.post("/v1/audit/cases/{id}:revoke", operation_id="revoke_case")
async def revoke_case(case: Id, command: Commanded, cases: Service) -> JSONResponse:
    """End a granted case before its time."""
    return answered(await cases.revoke_case(command, case))


@router.get("/v1/audit/cases/{id}/words", operation_id="read_words")
async def read_words(case: Id, by: Caller, cases: Service) -> dict[str, Any]:
    """What was shared in the cycle, while the case lasts; each reading is on record before."""
    return {"items": await cases.read_words(by, case), "next": None}


@router.get("/v1/people/{person}/cases", operation_id="list_cases", tags=["people"])
async def list_cases(
    person: CustomerId,
    by: Caller,
    cases: Service,
    record: Annotated[Record, given(Record)],
    limit: Limit = 50,
    cursor: Cursor = None,
) -> dict[str, Any]:
    """Who asked to read a person's words, why, and whether it was granted; newest first."""
    subject = await record.vault.subject_of(by.tenant, person)
    if subject is None:
        raise NotFound
    found = await cases.cases_of(by, subject)
    before = after_cursor(cursor, position, 2**62)
    numbered = list(zip(range(len(found), 0, -1), found, strict=True))
    listed = page([each for each in numbered if each[0] < before], limit, lambda each: str(each[0]))
    return listed | {"items": await cases.describe(by.tenant, [c for _, c in listed["items"]])}


@router.post(
    "/v1/people/{person}/corrections",
    operation_id="state_correction",
    status_code=201,
    tags=["people"],
)
async def state_correction(
    person: CustomerId, body: CorrectionBody, command: Commanded, corrections: Corrections
) -> JSONResponse:
    """Say that something on record about you is wrong; it is shown beside the original, which stays."""
    place = (body.about, body.id, body.version, body.part)
    return answered(await corrections.state_correction(command, person, *place, body.text))


@router.get("/v1/people/{person}/corrections", operation_id="list_corrections", tags=["people"])
async def list_corrections(
    person: CustomerId,
    by: Caller,
    corrections: Corrections,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> dict[str, Any]:
    """What a person says is wrong on record about them; for others, in their profile."""
    after = after_cursor(cursor, position, 0)
    stated = await corrections.list_corrections(by, person)
    found = [each for each in stated if each["correction"] > after]
    return page(found, limit, lambda each: str(each["correction"]))


@router.delete(
    "/v1/people/{person}/corrections/{correction}",
    operation_id="withdraw_correction",
    tags=["people"],
)
async def withdraw_correction(
    person: CustomerId,
    correction: Annotated[int, Path(ge=1, le=1_000_000, description="its number")],
    command: Commanded,
    corrections: Corrections,
) -> JSONResponse:
    """Take a correction back; that it was stated stays on record."""
    return answered(await corrections.withdraw_correction(command, person, correction))
