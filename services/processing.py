"""Records of processing (GDPR, article 30): why each kind of event is kept, for how long, for whom.

A group holds topics by name, or all of a stream's (`plan.*`); a name goes before a stream. From this
table come docs/records-of-processing.md and what an access package says of itself.
"""

from __future__ import annotations

from typing import Literal, NamedTuple

Kept = Literal["person", "company"]
"""`person`: words until `retention.words` of the policy after the last day, facts until
`retention.link`, after which nobody can say whose they were. `company`: with the record."""


class Processing(NamedTuple):
    """One group of events: what for, which category of data, for how long, who gets it."""

    name: str
    purpose: str
    category: str
    kept: Kept
    recipients: tuple[str, ...]
    events: tuple[str, ...]


_TWO = ("employee", "conversation partner")
_ROSTER = (*_TWO, "HR", "HR platform", "administrators")
_OVERSIGHT = ("auditor (no words)", "data protection")

PROCESSING: tuple[Processing, ...] = (
    Processing(
        "Roster",
        "to know whom a conversation is owed, in which language and time zone, and how to reach them",
        "name, e-mail, place in the company, dates of employment; from the HR platform",
        "person",
        (*_ROSTER, *_OVERSIGHT),
        ("people.registered", "people.profile_changed", "people.left", "people.rejoined", "accounts.*"),
    ),
    Processing(
        "Relations",
        "to know who talks with whom: access follows from it, also for a past day",
        "who was whose conversation partner when, and what was handed over",
        "person",
        (*_ROSTER, *_OVERSIGHT),
        (
            "people.partner_assigned",
            "people.partner_released",
            "people.partner_proposed",
            "people.handover_chosen",
        ),
    ),
    Processing(
        "Absence",
        "to let the clocks stand still while somebody is away",
        "first and last day of a long leave; never its reason",
        "person",
        (*_ROSTER, *_OVERSIGHT),
        ("people.leave_started", "people.leave_ended"),
    ),
    Processing(
        "Own choices",
        "to do as the person wishes: mentoring that they offer, reminders that they don't want",
        "skills as codes, a number, a yes or no",
        "person",
        (
            "employee",
            "colleagues who look for a mentor",
            "HR",
            "HR platform",
            "administrators",
            *_OVERSIGHT,
        ),
        (
            "people.mentoring_offered",
            "people.mentoring_withdrawn",
            "people.reminders_declined",
            "people.reminders_wanted",
        ),
    ),
    Processing(
        "Duties of data protection",
        "to show who read what on which ground, to keep, to correct and to forget as the law says",
        "who, when, on what ground, as codes; the words of a correction",
        "person",
        (
            "employee",
            "conversation partner (corrections of what they read)",
            "HR",
            "HR platform (that words were erased)",
            "administrators",
            *_OVERSIGHT,
        ),
        ("people.*", "disclosures.*", "cases.*", "access.*", "corrections.*", "retention.*"),
    ),
    Processing(
        "Cycle",
        "to offer everybody a conversation in time, and to come back to it",
        "states and dates; whose turn it is",
        "person",
        (
            *_TWO,
            "HR (states)",
            "HR platform (states)",
            "administrators (states)",
            "ops (ids)",
            *_OVERSIGHT,
        ),
        ("cycles.*",),
    ),
    Processing(
        "Mail",
        "to write to people, reminders once a day at most and to HR of each case, and to know what"
        " didn't arrive",
        "which mail to which side went out when; no address, no text",
        "person",
        ("employee", "HR", "HR platform", "administrators", "ops (ids)", *_OVERSIGHT),
        ("notices.*", "cycles.notice_sent", "cycles.notice_refused", "cycles.meeting_announced"),
    ),
    Processing(
        "Conversation",
        "to have a career conversation, and to know half a year later what was said",
        "own words on work, values, skills, interests and goals; place and time of a meeting",
        "person",
        (
            "employee",
            "conversation partner (what is shared)",
            "HR platform (that it was concluded)",
            "administrators (that it was concluded)",
            "auditor (words in a granted case)",
            "data protection",
        ),
        ("conversation.*",),
    ),
    Processing(
        "Notes",
        "to remember what was said; a note about somebody is that person's data",
        "what one of the two wrote down, for itself or for both",
        "person",
        (
            "employee (their own, shared, or in an access package)",
            "conversation partner (their own, or shared)",
            *_OVERSIGHT,
        ),
        ("conversation.note_written",),
    ),
    Processing(
        "Plan",
        "to agree on what is to be done by whom, and to keep it",
        "goals, actions, promises, what became of them",
        "person",
        (
            "employee",
            "conversation partner (from its proposal)",
            "HR (promises)",
            "HR platform (states)",
            "administrators (states)",
            *_OVERSIGHT,
        ),
        ("plan.*",),
    ),
    Processing(
        "Roll-outs",
        "to start many cycles, to take in the roster, and to stop a feed that goes mad",
        "counts, ids and codes of why somebody was left out",
        "person",
        (
            "employee (their own line)",
            "HR",
            "HR platform",
            "administrators",
            "ops (ids)",
            *_OVERSIGHT,
        ),
        ("batches.*", "imports.*", "feed.*"),
    ),
    Processing(
        "Doors",
        "to let machines in and to tell them what has changed",
        "names of machines, digests of keys, addresses of receivers; of people only who set them up",
        "company",
        ("administrators", "HR platform (webhooks)", *_OVERSIGHT),
        ("clients.*", "webhooks.*"),
    ),
    Processing(
        "Rules",
        "to know which questions and which times a round began with",
        "the company's own texts and figures; of people only who set them",
        "company",
        ("everybody of the company",),
        ("policy.*", "guides.*"),
    ),
    Processing(
        "Bundles",
        "to let an auditor check the record elsewhere",
        "what was asked for and written, and who took it along; ciphertext, never words",
        "company",
        _OVERSIGHT,
        ("exports.*",),
    ),
)  # fmt: skip


def group_of(topic: str) -> Processing | None:
    """The group that an event belongs to; None where the table forgot it."""
    whole = f"{topic.partition('.')[0]}.*"
    for wanted in (topic, whole):
        for group in PROCESSING:
            if wanted in group.events:
                return group
    return None
