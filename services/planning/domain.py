"""A development plan: goals in the employee's words, actions that serve them, agreed by both sides."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any, Literal, Self
from uuid import UUID, uuid5

from eventsourcing.domain import event

from shared.errors import NotFound, RuleBroken
from shared.eventstore.events import Aggregate, Created, Event, Words

State = Literal["draft", "proposed", "active", "under_review", "completed", "closed"]
Side = Literal["employee", "partner"]
Method = Literal["job_enrichment", "stretch_assignment", "mentoring", "coaching", "other"]
Owner = Literal["employee", "partner", "organisation"]
Outcome = Literal["planned", "started", "done", "not_done", "blocked", "dropped"]


class PlanEnded(RuleBroken):
    """The plan has ended; what it holds stays as it is. The next round brings a new one."""


class GoalUnknown(NotFound):
    """The plan has no such goal; set the goal first, then the actions that serve it."""


class ActionUnknown(NotFound):
    """The plan has no such action."""


class ActionEnded(RuleBroken):
    """The action is done, not done or dropped; plan another one."""


class NothingToAgree(RuleBroken):
    """The plan wasn't proposed yet; propose it first."""


class NothingPlanned(RuleBroken):
    """A plan that is proposed holds at least one goal; set one, or close the plan without."""


class NotActive(RuleBroken):
    """The plan isn't in force; both sides have to agree to the same revision first."""


@dataclass(frozen=True)
class Goal:
    """What the employee wants to reach, and by when roughly."""

    text: str
    horizon: str | None = None
    facet: str | None = None


@dataclass(frozen=True)
class Action:
    """One thing to do: which method, which goal it serves, how success shows, whose promise it is."""

    method: Method
    title: str
    serves: str
    success: str
    owner: Owner
    by: date | None = None
    mentor: str | None = None
    state: Outcome = "planned"
    blocked_by: str | None = None
    comment: str | None = None


