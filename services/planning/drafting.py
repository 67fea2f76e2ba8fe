"""What is planned: goals and the actions that serve them. Each change makes a new revision."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime
from typing import Annotated, Any
from uuid import UUID

import msgspec
from eventsourcing.domain import event

from services.planning.content import (
    ENDED,
    Action,
    Agreement,
    Aspect,
    CheckIn,
    Decider,
    Details,
    Goal,
    Method,
    Outcome,
    Owner,
    Promise,
    Report,
    Side,
    State,
    Wish,
)
from shared.errors import NotFound, RuleBroken
from shared.eventstore.events import Chapter, Created, Event, Words

AspectsInWords = Annotated[dict[str, Aspect], msgspec.Meta(extra={"words": True, "erased": None})]
DetailsInWords = Annotated[Details, msgspec.Meta(extra={"words": True, "erased": None})]


class PlanEnded(RuleBroken):
    """The plan has ended; what it holds stays as it is. The next round brings a new one."""


class GoalUnknown(NotFound):
    """The plan has no such goal; set the goal first, then the actions that serve it."""


class GoalServed(RuleBroken):
    """Actions serve this goal; let them serve another one or drop them first."""


class ActionUnknown(NotFound):
    """The plan has no such action."""


class ActionEnded(RuleBroken):
    """The action is done, not done, dropped or carried over; plan another one."""


class OwnMentor(RuleBroken):
    """Nobody is their own mentor; name somebody else, or leave `mentor` out for now."""


class Drafting(Chapter):
    """Goals and actions, from the first draft on."""

    class Drafted(Created, frozen=True, kw_only=True):
        """Direction and facets are those of the conversation that it follows from."""

        TOPIC = "plan.drafted"
        person: UUID
        cycle: UUID
        round: int
        conversation: UUID
        previous: UUID | None = None
        direction: Words | None = None
        facets: AspectsInWords | None = None

    class GoalSet(Event, frozen=True, kw_only=True):
        TOPIC = "plan.goal_set"
        goal: str
        text: Words
        horizon: Words | None = None
        facet: str | None = None
        side: str | None = None

    class GoalDropped(Event, frozen=True, kw_only=True):
        TOPIC = "plan.goal_dropped"
        goal: str
        side: str | None = None

    class ActionPlanned(Event, frozen=True, kw_only=True):
        TOPIC = "plan.action_planned"
        action: str
        method: str
        serves: str
        owner: str
        by: date | None = None
        title: Words
        success: Words
        mentor: Words | None = None
        details: DetailsInWords | None = None
        mentored_by: UUID | None = None
        carried_from: UUID | None = None
        side: str | None = None

    class ActionRevised(Event, frozen=True, kw_only=True):
        TOPIC = "plan.action_revised"
        action: str
        method: str
        serves: str
        owner: str
        by: date | None = None
        title: Words
        success: Words
        mentor: Words | None = None
        details: DetailsInWords | None = None
        mentored_by: UUID | None = None
        side: str | None = None

    class ActionDropped(Event, frozen=True, kw_only=True):
        TOPIC = "plan.action_dropped"
        action: str
        comment: Words | None = None
        side: str | None = None

    @event(Drafted)
    def __init__(
        self,
        person: UUID,
        cycle: UUID,
        round: int,
        conversation: UUID,
        direction: str | None,
        facets: dict[str, Aspect] | None,
    ) -> None:
        self.person = person
        self.cycle = cycle
        self.round = round
        self.conversation = conversation
        self.direction = direction
        self.facets = dict(facets or {})
        self.state: State = "draft"
        self.goals: dict[str, Goal] = {}
        self.actions: dict[str, Action] = {}
        self.reports: dict[str, Report] = {}
        self.revision = 0
        self.in_force: int | None = None
        self.agreed_goals: dict[str, Goal] = {}
        self.agreed_actions: dict[str, Action] = {}
        self.agreements: dict[int, dict[str, Agreement]] = {}
        self.shown: tuple[datetime, ...] = ()
        self.shown_at: tuple[int, ...] = ()
        self.promises: dict[str, Promise] = {}
        self.wish: Wish | None = None
        self.last_check_in: CheckIn | None = None
        self.activated_at: datetime | None = None

    def set_goal(self, goal: str, wanted: Goal, side: Decider | None = None) -> None:
        """Set a goal, or word it anew: a material change."""
        self.must_go_on()
        if self.goals.get(goal) != wanted:
            self._set_goal(goal=goal, **vars(wanted), side=side)

    @event(GoalSet)
    def _set_goal(
        self, goal: str, text: str, horizon: str | None, facet: str | None, side: str | None
    ) -> None:
        self.goals[goal] = Goal(text, horizon, facet)
        self.revision += 1

    def drop_goal(self, goal: str, side: Side | None = None) -> None:
        """Take a goal out that no action serves: a material change."""
        self.must_go_on()
        if goal not in self.goals:
            raise GoalUnknown
        if goal not in self.unserved_goals:
            raise GoalServed
        self._drop_goal(goal=goal, side=side)

    @event(GoalDropped)
    def _drop_goal(self, goal: str, side: str | None) -> None:
        del self.goals[goal]
        self.revision += 1

    def plan_action(self, action: str, planned: Action, side: Decider | None = None) -> None:
        """Plan an action, or change what is planned: a material change."""
        self.must_go_on()
        if planned.serves not in self.goals:
            raise GoalUnknown(f"no goal {planned.serves!r}: {GoalUnknown.__doc__}")
        if planned.mentored_by == self.person:
            raise OwnMentor
        present = self.actions.get(action)
        if present is None:
            self._plan_action(
                action=action, **_planned(planned), carried_from=planned.carried_from, side=side
            )
        elif _planned(planned) != _planned(present):
            self.must_be_going(action)
            self._revise_action(action=action, **_planned(planned), side=side)

    @event(ActionPlanned)
    def _plan_action(
        self,
        action: str,
        method: Method,
        serves: str,
        owner: Owner,
        by: date | None,
        title: str,
        success: str,
        mentor: str | None,
        details: Details | None,
        mentored_by: UUID | None,
        carried_from: UUID | None,
        side: str | None,
    ) -> None:
        self.actions[action] = Action(
            method, title, serves, success, owner, by, mentor, details, mentored_by, carried_from
        )
        self.revision += 1

    @event(ActionRevised)
    def _revise_action(
        self,
        action: str,
        method: Method,
        serves: str,
        owner: Owner,
        by: date | None,
        title: str,
        success: str,
        mentor: str | None,
        details: Details | None,
        mentored_by: UUID | None,
        side: str | None,
    ) -> None:
        self.actions[action] = replace(
            self.actions[action],
            method=method,
            title=title,
            serves=serves,
            success=success,
            owner=owner,
            by=by,
            mentor=mentor,
            details=details,
            mentored_by=mentored_by,
        )
        self.revision += 1

    def drop_action(self, action: str, comment: str | None, side: Side | None = None) -> None:
        """Take an action out: a material change, or at the review a decision like the others."""
        self.must_go_on()
        self.must_be_going(action)
        self._drop_action(action=action, comment=comment, side=side, timestamp=self.at)

    @event(ActionDropped)
    def _drop_action(
        self, action: str, comment: str | None, side: Side | None, timestamp: datetime
    ) -> None:
        report = Report("dropped", side, comment, at=timestamp)
        if self.state == "under_review":
            self.reports[action] = report
        else:
            self.actions[action] = replace(self.actions[action], dropped=report)
            self.revision += 1

    @property
    def unserved_goals(self) -> list[str]:
        """Goals that no action serves."""
        served = {a.serves for name, a in self.actions.items() if self.state_of(name) != "dropped"}
        return [goal for goal in self.goals if goal not in served]

    def state_of(self, action: str) -> Outcome:
        """What became of an action by now; an end that was reported counts before a drop."""
        report, dropped = self.reports.get(action), self.actions[action].dropped
        if report is not None and (report.state in ENDED or dropped is None):
            return report.state
        return "dropped" if dropped else "planned"

    def must_go_on(self) -> None:
        """Refuse what can't be done to a plan that has ended."""
        if self.state in {"completed", "closed"}:
            raise PlanEnded

    def must_be_going(self, action: str) -> None:
        """Refuse what can't be done to an action that has ended."""
        if action not in self.actions:
            raise ActionUnknown
        if self.state_of(action) in ENDED:
            raise ActionEnded


def _planned(action: Action) -> dict[str, Any]:
    """What both sides agree to of an action."""
    names = (
        "method", "serves", "owner", "by", "title", "success", "mentor", "details", "mentored_by",
    )  # fmt: skip
    return {name: getattr(action, name) for name in names}
