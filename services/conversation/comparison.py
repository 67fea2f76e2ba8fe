"""What has changed between two conversations: direction, goals, facets, answers to the same question.

Something that the reader may see of one side only is left out: half a comparison would tell of the
other half what its author hasn't.
"""

from __future__ import annotations

from typing import Any

from services.conversation.content import Part
from services.conversation.look import Look
from services.conversation.sharing import DIRECTION
from services.conversation.view import facet_of, place_of


def compare(before: Look, now: Look) -> dict[str, Any]:
    """A readable comparison, as far as the reader may see both sides."""
    facets = _facets(before, now)
    return {
        "before": place_of(before.conversation),
        "now": place_of(now.conversation),
        "direction": _direction(before, now),
        "goals": [facet for facet in facets if _is_goal(facet)],
        "facets": [facet for facet in facets if not _is_goal(facet)],
        "answers": _answers(before, now),
    }


def _direction(before: Look, now: Look) -> dict[str, Any] | None:
    if not _both_seen(before, now, DIRECTION):
        return None
    sides = [
        {"direction": direction, "comment": comment} if direction else None
        for direction, comment in (before.direction(), now.direction())
    ]
    return _change(*sides)


def _facets(before: Look, now: Look) -> list[dict[str, Any]]:
    names = dict.fromkeys([*before.conversation.facets, *now.conversation.facets])
    seen = [name for name in names if _both_seen(before, now, Part("facet", name))]
    sides = (before.facets(), now.facets())
    found = []
    for name in seen:
        then, today = ((facet_of(side[name]) if name in side else None) for side in sides)
        found.append({"facet": name} | _change(then, today))
    return found


def _answers(before: Look, now: Look) -> list[dict[str, Any]]:
    found = []
    for question in now.conversation.questions:
        if question in before.conversation.questions and _both_seen(
            before, now, Part("question", question)
        ):
            then, today = before.text(question), now.text(question)
            if then is not None or today is not None:
                found.append({"question": question} | _change(then, today))
    return found


def _both_seen(before: Look, now: Look, part: Part) -> bool:
    """Whether each side that has the part shows it; that something was withdrawn is the employee's."""
    if part not in now.conversation.recorded and not now.is_own:
        return False
    return all(part not in side.conversation.recorded or side.sees(part) for side in (before, now))


def _change(before: Any, now: Any) -> dict[str, Any]:
    if before is None:
        change = "new"
    elif now is None:
        change = "withdrawn"
    else:
        change = "same" if before == now else "changed"
    return {"change": change, "before": before, "now": now}


def _is_goal(facet: dict[str, Any]) -> bool:
    return bool((facet["now"] or facet["before"])["kind"] == "goal")
