"""How each kind of event changes where a cycle stands: a line or two for each."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from typing import Any
from uuid import UUID

import msgspec

from services.cycles.policy import Terms
from services.cycles.progress import (
    BY_HAND,
    EMPLOYEE,
    HOLD,
    INACTIVE,
    LEAVE,
    NO_PARTNER,
    NOBODY,
    PARTNER,
    Handover,
    Meeting,
    Progress,
    Suspension,
)
from shared.intervals import Interval, ended, overlaid
from shared.periods import later

_NEVER = 9999
"""The year by which HR systems say that something has no end; nothing can be counted on from it."""

_PLANS = {"planning", "developing"}
_COUNTED_FROM = (
    "since", "partner_nudged_at", "opened_at", "ended_at", "planning_at", "activated_at", "anchor"
)  # fmt: skip

Facts = dict[str, Any]
Change = Callable[[Progress, datetime, Facts], None]


def begin(tenant: str, cycle: UUID, at: datetime, facts: Facts) -> Progress:
    """The progress of a cycle that was just started."""
    return Progress(
        cycle=cycle,
        person=UUID(facts["person"]),
        tenant=tenant,
        since=at,
        started_at=at,
        alone=Interval(at),
    )


def evolve(
    progress: Progress, topic: str, at: datetime, facts: Facts, stream: UUID | None = None
) -> None:
    """Take one more event into account; those that change nothing here are passed over.

    So are those of conversations and plans before the present ones, by their stream: what is shared or
    taken back there, or agreed to, moves nobody's turn.
    """
    earlier = [*progress.conversations[:-1], *progress.earlier_plans]
    if (change := _CHANGES.get(topic)) and stream not in earlier:
        change(progress, at, facts)


# The round.


def _conversation_opened(p: Progress, at: datetime, facts: Facts) -> None:
    p.state = "conversation"
    p.round = facts["round"]
    p.terms = msgspec.convert(facts["terms"], Terms)
    p.anchor = p.plan_state = p.plan_with = p.in_force = p.planning_at = p.activated_at = None
    p.proposed_to = []
    p.check_ins = p.checked_in = 0
    _open(p, at, facts)


def _follow_up_opened(p: Progress, at: datetime, facts: Facts) -> None:
    p.state = "follow_up"
    _open(p, at, facts)


def _open(p: Progress, at: datetime, facts: Facts) -> None:
    p.conversations = [*p.conversations, UUID(facts["conversation"])]
    p.opened_at = at
    p.conversation_state = "open"
    p.ended_at = p.paused_until = p.meeting = None
    p.called_off = []
    p.announced = -1
    p.aside = {}
    p.not_before = None
    p.shown_to = {}
    p.handed = []
    p.partner_asked = p.came_back = False
    p.nudges = 0
    p.hand(NOBODY, at)
    p.hand(EMPLOYEE, at)


def _nudged(p: Progress, _: datetime, facts: Facts) -> None:
    p.nudges = facts["number"]


def _partner_nudged(p: Progress, at: datetime, facts: Facts) -> None:
    _counts_from(p, facts)
    p.partner_nudges, p.partner_nudged_at = facts["number"], at


def _escalated(p: Progress, _: datetime, facts: Facts) -> None:
    _counts_from(p, facts)
    p.escalated = True


def _counts_from(p: Progress, facts: Facts) -> None:
    """The partner's turn began when the record says so: releases before may have seen it otherwise."""
    p.since = max(p.since, _moment(facts["turn"]))


def _nudges_held(p: Progress, _: datetime, __: Facts) -> None:
    p.nudges_held = True


def _nudges_released(p: Progress, _: datetime, __: Facts) -> None:
    p.nudges_held = False


def _planning_opened(p: Progress, at: datetime, facts: Facts) -> None:
    p.state = "planning"
    p.plans = [*p.plans, UUID(facts["plan"])]
    p.plan_state = p.plan_state or "draft"
    p.planning_at = at
    p.hand(p.wanted or EMPLOYEE, at)


def _development_began(p: Progress, at: datetime, facts: Facts) -> None:
    p.state = "developing"
    p.anchor = _moment(facts["anchor"])
    p.hand(p.wanted or NOBODY, at)


