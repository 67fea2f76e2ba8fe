"""Who may do what and see what: one pure function from somebody, an action, a thing and dated relations.

A role alone opens nothing about a person: what a partner sees follows from when their relation
lasted, when the employee showed something, and what was handed over to whoever came later.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import get_args
from uuid import UUID

from services.access import (
    MAY,
    SEES,
    Action,
    Employment,
    Exemption,
    Fields,
    Handover,
    If,
    Kind,
    Relation,
    Resource,
    Standing,
    Tie,
    present,
)
from services.showing import is_outlined, is_shown, reaches
from shared.errors import NotAllowed, NotFound
from shared.principal import Principal

__all__ = [
    "Action",
    "Decision",
    "Employment",
    "Exemption",
    "Fields",
    "Handover",
    "Kind",
    "Permission",
    "Relation",
    "Resource",
    "Sight",
    "Standing",
    "Ties",
    "decide",
    "present",
]

_ROLES: tuple[Standing, ...] = ("platform", "hr", "auditor", "dpo", "ops", "admin", "workflow")
_MOST_FIRST: tuple[Fields, ...] = get_args(Fields)
_OTHERS_WORDS: frozenset[Kind] = frozenset({"note", "draft", "package"})
"""What others may have written about somebody: no office of their own opens it to them."""


@dataclass(frozen=True)
class Decision:
    """In what standing it is allowed, whether it may be known of, how much may be seen, and why."""

    standing: Standing | None
    known: bool
    fields: Fields
    reason: str

    @property
    def allowed(self) -> bool:
        return self.standing is not None


Ties = Callable[[str, UUID], Awaitable[Iterable[Relation | Employment]]]
"""Answers the dated relations of a person of a tenant, and since when they are employed again."""


def decide(
    by: Principal, action: Action, thing: Resource, ties: Iterable[Tie], at: datetime
) -> Decision:
    """Judge one action of somebody at a moment; the same arguments always give the same answer."""
    case = _Case(by, thing, tuple(ties), at)
    sights = {standing: case.sight(standing) for standing in case.standings}
    most: Fields = min(sights.values(), key=_MOST_FIRST.index, default="none")
    in_table = case.row in SEES
    may = MAY.get((thing.kind, action), frozenset())
    if action == "read" and in_table:
        allowed = [s for s in case.standings if sights[s] == most != "none"]
    else:
        allowed = [s for s in case.standings if s in may and (sights[s] == "all" or not in_table)]
    readers = MAY.get((thing.kind, "read"), frozenset())
    known = most != "none" or any(standing in readers for standing in case.standings)
    if not allowed:
        return Decision(None, known, "none", case.why_not)
    return Decision(allowed[0], True, most if in_table else "all", case.why(allowed[0]))


@dataclass(frozen=True)
class Sight:
    """Somebody before the record of one person: judges one thing after another, without asking again."""

    by: Principal
    at: datetime
    ties: tuple[Tie, ...] = ()

    def decide(self, action: Action, thing: Resource) -> Decision:
        return decide(self.by, action, thing, self.ties, self.at)

    def require(self, action: Action, thing: Resource) -> Standing:
        """Answer the standing in which it is allowed.

        Raises `NotFound` for what the caller may not know of, `NotAllowed` for what it may not do.
        """
        decision = self.decide(action, thing)
        if decision.standing is not None:
            return decision.standing
        if thing.person is not None and not decision.known:
            raise NotFound
        raise NotAllowed

    def fields(self, thing: Resource) -> Fields:
        """How much of it may be read."""
        return self.decide("read", thing).fields

    def sees(self, thing: Resource) -> bool:
        """Whether all of it may be read."""
        return self.fields(thing) == "all"


class Permission:
    """Applies `decide` with the relations of today, fetched only where they matter."""

    def __init__(self, ties: Ties) -> None:
        self._ties = ties

    async def require(
        self, by: Principal, action: Action, thing: Resource, at: datetime
    ) -> Standing:
        """Answer the standing in which it is allowed; raises as `Sight.require` does."""
        return (await self.sight(by, thing.person, at)).require(action, thing)

    async def sight(self, by: Principal, person: UUID | None, at: datetime) -> Sight:
        """What a caller goes by who looks at what belongs to a person."""
        if person is None or by.subject in {None, person}:
            return Sight(by, at)
        return await self.sight_with_ties(by, person, at)

    async def sight_with_ties(self, by: Principal, person: UUID, at: datetime) -> Sight:
        """The same where it is told too with whom the person talks: with their ties, whoever looks."""
        return Sight(by, at, tuple(await self._ties(by.tenant, person)))

    async def relations_of(self, tenant: str, person: UUID) -> tuple[Relation, ...]:
        """With whom a person talked when, first to last."""
        ties = await self._ties(tenant, person)
        return tuple(tie for tie in ties if isinstance(tie, Relation))


@dataclass(frozen=True)
class _Case:
    """The circumstances of one question; the conditions of the table's cells are its properties."""

    by: Principal
    thing: Resource
    ties: tuple[Tie, ...]
    at: datetime

    @cached_property
    def standings(self) -> list[Standing]:
        by, thing = self.by, self.thing
        found: list[Standing] = []
        if thing.person is None:
            own: tuple[Standing, ...] = ("employee", "partner")
            found += [role for role in own if by.has(role)]
        elif by.subject == thing.person and by.has("employee"):
            found.append("employee")
        elif by.has("partner") and self.mine:
            found.append(self.partnership)
        if thing.person is not None and by.subject == thing.person and thing.kind in _OTHERS_WORDS:
            return found
        return [*found, *(role for role in _ROLES if by.has(role))]

    @cached_property
    def relations(self) -> list[Relation]:
        return [tie for tie in self.ties if isinstance(tie, Relation) and tie.since <= self.at]

    @cached_property
    def mine(self) -> list[Relation]:
        """The caller's own times as the partner of the person that it is about."""
        if self.by.subject is None:
            return []
        return [relation for relation in self.relations if relation.partner == self.by.subject]

    @cached_property
    def present(self) -> Relation | None:
        """The one of them that lasts."""
        return present(self.mine, self.at)

    @property
    def partnership(self) -> Standing:
        if self.present is None:
            return "earlier_partner"
        reached = reaches(self.thing, self.present, self.relations)
        return "partner" if reached else "new_partner"

    @property
    def row(self) -> str:
        """The row of the table; what was never shown has one of its own."""
        hidden = {"answer": "unshared", "plan": "unproposed"} if self.thing.shown == () else {}
        return hidden.get(self.thing.kind, self.thing.kind)

    def sight(self, standing: Standing) -> Fields:
        cell = SEES.get(self.row, {}).get(standing, "none")
        if not isinstance(cell, If):
            return cell
        return cell.then if getattr(self, cell.condition) else cell.otherwise

    @property
    def own(self) -> bool:
        return self.thing.author is not None and self.thing.author == self.by.subject

    @property
    def open(self) -> bool:
        return not self.thing.settled

    @property
    def own_and_open(self) -> bool:
        return self.own and self.open

    @property
    def own_shown_or_requested(self) -> bool:
        return self.own or bool(self.thing.shown) or self.requested

    @property
    def partners_or_requested(self) -> bool:
        return self.thing.author != self.thing.person or self.requested

    @property
    def plan_handed_over(self) -> bool:
        return self.present is not None and is_outlined(self.thing, self.present)

    @property
    def requested(self) -> bool:
        return self._exempt("access_request")

    @property
    def case(self) -> bool:
        return self._exempt("case")

    def _exempt(self, ground: str) -> bool:
        return any(
            tie.ground == ground
            and tie.since <= self.at
            and (tie.until is None or self.at < tie.until)
            and tie.to in {None, self.by.actor}
            for tie in self.ties
            if isinstance(tie, Exemption)
        )

    def why(self, standing: Standing) -> str:
        """The ground on which it is allowed, as a code."""
        if (standing == "auditor" and self.case) or (standing == "dpo" and self.requested):
            return "case" if standing == "auditor" else "access_request"
        if standing == "partner" and self.present is not None:
            shown = is_shown(self.thing, self.present, self.relations)
            return "partner" if shown else "handed_over"
        grounds = {"new_partner": "handed_over", "earlier_partner": "own"}
        if self.thing.kind == "promise":
            grounds = {"new_partner": "open_promise", "earlier_partner": "own_promise"}
        return grounds.get(standing, standing)

    @property
    def why_not(self) -> str:
        if self.thing.person is not None and not self.standings:
            return "no_relation"
        return "not_shown" if self.thing.shown == () else "not_granted"
