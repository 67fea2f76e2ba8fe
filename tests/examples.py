"""Named example values, shared by the tests and the documentation."""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import UUID

from services.conversation.domain import Conversation
from services.conversation.guides import FIRST_CONVERSATION, FOLLOW_UP
from services.cycles.domain import Cycle
from services.people.domain import Person
from services.people.employment import Profile
from services.planning.content import Action, Goal
from services.planning.domain import Plan

MONDAY = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
LATER = datetime(2026, 3, 9, 15, 30, tzinfo=UTC)
ANA = UUID("01900000-0000-7000-8000-00000000000a")
BEN = UUID("01900000-0000-7000-8000-00000000000b")
EVE = UUID("01900000-0000-7000-8000-00000000000e")
CYCLE = UUID("01900000-0000-7000-8000-0000000000c1")
PROFILE = Profile(name="Ana Silva", email="ana@example.com", timezone="Europe/Berlin")


def person() -> Person:
    return Person.register(ANA, MONDAY, PROFILE)


def cycle() -> Cycle:
    return Cycle.start(tenant="acme", person=ANA, number=1, through="api", at=MONDAY)


def conversation() -> Conversation:
    return Conversation.open(person=ANA, cycle=CYCLE, round=1, guide=FIRST_CONVERSATION, at=MONDAY)


def concluded() -> Conversation:
    ended = conversation()
    ended.record_answer("impact", "Two teachers")
    ended.note_facet("craft", "value", "Doing it properly")
    ended.state_direction("deepen", None)
    ended.conclude("waived", None)
    return ended


def follow_up(before: Conversation) -> Conversation:
    return Conversation.open(
        person=ANA, cycle=CYCLE, round=before.round, guide=FOLLOW_UP, at=LATER, before=before
    )


def second_conversation(before: Conversation) -> Conversation:
    return Conversation.open(
        person=ANA, cycle=CYCLE, round=2, guide=FIRST_CONVERSATION, at=LATER, before=before
    )


def plan() -> Plan:
    return Plan.draft(person=ANA, cycle=CYCLE, round=1, conversation=conversation().id, at=MONDAY)


def with_goal(drafted: Plan) -> None:
    drafted.set_goal("lead", Goal("Lead something from start to end"))
    drafted.plan_action("mentor", action())


def agreed(drafted: Plan) -> None:
    with_goal(drafted)
    drafted.propose("employee")
    drafted.agree("partner", BEN)


def action(**changes: object) -> Action:
    fields = {
        "method": "mentoring",
        "title": "An hour a month",
        "serves": "lead",
        "success": "We would both say so",
        "owner": "partner",
    }
    return Action(**(fields | changes))  # type: ignore[arg-type]
