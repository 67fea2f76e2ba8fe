"""A revision is in force when both sides agreed to that very one; till then the old one stays."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

import pytest

from services.planning.agreeing import NothingPlanned, NothingToAgree
from services.planning.content import Goal, Wish
from services.planning.drafting import PlanEnded
from tests.examples import BEN, EVE, LATER, MONDAY, action, agreed, plan, with_goal
from tests.given import given


def test_a_plan_without_a_goal_is_not_proposed() -> None:
    given(plan()).when(lambda p: p.propose("employee")).refused(NothingPlanned)


def test_whoever_proposes_agrees() -> None:
    given(plan(), with_goal).when(lambda p: p.propose("employee")).then(
        ("plan.proposed", {"by": "employee", "revision": 2}),
        ("plan.agreed", {"by": "employee", "revision": 2}),
    )


def test_proposing_the_same_revision_twice_is_nothing_new() -> None:
    given(plan(), with_goal, lambda p: p.propose("employee")).when(
        lambda p: p.propose("employee")
    ).then()


def test_a_plan_is_in_force_when_both_agreed_to_the_same_revision() -> None:
    given(plan(), with_goal, lambda p: p.propose("employee")).when(
        lambda p: p.agree("partner", BEN)
    ).then(
        ("plan.agreed", {"by": "partner", "revision": 2, "partner": BEN}),
        ("plan.activated", {"revision": 2}),
    )


def test_one_side_alone_never_puts_a_plan_in_force() -> None:
    given(plan(), with_goal, lambda p: p.propose("employee")).when(
        lambda p: p.agree("employee")
    ).then()


def test_nothing_is_agreed_before_it_was_proposed() -> None:
    given(plan(), with_goal).when(lambda p: p.agree("partner")).refused(NothingToAgree)
    given(plan(), with_goal).when(lambda p: p.request_changes("partner", None)).refused(
        NothingToAgree
    )


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
    lead = p.goals["lead"]
    p.set_goal("lead", Goal("Lead two things"))
    assert (p.in_force, p.revision) == (2, 3)
    assert p.agreed_goals["lead"] == lead
    p.agree("partner")
    p.agree("employee")
    assert (p.in_force, p.agreed_goals["lead"].text) == (3, "Lead two things")


def test_either_side_may_put_a_change_to_the_other() -> None:
    given(plan(), agreed, lambda p: p.set_goal("rest", Goal("Sleep more"))).when(
        lambda p: p.propose("partner", BEN), lambda p: p.agree("employee", BEN)
    ).then(
        ("plan.proposed", {"by": "partner", "revision": 3}),
        ("plan.agreed", {"by": "partner", "revision": 3, "partner": BEN}),
        ("plan.agreed", {"by": "employee", "revision": 3}),
        ("plan.activated", {"revision": 3}),
    )


def test_who_asks_for_changes_takes_the_agreements_back() -> None:
    p = plan()
    with_goal(p)
    p.propose("employee")
    p.request_changes("partner", "One more goal")
    assert p.wish == Wish("partner", 2, "One more goal", MONDAY)
    p.agree("partner")
    assert p.state == "proposed"


def test_a_plan_is_shown_by_the_employees_proposal_and_by_nothing_else() -> None:
    p = plan()
    with_goal(p)
    assert not p.proposed
    before = p.version
    p.propose("employee")
    p.at = LATER
    p.set_goal("rest", Goal("Sleep more"))
    p.propose("partner", BEN)
    assert (p.shown, p.shown_at) == ((MONDAY,), (before + 1,))


def test_a_plan_is_proposed_again_to_a_new_partner_and_shown_by_it() -> None:
    p = plan()
    agreed(p)
    given(p).at(LATER).when(
        lambda p: p.propose("employee", None, LATER), lambda p: p.propose("employee", None, LATER)
    ).then(("plan.proposed", {"by": "employee", "revision": 2}))
    assert p.shown == (MONDAY, LATER)
    assert p.state == "active"


@pytest.mark.parametrize("present", [(EVE, LATER), (BEN, LATER), (None, None)])
def test_what_somebody_agreed_to_while_they_were_the_partner_counts_no_more_afterwards(
    present: tuple[UUID | None, datetime | None],
) -> None:
    p = plan()
    agreed(p)
    p.plan_action("mentor", action(title="Two hours a month"))
    p.propose("partner", BEN, MONDAY)
    given(p).at(LATER).when(
        lambda p: p.agree("employee", *present), lambda p: p.agree("employee", *present)
    ).then(("plan.agreed", {"by": "employee", "revision": 3}))
    assert (p.in_force, p.promises["mentor"].since) == (2, MONDAY)
    given(p).when(lambda p: p.propose("partner", EVE, LATER)).then(
        ("plan.proposed", {"by": "partner", "revision": 3}),
        ("plan.agreed", {"by": "partner", "revision": 3, "partner": EVE}),
        ("plan.activated", {"revision": 3}),
    )
    assert p.promises["mentor"].by == EVE


def test_what_the_employee_agreed_to_counts_whoever_the_partner_has_become() -> None:
    given(plan(), with_goal, lambda p: p.propose("employee", BEN, MONDAY)).at(LATER).when(
        lambda p: p.agree("partner", EVE, LATER)
    ).then(
        ("plan.agreed", {"by": "partner", "revision": 2, "partner": EVE}),
        ("plan.activated", {"revision": 2}),
    )


def test_nobody_agrees_again_to_what_is_in_force_because_somebody_else_is_the_partner() -> None:
    given(plan(), agreed).at(LATER).when(
        lambda p: p.agree("partner", EVE, LATER), lambda p: p.agree("employee", EVE, LATER)
    ).then()


def test_an_agreement_of_an_earlier_release_that_doesnt_say_whose_it_is_counts() -> None:
    p = plan()
    with_goal(p)
    p.propose("employee")
    p.set_goal("rest", Goal("Sleep more"))
    p.agree("partner")
    p.agree("employee", BEN, MONDAY)
    assert p.state == "active"


def test_what_partner_and_organisation_own_is_promised_once_it_is_in_force() -> None:
    p = plan()
    p.set_goal("lead", Goal("Lead"))
    p.plan_action("mine", action(owner="employee"))
    p.plan_action("his", action(owner="partner"))
    p.plan_action("theirs", action(owner="organisation"))
    p.propose("employee")
    assert p.promises == {}
    p.agree("partner", BEN)
    assert {name: (found.owner, found.by) for name, found in p.promises.items()} == {
        "his": ("partner", BEN),
        "theirs": ("organisation", BEN),
    }


def test_a_promise_stays_his_who_made_it_until_it_is_changed() -> None:
    p = plan()
    agreed(p)
    p.set_goal("rest", Goal("Sleep more"))
    p.propose("employee")
    p.agree("partner", EVE)
    assert p.promises["mentor"].by == BEN
    p.plan_action("mentor", action(title="Two hours a month"))
    p.propose("employee")
    p.agree("partner", EVE)
    assert p.promises["mentor"].by == EVE


def test_what_becomes_the_employees_own_is_a_promise_no_longer() -> None:
    p = plan()
    agreed(p)
    p.plan_action("mentor", action(owner="employee"))
    p.propose("employee")
    p.agree("partner", BEN)
    assert p.promises == {}


def test_a_plan_that_has_ended_is_not_agreed_to() -> None:
    for decide in (
        lambda p: p.propose("employee"),
        lambda p: p.agree("partner"),
        lambda p: p.request_changes("partner", None),
    ):
        given(plan(), agreed, lambda p: p.close()).when(decide).refused(PlanEnded)


def test_the_moment_of_agreement_is_the_records_time() -> None:
    p = plan()
    agreed(p)
    assert p.activated_at == MONDAY
