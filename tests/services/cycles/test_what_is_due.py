"""The whole next step in each state: its number, its reason and how gently, beside its name and day."""

from __future__ import annotations

from typing import Any

import pytest

from services.cycles.course import next_step
from services.cycles.step import Step
from tests.examples import BEN, EVE
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

THEN = utc("2026-03-20T09:30")
NOW = utc("2026-12-01T12:00")
SHARED = ("conversation.shared", utc("2026-03-04T10:00"), EVERYTHING)
ESCALATED = ("cycles.escalated", THEN, {"turn": START.isoformat()})
RESTED = ("cycles.rested", THEN, {"why": "time", "anchor": START.isoformat()})
LET_BE = ("conversation.rested", THEN, {})
REOPENED = ("conversation.reopened", utc("2026-05-04T08:00"), {})
SHARED_AGAIN = ("conversation.shared", utc("2026-05-05T10:00"), EVERYTHING)
FOLLOW_UP = ("cycles.follow_up_opened", utc("2027-03-01T08:00"), {"conversation": str(EVE)})
PAUSED = ("conversation.paused", THEN, {"until": "2026-03-06T08:00:00+00:00"})
UNPAUSED = ("conversation.resumed", utc("2026-03-06T08:00"), {})
ANSWERED = ("conversation.answer_recorded", THEN, {"question": "energy"})
EXACT = opened(answer_nudges=["PT2S", "PT4S"], partner_nudges=["PT3S"], check_in_every="PT5S")
TO_PARTNER = ("plan.proposed", THEN, {"by": "employee", "revision": 2})
DEVELOPING = (CONCLUDED, PLANNING, ACTIVATED, BEGAN)


def ended(state: str) -> tuple[str, Any, dict[str, Any]]:
    return f"conversation.{state}", THEN, {}


def aside(how: str, until: str | None = None) -> tuple[str, Any, dict[str, Any]]:
    facts = {"until": f"{until}:00+00:00"} if until else {}
    return f"conversation.{how}", START, facts | {"question": "energy"}


def proposed(at: str, revision: int) -> tuple[str, Any, dict[str, Any]]:
    return "plan.proposed", utc(at), {"by": "employee", "revision": revision}


def nudged(number: int, whom: str = "nudged") -> tuple[str, Any, dict[str, Any]]:
    return f"cycles.{whom}", START, {"number": number, "turn": START.isoformat()}


def late(whom: str, number: int, at: str = "2026-04-08T07:00") -> tuple[str, Any, dict[str, Any]]:
    return f"cycles.{whom}", utc(at), {"number": number, "turn": START.isoformat()}


def step(name: Any, day: str, number: int = 1, why: str | None = None, gently: bool = True) -> Step:
    return Step(name, utc(day), number, why, gently=gently)


