"""What a plan works with, folded from what happened to it: methods, mentors, promises; no word."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
from msgspec.structs import replace

Facts = dict[str, Any]
_OTHERS = frozenset({"partner", "organisation"})
_KEPT = {
    "done": "kept",
    "not_done": "broken",
    "dropped": "released",
    "carried_over": "carried_over",
}


class Planned(msgspec.Struct, frozen=True):
    """An action: by which method, who does it, whether a mentor is named; and with which partner it was
    agreed, None before that, or where the record doesn't say."""

    method: str
    owner: str
    mentored: bool = False
    partner: UUID | None = None


class Practice(msgspec.Struct, kw_only=True):
    """A plan: what is drafted, what is in force, and what became of it."""

    plan: UUID
    person: UUID
    closed: bool = False
    reviewed: bool = False
    in_force_at: datetime | None = None
    agreed_by: UUID | None = None
    drafted: dict[str, Planned] = {}
    agreed: dict[str, Planned] = {}
    became: dict[str, str] = {}

    def rows(self, tenant: str) -> list[tuple[object, ...]]:
        """A row for each action that both sides have agreed to; empty before."""
        return [
            (
                tenant, self.plan, name, self.person, action.method, action.owner, action.mentored,
                self._promise(name) if action.owner in _OTHERS else None, action.partner,
                self.in_force_at,
            )
            for name, action in self.agreed.items()
        ]  # fmt: skip

    def _promise(self, action: str) -> str:
        found = _KEPT.get(self.became.get(action, ""), "open")
        return "released" if found == "open" and self.closed else found


def evolve(practice: Practice, topic: str, at: datetime, facts: Facts) -> None:
    """Take one more event into account."""
    if change := CHANGES.get(topic):
        change(practice, at, facts)


def _planned(p: Practice, _: datetime, facts: Facts) -> None:
    mentored = facts.get("mentored_by") is not None
    p.drafted[facts["action"]] = Planned(facts["method"], facts["owner"], mentored)


def _dropped(p: Practice, _: datetime, facts: Facts) -> None:
    """A material change, which waits until both have agreed to it; at the review it is a decision."""
    if p.reviewed:
        p.became[facts["action"]] = "dropped"
    else:
        p.drafted.pop(facts["action"], None)


def _reviewed(p: Practice, _: datetime, __: Facts) -> None:
    p.reviewed = True


def _agreed(p: Practice, _: datetime, facts: Facts) -> None:
    if facts["by"] == "partner":
        p.agreed_by = UUID(facts["partner"]) if facts.get("partner") else None


def _activated(p: Practice, at: datetime, _: Facts) -> None:
    """What was promised and then dropped by both is released, and doesn't vanish; what stays as it was
    stays with the partner who agreed to it."""
    p.drafted = {
        name: replace(action, partner=action.partner or p.agreed_by)
        for name, action in p.drafted.items()
    }
    gone = {name: action for name, action in p.agreed.items() if name not in p.drafted}
    p.became |= {name: p.became.get(name, "dropped") for name in gone}
    p.agreed = p.drafted | gone
    p.in_force_at = p.in_force_at or at


def _became(state: str) -> Callable[[Practice, datetime, Facts], None]:
    def change(p: Practice, _: datetime, facts: Facts) -> None:
        p.became[facts["action"]] = state

    return change


def _closed(p: Practice, _: datetime, __: Facts) -> None:
    p.closed = True


CHANGES: dict[str, Callable[[Practice, datetime, Facts], None]] = {
    "plan.action_planned": _planned,
    "plan.action_revised": _planned,
    "plan.action_dropped": _dropped,
    "plan.agreed": _agreed,
    "plan.activated": _activated,
    "plan.action_done": _became("done"),
    "plan.action_not_done": _became("not_done"),
    "plan.action_carried_over": _became("carried_over"),
    "plan.reviewed": _reviewed,
    "plan.closed": _closed,
}
