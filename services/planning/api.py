"""The routes of development plans."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Query
from fastapi.responses import JSONResponse

from services.permission import Permission, Resource
from services.planning.application import Plans
from services.planning.bodies import (
    ActionBody,
    BlockBody,
    CheckInBody,
    Code,
    Comment,
    GoalBody,
    action_of,
)
from services.planning.content import Goal, Owner, PromiseState
from services.planning.reading import PlanReader
from services.planning.readmodel import PlanList, Wanted
from shared.eventstore.record import Record
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
from shared.periods import rfc3339
from shared.principal import Principal

router = APIRouter(tags=["plans"])
Service = Annotated[Plans, given(Plans)]
Reader = Annotated[PlanReader, given(PlanReader)]
Lists = Annotated[PlanList, given(PlanList)]
Version = Annotated[int, Query(ge=1, le=2_000_000_000)]


@router.get("/v1/plans", operation_id="list_plans")
async def list_plans(
    by: Caller,
    person: Annotated[str, Query(pattern=CUSTOMER_ID)],
    plans: Lists,
    permission: Annotated[Permission, given(Permission)],
    record: Annotated[Record, given(Record)],
    limit: Limit = 50,
    cursor: Cursor = None,
) -> dict[str, Any]:
    """A person's plans, oldest first."""
    subject = await record.vault.subject_of(by.tenant, person)
    if subject is None:
        return page([], limit, str)
    now = record.clock.now()
    standing = await permission.require(by, "list", Resource("plan", subject), now)
    own = standing == "employee"
    found = await plans.plans_of(
        by.tenant, subject, after_cursor(cursor, position, 0), limit, drafts=own
    )
    listed = page(found, limit, lambda item: str(item["position"]))
    kept = ("id", "cycle", "round", "state", "version")
    listed["items"] = [{name: item[name] for name in kept} for item in listed["items"]]
    return listed


@router.get("/v1/promises", operation_id="list_promises", tags=["plans"])
async def list_promises(
    by: Caller,
    plans: Lists,
    permission: Annotated[Permission, given(Permission)],
    record: Annotated[Record, given(Record)],
    limit: Limit = 50,
    cursor: Cursor = None,
    person: Annotated[str | None, Query(pattern=CUSTOMER_ID)] = None,
    owner: Owner | None = None,
    state: PromiseState | None = None,
) -> dict[str, Any]:
    """What partners and organisation have promised; a partner gets their own, an employee theirs."""
    await permission.require(by, "read", Resource("promises"), record.clock.now())
    one = await record.vault.subject_of(by.tenant, person) if person else None
    if person and one is None:
        return page([], limit, str)
    wanted = _narrowed(by, Wanted(one, None, owner, state))
    found = await plans.promises(by.tenant, wanted, after_cursor(cursor, _place, _FIRST), limit)
    people = {item[name] for item in found for name in ("person", "promised_by") if item[name]}
    names = await record.vault.people_of(by.tenant, people)
    listed = page(found, limit, lambda item: f"{item['plan']}/{item['action']}")
    return listed | {"items": [_promise(item, names) for item in listed["items"]]}


@router.get("/v1/plans/{id}", operation_id="get_plan")
async def get_plan(plan: Id, by: Caller, reader: Reader) -> JSONResponse:
    """A plan as far as the caller may see it: goals, actions, agreements, promises."""
    return shown(*await reader.get_plan(by, plan))


@router.get("/v1/plans/{id}/diff", operation_id="diff_plan")
async def diff_plan(
    plan: Id,
    by: Caller,
    reader: Reader,
    old: Annotated[Version, Query(alias="from", description="an earlier one, such as you saw")],
    new: Annotated[
        Version | None, Query(alias="to", description="by default the present one")
    ] = None,
) -> dict[str, Any]:
    """What changed between two versions, item by item, and who changed it last."""
    return await reader.diff_plan(by, plan, old, new)


@router.get("/v1/plans/{id}/suggestions", operation_id="suggest_methods")
async def suggest_methods(plan: Id, by: Caller, reader: Reader) -> dict[str, Any]:
    """Methods that might fit, each with its reason, and the goals that nothing serves yet."""
    return await reader.suggest_methods(by, plan)


@router.put("/v1/plans/{id}/goals/{goal}", operation_id="set_goal")
async def set_goal(
    plan: Id, goal: Code, body: GoalBody, command: Commanded, plans: Service
) -> JSONResponse:
    """Set a goal, or word it anew."""
    wanted = Goal(body.text, body.horizon, body.facet)
    return answered(await plans.set_goal(command, plan, goal, wanted))


@router.delete("/v1/plans/{id}/goals/{goal}", operation_id="drop_goal")
async def drop_goal(plan: Id, goal: Code, command: Commanded, plans: Service) -> JSONResponse:
    """Take a goal out that no action serves."""
    return answered(await plans.drop_goal(command, plan, goal))


