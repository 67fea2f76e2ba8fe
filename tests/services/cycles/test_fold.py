"""What each kind of event changes about where a cycle stands, and that it changes nothing else."""

from __future__ import annotations

from copy import deepcopy
from typing import Any
from uuid import UUID

import msgspec
import pytest

from services.cycles.fold import TOPICS, evolve
from services.cycles.policy import Terms
from services.cycles.progress import Handover, Meeting, Progress, Suspension
from shared.intervals import Interval
from tests.examples import ANA, BEN, CYCLE, EVE
from tests.services.cycles.test_course import START, utc

BEFORE, AT = utc("2026-05-04T08:00"), utc("2026-06-01T08:00")
DAY = "2026-07-01T08:00:00+00:00"
ON_THAT_DAY = utc("2026-07-01T08:00")
FIRST, NEXT = UUID(int=1), UUID(int=2)

BUSY = Progress(
    cycle=CYCLE,
    person=ANA,
    tenant="acme",
    state="conversation",
    round=1,
    turn="partner",
    since=BEFORE,
    started_at=START,
    opened_at=BEFORE,
    conversations=[FIRST],
    conversation_state="paused",
    ended_at=BEFORE,
    aside={"energy": None},
    not_before=BEFORE,
    asked_until=BEFORE,
    paused_until=BEFORE,
    meeting=Meeting(3, BEFORE, BEN),
    announced=3,
    nudges=2,
    partner_nudges=2,
    escalated=True,
    shown=["question/impact"],
    plans=[FIRST],
    plan_state="active",
    planning_at=BEFORE,
    activated_at=BEFORE,
    check_ins=2,
    anchor=BEFORE,
    partner=BEN,
    partner_at=BEFORE,
    last_partner=BEN,
    handover=Handover(BEN, BEFORE, BEFORE),
)
"""A cycle of which everything that an event may set anew has been set before."""

TO_EMPLOYEE, TO_PARTNER, TO_NOBODY = (
    {"turn": turn, "since": AT, "asked_until": None, "partner_nudges": 0, "escalated": False}
    for turn in ("employee", "partner", "nobody")
)
ANEW_FOR_THE_PARTNER = {key: value for key, value in TO_PARTNER.items() if key != "turn"}
ANEW: dict[str, Any] = {
    "conversations": [FIRST, NEXT],
    "opened_at": AT,
    "conversation_state": "open",
    "ended_at": None,
    "paused_until": None,
    "meeting": None,
    "announced": -1,
    "aside": {},
    "not_before": None,
    "shown": [],
    "nudges": 0,
    **TO_EMPLOYEE,
}
NEW_ROUND: dict[str, Any] = {
    "round": 2,
    "terms": Terms(cadence="P1Y"),
    "anchor": None,
    "plan_state": None,
    "planning_at": None,
    "activated_at": None,
    "check_ins": 0,
    **ANEW,
}
CALLED_OFF = Meeting(4, BEFORE, BEN, cancelled=True)
ENDED = {"ended_at": AT, "aside": {}, "paused_until": None, "meeting": None, **TO_NOBODY}
OPENS = {"round": 2, "conversation": str(NEXT), "terms": {"cadence": "P1Y"}}
OWN_TURN = {key: value for key, value in ANEW.items() if key != "turn"}

Case = tuple[str, dict[str, Any], dict[str, Any], dict[str, Any]]
"""A kind of event, what is different from `BUSY` before it, its facts, and what it changes."""

