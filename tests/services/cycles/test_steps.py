"""Each step of a cycle: when it may be taken, what it leaves behind, and that it is taken once."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from uuid import UUID, uuid5

import pytest

from services.cycles.domain import (
    AlreadyClosed,
    Cycle,
    NotSuspended,
    OutOfTurn,
    StandsStill,
    SuspendedByItself,
    cycle_id,
)
from services.cycles.policy import NotAPeriod, Policy, Terms, policy_stream
from tests.examples import ANA, BEN, EVE, LATER, MONDAY, cycle
from tests.given import given

FIRST, PLAN, AGAIN, SECOND = (UUID(int=number) for number in range(1, 5))
TERMS = Terms()
DAY = timedelta(days=1)
Do = Callable[[Cycle], None]


def opens(round_: int = 1, conversation: UUID = FIRST) -> Do:
    return lambda c: c.open_conversation(
        round_, conversation, "first-conversation", 2, 3, TERMS, ("employee", "partner")
    )


def plans(c: Cycle) -> None:
    c.open_planning(PLAN)


def develops(c: Cycle) -> None:
    c.begin_development(PLAN, MONDAY)


def follows_up(c: Cycle) -> None:
    c.open_follow_up(AGAIN, "follow-up", 4, ("employee",))


def completes(c: Cycle) -> None:
    c.complete_round(1)


def rests(c: Cycle) -> None:
    c.rest("time", MONDAY)


def closes(c: Cycle) -> None:
    c.close("left", ("employee",))


ROUND = (opens(), plans, develops, follows_up, completes)
STATES: dict[str, tuple[Do, ...]] = {
    "conversation": ROUND[:1],
    "planning": ROUND[:2],
    "developing": ROUND[:3],
    "follow_up": ROUND[:4],
    "steady": ROUND,
    "rested": (opens(), rests),
}
TURNS = "conversation planning developing follow_up"
BACK = "steady rested"
"""Where somebody may have brought the conversation back."""


def test_a_cycle_begins_with_nothing_behind_it() -> None:
    c = cycle()
    assert (c.state, c.round, c.completed, c.nudges, c.check_ins) == ("conversation", 0, 0, 0, 0)
    assert (c.conversations, c.plans, c.suspensions, c.announced) == ([], [], {}, {})
    assert (c.nudges_held, c.escalated, c.handover_asked, c.noticed) == (False, None, None, set())
    assert (c.person, c.subject, c.correlation, c.number, c.through) == (ANA, ANA, c.id, 1, "api")
    assert c.id == cycle_id(ANA, 1) == uuid5(ANA, "cycle/1") != cycle_id(ANA, 2)


def test_a_round_opens_with_its_conversation_under_the_policy_of_the_day() -> None:
    given(cycle()).when(opens()).then(
        (
            "cycles.conversation_opened",
            {
                "round": 1,
                "conversation": FIRST,
                "guide": "first-conversation",
                "guide_version": 2,
                "policy_version": 3,
                "terms": TERMS,
                "tells": ("employee", "partner"),
            },
        )
    )


def test_the_next_round_begins_anew_and_only_after_the_last_one() -> None:
    c = cycle()
    for step in (opens(), lambda c: c.nudge(2), plans, develops, lambda c: c.ask_check_in(1)):
        step(c)
    given(c).when(opens(2, SECOND)).refused(OutOfTurn)
    for step in (follows_up, lambda c: c.nudge(1), completes):
        step(c)
    given(c).when(opens(3, SECOND)).refused(OutOfTurn)
    given(c).when(opens(1, SECOND)).then()
    opens(2, SECOND)(c)
    assert (c.round, c.state, c.nudges, c.check_ins, c.completed) == (2, "conversation", 0, 0, 1)
    assert c.conversations == [FIRST, AGAIN, SECOND]


@pytest.mark.parametrize(
    ("step", "where", "silent"),
    [
        (lambda c: c.nudge(1), f"conversation follow_up {BACK}", ""),
        (lambda c: c.nudge_partner(LATER, 1), f"{TURNS} {BACK}", ""),
        (lambda c: c.escalate(MONDAY), f"{TURNS} {BACK}", ""),
        (lambda c: c.open_planning(SECOND), "conversation steady rested", ""),
        (lambda c: c.begin_development(SECOND, MONDAY), "planning steady rested", "developing"),
        (lambda c: c.ask_check_in(1), "developing", ""),
        (lambda c: c.open_follow_up(SECOND, "f", 1), "developing steady rested", ""),
        (lambda c: c.rest("time", MONDAY), "conversation", "steady rested"),
        (lambda c: c.rest("no_plan", MONDAY), "planning", "steady rested"),
        (lambda c: c.rest("plan_not_agreed", MONDAY), "planning", "steady rested"),
        (lambda c: c.complete_round(9), "follow_up", ""),
    ],
)
def test_each_step_has_its_turn(step: Do, where: str, silent: str) -> None:
    for state, before in STATES.items():
        tried = given(cycle(), *before).when(step)
        if state in where.split():
            assert len(list(tried.aggregate.collect_events())) == 1, state
        elif state in silent.split():
            tried.then()
        else:
            tried.refused(OutOfTurn)


@pytest.mark.parametrize(
    ("before", "step"),
    [
        (ROUND[:1], opens()),
        (ROUND[:1], lambda c: c.nudge(1)),
        (ROUND[:1], lambda c: c.nudge_partner(LATER, 1)),
        (ROUND[:1], lambda c: c.escalate(LATER)),
        (ROUND[:1], lambda c: c.hold_nudges()),
        (ROUND[:1], plans),
        (ROUND[:2], develops),
        (ROUND[:3], lambda c: c.ask_check_in(1)),
        (ROUND[:3], follows_up),
        (ROUND[:4], completes),
        (ROUND[:1], rests),
        (ROUND[:1], closes),
        (ROUND[:1], lambda c: c.announce_meeting(FIRST, 0)),
        (ROUND[:1], lambda c: c.ask_handover(EVE, MONDAY)),
        (ROUND[:1], lambda c: c.suspend("leave", LATER)),
        (ROUND[:1], lambda c: c.suspend_for("leave", MONDAY, LATER)),
        (ROUND[:1], lambda c: c.note_sent(FIRST, "partner")),
        (ROUND[:1], lambda c: c.note_refused(FIRST, "partner", "bounced")),
    ],
)
def test_a_step_is_taken_once_however_often_it_is_tried(before: tuple[Do, ...], step: Do) -> None:
    done = given(cycle(), *before, step).when(step)
    done.then()


def test_nudges_count_up_and_one_that_is_withheld_counts_as_well() -> None:
    given(cycle(), opens()).when(
        lambda c: c.nudge(1, None, ("employee",)),
        lambda c: c.nudge(2, "paused"),
        lambda c: c.nudge(2),
    ).then(
        ("cycles.nudged", {"conversation": FIRST, "number": 1, "tells": ("employee",)}),
        ("cycles.nudge_withheld", {"conversation": FIRST, "number": 2, "why": "paused"}),
    )


def test_partner_nudges_count_for_each_turn_and_a_newer_turn_begins_anew() -> None:
    given(cycle(), opens()).when(
        lambda c: c.nudge_partner(MONDAY + DAY, 1, None, ("partner",)),
        lambda c: c.nudge_partner(MONDAY + DAY, 2, "held"),
        lambda c: c.nudge_partner(MONDAY + DAY, 2),
        lambda c: c.nudge_partner(LATER, 1),
        lambda c: c.nudge_partner(MONDAY + DAY, 3),
    ).then(
        ("cycles.partner_nudged", {"turn": MONDAY + DAY, "number": 1, "tells": ("partner",)}),
        ("cycles.partner_nudge_withheld", {"turn": MONDAY + DAY, "number": 2, "why": "held"}),
        ("cycles.partner_nudged", {"turn": LATER, "number": 1}),
    )


def test_a_partner_whose_turn_it_is_from_the_first_moment_on_is_reminded_too() -> None:
    given(cycle(), opens()).when(lambda c: c.nudge_partner(MONDAY, 1)).then(
        ("cycles.partner_nudged", {"turn": MONDAY, "number": 1})
    )


def test_hr_is_told_once_for_each_turn() -> None:
    given(cycle(), opens()).when(
        lambda c: c.escalate(MONDAY, ("hr",)), lambda c: c.escalate(LATER)
    ).then(
        ("cycles.escalated", {"turn": MONDAY, "tells": ("hr",)}),
        ("cycles.escalated", {"turn": LATER}),
    )


def test_nudges_are_held_and_released() -> None:
    c = cycle()
    given(c).when(Cycle.release_nudges, Cycle.hold_nudges).then(("cycles.nudges_held", {}))
    assert c.nudges_held
    given(c).when(Cycle.release_nudges, Cycle.release_nudges).then(("cycles.nudges_released", {}))
    assert not c.nudges_held


def test_check_ins_count_up_and_a_follow_up_counts_its_nudges_anew() -> None:
    c = cycle()
    given(c, opens(), lambda c: c.nudge(2), plans, develops).when(
        lambda c: c.ask_check_in(1, ("employee",)), lambda c: c.ask_check_in(1), follows_up
    ).then(
        ("cycles.check_in_asked", {"number": 1, "tells": ("employee",)}),
        (
            "cycles.follow_up_opened",
            {
                "conversation": AGAIN,
                "guide": "follow-up",
                "guide_version": 4,
                "tells": ("employee",),
            },
        ),
    )
    assert (c.state, c.nudges, c.check_ins, c.conversations) == ("follow_up", 0, 1, [FIRST, AGAIN])


def test_a_meeting_is_announced_for_each_change_of_it() -> None:
    given(cycle(), opens()).when(
        lambda c: c.announce_meeting(FIRST, 0, ("employee",)),
        lambda c: c.announce_meeting(FIRST, 2),
        lambda c: c.announce_meeting(FIRST, 1),
        lambda c: c.announce_meeting(AGAIN, 0),
    ).then(
        (
            "cycles.meeting_announced",
            {"conversation": FIRST, "sequence": 0, "tells": ("employee",)},
        ),
        ("cycles.meeting_announced", {"conversation": FIRST, "sequence": 2}),
        ("cycles.meeting_announced", {"conversation": AGAIN, "sequence": 0}),
    )


def test_a_partner_who_comes_back_is_asked_about_again() -> None:
    given(cycle(), opens()).when(
        lambda c: c.ask_handover(EVE, MONDAY, ("employee",)), lambda c: c.ask_handover(EVE, LATER)
    ).then(
        ("cycles.handover_asked", {"partner": EVE, "named_at": MONDAY, "tells": ("employee",)}),
        ("cycles.handover_asked", {"partner": EVE, "named_at": LATER}),
    )


def test_while_it_stands_still_no_step_is_taken_but_those_that_may_come_at_any_time() -> None:
    c = cycle()
    given(c, opens()).when(lambda c: c.suspend("sabbatical", None)).then(
        ("cycles.suspended", {"reason": "sabbatical"})
    )
    for step in (
        lambda c: c.nudge(1),
        lambda c: c.nudge_partner(LATER, 1),
        lambda c: c.escalate(MONDAY),
        plans,
        rests,
    ):
        given(c).when(step).refused(StandsStill)
    c.announce_meeting(FIRST, 0)
    c.ask_handover(EVE, MONDAY)
    c.hold_nudges()


def test_no_round_opens_in_a_cycle_that_stands_still_or_is_over() -> None:
    given(cycle(), lambda c: c.suspend("leave", None)).when(opens()).refused(StandsStill)
    given(cycle(), closes).when(opens()).refused(AlreadyClosed)


def test_a_suspension_by_hand_can_be_given_another_day() -> None:
    given(cycle()).when(
        lambda c: c.suspend("leave", LATER), lambda c: c.suspend("leave", LATER + DAY)
    ).then(
        ("cycles.suspended", {"reason": "leave", "until": LATER}),
        ("cycles.suspended", {"reason": "leave", "until": LATER + DAY}),
    )


def test_what_the_cycle_sees_by_itself_ends_by_itself() -> None:
    c = cycle()
    given(c).when(lambda c: c.suspend_for("no_partner", MONDAY, None, ("hr",))).then(
        (
            "cycles.suspended",
            {"reason": "no_partner", "since": MONDAY, "own": True, "tells": ("hr",)},
        )
    )
    given(c).when(Cycle.resume).refused(SuspendedByItself)
    given(c).when(lambda c: c.resume_from("leave", LATER)).then()
    given(c).when(lambda c: c.resume_from("no_partner", LATER)).then(
        ("cycles.resumed", {"reason": "no_partner", "since": LATER})
    )
    given(c).when(Cycle.resume).refused(NotSuspended)


def test_an_end_that_is_about_an_earlier_suspension_is_passed_over() -> None:
    c = cycle()
    c.suspend_for("leave", LATER, None)
    given(c).when(lambda c: c.resume_from("leave", MONDAY)).then()
    given(c).when(lambda c: c.resume_from("leave", LATER)).then(
        ("cycles.resumed", {"reason": "leave", "since": LATER})
    )


def test_a_suspension_by_hand_ends_by_itself_on_its_day_alone() -> None:
    c = cycle()
    c.suspend("leave", LATER)
    given(c).when(lambda c: c.resume_from(None, LATER + DAY)).then()
    given(c).when(lambda c: c.resume_from(None, LATER)).then(("cycles.resumed", {"since": LATER}))


def test_one_reason_ends_and_the_other_stays() -> None:
    c = cycle()
    opens()(c)
    c.suspend_for("leave", MONDAY, None)
    c.suspend("by hand", None)
    c.resume()
    assert set(c.suspensions) == {"leave"}
    given(c).when(lambda c: c.nudge(1)).refused(StandsStill)


def test_a_closed_cycle_is_over() -> None:
    c = cycle()
    opens()(c)
    c.suspend_for("leave", MONDAY, None)
    given(c).when(closes).then(("cycles.closed", {"why": "left", "tells": ("employee",)}))
    assert (c.state, c.suspensions) == ("closed", {})
    for step in (
        lambda c: c.nudge(1),
        Cycle.hold_nudges,
        Cycle.release_nudges,
        lambda c: c.ask_handover(EVE, MONDAY),
        lambda c: c.suspend("leave", None),
        lambda c: c.suspend_for("leave", MONDAY, None),
        Cycle.resume,
        lambda c: c.resume_from(None, MONDAY),
        lambda c: c.note_wake("look_again"),
    ):
        given(c).when(step).refused(AlreadyClosed)
    given(c).when(Cycle.interrupt).then()


def test_that_a_meeting_is_off_is_told_after_a_cycle_was_closed_by_hand_too() -> None:
    given(cycle(), opens(), closes).when(lambda c: c.announce_meeting(FIRST, 1, ("partner",))).then(
        (
            "cycles.meeting_announced",
            {"conversation": FIRST, "sequence": 1, "tells": ("partner",)},
        )
    )


def test_what_became_of_a_mail_is_noted_for_each_reader_also_after_the_end() -> None:
    given(cycle(), closes).when(
        lambda c: c.note_sent(FIRST, "employee"),
        lambda c: c.note_refused(FIRST, "partner", "bounced"),
        lambda c: c.note_refused(FIRST, "employee", "late"),
        lambda c: c.note_sent(FIRST, "partner"),
    ).then(
        ("cycles.notice_sent", {"notice": FIRST, "to": "employee"}),
        ("cycles.notice_refused", {"notice": FIRST, "to": "partner", "why": "bounced"}),
    )


def test_what_ops_did_is_on_record_each_time() -> None:
    given(cycle()).when(
        lambda c: c.note_wake("look_again"), lambda c: c.note_wake("look_again"), Cycle.interrupt
    ).then(
        ("cycles.wake_asked", {"verb": "look_again"}),
        ("cycles.wake_asked", {"verb": "look_again"}),
        ("cycles.interrupted", {}),
    )


@pytest.mark.parametrize(
    "terms",
    [
        Terms(cadence="soon"), Terms(follow_up_after="6 months"), Terms(plan_within="P0D"),
        Terms(check_in_every=""), Terms(pause_default="-P1D"), Terms(pause_longest="P"),
        Terms(return_grace="two weeks"), Terms(handover_within="x"), Terms(partner_wanted_after="x"),
        Terms(answer_nudges=("P7D", "x")), Terms(partner_nudges=("x",)),
    ],
)  # fmt: skip
def test_every_time_of_a_policy_is_a_period(terms: Terms) -> None:
    with pytest.raises(NotAPeriod):
        Policy.adopt("acme", MONDAY, terms)


def test_the_same_terms_again_are_nothing_new_and_the_hr_partner_is_not_told() -> None:
    policy = Policy.adopt("acme", MONDAY, Terms(hr_partner=BEN))
    given(policy).when(lambda p: p.change(Terms(hr_partner=BEN))).then()
    told = policy.receipt()
    assert (told["version"], told["cadence"], told["min_group"]) == (1, "P6M", 10)
    assert "hr_partner" not in told
    assert policy.subject is None
    assert policy.id == policy_stream("acme") != policy_stream("other")
