"""The steps of a cycle: each is taken once, in its turn."""

from __future__ import annotations

from uuid import uuid5

from services.cycles.domain import AlreadyClosed, Cycle, NotSuspended, OutOfTurn
from services.cycles.policy import NotAPeriod, Policy, Terms
from tests.examples import BEN, EVE, LATER, MONDAY, cycle
from tests.given import given

TERMS = Terms()
ANOTHER = uuid5(BEN, "another")


def opened(c: Cycle) -> None:
    c.open_conversation(1, BEN, "first-conversation", 1, 0, TERMS)


def planned(c: Cycle) -> None:
    opened(c)
    c.open_planning(EVE)


def test_a_step_that_was_taken_before_is_passed_over() -> None:
    given(cycle(), opened).when(opened).then()


def test_a_nudge_is_recorded_once() -> None:
    given(cycle(), opened, lambda c: c.nudge(1)).when(lambda c: c.nudge(1)).then()


def test_a_withheld_nudge_is_recorded_with_its_reason() -> None:
    given(cycle(), opened).when(lambda c: c.nudge(1, "set_aside")).then(
        ("cycles.nudge_withheld", {"conversation": BEN, "number": 1, "why": "set_aside"})
    )


def test_a_step_out_of_turn_is_refused() -> None:
    given(cycle(), planned).when(lambda c: c.nudge(1)).refused(OutOfTurn)


def test_a_round_does_not_begin_before_the_last_one_is_completed() -> None:
    given(cycle(), opened).when(
        lambda c: c.open_conversation(2, EVE, "first-conversation", 1, 0, TERMS)
    ).refused(OutOfTurn)


def test_the_whole_round_goes_through() -> None:
    c = cycle()
    planned(c)
    c.begin_development(EVE, MONDAY)
    c.open_follow_up(EVE, "follow-up", 1)
    c.complete_round(1)
    c.open_conversation(2, ANOTHER, "first-conversation", 1, 0, TERMS)
    assert (c.round, c.state, c.completed) == (2, "conversation", 1)


def test_suspending_with_a_day_and_resuming() -> None:
    given(cycle(), lambda c: c.suspend("leave", LATER)).when(lambda c: c.resume()).then(
        ("cycles.resumed", {})
    )
    given(cycle()).when(lambda c: c.resume()).refused(NotSuspended)


def test_a_closed_cycle_takes_no_step() -> None:
    given(cycle(), lambda c: c.close("left")).when(lambda c: c.suspend("leave", None)).refused(
        AlreadyClosed
    )


def test_a_policy_takes_periods_only() -> None:
    given(Policy.adopt("acme", MONDAY, TERMS)).when(
        lambda p: p.change(Terms(cadence="soon"))
    ).refused(NotAPeriod)


def test_a_policy_change_is_a_new_version() -> None:
    policy = Policy.adopt("acme", MONDAY, TERMS)
    policy.change(Terms(cadence="P1Y"))
    assert (policy.version, policy.terms.cadence) == (2, "P1Y")
