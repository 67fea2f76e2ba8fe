"""A plan as somebody sees it: in whole, by titles, without texts, or its promises alone."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any
from uuid import UUID

import msgspec

from services.exhibits import Exhibit
from services.permission import Fields, Relation, Resource, Sight, present
from services.planning.content import Action, Report
from services.planning.domain import Plan
from shared.periods import rfc3339

Names = Mapping[UUID, str]
_STATE = ("id", "version", "cycle", "round", "state", "revision", "in_force")
_OUTLINE = (*_STATE, "conversation", "goals", "actions", "unserved_goals", "agreements")
_KEPT: dict[Fields, tuple[str, ...]] = {
    "all": (*_OUTLINE, "in_force_plan", "changes_requested", "last_check_in"),
    "titles": _OUTLINE,
    "outline": _OUTLINE,
    "state": _STATE,
    "counts": ("id", "version"),
    "none": ("id", "version"),
}
_WORTH_AGREEING: dict[str, tuple[tuple[str, ...], ...]] = {
    "job_enrichment": (("adds", "varies"),),
    "stretch_assignment": (("skill",), ("support",)),
    "mentoring": (("mentor",), ("rhythm",)),
    "coaching": (("coach",), ("aim",)),
}
"""For each method, what a good action says besides; one of several names is enough."""

_TEXTS = frozenset(
    {"text", "horizon", "title", "success", "comment", "mentor", "adds", "varies", "skill", "support",
     "risk", "rhythm", "coach", "aim"}
)  # fmt: skip


def view(plan: Plan, sight: Sight, names: Names) -> dict[str, Any]:
    """The plan as far as the reader may see it; `promises` holds those that they may see.

    `sight` says with whom the employee talks: what others agreed to counts no more.
    """
    fields = sight.fields(whole(plan))
    partner = present(sight.ties, sight.at)
    parts = _PARTS | {"agreements": lambda plan: _agreements(plan, partner)}
    shown = {name: parts[name](plan) for name in _KEPT[fields]}
    for part in ("goals", "actions"):
        if part in shown and fields != "all":
            shown[part] = {name: _without(texts, fields) for name, texts in shown[part].items()}
    return shown | {"promises": promises(plan, sight, names)}


def whole(plan: Plan) -> Resource:
    """The plan as permission judges it."""
    return Resource("plan", plan.person, shown=plan.shown)


def promise(plan: Plan, action: str) -> Resource:
    """A promise as permission judges it."""
    found = plan.promises[action]
    settled = plan.promise_of(action) != "open"
    return Resource("promise", plan.person, shown=plan.shown, author=found.by, settled=settled)


def exhibits_of(plan: Plan) -> list[Exhibit]:
    """The plan and each promise in it, as somebody might see them."""
    found = [("plan", whole(plan)), *((f"promise/{n}", promise(plan, n)) for n in plan.promises)]
    return [Exhibit("plan", plan.id, name, thing, plan.cycle) for name, thing in found]


def promises(plan: Plan, sight: Sight, names: Names) -> dict[str, Any]:
    """What partner and organisation have promised and what became of it, as far as it may be seen.

    It is told as both have agreed to it: what one side would change waits until then.
    """
    found = {name: (p, sight.fields(promise(plan, name))) for name, p in plan.promises.items()}
    agreed = plan.agreed_actions
    return {
        name: {
            "owner": promised.owner,
            "promised_by": names.get(promised.by) if promised.by else None,
            "since": rfc3339(promised.since),
            "state": plan.promise_of(name),
            "method": agreed[name].method,
            "by": _day(agreed[name]),
        }
        | ({"title": agreed[name].title} if fields == "all" else {})
        for name, (promised, fields) in found.items()
        if fields != "none"
    }


def action_of(action: Action) -> dict[str, Any]:
    """What was planned, with the fields of its method."""
    details = msgspec.to_builtins(action.details) if action.details else {}
    details.pop("type", None)
    return {
        "method": action.method,
        "title": action.title,
        "serves": action.serves,
        "success": action.success,
        "owner": action.owner,
        "by": _day(action),
        "mentor": action.mentor,
        **details,
    }


def missing_of(shown: Mapping[str, Any]) -> list[str]:
    """What the two of them might still talk about, so that the action can be followed well."""
    alternatives = (("by",), *_WORTH_AGREEING.get(shown["method"], ()))
    return [names[0] for names in alternatives if all(shown.get(name) is None for name in names)]


def _goals(plan: Plan) -> dict[str, dict[str, Any]]:
    return {name: vars(goal) for name, goal in plan.goals.items()}


def _actions(plan: Plan) -> dict[str, dict[str, Any]]:
    return {name: _action(plan, name, action) for name, action in plan.actions.items()}


def _action(plan: Plan, name: str, action: Action) -> dict[str, Any]:
    planned = action_of(action)
    report = plan.reports.get(name) or action.dropped or Report("planned")
    return planned | {
        "state": plan.state_of(name),
        "blocked_by": report.blocked_by,
        "comment": report.comment,
        "reported_by": report.side,
        "reported_at": rfc3339(report.at),
        "agreed": plan.agreed_actions.get(name) == action,
        "carried_from": str(action.carried_from) if action.carried_from else None,
        "missing": missing_of(planned),
    }


def _agreements(plan: Plan, now: Relation | None) -> dict[str, dict[str, str | None]]:
    """Which side agreed when, by revision; of the present one what counts still."""
    partner, since = (now.partner, now.since) if now else (None, None)
    return {
        str(revision): {
            side: rfc3339(agreement.at)
            for side, agreement in sides.items()
            if revision != plan.revision or plan.has_agreed(side, partner, since)
        }
        for revision, sides in plan.agreements.items()
    }


def _in_force(plan: Plan) -> dict[str, Any] | None:
    """The revision in force, where a newer one waits for an agreement; without what both took out."""
    if plan.in_force in {None, plan.revision}:
        return None
    return {
        "revision": plan.in_force,
        "goals": {name: vars(goal) for name, goal in plan.agreed_goals.items()},
        "actions": {
            name: action_of(action)
            for name, action in plan.agreed_actions.items()
            if not action.dropped
        },
    }


def _wish(plan: Plan) -> dict[str, Any] | None:
    """The changes that were last asked for, until the plan is changed."""
    wish = plan.wish
    if wish is None or wish.revision != plan.revision:
        return None
    return {"by": wish.by, "comment": wish.comment, "at": rfc3339(wish.at)}


def _check_in(plan: Plan) -> dict[str, Any] | None:
    found = plan.last_check_in
    if found is None:
        return None
    return {
        "state": found.state,
        "by": found.by,
        "comment": found.comment,
        "at": rfc3339(found.at),
    }


def _without(shown: Mapping[str, Any], fields: Fields) -> dict[str, Any]:
    """An item without its texts, or with its title alone."""
    kept = {"title"} if fields == "titles" else set()
    return {name: value for name, value in shown.items() if name in kept or name not in _TEXTS}


def _day(action: Action) -> str | None:
    return action.by.isoformat() if action.by else None


_PARTS: dict[str, Callable[[Plan], Any]] = {
    "id": lambda plan: str(plan.id),
    "version": lambda plan: plan.version,
    "cycle": lambda plan: str(plan.cycle),
    "round": lambda plan: plan.round,
    "conversation": lambda plan: str(plan.conversation),
    "state": lambda plan: plan.state,
    "revision": lambda plan: plan.revision,
    "in_force": lambda plan: plan.in_force,
    "goals": _goals,
    "actions": _actions,
    "unserved_goals": lambda plan: plan.unserved_goals,
    "in_force_plan": _in_force,
    "changes_requested": _wish,
    "last_check_in": _check_in,
}
