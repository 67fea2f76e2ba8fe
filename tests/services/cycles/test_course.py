"""What happens by itself and when: the expected dates are written down by hand."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from services.cycles.course import next_step, waiting_for
from services.cycles.fold import begin, evolve
from services.cycles.progress import Progress
from tests.examples import ANA, BEN, CYCLE, EVE

# A Monday morning in Berlin, in winter time.
START = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
TERMS: dict[str, Any] = {}
EVERYTHING: dict[str, Any] = {"everything": True}


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text + "+00:00")


def progress(*events: tuple[str, datetime, dict[str, Any]]) -> Progress:
    found = begin("acme", CYCLE, START, {"person": str(ANA)})
    evolve(found, "people.registered", START, {"timezone": "Europe/Berlin"})
    evolve(found, "people.partner_assigned", START, {"partner": str(BEN)})
    for topic, at, facts in events:
        evolve(found, topic, at, facts)
    return found


def opened(
    at: datetime = START, round_: int = 1, **terms: Any
) -> tuple[str, datetime, dict[str, Any]]:
    facts = {"round": round_, "conversation": str(BEN), "terms": terms}
    return "cycles.conversation_opened", at, facts


def due(found: Progress, now: datetime = START) -> tuple[str, datetime] | None:
    step = next_step(found, now)
    return (step.name, step.due) if step else None


CONCLUDED = ("conversation.concluded", utc("2026-03-10T10:00"), {})
PLANNING = ("cycles.planning_opened", utc("2026-03-10T10:00"), {"plan": str(EVE)})
ACTIVATED = ("plan.activated", utc("2026-08-31T10:00"), {"revision": 1})
BEGAN = (
    "cycles.development_began",
    utc("2026-08-31T10:00"),
    {"plan": str(EVE), "anchor": "2026-08-31T10:00:00+00:00"},
)


def test_a_started_cycle_opens_its_conversation_at_once() -> None:
    assert due(progress()) == ("open_conversation", START)


def test_the_first_nudge_comes_after_seven_days_at_nine_in_the_persons_zone() -> None:
    assert due(progress(opened())) == ("nudge", utc("2026-03-09T08:00"))


def test_a_nudge_that_falls_on_a_sunday_waits_for_monday() -> None:
    sunday = opened(utc("2026-03-08T12:00"))  # + 7 days is Sunday 15 March
    assert due(progress(sunday)) == ("nudge", utc("2026-03-16T08:00"))


def test_daylight_saving_keeps_nine_oclock() -> None:
    # 21 days after 9 March is 30 March, the day after the clocks went forward: 9:00 is 7:00 UTC.
    found = progress(opened(utc("2026-03-09T08:00")), ("cycles.nudged", START, {"number": 1}))
    assert due(found) == ("nudge", utc("2026-03-30T07:00"))


def test_a_policy_in_seconds_is_exact() -> None:
    found = progress(opened(answer_nudges=["PT2S", "PT4S"]))
    assert due(found) == ("nudge", START + timedelta(seconds=2))


def test_after_the_last_nudge_it_rests_as_long_after_as_lay_between_the_last_two() -> None:
    nudged = ("cycles.nudged", START, {"number": 3})
    # 45 days after 2 March is 16 April; 45 - 21 = 24 days later is Sunday 10 May, so Monday.
    assert due(progress(opened(), nudged)) == ("rest", utc("2026-05-11T07:00"))


def test_whoever_set_something_aside_gets_no_nudge_and_the_reason_is_kept() -> None:
    aside = ("conversation.question_set_aside", START, {"question": "energy"})
    step = next_step(progress(opened(), aside), START)
    assert step is not None
    assert (step.name, step.why) == ("nudge", "set_aside")


def test_an_answer_ends_the_setting_aside() -> None:
    aside = ("conversation.question_set_aside", START, {"question": "energy"})
    answered = ("conversation.answer_recorded", START, {"question": "energy"})
    step = next_step(progress(opened(), aside, answered), START)
    assert step is not None
    assert step.why is None


def test_nobody_is_laid_to_rest_before_the_day_that_they_asked_for() -> None:
    aside = (
        "conversation.question_set_aside",
        START,
        {"question": "energy", "until": "2026-09-01T07:00:00+00:00"},
    )
    nudged = ("cycles.nudged", START, {"number": 3})
    assert due(progress(opened(), aside, nudged)) == ("rest", utc("2026-09-01T07:00"))


def test_what_is_shared_is_the_partners_turn_and_the_partner_is_reminded() -> None:
    found = progress(opened(), ("conversation.shared", utc("2026-03-04T10:00"), EVERYTHING))
    assert waiting_for(found) == "partner"
    assert due(found) == ("nudge_partner", utc("2026-03-18T08:00"))


def test_after_two_reminders_hr_is_told() -> None:
    found = progress(
        opened(),
        ("conversation.shared", utc("2026-03-04T10:00"), EVERYTHING),
        ("cycles.partner_nudged", START, {"number": 2, "turn": START.isoformat()}),
    )
    # 28 days after 4 March is 1 April; 14 days later is 15 April.
    assert due(found) == ("escalate", utc("2026-04-15T07:00"))


def test_without_a_partner_it_is_the_organisations_turn() -> None:
    found = progress(
        opened(),
        ("conversation.shared", START, EVERYTHING),
        ("people.partner_released", START, {"partner": str(BEN)}),
    )
    assert waiting_for(found) == "organisation"


def test_a_claimed_meeting_hands_the_turn_back_to_the_employee() -> None:
    found = progress(
        opened(),
        ("conversation.shared", START, EVERYTHING),
        ("conversation.meeting_claimed", START, {}),
    )
    assert waiting_for(found) == "employee"


def test_a_concluded_conversation_leads_to_a_plan_at_once() -> None:
    assert due(progress(opened(), CONCLUDED)) == ("open_planning", CONCLUDED[1])


def test_a_declined_conversation_rests() -> None:
    found = progress(opened(), ("conversation.declined", START, {}))
    assert due(found) == ("rest", START)
    assert waiting_for(found) == "nobody"


def test_a_plan_that_is_not_agreed_within_sixty_days_rests() -> None:
    found = progress(opened(), CONCLUDED, PLANNING)
    # 60 days after 10 March is Saturday 9 May, so Monday 11 May.
    assert due(found) == ("rest", utc("2026-05-11T07:00"))


def test_a_closed_plan_is_a_full_outcome_and_the_cycle_is_steady() -> None:
    found = progress(opened(), CONCLUDED, PLANNING, ("plan.closed", START, {}))
    step = next_step(found, START)
    assert step is not None
    assert (step.name, step.why) == ("rest", "no_plan")


def test_an_agreed_plan_begins_its_time() -> None:
    found = progress(opened(), CONCLUDED, PLANNING, ACTIVATED)
    assert due(found) == ("begin_development", ACTIVATED[1])


def test_check_ins_come_every_three_months() -> None:
    found = progress(opened(), CONCLUDED, PLANNING, ACTIVATED, BEGAN)
    # 31 August + 3 months is 30 November, a Monday.
    assert due(found) == ("ask_check_in", utc("2026-11-30T08:00"))


def test_the_follow_up_comes_six_months_after_the_end_of_august_at_the_end_of_february() -> None:
    found = progress(
        opened(),
        CONCLUDED,
        PLANNING,
        ACTIVATED,
        BEGAN,
        ("cycles.check_in_asked", START, {"number": 1}),
    )
    # 31 August 2026 + 6 months is Sunday 28 February 2027, so Monday 1 March.
    assert due(found) == ("open_follow_up", utc("2027-03-01T08:00"))


def test_in_a_leap_year_it_is_the_twenty_ninth() -> None:
    anchor = {"plan": str(EVE), "anchor": "2027-08-31T10:00:00+00:00"}
    began = ("cycles.development_began", utc("2027-08-31T10:00"), anchor)
    asked = ("cycles.check_in_asked", START, {"number": 1})
    found = progress(opened(), CONCLUDED, PLANNING, ACTIVATED, began, asked)
    # 29 February 2028 is a Tuesday.
    assert due(found) == ("open_follow_up", utc("2028-02-29T08:00"))


def test_the_next_round_counts_from_the_anchor_and_is_never_chained() -> None:
    found = progress(
        opened(),
        CONCLUDED,
        PLANNING,
        ACTIVATED,
        BEGAN,
        ("cycles.follow_up_opened", utc("2027-03-01T08:00"), {"conversation": str(EVE)}),
        ("conversation.concluded", utc("2027-03-20T08:00"), {}),
        ("cycles.round_completed", utc("2027-03-20T08:00"), {"round": 1}),
    )
    # From 31 August 2026, twice six months: Tuesday 31 August 2027, not the end of a month of 28 days.
    assert due(found) == ("open_conversation", utc("2027-08-31T07:00"))


def test_a_follow_up_that_nobody_answers_ends_the_round_too() -> None:
    found = progress(
        opened(),
        CONCLUDED,
        PLANNING,
        ACTIVATED,
        BEGAN,
        ("cycles.follow_up_opened", utc("2027-03-01T08:00"), {"conversation": str(EVE)}),
        ("cycles.nudged", START, {"number": 3}),
    )
    # 45 days after 1 March is 15 April 2027; 24 days later is Sunday 9 May, so Monday.
    assert due(found) == ("complete_round", utc("2027-05-10T07:00"))


def test_all_clocks_stand_still_while_suspended_and_nothing_is_due() -> None:
    found = progress(opened(), ("cycles.suspended", utc("2026-03-03T08:00"), {"reason": "leave"}))
    assert due(found) is None
    assert waiting_for(found) == "nobody"


def test_after_a_suspension_every_clock_goes_on_from_where_it_stood() -> None:
    found = progress(
        opened(),
        ("cycles.suspended", utc("2026-03-03T08:00"), {"reason": "leave"}),
        ("cycles.resumed", utc("2026-04-02T08:00"), {}),  # thirty days later
    )
    # 2 March + 30 days is 1 April; + 7 days is Wednesday 8 April.
    assert due(found) == ("nudge", utc("2026-04-08T07:00"))


def test_a_suspension_with_a_day_ends_by_itself() -> None:
    facts = {"reason": "leave", "until": "2026-06-01T07:00:00+00:00"}
    found = progress(opened(), ("cycles.suspended", START, facts))
    assert due(found) == ("resume", utc("2026-06-01T07:00"))


CLOSED = ("cycles.closed", START, {"why": "opted_out"})
OVER = ("conversation.closed", START, dict[str, Any]())


@pytest.mark.parametrize(
    "left_over",
    [
        (opened(),),
        (opened(), ("conversation.paused", START, {"until": "2026-06-01T07:00:00+00:00"})),
        (opened(), CONCLUDED, PLANNING),
        (
            opened(),
            CONCLUDED,
            PLANNING,
            ("plan.proposed", START, {"by": "employee", "revision": 1}),
        ),
        (opened(), CONCLUDED, PLANNING, ACTIVATED),
    ],
)
def test_what_a_cycle_that_was_closed_by_hand_leaves_open_ends_with_it(
    left_over: tuple[Any, ...],
) -> None:
    found = progress(*left_over, CLOSED)
    assert due(found) == ("close", START if found.plan is None else found.since)
    found = progress(*left_over, CLOSED, OVER, ("plan.closed", START, {}))
    assert due(found) is None


def test_that_a_meeting_is_off_is_told_also_when_the_cycle_was_closed_before() -> None:
    meeting = {"sequence": 0, "starts_at": "2026-03-20T09:00:00+00:00", "partner": str(BEN)}
    told = {"sequence": 0, "conversation": str(BEN)}
    off = utc("2026-03-05T08:00")
    found = progress(
        opened(),
        ("conversation.meeting_scheduled", START, meeting),
        ("cycles.meeting_announced", START, told),
        ("conversation.meeting_unscheduled", off, {"sequence": 1, "by": "employee"}),
        CLOSED,
        OVER,
    )
    assert due(found) == ("announce_meeting", off)
    evolve(found, "cycles.meeting_announced", off, told | {"sequence": 1})
    assert due(found) is None


def test_a_closed_cycle_does_nothing_more() -> None:
    assert due(progress(CLOSED)) is None
    assert due(progress(opened(), CONCLUDED, CLOSED)) is None
    completed = ("plan.completed", START, dict[str, Any]())
    assert due(progress(opened(), CONCLUDED, PLANNING, completed, CLOSED)) is None


def test_coming_back_early_to_what_was_set_aside_brings_no_end_forward() -> None:
    aside = (
        "conversation.question_set_aside",
        START,
        {"question": "ideal", "until": "2026-12-01T08:00:00+00:00"},
    )
    answered = ("conversation.answer_recorded", utc("2026-05-21T10:00"), {"question": "ideal"})
    nudged = ("cycles.nudged", START, {"number": 3})
    assert due(progress(opened(), aside, nudged)) == ("rest", utc("2026-12-01T08:00"))
    assert due(progress(opened(), aside, nudged, answered)) == ("rest", utc("2026-12-01T08:00"))


def test_the_last_day_of_the_calendar_is_no_last_day() -> None:
    profile = {"timezone": "Europe/Berlin", "end_date": "9999-12-31"}
    changed = ("people.profile_changed", START, profile)
    assert due(progress(opened(), changed)) == ("nudge", utc("2026-03-09T08:00"))
    facts = {"since": "2027-01-01T00:00:00+00:00", "until": "9999-12-31T00:00:00+00:00"}
    away = ("people.leave_started", START, facts)
    assert due(progress(opened(), changed, away)) == ("nudge", utc("2026-03-09T08:00"))


def test_what_is_brought_back_while_the_cycle_rests_is_somebodys_turn() -> None:
    rested = ("cycles.rested", START, {"why": "time", "anchor": START.isoformat()})
    found = progress(opened(), rested)
    turns = [waiting_for(found)]
    for topic, facts in (
        ("conversation.reopened", {}),
        ("conversation.shared", EVERYTHING),
        ("conversation.meeting_claimed", {}),
        ("conversation.rested", {}),
    ):
        evolve(found, topic, START, facts)
        turns.append(waiting_for(found))
    assert turns == ["nobody", "employee", "partner", "employee", "nobody"]


def test_a_conversation_concluded_after_it_rested_still_leads_to_a_plan() -> None:
    rested = ("cycles.rested", START, {"why": "time", "anchor": START.isoformat()})
    found = progress(opened(), rested, CONCLUDED)
    assert due(found) == ("open_planning", CONCLUDED[1])
