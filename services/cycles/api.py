"""The routes of cycles and of the policy."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated, Any, Literal
from uuid import UUID

import msgspec
from fastapi import APIRouter, Query
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict, Field

from services.cycles.application import Cycles, view
from services.cycles.policy import Terms
from services.cycles.readmodel import CycleList, Wanted
from services.permission import Permission, Resource, Sight
from shared.errors import NotAllowed
from shared.eventstore.record import Record
from shared.http import (
    CUSTOMER_ID,
    Caller,
    Commanded,
    Cursor,
    Id,
    Limit,
    Moment,
    after_cursor,
    answered,
    given,
    page,
    shown,
)
from shared.principal import Principal

router = APIRouter(tags=["cycles"])
Service = Annotated[Cycles, given(Cycles)]
State = Literal["conversation", "planning", "developing", "follow_up", "steady", "closed"]
Turn = Literal["employee", "partner", "organisation", "nobody"]
Code = Annotated[str, Query(pattern=CUSTOMER_ID)]
Reason = Annotated[str, Field(pattern=r"^[a-z0-9_]{1,64}$", description="a code, such as by_hand")]
Period = Annotated[str, Field(max_length=64)]
_DEFAULT = Terms()
_FIRST = UUID(int=0)


class StartBody(BaseModel):
    """Whose cycle is to start."""

    model_config = ConfigDict(extra="forbid")
    person: Annotated[str, Field(pattern=CUSTOMER_ID)]


class SteerBody(BaseModel):
    """Why, as a code, and until when."""

    model_config = ConfigDict(extra="forbid")
    reason: Reason = "by_hand"
    until: Moment | None = None


class KeptBody(BaseModel):
    """For how long after somebody's last day: what was said, and whose it was."""

    model_config = ConfigDict(extra="forbid")
    words: Period = _DEFAULT.retention.words
    link: Period = _DEFAULT.retention.link


class PolicyBody(BaseModel):
    """All times of a cycle, as ISO 8601 durations; what is left out is what we recommend."""

    model_config = ConfigDict(extra="forbid")
    cadence: Period = _DEFAULT.cadence
    follow_up_after: Period = _DEFAULT.follow_up_after
    answer_nudges: Annotated[tuple[Period, ...], Field(max_length=3)] = _DEFAULT.answer_nudges
    partner_nudges: Annotated[tuple[Period, ...], Field(max_length=3)] = _DEFAULT.partner_nudges
    plan_within: Period = _DEFAULT.plan_within
    check_in_every: Period = _DEFAULT.check_in_every
    pause_default: Period = _DEFAULT.pause_default
    pause_longest: Period = _DEFAULT.pause_longest
    return_grace: Period = _DEFAULT.return_grace
    handover_within: Period = _DEFAULT.handover_within
    partner_wanted_after: Period = _DEFAULT.partner_wanted_after
    hold_nudges: bool = False
    hr_partner: Annotated[str, Field(pattern=CUSTOMER_ID)] | None = None
    closing_percent: Annotated[int, Field(ge=1, le=100)] = _DEFAULT.closing_percent
    closing_floor: Annotated[int, Field(ge=1, le=10_000)] = _DEFAULT.closing_floor
    min_group: Annotated[int, Field(ge=3, le=10_000)] = _DEFAULT.min_group
    retention_on: bool = False
    retention: KeptBody = KeptBody()
    retention_by_entity: Annotated[
        dict[Annotated[str, Field(min_length=1, max_length=200)], KeptBody], Field(max_length=500)
    ] = {}
    bundles_kept: Period = _DEFAULT.bundles_kept


@router.post("/v1/cycles", operation_id="start_cycle", status_code=201)
async def start_cycle(body: StartBody, command: Commanded, cycles: Service) -> JSONResponse:
    """Start a person's cycle; 200 with the open one where there is one already."""
    return answered(await cycles.start_cycle(command, body.person, "api"))


@router.get("/v1/cycles", operation_id="list_cycles")
async def list_cycles(
    by: Caller,
    cycles: Annotated[CycleList, given(CycleList)],
    permission: Annotated[Permission, given(Permission)],
    record: Annotated[Record, given(Record)],
    limit: Limit = 50,
    cursor: Cursor = None,
    person: Code | None = None,
    state: State | None = None,
    waiting_for: Turn | None = None,
    department: Code | None = None,
    partner: Code | None = None,
) -> dict[str, Any]:
    """List cycles; an employee gets their own, a partner those of their people."""
    now = record.clock.now()
    await permission.require(by, "read", Resource("cycle"), now)
    one = await record.vault.subject_of(by.tenant, person) if person else None
    other = await record.vault.subject_of(by.tenant, partner) if partner else None
    if (person and one is None) or (partner and other is None):
        return page([], limit, str)
    wanted = _narrowed(by, Wanted(one, state, waiting_for, department, other))
    found = await cycles.list_cycles(by.tenant, wanted, after_cursor(cursor, UUID, _FIRST), limit)
    names = await record.vault.people_of(by.tenant, {p.person for p in found})
    views = [view(p, names.get(p.person), Sight(by, now)) for p in found]
    return page(views, limit, lambda item: str(item["id"]))


