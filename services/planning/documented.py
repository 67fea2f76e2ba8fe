"""What the routes of plans answer, for the documentation."""

from __future__ import annotations

from typing import Annotated, Any, Literal, NotRequired

from pydantic import Field
from typing_extensions import TypedDict

from shared.documented import (
    ByLanguage,
    Code,
    CorrectionView,
    Day,
    Id,
    Moment,
    Page,
    Person,
    Receipt,
    Version,
)

State = Literal["draft", "proposed", "active", "under_review", "completed", "closed"]
Side = Literal["employee", "partner", "organisation"]
Method = Literal["job_enrichment", "stretch_assignment", "mentoring", "coaching", "other"]
PromiseState = Literal["open", "kept", "broken", "released", "carried_over"]


class ListedPlan(TypedDict):
    """A plan as it is listed."""

    id: Id
    cycle: Id
    round: int
    state: State
    version: Version


class GoalView(TypedDict):
    """Where somebody wants to get."""

    text: NotRequired[str]
    horizon: NotRequired[str | None]
    facet: Code | None


class PlannedAction(TypedDict):
    """What is to be done for a goal, with the fields of its method; texts for who may read them."""

    method: Method
    title: NotRequired[str]
    serves: Annotated[Code, Field(description="the goal")]
    success: NotRequired[Annotated[str, Field(description="by what one sees that it worked")]]
    owner: Side
    by: Day | None
    mentor: NotRequired[str | None]
    adds: NotRequired[str | None]
    varies: NotRequired[str | None]
    skill: NotRequired[str | None]
    support: NotRequired[str | None]
    risk: NotRequired[str | None]
    rhythm: NotRequired[str | None]
    until: NotRequired[Day | None]
    coach: NotRequired[str | None]
    aim: NotRequired[str | None]
    sessions: NotRequired[int | None]


class ActionView(PlannedAction):
    """An action, and what became of it."""

    state: Literal["planned", "started", "done", "not_done", "blocked", "carried_over", "dropped"]
    comment: NotRequired[str | None]
    blocked_by: Side | None
    reported_by: Literal["employee", "partner", "nobody"] | None
    reported_at: Moment | None
    agreed: Annotated[bool, Field(description="whether both have agreed to it as it is")]
    carried_from: Annotated[Id | None, Field(description="the plan that it came from")]
    missing: Annotated[list[Code], Field(description="fields that one might still talk about")]


class PromiseView(TypedDict):
    """What partner or organisation have promised, and what became of it."""

    owner: Literal["partner", "organisation"]
    promised_by: Person | None
    since: Moment
    state: PromiseState
    method: Method
    by: Day | None
    title: NotRequired[str]


class ListedPromise(TypedDict):
    """A promise as it is listed."""

    plan: Id
    action: Code
    person: Person | None
    owner: Literal["partner", "organisation"]
    promised_by: Person | None
    since: Moment
    by: Day | None
    method: Method
    state: PromiseState


class AgreedPlan(TypedDict):
    """The revision in force, where a newer one waits for an agreement."""

    revision: int
    goals: dict[str, GoalView]
    actions: dict[str, PlannedAction]


class Wish(TypedDict):
    """The changes that were last asked for."""

    by: Literal["employee", "partner"]
    comment: str | None
    at: Moment


class CheckIn(TypedDict):
    """How it went, at the last check-in."""

    state: Literal["on_track", "changed", "blocked"]
    by: Literal["employee", "partner"] | None
    comment: str | None
    at: Moment


class PlanView(TypedDict):
    """A plan with its goals, actions and agreements, as far as the caller may see it."""

    id: Id
    version: Version
    cycle: NotRequired[Id]
    round: NotRequired[int]
    state: NotRequired[State]
    revision: NotRequired[int]
    in_force: NotRequired[
        Annotated[int | None, Field(description="the revision that both have agreed to")]
    ]
    conversation: NotRequired[Id]
    goals: NotRequired[
        Annotated[dict[str, GoalView], Field(description="by the codes chosen for them")]
    ]
    actions: NotRequired[
        Annotated[dict[str, ActionView], Field(description="by the codes chosen for them")]
    ]
    unserved_goals: NotRequired[list[Code]]
    agreements: NotRequired[
        Annotated[
            dict[str, dict[str, Moment]], Field(description="by revision: which side agreed when")
        ]
    ]
    in_force_plan: NotRequired[AgreedPlan | None]
    shared: NotRequired[
        Annotated[bool, Field(description="whether the conversation partner of today may read it")]
    ]
    corrections: NotRequired[list[CorrectionView]]
    changes_requested: NotRequired[Wish | None]
    last_check_in: NotRequired[CheckIn | None]
    promises: Annotated[dict[str, PromiseView], Field(description="by the codes of their actions")]


class ChangedField(TypedDict):
    """One field before and now."""

    before: Any
    now: Any


class ChangedItem(TypedDict):
    """A goal, an action or the plan itself, where it differs."""

    item: Literal["goal", "action", "plan"]
    id: str
    change: Literal["added", "removed", "changed"]
    fields: dict[str, ChangedField]
    by: Annotated[str | None, Field(description="who changed it last")]
    version: int | None
    at: Moment | None


Difference = TypedDict("Difference", {"from": Version, "to": Version, "changes": list[ChangedItem]})


class Mentor(TypedDict):
    """Somebody who offers to pass a skill on."""

    person: Person
    name: str


class Suggestion(TypedDict):
    """A method that might fit, and why."""

    method: Method
    goal: Code | None
    reason: Code
    why: ByLanguage
    follows_from: Annotated[Code | None, Field(description="a goal, a facet or `direction`")]
    mentors: list[Mentor]


class Suggestions(TypedDict):
    """Where a plan could go on."""

    unserved_goals: list[Code]
    suggestions: list[Suggestion]


class PlanReceipt(Receipt):
    """What a change of a plan answers."""

    state: State
    revision: int
    in_force: int | None


ANSWERS: dict[str, Any] = {
    "list_plans": Page[ListedPlan],
    "list_promises": Page[ListedPromise],
    "get_plan": PlanView,
    "diff_plan": Difference,
    "suggest_methods": Suggestions,
    "set_goal": PlanReceipt,
    "drop_goal": PlanReceipt,
    "plan_action": PlanReceipt,
    "start_action": PlanReceipt,
    "finish_action": PlanReceipt,
    "leave_action_undone": PlanReceipt,
    "block_action": PlanReceipt,
    "drop_action": PlanReceipt,
    "carry_over": PlanReceipt,
    "propose": PlanReceipt,
    "agree": PlanReceipt,
    "request_changes": PlanReceipt,
    "close": PlanReceipt,
    "check_in": PlanReceipt,
}
