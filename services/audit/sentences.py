"""One sentence per event, from its facts alone."""

from __future__ import annotations

from typing import Any

_SENTENCES = {
    "people.registered": "The person was taken into the roster",
    "people.profile_changed": "The person's profile was changed",
    "people.partner_assigned": "A conversation partner was named",
    "people.partner_released": "The conversation partner was released",
    "people.erased": "The person's words were erased",
    "clients.registered": "The client '{name}' was let in",
    "clients.key_added": "A client was given key {number}",
    "clients.key_shortened": "Key {number} of a client was given an earlier end",
    "clients.removed": "A client was removed with all its keys",
    "policy.adopted": "A policy was adopted",
    "policy.changed": "The policy was changed",
    "cycles.started": "The cycle was started ({through})",
    "cycles.conversation_opened": "Round {round} began: its conversation was opened"
    " (guide {guide} version {guide_version}, policy version {policy_version})",
    "cycles.nudged": "The employee was reminded gently ({number})",
    "cycles.nudge_withheld": "Reminder {number} was withheld ({why})",
    "cycles.partner_nudged": "The partner was reminded ({number})",
    "cycles.escalated": "HR was told that it has been the partner's turn for long",
    "cycles.planning_opened": "The cycle went on to the plan",
    "cycles.development_began": "The plan is in force; its time began",
    "cycles.check_in_asked": "Check-in {number} was asked for",
    "cycles.follow_up_opened": "The follow-up was opened (guide {guide} version {guide_version})",
    "cycles.suspended": "The cycle was suspended ({reason})",
    "cycles.resumed": "The cycle was resumed",
    "cycles.rested": "The round was laid to rest until its follow-up ({why})",
    "cycles.round_completed": "Round {round} was completed",
    "cycles.closed": "The cycle was closed ({why})",
    "conversation.opened": "A conversation was opened (guide {guide} version {guide_version})",
    "conversation.answer_recorded": "The question '{question}' was answered",
    "conversation.answer_revised": "The answer to '{question}' was revised",
    "conversation.question_set_aside": "The question '{question}' was set aside",
    "conversation.question_declined": "The question '{question}' was declined",
    "conversation.facet_noted": "A {kind} was noted",
    "conversation.facet_withdrawn": "A facet was withdrawn",
    "conversation.direction_stated": "The direction was stated",
    "conversation.shared": "The employee shared with the partner",
    "conversation.unshared": "The employee ended the sharing",
    "conversation.meeting_claimed": "The partner said that the meeting was held on {held_on}",
    "conversation.meeting_confirmed": "The employee confirmed the meeting of {held_on}",
    "conversation.meeting_waived": "The employee waived the meeting",
    "conversation.paused": "The conversation was paused",
    "conversation.resumed": "The conversation was resumed",
    "conversation.concluded": "The conversation was concluded",
    "conversation.declined": "The conversation was declined",
    "conversation.closed": "The conversation was closed",
    "plan.drafted": "A plan was drafted",
    "plan.goal_set": "The goal '{goal}' was set",
    "plan.action_planned": "The action '{action}' was planned ({method}, for goal '{serves}')",
    "plan.action_revised": "The action '{action}' was revised ({method}, for goal '{serves}')",
    "plan.action_started": "The action '{action}' was started",
    "plan.action_done": "The action '{action}' was done",
    "plan.action_not_done": "The action '{action}' was not done",
    "plan.action_blocked": "The action '{action}' was blocked (by {blocked_by})",
    "plan.action_dropped": "The action '{action}' was dropped",
    "plan.proposed": "Revision {revision} of the plan was proposed by the {by}",
    "plan.changes_requested": "Changes to revision {revision} were asked for by the {by}",
    "plan.agreed": "The {by} agreed to revision {revision} of the plan",
    "plan.activated": "Revision {revision} of the plan came into force",
    "plan.checked_in": "A check-in was given ({state})",
    "plan.reviewed": "The plan came to its review",
    "plan.completed": "The plan was completed",
    "plan.closed": "The plan was closed",
}

TOPICS = frozenset(_SENTENCES)


def sentence_of(topic: str, facts: dict[str, Any]) -> str:
    """What happened, in one English sentence without a name or a word of anybody's."""
    return _SENTENCES.get(topic, topic).format_map(facts) + "."
