"""Which methods might fit, each with its reason: plain rules over what was said and what is planned.

A rule reads the direction, the facets, the goals and what became of earlier actions. It never reads
between the lines, and ranks nobody: a suggestion is a starting point for a conversation.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from uuid import UUID

from services.planning.content import Method, Outcome
from services.planning.domain import Plan


@dataclass(frozen=True)
class Suggestion:
    """A method, the goal that it would serve if any, and why: a code, and what it follows from."""

    method: Method
    reason: str
    goal: str | None = None
    follows_from: str | None = None
    mentors: tuple[UUID, ...] = ()


@dataclass(frozen=True)
class Past:
    """What became of an action of this or an earlier plan."""

    method: Method
    serves: str
    outcome: Outcome


WHY = {
    "direction_expand_wider": {
        "en": "A larger role can begin inside the present one, with something that belongs to it.",
        "de": "Eine größere Rolle kann in der jetzigen beginnen: mit einer Aufgabe, die dazugehört.",
    },
    "direction_expand_try": {
        "en": "A demanding project shows what a larger role is like, before anybody decides on it.",
        "de": "Ein anspruchsvolles Vorhaben zeigt, wie eine größere Rolle ist, vor jeder Entscheidung.",
    },
    "direction_deepen_variety": {
        "en": "Staying with the craft can mean more of its hard and varied parts.",
        "de": "Beim Handwerk zu bleiben kann heißen: mehr von seinen schwierigen, vielfältigen Seiten.",
    },
    "direction_deepen_masters": {
        "en": "Depth grows beside somebody who is further along, or by being that person for others.",
        "de": "Tiefe wächst neben jemandem, der weiter ist, oder indem man das für andere ist.",
    },
    "direction_redirect_try": {
        "en": "Something different can be tried in a bounded project first, also with fewer duties.",
        "de": "Etwas anderes lässt sich erst begrenzt ausprobieren, auch mit weniger Aufgaben.",
    },
    "direction_redirect_ask": {
        "en": "Somebody who already works there can say what it is like.",
        "de": "Jemand, der schon dort arbeitet, kann erzählen, wie es ist.",
    },
    "direction_undecided": {
        "en": "Coaching helps to find out what one wants; nothing needs to be decided first.",
        "de": "Coaching hilft herauszufinden, was man möchte; vorher muss nichts entschieden sein.",
    },
    "facet_skill": {
        "en": "A project that needs this skill builds it.",
        "de": "Ein Vorhaben, das diese Fähigkeit braucht, bildet sie aus.",
    },
    "facet_interest": {
        "en": "This interest could find room in the present work.",
        "de": "Dieses Interesse könnte in der jetzigen Arbeit Platz finden.",
    },
    "facet_value": {
        "en": "Work can be arranged so that more of it is about what matters to you.",
        "de": "Arbeit lässt sich so einrichten, dass mehr von ihr dem gilt, was Ihnen wichtig ist.",
    },
    "mentor_offered": {
        "en": "Somebody has offered to pass this on.",
        "de": "Jemand hat angeboten, das weiterzugeben.",
    },
    "goal_unserved": {
        "en": "Nothing in the plan serves this goal yet; coaching helps to find the first step.",
        "de": "Noch dient nichts im Plan diesem Ziel; Coaching hilft, den ersten Schritt zu finden.",
    },
    "tried_before": {
        "en": "Another method went undone for this goal; a pairing may carry further than going alone.",
        "de": "Etwas anderes blieb für dieses Ziel liegen; zu zweit geht es vielleicht weiter.",
    },
    "built_on": {
        "en": "What was learned for this goal can be put to use in a project of its own.",
        "de": "Was für dieses Ziel gelernt wurde, lässt sich in einem eigenen Vorhaben anwenden.",
    },
}
"""The reasons, as people read them."""

_BY_DIRECTION: dict[str, tuple[tuple[Method, str], ...]] = {
    "expand": (
        ("job_enrichment", "direction_expand_wider"),
        ("stretch_assignment", "direction_expand_try"),
    ),
    "deepen": (
        ("job_enrichment", "direction_deepen_variety"),
        ("mentoring", "direction_deepen_masters"),
    ),
    "redirect": (
        ("stretch_assignment", "direction_redirect_try"),
        ("mentoring", "direction_redirect_ask"),
    ),
    "undecided": (("coaching", "direction_undecided"),),
}
"""What each direction suggests; none of them is better than another, and each suggests something."""

_BY_FACET: dict[str, tuple[Method, str]] = {
    "skill": ("stretch_assignment", "facet_skill"),
    "interest": ("job_enrichment", "facet_interest"),
    "value": ("job_enrichment", "facet_value"),
}


def suggest(
    plan: Plan, past: Iterable[Past], mentors: Mapping[str, tuple[UUID, ...]], *, private: bool
) -> list[Suggestion]:
    """What might fit, the unserved goals first.

    `mentors` are those with room, by skill. `private` is for the employee alone: it also goes by the
    direction and the facets, which nobody else need know of.
    """
    found = [*_by_goals(plan, list(past)), *_by_mentors(plan, mentors, private)]
    if private:
        found += [*_by_facets(plan), *_by_direction(plan)]
    return found


def skills_of(plan: Plan, *, private: bool) -> dict[str, str | None]:
    """The codes by which mentors are looked for, each with its goal: of goals, and of own skills."""
    own = {n: _goal_for(plan, n) for n, facet in plan.facets.items() if facet.kind == "skill"}
    goals = {
        name: goal for goal, known in plan.goals.items() for name in (goal, known.facet) if name
    }
    return (own if private else {}) | goals


def _by_goals(plan: Plan, past: Collection[Past]) -> Iterator[Suggestion]:
    for goal in plan.unserved_goals:
        tried = [earlier for earlier in past if earlier.serves == goal]
        if any(earlier.outcome in {"not_done", "blocked"} for earlier in tried):
            yield Suggestion("mentoring", "tried_before", goal, goal)
        elif any(earlier.outcome == "done" for earlier in tried):
            yield Suggestion("stretch_assignment", "built_on", goal, goal)
        else:
            yield Suggestion("coaching", "goal_unserved", goal, goal)


def _by_mentors(
    plan: Plan, mentors: Mapping[str, tuple[UUID, ...]], private: bool
) -> Iterator[Suggestion]:
    for skill, goal in skills_of(plan, private=private).items():
        if found := mentors.get(skill):
            yield Suggestion("mentoring", "mentor_offered", goal, skill, found)


def _by_facets(plan: Plan) -> Iterator[Suggestion]:
    for name, facet in plan.facets.items():
        if found := _BY_FACET.get(facet.kind):
            yield Suggestion(*found, _goal_for(plan, name), name)


def _by_direction(plan: Plan) -> Iterator[Suggestion]:
    for method, reason in _BY_DIRECTION.get(plan.direction or "", ()):
        yield Suggestion(method, reason, follows_from="direction")


def _goal_for(plan: Plan, facet: str) -> str | None:
    """The goal that a facet belongs to, if there is one."""
    return next((goal for goal, known in plan.goals.items() if facet in {goal, known.facet}), None)
