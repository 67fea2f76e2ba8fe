"""Whether a mail that had to wait still says what is so, by where its cycle stands when it is sent."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest

from services.cycles.notices import Notice, is_outdated
from services.cycles.progress import Progress
from tests.examples import BEN, CYCLE, EVE
from tests.services.cycles.test_course import (
    ACTIVATED,
    BEGAN,
    CONCLUDED,
    EVERYTHING,
    PLANNING,
    START,
    opened,
    progress,
    utc,
)

Happened = tuple[str, Any, dict[str, Any]]

MONDAY, TUESDAY, WEDNESDAY = (utc(f"2026-09-0{day}T09:00") for day in (7, 8, 9))
SHARED: Happened = ("conversation.shared", START, EVERYTHING)
DEVELOPING: list[Happened] = [CONCLUDED, PLANNING, ACTIVATED, BEGAN]
CHECK_IN: Happened = ("cycles.check_in_asked", MONDAY, {"number": 1})
ALONE: list[Happened] = [
    ("people.partner_released", START, {}),
    ("cycles.suspended", MONDAY, {"reason": "no_partner", "since": str(MONDAY), "own": True}),
]
ASKED: Happened = ("cycles.handover_asked", MONDAY, {"partner": str(EVE)})
FACTS = {
    "conversation_opened": {"conversation": str(BEN)},
    "nudged": {"conversation": str(BEN), "number": 1},
    "partner_nudged": {"turn": START.isoformat(), "number": 1},
    "escalated": {"turn": START.isoformat()},
    "check_in_asked": {"number": 1},
    "handover_asked": {"partner": str(EVE), "named_at": START.isoformat()},
}
BEFORE: dict[str, list[Happened]] = {
    "partner_nudged": [SHARED],
    "escalated": [SHARED, ("cycles.escalated", MONDAY, {"turn": START.isoformat()})],
    "suspended": ALONE,
    "check_in_asked": [*DEVELOPING, CHECK_IN],
    "handover_asked": [("people.partner_assigned", START, {"partner": str(EVE)}), ASKED],
}


def outdated(kind: str, *meanwhile: Happened, change: Any = None) -> bool:
    """Whether a mail of Monday is, on Wednesday, after what happened on Tuesday."""
    found: Progress = progress(opened(), *BEFORE.get(kind, ()), *meanwhile)
    if change:
        change(found)
    notice = Notice(UUID(int=1), kind, "employee", MONDAY, FACTS.get(kind, {}))
    return is_outdated(found, notice, WEDNESDAY)


def on_tuesday(topic: str, **facts: Any) -> Happened:
    return topic, TUESDAY, facts


HELD = on_tuesday("cycles.nudges_held")
BY_HAND = on_tuesday("cycles.suspended", reason="by_hand")
ON_HOLD = on_tuesday("cycles.suspended", reason="hold", own=True)
ASIDE = on_tuesday("conversation.question_set_aside", question="energy")
BACK = on_tuesday("conversation.answer_recorded", question="energy")
PAUSED = on_tuesday("conversation.paused", until="2026-10-01T08:00:00+00:00")
UNPAUSED = on_tuesday("conversation.resumed")
RESUMED = on_tuesday("cycles.resumed")
ENDED = on_tuesday("conversation.concluded")
DECLINED = on_tuesday("conversation.declined")
SHARED_NOW = on_tuesday("conversation.shared", everything=True)
UNSHARED = on_tuesday("conversation.unshared", everything=True)
CLAIMED = on_tuesday("conversation.meeting_claimed")
TO_EVE = on_tuesday("people.partner_assigned", partner=str(EVE))
TO_BEN = on_tuesday("people.partner_assigned", partner=str(BEN))
RELEASED = on_tuesday("people.partner_released")
CHOSEN = on_tuesday("people.handover_chosen", partner=str(EVE), choice="nothing")
CHECKED_IN = on_tuesday("plan.checked_in")
CHANGE = on_tuesday("plan.proposed", by="employee", revision=2)
CLOSED = on_tuesday("cycles.closed", why="by_hand")
FOLLOW_UP = on_tuesday("cycles.follow_up_opened", conversation=str(CYCLE))
ANOTHER = on_tuesday("cycles.check_in_asked", number=2)


@pytest.mark.parametrize("kind", ["conversation_opened", *BEFORE, "nudged"])
def test_with_nothing_else_happening_every_mail_goes_out(kind: str) -> None:
    assert not outdated(kind)


@pytest.mark.parametrize(
    ("kind", "meanwhile"),
    [
        ("nudged", [BACK]),
        ("nudged", [ASIDE, BACK]),
        ("nudged", [BY_HAND, RESUMED]),
        ("nudged", [TO_EVE]),
        ("conversation_opened", [PAUSED]),
        ("conversation_opened", [SHARED_NOW]),
        ("partner_nudged", [SHARED_NOW]),
        ("partner_nudged", [BY_HAND, RESUMED]),
        ("escalated", [HELD]),
        ("escalated", [ASIDE]),
        ("escalated", [BY_HAND, RESUMED]),
        ("escalated", [("cycles.suspended", START, {"reason": "by_hand"}), RESUMED]),
        ("escalated", [SHARED_NOW]),
        ("check_in_asked", [CHANGE]),
        ("check_in_asked", [CHANGE, on_tuesday("plan.activated", revision=2)]),
        ("meeting_announced", [ENDED]),
        ("closed", [CLOSED]),
    ],
)
def test_it_goes_out_where_what_it_says_is_still_so(kind: str, meanwhile: list[Happened]) -> None:
    assert not outdated(kind, *meanwhile)


@pytest.mark.parametrize(
    ("kind", "meanwhile"),
    [
        ("conversation_opened", [DECLINED]),
        ("conversation_opened", [CLOSED]),
        ("conversation_opened", [*DEVELOPING, FOLLOW_UP]),
        ("nudged", [PAUSED]),
        ("nudged", [PAUSED, UNPAUSED]),
        ("nudged", [ASIDE]),
        ("nudged", [HELD]),
        ("nudged", [BY_HAND]),
        ("nudged", [ON_HOLD]),
        ("nudged", [SHARED_NOW]),
        ("nudged", [SHARED_NOW, UNSHARED]),
        ("nudged", [ENDED]),
        ("nudged", [*DEVELOPING, FOLLOW_UP]),
        ("nudged", [CLOSED]),
        ("partner_nudged", [TO_EVE]),
        ("partner_nudged", [TO_EVE, SHARED_NOW]),
        ("partner_nudged", [TO_EVE, TO_BEN, SHARED_NOW]),
        ("partner_nudged", [RELEASED]),
        ("partner_nudged", [UNSHARED]),
        ("partner_nudged", [CLAIMED]),
        ("partner_nudged", [PAUSED]),
        ("partner_nudged", [ASIDE]),
        ("partner_nudged", [HELD]),
        ("partner_nudged", [BY_HAND]),
        ("partner_nudged", [ENDED]),
        ("escalated", [TO_EVE]),
        ("escalated", [CLAIMED]),
        ("escalated", [BY_HAND]),
        ("escalated", [PAUSED]),
        ("escalated", [RELEASED]),
        ("escalated", [UNSHARED, SHARED_NOW]),
        ("escalated", [ENDED]),
        ("escalated", [CLOSED]),
        ("suspended", [TO_EVE]),
        ("suspended", [on_tuesday("cycles.resumed", reason="no_partner")]),
        ("suspended", [CLOSED]),
        ("check_in_asked", [CHECKED_IN]),
        ("check_in_asked", [CHANGE, CHECKED_IN]),
        ("check_in_asked", [ANOTHER]),
        ("check_in_asked", [on_tuesday("plan.closed")]),
        ("check_in_asked", [BY_HAND]),
        ("check_in_asked", [FOLLOW_UP]),
        ("handover_asked", [CHOSEN]),
        ("handover_asked", [TO_BEN]),
        ("handover_asked", [TO_BEN, TO_EVE]),
        ("handover_asked", [RELEASED]),
        ("handover_asked", [CLOSED]),
    ],
)
def test_what_is_settled_or_somebody_elses_or_withheld_by_now_stays_unsent(
    kind: str, meanwhile: list[Happened]
) -> None:
    assert outdated(kind, *meanwhile)


def test_a_whole_tenants_reminders_are_held_at_once() -> None:
    def hold(p: Progress) -> None:
        p.tenant_holds_nudges = True

    assert outdated("nudged", change=hold)
    assert outdated("partner_nudged", change=hold)
    assert not outdated("escalated", change=hold)
