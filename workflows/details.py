"""What ops read in the Temporal UI: sentences from codes and dates, nothing confidential."""

from __future__ import annotations

from datetime import datetime

from services.cycles.notices import Notice
from services.cycles.progress import Progress
from services.cycles.step import Step

_STEPS = {
    "open_conversation": "Opens the conversation of round {number}",
    "end_pause": "Ends the pause that the employee asked for",
    "announce_meeting": "Sends the invitation to the meeting",
    "call_off_meeting": "Calls off a meeting with an earlier partner",
    "nudge": "Nudge {number} to the employee",
    "nudge_partner": "Nudge {number} to the partner",
    "escalate": "Tells HR that it is the partner's turn for long",
    "open_planning": "Drafts the plan of round {number}",
    "begin_development": "Begins the development of round {number}",
    "ask_check_in": "Check-in {number}",
    "open_follow_up": "Opens the follow-up of round {number}",
    "rest": "Lets the conversation of round {number} rest",
    "complete_round": "Completes round {number}",
    "ask_handover": "Asks the employee what the new partner gets to see",
    "hand_over": "Hands the plan over to the new partner, without free text",
    "suspend": "Suspends the cycle ({why})",
    "resume": "Lets the clocks go on ({why})",
    "settle_employment": "The last day passes",
    "close": "Closes the cycle ({why})",
}

_TURNS = {
    "employee": "It is the **employee's** turn",
    "partner": "It is the **partner's** turn",
    "organisation": "It is the **organisation's** turn: {wanted}",
    "nobody": "It is **nobody's** turn",
}
_WANTED = {
    "feed_stopped": "the roster feed waits for a person",
    "no_partner": "no conversation partner is named",
}


def summary_of(step: Step) -> str:
    """One sentence for a timer or an activity."""
    sentence = _STEPS[step.name].format(number=step.number, why=step.why or "by hand")
    withheld = step.name in {"nudge", "nudge_partner"} and step.why
    return f"{sentence} (withheld: {step.why})" if withheld else sentence


def details_of(
    progress: Progress, turn: str, step: Step | None, notices: list[Notice], runbook: str
) -> str:
    """Markdown: whose turn, since when, until when, what next. Lists, since tables don't render."""
    lines = [
        f"### Round {max(progress.round, 1)}: {progress.state.replace('_', '-')}",
        "",
        f"- {_turn(progress, turn)}, since {_day(progress.since)}",
    ]
    if (rest := progress.suspension) is not None:
        end = f"until {_day(rest.until)}" if rest.until else "until that ends"
        since = _day(progress.standing_since or rest.since)
        lines.append(
            f"- **Suspended** ({rest.reason}) since {since}, {end}: all clocks stand still"
        )
    if progress.nudges_held or progress.tenant_holds_nudges:
        lines.append("- **Reminders are held back**; they are recorded as withheld")
    if step is not None:
        lines.append(f"- Next: {summary_of(step)}, {_day(step.due)}")
    else:
        lines.append("- Next: nothing by itself; it waits for people")
    lines += [
        f"- Mail to the {n.to} ({n.kind}) didn't go out: `{n.outcome}`" for n in _lost(notices)
    ]
    lines += [
        "",
        f"Cycle `{progress.cycle}` of tenant `{progress.tenant}`. [Runbook]({runbook})",
    ]
    return "\n".join(lines)


def _turn(progress: Progress, turn: str) -> str:
    reason = progress.suspension.reason if progress.suspension else "no_partner"
    return _TURNS[turn].format(wanted=_WANTED.get(reason, _WANTED["no_partner"]))


def _lost(notices: list[Notice]) -> list[Notice]:
    """The latest few mails that will not reach anybody."""
    return [notice for notice in notices if notice.outcome not in {None, "sent"}][-3:]


def _day(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M:%S} UTC"