def _check_in_asked(p: Progress, at: datetime, facts: Facts) -> None:
    p.check_ins = facts["number"]
    p.hand(p.wanted or EMPLOYEE, at)


def _meeting_announced(p: Progress, _: datetime, facts: Facts) -> None:
    if UUID(facts["conversation"]) == p.conversation:
        p.announced = facts["sequence"]
        p.called_off = [off for off in p.called_off if off.sequence > p.announced]


def _handover_asked(p: Progress, at: datetime, facts: Facts) -> None:
    """Whoever is asked late has their time to choose all the same."""
    if p.handover is not None and UUID(facts["partner"]) == p.handover.partner:
        p.handover.asked, p.handover.since = True, at


def _rested(p: Progress, at: datetime, facts: Facts) -> None:
    p.anchor = _moment(facts["anchor"])
    _goes_steady(p, at)


def _round_completed(p: Progress, at: datetime, facts: Facts) -> None:
    p.completed = facts["round"]
    _goes_steady(p, at)


def _goes_steady(p: Progress, at: datetime) -> None:
    """Whoever brought the conversation back since it was laid to rest keeps their turn."""
    p.state = "steady"
    if not p.came_back:
        p.hand(NOBODY, at)


def _closed(p: Progress, at: datetime, _: Facts) -> None:
    p.state = "closed"
    p.suspensions = {}
    p.handover = None
    p.hand(NOBODY, at)


# The clocks.


def _suspended(p: Progress, at: datetime, facts: Facts) -> None:
    p.stops += 1
    key = facts["reason"] if facts.get("own") else BY_HAND
    since = _moment(facts["since"]) if facts.get("since") else at
    until = _moment(facts["until"]) if facts.get("until") else None
    p.suspensions = p.suspensions | {key: Suspension(facts["reason"], since, until)}
    p.standing_since = min(since, p.standing_since or since)


def _resumed(p: Progress, at: datetime, facts: Facts) -> None:
    """With the last reason gone, all dates that the clocks count from move by as long as they stood."""
    p.stops += 1
    key = facts.get("reason") or BY_HAND
    if key not in p.suspensions or p.standing_since is None:
        return
    since = _moment(facts["since"]) if facts.get("since") else at
    if key == LEAVE:  # with the one from which they stood, which may have been taken back
        began = p.suspensions[key].since
        p.leaves = [leave for leave in p.leaves if leave.since >= since and leave.since != began]
    p.suspensions = {each: kept for each, kept in p.suspensions.items() if each != key}
    if key == HOLD and not _lasts(p.hold):
        p.hold = None
    if key == INACTIVE and not _lasts(p.inactive):
        p.inactive = None
    if key == NO_PARTNER and not _lasts(p.alone):
        p.alone = None
    if not p.suspensions:
        _move(p, p.standing_since, max(since, p.standing_since))
        p.standing_since = None


def _move(p: Progress, begin_: datetime, end: datetime) -> None:
    """What came up while the clocks stood begins when they go on."""

    def moved(moment: datetime | None) -> Any:
        if moment is None or moment > end:
            return moment
        return later(moment, begin_, end, p.zone) if moment <= begin_ else end

    for name in _COUNTED_FROM:
        setattr(p, name, moved(getattr(p, name)))
    if p.handover is not None:
        p.handover.since = moved(p.handover.since)


# The conversation.


def _answered(p: Progress, _: datetime, facts: Facts) -> None:
    """Whoever comes back earlier than they said is not hurried by it."""
    if until := p.aside.pop(facts["question"], None):
        p.not_before = max(until, p.not_before or until)
        p.asked_until = max(until, p.asked_until or until)


def _set_aside(p: Progress, _: datetime, facts: Facts) -> None:
    until = facts.get("until")
    p.aside[facts["question"]] = _moment(until) if until else None


def _paused(p: Progress, _: datetime, facts: Facts) -> None:
    p.conversation_state = "paused"
    p.paused_until = _moment(facts["until"])


