"""What ops read in the Temporal UI: sentences from codes and dates, nothing confidential."""

from __future__ import annotations

from datetime import datetime

from services.cycles.course import Step
from services.cycles.progress import Progress

_STEPS = {
    "open_conversation": "Opens the conversation of round {number}",
    "nudge": "Nudge {number} to the employee",
    "nudge_partner": "Nudge {number} to the partner",
    "escalate": "Tells HR that it is the partner's turn for long",
    "open_planning": "Drafts the plan of round {number}",
    "begin_development": "Begins the development of round {number}",
    "ask_check_in": "Check-in {number}",
    "open_follow_up": "Opens the follow-up of round {number}",
    "rest": "Lets round {number} rest until its follow-up",
    "complete_round": "Completes round {number}",
    "resume": "Resumes after the suspension",
}

_TURNS = {
    "employee": "It is the **employee's** turn",
    "partner": "It is the **partner's** turn",
    "organisation": "It is the **organisation's** turn: no conversation partner is named",
    "nobody": "It is **nobody's** turn",
}


def summary_of(step: Step) -> str:
    """One sentence for a timer or an activity."""
    sentence = _STEPS[step.name].format(number=step.number)
    return f"{sentence} (withheld: {step.why})" if step.name == "nudge" and step.why else sentence


def details_of(progress: Progress, turn: str, step: Step | None) -> str:
    """Markdown: whose turn, since when, until when, what next. Lists, since tables don't render."""
    lines = [
        f"### Round {max(progress.round, 1)}: {progress.state.replace('_', '-')}",
        "",
        f"- {_TURNS[turn]}, since {_day(progress.since)}",
    ]
    if progress.suspension is not None:
        until = progress.suspension.until
        end = f"until {_day(until)}" if until else "until it is resumed"
        lines.append(
            f"- **Suspended** ({progress.suspension.reason}) {end}: all clocks stand still"
        )
    if step is not None:
        lines.append(f"- Next: {summary_of(step)}, {_day(step.due)}")
    else:
        lines.append("- Next: nothing by itself; it waits for people")
    lines += ["", f"Cycle `{progress.cycle}` of tenant `{progress.tenant}`."]
    return "\n".join(lines)


def _day(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M:%S} UTC"
