"""What is planned: goals, actions by their methods, and how a plan follows from what was said."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from services.planning.content import (
    Action,
    Aspect,
    Coaching,
    Details,
    Goal,
    JobEnrichment,
    Mentoring,
    StretchAssignment,
)
from services.planning.domain import Plan
from services.planning.drafting import (
    ActionEnded,
    ActionUnknown,
    GoalServed,
    GoalUnknown,
    OwnMentor,
    PlanEnded,
)
from services.planning.view import action_of, missing_of
from tests.examples import ANA, BEN, CYCLE, LATER, action, agreed, conversation, plan, with_goal
from tests.given import given

LEAD = Goal("Lead something from start to end")
FACETS = {
    "lead": Aspect("goal", "Lead something"),
    "craft": Aspect("value", "Doing it properly"),
    "boats": Aspect("goal", "Build a boat"),
}
METHODS: dict[str, Details | None] = {
    "job_enrichment": JobEnrichment(adds="The release notes", varies="One week of support"),
    "stretch_assignment": StretchAssignment(
        skill="Leading", support="A day a week", risk="May slip"
    ),
    "mentoring": Mentoring(rhythm="An hour a month", until=date(2026, 12, 31)),
    "coaching": Coaching(coach="Somebody from outside", aim="Say no early", sessions=6),
    "other": None,
}


def next_plan(previous: Plan, **facets: Aspect) -> Plan:
    return Plan.draft(
        person=ANA,
        cycle=CYCLE,
        round=2,
        conversation=conversation().id,
        at=LATER,
        facets=facets,
        previous=previous,
    )


def test_a_goal_is_set() -> None:
    given(plan()).when(lambda p: p.set_goal("lead", LEAD, "employee")).then(
        ("plan.goal_set", {"goal": "lead", "text": LEAD.text, "side": "employee"})
    )


def test_the_same_goal_again_is_nothing_new() -> None:
    given(plan(), with_goal).when(lambda p: p.set_goal("lead", p.goals["lead"])).then()


def test_every_action_serves_a_goal() -> None:
    given(plan()).when(lambda p: p.plan_action("mentor", action())).refused(GoalUnknown)


@pytest.mark.parametrize(("method", "details"), METHODS.items(), ids=METHODS.keys())
def test_actions_of_all_methods_are_planned_with_fields_of_their_own(
    method: str, details: Details | None
) -> None:
    p = plan()
    p.set_goal("lead", LEAD)
    p.plan_action("one", action(method=method, details=details))
    planned = p.actions["one"]
    assert (planned.method, planned.details) == (method, details)


def test_the_fields_of_a_method_stand_beside_those_of_every_action() -> None:
    shown = action_of(action(method="coaching", details=METHODS["coaching"]))
    assert (shown["coach"], shown["sessions"]) == ("Somebody from outside", 6)
    assert (shown["owner"], shown["serves"]) == ("partner", "lead")


@pytest.mark.parametrize(
    ("planned", "missing"),
    [
        (action(by=date(2026, 6, 1), mentor="eve", details=METHODS["mentoring"]), []),
        (action(), ["by", "mentor", "rhythm"]),
        (action(method="coaching"), ["by", "coach", "aim"]),
        (action(method="stretch_assignment", by=date(2026, 6, 1)), ["skill", "support"]),
        (action(method="job_enrichment", by=date(2026, 6, 1)), ["adds"]),
        (action(method="job_enrichment", details=JobEnrichment(varies="x")), ["by"]),
        (action(method="other", by=date(2026, 6, 1)), []),
    ],
)
def test_what_may_still_be_talked_about_is_named(planned: Action, missing: list[str]) -> None:
    assert missing_of(action_of(planned)) == missing


def test_an_action_is_revised_and_the_same_again_is_nothing_new() -> None:
    given(plan(), with_goal).when(
        lambda p: p.plan_action("mentor", action(title="Two hours a month"), "partner"),
        lambda p: p.plan_action("mentor", action(title="Two hours a month"), "employee"),
    ).then(
        (
            "plan.action_revised",
            {
                "action": "mentor",
                "method": "mentoring",
                "title": "Two hours a month",
                "serves": "lead",
                "success": "We would both say so",
                "owner": "partner",
                "side": "partner",
            },
        )
    )


def test_nobody_is_their_own_mentor() -> None:
    given(plan(), with_goal).when(
        lambda p: p.plan_action("mentor", action(mentor="ana", mentored_by=ANA))
    ).refused(OwnMentor)
    p = plan()
    with_goal(p)
    p.plan_action("mentor", action(mentor="ben", mentored_by=BEN))
    assert p.actions["mentor"].mentored_by == BEN


def test_a_goal_that_nothing_serves_is_seen() -> None:
    p = plan()
    with_goal(p)
    p.set_goal("rest", Goal("Sleep more"))
    assert p.unserved_goals == ["rest"]
    p.drop_action("mentor", None)
    assert p.unserved_goals == ["lead", "rest"]


def test_a_goal_that_nothing_serves_is_dropped() -> None:
    given(plan(), lambda p: p.set_goal("lead", LEAD)).when(
        lambda p: p.drop_goal("lead", "employee")
    ).then(("plan.goal_dropped", {"goal": "lead", "side": "employee"}))


def test_a_goal_that_an_action_serves_is_not_dropped() -> None:
    given(plan(), with_goal).when(lambda p: p.drop_goal("lead")).refused(GoalServed)
    given(plan(), with_goal, lambda p: p.drop_action("mentor", None)).when(
        lambda p: p.drop_goal("lead")
    ).then(("plan.goal_dropped", {"goal": "lead"}))


def test_a_goal_that_is_not_there_is_not_dropped() -> None:
    given(plan()).when(lambda p: p.drop_goal("lead")).refused(GoalUnknown)


def test_an_action_that_was_dropped_stays_dropped() -> None:
    given(plan(), with_goal, lambda p: p.drop_action("mentor", None)).when(
        lambda p: p.plan_action("mentor", action(title="After all"))
    ).refused(ActionEnded)


def test_an_unknown_action_is_not_dropped() -> None:
    given(plan()).when(lambda p: p.drop_action("nap", None)).refused(ActionUnknown)


def test_each_change_makes_a_new_revision() -> None:
    p = plan()
    with_goal(p)
    assert p.revision == 2
    p.set_goal("rest", Goal("Sleep more"))
    p.drop_goal("rest")
    p.drop_action("mentor", None)
    assert p.revision == 5


def test_goals_among_the_facets_become_goals_of_the_draft() -> None:
    drafted = next_plan(plan(), **FACETS)
    assert drafted.goals == {
        "lead": Goal("Lead something", facet="lead"),
        "boats": Goal("Build a boat", facet="boats"),
    }
    assert drafted.facets == FACETS


def test_a_draft_that_follows_from_nothing_is_empty() -> None:
    assert (plan().goals, plan().actions, plan().direction) == ({}, {}, None)


def test_what_was_carried_over_begins_the_next_plan_with_the_goal_that_it_serves() -> None:
    before = plan()
    agreed(before)
    before.review()
    before.carry_over("mentor", None, "employee")
    drafted = next_plan(before)
    assert drafted.goals["lead"] == before.goals["lead"]
    assert drafted.actions["mentor"] == replace(action(), carried_from=before.id)
    assert drafted.state_of("mentor") == "planned"


def test_a_goal_that_was_said_anew_keeps_its_new_words_in_the_next_plan() -> None:
    before = plan()
    agreed(before)
    before.review()
    before.carry_over("mentor", None, "employee")
    drafted = next_plan(before, lead=Aspect("goal", "Lead two things"))
    assert drafted.goals["lead"].text == "Lead two things"


def test_nothing_else_of_the_last_plan_is_in_the_next_one() -> None:
    before = plan()
    with_goal(before)
    before.plan_action("dropped", action())
    before.plan_action("done", action())
    before.propose("employee")
    before.agree("partner")
    before.review()
    before.drop_action("dropped", None, "employee")
    before.finish_action("done", None, "partner")
    before.carry_over("mentor", None, "employee")
    assert set(next_plan(before).actions) == {"mentor"}


def test_a_plan_that_has_ended_is_not_changed() -> None:
    given(plan(), lambda p: p.close()).when(lambda p: p.set_goal("lead", LEAD)).refused(PlanEnded)
    given(plan(), lambda p: p.close()).when(lambda p: p.drop_goal("lead")).refused(PlanEnded)
    given(plan(), lambda p: p.close()).when(lambda p: p.drop_action("x", None)).refused(PlanEnded)
    given(plan(), lambda p: p.close()).when(lambda p: p.plan_action("x", action())).refused(
        PlanEnded
    )
