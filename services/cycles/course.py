"""The course of a cycle: what happens next by itself, and when. One function, from facts to a step."""

from __future__ import annotations

from datetime import datetime, timedelta

from services.cycles.progress import (
    BY_HAND,
    EMPLOYEE,
    FEED_STOPPED,
    HOLD,
    INACTIVE,
    LEAVE,
    NO_PARTNER,
    NOBODY,
    ORGANISATION,
    PARTNER,
    Progress,
)
from services.cycles.step import Step, StepName
from shared.intervals import Interval
from shared.periods import after, is_exact, longest_gap, midnight, on_time


def next_step(p: Progress, now: datetime) -> Step | None:
    """The step that comes first, due or not; None when only people can move the cycle.

    Endings and suspensions that are due come before everything else: nothing is sent to somebody who is
    away, and be it late.
    """
    if p.state == "closed":
        return _left_over(p)
    first = [*_endings(p), *_suspensions(p)]
    urgent = [step for step in first if step.due <= now]
    if urgent or p.suspensions:
        return min(urgent or first, key=_due, default=None)
    return min([*first, *_STEPS[p.state](p, now), *_beside(p, now)], key=_due, default=None)


def untold_step(p: Progress, now: datetime) -> Step | None:
    """The same for those who aren't told that the employee asked for time: None where that decides
    what comes next, or when."""
    step, unasked = next_step(p, now), next_step(p.unasked(), now)
    told = step and unasked and (step.name, step.due) == (unasked.name, unasked.due)
    return step if told else None


def waiting_for(p: Progress) -> str:
    """Whose turn it is: employee, partner, organisation or nobody."""
    if p.suspensions:
        return ORGANISATION if set(p.suspensions) <= {NO_PARTNER, FEED_STOPPED} else NOBODY
    if p.state == "closed":
        return NOBODY
    if p.turn == PARTNER and p.conversation_state == "paused":
        return EMPLOYEE
    if p.turn == PARTNER and p.partner is None:
        return ORGANISATION
    return p.turn


def hands_over_at(p: Progress) -> datetime | None:
    """When a new partner gets the outline by itself; None where nobody waits for it, or clocks stand."""
    if p.handover is None or p.suspensions:
        return None
    return _at(p, p.handover.since, p.terms.handover_within)


def _left_over(p: Progress) -> Step | None:
    """What a cycle that was closed by hand leaves open ends with it; a meeting that is off is told."""
    talks = p.conversation_state in {"open", "paused"}
    plans = p.plan_state in {"draft", "proposed", "active"}
    if talks or plans:
        return Step("close", p.since)
    is_off = p.untold_meeting is not None and p.untold_meeting.cancelled
    return next((step for step in _meeting(p) if is_off), None)


def _endings(p: Progress) -> list[Step]:
    """The person has left or was forgotten, or the last day passes."""
    if p.gone is not None:
        why, at = p.gone
        return [Step("close", at, why=why)]
    if p.end_date is not None and FEED_STOPPED not in p.suspensions:
        return [Step("settle_employment", midnight(p.end_date + timedelta(days=1), p.zone))]
    return []


def _suspensions(p: Progress) -> list[Step]:
    """The clocks come to stand, or go on, for each of the reasons that the cycle sees by itself.

    All of it is counted together, as several may come about at one moment, and one more than once.
    """
    found: list[Step] = []
    number = p.stops + 1
    for reason, wanted in _reasons(p).items():
        now = p.suspensions.get(reason)
        if wanted is None:
            found += [Step("resume", now.since, number, reason)] if now else []
        elif now is None or wanted.since < now.since:
            found.append(Step("suspend", wanted.since, number, reason, wanted.until))
        elif wanted.until is not None:
            found.append(Step("resume", wanted.until, number, reason))
    by_hand = p.suspensions.get(BY_HAND)
    if by_hand and by_hand.until:
        found.append(Step("resume", by_hand.until, number))
    return found


def _reasons(p: Progress) -> dict[str, Interval | None]:
    """For which stretch of time the clocks are to stand still, reason by reason."""
    return {
        LEAVE: p.away(),
        INACTIVE: p.inactive,
        HOLD: p.hold,
        NO_PARTNER: _alone(p),
        FEED_STOPPED: _feed_stopped(p),
    }


