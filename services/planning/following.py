"""What becomes of a plan in force: reports, check-ins, the review, and its end."""

from __future__ import annotations

from datetime import datetime

from eventsourcing.domain import event

from services.planning.agreeing import Agreeing
from services.planning.content import (
    ENDED,
    CheckIn,
    Decider,
    Outcome,
    Owner,
    PromiseState,
    Report,
    Side,
)
from services.planning.drafting import ActionEnded, ActionUnknown
from shared.errors import RuleBroken
from shared.eventstore.events import Event, Words

_KEPT: dict[Outcome, PromiseState] = {
    "done": "kept",
    "not_done": "broken",
    "dropped": "released",
    "carried_over": "carried_over",
}


class NotActive(RuleBroken):
    """The plan isn't in force; both sides have to agree to the same revision first."""


class NotAgreed(RuleBroken):
    """This action isn't in force yet; both sides have to agree to the revision that holds it first."""


class NotUnderReview(RuleBroken):
    """An action is carried over at the plan's review, when the follow-up has opened."""


class Following(Agreeing):
    """Report on actions, check in, review, complete, close."""

    class ActionStarted(Event, frozen=True, kw_only=True):
        TOPIC = "plan.action_started"
        action: str
        comment: Words | None = None
        side: str | None = None

    class ActionDone(Event, frozen=True, kw_only=True):
        TOPIC = "plan.action_done"
        action: str
        comment: Words | None = None
        side: str | None = None

    class ActionNotDone(Event, frozen=True, kw_only=True):
        TOPIC = "plan.action_not_done"
        action: str
        comment: Words | None = None
        side: str | None = None

    class ActionBlocked(Event, frozen=True, kw_only=True):
        TOPIC = "plan.action_blocked"
        action: str
        blocked_by: str
        comment: Words | None = None
        side: str | None = None

    class ActionCarriedOver(Event, frozen=True, kw_only=True):
        """`side` is who decided it; "nobody" where the round ended without a decision."""

        TOPIC = "plan.action_carried_over"
        action: str
        comment: Words | None = None
        side: str

    class CheckedIn(Event, frozen=True, kw_only=True):
        TOPIC = "plan.checked_in"
        state: str
        comment: Words | None = None
        side: str | None = None

    class Reviewed(Event, frozen=True, kw_only=True):
        TOPIC = "plan.reviewed"

    class Completed(Event, frozen=True, kw_only=True):
        TOPIC = "plan.completed"

    class Closed(Event, frozen=True, kw_only=True):
        TOPIC = "plan.closed"

    def start_action(self, action: str, comment: str | None, side: Side | None = None) -> None:
        """Say that an action is under way."""
        self._must_be_in_force(action)
        self._start_action(action=action, comment=comment, side=side, timestamp=self.at)

    @event(ActionStarted)
    def _start_action(
        self, action: str, comment: str | None, side: Side | None, timestamp: datetime
    ) -> None:
        self.reports[action] = Report("started", side, comment, at=timestamp)

    def finish_action(self, action: str, comment: str | None, side: Side | None = None) -> None:
        """Say that an action is done; a promise is kept by it."""
        self._must_be_in_force(action)
        self._finish_action(action=action, comment=comment, side=side, timestamp=self.at)

    @event(ActionDone)
    def _finish_action(
        self, action: str, comment: str | None, side: Side | None, timestamp: datetime
    ) -> None:
        self.reports[action] = Report("done", side, comment, at=timestamp)

    def leave_action_undone(
        self, action: str, comment: str | None, side: Side | None = None
    ) -> None:
        """Say that an action was not done, without blame; a promise is broken by it."""
        self._must_be_in_force(action)
        self._leave_action_undone(action=action, comment=comment, side=side, timestamp=self.at)

    @event(ActionNotDone)
    def _leave_action_undone(
        self, action: str, comment: str | None, side: Side | None, timestamp: datetime
    ) -> None:
        self.reports[action] = Report("not_done", side, comment, at=timestamp)

    def block_action(
        self, action: str, blocked_by: Owner, comment: str | None, side: Side | None = None
    ) -> None:
        """Say that an action can't go on, and who could change that."""
        self._must_be_in_force(action)
        self._block_action(
            action=action, blocked_by=blocked_by, comment=comment, side=side, timestamp=self.at
        )

    @event(ActionBlocked)
    def _block_action(
        self,
        action: str,
        blocked_by: str,
        comment: str | None,
        side: Side | None,
        timestamp: datetime,
    ) -> None:
        self.reports[action] = Report("blocked", side, comment, blocked_by, timestamp)

    def carry_over(self, action: str, comment: str | None, side: Decider) -> None:
        """Decide at the review that an action goes on in the next round's plan."""
        if self.state != "under_review":
            self.must_go_on()
            raise NotUnderReview
        self._must_be_in_force(action)
        self._carry_over(action=action, comment=comment, side=side, timestamp=self.at)

    @event(ActionCarriedOver)
    def _carry_over(
        self, action: str, comment: str | None, side: Decider, timestamp: datetime
    ) -> None:
        self.reports[action] = Report("carried_over", side, comment, at=timestamp)

    def check_in(self, state: str, comment: str | None, side: Side | None = None) -> None:
        """Say in two clicks how it goes: on_track, changed or blocked."""
        self.must_go_on()
        if self.in_force is None:
            raise NotActive
        self._check_in(state=state, comment=comment, side=side, timestamp=self.at)

    @event(CheckedIn)
    def _check_in(
        self, state: str, comment: str | None, side: Side | None, timestamp: datetime
    ) -> None:
        self.last_check_in = CheckIn(state, side, comment, timestamp)

    def review(self) -> None:
        """Look at the plan in the follow-up."""
        if self.state == "active":
            self._review()

    @event(Reviewed)
    def _review(self) -> None:
        self.state = "under_review"

    def complete(self) -> None:
        """End the plan with its round; what nobody decided on is carried over, and says so.

        One that was never in force is closed.
        """
        if self.state not in {"active", "under_review"}:
            self.close()
            return
        for action in self.undecided:
            self._carry_over(action=action, comment=None, side="nobody", timestamp=self.at)
        self._complete()

    @event(Completed)
    def _complete(self) -> None:
        self.state = "completed"

    def close(self) -> None:
        """Do without a plan, or end it early: a full outcome. What was promised is released."""
        if self.state not in {"completed", "closed"}:
            self._close()

    @event(Closed)
    def _close(self) -> None:
        self.state = "closed"

    @property
    def undecided(self) -> list[str]:
        """Actions in force of which nobody has said what becomes of them."""
        return [name for name in self.agreed_actions if not self._has_ended(name)]

    def promise_of(self, action: str) -> PromiseState:
        """What became of a promise: kept, broken, released, carried over, or open still.

        One that one side alone would drop is open until the other has agreed to that.
        """
        report, dropped = self.reports.get(action), self.agreed_actions[action].dropped
        found = _KEPT.get(report.state, "open") if report else "open"
        is_over = dropped is not None or self.state == "closed"
        return "released" if found == "open" and is_over else found

    def _has_ended(self, action: str) -> bool:
        """Whether an action of the revision in force has ended; a drop counts once it is agreed to."""
        report = self.reports.get(action)
        reported = report is not None and report.state in ENDED
        return reported or self.agreed_actions[action].dropped is not None

    def _must_be_in_force(self, action: str) -> None:
        self.must_go_on()
        if action not in self.actions:
            raise ActionUnknown
        if self.in_force is None:
            raise NotActive
        if action not in self.agreed_actions:
            raise NotAgreed
        if self._has_ended(action):
            raise ActionEnded