def _unpaused(p: Progress, at: datetime, _: Facts) -> None:
    """The time of whoever's turn it is begins anew; where it rested before, that is the employee."""
    p.conversation_state = "open"
    p.paused_until = None
    p.turn = EMPLOYEE if p.turn == NOBODY else p.turn
    p.begin_turn(at)


def _let_be(p: Progress, at: datetime, _: Facts) -> None:
    """What was brought back while the cycle rests, rests again."""
    p.came_back = False
    if p.state == "steady":
        p.hand(NOBODY, at)


def _shared(p: Progress, at: datetime, facts: Facts) -> None:
    parts = _parts(facts)
    known = {part: p.shown_to.get(part, []) for part in parts}
    p.shown_to = p.shown_to | {part: _with(whom, p.partner) for part, whom in known.items()}
    if parts and p.conversation_state in {"open", "paused"} and p.state not in _PLANS:
        p.partner_asked = True
        p.hand(PARTNER, at)


def _with(whom: list[UUID | None], partner: UUID | None) -> list[UUID | None]:
    return [*dict.fromkeys([*whom, partner])]


def _unshared(p: Progress, at: datetime, facts: Facts) -> None:
    _take_back(p, at, [*p.shown_to, *p.handed] if facts["everything"] else _parts(facts))


def _declined_question(p: Progress, at: datetime, facts: Facts) -> None:
    _answered(p, at, facts)
    _take_back(p, at, [f"question/{facts['question']}"])


def _withdrawn(p: Progress, at: datetime, facts: Facts) -> None:
    _take_back(p, at, [f"facet/{facts['facet']}"])


def _take_back(p: Progress, at: datetime, parts: list[str]) -> None:
    """With nothing left that they can read, the partner has nothing to come back to."""
    could_read = p.sees
    p.shown_to = {part: whom for part, whom in p.shown_to.items() if part not in parts}
    p.handed = [part for part in p.handed if part not in parts]
    if could_read and not p.sees and p.turn == PARTNER and p.talks:
        _back_to_employee(p, at)


def _back_to_employee(p: Progress, at: datetime) -> None:
    p.partner_asked = False
    p.hand(EMPLOYEE, at)


def _parts(facts: Facts) -> list[str]:
    """What was shared or taken back, part by part; older events of everything don't name the parts."""
    named = [
        *(f"question/{question}" for question in facts.get("questions", ())),
        *(f"facet/{facet}" for facet in facts.get("facets", ())),
        *(["direction"] if facts.get("direction") else ()),
    ]
    return named or (["everything"] if facts["everything"] else [])


def _claimed(p: Progress, at: datetime, _: Facts) -> None:
    if p.talks:
        _back_to_employee(p, at)


def _meeting_scheduled(p: Progress, at: datetime, facts: Facts) -> None:
    """One with somebody else that was called off stays, until that one's calendar was told."""
    partner = UUID(facts["partner"]) if facts.get("partner") else None
    if p.meeting and p.meeting.cancelled and p.meeting.partner != partner:
        p.called_off = [*p.called_off, p.meeting]
    p.meeting = Meeting(facts["sequence"], at, partner, starts_at=_moment(facts["starts_at"]))


def _meeting_unscheduled(p: Progress, at: datetime, facts: Facts) -> None:
    partner = p.meeting.partner if p.meeting else None
    p.meeting = Meeting(facts["sequence"], at, partner, cancelled=True)


def _reopened(p: Progress, at: datetime, _: Facts) -> None:
    """The employee's time begins anew, also where it was theirs while it was being laid to rest."""
    p.conversation_state = "open"
    p.came_back = True
    p.ended_at = p.paused_until = None
    if p.state not in _PLANS:
        _back_to_employee(p, at)
        p.begin_turn(at)


def _conversation_ended(state: str) -> Change:
    def change(p: Progress, at: datetime, _: Facts) -> None:
        p.conversation_state = state
        p.ended_at = at
        p.aside = {}
        p.paused_until = None
        if p.meeting is not None and not p.meeting.cancelled:
            p.meeting = None
        p.partner_asked = p.came_back = False
        p.hand(NOBODY, at)

    return change


# The plan.


def _drafted(p: Progress, _: datetime, __: Facts) -> None:
    p.plan_state = "draft"


