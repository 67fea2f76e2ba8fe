"""Who may do what: one pure function from a principal, an action, a resource and dated relations."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from uuid import UUID

from shared.errors import NotAllowed, NotFound
from shared.principal import Principal

Standing = Literal[
    "employee", "partner", "platform", "hr", "auditor", "dpo", "ops", "admin", "workflow"
]
Kind = Literal[
    "person",
    "roster",
    "cycle",
    "batch",
    "conversation",
    "plan",
    "policy",
    "guide",
    "audit",
    "client",
    "webhook",
    "events",
]
Action = Literal["read", "write", "erase", "answer", "claim", "start", "steer"]

_GRANTS: dict[tuple[Kind, Action], frozenset[Standing]] = {
    ("person", "read"): frozenset({"employee", "partner", "platform", "hr", "dpo", "admin"}),
    ("person", "write"): frozenset({"platform", "hr", "admin"}),
    ("person", "erase"): frozenset({"dpo"}),
    ("roster", "read"): frozenset({"platform", "hr", "dpo", "admin"}),
    ("cycle", "read"): frozenset(
        {"employee", "partner", "platform", "hr", "auditor", "dpo", "ops", "admin"}
    ),
    ("cycle", "start"): frozenset({"platform", "hr", "admin"}),
    ("cycle", "steer"): frozenset({"platform", "hr", "admin"}),
    ("conversation", "read"): frozenset({"employee", "partner"}),
    ("conversation", "answer"): frozenset({"employee"}),
    ("conversation", "claim"): frozenset({"partner"}),
    ("plan", "read"): frozenset({"employee", "partner"}),
    ("plan", "write"): frozenset({"employee", "partner"}),
    ("policy", "read"): frozenset({"platform", "hr", "auditor", "dpo", "admin"}),
    ("policy", "write"): frozenset({"platform", "hr", "admin"}),
    ("guide", "read"): frozenset(
        {"employee", "partner", "platform", "hr", "auditor", "dpo", "ops", "admin"}
    ),
    ("audit", "read"): frozenset({"auditor", "dpo"}),
    ("client", "read"): frozenset({"admin"}),
    ("client", "write"): frozenset({"admin"}),
    ("webhook", "read"): frozenset({"platform", "admin"}),
    ("webhook", "write"): frozenset({"platform", "admin", "workflow"}),
    ("events", "read"): frozenset({"platform", "admin"}),
}


@dataclass(frozen=True)
class Relation:
    """Somebody was somebody's conversation partner from `since` until `until`."""

    partner: UUID
    since: datetime
    until: datetime | None = None

    def lasts_at(self, moment: datetime) -> bool:
        return self.since <= moment and (self.until is None or moment < self.until)


@dataclass(frozen=True)
class Resource:
    """What somebody wants to reach; `proposed` is a plan that its employee has shown."""

    kind: Kind
    person: UUID | None = None
    proposed: bool = True


@dataclass(frozen=True)
class Decision:
    """Whether it is allowed, in what standing, and if not whether the thing may be known at all."""

    standing: Standing | None
    known: bool


Relations = Callable[[str, UUID], Awaitable[Iterable[Relation]]]
"""Answers the dated relations of a person of a tenant."""


def decide(
    by: Principal, action: Action, resource: Resource, relations: Iterable[Relation], at: datetime
) -> Decision:
    """Judge one action. A role alone opens nothing about a person's words: a relation does."""
    standings = _standings(by, resource, relations, at)
    granted = _GRANTS.get((resource.kind, action), frozenset())
    readers = _GRANTS.get((resource.kind, "read"), frozenset())
    allowed = [standing for standing in standings if standing in granted]
    return Decision(allowed[0] if allowed else None, any(s in readers for s in standings))


class Permission:
    """Applies `decide` with the relations of today, fetched only where they matter."""

    def __init__(self, relations: Relations) -> None:
        self._relations = relations

    async def require(
        self, by: Principal, action: Action, resource: Resource, at: datetime
    ) -> Standing:
        """Answer the standing in which it is allowed.

        Raises `NotFound` for what the caller may not know of, `NotAllowed` for what it may not do.
        """
        relations: Iterable[Relation] = ()
        if resource.person is not None and by.subject not in {None, resource.person}:
            relations = await self._relations(by.tenant, resource.person)
        decision = decide(by, action, resource, relations, at)
        if decision.standing is not None:
            return decision.standing
        if resource.person is not None and not decision.known:
            raise NotFound
        raise NotAllowed


def _standings(
    by: Principal, resource: Resource, relations: Iterable[Relation], at: datetime
) -> list[Standing]:
    roles: tuple[Standing, ...] = ("platform", "hr", "auditor", "dpo", "ops", "admin", "workflow")
    own: tuple[Standing, ...] = ("employee", "partner")
    found: list[Standing] = []
    if by.subject is not None and by.has("employee") and by.subject == resource.person:
        found.append("employee")
    lasting = any(r.partner == by.subject and r.lasts_at(at) for r in relations)
    if lasting and by.subject is not None and by.has("partner") and resource.proposed:
        found.append("partner")
    if resource.person is None:
        found += [role for role in own if by.has(role)]
    return [*found, *(role for role in roles if by.has(role))]
