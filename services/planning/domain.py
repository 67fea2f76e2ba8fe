"""A development plan, put together from its chapters, and how it follows from what was said before."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any, Self
from uuid import UUID, uuid5

from services.planning.content import Action, Aspect, Goal
from services.planning.following import Following
from shared.eventstore.events import Aggregate


class Plan(Following, Aggregate):
    """The plan of one round; a revision is in force when both sides agreed to that very one."""

    TOPIC = "plan"

    @classmethod
    def draft(
        cls,
        *,
        person: UUID,
        cycle: UUID,
        round: int,
        conversation: UUID,
        at: datetime,
        direction: str | None = None,
        facets: Mapping[str, Aspect] | None = None,
        previous: Plan | None = None,
    ) -> Self:
        """Lay out a round's plan from what the conversation left, and what the last plan carried over.

        Goals among the facets become goals of the plan. It stays the employee's alone until proposed.
        """
        drafted = cls.begin(
            plan_id(cycle, round),
            at,
            person=person,
            cycle=cycle,
            round=round,
            conversation=conversation,
            previous=previous.id if previous else None,
            direction=direction,
            facets=dict(facets) if facets else None,
        )
        for name, facet in (facets or {}).items():
            if facet.kind == "goal":
                drafted.set_goal(name, Goal(facet.text, facet=name), "nobody")
        for name, action in (previous.carried_over if previous else {}).items():
            assert previous is not None
            if action.serves not in drafted.goals:
                drafted.set_goal(action.serves, previous.agreed_goals[action.serves], "nobody")
            drafted.plan_action(name, replace(action, carried_from=previous.id), "nobody")
        return drafted

    @property
    def carried_over(self) -> dict[str, Action]:
        """The actions that go on in the next round's plan."""
        agreed = self.agreed_actions
        return {name: agreed[name] for name in agreed if self.state_of(name) == "carried_over"}

    @property
    def subject(self) -> UUID:
        return self.person

    @property
    def correlation(self) -> UUID:
        return self.cycle

    def receipt(self) -> dict[str, Any]:
        return {
            "id": str(self.id),
            "version": self.version,
            "state": self.state,
            "revision": self.revision,
            "in_force": self.in_force,
        }


def plan_id(cycle: UUID, round: int) -> UUID:
    """The id of a round's plan."""
    return uuid5(cycle, f"plan/{round}")
