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
    called_off=[Meeting(6, BEFORE, EVE, cancelled=True)],
    announced=3,
    nudges=2,
    partner_nudges=2,
    partner_nudged_at=BEFORE,
    escalated=True,
    shown_to={"question/impact": [BEN]},
    partner_asked=True,
    came_back=True,
    plans=[FIRST],
    plan_state="active",
    plan_with="partner",
    in_force=1,
    proposed_to=[BEN],
    planning_at=BEFORE,
    activated_at=BEFORE,
    check_ins=2,
    checked_in=1,
    anchor=BEFORE,
    partner=BEN,
    partner_at=BEFORE,
    last_partner=BEN,
    handover=Handover(BEN, BEFORE, BEFORE),
)
"""A cycle of which everything that an event may set anew has been set before."""

TO_EMPLOYEE, TO_PARTNER, TO_NOBODY = (
    {
        "turn": turn,
        "since": AT,
        "asked_until": None,
        "partner_nudges": 0,
        "partner_nudged_at": None,
        "escalated": False,
    }
    for turn in ("employee", "partner", "nobody")
)
BACK = {"partner_asked": False, **TO_EMPLOYEE}
THEIR_TIME = {key: value for key, value in BACK.items() if key != "turn"}
PLAN_TO_EMPLOYEE = {"plan_with": "employee", **TO_EMPLOYEE}
ANEW_FOR_THE_PARTNER = {key: value for key, value in TO_PARTNER.items() if key != "turn"}
ANEW: dict[str, Any] = {
    "conversations": [FIRST, NEXT],
    "opened_at": AT,
    "conversation_state": "open",
    "ended_at": None,
    "paused_until": None,
    "meeting": None,
    "called_off": [],
    "announced": -1,
    "aside": {},
    "not_before": None,
    "shown_to": {},
    "came_back": False,
    "nudges": 0,
    **BACK,
}
NEW_ROUND: dict[str, Any] = {
    "round": 2,
    "terms": Terms(cadence="P1Y"),
    "anchor": None,
    "plan_state": None,
    "plan_with": None,
    "in_force": None,
    "proposed_to": [],
    "planning_at": None,
    "activated_at": None,
    "check_ins": 0,
    "checked_in": 0,
    **ANEW,
}
RESTS = {"state": "steady", "turn": "nobody"}
QUIET = {"came_back": False}
REOPENED = {
    "conversation_state": "open",
    "ended_at": None,
    "paused_until": None,
    "came_back": True,
}
REMINDED = {"partner_nudges": 1, "partner_nudged_at": AT}
OF_THEN = {"turn": BEFORE.isoformat()}
REVISED = {"plan_with": None, "in_force": 2}
PROPOSED = {"state": "planning", "plan_state": "proposed"}
ELSEWHERE = {"turn": "employee", "shown_to": {"question/impact": [EVE]}}
ALONE = {"partner": None, "partner_at": AT, "handover": None, "alone": Interval(AT)}
UNREAD = PROPOSED | {"proposed_to": [EVE]}
OUTLINE, ALL_OF_IT = (
    {"partner": str(BEN), "choice": choice} for choice in ("plan", "plan_and_answers")
)
NEW_PARTNER = {
    "partner": EVE,
    "partner_at": AT,
    "last_partner": EVE,
    "handover": Handover(EVE, AT, AT),
}
CALLED_OFF = Meeting(4, BEFORE, BEN, cancelled=True)
ENDED = {
    "ended_at": AT,
    "aside": {},
    "paused_until": None,
    "meeting": None,
    "partner_asked": False,
    "came_back": False,
    **TO_NOBODY,
}
OPENS = {"round": 2, "conversation": str(NEXT), "terms": {"cadence": "P1Y"}}
OWN_TURN = {key: value for key, value in ANEW.items() if key != "turn"}

Case = tuple[str, dict[str, Any], dict[str, Any], dict[str, Any]]
"""A kind of event, what is different from `BUSY` before it, its facts, and what it changes."""