CASES: dict[str, tuple[tuple[Any, ...], Step]] = {
    "just started": ((), step("open_conversation", "2026-03-02T08:00")),
    "opened": ((opened(),), step("nudge", "2026-03-09T08:00")),
    "nudged once": ((opened(), nudged(1)), step("nudge", "2026-03-23T08:00", 2)),
    "nudged to the end": ((opened(), nudged(3)), step("rest", "2026-05-11T07:00", 1, "time")),
    "in seconds": ((EXACT,), step("nudge", "2026-03-02T08:00:02", gently=False)),
    "nudged to the end, a day apart": (
        (opened(answer_nudges=["P3D", "P4D"]), nudged(2)),  # Friday, and so Saturday: Monday
        step("rest", "2026-03-09T08:00", 1, "time"),
    ),
    "never nudged": (
        (opened(answer_nudges=[]),),
        step("rest", "2026-09-02T07:00", 1, "time"),
    ),
    "paused": ((opened(), PAUSED), step("end_pause", "2026-03-06T08:00")),
    "declined": ((opened(), ended("declined")), step("rest", "2026-03-20T09:30", 1, "declined")),
    "closed": ((opened(), ended("closed")), step("rest", "2026-03-20T09:30", 1, "closed")),
    "concluded": ((opened(), ended("concluded")), step("open_planning", "2026-03-20T09:30")),
    "shared": ((opened(), SHARED), step("nudge_partner", "2026-03-18T08:00")),
    "shared, and reminders are held": (
        (opened(), SHARED, ("cycles.nudges_held", THEN, {})),
        step("nudge_partner", "2026-03-18T08:00", 1, "held"),
    ),
    "shared, in seconds": (
        (EXACT, SHARED),
        step("nudge_partner", "2026-03-04T10:00:03", gently=False),
    ),
    "partner reminded once": (
        (opened(), SHARED, nudged(1, "partner_nudged")),
        step("nudge_partner", "2026-04-01T07:00", 2),
    ),
    "partner reminded to the end": (
        (opened(), SHARED, nudged(2, "partner_nudged")),
        step("escalate", "2026-04-15T07:00"),
    ),
    "partner reminded to the end, in seconds": (
        (EXACT, SHARED, nudged(1, "partner_nudged")),
        step("escalate", "2026-03-04T10:00:06", gently=False),
    ),
    "escalated": (
        (opened(), SHARED, nudged(2, "partner_nudged"), ESCALATED),
        step("rest", "2026-09-02T07:00", 1, "time"),
    ),
    "partner never reminded": (
        (opened(partner_nudges=[]), SHARED),
        step("rest", "2026-09-02T07:00", 1, "time"),
    ),
    "paused after sharing": (
        (opened(), SHARED, PAUSED),
        step("end_pause", "2026-03-06T08:00"),
    ),
    "paused after sharing, for longer than the partner is waited for": (
        (opened(), SHARED, nudged(2, "partner_nudged"), aside("paused", "2026-08-17T07:00")),
        step("end_pause", "2026-08-17T07:00"),
    ),
    "shared, and the pause is over": (  # 6 March + 14 days
        (opened(), SHARED, nudged(1, "partner_nudged"), PAUSED, UNPAUSED),
        step("nudge_partner", "2026-03-20T08:00"),
    ),
    "shared, and the pause after HR was told is over": (
        (opened(), SHARED, nudged(2, "partner_nudged"), ESCALATED, PAUSED, UNPAUSED),
        step("nudge_partner", "2026-03-20T08:00"),
    ),
    "shared, and something is set aside until a day": (  # 1 April + 14 days
        (opened(), SHARED, aside("question_set_aside", "2026-04-01T07:00")),
        step("nudge_partner", "2026-04-15T07:00"),
    ),
    "shared, and answered before the day until which it was set aside": (
        (opened(), SHARED, aside("question_set_aside", "2026-04-01T07:00"), ANSWERED),
        step("nudge_partner", "2026-04-15T07:00"),
    ),
    "shared after what was set aside was answered": (
        (opened(), aside("question_set_aside", "2026-04-01T07:00"), ANSWERED, SHARED),
        step("nudge_partner", "2026-03-18T08:00"),
    ),
    "reminded to the end, and something is set aside until a day": (  # 1 April + 28 + 14 days
        (
            opened(),
            SHARED,
            nudged(2, "partner_nudged"),
            aside("question_set_aside", "2026-04-01T07:00"),
        ),
        step("escalate", "2026-05-13T07:00"),
    ),
    "escalated, and something is set aside until after the cadence": (
        (opened(), SHARED, ESCALATED, aside("question_set_aside", "2027-01-15T08:00")),
        step("rest", "2027-01-15T08:00", 1, "time"),
    ),
    "shared, and something is set aside without a day": (
        (opened(), SHARED, aside("question_set_aside")),
        step("nudge_partner", "2026-03-18T08:00", 1, "set_aside"),
    ),
    "reminded to the end, and something is set aside without a day": (
        (opened(), SHARED, nudged(2, "partner_nudged"), aside("question_set_aside")),
        step("nudge_partner", "2026-04-15T07:00", 3, "set_aside"),
    ),
    "HR not told once, and something is still set aside": (
        (opened(), SHARED, nudged(3, "partner_nudge_withheld"), aside("question_set_aside")),
        step("nudge_partner", "2026-04-29T07:00", 4, "set_aside"),
    ),
    "the same with periods of seconds: a day later at least": (
        (
            opened(partner_nudges=["PT4S", "PT8S"]),
            SHARED,
            nudged(3, "partner_nudge_withheld"),
            aside("question_set_aside"),
        ),
        step("nudge_partner", "2026-03-05T10:00:12", 4, "set_aside", gently=False),
    ),
    "HR not told once, and nothing is set aside any more": (
        (
            opened(),
            SHARED,
            aside("question_set_aside"),
            nudged(3, "partner_nudge_withheld"),
            ANSWERED,
        ),
        step("escalate", "2026-04-29T07:00"),
    ),
    "planning": (
        (opened(), CONCLUDED, PLANNING),
        step("rest", "2026-05-11T07:00", 1, "plan_not_agreed"),
    ),
    "plan proposed": (
        (opened(), CONCLUDED, PLANNING, TO_PARTNER),
        step("nudge_partner", "2026-04-03T07:00"),
    ),
    "plan completed": (
        (opened(), CONCLUDED, PLANNING, ("plan.completed", THEN, {})),
        Step("rest", NOW, 1, "no_plan"),
    ),
    "plan closed": (
        (opened(), CONCLUDED, PLANNING, ("plan.closed", THEN, {})),
        Step("rest", NOW, 1, "no_plan"),
    ),
    "plan agreed": (
        (opened(), CONCLUDED, PLANNING, ACTIVATED),
        step("begin_development", "2026-08-31T10:00"),
    ),
    "developing": ((opened(), *DEVELOPING), step("ask_check_in", "2026-11-30T08:00")),
    "developing, in seconds": (
        (EXACT, *DEVELOPING),
        step("ask_check_in", "2026-08-31T10:00:05", gently=False),
    ),
    "developing, and a revision waits for the partner": (  # 1 September + 14 days
        (opened(), *DEVELOPING, proposed("2026-09-01T10:00", 2)),
        step("nudge_partner", "2026-09-15T07:00"),
    ),
    "developing, and what is in force was shown to a new partner": (
        (opened(), *DEVELOPING, proposed("2026-09-01T10:00", 1)),
        step("ask_check_in", "2026-11-30T08:00"),
    ),
    "developing, and HR was told that it waits": (
        (opened(), *DEVELOPING, TO_PARTNER, nudged(2, "partner_nudged"), ESCALATED),
        step("ask_check_in", "2026-11-30T08:00"),
    ),
    "checked in": (
        (opened(), *DEVELOPING, nudged(1, "check_in_asked")),
        step("open_follow_up", "2027-03-01T08:00"),
    ),
    "developing, and the plan is ended": (
        (opened(), *DEVELOPING, ("plan.closed", THEN, {})),
        step("open_follow_up", "2027-03-01T08:00"),
    ),
    "rested": ((opened(), RESTED), step("open_follow_up", "2026-09-02T07:00")),
    "rested, then brought back": (  # 4 May + 45 + 24 days is Sunday 12 July
        (opened(), nudged(3), RESTED, REOPENED),
        step("rest", "2026-07-13T07:00", 1, "time"),
    ),
    "rested, brought back, and left alone again": (
        (opened(), nudged(3), RESTED, REOPENED, LET_BE),
        step("open_follow_up", "2026-09-02T07:00"),
    ),
    "brought back while it was being laid to rest, and left alone again": (
        (opened(), nudged(3), LET_BE, REOPENED),
        step("rest", "2026-07-13T07:00", 1, "time"),
    ),
    "declined, then taken up after all": (
        (opened(), ended("declined"), RESTED, REOPENED),
        step("nudge", "2026-05-11T07:00"),
    ),
    "rested, brought back and shared": (  # 5 May + 14 days
        (opened(), RESTED, REOPENED, SHARED_AGAIN),
        step("nudge_partner", "2026-05-19T07:00"),
    ),
    "rested, brought back and shared, and the partner reminded to the end": (
        (opened(), RESTED, REOPENED, SHARED_AGAIN, nudged(2, "partner_nudged")),
        step("escalate", "2026-06-16T07:00"),
    ),
    "rested, brought back and shared, and HR was told": (
        (opened(), RESTED, REOPENED, SHARED_AGAIN, ESCALATED),
        step("open_follow_up", "2026-09-02T07:00"),
    ),
    "rested, brought back, and paused beyond the follow-up": (
        (opened(), RESTED, REOPENED, SHARED_AGAIN, aside("paused", "2026-12-15T08:00")),
        step("end_pause", "2026-12-15T08:00"),
    ),
    "paused while it rested, without having been brought back": (
        (opened(), RESTED, aside("paused", "2026-05-15T07:00")),
        step("end_pause", "2026-05-15T07:00"),
    ),
    "rested, brought back, and set aside beyond the follow-up": (
        (
            opened(partner_nudges=[]),
            RESTED,
            REOPENED,
            SHARED_AGAIN,
            aside("question_set_aside", "2026-12-15T08:00"),
        ),
        step("open_follow_up", "2026-12-15T08:00"),
    ),
    "concluded before a day until which something was set aside": (
        (
            opened(),
            aside("question_set_aside", "2026-12-15T08:00"),
            ANSWERED,
            ended("concluded"),
            PLANNING,
            ("plan.closed", THEN, {}),
            RESTED,
        ),
        step("open_follow_up", "2026-09-02T07:00"),
    ),
    "brought back and shared while it was being laid to rest": (  # 5 May + 14 days
        (opened(), LET_BE, REOPENED, SHARED_AGAIN, RESTED),
        step("nudge_partner", "2026-05-19T07:00"),
    ),
    "the partner's first reminder came three weeks late, as after an outage": (  # 8 April + 14 days
        (opened(), SHARED, late("partner_nudged", 1)),
        step("nudge_partner", "2026-04-22T07:00", 2),
    ),
    "the partner's last reminder came three weeks late": (  # 1 + 21 days is 22 April, + 14
        (
            opened(),
            SHARED,
            nudged(1, "partner_nudged"),
            late("partner_nudged", 2, "2026-04-22T03:00"),
        ),
        step("escalate", "2026-05-06T07:00"),
    ),
    "it came three weeks late, and then the clocks stood for ten days": (
        (
            opened(),
            SHARED,
            late("partner_nudged", 1),
            ("cycles.suspended", utc("2026-04-10T07:00"), {"reason": "by_hand"}),
            ("cycles.resumed", utc("2026-04-20T07:00"), {}),
        ),
        step("nudge_partner", "2026-05-04T07:00", 2),
    ),
    "the partner's reminder came late, where times are exact": (
        (opened(partner_nudges=["PT3S", "PT5S"]), SHARED, late("partner_nudged", 1)),
        step("nudge_partner", "2026-04-08T07:00:02", 2, gently=False),
    ),
    "rested, then concluded": (
        (opened(), RESTED, ended("concluded")),
        step("open_planning", "2026-03-20T09:30"),
    ),
    "rested, then agreed": (
        (opened(), CONCLUDED, PLANNING, RESTED, ACTIVATED),
        step("begin_development", "2026-08-31T10:00"),
    ),
    "round completed": (
        (opened(), RESTED, FOLLOW_UP, ("cycles.round_completed", NOW, {"round": 1})),
        step("open_conversation", "2027-03-02T08:00", 2),
    ),
    "round completed, and the follow-up brought back and shared": (
        (
            opened(),
            RESTED,
            ("cycles.follow_up_opened", utc("2026-09-02T07:00"), {"conversation": str(EVE)}),
            ("cycles.round_completed", utc("2026-11-10T08:00"), {"round": 1}),
            ("conversation.reopened", utc("2026-11-16T08:00"), {}),
            ("conversation.shared", utc("2026-11-17T10:00"), EVERYTHING),
        ),
        step("nudge_partner", "2026-12-01T08:00"),
    ),
    "the follow-up brought back and shared while its round was being completed": (
        (
            opened(),
            RESTED,
            ("cycles.follow_up_opened", utc("2026-04-02T07:00"), {"conversation": str(EVE)}),
            LET_BE,
            REOPENED,
            SHARED_AGAIN,
            ("cycles.round_completed", utc("2026-05-10T08:00"), {"round": 1}),
        ),
        step("nudge_partner", "2026-05-19T07:00"),
    ),
    "round completed, and in the follow-up something is set aside beyond the next round": (
        (
            opened(partner_nudges=[]),
            RESTED,
            FOLLOW_UP,
            ("cycles.round_completed", NOW, {"round": 1}),
            ("conversation.reopened", NOW, {}),
            ("conversation.shared", NOW, EVERYTHING),
            aside("question_set_aside", "2027-06-01T07:00"),
        ),
        step("open_conversation", "2027-06-01T07:00", 2),
    ),
    **{
        f"follow-up {state}": (
            (opened(), RESTED, FOLLOW_UP, ended(state)),
            step("complete_round", "2026-03-20T09:30"),
        )
        for state in ("concluded", "declined", "closed")
    },
    "follow-up shared, and the plan is changed and agreed anew": (  # 4 March + 14 days
        (
            opened(),
            *DEVELOPING,
            FOLLOW_UP,
            SHARED,
            proposed("2026-12-01T12:00", 2),
            ("plan.agreed", NOW, {"by": "partner"}),
            ("plan.activated", NOW, {"revision": 2}),
        ),
        step("nudge_partner", "2026-03-18T08:00"),
    ),
    "follow-up unanswered": (
        (opened(), RESTED, FOLLOW_UP, nudged(3)),
        step("complete_round", "2027-05-10T07:00", 1, "time"),
    ),
    "follow-up paused after sharing": (
        (opened(), RESTED, FOLLOW_UP, SHARED, aside("paused", "2027-04-15T07:00")),
        step("end_pause", "2027-04-15T07:00"),
    ),
    "follow-up shared and escalated": (
        (opened(), RESTED, FOLLOW_UP, SHARED, ESCALATED),
        step("complete_round", "2027-09-01T07:00", 1, "time"),
    ),
}


@pytest.mark.parametrize(("events", "wanted"), CASES.values(), ids=CASES.keys())
def test_what_is_due(events: tuple[Any, ...], wanted: Step) -> None:
    assert next_step(progress(*events), NOW) == wanted


def test_who_finds_somebody_to_talk_with_at_the_last_moment_is_not_suspended() -> None:
    released = ("people.partner_released", START, {"partner": str(BEN)})
    found = ("people.partner_assigned", utc("2026-03-02T09:00"), {"partner": str(BEN)})
    within_an_hour = opened(partner_wanted_after="PT1H")
    chosen = (
        "people.handover_chosen",
        utc("2026-03-02T09:00"),
        {"partner": str(BEN), "choice": "plan"},
    )
    due = next_step(progress(within_an_hour, released, found, chosen), NOW)
    assert due == step("nudge", "2026-03-09T08:00")
