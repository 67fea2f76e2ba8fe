"""What becomes of a plan in force: reports, promises, check-ins, the review, and its end."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from services.planning.content import Goal
from services.planning.domain import Plan
from services.planning.drafting import ActionEnded, ActionUnknown, PlanEnded
from services.planning.following import NotActive, NotAgreed, NotUnderReview
from tests.examples import BEN, MONDAY, action, agreed, plan, with_goal
from tests.given import given

REPORTS: dict[str, Callable[[Plan], Any]] = {
    "action_started": lambda p: p.start_action("mentor", None, "employee"),
    "action_done": lambda p: p.finish_action("mentor", None, "employee"),
    "action_not_done": lambda p: p.leave_action_undone("mentor", None, "employee"),
}


def together(p: Plan) -> None:
    p.propose("partner", BEN)
    p.agree("employee", BEN)


@pytest.mark.parametrize(("topic", "report"), REPORTS.items(), ids=REPORTS.keys())
def test_a_report_says_who_gave_it(topic: str, report: Callable[[Plan], Any]) -> None:
    given(plan(), agreed).when(report).then(
        (f"plan.{topic}", {"action": "mentor", "side": "employee"})
    )


@pytest.mark.parametrize("report", REPORTS.values(), ids=REPORTS.keys())
def test_an_action_is_reported_on_only_when_the_plan_is_in_force(
    report: Callable[[Plan], Any],
) -> None:
    given(plan(), with_goal).when(report).refused(NotActive)


def test_an_action_of_a_revision_that_waits_is_not_in_force_yet() -> None:
    given(plan(), agreed, lambda p: p.plan_action("coach", action(method="coaching"))).when(
        lambda p: p.start_action("coach", None)
    ).refused(NotAgreed)


def test_an_action_whose_drop_waits_for_an_agreement_goes_on() -> None:
    p = plan()
    agreed(p)
    p.drop_action("mentor", None, "employee")
    assert p.state_of("mentor") == "dropped"
    p.finish_action("mentor", None, "partner")
    assert (p.state_of("mentor"), p.promise_of("mentor")) == ("done", "kept")


def blocked(p: Plan) -> None:
    p.block_action("mentor", "organisation", None)


def test_an_action_that_ended_stays_as_it_is() -> None:
    for end in (REPORTS["action_done"], REPORTS["action_not_done"]):
        for again in (*REPORTS.values(), blocked, lambda p: p.drop_action("mentor", None)):
            given(plan(), agreed, end).when(again).refused(ActionEnded)


def test_an_unknown_action_is_refused() -> None:
    given(plan(), agreed).when(lambda p: p.finish_action("nap", None)).refused(ActionUnknown)


def test_a_blocked_action_says_who_could_change_that_and_goes_on() -> None:
    p = plan()
    agreed(p)
    p.block_action("mentor", "organisation", "No time granted", "employee")
    assert (p.reports["mentor"].state, p.reports["mentor"].blocked_by) == (
        "blocked",
        "organisation",
    )
    p.start_action("mentor", None)
    assert (p.reports["mentor"].state, p.reports["mentor"].blocked_by) == ("started", None)


def test_reporting_is_no_material_change_but_dropping_is() -> None:
    p = plan()
    agreed(p)
    p.block_action("mentor", "organisation", "No time granted")
    assert p.revision == p.in_force
    p.drop_action("mentor", None)
    assert p.revision == (p.in_force or 0) + 1


@pytest.mark.parametrize(
    ("report", "promise"),
    [
        (REPORTS["action_started"], "open"),
        (REPORTS["action_done"], "kept"),
        (REPORTS["action_not_done"], "broken"),
        (lambda p: p.drop_action("mentor", None, "partner"), "open"),
        (lambda p: (p.drop_action("mentor", None, "partner"), together(p)), "released"),
        (lambda p: (p.review(), p.drop_action("mentor", None, "partner")), "released"),
        (lambda p: p.block_action("mentor", "partner", None), "open"),
        (lambda p: p.close(), "released"),
        (lambda p: p.complete(), "carried_over"),
    ],
)
def test_a_promise_is_kept_broken_or_released_on_record(
    report: Callable[[Plan], Any], promise: str
) -> None:
    p = plan()
    agreed(p)
    report(p)
    assert p.promise_of("mentor") == promise


def test_a_check_in_takes_two_clicks() -> None:
    given(plan(), agreed).when(lambda p: p.check_in("on_track", None, "employee")).then(
        ("plan.checked_in", {"state": "on_track", "side": "employee"})
    )
    given(plan(), with_goal).when(lambda p: p.check_in("on_track", None)).refused(NotActive)


def test_the_last_check_in_is_the_one_that_counts() -> None:
    p = plan()
    agreed(p)
    p.check_in("on_track", None, "employee")
    p.check_in("blocked", "Nobody has time", "partner")
    told = p.last_check_in
    assert told is not None
    assert (told.state, told.comment, told.by, told.at) == (
        "blocked",
        "Nobody has time",
        "partner",
        MONDAY,
    )


def test_a_plan_in_force_comes_to_its_review_once() -> None:
    given(plan(), agreed).when(lambda p: p.review(), lambda p: p.review()).then(
        ("plan.reviewed", {})
    )
    given(plan(), with_goal).when(lambda p: p.review()).then()


def test_at_the_review_an_action_is_carried_over_dropped_or_done_and_it_says_who_decided() -> None:
    p = plan()
    with_goal(p)
    p.plan_action("coach", action(method="coaching"))
    p.plan_action("enrich", action(method="job_enrichment"))
    p.propose("employee")
    p.agree("partner", BEN)
    given(p, lambda p: p.review()).when(
        lambda p: p.carry_over("mentor", "Not yet", "employee"),
        lambda p: p.drop_action("coach", None, "employee"),
        lambda p: p.finish_action("enrich", None, "partner"),
    ).then(
        (
            "plan.action_carried_over",
            {"action": "mentor", "comment": "Not yet", "side": "employee"},
        ),
        ("plan.action_dropped", {"action": "coach", "side": "employee"}),
        ("plan.action_done", {"action": "enrich", "side": "partner"}),
    )
    assert p.undecided == []


def test_dropping_at_the_review_is_a_decision_and_needs_no_new_agreement() -> None:
    p = plan()
    agreed(p)
    p.review()
    p.drop_action("mentor", None, "employee")
    assert (p.state_of("mentor"), p.revision) == ("dropped", p.in_force)


def test_nothing_is_carried_over_before_the_review() -> None:
    given(plan(), agreed).when(lambda p: p.carry_over("mentor", None, "employee")).refused(
        NotUnderReview
    )


def test_what_nobody_decided_on_is_carried_over_with_its_round_and_says_so() -> None:
    given(plan(), agreed, lambda p: p.review()).when(lambda p: p.complete()).then(
        ("plan.action_carried_over", {"action": "mentor", "side": "nobody"}),
        ("plan.completed", {}),
    )


def test_one_that_was_never_in_force_is_closed_with_its_round() -> None:
    for earlier in (with_goal, lambda p: (with_goal(p), p.propose("employee"))):
        given(plan(), earlier).when(lambda p: p.complete(), lambda p: p.complete()).then(
            ("plan.closed", {})
        )


def test_what_was_never_agreed_is_not_carried_over() -> None:
    p = plan()
    agreed(p)
    p.plan_action("coach", action(method="coaching"))
    p.review()
    given(p).when(lambda p: p.carry_over("coach", None, "employee")).refused(NotAgreed)
    p.complete()
    assert set(p.carried_over) == {"mentor"}


def test_a_plan_that_was_completed_stays_so() -> None:
    p = plan()
    agreed(p)
    p.complete()
    given(p).when(lambda p: p.complete(), lambda p: p.close()).then()
    assert p.state == "completed"


def test_doing_without_a_plan_is_a_full_outcome() -> None:
    given(plan()).when(lambda p: p.close(), lambda p: p.close()).then(("plan.closed", {}))
    given(plan(), lambda p: p.close()).when(lambda p: p.set_goal("x", Goal("y"))).refused(PlanEnded)


def test_a_plan_that_has_ended_takes_no_reports() -> None:
    for report in (*REPORTS.values(), lambda p: p.check_in("on_track", None)):
        given(plan(), agreed, lambda p: p.close()).when(report).refused(PlanEnded)
    given(plan(), agreed, lambda p: p.close()).when(
        lambda p: p.carry_over("mentor", None, "employee")
    ).refused(PlanEnded)
