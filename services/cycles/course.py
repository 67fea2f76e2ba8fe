"""The course of a cycle: what happens next by itself, and when. One function, from facts to a step."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

import msgspec

from services.cycles.progress import EMPLOYEE, NOBODY, ORGANISATION, PARTNER, Progress
from shared.periods import after, longest_gap

StepName = Literal[
    "open_conversation",
    "nudge",
    "nudge_partner",
    "escalate",
    "open_planning",
    "begin_development",
    "ask_check_in",
    "open_follow_up",
    "rest",
    "complete_round",
    "resume",
]


class Step(msgspec.Struct, frozen=True):
    """Something that the cycle does by itself; `number` counts its occurrences, `why` is a code."""

    name: StepName
    due: datetime
    number: int = 1
    why: str | None = None


def next_step(p: Progress, now: datetime) -> Step | None:
    """The step that comes first, due or not; None when only people can move the cycle."""
    if p.state == "closed":
        return None
    if p.suspension is not None:
        until = p.suspension.until
        return Step("resume", until) if until else None
    return min(_STEPS[p.state](p, now), key=lambda step: step.due, default=None)


def waiting_for(p: Progress) -> str:
    """Whose turn it is: employee, partner, organisation or nobody."""
    if p.suspension is not None or p.state in {"steady", "closed"}:
        return NOBODY
    if p.turn == PARTNER and p.partner is None:
        return ORGANISATION
    return p.turn


def _conversation(p: Progress, now: datetime) -> list[Step]:
    if p.opened_at is None:
        return [Step("open_conversation", p.started_at, p.round + 1)]
    if p.conversation_state == "concluded":
        return [Step("open_planning", p.ended_at or now, p.round)]
    if p.conversation_state in {"declined", "closed"}:
        return [Step("rest", p.ended_at or now, p.round, p.conversation_state)]
    if p.turn == PARTNER:
        return [
            *_partner_reminders(p),
            Step("rest", _at(p, p.opened_at, p.terms.cadence), p.round, "time"),
        ]
    return _employee_reminders(p, now, "rest")


def _planning(p: Progress, now: datetime) -> list[Step]:
    if p.plan_state == "active":
        return [Step("begin_development", p.activated_at or now, p.round)]
    if p.plan_state in {"closed", "completed"}:
        return [Step("rest", now, p.round, "no_plan")]
    overdue = _at(p, p.planning_at or now, p.terms.plan_within)
    reminders = _partner_reminders(p) if p.turn == PARTNER else []
    return [*reminders, Step("rest", overdue, p.round, "plan_not_agreed")]


def _developing(p: Progress, now: datetime) -> list[Step]:
    anchor = p.anchor or now
    number = p.check_ins + 1
    check_in = _at(p, anchor, *[p.terms.check_in_every] * number)
    follow_up = Step("open_follow_up", _at(p, anchor, p.terms.follow_up_after), p.round)
    if check_in < follow_up.due:
        return [Step("ask_check_in", check_in, number), follow_up]
    return [follow_up]


def _steady(p: Progress, now: datetime) -> list[Step]:
    anchor = p.anchor or now
    if p.completed == p.round:
        due = _at(p, anchor, p.terms.follow_up_after, p.terms.cadence)
        return [Step("open_conversation", due, p.round + 1)]
    if p.plan_state == "active":
        return [Step("begin_development", p.activated_at or now, p.round)]
    if p.conversation_state == "concluded" and p.plan_state is None:
        return [Step("open_planning", p.ended_at or now, p.round)]
    return [Step("open_follow_up", _at(p, anchor, p.terms.follow_up_after), p.round)]


def _follow_up(p: Progress, now: datetime) -> list[Step]:
    if p.conversation_state in {"concluded", "declined", "closed"}:
        return [Step("complete_round", p.ended_at or now, p.round)]
    if p.turn == PARTNER:
        overdue = _at(p, p.opened_at or now, p.terms.cadence)
        return [*_partner_reminders(p), Step("complete_round", overdue, p.round, "time")]
    return _employee_reminders(p, now, "complete_round")


def _employee_reminders(p: Progress, now: datetime, ending: StepName) -> list[Step]:
    """The next gentle nudge, then rest: as long after the last one as lay between the last two.

    Whoever asked for time until a day is not laid to rest before it.
    """
    periods = list(p.terms.answer_nudges)
    if p.nudges < len(periods):
        number = p.nudges + 1
        return [Step("nudge", _at(p, p.since, periods[p.nudges]), number, p.asked_for_time(now))]
    if not periods:
        return [Step(ending, _at(p, p.since, p.terms.cadence), p.round, "time")]
    quiet = _at(p, p.since, periods[-1]) + longest_gap(periods, p.since)
    return [Step(ending, max(quiet, p.resting_until(now) or quiet), p.round, "time")]


def _partner_reminders(p: Progress) -> list[Step]:
    periods = list(p.terms.partner_nudges)
    if p.escalated or p.partner is None:
        return []
    if p.partner_nudges < len(periods):
        due = _at(p, p.since, periods[p.partner_nudges])
        return [Step("nudge_partner", due, p.partner_nudges + 1)]
    if not periods:
        return []
    told = _at(p, p.since, periods[-1]) + longest_gap(periods, p.since)
    return [Step("escalate", told)]


def _at(p: Progress, anchor: datetime, *periods: str) -> datetime:
    return after(anchor, periods, p.zone)


_STEPS = {
    "conversation": _conversation,
    "planning": _planning,
    "developing": _developing,
    "steady": _steady,
    "follow_up": _follow_up,
}
__all__ = ["EMPLOYEE", "NOBODY", "ORGANISATION", "PARTNER", "Step", "next_step", "waiting_for"]
