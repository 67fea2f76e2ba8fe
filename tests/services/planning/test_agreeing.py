"""What may happen to a plan, and what may not."""

from __future__ import annotations

import pytest

from services.planning.domain import (
    ActionEnded,
    ActionUnknown,
    Goal,
    GoalUnknown,
    NotActive,
    NothingPlanned,
    NothingToAgree,
    Plan,
    PlanEnded,
)
from tests.examples import MONDAY, action, plan
from tests.given import given

LEAD = Goal("Lead something from start to end")


def with_goal(p: Plan) -> None:
    p.set_goal("lead", LEAD)
    p.plan_action("mentor", action())


def agreed(p: Plan) -> None:
    with_goal(p)
    p.propose("employee")
    p.agree("partner")


def test_a_goal_is_set() -> None:
    given(plan()).when(lambda p: p.set_goal("lead", LEAD)).then(
        ("plan.goal_set", {"goal": "lead", "text": LEAD.text})
    )


def test_every_action_serves_a_goal() -> None:
    given(plan()).when(lambda p: p.plan_action("mentor", action())).refused(GoalUnknown)


@pytest.mark.parametrize(
    "method", ["job_enrichment", "stretch_assignment", "mentoring", "coaching", "other"]
)
def test_actions_of_all_methods_are_planned(method: str) -> None:
    p = plan()
    p.set_goal("lead", LEAD)
    p.plan_action("one", action(method=method))
    assert p.actions["one"].method == method


def test_a_goal_that_nothing_serves_is_seen() -> None:
    p = plan()
    with_goal(p)
    p.set_goal("rest", Goal("Sleep more"))
    assert p.unserved_goals == ["rest"]


def test_a_plan_without_a_goal_is_not_proposed() -> None:
    given(plan()).when(lambda p: p.propose("employee")).refused(NothingPlanned)


def test_whoever_proposes_agrees() -> None:
    given(plan(), with_goal).when(lambda p: p.propose("employee")).then(
        ("plan.proposed", {"by": "employee", "revision": 2}),
        ("plan.agreed", {"by": "employee", "revision": 2}),
    )


def test_a_plan_is_in_force_when_both_agreed_to_the_same_revision() -> None:
    given(plan(), with_goal, lambda p: p.propose("employee")).when(
        lambda p: p.agree("partner")
    ).then(
        ("plan.agreed", {"by": "partner", "revision": 2}),
        ("plan.activated", {"revision": 2}),
    )


def test_one_side_alone_never_puts_a_plan_in_force() -> None:
    given(plan(), with_goal, lambda p: p.propose("employee")).when(
        lambda p: p.agree("employee")
    ).then()


def test_nothing_is_agreed_before_it_was_proposed() -> None:
    given(plan(), with_goal).when(lambda p: p.agree("partner")).refused(NothingToAgree)


def test_a_change_after_the_proposal_needs_both_again() -> None:
    p = plan()
    with_goal(p)
    p.propose("employee")
    p.set_goal("lead", Goal("Lead two things"))
    p.agree("partner")
    assert p.state == "proposed"
    p.agree("employee")
    assert p.state == "active"


def test_the_old_revision_stays_in_force_until_both_agreed_to_the_new_one() -> None:
    p = plan()
    agreed(p)
    p.set_goal("lead", Goal("Lead two things"))
    assert (p.in_force, p.revision) == (2, 3)
    assert p.agreed_goals["lead"] == LEAD
    p.agree("partner")
    p.agree("employee")
    assert (p.in_force, p.agreed_goals["lead"].text) == (3, "Lead two things")


def test_who_asks_for_changes_takes_the_agreements_back() -> None:
    p = plan()
    with_goal(p)
    p.propose("employee")
    p.request_changes("partner", "One more goal")
    p.agree("partner")
    assert p.state == "proposed"


def test_an_action_is_reported_on_only_when_the_plan_is_in_force() -> None:
    given(plan(), with_goal).when(lambda p: p.start_action("mentor", None)).refused(NotActive)
    given(plan(), agreed).when(lambda p: p.start_action("mentor", None)).then(
        ("plan.action_started", {"action": "mentor"})
    )


def test_an_action_that_ended_stays_as_it_is() -> None:
    given(plan(), agreed, lambda p: p.finish_action("mentor", None)).when(
        lambda p: p.leave_action_undone("mentor", None)
    ).refused(ActionEnded)


def test_an_unknown_action_is_refused() -> None:
    given(plan(), agreed).when(lambda p: p.finish_action("nap", None)).refused(ActionUnknown)


def test_reporting_is_no_material_change_but_dropping_is() -> None:
    p = plan()
    agreed(p)
    p.block_action("mentor", "organisation", "No time granted")
    assert p.revision == p.in_force
    p.drop_action("mentor", None)
    assert p.revision == p.in_force + 1


def test_a_check_in_takes_two_clicks() -> None:
    given(plan(), agreed).when(lambda p: p.check_in("on_track", None)).then(
        ("plan.checked_in", {"state": "on_track"})
    )


def test_a_plan_is_reviewed_and_completed_with_its_round() -> None:
    given(plan(), agreed, lambda p: p.review()).when(lambda p: p.complete()).then(
        ("plan.completed", {})
    )


def test_doing_without_a_plan_is_a_full_outcome() -> None:
    given(plan()).when(lambda p: p.close()).then(("plan.closed", {}))
    given(plan(), lambda p: p.close()).when(lambda p: p.set_goal("lead", LEAD)).refused(PlanEnded)


def test_the_moment_of_agreement_is_the_records_time() -> None:
    p = plan()
    agreed(p)
    assert p.activated_at == MONDAY