def _proposed(p: Progress, at: datetime, facts: Facts) -> None:
    """What is in force is proposed to show it to a new partner: nobody has to agree to it again."""
    if facts["by"] == EMPLOYEE:
        p.proposed_to = _with(p.proposed_to, p.partner)
    if facts["revision"] != p.in_force:
        p.plan_state = "proposed" if p.plan_state != "active" else p.plan_state
        _handed_on(p, at, facts)


def _handed_on(p: Progress, at: datetime, facts: Facts) -> None:
    """Who proposes, agrees or asks for changes hands the turn to the other one, while it is about the
    plan: in the follow-up the turn is the conversation's."""
    p.plan_with = PARTNER if facts["by"] == EMPLOYEE else EMPLOYEE
    if p.state in _PLANS:
        _hand_on(p, at)


def _activated(p: Progress, at: datetime, facts: Facts) -> None:
    """Where a check-in was asked for while a change of the plan waited, it is what is left to do."""
    p.plan_state, p.plan_with, p.in_force = "active", None, facts["revision"]
    p.activated_at = p.activated_at or at
    if p.state in _PLANS:
        p.hand(EMPLOYEE if p.owes_check_in else NOBODY, at)


def _plan_ended(state: str) -> Change:
    """With the plan over there is nothing to check in on; the follow-up stays."""

    def change(p: Progress, at: datetime, _: Facts) -> None:
        p.plan_state, p.plan_with = state, None
        if p.state == "developing":
            p.hand(NOBODY, at)

    return change


def _checked_in(p: Progress, at: datetime, _: Facts) -> None:
    """Whoever was to agree to a change of the plan still is."""
    if p.state == "developing":
        p.checked_in = p.check_ins
        p.hand(p.wanted or NOBODY, at)


# The person.


def _profile(p: Progress, at: datetime, facts: Facts) -> None:
    p.zone = facts["timezone"]
    p.department = facts.get("department")
    p.legal_entity = facts.get("legal_entity")
    if facts.get("status") == "inactive":
        p.inactive = p.inactive if _lasts(p.inactive) else Interval(max(at, p.started_at))
    else:
        p.inactive = _until(p.inactive, at)
    last = date.fromisoformat(facts["end_date"]) if facts.get("end_date") else None
    p.end_date = last if last and last.year < _NEVER else None
    p.profile_at = at


def _partner_assigned(p: Progress, at: datetime, facts: Facts) -> None:
    """The round goes on; the new partner's time begins anew, and the employee chooses what they see.

    Whoever becomes the partner again is a new one: what was handed over before ended with that time.
    """
    p.partner, p.partner_at = UUID(facts["partner"]), at
    if p.round > 0 and p.last_partner is not None:
        p.handover = Handover(p.partner, at, at)
    p.shown_to = {part: _for_next(whom, p.partner) for part, whom in p.shown_to.items()}
    p.proposed_to = _for_next(p.proposed_to, p.partner)
    p.handed, p.plan_handed = [], False
    _hand_on(p, at)
    if p.turn == PARTNER:
        p.begin_turn(at)
    p.last_partner = p.partner
    p.alone = _until(p.alone, at)


def _for_next(whom: list[UUID | None], partner: UUID) -> list[UUID | None]:
    return [partner if each is None else each for each in whom]


def _hand_on(p: Progress, at: datetime) -> None:
    """Make it the turn of whoever has something to do with what was shown or proposed."""
    if p.wanted and (p.talks or p.state in _PLANS):
        p.hand(p.wanted, at)


def _partner_released(p: Progress, at: datetime, __: Facts) -> None:
    p.partner = p.handover = None
    p.partner_at = at
    _hand_on(p, at)
    p.alone = Interval(max(at, p.started_at))


def _handover_chosen(p: Progress, at: datetime, facts: Facts) -> None:
    if UUID(facts["partner"]) == p.partner:
        p.handover = None
        p.plan_handed = facts["choice"] == "plan_and_answers"
        here = f"{p.conversation}/"
        named = [name for name in facts.get("answers", ()) if name.startswith(here)]
        p.handed = [name.removeprefix(here) for name in named]
        _hand_on(p, at)


