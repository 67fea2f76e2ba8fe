"""What a cycle's standing says: whose turn it is, who asked for time, when clocks stand."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from services.cycles.course import NOBODY, ORGANISATION, next_step, untold_step, waiting_for
from services.cycles.fold import evolve
from services.cycles.progress import Progress
from shared.intervals import Interval
from tests.examples import ANA, BEN, EVE
from tests.services.cycles.test_clocks import step
from tests.services.cycles.test_course import (
    ACTIVATED,
    BEGAN,
    CONCLUDED,
    EVERYTHING,
    PLANNING,
    START,
    due,
    opened,
    progress,
    utc,
)

LATER = "2026-04-01T08:00:00+00:00"
SHARED = ("conversation.shared", START, EVERYTHING)


Happened = tuple[str, datetime, dict[str, Any]]


def scheduled(sequence: int, partner: UUID = BEN) -> Happened:
    facts = {"sequence": sequence, "partner": str(partner), "starts_at": LATER}
    return "conversation.meeting_scheduled", utc("2026-03-03T08:00"), facts


def told(sequence: int) -> Happened:
    facts = {"sequence": sequence, "conversation": str(BEN)}
    return "cycles.meeting_announced", START, facts


def stopped(reason: str) -> Happened:
    return "cycles.suspended", START, {"reason": reason, "since": START.isoformat(), "own": True}


def aside(until: str | None) -> Happened:
    return "conversation.question_set_aside", START, {"question": "energy", "until": until}


def paused(until: str) -> Happened:
    return "conversation.paused", START, {"until": until}


def test_the_conversation_and_the_plan_at_hand_are_the_newest() -> None:
    assert progress().conversation is None
    found = progress(opened(), ("cycles.conversation_opened", START, opened_facts(str(EVE))))
    assert found.conversation == EVE
    assert found.plan is None
    evolve(found, *CONCLUDED)
    evolve(found, *PLANNING)
    assert found.plan == EVE
    evolve(found, "cycles.planning_opened", START, {"plan": str(BEN)})
    assert found.plan == BEN


def opened_facts(conversation: str) -> dict[str, Any]:
    return {"round": 2, "conversation": conversation, "terms": {}}


@pytest.mark.parametrize(
    ("happened", "now", "asked"),
    [
        (aside(None), "2027-01-01T08:00", "set_aside"),
        (aside(LATER), "2026-04-01T07:59", "set_aside"),
        (aside(LATER), "2026-04-01T08:00", None),
        (paused(LATER), "2026-04-01T07:59", "paused"),
        (paused(LATER), "2026-04-01T08:00", None),
        (opened(), "2026-03-02T08:00", None),
    ],
)
def test_time_that_was_asked_for_is_over_on_its_day(
    happened: Happened, now: str, asked: str | None
) -> None:
    found = progress(opened(), happened)
    assert found.asked_for_time(utc(now)) == asked
    assert found.withheld(utc(now)) == asked


def test_it_rests_until_the_latest_day_that_was_asked_for() -> None:
    found = progress(opened(), aside(LATER), paused("2026-03-20T08:00:00+00:00"))
    assert found.resting_until(utc("2026-04-01T07:59")) == utc("2026-04-01T08:00")
    assert found.resting_until(utc("2026-04-01T08:00")) is None


def test_the_same_ones_turn_again_starts_no_reminders_anew_and_anothers_does() -> None:
    found = progress(opened(), SHARED)
    found.partner_nudges, found.escalated = 2, True
    found.hand("partner", utc("2026-03-05T08:00"))
    assert (found.since, found.partner_nudges, found.escalated) == (START, 2, True)
    found.hand("employee", utc("2026-03-05T08:00"))
    assert (found.since, found.partner_nudges, found.escalated) == (
        utc("2026-03-05T08:00"),
        0,
        False,
    )


def test_a_leave_whose_grace_ends_as_the_cycle_begins_is_none_of_its_business() -> None:
    leave = ("people.leave_started", START, leave_until(START - timedelta(days=14)))
    assert progress(leave).away() is None


def test_a_leave_that_begins_as_the_grace_of_another_ends_is_one_absence_with_it() -> None:
    first = leave_until(utc("2026-05-20T08:00"))
    grace_ends = utc("2026-06-03T07:00")  # nine in the morning where they are
    second = leave_until(grace_ends + timedelta(days=30))
    leaves = [("people.leave_started", START, facts) for facts in (first, second)]
    found = progress(opened(), *leaves).away()
    assert found == Interval(utc("2026-04-20T08:00"), utc("2026-07-17T07:00"))


def leave_until(until: datetime) -> dict[str, Any]:
    return {"since": (until - timedelta(days=30)).isoformat(), "until": until.isoformat()}


@pytest.mark.parametrize(
    ("reasons", "whose"),
    [
        ({"no_partner"}, ORGANISATION),
        ({"feed_stopped"}, ORGANISATION),
        ({"no_partner", "feed_stopped"}, ORGANISATION),
        ({"no_partner", "leave"}, NOBODY),
    ],
)
def test_while_the_clocks_stand_it_is_the_organisations_turn_where_it_can_mend_that(
    reasons: set[str], whose: str
) -> None:
    found = progress(opened())
    for reason in sorted(reasons):
        evolve(found, *stopped(reason))
    assert waiting_for(found) == whose


def test_while_the_conversation_is_paused_it_is_not_the_partners_turn() -> None:
    found = progress(opened(), SHARED, paused(LATER))
    assert waiting_for(found) == "employee"
    evolve(found, "conversation.resumed", utc("2026-04-01T08:00"), {})
    assert (waiting_for(found), found.since) == ("partner", utc("2026-04-01T08:00"))


def test_a_pause_after_sharing_ends_by_itself_and_gives_the_partner_their_time() -> None:
    """Shared on 2 March, and reminded on the 16th; paused from the 20th to 20 April."""
    found = progress(opened(), SHARED)
    assert due(found) == ("nudge_partner", utc("2026-03-16T08:00"))
    evolve(
        found,
        "cycles.partner_nudged",
        utc("2026-03-16T08:00"),
        {"number": 1, "turn": START.isoformat()},
    )
    until = {"until": "2026-04-20T07:00:00+00:00"}
    evolve(found, "conversation.paused", utc("2026-03-20T08:00"), until)
    assert due(found) == ("end_pause", utc("2026-04-20T07:00"))
    evolve(found, "conversation.resumed", utc("2026-04-20T07:00"), {})
    taken = step(found, "2026-04-20T07:00")
    assert (taken.name, taken.number, taken.due) == ("nudge_partner", 1, utc("2026-05-04T07:00"))


def test_with_nothing_shown_any_more_it_is_the_employees_turn_and_they_are_reminded() -> None:
    """Nudged once before sharing on 12 March; everything is taken back on 20 March."""
    shared = ("conversation.shared", utc("2026-03-12T08:00"), EVERYTHING)
    found = progress(opened(), ("cycles.nudged", utc("2026-03-09T08:00"), {"number": 1}), shared)
    evolve(found, "conversation.unshared", utc("2026-03-20T08:00"), EVERYTHING)
    assert (waiting_for(found), found.since) == ("employee", utc("2026-03-20T08:00"))
    taken = step(found, "2026-03-20T08:00")
    # The second nudge: 21 days after 20 March is Friday 10 April.
    assert (taken.name, taken.number, taken.due) == ("nudge", 2, utc("2026-04-10T07:00"))


def test_what_is_shared_or_taken_back_in_an_earlier_conversation_moves_nobodys_turn() -> None:
    follow_up = ("cycles.follow_up_opened", utc("2026-07-01T08:00"), {"conversation": str(EVE)})
    found = progress(opened(), SHARED, CONCLUDED, follow_up)
    evolve(found, "conversation.shared", utc("2026-07-22T08:00"), EVERYTHING, EVE)
    for topic, facts in (
        ("conversation.unshared", EVERYTHING),
        ("conversation.facet_withdrawn", {"facet": "skill"}),
        ("conversation.shared", EVERYTHING | {"everything": False, "questions": ["energy"]}),
    ):
        evolve(found, topic, utc("2026-07-23T08:00"), facts, BEN)
    assert (found.turn, found.since) == ("partner", utc("2026-07-22T08:00"))
    evolve(found, "conversation.unshared", utc("2026-07-24T08:00"), EVERYTHING, EVE)
    assert found.turn == "employee"


def test_whoever_is_asked_late_what_is_handed_over_has_two_weeks_to_choose() -> None:
    named = ("people.partner_assigned", utc("2026-03-03T08:00"), {"partner": str(EVE)})
    asked = ("cycles.handover_asked", utc("2026-06-01T08:00"), {"partner": str(EVE)})
    found = progress(opened(answer_nudges=["P1Y"]), named, asked)
    assert due(found) == ("hand_over", utc("2026-06-15T07:00"))


def test_a_plan_that_is_ended_is_not_asked_about_and_its_follow_up_stays() -> None:
    found = progress(opened(), CONCLUDED, PLANNING, ACTIVATED, BEGAN)
    evolve(found, "cycles.check_in_asked", utc("2026-11-30T08:00"), {"number": 1})
    assert waiting_for(found) == "employee"
    evolve(found, "plan.closed", utc("2026-12-01T08:00"), {})
    assert waiting_for(found) == NOBODY
    assert due(found) == ("open_follow_up", utc("2027-03-01T08:00"))


def test_a_change_of_the_plan_waits_for_the_other_one_also_after_a_check_in() -> None:
    found = progress(opened(), CONCLUDED, PLANNING, ACTIVATED, BEGAN)
    evolve(found, "plan.agreed", utc("2026-11-29T08:00"), {"by": "partner", "revision": 2})
    evolve(found, "cycles.check_in_asked", utc("2026-11-30T08:00"), {"number": 1})
    evolve(found, "plan.checked_in", utc("2026-12-01T08:00"), {})
    assert waiting_for(found) == "employee"
    evolve(found, "plan.agreed", utc("2026-12-02T08:00"), {"by": "employee", "revision": 2})
    evolve(found, "plan.activated", utc("2026-12-02T08:00"), {"revision": 2})
    evolve(found, "cycles.check_in_asked", utc("2027-02-26T08:00"), {"number": 2})
    evolve(found, "plan.checked_in", utc("2027-02-27T08:00"), {})
    assert waiting_for(found) == NOBODY


@pytest.mark.parametrize("changed_on", ["2026-11-29T08:00", "2026-12-02T08:00"])
def test_how_the_plan_goes_is_still_to_be_said_once_a_change_of_it_is_agreed(
    changed_on: str,
) -> None:
    """Asked while the change waited for the partner, or before it was proposed."""
    events: list[Happened] = [
        ("plan.proposed", utc(changed_on), {"by": "employee", "revision": 2}),
        ("cycles.check_in_asked", utc("2026-11-30T08:00"), {"number": 1}),
    ]
    found = progress(opened(), CONCLUDED, PLANNING, ACTIVATED, BEGAN)
    for happened in sorted(events, key=lambda each: each[1]):
        evolve(found, *happened)
    assert (waiting_for(found), found.owes_check_in) == ("partner", True)
    evolve(found, "plan.activated", utc("2026-12-03T08:00"), {"revision": 2})
    assert (waiting_for(found), found.owes_check_in) == ("employee", True)
    evolve(found, "plan.checked_in", utc("2026-12-04T08:00"), {})
    assert (waiting_for(found), found.owes_check_in) == (NOBODY, False)


def test_a_plan_waits_for_the_employee_till_the_new_partner_can_read_it() -> None:
    proposed = ("plan.proposed", utc("2026-03-12T08:00"), {"by": "employee", "revision": 1})
    named = ("people.partner_assigned", utc("2026-03-20T08:00"), {"partner": str(ANA)})
    found = progress(opened(), CONCLUDED, PLANNING, proposed)
    assert waiting_for(found) == "partner"
    evolve(found, *named)
    assert waiting_for(found) == "employee"
    evolve(found, "cycles.handover_asked", utc("2026-03-20T08:00"), {"partner": str(ANA)})
    outline = {"partner": str(ANA), "choice": "plan"}
    evolve(found, "people.handover_chosen", utc("2026-03-21T08:00"), outline)
    assert (waiting_for(found), found.since) == ("employee", named[1])
    assert due(found) == ("rest", utc("2026-05-11T07:00"))  # and nobody is reminded
    evolve(found, "plan.proposed", utc("2026-03-23T08:00"), proposed[2])
    assert waiting_for(found) == "partner"
    assert due(found) == ("nudge_partner", utc("2026-04-06T07:00"))
    evolve(found, "people.partner_assigned", utc("2026-04-01T08:00"), {"partner": str(BEN)})
    assert (waiting_for(found), found.since) == ("partner", utc("2026-04-01T08:00"))
    evolve(found, "people.partner_assigned", utc("2026-04-02T08:00"), {"partner": str(EVE)})
    assert waiting_for(found) == "employee"
    all_of_it = {"partner": str(EVE), "choice": "plan_and_answers"}
    evolve(found, "people.handover_chosen", utc("2026-04-03T08:00"), all_of_it)
    assert (waiting_for(found), found.since) == ("partner", utc("2026-04-03T08:00"))


def test_with_nobody_to_agree_to_the_plan_it_is_the_organisations_turn() -> None:
    found = progress(opened(), CONCLUDED, PLANNING, ACTIVATED, BEGAN)
    changed = {"by": "employee", "revision": 2}
    evolve(found, "plan.proposed", utc("2026-10-01T08:00"), changed)
    evolve(found, "people.partner_assigned", utc("2026-10-02T08:00"), {"partner": str(EVE)})
    assert waiting_for(found) == "employee"
    evolve(found, "people.partner_released", utc("2026-10-03T08:00"), {"partner": str(EVE)})
    assert waiting_for(found) == "organisation"
    evolve(found, "plan.checked_in", utc("2026-10-04T08:00"), {})
    assert waiting_for(found) == "organisation"


def test_whoever_is_named_after_something_was_shown_is_reminded_only_of_what_they_can_read() -> (
    None
):
    found = progress(opened(), SHARED)
    assert waiting_for(found) == "partner"
    evolve(found, "people.partner_assigned", utc("2026-03-20T08:00"), {"partner": str(EVE)})
    evolve(found, "cycles.handover_asked", utc("2026-03-20T08:00"), {"partner": str(EVE)})
    nothing = {"partner": str(EVE), "choice": "nothing"}
    evolve(found, "people.handover_chosen", utc("2026-03-23T08:00"), nothing)
    assert (waiting_for(found), found.since) == ("employee", utc("2026-03-20T08:00"))
    assert due(found) == ("nudge", utc("2026-03-27T08:00"))
    evolve(found, "conversation.shared", utc("2026-03-24T08:00"), EVERYTHING)
    assert waiting_for(found) == "partner"
    assert due(found) == ("nudge_partner", utc("2026-04-07T07:00"))


def test_a_partner_who_is_named_again_gets_what_is_chosen_anew() -> None:
    """Also where nothing was chosen yet in their first time."""
    released = ("people.partner_released", utc("2026-03-05T08:00"), {"partner": str(BEN)})
    again = ("people.partner_assigned", utc("2026-03-06T08:00"), {"partner": str(BEN)})
    found = progress(opened(answer_nudges=["P60D"]), released, again)
    assert due(found) == ("ask_handover", utc("2026-03-06T08:00"))
    evolve(found, "cycles.handover_asked", utc("2026-03-06T08:00"), {"partner": str(BEN)})
    assert due(found) == ("hand_over", utc("2026-03-20T08:00"))
    for topic, at, facts in (released, again):
        evolve(found, topic, at + timedelta(days=4), facts)  # before anything was chosen
    assert due(found) == ("ask_handover", utc("2026-03-10T08:00"))
    evolve(found, "cycles.handover_asked", utc("2026-03-10T08:00"), {"partner": str(BEN)})
    assert due(found) == ("hand_over", utc("2026-03-24T08:00"))


def test_it_is_nobodys_turn_in_a_cycle_that_is_over() -> None:
    found = progress(opened(), SHARED)
    assert waiting_for(found) == "partner"
    found.state = "closed"
    assert waiting_for(found) == NOBODY


def test_a_meeting_is_announced_once_for_each_sequence() -> None:
    found = progress(opened(), scheduled(0))
    assert due(found) == ("announce_meeting", utc("2026-03-03T08:00"))
    evolve(found, *told(0))
    assert due(found) == ("nudge", utc("2026-03-09T08:00"))
    evolve(found, *scheduled(1))
    taken = step(found, "2026-03-03T08:00")
    assert (taken.name, taken.number) == ("announce_meeting", 1)


def announced(*events: Happened) -> Progress:
    return progress(opened(), scheduled(0), told(0), *events)


def test_a_meeting_with_a_partner_of_before_is_called_off_when_the_new_one_is_named() -> None:
    named = ("people.partner_assigned", utc("2026-03-04T08:00"), {"partner": str(EVE)})
    found = announced(named)
    assert due(found) == ("call_off_meeting", utc("2026-03-04T08:00"))
    evolve(found, "conversation.meeting_unscheduled", utc("2026-03-04T08:00"), {"sequence": 1})
    assert due(found) == ("announce_meeting", utc("2026-03-04T08:00"))
    evolve(found, *told(1))
    name, _ = due(found) or ("", None)
    assert name != "call_off_meeting"


def test_what_is_off_with_a_partner_of_before_is_told_before_what_took_its_place() -> None:
    named = ("people.partner_assigned", utc("2026-03-03T08:00"), {"partner": str(EVE)})
    off = ("conversation.meeting_unscheduled", utc("2026-03-03T08:00"), {"sequence": 1})
    found = announced(named, off, scheduled(2, EVE))
    for number in (1, 2):
        taken = step(found, "2026-03-03T08:00")
        assert (taken.name, taken.number) == ("announce_meeting", number)
        evolve(found, *told(number))
    assert found.called_off == []
    assert step(found, "2026-03-03T08:00").name != "announce_meeting"


def test_a_meeting_with_a_partner_of_before_that_took_place_is_called_off_no_more() -> None:
    named = ("people.partner_assigned", utc("2026-03-04T08:00"), {"partner": str(EVE)})
    found = announced(named)
    assert step(found, "2026-04-01T07:59").name == "call_off_meeting"
    assert step(found, "2026-04-01T08:00").name != "call_off_meeting"
    assert found.meeting is not None
    found.meeting.starts_at = None  # as older releases kept it
    assert step(found, "2026-04-01T08:00").name == "call_off_meeting"


def test_a_meeting_with_todays_partner_is_left_alone() -> None:
    assert due(announced()) == ("nudge", utc("2026-03-09T08:00"))


def test_a_profile_of_the_moment_at_which_the_feed_stopped_mends_nothing() -> None:
    found = progress(opened(), stopped("feed_stopped"))
    found.profile_at = START
    assert due(found) is None
    found.profile_at = START + timedelta(seconds=1)
    assert due(found) == ("resume", START + timedelta(seconds=1))


def test_a_partner_who_is_named_just_as_the_clocks_would_stop_stops_none() -> None:
    released = ("people.partner_released", START, {"partner": str(BEN)})
    found = progress(opened(), released)
    taken = step(found, "2026-03-30T08:00")
    assert (taken.name, taken.why) == ("suspend", "no_partner")
    again = ("people.partner_assigned", taken.due, {"partner": str(ANA)})
    name, _ = due(progress(opened(), released, again)) or ("", None)
    assert name not in {"suspend", "resume"}


def reminded(at: str) -> Happened:
    return "cycles.partner_nudged", utc(at), {"number": 1, "turn": START.isoformat()}


NUDGED_OUT = ("cycles.nudged", START, {"number": 3})
IN_WINTER = "2026-12-24T15:00:00+00:00"


@pytest.mark.parametrize(
    ("happened", "is_told"),
    [
        ([], True),
        ([NUDGED_OUT], True),
        ([aside(IN_WINTER)], True),  # a reminder is due by then, though it is withheld
        ([aside(IN_WINTER), NUDGED_OUT], False),
        ([aside(LATER), NUDGED_OUT], True),  # the rest comes later anyway
        ([SHARED, aside(LATER)], False),
        (
            [
                SHARED,
                ("cycles.partner_nudged", START, {"number": 2, "turn": START.isoformat()}),
                aside(None),
            ],
            False,
        ),
        ([paused("2026-03-04T08:00:00+00:00")], False),
        ([SHARED, paused(LATER)], False),
        ([SHARED, reminded("2026-04-15T07:00")], True),
        ([SHARED, aside("2026-04-01T07:00:00+00:00"), reminded("2026-04-15T07:00")], False),
    ],
)
def test_nobody_else_is_told_what_comes_next_where_the_day_that_was_asked_for_decides_it(
    happened: list[Happened], is_told: bool
) -> None:
    found = progress(opened(), *happened)
    assert untold_step(found, START) == (next_step(found, START) if is_told else None)


def test_whoever_asked_for_no_time_stands_where_they_would_have_stood() -> None:
    asked = progress(opened(), aside(LATER), paused(LATER))
    assert asked.unasked() == progress(opened())
    for found in (progress(opened()), progress(opened(), CONCLUDED)):
        assert found.unasked() == found


def test_plans_of_the_rounds_before_are_earlier_ones() -> None:
    found = progress(opened())
    found.plans = [ANA, EVE]
    assert (found.plan, found.earlier_plans) == (None, [ANA, EVE])
    found.planning_at = START
    assert (found.plan, found.earlier_plans) == (EVE, [ANA])