@router.get("/v1/cycles/{id}", operation_id="get_cycle")
async def get_cycle(
    cycle: Id, by: Caller, cycles: Service, record: Annotated[Record, given(Record)]
) -> JSONResponse:
    """Where one cycle stands, and whose turn it is."""
    progress = await cycles.get_cycle(by, cycle)
    names = await record.vault.people_of(by.tenant, {progress.person})
    sight = Sight(by, record.clock.now())
    return shown(view(progress, names.get(progress.person), sight), progress.version)


@router.post("/v1/cycles/{id}:suspend", operation_id="suspend_cycle")
async def suspend_cycle(
    cycle: Id, body: SteerBody, command: Commanded, cycles: Service
) -> JSONResponse:
    """Let a cycle's clocks stand still; nothing is sent until it is resumed."""
    return answered(await cycles.suspend_cycle(command, cycle, body.reason, body.until))


@router.post("/v1/cycles/{id}:resume", operation_id="resume_cycle")
async def resume_cycle(cycle: Id, command: Commanded, cycles: Service) -> JSONResponse:
    """Let a cycle's clocks go on."""
    return answered(await cycles.resume_cycle(command, cycle))


@router.post("/v1/cycles/{id}:close", operation_id="close_cycle")
async def close_cycle(
    cycle: Id, body: SteerBody, command: Commanded, cycles: Service
) -> JSONResponse:
    """End a cycle for good: its open conversation and plan are closed; the record stays."""
    return answered(await cycles.close_cycle(command, cycle, body.reason))


@router.get("/v1/notices", operation_id="list_notices")
async def list_notices(
    by: Caller,
    cycles: Annotated[CycleList, given(CycleList)],
    permission: Annotated[Permission, given(Permission)],
    record: Annotated[Record, given(Record)],
    limit: Limit = 50,
    cursor: Cursor = None,
    outcome: Literal["waiting", "refused"] | None = None,
) -> dict[str, Any]:
    """Mails that wait to be sent, or that will not reach anybody, each with the reason as a code."""
    await permission.require(by, "read", Resource("notice"), record.clock.now())
    after = after_cursor(cursor, _side, (_FIRST, ""))
    found = await cycles.lost_notices(by.tenant, after, limit, outcome)
    names = await record.vault.people_of(by.tenant, {each["person"] for each in found})
    items = [
        {
            "notice": str(each["event"]),
            "cycle": str(each["cycle"]),
            "person": names.get(each["person"]),
            "to": each["to"],
            "kind": each["kind"],
            "at": each["at"].isoformat().replace("+00:00", "Z"),
            "outcome": each["outcome"] or "waiting",
        }
        for each in found
    ]
    return page(items, limit, lambda item: f"{item['notice']}/{item['to']}")


@router.get("/v1/policy", operation_id="get_policy", tags=["policy"])
async def get_policy(
    by: Caller, cycles: Service, record: Annotated[Record, given(Record)]
) -> JSONResponse:
    """The present policy; version 0 is what Cairn recommends."""
    terms, version = await cycles.get_policy(by)
    hr = {terms.hr_partner} if terms.hr_partner else set()
    named = next(iter((await record.vault.people_of(by.tenant, hr)).values()), None)
    body = {**msgspec.to_builtins(terms), "hr_partner": named, "version": version}
    return shown(body, version)


@router.put("/v1/policy", operation_id="put_policy", tags=["policy"])
async def put_policy(body: PolicyBody, command: Commanded, cycles: Service) -> JSONResponse:
    """Set the policy for the rounds that begin from now on."""
    terms = msgspec.convert(body.model_dump(exclude={"hr_partner"}), Terms)
    return answered(await cycles.put_policy(command, terms, body.hr_partner))


def _side(key: str) -> tuple[UUID, str]:
    """A notice and the side that it goes to, as a cursor holds them."""
    event, _, to = key.partition("/")
    return UUID(event), to


def _narrowed(by: Principal, wanted: Wanted) -> Wanted:
    """What a caller without a role over the whole roster may ask for: its own cycle and its people's."""
    if by.has("platform", "hr", "auditor", "dpo", "ops", "admin"):
        return wanted
    if by.subject is None:
        raise NotAllowed
    if by.has("employee") and by.has("partner") and wanted.person is None:
        return replace(wanted, either=by.subject)
    if by.has("partner") and wanted.person != by.subject:
        return replace(wanted, partner=by.subject)
    return replace(wanted, person=by.subject)