def _alone(p: Progress) -> Interval | None:
    if p.alone is None:
        return None
    on_record = p.suspensions.get(NO_PARTNER)  # whoever moves to another zone meanwhile stays so
    since = on_record.since if on_record else _at(p, p.alone.since, p.terms.partner_wanted_after)
    return Interval(since, p.alone.until) if not p.alone.until or since < p.alone.until else None


def _feed_stopped(p: Progress) -> Interval | None:
    """Until the profile says another last day; when the feed goes on, the person has left."""
    stopped = p.suspensions.get(FEED_STOPPED)
    if stopped is None:
        return None
    mended = p.profile_at is not None and p.profile_at > stopped.since
    return Interval(stopped.since, p.profile_at if mended else None)


def _beside(p: Progress, now: datetime) -> list[Step]:
    """What may come up in any state: a meeting to announce, a new partner."""
    found, meeting = _meeting(p), p.meeting
    if meeting and meeting.partner != p.partner and meeting.is_to_come(now):
        found.append(Step("call_off_meeting", p.partner_at or meeting.at, meeting.sequence))
    if p.handover is not None and not p.handover.asked:
        found.append(Step("ask_handover", p.handover.since))
    elif (due := hands_over_at(p)) is not None:
        found.append(Step("hand_over", due))
    return found


def _meeting(p: Progress) -> list[Step]:
    """What became of the meeting, to be announced."""
    meeting = p.untold_meeting
    return [Step("announce_meeting", meeting.at, meeting.sequence)] if meeting else []


def _conversation(p: Progress, now: datetime) -> list[Step]:
    if p.opened_at is None:
        return [Step("open_conversation", p.started_at, p.round + 1)]
    if p.conversation_state == "concluded":
        return [Step("open_planning", p.ended_at or now, p.round)]
    if p.conversation_state in {"declined", "closed"}:
        return [Step("rest", p.ended_at or now, p.round, p.conversation_state)]
    return _talk(p, now, "rest")


def _planning(p: Progress, now: datetime) -> list[Step]:
    if p.plan_state == "active":
        return [Step("begin_development", p.activated_at or now, p.round)]
    if p.plan_state in {"closed", "completed"}:
        return [Step("rest", now, p.round, "no_plan")]
    overdue = _at(p, p.planning_at or now, p.terms.plan_within)
    reminders = _partner_reminders(p) if p.turn == PARTNER else []
    return [*reminders, Step("rest", overdue, p.round, "plan_not_agreed")]


def _developing(p: Progress, now: datetime) -> list[Step]:
    anchor, every = p.anchor or now, p.terms.check_in_every
    number = p.check_ins + 1
    check_in = _at(p, anchor, *[every] * number)
    follow_up = Step("open_follow_up", _at(p, anchor, p.terms.follow_up_after), p.round)
    reminders = _partner_reminders(p) if p.turn == PARTNER else []
    if p.plan_state == "active" and check_in < follow_up.due:
        reminders.append(Step("ask_check_in", check_in, number, gently=not is_exact(every)))
    return [*reminders, follow_up]


def _steady(p: Progress, now: datetime) -> list[Step]:
    """Until the follow-up or the next round, beside what was brought back."""
    anchor, back = p.anchor or now, _brought_back(p, now)
    if p.completed == p.round:
        due = _at(p, anchor, p.terms.follow_up_after, p.terms.cadence)
        return [*back, Step("open_conversation", p.given_time(due, now), p.round + 1)]
    if p.plan_state == "active":
        return [Step("begin_development", p.activated_at or now, p.round)]
    if p.conversation_state == "concluded" and p.plan_state is None:
        return [Step("open_planning", p.ended_at or now, p.round)]
    due = _at(p, anchor, p.terms.follow_up_after)
    return [*back, Step("open_follow_up", p.given_time(due, now), p.round)]


def _brought_back(p: Progress, now: datetime) -> list[Step]:
    """A conversation that goes on while the cycle rests; the partner's turn lasts until the next one."""
    if p.turn == EMPLOYEE:
        return _talk(p, now, "rest")
    return [*_pause(p), *(_partner_reminders(p) if p.turn == PARTNER else [])]


