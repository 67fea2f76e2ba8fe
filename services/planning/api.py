"""The routes of development plans."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Body, Path, Query
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict, Field

from services.permission import Permission, Resource
from services.planning.application import Plans
from services.planning.domain import Action, Goal, Method, Owner, Plan
from services.planning.readmodel import PlanList
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
    shown,
)

router = APIRouter(tags=["plans"])
Service = Annotated[Plans, given(Plans)]
Text = Annotated[str, Field(min_length=1, max_length=20_000)]
Short = Annotated[str, Field(min_length=1, max_length=500)]
Code = Annotated[str, Path(pattern=CUSTOMER_ID)]
CodeField = Annotated[str, Field(pattern=CUSTOMER_ID)]


class _Body(BaseModel):
    model_config = ConfigDict(extra="forbid")


class GoalBody(_Body):
    """What the employee wants to reach."""

    text: Text
    horizon: Annotated[str, Field(min_length=1, max_length=64)] | None = None
    facet: CodeField | None = None


class ActionBody(_Body):
    """One thing to do: the method, the goal that it serves, how success shows, whose promise it is."""

    method: Method
    title: Short
    serves: CodeField
    success: Text
    owner: Owner
    by: date | None = None
    mentor: CodeField | None = None


class CommentBody(_Body):
    """A comment, if there is something to say."""

    comment: Text | None = None


class BlockBody(CommentBody):
    """Who could get it going again."""

    blocked_by: Owner


class CheckInBody(CommentBody):
    """How it goes, in two clicks."""

    state: Literal["on_track", "changed", "blocked"]


Comment = Annotated[CommentBody, Body(default_factory=CommentBody)]


@router.get("/v1/plans", operation_id="list_plans")
async def list_plans(
    by: Caller,
    person: Annotated[str, Query(pattern=CUSTOMER_ID)],
    plans: Annotated[PlanList, given(PlanList)],
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
    standing = await permission.require(by, "read", Resource("plan", subject), now)
    own = standing == "employee"
    found = await plans.plans_of(
        by.tenant, subject, after_cursor(cursor, int, 0), limit, drafts=own
    )
    listed = page(found, limit, lambda item: str(item["position"]))
    kept = ("id", "cycle", "round", "state", "version")
    listed["items"] = [{name: item[name] for name in kept} for item in listed["items"]]
    return listed


@router.get("/v1/plans/{id}", operation_id="get_plan")
async def get_plan(plan: Id, by: Caller, plans: Service) -> JSONResponse:
    """A plan with its goals, actions and agreements."""
    known = await plans.get_plan(by, plan)
    return shown(_shown(known), known.version)


@router.put("/v1/plans/{id}/goals/{goal}", operation_id="set_goal")
async def set_goal(
    plan: Id, goal: Code, body: GoalBody, command: Commanded, plans: Service
) -> JSONResponse:
    """Set a goal, or word it anew."""
    wanted = Goal(body.text, body.horizon, body.facet)
    return answered(await plans.set_goal(command, plan, goal, wanted))


@router.put("/v1/plans/{id}/actions/{action}", operation_id="plan_action")
async def plan_action(
    plan: Id, action: Code, body: ActionBody, command: Commanded, plans: Service
) -> JSONResponse:
    """Plan an action that serves a goal, or change it."""
    return answered(await plans.plan_action(command, plan, action, Action(**body.model_dump())))


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


def _shown(plan: Plan) -> dict[str, Any]:
    return {
        "id": str(plan.id),
        "version": plan.version,
        "cycle": str(plan.cycle),
        "round": plan.round,
        "conversation": str(plan.conversation),
        "state": plan.state,
        "revision": plan.revision,
        "in_force": plan.in_force,
        "goals": {name: vars(goal) for name, goal in plan.goals.items()},
        "actions": {name: _action(action) for name, action in plan.actions.items()},
        "unserved_goals": plan.unserved_goals,
        "agreements": {
            str(revision): {side: at.isoformat() for side, at in sides.items()}
            for revision, sides in plan.agreements.items()
        },
    }


def _action(action: Action) -> dict[str, Any]:
    return vars(action) | {"by": action.by.isoformat() if action.by else None}