class Plan(Aggregate):
    """The plan of one round; a revision is in force when both sides agreed to that very one."""

    TOPIC = "plan"

    class Drafted(Created, frozen=True, kw_only=True):
        TOPIC = "plan.drafted"
        person: UUID
        cycle: UUID
        round: int
        conversation: UUID

    class GoalSet(Event, frozen=True, kw_only=True):
        TOPIC = "plan.goal_set"
        goal: str
        text: Words
        horizon: Words | None = None
        facet: str | None = None

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

    class ActionStarted(Event, frozen=True, kw_only=True):
        TOPIC = "plan.action_started"
        action: str
        comment: Words | None = None

    class ActionDone(Event, frozen=True, kw_only=True):
        TOPIC = "plan.action_done"
        action: str
        comment: Words | None = None

    class ActionNotDone(Event, frozen=True, kw_only=True):
        TOPIC = "plan.action_not_done"
        action: str
        comment: Words | None = None

    class ActionBlocked(Event, frozen=True, kw_only=True):
        TOPIC = "plan.action_blocked"
        action: str
        blocked_by: str
        comment: Words | None = None

    class ActionDropped(Event, frozen=True, kw_only=True):
        TOPIC = "plan.action_dropped"
        action: str
        comment: Words | None = None

    class Proposed(Event, frozen=True, kw_only=True):
        TOPIC = "plan.proposed"
        by: str
        revision: int

    class ChangesRequested(Event, frozen=True, kw_only=True):
        TOPIC = "plan.changes_requested"
        by: str
        revision: int
        comment: Words | None = None

    class Agreed(Event, frozen=True, kw_only=True):
        TOPIC = "plan.agreed"
        by: str
        revision: int

    class Activated(Event, frozen=True, kw_only=True):
        TOPIC = "plan.activated"
        revision: int

    class CheckedIn(Event, frozen=True, kw_only=True):
        TOPIC = "plan.checked_in"
        state: str
        comment: Words | None = None

    class Reviewed(Event, frozen=True, kw_only=True):
        TOPIC = "plan.reviewed"

    class Completed(Event, frozen=True, kw_only=True):
        TOPIC = "plan.completed"

    class Closed(Event, frozen=True, kw_only=True):
        TOPIC = "plan.closed"

    state: State

    @classmethod
    def draft(
        cls,
        *,
        person: UUID,
        cycle: UUID,
        round: int,
        conversation: UUID,
        at: datetime,
    ) -> Self:
        """Lay out a round's empty plan, once its conversation is concluded."""
        return cls.begin(
            plan_id(cycle, round),
            at,
            person=person,
            cycle=cycle,
            round=round,
            conversation=conversation,
        )

    @event(Drafted)
    def __init__(self, person: UUID, cycle: UUID, round: int, conversation: UUID) -> None:
        self.person = person
        self.cycle = cycle
        self.round = round
        self.conversation = conversation
        self.state = "draft"
        self.goals: dict[str, Goal] = {}
        self.actions: dict[str, Action] = {}
        self.revision = 0
        self.in_force: int | None = None
        self.agreed_goals: dict[str, Goal] = {}
        self.agreed_actions: dict[str, Action] = {}
        self.agreements: dict[int, dict[str, datetime]] = {}
        self.proposed = False
        self.last_check_in: tuple[str, str | None] | None = None
        self.activated_at: datetime | None = None

    def set_goal(self, goal: str, wanted: Goal) -> None:
        """Set a goal, or word it anew: a material change."""
        self._must_go_on()
        if self.goals.get(goal) != wanted:
            self._set_goal(goal=goal, **vars(wanted))

    @event(GoalSet)
    def _set_goal(self, goal: str, text: str, horizon: str | None, facet: str | None) -> None:
        self.goals[goal] = Goal(text, horizon, facet)
        self.revision += 1

    def plan_action(self, action: str, planned: Action) -> None:
        """Plan an action, or change what is planned: a material change."""
        self._must_go_on()
        if planned.serves not in self.goals:
            raise GoalUnknown(f"no goal {planned.serves!r}: {GoalUnknown.__doc__}")
        present = self.actions.get(action)
        fields = _material(planned)
        if present is None:
            self._plan_action(action=action, **fields)
        elif fields != _material(present):
            self._must_be_going(action)
            self._revise_action(action=action, **fields)

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
    ) -> None:
        self.actions[action] = Action(method, title, serves, success, owner, by, mentor)
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
        )
        self.revision += 1

    def start_action(self, action: str, comment: str | None) -> None:
        """Say that an action is under way."""
        self._must_be_active()
        self._must_be_going(action)
        self._start_action(action=action, comment=comment)

    @event(ActionStarted)
    def _start_action(self, action: str, comment: str | None) -> None:
        self._report(action, "started", comment)

    def finish_action(self, action: str, comment: str | None) -> None:
        """Say that an action is done."""
        self._must_be_active()
        self._must_be_going(action)
        self._finish_action(action=action, comment=comment)

    @event(ActionDone)
    def _finish_action(self, action: str, comment: str | None) -> None:
        self._report(action, "done", comment)

    def leave_action_undone(self, action: str, comment: str | None) -> None:
        """Say that an action was not done, without blame."""
        self._must_be_active()
        self._must_be_going(action)
        self._leave_action_undone(action=action, comment=comment)

    @event(ActionNotDone)
    def _leave_action_undone(self, action: str, comment: str | None) -> None:
        self._report(action, "not_done", comment)

    def block_action(self, action: str, blocked_by: Owner, comment: str | None) -> None:
        """Say that an action can't go on, and who could change that."""
        self._must_be_active()
        self._must_be_going(action)
        self._block_action(action=action, blocked_by=blocked_by, comment=comment)

    @event(ActionBlocked)
    def _block_action(self, action: str, blocked_by: str, comment: str | None) -> None:
        self._report(action, "blocked", comment)
        self.actions[action] = replace(self.actions[action], blocked_by=blocked_by)

    def drop_action(self, action: str, comment: str | None) -> None:
        """Take an action out of the plan: a material change."""
        self._must_go_on()
        self._must_be_going(action)
        self._drop_action(action=action, comment=comment)

    @event(ActionDropped)
    def _drop_action(self, action: str, comment: str | None) -> None:
        self._report(action, "dropped", comment)
        self.revision += 1

    def propose(self, by: Side) -> None:
        """Put the present revision to the other side; whoever proposes agrees to it."""
        self._must_go_on()
        if not self.goals:
            raise NothingPlanned
        if by not in self.agreements.get(self.revision, {}):
            self._propose(by=by, revision=self.revision)
            self._agree_to_present(by)

    @event(Proposed)
    def _propose(self, by: str, revision: int) -> None:
        self.proposed = True
        if self.state == "draft":
            self.state = "proposed"

    def agree(self, by: Side) -> None:
        """Agree to the present revision; with both agreements it is in force."""
        self._must_go_on()
        if not self.proposed:
            raise NothingToAgree
        if by not in self.agreements.get(self.revision, {}):
            self._agree_to_present(by)

    def _agree_to_present(self, by: Side) -> None:
        self._agree(by=by, revision=self.revision, timestamp=self.at)
        if {"employee", "partner"} <= self.agreements[self.revision].keys():
            self._activate(revision=self.revision, timestamp=self.at)

    @event(Agreed)
    def _agree(self, by: str, revision: int, timestamp: datetime) -> None:
        self.agreements.setdefault(revision, {})[by] = timestamp

    @event(Activated)
    def _activate(self, revision: int, timestamp: datetime) -> None:
        self.state = "active" if self.state in {"draft", "proposed"} else self.state
        self.in_force = revision
        self.agreed_goals = dict(self.goals)
        self.agreed_actions = dict(self.actions)
        self.activated_at = self.activated_at or timestamp

    def request_changes(self, by: Side, comment: str | None) -> None:
        """Ask the other side for changes to the present revision."""
        self._must_go_on()
        if not self.proposed:
            raise NothingToAgree
        self._request_changes(by=by, revision=self.revision, comment=comment)

    @event(ChangesRequested)
    def _request_changes(self, by: str, revision: int, comment: str | None) -> None:
        self.agreements.pop(revision, None)

    def check_in(self, state: str, comment: str | None) -> None:
        """Say in two clicks how it goes: on_track, changed or blocked."""
        self._must_be_active()
        self._check_in(state=state, comment=comment)

    @event(CheckedIn)
    def _check_in(self, state: str, comment: str | None) -> None:
        self.last_check_in = (state, comment)

    def review(self) -> None:
        """Look at the plan in the follow-up."""
        if self.state == "active":
            self._review()

    @event(Reviewed)
    def _review(self) -> None:
        self.state = "under_review"

    def complete(self) -> None:
        """End the plan with its round."""
        if self.state in {"active", "under_review"}:
            self._complete()

    @event(Completed)
    def _complete(self) -> None:
        self.state = "completed"

    def close(self) -> None:
        """Do without a plan, or end it early: a full outcome."""
        if self.state not in {"completed", "closed"}:
            self._close()

    @event(Closed)
    def _close(self) -> None:
        self.state = "closed"

    @property
    def subject(self) -> UUID:
        return self.person

    @property
    def correlation(self) -> UUID:
        return self.cycle

    @property
    def unserved_goals(self) -> list[str]:
        """Goals that no action serves."""
        served = {a.serves for a in self.actions.values() if a.state != "dropped"}
        return [goal for goal in self.goals if goal not in served]

    def receipt(self) -> dict[str, Any]:
        return {
            "id": str(self.id),
            "version": self.version,
            "state": self.state,
            "revision": self.revision,
            "in_force": self.in_force,
        }

    def _report(self, action: str, state: Outcome, comment: str | None) -> None:
        changed = replace(self.actions[action], state=state, comment=comment, blocked_by=None)
        self.actions[action] = changed

    def _must_go_on(self) -> None:
        if self.state in {"completed", "closed"}:
            raise PlanEnded

    def _must_be_active(self) -> None:
        self._must_go_on()
        if self.in_force is None:
            raise NotActive

    def _must_be_going(self, action: str) -> None:
        if action not in self.actions:
            raise ActionUnknown
        if self.actions[action].state in {"done", "not_done", "dropped"}:
            raise ActionEnded


def plan_id(cycle: UUID, round: int) -> UUID:
    """The id of a round's plan."""
    return uuid5(cycle, f"plan/{round}")


def _material(action: Action) -> dict[str, Any]:
    names = ("method", "serves", "owner", "by", "title", "success", "mentor")
    return {name: getattr(action, name) for name in names}
