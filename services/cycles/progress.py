"""Where a cycle stands: a fold over the facts of its own, its conversation's and its plan's events.

No words are needed for it. The read model keeps it, and the workflow reads it afresh at each wake-up.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from services.cycles.policy import Terms

EMPLOYEE, PARTNER, ORGANISATION, NOBODY = "employee", "partner", "organisation", "nobody"


class Suspension(msgspec.Struct):
    """Why the clocks stand still, since when and until when."""

    reason: str
    since: datetime
    until: datetime | None = None


class Progress(msgspec.Struct, kw_only=True):
    """The facts that decide whose turn it is and what is due when."""

    cycle: UUID
    person: UUID
    tenant: str
    version: int = 1
    state: str = "conversation"
    round: int = 0
    completed: int = 0
    zone: str = "UTC"
    partner: UUID | None = None
    department: str | None = None
    legal_entity: str | None = None
    terms: Terms = Terms()
    turn: str = NOBODY
    since: datetime
    started_at: datetime
    opened_at: datetime | None = None
    conversations: list[UUID] = []
    conversation_state: str | None = None
    ended_at: datetime | None = None
    aside: dict[str, datetime | None] = {}
    paused_until: datetime | None = None
    nudges: int = 0
    partner_nudges: int = 0
    escalated: bool = False
    plans: list[UUID] = []
    plan_state: str | None = None
    planning_at: datetime | None = None
    activated_at: datetime | None = None
    check_ins: int = 0
    anchor: datetime | None = None
    suspension: Suspension | None = None

    @property
    def conversation(self) -> UUID | None:
        return self.conversations[-1] if self.conversations else None

    @property
    def plan(self) -> UUID | None:
        return self.plans[-1] if self.plan_state else None

    def resting_until(self, now: datetime) -> datetime | None:
        """Until when the employee asked for time; `datetime.max`-like waits are None with `asked`."""
        days = [day for day in (*self.aside.values(), self.paused_until) if day and day > now]
        return max(days, default=None)

    def asked_for_time(self, now: datetime) -> str | None:
        """Why the employee is not to be reminded: paused, set_aside, or None."""
        if self.conversation_state == "paused" and (
            not self.paused_until or self.paused_until > now
        ):
            return "paused"
        if any(until is None or until > now for until in self.aside.values()):
            return "set_aside"
        return None

    def hand(self, turn: str, at: datetime) -> None:
        """Make it somebody's turn; the same one's again changes nothing."""
        if turn != self.turn:
            self.turn = turn
            self.since = at
            self.partner_nudges = 0
            self.escalated = False


Facts = dict[str, Any]


def begin(tenant: str, cycle: UUID, at: datetime, facts: Facts) -> Progress:
    """The progress of a cycle that was just started."""
    return Progress(
        cycle=cycle, person=UUID(facts["person"]), tenant=tenant, since=at, started_at=at
    )


def evolve(progress: Progress, topic: str, at: datetime, facts: Facts) -> None:
    """Take one more event into account; those that change nothing here are passed over."""
    if change := _CHANGES.get(topic):
        change(progress, at, facts)


def _conversation_opened(p: Progress, at: datetime, facts: Facts) -> None:
    p.state = "conversation"
    p.round = facts["round"]
    p.terms = msgspec.convert(facts["terms"], Terms)
    p.anchor = p.plan_state = p.planning_at = p.activated_at = None
    p.check_ins = 0
    _open(p, at, facts)


def _follow_up_opened(p: Progress, at: datetime, facts: Facts) -> None:
    p.state = "follow_up"
    _open(p, at, facts)


def _open(p: Progress, at: datetime, facts: Facts) -> None:
    p.conversations = [*p.conversations, UUID(facts["conversation"])]
    p.opened_at = at
    p.conversation_state = "open"
    p.ended_at = p.paused_until = None
    p.aside = {}
    p.nudges = 0
    p.hand(NOBODY, at)
    p.hand(EMPLOYEE, at)


def _nudged(p: Progress, _: datetime, facts: Facts) -> None:
    p.nudges = facts["number"]


def _partner_nudged(p: Progress, _: datetime, facts: Facts) -> None:
    p.partner_nudges = facts["number"]


def _escalated(p: Progress, _: datetime, __: Facts) -> None:
    p.escalated = True


def _planning_opened(p: Progress, at: datetime, facts: Facts) -> None:
    p.state = "planning"
    p.plans = [*p.plans, UUID(facts["plan"])]
    p.plan_state = p.plan_state or "draft"
    p.planning_at = at
    p.hand(EMPLOYEE, at)


def _development_began(p: Progress, at: datetime, facts: Facts) -> None:
    p.state = "developing"
    p.anchor = _moment(facts["anchor"])
    p.hand(NOBODY, at)


def _check_in_asked(p: Progress, at: datetime, facts: Facts) -> None:
    p.check_ins = facts["number"]
    p.hand(EMPLOYEE, at)


def _rested(p: Progress, at: datetime, facts: Facts) -> None:
    p.state = "steady"
    p.anchor = _moment(facts["anchor"])
    p.hand(NOBODY, at)


def _round_completed(p: Progress, at: datetime, facts: Facts) -> None:
    p.state = "steady"
    p.completed = facts["round"]
    p.hand(NOBODY, at)


def _suspended(p: Progress, at: datetime, facts: Facts) -> None:
    since = p.suspension.since if p.suspension else at
    until = facts.get("until")
    p.suspension = Suspension(facts["reason"], since, _moment(until) if until else None)


def _resumed(p: Progress, at: datetime, _: Facts) -> None:
    """Every date that the clocks count from moves by as long as they stood still."""
    if p.suspension is None:
        return
    stood = at - p.suspension.since
    for name in ("since", "opened_at", "ended_at", "planning_at", "activated_at", "anchor"):
        moment = getattr(p, name)
        if moment is not None and moment <= p.suspension.since:
            setattr(p, name, moment + stood)
    p.suspension = None


def _closed(p: Progress, at: datetime, _: Facts) -> None:
    p.state = "closed"
    p.suspension = None
    p.hand(NOBODY, at)


def _answered(p: Progress, _: datetime, facts: Facts) -> None:
    p.aside.pop(facts["question"], None)


def _set_aside(p: Progress, _: datetime, facts: Facts) -> None:
    until = facts.get("until")
    p.aside[facts["question"]] = _moment(until) if until else None


def _paused(p: Progress, _: datetime, facts: Facts) -> None:
    p.conversation_state = "paused"
    p.paused_until = _moment(facts["until"])


def _unpaused(p: Progress, at: datetime, _: Facts) -> None:
    p.conversation_state = "open"
    p.paused_until = None
    p.since = at


def _shared(p: Progress, at: datetime, _: Facts) -> None:
    if p.state in {"conversation", "follow_up"}:
        p.hand(PARTNER, at)


def _claimed(p: Progress, at: datetime, _: Facts) -> None:
    p.hand(EMPLOYEE, at)


def _conversation_ended(state: str) -> Callable[[Progress, datetime, Facts], None]:
    def ended(p: Progress, at: datetime, _: Facts) -> None:
        p.conversation_state = state
        p.ended_at = at
        p.aside = {}
        p.paused_until = None
        p.hand(NOBODY, at)

    return ended


def _drafted(p: Progress, _: datetime, __: Facts) -> None:
    p.plan_state = "draft"


def _handed_on(state: str | None) -> Callable[[Progress, datetime, Facts], None]:
    """Who proposes, agrees or asks for changes hands the turn to the other one."""

    def handed_on(p: Progress, at: datetime, facts: Facts) -> None:
        p.plan_state = state if state and p.plan_state != "active" else p.plan_state
        p.hand(PARTNER if facts["by"] == EMPLOYEE else EMPLOYEE, at)

    return handed_on


def _activated(p: Progress, at: datetime, _: Facts) -> None:
    p.plan_state = "active"
    p.activated_at = p.activated_at or at
    p.hand(NOBODY, at)


def _plan_ended(state: str) -> Callable[[Progress, datetime, Facts], None]:
    def ended(p: Progress, _: datetime, __: Facts) -> None:
        p.plan_state = state

    return ended


def _checked_in(p: Progress, at: datetime, _: Facts) -> None:
    if p.state == "developing":
        p.hand(NOBODY, at)


def _partner_assigned(p: Progress, _: datetime, facts: Facts) -> None:
    p.partner = UUID(facts["partner"])


def _partner_released(p: Progress, _: datetime, __: Facts) -> None:
    p.partner = None


def _profile(p: Progress, _: datetime, facts: Facts) -> None:
    p.zone = facts["timezone"]
    p.department = facts.get("department")
    p.legal_entity = facts.get("legal_entity")


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text)


_CHANGES: dict[str, Callable[[Progress, datetime, Facts], None]] = {
    "people.registered": _profile,
    "people.profile_changed": _profile,
    "people.partner_assigned": _partner_assigned,
    "people.partner_released": _partner_released,
    "cycles.conversation_opened": _conversation_opened,
    "cycles.nudged": _nudged,
    "cycles.nudge_withheld": _nudged,
    "cycles.partner_nudged": _partner_nudged,
    "cycles.escalated": _escalated,
    "cycles.planning_opened": _planning_opened,
    "cycles.development_began": _development_began,
    "cycles.check_in_asked": _check_in_asked,
    "cycles.follow_up_opened": _follow_up_opened,
    "cycles.suspended": _suspended,
    "cycles.resumed": _resumed,
    "cycles.rested": _rested,
    "cycles.round_completed": _round_completed,
    "cycles.closed": _closed,
    "conversation.answer_recorded": _answered,
    "conversation.answer_revised": _answered,
    "conversation.question_declined": _answered,
    "conversation.question_set_aside": _set_aside,
    "conversation.paused": _paused,
    "conversation.resumed": _unpaused,
    "conversation.shared": _shared,
    "conversation.meeting_claimed": _claimed,
    "conversation.concluded": _conversation_ended("concluded"),
    "conversation.declined": _conversation_ended("declined"),
    "conversation.closed": _conversation_ended("closed"),
    "plan.drafted": _drafted,
    "plan.proposed": _handed_on("proposed"),
    "plan.agreed": _handed_on(None),
    "plan.changes_requested": _handed_on(None),
    "plan.activated": _activated,
    "plan.checked_in": _checked_in,
    "plan.completed": _plan_ended("completed"),
    "plan.closed": _plan_ended("closed"),
}

TOPICS = frozenset(_CHANGES) | {"cycles.started"}
"""Every kind of event that says something about where a cycle stands."""
