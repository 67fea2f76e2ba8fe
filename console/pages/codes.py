"""What happened, as a person reads it: words for an event's codes, dates and times in their manner."""

from __future__ import annotations

import re
from datetime import date, datetime
from typing import Any, Protocol

from console.pages.language import Manner, sentence, translations
from services.audit.sentences import sentence_of

FREE = frozenset({"action", "goal", "guide", "host", "legal_entity", "name", "question", "serves"})
"""Facts that somebody has named as they liked: they are told as they are."""
MOMENTS = frozenset({"since", "starts_at", "until"})
DAYS = frozenset({"day", "held_on", "on"})
PERIODS = frozenset({"duration"})
CODES: dict[str, dict[str | bool, str]] = {
    "artefact": {
        "conversation": sentence("what was shared of a conversation"),
        "corrections": sentence("what they say is wrong in the roster"),
        "meeting": sentence("where they meet"),
        "package": sentence("the copy of all that is held"),
        "plan": sentence("the plan"),
        "promises": sentence("promises in the plan"),
    },
    "blocked_by": {
        "employee": sentence("the employee"),
        "organisation": sentence("the organisation"),
        "partner": sentence("the partner"),
    },
    "by": {"employee": sentence("employee"), "partner": sentence("partner")},
    "choice": {
        "nothing": sentence("nothing"),
        "plan": sentence("the plan, in outline"),
        "plan_and_answers": sentence("the plan and chosen words"),
    },
    "done": {True: sentence("yes"), False: sentence("no, it was only counted")},
    "ground": {
        "access_request": sentence("they asked for their data"),
        "admin": sentence("administration"),
        "case": sentence("a case that was granted"),
        "correction": sentence("what they say is wrong there"),
        "dpo": sentence("data protection"),
        "handed_over": sentence("it was handed over"),
        "hr": sentence("HR"),
        "open_promise": sentence("the promise is still open"),
        "own": sentence("the reader’s own"),
        "own_promise": sentence("the reader’s own promise"),
        "partner": sentence("the conversation with them"),
    },
    "kind": {
        "case": sentence("case"),
        "conversation": sentence("conversation"),
        "cycle": sentence("cycle"),
        "follow_up": sentence("follow-up"),
        "goal": sentence("long-term goal"),
        "interest": sentence("interest"),
        "plan": sentence("plan"),
        "profile": sentence("profile"),
        "skill": sentence("skill"),
        "value": sentence("value"),
    },
    "method": {
        "coaching": sentence("coaching"),
        "job_enrichment": sentence("job enrichment"),
        "mentoring": sentence("mentoring"),
        "other": sentence("something else"),
        "stretch_assignment": sentence("stretch assignment"),
    },
    "reason": {
        "audit": sentence("an audit"),
        "authority": sentence("an authority’s order"),
        "by_hand": sentence("by hand"),
        "complaint": sentence("a complaint"),
        "confidence": sentence("it was said in confidence"),
        "feed_stopped": sentence("the roster feed was stopped"),
        "hold": sentence("a legal hold"),
        "inactive": sentence("isn’t active"),
        "leave": sentence("a leave"),
        "legal_claim": sentence("a legal claim"),
        "litigation": sentence("litigation"),
        "no_partner": sentence("nobody to talk with"),
        "no_third_party": sentence("nobody else is in it"),
        "other": sentence("another reason"),
        "other_reason": sentence("another reason"),
        "outweighs": sentence("their right outweighs it"),
        "security": sentence("security"),
        "third_party": sentence("somebody else is in it"),
        "third_party_agreed": sentence("whoever else is in it has agreed"),
        "works_council": sentence("the works council"),
    },
    "role": {
        "admin": sentence("administration"),
        "dpo": sentence("data protection"),
        "hr": sentence("HR"),
    },
    "side": {
        "employee": sentence("employee"),
        "nobody": sentence("nobody decided"),
        "partner": sentence("partner"),
    },
    "state": {
        "blocked": sentence("it is stuck"),
        "changed": sentence("something has changed"),
        "on_track": sentence("it goes its way"),
    },
    "through": {
        "api": sentence("through the API"),
        "batch": sentence("with those of a batch"),
        "console": sentence("on the pages"),
        "data_protection": sentence("data protection"),
        "person": sentence("the person"),
    },
    "to": {
        "employee": sentence("employee"),
        "hr": sentence("HR partner"),
        "partner": sentence("partner"),
    },
    "verb": {
        "retry": sentence("to try again what had given up"),
        "wake": sentence("to read the record again"),
    },
    "why": {
        "address_not_supported": sentence("the mail server can’t write to such an address"),
        "away": sentence("is on leave"),
        "bad_address": sentence("the address can’t be one"),
        "by_hand": sentence("by hand"),
        "closed": sentence("the conversation was closed"),
        "declined": sentence("not wanted"),
        "ended": sentence("it had ended"),
        "erased": sentence("was forgotten"),
        "failing": sentence("nothing arrived for days"),
        "gave_up": sentence("no mail server took it for days"),
        "gone": sentence("the address is no longer there"),
        "held": sentence("reminders are held back"),
        "left": sentence("has left"),
        "no_plan": sentence("without a plan"),
        "nobody": sentence("there is nobody to write to"),
        "outdated": sentence("it no longer applied"),
        "paused": sentence("the conversation rests"),
        "plan_not_agreed": sentence("the plan wasn’t agreed to"),
        "set_aside": sentence("a question was set aside"),
        "skipped": sentence("ops gave it up"),
        "smtp": sentence("the mail server refused it"),
        "time": sentence("nothing more was asked"),
        "told_today": sentence("a mail went out that day already"),
        "too_late": sentence("it came too late"),
    },
}
"""By a fact's name, the words for each of its codes; a code that a customer has chosen stays."""
_PARTICULARS = re.compile(r"(?<=^batch)/.*|(?<=^smtp)_\d+$")
"""What an id or a number adds to a code; the record shows it."""


class Happened(Protocol):
    """An event of this type, with these facts as JSON."""

    @property
    def type(self) -> str: ...
    @property
    def facts(self) -> dict[str, Any]: ...


def told(happened: Happened, manner: Manner) -> str:
    """What happened, in one sentence in the reader's language and manner."""
    translate = translations(manner.language).gettext

    def said(name: str, value: Any) -> Any:
        if name in MOMENTS and value:
            return manner.moment(datetime.fromisoformat(value))
        if name in DAYS and value:
            return manner.day(date.fromisoformat(value))
        if name in PERIODS and value:
            return manner.span(value)
        code = _PARTICULARS.sub("", value) if isinstance(value, str) else value
        words = CODES.get(name, {}).get(code) if isinstance(code, str | bool) else None
        return value if words is None else translate(words)

    facts = {name: said(name, value) for name, value in happened.facts.items()}
    return sentence_of(happened.type, facts, translate)
