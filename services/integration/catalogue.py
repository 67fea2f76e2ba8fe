"""What concerns the outside: which events leave, and which of their facts. Everything else stays inside.

No answer, set-aside, pause or decline is in it, nor who did what when in a conversation: an HR
platform learns where a cycle stands, and not how a person got there. Drafts, notes, meetings,
hand-overs, reminders, who read what, and legal holds stay inside as well.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Told:
    """What an event means to somebody outside, and the facts of it that they get.

    `own` is the name under which the event's own stream is told, where it has one.
    """

    sentence: str
    facts: tuple[str, ...] = ()
    own: str | None = None


OUTSIDE: dict[str, Told] = {
    "people.registered": Told("A person was taken into the roster."),
    "people.profile_changed": Told("A person's profile was changed."),
    "people.partner_assigned": Told("A person has a conversation partner.", ("partner", "since")),
    "people.partner_released": Told(
        "A person's conversation partner was released.", ("partner", "until")
    ),
    "people.leave_started": Told("A long leave was recorded.", ("since", "until")),
    "people.leave_ended": Told("A person came back from a leave.", ("until",)),
    "people.left": Told(
        "A person's last day has passed; told again where it turns out to be another one.", ("on",)
    ),
    "people.rejoined": Told("A person who had left is there again."),
    "people.erased": Told("A person's words were erased; forget what you hold."),
    "feed.stopped": Told(
        "A feed wanted to close too many people; GET /v1/feeds says whose.",
        ("day", "closings", "people"),
    ),
    "feed.released": Told("A stopped feed goes on.", ("day",)),
    "guides.published": Told("A guide has a new version.", ("guide", "version", "kind")),
    "guides.approved": Told(
        "A guide may be used in a legal entity.", ("guide", "version", "legal_entity")
    ),
    "guides.approval_withdrawn": Told(
        "A guide opens no more rounds in a legal entity.", ("guide", "version", "legal_entity")
    ),
    "policy.adopted": Told("The policy was set for the first time.", own="policy"),
    "policy.changed": Told("The policy was changed, for the rounds to come.", own="policy"),
    "batches.finished": Told("Everybody in a batch was dealt with.", own="batch"),
    "batches.cancelled": Told("A batch starts nobody any more.", own="batch"),
    "cycles.started": Told("A person's cycle was started.", ("number",)),
    "cycles.conversation_opened": Told(
        "A round began: its conversation is open.",
        ("round", "conversation", "guide", "guide_version"),
    ),
    "cycles.planning_opened": Told("The conversation led on to a plan.", ("plan",)),
    "cycles.development_began": Told(
        "Both sides have agreed to the plan; its time began.", ("plan", "anchor")
    ),
    "cycles.check_in_asked": Told("It was asked how the plan is going.", ("number",)),
    "cycles.follow_up_opened": Told(
        "The follow-up was opened.", ("conversation", "guide", "guide_version")
    ),
    "cycles.escalated": Told("It has been the partner's turn for long."),
    "cycles.suspended": Told("The cycle stands still.", ("reason", "until")),
    "cycles.resumed": Told("The cycle goes on."),
    "cycles.rested": Told("The cycle rests until its follow-up."),
    "cycles.round_completed": Told("A round was completed.", ("round",)),
    "cycles.closed": Told("The cycle was closed."),
    "conversation.concluded": Told("The conversation was concluded.", own="conversation"),
    "plan.activated": Told("A revision of the plan came into force.", ("revision",), "plan"),
    "plan.completed": Told("The plan was completed.", own="plan"),
    "webhooks.disabled": Told("A webhook was switched off, since it failed.", ("why",), "webhook"),
}
"""By topic, which is also the type of the CloudEvent."""

PEOPLE = frozenset({"partner"})
"""Facts that name a person by the record's random key; outside they have the customer's own id."""


def outside(type_: str, facts: Mapping[str, Any]) -> Mapping[str, Any]:
    """The facts of an event with nothing in them that tells of a legal hold."""
    if type_ == "cycles.suspended" and facts["reason"] == "hold":
        return {**facts, "reason": "organisation", "until": None}
    return facts