CASES: list[Case] = [
    (
        "cycles.conversation_opened",
        {"state": "steady", "handed": ["direction"]},
        OPENS,
        {"state": "conversation", "handed": [], **NEW_ROUND},
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
    ("cycles.partner_nudged", {}, {"number": 1, **OF_THEN}, REMINDED),
    (
        "cycles.partner_nudged",
        {},
        {"number": 1, "turn": AT.isoformat()},
        REMINDED | {"since": AT},
    ),
    ("cycles.partner_nudge_withheld", {}, {"number": 1, **OF_THEN}, REMINDED),
    ("cycles.escalated", {"escalated": False}, OF_THEN, {"escalated": True}),
    (
        "cycles.escalated",
        {"escalated": False},
        {"turn": AT.isoformat()},
        {"escalated": True, "since": AT},
    ),
    ("cycles.nudges_held", {}, {}, {"nudges_held": True}),
    ("cycles.nudges_released", {"nudges_held": True}, {}, {"nudges_held": False}),
    (
        "cycles.planning_opened",
        {},
        {"plan": str(NEXT)},
        {"state": "planning", "plans": [FIRST, NEXT], "planning_at": AT},
    ),
    (
        "cycles.planning_opened",
        {"plan_with": None},
        {"plan": str(NEXT)},
        {"state": "planning", "plans": [FIRST, NEXT], "planning_at": AT, **TO_EMPLOYEE},
    ),
    (
        "cycles.planning_opened",
        {"plan_state": None, "plan_with": None, "turn": "employee"},
        {"plan": str(NEXT)},
        {"state": "planning", "plans": [FIRST, NEXT], "plan_state": "draft", "planning_at": AT},
    ),
    (
        "cycles.development_began",
        {},
        {"anchor": DAY},
        {"state": "developing", "anchor": ON_THAT_DAY},
    ),
    (
        "cycles.development_began",
        {"plan_with": None},
        {"anchor": DAY},
        {"state": "developing", "anchor": ON_THAT_DAY, **TO_NOBODY},
    ),
    ("cycles.check_in_asked", {"state": "developing"}, {"number": 3}, {"check_ins": 3}),
    (
        "cycles.check_in_asked",
        {"state": "developing", "plan_with": None},
        {"number": 3},
        {"check_ins": 3, **TO_EMPLOYEE},
    ),
    ("cycles.meeting_announced", {}, {"conversation": str(FIRST), "sequence": 4}, {"announced": 4}),
    ("cycles.meeting_announced", {}, {"conversation": str(NEXT), "sequence": 4}, {}),
    (
        "cycles.meeting_announced",
        {"called_off": [CALLED_OFF, *BUSY.called_off]},
        {"conversation": str(FIRST), "sequence": 4},
        {"announced": 4, "called_off": BUSY.called_off},
    ),
    (
        "cycles.handover_asked",
        {},
        {"partner": str(BEN)},
        {"handover": Handover(BEN, BEFORE, AT, asked=True)},
    ),
    ("cycles.handover_asked", {}, {"partner": str(EVE)}, {}),
    ("cycles.handover_asked", {"handover": None}, {"partner": str(BEN)}, {}),
    (
        "cycles.rested",
        QUIET,
        {"anchor": DAY},
        {"state": "steady", "anchor": ON_THAT_DAY, **TO_NOBODY},
    ),
    ("cycles.rested", {}, {"anchor": DAY}, {"state": "steady", "anchor": ON_THAT_DAY}),
    (
        "cycles.round_completed",
        QUIET,
        {"round": 1},
        {"state": "steady", "completed": 1, **TO_NOBODY},
    ),
    ("cycles.round_completed", {}, {"round": 1}, {"state": "steady", "completed": 1}),
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
        {"shown_to": {}, **BACK},
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
        "conversation.resumed",
        RESTS,
        {},
        {"conversation_state": "open", "paused_until": None, **TO_EMPLOYEE},
    ),
    ("conversation.rested", {}, {}, QUIET),
    ("conversation.rested", {"state": "steady"}, {}, QUIET | TO_NOBODY),
    ("conversation.rested", RESTS | QUIET, {}, {}),
    (
        "conversation.shared",
        RESTS | {"partner_asked": False, "turn": "employee"},
        {"everything": False, "questions": ["impact"]},
        {"partner_asked": True, **TO_PARTNER},
    ),
    (
        "conversation.shared",
        {"conversation_state": "concluded", **RESTS},
        {"everything": False, "questions": ["impact"]},
        {},
    ),
    ("conversation.unshared", {"state": "steady"}, {"everything": True}, {"shown_to": {}, **BACK}),
    (
        "conversation.shared",
        {"turn": "employee"},
        {"everything": False, "questions": ["peak"], "facets": ["craft"], "direction": True},
        {
            "shown_to": {
                "question/impact": [BEN],
                "question/peak": [BEN],
                "facet/craft": [BEN],
                "direction": [BEN],
            },
            **TO_PARTNER,
        },
    ),
    (
        "conversation.shared",
        {"turn": "employee", "state": "follow_up", "shown_to": {}},
        {"everything": True, "direction": True},
        {"shown_to": {"direction": [BEN]}, **TO_PARTNER},
    ),
    (
        "conversation.shared",
        {"turn": "employee", "state": "planning"},
        {"everything": True},
        {"shown_to": {"question/impact": [BEN], "everything": [BEN]}},
    ),
    ("conversation.shared", {}, {"everything": False, "questions": ["impact"]}, {}),
    ("conversation.shared", {"turn": "employee"}, {"everything": False}, {}),
    ("conversation.unshared", {}, {"everything": True}, {"shown_to": {}, **BACK}),
    (
        "conversation.unshared",
        {"state": "follow_up", "shown_to": {"everything": [BEN]}},
        {"everything": True},
        {"shown_to": {}, **BACK},
    ),
    (
        "conversation.unshared",
        {"shown_to": {"question/impact": [BEN], "facet/craft": [BEN], "direction": [BEN]}},
        {"everything": False, "questions": ["impact"], "facets": ["craft"], "direction": True},
        {"shown_to": {}, **BACK},
    ),
    (
        "conversation.unshared",
        {"shown_to": {"question/impact": [BEN], "direction": [BEN]}},
        {"everything": False, "questions": ["impact"]},
        {"shown_to": {"direction": [BEN]}},
    ),
    ("conversation.unshared", {"shown_to": {}}, {"everything": True}, {}),
    ("conversation.unshared", {"turn": "nobody"}, {"everything": True}, {"shown_to": {}}),
    ("conversation.unshared", {"state": "planning"}, {"everything": True}, {"shown_to": {}}),
    (
        "conversation.facet_withdrawn",
        {"shown_to": {"facet/craft": [BEN], "direction": [BEN]}},
        {"facet": "craft"},
        {"shown_to": {"direction": [BEN]}},
    ),
    (
        "conversation.facet_withdrawn",
        {"shown_to": {"facet/craft": [BEN]}},
        {"facet": "craft"},
        {"shown_to": {}, **BACK},
    ),
    ("conversation.meeting_claimed", {}, {}, BACK),
    ("conversation.meeting_claimed", {"state": "steady"}, {}, BACK),
    ("conversation.meeting_claimed", RESTS, {}, {}),
    (
        "conversation.meeting_scheduled",
        {},
        {"sequence": 4, "partner": str(EVE), "starts_at": DAY},
        {"meeting": Meeting(4, AT, EVE, starts_at=ON_THAT_DAY)},
    ),
    (
        "conversation.meeting_scheduled",
        {},
        {"sequence": 4, "starts_at": DAY},
        {"meeting": Meeting(4, AT, starts_at=ON_THAT_DAY)},
    ),
    (
        "conversation.meeting_scheduled",
        {"meeting": CALLED_OFF},
        {"sequence": 5, "partner": str(BEN), "starts_at": DAY},
        {"meeting": Meeting(5, AT, BEN, starts_at=ON_THAT_DAY)},
    ),
    (
        "conversation.meeting_scheduled",
        {"meeting": CALLED_OFF},
        {"sequence": 5, "partner": str(EVE), "starts_at": DAY},
        {
            "meeting": Meeting(5, AT, EVE, starts_at=ON_THAT_DAY),
            "called_off": [*BUSY.called_off, CALLED_OFF],
        },
    ),
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
    ("conversation.reopened", QUIET, {}, {**REOPENED, **BACK}),
    ("conversation.reopened", {"state": "follow_up"} | QUIET, {}, {**REOPENED, **BACK}),
    ("conversation.reopened", RESTS | QUIET, {}, {**REOPENED, **BACK}),
    ("conversation.reopened", {"turn": "employee"} | QUIET, {}, {**REOPENED, **THEIR_TIME}),
    ("conversation.reopened", {"state": "planning"} | QUIET, {}, REOPENED),
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
        {"state": "planning", "plan_state": "draft", "turn": "employee", "in_force": None},
        {"by": "employee", "revision": 1},
        {"plan_state": "proposed", **TO_PARTNER},
    ),
    (
        "plan.proposed",
        {"state": "developing", "turn": "employee"},
        {"by": "employee", "revision": 2},
        TO_PARTNER,
    ),
    (
        "plan.proposed",
        {"state": "developing", "turn": "employee"},
        {"by": "employee", "revision": 1},
        {},
    ),
    (
        "plan.proposed",
        {"state": "follow_up", "turn": "employee"},
        {"by": "employee", "revision": 2},
        {},
    ),
    (
        "plan.proposed",
        {"state": "planning", "plan_state": None},
        {"by": "partner", "revision": 2},
        {"plan_state": "proposed", **PLAN_TO_EMPLOYEE},
    ),
    ("plan.agreed", PROPOSED, {"by": "partner"}, PLAN_TO_EMPLOYEE),
    ("plan.agreed", {"state": "follow_up"}, {"by": "partner"}, {"plan_with": "employee"}),
    ("plan.changes_requested", PROPOSED, {"by": "partner"}, PLAN_TO_EMPLOYEE),
    (
        "plan.changes_requested",
        {"state": "follow_up"},
        {"by": "partner"},
        {"plan_with": "employee"},
    ),
    (
        "plan.activated",
        PROPOSED | {"activated_at": None},
        {"revision": 2},
        {"plan_state": "active", "activated_at": AT, **REVISED, **TO_NOBODY},
    ),
    ("plan.activated", {"state": "developing"}, {"revision": 2}, {**REVISED, **TO_EMPLOYEE}),
    (
        "plan.activated",
        {"state": "developing", "checked_in": 2},
        {"revision": 2},
        {**REVISED, **TO_NOBODY},
    ),
    ("plan.activated", {"state": "follow_up"}, {"revision": 2}, REVISED),
    ("plan.completed", {}, {}, {"plan_state": "completed", "plan_with": None}),
    (
        "plan.closed",
        {"state": "developing"},
        {},
        {"plan_state": "closed", "plan_with": None, **TO_NOBODY},
    ),
    ("plan.closed", {}, {}, {"plan_state": "closed", "plan_with": None}),
    (
        "plan.checked_in",
        {"state": "developing", "plan_with": None},
        {},
        {"checked_in": 2, **TO_NOBODY},
    ),
    (
        "plan.checked_in",
        {"state": "developing", "turn": "employee"},
        {},
        {"checked_in": 2, **TO_PARTNER},
    ),
    (
        "plan.checked_in",
        {"state": "developing", "plan_with": "employee"},
        {},
        {"checked_in": 2, **TO_EMPLOYEE},
    ),
    ("plan.checked_in", {"state": "follow_up"}, {}, {}),
    (
        "plan.proposed",
        {"state": "developing", "proposed_to": [EVE]},
        {"by": "employee", "revision": 1},
        {"proposed_to": [EVE, BEN]},
    ),
    (
        "plan.proposed",
        PROPOSED | {"proposed_to": [EVE]},
        {"by": "partner", "revision": 2},
        PLAN_TO_EMPLOYEE,
    ),
    ("plan.changes_requested", UNREAD, {"by": "employee"}, TO_EMPLOYEE),
    ("people.handover_chosen", {}, OUTLINE, {"handover": None}),
    ("people.handover_chosen", {}, OUTLINE | {"partner": str(EVE)}, {}),
    ("people.handover_chosen", {"handover": None}, OUTLINE, {}),
    (
        "people.handover_chosen",
        UNREAD | {"turn": "employee"},
        ALL_OF_IT,
        {"handover": None, "plan_handed": True, **TO_PARTNER},
    ),
    (
        "people.handover_chosen",
        UNREAD | {"plan_handed": True, "state": "developing"},
        OUTLINE,
        {"handover": None, "plan_handed": False, **TO_EMPLOYEE},
    ),
    (
        "people.handover_chosen",
        UNREAD | {"state": "follow_up"},
        OUTLINE,
        {"handover": None},
    ),
    (
        "people.handover_chosen",
        UNREAD | {"plan_with": None},
        OUTLINE,
        {"handover": None},
    ),
    (
        "people.partner_assigned",
        PROPOSED,
        {"partner": str(EVE)},
        {**NEW_PARTNER, **TO_EMPLOYEE},
    ),
    (
        "people.partner_assigned",
        {},
        {"partner": str(EVE)},
        {**NEW_PARTNER, **TO_EMPLOYEE},
    ),
    (
        "people.partner_assigned",
        {"shown_to": {"direction": [None]}, "handed": ["direction"], "partner": None},
        {"partner": str(EVE)},
        {
            **NEW_PARTNER,
            "shown_to": {"direction": [EVE]},
            "handed": [],
            **ANEW_FOR_THE_PARTNER,
        },
    ),
    (
        "people.partner_assigned",
        {"partner_asked": False, "turn": "employee", "state": "follow_up"},
        {"partner": str(EVE)},
        NEW_PARTNER,
    ),
    ("people.partner_assigned", RESTS, {"partner": str(EVE)}, NEW_PARTNER),
    (
        "people.partner_assigned",
        {"state": "steady"},
        {"partner": str(EVE)},
        {**NEW_PARTNER, **TO_EMPLOYEE},
    ),
    ("people.partner_released", ELSEWHERE, {"partner": str(BEN)}, {**ALONE, **TO_PARTNER}),
    ("people.partner_released", {}, {"partner": str(BEN)}, ALONE),
    (
        "people.partner_released",
        UNREAD | {"turn": "employee", "partner_asked": False},
        {"partner": str(BEN)},
        {**ALONE, **TO_PARTNER},
    ),
    (
        "people.handover_chosen",
        ELSEWHERE,
        ALL_OF_IT | {"answers": [f"{FIRST}/direction", f"{NEXT}/direction"]},
        {"handover": None, "plan_handed": True, "handed": ["direction"], **TO_PARTNER},
    ),
    (
        "people.handover_chosen",
        ELSEWHERE,
        ALL_OF_IT | {"answers": [f"{NEXT}/direction"]},
        {"handover": None, "plan_handed": True},
    ),
    (
        "people.handover_chosen",
        {"handed": ["direction"], "shown_to": {"direction": [EVE]}},
        OUTLINE,
        {"handover": None, "handed": [], **TO_EMPLOYEE},
    ),
    (
        "conversation.shared",
        ELSEWHERE,
        {"everything": False, "questions": ["impact"]},
        {"shown_to": {"question/impact": [EVE, BEN]}, **TO_PARTNER},
    ),
    (
        "conversation.unshared",
        {"handed": ["direction"], "shown_to": {"facet/craft": [EVE], "direction": [EVE]}},
        {"everything": False, "direction": True},
        {"handed": [], "shown_to": {"facet/craft": [EVE]}, **BACK},
    ),
    (
        "conversation.unshared",
        {"handed": ["direction"]},
        {"everything": True},
        {"handed": [], "shown_to": {}, **BACK},
    ),
    (
        "people.partner_assigned",
        PROPOSED | {"proposed_to": [EVE], "plan_handed": True, "turn": "employee"},
        {"partner": str(EVE)},
        {**NEW_PARTNER, "plan_handed": False, **TO_PARTNER},
    ),
    (
        "people.partner_assigned",
        PROPOSED | {"proposed_to": [None], "partner": None},
        {"partner": str(EVE)},
        {**NEW_PARTNER, "proposed_to": [EVE], **ANEW_FOR_THE_PARTNER},
    ),
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
        "cycles.started", "people.registered", "people.profile_changed", "people.leave_started",
        "people.leave_ended", "people.hold_placed", "people.hold_released", "people.left",
        "people.erased",
    }  # fmt: skip
    assert in_the_table - {"unheard.of"} == TOPICS - elsewhere