def _leave_started(p: Progress, _: datetime, facts: Facts) -> None:
    until = _moment(facts["until"]) if facts.get("until") else None
    known = until if until and until.year < _NEVER else None
    p.leaves = overlaid(p.leaves, Interval(_moment(facts["since"]), known))


def _leave_ended(p: Progress, _: datetime, facts: Facts) -> None:
    p.leaves = ended(p.leaves, _moment(facts["until"]))


def _hold_placed(p: Progress, at: datetime, _: Facts) -> None:
    if not _lasts(p.hold):  # placed again while it lasts, it is looked at on another day
        p.hold = Interval(max(at, p.started_at))


def _hold_released(p: Progress, at: datetime, _: Facts) -> None:
    p.hold = _until(p.hold, at)


def _gone(why: str) -> Change:
    """Who has left before the cycle was started has come back for it."""

    def change(p: Progress, at: datetime, _: Facts) -> None:
        p.leaves = []
        if at >= p.started_at:
            p.gone = p.gone or (why, at)

    return change


def _lasts(stretch: Interval | None) -> bool:
    return stretch is not None and stretch.until is None


def _until(stretch: Interval | None, at: datetime) -> Interval | None:
    """The stretch, ended at a moment where it lasted till then; None where it hadn't begun."""
    if stretch is None or not _lasts(stretch):
        return stretch
    return Interval(stretch.since, at) if stretch.since < at else None


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text)


_CHANGES: dict[str, Change] = {
    "people.registered": _profile,
    "people.profile_changed": _profile,
    "people.partner_assigned": _partner_assigned,
    "people.partner_released": _partner_released,
    "people.handover_chosen": _handover_chosen,
    "people.leave_started": _leave_started,
    "people.leave_ended": _leave_ended,
    "people.hold_placed": _hold_placed,
    "people.hold_released": _hold_released,
    "people.left": _gone("left"),
    "people.erased": _gone("erased"),
    "cycles.conversation_opened": _conversation_opened,
    "cycles.nudged": _nudged,
    "cycles.nudge_withheld": _nudged,
    "cycles.partner_nudged": _partner_nudged,
    "cycles.partner_nudge_withheld": _partner_nudged,
    "cycles.escalated": _escalated,
    "cycles.nudges_held": _nudges_held,
    "cycles.nudges_released": _nudges_released,
    "cycles.planning_opened": _planning_opened,
    "cycles.development_began": _development_began,
    "cycles.check_in_asked": _check_in_asked,
    "cycles.follow_up_opened": _follow_up_opened,
    "cycles.meeting_announced": _meeting_announced,
    "cycles.handover_asked": _handover_asked,
    "cycles.suspended": _suspended,
    "cycles.resumed": _resumed,
    "cycles.rested": _rested,
    "cycles.round_completed": _round_completed,
    "cycles.closed": _closed,
    "conversation.answer_recorded": _answered,
    "conversation.answer_revised": _answered,
    "conversation.question_declined": _declined_question,
    "conversation.question_set_aside": _set_aside,
    "conversation.paused": _paused,
    "conversation.resumed": _unpaused,
    "conversation.rested": _let_be,
    "conversation.shared": _shared,
    "conversation.unshared": _unshared,
    "conversation.facet_withdrawn": _withdrawn,
    "conversation.reopened": _reopened,
    "conversation.meeting_scheduled": _meeting_scheduled,
    "conversation.meeting_unscheduled": _meeting_unscheduled,
    "conversation.meeting_claimed": _claimed,
    "conversation.concluded": _conversation_ended("concluded"),
    "conversation.declined": _conversation_ended("declined"),
    "conversation.closed": _conversation_ended("closed"),
    "plan.drafted": _drafted,
    "plan.proposed": _proposed,
    "plan.agreed": _handed_on,
    "plan.changes_requested": _handed_on,
    "plan.activated": _activated,
    "plan.checked_in": _checked_in,
    "plan.completed": _plan_ended("completed"),
    "plan.closed": _plan_ended("closed"),
}

TOPICS = frozenset(_CHANGES) | {"cycles.started"}
"""Every kind of event that says something about where a cycle stands."""
