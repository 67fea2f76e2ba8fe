"""What has changed in a plan between two versions, item by item, and who changed it last."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from services.planning.domain import Plan
from services.planning.view import action_of
from shared.periods import rfc3339


@dataclass(frozen=True)
class Touch:
    """One event of the plan: which item it was about, when, and whose it was."""

    version: int
    item: tuple[str, str]
    by: str | None
    at: datetime


Sides = Mapping[tuple[str, str], Mapping[str, Any]]


def difference(before: Plan, now: Plan, touches: Iterable[Touch]) -> list[dict[str, Any]]:
    """The items that differ, each with its fields before and now, in the order of their last change."""
    last = {touch.item: touch for touch in touches}
    then, today = _items(before), _items(now)
    changed = [item for item in {**then, **today} if then.get(item) != today.get(item)]
    in_order = sorted(changed, key=lambda item: last[item].version if item in last else 0)
    return [_change(item, then, today, last.get(item)) for item in in_order]


def _change(
    item: tuple[str, str], then: Sides, today: Sides, touch: Touch | None
) -> dict[str, Any]:
    before, now = then.get(item), today.get(item)
    names = dict.fromkeys([*(before or {}), *(now or {})])
    kind = "added" if before is None else "removed" if now is None else "changed"
    fields = {
        name: {"before": (before or {}).get(name), "now": (now or {}).get(name)}
        for name in names
        if (before or {}).get(name) != (now or {}).get(name)
    }
    return {
        "item": item[0],
        "id": item[1],
        "change": kind,
        "fields": fields,
        "by": touch.by if touch else None,
        "version": touch.version if touch else None,
        "at": rfc3339(touch.at) if touch else None,
    }


def _items(plan: Plan) -> dict[tuple[str, str], dict[str, Any]]:
    """Everything in a plan that can change, by what it is called."""
    goals = {("goal", name): dict(vars(goal)) for name, goal in plan.goals.items()}
    actions = {
        ("action", name): action_of(action)
        | {"state": plan.state_of(name), "comment": _comment(plan, name)}
        for name, action in plan.actions.items()
    }
    whole = {"state": plan.state, "revision": plan.revision, "in_force": plan.in_force}
    return {**goals, **actions, ("plan", str(plan.id)): whole}


def _comment(plan: Plan, action: str) -> str | None:
    report = plan.reports.get(action) or plan.actions[action].dropped
    return report.comment if report else None