def _follow_up(p: Progress, now: datetime) -> list[Step]:
    if p.conversation_state in {"concluded", "declined", "closed"}:
        return [Step("complete_round", p.ended_at or now, p.round)]
    return _talk(p, now, "complete_round")


def _talk(p: Progress, now: datetime, ending: StepName) -> list[Step]:
    """Reminders of whoever's turn it is, and then rest.

    Whoever asked for time until a day is not laid to rest before it, also where they came back earlier,
    and a pause ends on its day.
    """
    if p.turn == PARTNER:
        reminders, quiet = _partner_reminders(p), _at(p, p.opened_at or now, p.terms.cadence)
        over = [*reminders, _ending(p, now, ending, quiet)]
    else:
        over = [_nudge(p, now) or _ending(p, now, ending, _nudged_out(p))]
    return [*_pause(p), *over]


def _pause(p: Progress) -> list[Step]:
    return [Step("end_pause", p.paused_until, p.round)] if p.paused_until else []


def _nudge(p: Progress, now: datetime) -> Step | None:
    """The employee's next gentle one."""
    if p.nudges >= len(p.terms.answer_nudges):
        return None
    period, why = p.terms.answer_nudges[p.nudges], p.withheld(now)
    return Step("nudge", _at(p, p.since, period), p.nudges + 1, why, gently=not is_exact(period))


def _nudged_out(p: Progress) -> datetime:
    """When the employee was left alone as long after the last nudge as lay between the last two."""
    periods = list(p.terms.answer_nudges)
    return _quiet(p, p.since, periods) if periods else _at(p, p.since, p.terms.cadence)


def _ending(p: Progress, now: datetime, name: StepName, quiet: datetime) -> Step:
    return Step(name, p.given_time(quiet, now), p.round, "time")


def _partner_reminders(p: Progress) -> list[Step]:
    """The partner's next reminder, and after the last one HR is told.

    While the employee asked for time until a day, they wait, and count from that day. What is set aside
    without a day withholds them, and HR is told as much later. What follows a late one is as late.
    """
    periods = list(p.terms.partner_nudges)
    if p.escalated or p.partner is None or not periods or p.conversation_state == "paused":
        return []
    number, is_aside = p.partner_nudges + 1, None in p.aside.values()
    gently = not is_exact(periods[min(number, len(periods)) - 1])
    due, last = _planned(p, periods, number), p.partner_nudged_at
    if last and (late := last - _planned(p, periods, number - 1)) >= _DAY:
        due = on_time(due + late, p.zone) if gently else due + late
    if number > len(periods) and not is_aside:
        return [Step("escalate", due, gently=gently)]
    held = p.nudges_held or p.tenant_holds_nudges
    why = "held" if held else "set_aside" if is_aside else None
    return [Step("nudge_partner", due, number, why, gently=gently)]


def _planned(p: Progress, periods: list[str], number: int) -> datetime:
    """When a partner's reminder would come by itself; beyond the policy's last one, when HR is told."""
    since, beyond = p.undisturbed_since, number - len(periods)
    return _quiet(p, since, periods, beyond) if beyond > 0 else _at(p, since, periods[number - 1])


def _quiet(p: Progress, since: datetime, periods: list[str], times: int = 1) -> datetime:
    """As long after the last of these periods as lay between the last two; then so often again, by a day
    at least."""
    last, gap = _at(p, since, periods[-1]), longest_gap(periods, since)
    quiet = last + gap + max(gap, _DAY) * (times - 1)
    return on_time(quiet, p.zone) if gap >= _DAY else quiet


def _at(p: Progress, anchor: datetime, *periods: str) -> datetime:
    return after(anchor, periods, p.zone)


def _due(step: Step) -> datetime:
    return step.due


_DAY = timedelta(days=1)
_STEPS = {
    "conversation": _conversation,
    "planning": _planning,
    "developing": _developing,
    "steady": _steady,
    "follow_up": _follow_up,
}
__all__ = ["NOBODY", "ORGANISATION", "PARTNER", "next_step", "untold_step", "waiting_for"]