CASES: list[Case] = [
    (
        "cycles.conversation_opened",
        {"state": "steady"},
        OPENS,
        {"state": "conversation", **NEW_ROUND},
    ),
    ("cycles.conversation_opened", {}, OPENS, NEW_ROUND),
    (
        "cycles.follow_up_opened",
        {"turn": "employee"},
        {"conversation": str(NEXT)},
        {"state": "follow_up", **OWN_TURN},
    ),
    ("cycles.nudged", {}, {"number": 3}, {"nudges": 3}),
    ("cycles.nudge_withheld", {}, {"number": 3}, {"nudges": 3}),
    ("cycles.partner_nudged", {}, {"number": 1}, {"partner_nudges": 1}),
    ("cycles.partner_nudge_withheld", {}, {"number": 1}, {"partner_nudges": 1}),
    ("cycles.escalated", {"escalated": False}, {}, {"escalated": True}),
    ("cycles.nudges_held", {}, {}, {"nudges_held": True}),
    ("cycles.nudges_released", {"nudges_held": True}, {}, {"nudges_held": False}),
    (
        "cycles.planning_opened",
        {},
        {"plan": str(NEXT)},
        {"state": "planning", "plans": [FIRST, NEXT], "planning_at": AT, **TO_EMPLOYEE},
    ),
    (
        "cycles.planning_opened",
        {"plan_state": None, "turn": "employee"},
        {"plan": str(NEXT)},
        {"state": "planning", "plans": [FIRST, NEXT], "plan_state": "draft", "planning_at": AT},
    ),
    (
        "cycles.development_began",
        {},
        {"anchor": DAY},
        {"state": "developing", "anchor": ON_THAT_DAY, **TO_NOBODY},
    ),
    ("cycles.check_in_asked", {}, {"number": 3}, {"check_ins": 3, **TO_EMPLOYEE}),
    ("cycles.meeting_announced", {}, {"conversation": str(FIRST), "sequence": 4}, {"announced": 4}),
    ("cycles.meeting_announced", {}, {"conversation": str(NEXT), "sequence": 4}, {}),
    (
        "cycles.handover_asked",
        {},
        {"partner": str(BEN)},
        {"handover": Handover(BEN, BEFORE, AT, asked=True)},
    ),
    ("cycles.handover_asked", {}, {"partner": str(EVE)}, {}),
    ("cycles.handover_asked", {"handover": None}, {"partner": str(BEN)}, {}),
    ("cycles.rested", {}, {"anchor": DAY}, {"state": "steady", "anchor": ON_THAT_DAY, **TO_NOBODY}),
    ("cycles.round_completed", {}, {"round": 1}, {"state": "steady", "completed": 1, **TO_NOBODY}),
    (
        "cycles.closed",
        {"suspensions": {"": Suspension("leave", BEFORE)}},
        {},
        {"state": "closed", "suspensions": {}, "handover": None, **TO_NOBODY},
    ),
    (
        "cycles.suspended",
        {},
        {"reason": "restructuring"},
        {"suspensions": {"": Suspension("restructuring", AT)}, "standing_since": AT, "stops": 1},
    ),
    (
        "cycles.suspended",
        {"standing_since": BEFORE, "suspensions": {"": Suspension("restructuring", BEFORE)}},
        {"reason": "leave", "own": True, "since": DAY, "until": DAY},
        {
            "suspensions": {
                "": Suspension("restructuring", BEFORE),
                "leave": Suspension("leave", ON_THAT_DAY, ON_THAT_DAY),
            },
            "stops": 1,
        },
    ),
    (
        "cycles.suspended",
        {"standing_since": ON_THAT_DAY},
        {"reason": "hold", "own": True},
        {"suspensions": {"hold": Suspension("hold", AT)}, "standing_since": AT, "stops": 1},
    ),
    ("cycles.resumed", {"standing_since": BEFORE}, {"reason": "leave"}, {"stops": 1}),
    (
        "cycles.resumed",
        {
            "standing_since": BEFORE,
            "suspensions": {
                "leave": Suspension("leave", BEFORE),
                "hold": Suspension("hold", BEFORE),
            },
            "leaves": [Interval(AT)],
            "hold": Interval(BEFORE, AT),
            "inactive": Interval(BEFORE, AT),
        },
        {"reason": "leave", "since": AT.isoformat()},
        {"suspensions": {"hold": Suspension("hold", BEFORE)}, "stops": 1},
    ),
    ("conversation.answer_recorded", {}, {"question": "energy"}, {"aside": {}}),
    ("conversation.answer_revised", {}, {"question": "energy"}, {"aside": {}}),
    ("conversation.question_declined", {}, {"question": "energy"}, {"aside": {}}),
    (
        "conversation.question_declined",
        {},
        {"question": "impact"},
        {"shown": [], **TO_EMPLOYEE},
    ),
    ("conversation.answer_recorded", {}, {"question": "impact"}, {}),
    (
        "conversation.answer_recorded",
        {"aside": {"energy": ON_THAT_DAY}},
        {"question": "energy"},
        {"aside": {}, "not_before": ON_THAT_DAY, "asked_until": ON_THAT_DAY},
    ),
    (
        "conversation.answer_recorded",
        {"aside": {"energy": ON_THAT_DAY}, "not_before": BEFORE},
        {"question": "energy"},
        {"aside": {}, "not_before": ON_THAT_DAY, "asked_until": ON_THAT_DAY},
    ),
    (
        "conversation.answer_recorded",
        {"aside": {"energy": BEFORE}, "not_before": ON_THAT_DAY, "asked_until": ON_THAT_DAY},
        {"question": "energy"},
        {"aside": {}},
    ),
    (
        "conversation.question_set_aside",
        {},
        {"question": "impact", "until": DAY},
        {"aside": {"energy": None, "impact": ON_THAT_DAY}},
    ),
    (
        "conversation.question_set_aside",
        {"aside": {"energy": ON_THAT_DAY}},
        {"question": "energy"},
        {"aside": {"energy": None}},
    ),
    (
        "conversation.paused",
        {"conversation_state": "open"},
        {"until": DAY},
        {"conversation_state": "paused", "paused_until": ON_THAT_DAY},
    ),
    (
        "conversation.resumed",
        {},
        {},
        {"conversation_state": "open", "paused_until": None, **ANEW_FOR_THE_PARTNER},
    ),
    (
        "conversation.shared",
        {"turn": "employee"},
        {"everything": False, "questions": ["peak"], "facets": ["craft"], "direction": True},
        {"shown": ["question/impact", "question/peak", "facet/craft", "direction"], **TO_PARTNER},
    ),
    (
        "conversation.shared",
        {"turn": "employee", "state": "follow_up", "shown": []},
        {"everything": True, "direction": True},
        {"shown": ["direction"], **TO_PARTNER},
    ),
    (
        "conversation.shared",
        {"turn": "employee", "state": "planning"},
        {"everything": True},
        {"shown": ["question/impact", "everything"]},
    ),
    ("conversation.shared", {}, {"everything": False, "questions": ["impact"]}, {}),
    ("conversation.shared", {"turn": "employee"}, {"everything": False}, {}),
    ("conversation.unshared", {}, {"everything": True}, {"shown": [], **TO_EMPLOYEE}),
    (
        "conversation.unshared",
        {"state": "follow_up", "shown": ["everything"]},
        {"everything": True},
        {"shown": [], **TO_EMPLOYEE},
    ),
    (
        "conversation.unshared",
        {"shown": ["question/impact", "facet/craft", "direction"]},
        {"everything": False, "questions": ["impact"], "facets": ["craft"], "direction": True},
        {"shown": [], **TO_EMPLOYEE},
    ),
    (
        "conversation.unshared",
        {"shown": ["question/impact", "direction"]},
        {"everything": False, "questions": ["impact"]},
        {"shown": ["direction"]},
    ),
    ("conversation.unshared", {"shown": []}, {"everything": True}, {}),
    ("conversation.unshared", {"turn": "nobody"}, {"everything": True}, {"shown": []}),
    ("conversation.unshared", {"state": "planning"}, {"everything": True}, {"shown": []}),
    (
        "conversation.facet_withdrawn",
        {"shown": ["facet/craft", "direction"]},
        {"facet": "craft"},
        {"shown": ["direction"]},
    ),
    (
        "conversation.facet_withdrawn",
        {"shown": ["facet/craft"]},
        {"facet": "craft"},
        {"shown": [], **TO_EMPLOYEE},
    ),
    ("conversation.meeting_claimed", {}, {}, TO_EMPLOYEE),
    (
        "conversation.meeting_scheduled",
        {},
        {"sequence": 4, "partner": str(EVE)},
        {"meeting": Meeting(4, AT, EVE)},
    ),
    ("conversation.meeting_scheduled", {}, {"sequence": 4}, {"meeting": Meeting(4, AT)}),
    (
        "conversation.meeting_unscheduled",
        {},
        {"sequence": 4},
        {"meeting": Meeting(4, AT, BEN, cancelled=True)},
    ),
    (
        "conversation.meeting_unscheduled",
        {"meeting": None},
        {"sequence": 4},
        {"meeting": Meeting(4, AT, cancelled=True)},
    ),
    (
        "conversation.reopened",
        {},
        {},
        {"conversation_state": "open", "ended_at": None, **TO_EMPLOYEE},
    ),
    (
        "conversation.reopened",
        {"state": "follow_up"},
        {},
        {"conversation_state": "open", "ended_at": None, **TO_EMPLOYEE},
    ),
    (
        "conversation.reopened",
        {"state": "planning"},
        {},
        {"conversation_state": "open", "ended_at": None},
    ),
    ("conversation.concluded", {}, {}, {"conversation_state": "concluded", **ENDED}),
    ("conversation.declined", {}, {}, {"conversation_state": "declined", **ENDED}),
    ("conversation.closed", {}, {}, {"conversation_state": "closed", **ENDED}),
    (
        "conversation.closed",
        {"meeting": CALLED_OFF},
        {},
        {
            name: value
            for name, value in {"conversation_state": "closed", **ENDED}.items()
            if name != "meeting"
        },
    ),
    ("plan.drafted", {}, {}, {"plan_state": "draft"}),
    (
        "plan.proposed",
        {"plan_state": "draft", "turn": "employee"},
        {"by": "employee"},
        {"plan_state": "proposed", **TO_PARTNER},
    ),
    ("plan.proposed", {"turn": "employee"}, {"by": "employee"}, TO_PARTNER),
    (
        "plan.proposed",
        {"plan_state": None},
        {"by": "partner"},
        {"plan_state": "proposed", **TO_EMPLOYEE},
    ),
    ("plan.agreed", {"plan_state": "proposed"}, {"by": "partner"}, TO_EMPLOYEE),
    ("plan.changes_requested", {"plan_state": "proposed"}, {"by": "partner"}, TO_EMPLOYEE),
    (
        "plan.activated",
        {"plan_state": "proposed", "activated_at": None},
        {},
        {"plan_state": "active", "activated_at": AT, **TO_NOBODY},
    ),
    ("plan.activated", {}, {}, TO_NOBODY),
    ("plan.completed", {}, {}, {"plan_state": "completed"}),
    ("plan.closed", {"state": "developing"}, {}, {"plan_state": "closed", **TO_NOBODY}),
    ("plan.closed", {}, {}, {"plan_state": "closed"}),
    ("plan.checked_in", {"state": "developing"}, {}, TO_NOBODY),
    ("plan.checked_in", {"state": "follow_up"}, {}, {}),
    (
        "people.handover_chosen",
        {},
        {"partner": str(BEN)},
        {"handover": None},
    ),
    ("people.handover_chosen", {}, {"partner": str(EVE)}, {}),
    ("people.handover_chosen", {"handover": None}, {"partner": str(BEN)}, {}),
    ("unheard.of", {}, {}, {}),
]


def changed(before: Progress, after: Progress) -> dict[str, Any]:
    old, new = msgspec.structs.asdict(before), msgspec.structs.asdict(after)
    return {name: value for name, value in new.items() if value != old[name]}


@pytest.mark.parametrize(("topic", "otherwise", "facts", "expected"), CASES)
def test_an_event_changes_this_and_nothing_else(
    topic: str, otherwise: dict[str, Any], facts: dict[str, Any], expected: dict[str, Any]
) -> None:
    before = msgspec.structs.replace(deepcopy(BUSY), **otherwise)
    after = deepcopy(before)
    evolve(after, topic, AT, facts)
    assert changed(before, after) == expected


def test_every_kind_of_event_is_in_the_table_or_tried_with_the_clocks() -> None:
    in_the_table = {topic for topic, *_ in CASES}
    elsewhere = {
        "cycles.started", "people.registered", "people.profile_changed", "people.partner_assigned",
        "people.partner_released", "people.leave_started", "people.leave_ended", "people.hold_placed",
        "people.hold_released", "people.left", "people.erased",
    }  # fmt: skip
    assert in_the_table - {"unheard.of"} == TOPICS - elsewhere
