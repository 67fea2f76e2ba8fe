"""What the routes of plans answer, for the documentation."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field
from typing_extensions import TypedDict

from shared.documented import Code, Day, Id, Moment, Page, Receipt, Version

State = Literal["draft", "proposed", "active", "under_review", "completed", "closed"]
Side = Literal["employee", "partner", "organisation"]


class ListedPlan(TypedDict):
    """A plan as it is listed."""

    id: Id
    cycle: Id
    round: int
    state: State
    version: Version


class GoalView(TypedDict):
    """Where somebody wants to get."""

    text: str
    horizon: str | None
    facet: Code | None


class ActionView(TypedDict):
    """What is done for a goal."""

    method: Literal["job_enrichment", "stretch_assignment", "mentoring", "coaching", "other"]
    title: str
    serves: Annotated[Code, Field(description="the goal")]
    success: Annotated[str, Field(description="by what one sees that it worked")]
    owner: Side
    by: Day | None
    mentor: str | None
    state: Literal["planned", "started", "done", "not_done", "blocked", "dropped"]
    comment: str | None
    blocked_by: Side | None


class PlanView(ListedPlan):
    """A plan with its goals, actions and agreements."""

    conversation: Id
    revision: int
    in_force: Annotated[int | None, Field(description="the revision that both have agreed to")]
    goals: Annotated[dict[str, GoalView], Field(description="by the codes chosen for them")]
    actions: Annotated[dict[str, ActionView], Field(description="by the codes chosen for them")]
    unserved_goals: list[Code]
    agreements: Annotated[
        dict[str, dict[str, Moment]], Field(description="by revision: which side agreed when")
    ]


class PlanReceipt(Receipt):
    """What a change of a plan answers."""

    state: State
    revision: int
    in_force: int | None


ANSWERS: dict[str, Any] = {
    "list_plans": Page[ListedPlan],
    "get_plan": PlanView,
    "set_goal": PlanReceipt,
    "plan_action": PlanReceipt,
    "start_action": PlanReceipt,
    "finish_action": PlanReceipt,
    "leave_action_undone": PlanReceipt,
    "block_action": PlanReceipt,
    "drop_action": PlanReceipt,
    "propose": PlanReceipt,
    "agree": PlanReceipt,
    "request_changes": PlanReceipt,
    "close": PlanReceipt,
    "check_in": PlanReceipt,
}
