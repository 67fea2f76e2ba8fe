"""A plan as a whole: with what it begins, what counts as a revision, which of its fields are words."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest

from services.planning.content import Aspect, Goal
from services.planning.domain import Plan, plan_id
from services.planning.drafting import GoalUnknown, PlanEnded
from shared.eventstore.events import EventType
from tests.examples import ANA, BEN, CYCLE, LATER, action, agreed, conversation, plan
from tests.given import given


def test_it_begins_as_a_draft_of_its_rounds_conversation() -> None:
    p = plan()
    assert (p.person, p.cycle, p.round, p.conversation) == (ANA, CYCLE, 1, conversation().id)
    assert (p.subject, p.correlation) == (ANA, CYCLE)
    assert p.receipt() == {
        "id": str(p.id), "version": 1, "state": "draft", "revision": 0, "in_force": None,
    }  # fmt: skip
    agreed(p)
    assert p.receipt() == {
        "id": str(p.id), "version": p.version, "state": "active", "revision": 2, "in_force": 2,
    }  # fmt: skip


def test_the_id_of_a_rounds_plan_stays_what_it_was() -> None:
    assert plan_id(CYCLE, 1) == UUID("e9e25ee8-8a5d-5910-964e-347900797cad")


def test_what_a_draft_holds_from_before_nobody_has_said() -> None:
    before = plan()
    agreed(before)
    before.review()
    before.carry_over("mentor", None, "employee")
    drafted = Plan.draft(
        person=ANA,
        cycle=CYCLE,
        round=2,
        conversation=conversation().id,
        at=LATER,
        facets={"boats": Aspect("goal", "Build a boat")},
        previous=before,
    )
    said = [(e.TOPIC, e.side) for e in drafted.collect_events() if hasattr(e, "side")]
    assert said == [
        ("plan.goal_set", "nobody"),
        ("plan.goal_set", "nobody"),
        ("plan.action_planned", "nobody"),
    ]


WORDS: dict[str, tuple[str, ...]] = {
    "Drafted": ("direction", "facets"),
    "GoalSet": ("text", "horizon"),
    "ActionPlanned": ("title", "success", "mentor", "details"),
    "ActionRevised": ("title", "success", "mentor", "details"),
    "ActionDropped": ("comment",),
    "ActionDone": ("comment",),
    "CheckedIn": ("comment",),
    "ChangesRequested": ("comment",),
}


@pytest.mark.parametrize(("event", "words"), WORDS.items(), ids=WORDS)
def test_what_people_wrote_is_words_and_what_is_no_text_is_nothing_once_erased(
    event: str, words: tuple[str, ...]
) -> None:
    known = EventType(getattr(Plan, event), Plan)
    assert known.words == words
    assert all(known.erased[name] is None for name in {"facets", "details"} & set(words))


def test_whoever_serves_a_goal_that_is_not_there_is_told_which() -> None:
    with pytest.raises(GoalUnknown, match=r"^no goal 'lead': The plan has no such goal"):
        plan().plan_action("mentor", action())


def test_every_change_of_an_action_is_one_revision() -> None:
    p = plan()
    agreed(p)
    p.plan_action("mentor", action(title="Two hours a month"))
    assert p.revision == 3
    p.start_action("mentor", None)
    assert (p.revision, p.state_of("mentor")) == (3, "started")
    p.drop_action("mentor", None)
    assert (p.revision, p.state_of("mentor")) == (4, "dropped")


ENDS: dict[str, Any] = {"completed": Plan.complete, "closed": Plan.close}


@pytest.mark.parametrize("end", ENDS.values(), ids=ENDS)
def test_what_a_plan_held_at_its_end_stays(end: Any) -> None:
    for change in (
        lambda p: p.set_goal("rest", Goal("Sleep more")),
        lambda p: p.plan_action("coach", action(method="coaching")),
        lambda p: p.drop_action("mentor", None),
        lambda p: p.propose("partner", BEN),
    ):
        given(plan(), agreed, end).when(change).refused(PlanEnded)
