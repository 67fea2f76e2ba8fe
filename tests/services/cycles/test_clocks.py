"""When the clocks stand still and go on again: leave, hold, nobody to talk with, by hand.

The expected dates are written down by hand. Ana works in Berlin: 09:00 there is 08:00 UTC in winter and
07:00 UTC in summer.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest

from services.cycles.course import next_step, waiting_for
from services.cycles.fold import evolve
from services.cycles.progress import Progress
from services.cycles.step import Step
from tests.examples import ANA, BEN, EVE
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

Happened = tuple[str, datetime, dict[str, Any]]


def on_leave(since: str, until: str | None = None, said: str | None = None) -> Happened:
    """A leave from one midnight in Berlin to another (both in UTC), recorded when it begins."""
    facts = {"since": f"{since}+00:00"} | ({"until": f"{until}+00:00"} if until else {})
    return "people.leave_started", utc(said or since), facts


def back(until: str, said: str | None = None) -> Happened:
    return "people.leave_ended", utc(said or until), {"until": f"{until}+00:00"}


def step(found: Progress, now: str) -> Step:
    taken = next_step(found, utc(now))
    assert taken is not None
    return taken


def run(found: Progress, now: str) -> list[tuple[str, str]]:
    """Take the suspensions and resumptions that are due, as the workflow does; answer which and when."""
    taken: list[tuple[str, str]] = []
    moment = utc(now)
    while (due := next_step(found, moment)) and due.due <= moment:
        if due.name not in {"suspend", "resume"}:
            break
        facts: dict[str, Any] = {"reason": due.why, "since": due.due.isoformat()}
        if due.name == "suspend":
            facts |= {"own": True, "until": due.until.isoformat() if due.until else None}
        topic = {"suspend": "cycles.suspended", "resume": "cycles.resumed"}[due.name]
        evolve(found, topic, moment, facts)
        taken.append((f"{due.name} {due.why}", f"{due.due:%Y-%m-%d %H:%M}"))
    return taken


STATES: dict[str, tuple[list[Happened], tuple[str, str], tuple[str, str]]] = {
    # what had happened, what would be due without a leave, and what is due after one of exactly a year
    # that begins on 7 September 2026 (back on 6 September 2027, so the clocks go on on Monday the 20th)
    "conversation": (
        [opened(utc("2026-09-01T07:00"))],
        ("nudge", "2026-09-08 07:00"),
        ("nudge", "2027-09-21 07:00"),  # 1 September + 378 days is 14 September; + 7 days
    ),
    "partner's turn": (
        [
            opened(utc("2026-09-01T07:00")),
            ("conversation.shared", utc("2026-09-02T10:00"), EVERYTHING),
        ],
        ("nudge_partner", "2026-09-16 07:00"),
        ("nudge_partner", "2027-09-29 07:00"),  # 2 September + 378 days is 15 September; + 14 days
    ),
    "planning": (
        [
            opened(utc("2026-09-01T07:00")),
            ("conversation.concluded", utc("2026-09-02T10:00"), {}),
            ("cycles.planning_opened", utc("2026-09-02T10:00"), {"plan": str(EVE)}),
        ],
        ("rest", "2026-11-02 08:00"),  # 2 September + 60 days is Sunday 1 November
        ("rest", "2027-11-15 08:00"),  # + 378 days is 15 September 2027; + 60 days is a Sunday
    ),
    "developing": (
        [opened(), CONCLUDED, PLANNING, ACTIVATED, BEGAN],
        ("ask_check_in", "2026-11-30 08:00"),
        (
            "ask_check_in",
            "2027-12-13 08:00",
        ),  # 31 August + 378 days is 13 September 2027; + 3 months
    ),
    "steady": (
        [
            opened(),
            ("cycles.rested", START, {"why": "time", "anchor": "2026-08-31T10:00:00+00:00"}),
        ],
        ("open_follow_up", "2027-03-01 08:00"),
        ("open_follow_up", "2028-03-13 08:00"),  # 13 September 2027 + 6 months
    ),
    "follow-up": (
        [
            opened(),
            CONCLUDED,
            PLANNING,
            ACTIVATED,
            BEGAN,
            ("cycles.follow_up_opened", utc("2026-09-04T07:00"), {"conversation": str(EVE)}),
        ],
        ("nudge", "2026-09-11 07:00"),
        ("nudge", "2027-09-24 07:00"),  # 4 September + 378 days is 17 September 2027; + 7 days
    ),
}


@pytest.mark.parametrize("state", STATES)
def test_a_years_leave_in_every_state_moves_what_is_due_by_the_time_away(state: str) -> None:
    events, before, after = STATES[state]
    found = progress(*events)
    due = step(found, "2026-09-05T08:00")
    assert (due.name, f"{due.due:%Y-%m-%d %H:%M}") == before
    evolve(found, *on_leave("2026-09-06T22:00", "2027-09-05T22:00", said="2026-09-05T08:00"))
    assert run(found, "2027-09-20T07:00") == [
        ("suspend leave", "2026-09-06 22:00"),
        ("resume leave", "2027-09-20 07:00"),
    ]
    due = step(found, "2027-09-20T07:00")
    assert (due.name, f"{due.due:%Y-%m-%d %H:%M}") == after


def test_nothing_is_due_while_somebody_is_away_and_it_is_nobodys_turn() -> None:
    found = progress(opened(), on_leave("2026-03-03T23:00"))
    assert run(found, "2026-03-04T00:00") == [("suspend leave", "2026-03-03 23:00")]
    assert next_step(found, utc("2026-12-01T08:00")) is None
    assert waiting_for(found) == "nobody"
    assert found.suspension is not None
    assert (found.suspension.reason, found.suspension.until) == ("leave", None)


def test_the_return_sets_the_day_on_which_the_clocks_go_on() -> None:
    found = progress(opened(), on_leave("2026-03-03T23:00"))
    run(found, "2026-03-04T00:00")
    evolve(found, *back("2026-05-31T22:00"))  # Monday 1 June; two weeks later is Monday 15 June
    assert found.suspension is not None
    assert found.suspension.until == utc("2026-06-15T07:00")
    due = step(found, "2026-06-02T08:00")
    assert (due.name, due.why, due.due) == ("resume", "leave", utc("2026-06-15T07:00"))


def test_a_nudge_that_came_due_while_the_worker_was_down_is_not_sent_into_a_leave() -> None:
    found = progress(opened(), on_leave("2026-03-10T23:00"))  # the nudge was due on 9 March
    assert step(found, "2026-03-12T08:00").name == "suspend"


def test_a_leave_that_is_recorded_afterwards_counts_from_its_first_day() -> None:
    late = on_leave("2026-03-03T23:00", "2026-03-31T22:00", said="2026-06-01T08:00")
    found = progress(opened(), late)
    # Back on 1 April; the clocks go on on 15 April. Stood from 4 March 00:00 to 15 April 09:00.
    assert run(found, "2026-04-20T08:00")[-1] == ("resume leave", "2026-04-15 07:00")
    # 2 March + 42 days and 9 hours is 13 April; + 7 days
    assert step(found, "2026-04-16T08:00").due == utc("2026-04-20T07:00")


def test_a_leave_of_before_the_cycle_changes_nothing() -> None:
    long_ago = on_leave("2020-03-03T23:00", "2020-09-01T22:00", said="2026-03-02T08:00")
    found = progress(opened(), long_ago)
    assert step(found, "2026-03-02T08:00").name == "nudge"


def test_a_leave_that_is_announced_begins_on_its_day() -> None:
    ahead = on_leave("2026-03-04T23:00", "2026-06-01T22:00", said="2026-03-02T09:00")
    due = step(progress(opened(), ahead), "2026-03-02T09:00")
    assert (due.name, due.due, due.until) == (
        "suspend",
        utc("2026-03-04T23:00"),
        utc("2026-06-16T07:00"),
    )


def test_a_leave_that_is_taken_back_moves_nothing() -> None:
    found = progress(opened(), on_leave("2026-03-03T23:00", "2026-06-01T22:00"))
    run(found, "2026-03-04T00:00")
    evolve(found, *back("2026-03-03T23:00", said="2026-03-06T07:59"))
    moved = on_leave("2026-04-30T22:00", "2026-06-01T22:00", said="2026-03-06T08:00")
    evolve(found, *moved)
    assert run(found, "2026-03-06T08:00") == [("resume leave", "2026-03-03 23:00")]
    assert step(found, "2026-03-06T08:00").due == utc("2026-03-09T08:00")  # as if nothing had been


def test_a_leave_that_began_earlier_than_was_said_counts_from_there() -> None:
    found = progress(opened(), on_leave("2026-03-05T23:00"))
    run(found, "2026-03-06T00:00")
    evolve(found, *on_leave("2026-03-02T23:00", "2026-04-30T22:00", said="2026-03-10T08:00"))
    assert run(found, "2026-03-10T08:00") == [("suspend leave", "2026-03-02 23:00")]
    assert found.standing_since == utc("2026-03-02T23:00")


def test_a_leave_that_is_taken_back_and_said_again_stops_the_clocks_by_another_step() -> None:
    found = progress(opened(), on_leave("2026-03-03T23:00"))
    first = step(found, "2026-03-04T00:00")
    run(found, "2026-03-04T00:00")
    evolve(found, *back("2026-03-03T23:00", said="2026-03-06T08:00"))
    assert run(found, "2026-03-06T08:00") == [("resume leave", "2026-03-03 23:00")]
    evolve(found, *on_leave("2026-03-03T23:00", said="2026-03-06T09:00"))
    again = step(found, "2026-03-06T09:00")
    assert (again.name, again.due, again.why) == (first.name, first.due, first.why)
    assert (first.number, again.number) == (1, 3)


def test_two_reasons_that_end_at_one_moment_end_by_a_step_each() -> None:
    until = {"reason": "busy", "until": "2026-04-15T07:00:00+00:00"}
    found = progress(opened(), ("cycles.suspended", utc("2026-03-03T08:00"), until))
    evolve(found, *on_leave("2026-03-08T23:00", "2026-03-31T22:00"))
    run(found, "2026-03-09T00:00")
    one = step(found, "2026-04-15T07:00")
    run_one = {"reason": one.why, "since": one.due.isoformat()}
    evolve(found, "cycles.resumed", utc("2026-04-15T07:00"), run_one)
    other = step(found, "2026-04-15T07:00")
    assert (one.name, one.due) == (other.name, other.due) == ("resume", utc("2026-04-15T07:00"))
    assert one.number != other.number


OVERLAPPING: dict[str, tuple[list[Happened], str, str]] = {
    # What is said on 15 February of somebody who is away from 1 January to 31 March, the first day of
    # their absence, and when the clocks go on: at nine in Berlin, 14 days after the end.
    "one that begins before its end and ends later": (
        [on_leave("2027-03-14T23:00", "2027-06-29T22:00")],
        "2026-12-31 23:00",
        "2027-07-14 07:00",  # 30 June + 14 days, a Wednesday
    ),
    "one that begins on its last day": (
        [on_leave("2027-03-31T22:00", "2027-06-29T22:00")],
        "2026-12-31 23:00",
        "2027-07-14 07:00",
    ),
    "one that lies within it": (
        [on_leave("2027-02-28T23:00", "2027-03-09T23:00")],
        "2026-12-31 23:00",
        "2027-04-15 07:00",  # 1 April + 14 days, a Thursday
    ),
    "one that began earlier and ends within it": (
        [on_leave("2026-12-06T23:00", "2027-01-31T23:00")],
        "2026-12-06 23:00",
        "2027-04-15 07:00",
    ),
    "one that began earlier and ends later": (
        [on_leave("2026-12-06T23:00", "2027-06-29T22:00")],
        "2026-12-06 23:00",
        "2027-07-14 07:00",
    ),
    "another end": (
        [on_leave("2026-12-31T23:00", "2027-02-28T23:00")],
        "2026-12-31 23:00",
        "2027-03-15 08:00",  # 1 March + 14 days, a Monday
    ),
    "the same first day, and a later end that is then corrected": (
        [
            on_leave("2026-12-31T23:00", "2027-06-29T22:00"),
            on_leave("2026-12-31T23:00", "2027-02-28T23:00"),
        ],
        "2026-12-31 23:00",
        "2027-03-15 08:00",
    ),
    "an extension whose end is then corrected": (
        [
            on_leave("2027-03-14T23:00", "2027-06-29T22:00"),
            on_leave("2027-03-14T23:00", "2027-04-30T22:00"),
        ],
        "2026-12-31 23:00",
        "2027-05-17 07:00",  # 1 May + 14 days is a Saturday
    ),
    "one that begins before its end, whose own isn't known, and then the return": (
        [on_leave("2027-03-14T23:00"), back("2027-05-02T22:00")],
        "2026-12-31 23:00",
        "2027-05-17 07:00",  # Monday 3 May + 14 days
    ),
    "one that begins before its end, and the return before it begins": (
        [on_leave("2027-03-14T23:00", "2027-06-29T22:00"), back("2027-02-28T23:00")],
        "2026-12-31 23:00",
        "2027-07-14 07:00",  # back on 1 March, and away again within two weeks
    ),
    "one that lies within it, and the return during both": (
        [on_leave("2027-02-28T23:00", "2027-03-14T23:00"), back("2027-03-07T23:00")],
        "2026-12-31 23:00",
        "2027-03-22 08:00",  # Monday 8 March + 14 days
    ),
    "one that lies within it, and the return after it": (
        [on_leave("2027-02-28T23:00", "2027-03-07T23:00"), back("2027-03-21T23:00")],
        "2026-12-31 23:00",
        "2027-04-05 07:00",  # Monday 22 March + 14 days
    ),
}


@pytest.mark.parametrize("what", OVERLAPPING)
def test_a_second_leave_takes_nothing_of_the_first_away(what: str) -> None:
    said, since, until = OVERLAPPING[what]
    away = on_leave("2026-12-31T23:00", "2027-03-31T22:00", said="2026-12-01T09:00")
    found = progress(opened(utc("2026-12-01T08:00"), answer_nudges=["P90D"]), away)
    assert run(found, "2027-01-01T08:00") == [("suspend leave", "2026-12-31 23:00")]
    for topic, _, facts in said:
        evolve(found, topic, utc("2027-02-15T08:00"), facts)
    assert [day for _, day in run(found, "2027-02-15T08:00")] == [since] * (since < "2026-12-31")
    assert (found.standing_since, waiting_for(found)) == (utc(since.replace(" ", "T")), "nobody")
    goes_on = step(found, "2027-02-15T08:00")
    assert (goes_on.name, f"{goes_on.due:%Y-%m-%d %H:%M}") == ("resume", until)


def test_a_leave_without_a_known_end_lasts_until_the_next_one_says_how_it_goes_on() -> None:
    found = progress(opened(), on_leave("2026-03-03T23:00"))
    run(found, "2026-03-04T00:00")
    evolve(found, *on_leave("2026-04-30T22:00", "2026-06-30T22:00", said="2026-03-10T08:00"))
    goes_on = step(found, "2026-03-10T08:00")
    assert (goes_on.name, goes_on.due) == ("resume", utc("2026-07-15T07:00"))  # 1 July + 14 days


def test_a_leave_that_was_moved_by_the_rule_of_before_stays_moved() -> None:
    """A newer leave took all of an older one away that it touched, and the clocks went on at once."""
    found = progress(opened(), on_leave("2026-03-03T23:00", "2026-06-01T22:00"))
    run(found, "2026-03-04T00:00")
    evolve(found, *on_leave("2026-04-30T22:00", "2026-06-01T22:00", said="2026-03-06T08:00"))
    went_on = {"reason": "leave", "since": "2026-03-03T23:00:00+00:00"}
    evolve(found, "cycles.resumed", utc("2026-03-06T08:00"), went_on)
    assert step(found, "2026-03-06T08:00").due == utc("2026-03-09T08:00")
    assert run(found, "2026-05-01T08:00") == [("suspend leave", "2026-04-30 22:00")]


def test_a_second_leave_within_two_weeks_of_the_first_is_one_absence() -> None:
    found = progress(opened(), on_leave("2026-03-03T23:00", "2026-03-31T22:00"))
    run(found, "2026-03-04T00:00")
    again = on_leave("2026-04-07T22:00", "2026-04-30T22:00", said="2026-04-05T08:00")
    evolve(found, *again)
    # Back on 1 May; two weeks later is Friday 15 May.
    due = step(found, "2026-04-20T08:00")
    assert (due.name, due.due) == ("resume", utc("2026-05-15T07:00"))


def test_two_leaves_apart_are_two_absences() -> None:
    found = progress(opened(), on_leave("2026-03-03T23:00", "2026-03-31T22:00"))
    run(found, "2026-04-15T07:00")
    assert step(found, "2026-04-15T07:00").due == utc("2026-04-20T07:00")
    evolve(found, *on_leave("2026-04-16T22:00", "2026-05-31T22:00"))
    assert run(found, "2026-06-15T07:00") == [
        ("suspend leave", "2026-04-16 22:00"),
        ("resume leave", "2026-06-15 07:00"),
    ]
    # 13 April + 59 days and 9 hours (17 April 00:00 to 15 June 09:00) is 12 June; + 7 days
    assert step(found, "2026-06-15T07:00").due == utc("2026-06-19T07:00")


def test_a_leave_during_a_pause_keeps_both() -> None:
    paused = (
        "conversation.paused",
        utc("2026-03-03T10:00"),
        {"until": "2026-04-02T07:00:00+00:00"},
    )
    found = progress(opened(), paused, on_leave("2026-03-09T23:00", "2026-08-31T22:00"))
    assert step(found, "2026-03-12T08:00").name == "suspend"
    run(found, "2026-09-15T07:00")
    # The pause has ended meanwhile: that comes first, and the reminders count from then on.
    due = step(found, "2026-09-15T07:00")
    assert (due.name, due.due) == ("end_pause", utc("2026-04-02T07:00"))


def test_a_pause_ends_on_its_day() -> None:
    paused = (
        "conversation.paused",
        utc("2026-03-03T10:00"),
        {"until": "2026-03-08T07:00:00+00:00"},
    )
    found = progress(opened(), paused)
    assert step(found, "2026-03-03T10:00").name == "end_pause"
    evolve(found, "conversation.resumed", utc("2026-03-08T07:00"), {})
    # 8 March + 7 days is a Sunday, so Monday 16 March.
    assert step(found, "2026-03-08T07:00").due == utc("2026-03-16T08:00")


def test_what_came_up_during_a_leave_begins_with_the_return() -> None:
    """Away for a year from 4 March; the clocks go on two weeks after, on Thursday 18 March."""
    away = on_leave("2026-03-03T23:00", "2027-03-03T23:00")
    named = ("people.partner_assigned", utc("2026-06-01T08:00"), {"partner": str(EVE)})
    found = progress(opened(), away)
    assert run(found, "2026-03-04T08:00") == [("suspend leave", "2026-03-03 23:00")]
    evolve(found, *named)
    assert run(found, "2027-03-18T09:00") == [("resume leave", "2027-03-18 08:00")]
    back_at = utc("2027-03-18T08:00")
    asks = step(found, "2027-03-18T09:00")
    assert (asks.name, asks.due) == ("ask_handover", back_at)
    evolve(found, "cycles.handover_asked", back_at, {"partner": str(EVE)})
    assert found.handover is not None
    assert (found.handover.since, found.handover.named_at) == (back_at, named[1])
    evolve(found, *CONCLUDED)
    assert found.handover.since == back_at


def test_a_plan_that_was_agreed_during_a_leave_is_followed_up_half_a_year_after_the_return() -> (
    None
):
    found = progress(
        opened(), CONCLUDED, PLANNING, on_leave("2026-03-31T22:00", "2026-09-06T22:00")
    )
    assert run(found, "2026-04-01T08:00") == [("suspend leave", "2026-03-31 22:00")]
    evolve(found, "plan.activated", utc("2026-04-07T08:00"), {"revision": 1})
    assert run(found, "2026-09-21T08:00") == [("resume leave", "2026-09-21 07:00")]
    assert found.activated_at == utc("2026-09-21T07:00")


def test_whoever_shares_while_the_cycle_stands_by_hand_gives_the_partner_their_time() -> None:
    found = progress(opened(), ("cycles.suspended", utc("2026-04-01T07:00"), {"reason": "busy"}))
    evolve(found, "conversation.shared", utc("2026-04-02T07:00"), EVERYTHING)
    evolve(found, "cycles.resumed", utc("2026-09-01T07:00"), {})
    reminds = step(found, "2026-09-01T07:00")
    assert (reminds.name, reminds.due) == ("nudge_partner", utc("2026-09-15T07:00"))


def test_whoever_moves_east_without_a_partner_is_suspended_once() -> None:
    found = progress(opened(), ("people.partner_released", utc("2026-03-03T08:00"), {}))
    assert run(found, "2026-03-17T09:00") == [("suspend no_partner", "2026-03-17 08:00")]
    evolve(found, "people.profile_changed", utc("2026-04-20T08:00"), {"timezone": "Asia/Tokyo"})
    assert run(found, "2026-04-20T09:00") == []
    evolve(found, "people.partner_assigned", utc("2026-04-21T08:00"), {"partner": str(EVE)})
    assert run(found, "2026-04-21T09:00") == [("resume no_partner", "2026-04-21 08:00")]


def test_by_hand_and_leave_stand_beside_each_other() -> None:
    by_hand = ("cycles.suspended", utc("2026-03-03T08:00"), {"reason": "reorganisation"})
    found = progress(opened(), by_hand, on_leave("2026-03-08T23:00", "2026-03-31T22:00"))
    assert run(found, "2026-04-15T07:00") == [
        ("suspend leave", "2026-03-08 23:00"),
        ("resume leave", "2026-04-15 07:00"),
    ]
    assert found.suspension is not None
    assert found.suspension.reason == "reorganisation"
    assert next_step(found, utc("2026-05-01T08:00")) is None
    evolve(found, "cycles.resumed", utc("2026-05-01T07:00"), {})
    # Stood from 3 March 09:00 to 1 May 09:00 in Berlin: 59 days. 2 March + 59 is 30 April; + 7 days.
    assert step(found, "2026-05-01T07:00").due == utc("2026-05-07T07:00")


def test_a_legal_hold_stops_the_clocks_until_it_is_released() -> None:
    found = progress(opened(), ("people.hold_placed", utc("2026-03-03T08:00"), {"reason": "x"}))
    assert run(found, "2026-03-03T08:00") == [("suspend hold", "2026-03-03 08:00")]
    assert next_step(found, utc("2027-03-03T08:00")) is None
    evolve(found, "people.hold_released", utc("2026-03-13T08:00"), {})
    run(found, "2026-03-13T08:00")
    assert step(found, "2026-03-13T08:00").due == utc(
        "2026-03-19T08:00"
    )  # ten days later than 9 March


def test_without_a_partner_it_stands_still_after_two_weeks_and_the_organisation_is_asked() -> None:
    gone = ("people.partner_released", utc("2026-03-03T08:00"), {"partner": str(BEN)})
    found = progress(opened(answer_nudges=["P60D"]), gone)
    assert run(found, "2026-03-20T08:00") == [("suspend no_partner", "2026-03-17 08:00")]
    assert waiting_for(found) == "organisation"
    evolve(found, "people.partner_assigned", utc("2026-04-17T08:00"), {"partner": str(EVE)})
    assert run(found, "2026-04-17T08:00") == [("resume no_partner", "2026-04-17 08:00")]
    assert waiting_for(found) == "employee"


def test_a_partner_who_is_named_in_time_stops_no_clock() -> None:
    found = progress(
        opened(),
        ("people.partner_released", utc("2026-03-03T08:00"), {"partner": str(BEN)}),
        ("people.partner_assigned", utc("2026-03-05T08:00"), {"partner": str(EVE)}),
    )
    assert step(found, "2026-03-20T08:00").name == "ask_handover"
    evolve(
        found,
        "people.handover_chosen",
        utc("2026-03-05T09:00"),
        {"partner": str(EVE), "choice": "plan"},
    )
    assert step(found, "2026-03-05T09:00").due == utc("2026-03-09T08:00")


def test_a_new_partner_is_handed_the_plan_after_two_weeks_unless_the_employee_chooses() -> None:
    found = progress(
        opened(answer_nudges=["P60D"]),
        ("people.partner_released", utc("2026-03-05T08:00"), {"partner": str(BEN)}),
        ("people.partner_assigned", utc("2026-03-05T08:00"), {"partner": str(EVE)}),
    )
    assert step(found, "2026-03-05T08:00").name == "ask_handover"
    evolve(found, "cycles.handover_asked", utc("2026-03-05T08:00"), {"partner": str(EVE)})
    due = step(found, "2026-03-05T08:00")
    assert (due.name, due.due) == ("hand_over", utc("2026-03-19T08:00"))
    evolve(
        found,
        "people.handover_chosen",
        utc("2026-03-06T08:00"),
        {"partner": str(EVE), "choice": "plan"},
    )
    assert step(found, "2026-03-06T08:00").name == "nudge"


def test_before_a_round_has_begun_there_is_nothing_to_hand_over() -> None:
    assert progress(("people.partner_assigned", START, {"partner": str(EVE)})).handover is None


def test_a_new_partners_time_begins_with_them() -> None:
    found = progress(
        opened(),
        ("conversation.shared", utc("2026-03-04T10:00"), EVERYTHING),
        (
            "cycles.partner_nudged",
            utc("2026-03-18T08:00"),
            {"number": 1, "turn": START.isoformat()},
        ),
        ("people.partner_assigned", utc("2026-03-20T10:00"), {"partner": str(EVE)}),
        (
            "people.handover_chosen",
            utc("2026-03-20T10:00"),
            {"partner": str(EVE), "choice": "plan_and_answers", "answers": [f"{BEN}/direction"]},
        ),
    )
    due = step(found, "2026-03-20T10:00")
    assert (due.name, due.number, due.due) == ("nudge_partner", 1, utc("2026-04-03T07:00"))


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("why", ["left", "erased"])
def test_whoever_leaves_or_is_forgotten_has_their_cycle_closed_in_every_state(
    state: str, why: str
) -> None:
    gone = (f"people.{why}", utc("2026-09-10T08:00"), {})
    found = progress(*STATES[state][0], gone)
    due = step(found, "2026-09-10T08:00")
    assert (due.name, due.why) == ("close", why)


def test_a_last_day_passes_at_midnight_where_the_person_is() -> None:
    profile = {"timezone": "Pacific/Auckland", "end_date": "2026-03-04"}
    found = progress(opened(), ("people.profile_changed", START, profile))
    due = step(found, "2026-03-02T09:00")
    assert (due.name, due.due) == ("settle_employment", utc("2026-03-04T11:00"))


def test_leaving_comes_also_while_the_clocks_stand_still() -> None:
    profile = {"timezone": "UTC", "end_date": "2026-04-30"}
    found = progress(
        opened(), on_leave("2026-03-03T23:00"), ("people.profile_changed", START, profile)
    )
    run(found, "2026-03-04T00:00")
    assert step(found, "2026-03-04T00:00").name == "settle_employment"


def test_a_stopped_feed_waits_for_a_person_and_a_mended_last_day_lets_it_go_on() -> None:
    profile = {"timezone": "UTC", "end_date": "2026-03-04"}
    stopped = {"reason": "feed_stopped", "own": True, "since": "2026-03-05T00:00:00+00:00"}
    found = progress(
        opened(),
        ("people.profile_changed", START, profile),
        ("cycles.suspended", utc("2026-03-05T00:00"), stopped),
    )
    assert next_step(found, utc("2026-03-06T00:00")) is None
    assert waiting_for(found) == "organisation"
    evolve(found, "people.profile_changed", utc("2026-03-06T08:00"), {"timezone": "UTC"})
    assert run(found, "2026-03-06T08:00") == [("resume feed_stopped", "2026-03-06 08:00")]


def test_a_rehires_earlier_leaving_closes_nothing() -> None:
    found = progress()
    before = utc("2025-01-01T08:00")
    evolve(found, "people.left", before, {"on": "2024-12-31"})
    evolve(found, "people.rejoined", before, {})
    assert step(found, "2026-03-02T08:00").name == "open_conversation"


def test_reminders_that_ops_hold_are_withheld_with_that_reason() -> None:
    found = progress(opened(), ("cycles.nudges_held", START, {}))
    assert step(found, "2026-03-02T08:00").why == "held"


def test_somebody_inactive_stands_still_until_they_are_active_again() -> None:
    inactive = {"timezone": "Europe/Berlin", "status": "inactive"}
    found = progress(opened(), ("people.profile_changed", utc("2026-03-03T08:00"), inactive))
    again = ("people.profile_changed", utc("2026-03-04T08:00"), inactive | {"department": "x"})
    evolve(found, *again)
    assert run(found, "2026-03-05T08:00") == [("suspend inactive", "2026-03-03 08:00")]
    assert next_step(found, utc("2027-03-05T08:00")) is None
    active = {"timezone": "Europe/Berlin", "status": "active"}
    evolve(found, "people.profile_changed", utc("2026-03-13T08:00"), active)
    assert run(found, "2026-03-13T08:00") == [("resume inactive", "2026-03-13 08:00")]
    assert step(found, "2026-03-13T08:00").due == utc("2026-03-19T08:00")  # ten days later


def test_a_tenants_hold_of_reminders_counts_at_once() -> None:
    found = progress(opened())
    found.tenant_holds_nudges = True
    assert step(found, "2026-03-09T08:00").why == "held"


def test_somebody_who_moves_is_written_to_at_nine_where_they_are_now() -> None:
    found = progress(opened(), ("people.profile_changed", START, {"timezone": "America/New_York"}))
    # 2 March 03:00 there; + 7 days, after the clocks went forward on 8 March: 09:00 is 13:00 UTC.
    assert step(found, "2026-03-02T08:00").due == utc("2026-03-09T13:00")


def test_ten_oclock_stays_ten_oclock_across_daylight_saving() -> None:
    # Suspended 2 March 09:00 to 1 June 09:00 in Berlin, across the change of 29 March: 91 days.
    found = progress(
        opened(answer_nudges=["PT1H"]),
        ("cycles.suspended", START, {"reason": "by_hand"}),
        ("cycles.resumed", utc("2026-06-01T07:00"), {}),
    )
    assert step(found, "2026-06-01T07:00").due == utc("2026-06-01T08:00")


def test_a_trial_in_seconds_stands_still_to_the_second() -> None:
    found = progress(
        opened(answer_nudges=["PT4S"], return_grace="PT2S"),
        on_leave("2026-03-02T08:00:01", "2026-03-02T08:00:11"),
    )
    assert run(found, "2026-03-02T08:00:13")[-1] == ("resume leave", "2026-03-02 08:00")
    assert step(found, "2026-03-02T08:00:13").due == utc("2026-03-02T08:00:16")


def test_the_facts_of_a_cycle_survive_being_stored() -> None:
    import msgspec

    found = progress(opened(), on_leave("2026-03-03T23:00", "2026-06-01T22:00"))
    run(found, "2026-03-04T00:00")
    assert msgspec.json.decode(msgspec.json.encode(found), type=Progress) == found
    assert found.person == ANA