@router.put("/v1/plans/{id}/actions/{action}", operation_id="plan_action")
async def plan_action(
    plan: Id, action: Code, body: ActionBody, command: Commanded, plans: Service
) -> JSONResponse:
    """Plan an action that serves a goal, or change it."""
    return answered(await plans.plan_action(command, plan, action, action_of(body)))


@router.post("/v1/plans/{id}/actions/{action}:start", operation_id="start_action")
async def start_action(
    plan: Id, action: Code, command: Commanded, plans: Service, body: Comment
) -> JSONResponse:
    """Say that an action is under way."""
    return answered(await plans.start_action(command, plan, action, body.comment))


@router.post("/v1/plans/{id}/actions/{action}:done", operation_id="finish_action")
async def finish_action(
    plan: Id, action: Code, command: Commanded, plans: Service, body: Comment
) -> JSONResponse:
    """Say that an action is done."""
    return answered(await plans.finish_action(command, plan, action, body.comment))


@router.post("/v1/plans/{id}/actions/{action}:not-done", operation_id="leave_action_undone")
async def leave_action_undone(
    plan: Id, action: Code, command: Commanded, plans: Service, body: Comment
) -> JSONResponse:
    """Say that an action was not done, without blame."""
    return answered(await plans.leave_action_undone(command, plan, action, body.comment))


@router.post("/v1/plans/{id}/actions/{action}:block", operation_id="block_action")
async def block_action(
    plan: Id, action: Code, body: BlockBody, command: Commanded, plans: Service
) -> JSONResponse:
    """Say that an action can't go on, and who could change that."""
    return answered(await plans.block_action(command, plan, action, body.blocked_by, body.comment))


@router.post("/v1/plans/{id}/actions/{action}:drop", operation_id="drop_action")
async def drop_action(
    plan: Id, action: Code, command: Commanded, plans: Service, body: Comment
) -> JSONResponse:
    """Take an action out of the plan."""
    return answered(await plans.drop_action(command, plan, action, body.comment))


@router.post("/v1/plans/{id}/actions/{action}:carry-over", operation_id="carry_over")
async def carry_over(
    plan: Id, action: Code, command: Commanded, plans: Service, body: Comment
) -> JSONResponse:
    """Decide at the review that an action goes on in the next round's plan."""
    return answered(await plans.carry_over(command, plan, action, body.comment))


@router.post("/v1/plans/{id}:propose", operation_id="propose")
async def propose(plan: Id, command: Commanded, plans: Service) -> JSONResponse:
    """Put the present revision to the other side; whoever proposes agrees to it."""
    return answered(await plans.propose(command, plan))


@router.post("/v1/plans/{id}:agree", operation_id="agree")
async def agree(plan: Id, command: Commanded, plans: Service) -> JSONResponse:
    """Agree to the present revision; with both agreements it is in force."""
    return answered(await plans.agree(command, plan))


@router.post("/v1/plans/{id}:request-changes", operation_id="request_changes")
async def request_changes(
    plan: Id, command: Commanded, plans: Service, body: Comment
) -> JSONResponse:
    """Ask the other side for changes."""
    return answered(await plans.request_changes(command, plan, body.comment))


@router.post("/v1/plans/{id}:close", operation_id="close")
async def close(plan: Id, command: Commanded, plans: Service) -> JSONResponse:
    """Do without a plan, or end it early: a full outcome."""
    return answered(await plans.close(command, plan))


@router.post("/v1/plans/{id}:check-in", operation_id="check_in")
async def check_in(plan: Id, body: CheckInBody, command: Commanded, plans: Service) -> JSONResponse:
    """Say how it goes."""
    return answered(await plans.check_in(command, plan, body.state, body.comment))


def _narrowed(by: Principal, wanted: Wanted) -> Wanted:
    """What a caller without a role over the whole roster may ask for: what they were promised, and
    what they promised themselves."""
    if by.has("hr", "dpo", "auditor"):
        return wanted
    own = by.subject or _NOBODY
    if by.has("employee") and by.has("partner") and wanted.person is None:
        return replace(wanted, either=own)
    if by.has("partner") and wanted.person != by.subject:
        return replace(wanted, promised_by=own)
    return replace(wanted, person=own)


def _promise(item: dict[str, Any], names: dict[UUID, str]) -> dict[str, Any]:
    return {
        "plan": str(item["plan"]),
        "action": item["action"],
        "person": names.get(item["person"]),
        "owner": item["owner"],
        "promised_by": names.get(item["promised_by"]),
        "since": rfc3339(item["since"]),
        "by": item["due"].isoformat() if item["due"] else None,
        "method": item["method"],
        "state": item["state"],
    }


def _place(cursor: str) -> tuple[UUID, str]:
    plan, _, action = cursor.partition("/")
    return UUID(plan), action


_NOBODY = UUID(int=0)
_FIRST = (_NOBODY, "")
