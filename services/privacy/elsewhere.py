"""What names a person in what is about somebody else, or about the company: their own line alone."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import msgspec

from services.naming import Named, named_in
from shared.eventstore.record import Record, Recorded
from shared.periods import rfc3339

Naming = Callable[[str, UUID], Awaitable[list[Recorded]]]
"""Answers the events that name a person of a tenant beside whom they are about; without words."""
_BOTH_KNOW = frozenset(
    {
        "people.partner_assigned",
        "people.partner_released",
        "conversation.meeting_scheduled",
        "plan.agreed",
    }
)
"""Of these the person knows with whom it was. Else it is the other's alone: a wish, a plan, a hold."""
_TOLD = ("since", "until", "starts_at", "day")


@dataclass(frozen=True)
class Elsewhere:
    """Gathers it."""

    record: Record
    naming: Naming

    async def held_of(self, tenant: str, person: UUID, _: Sequence[UUID]) -> list[dict[str, Any]]:
        """A line for each time that they were named, first to last; none for what is kept to oneself."""
        found = await self._open(tenant, await self.naming(tenant, person))
        others = {r.meta.subject for r in found if r.row.type in _BOTH_KNOW and r.meta.subject}
        names = await self.record.vault.people_of(tenant, others)
        return [
            _line(recorded, named, names)
            for recorded in found
            for named in named_in(recorded.row.type, recorded.event)
            if named.who == person
        ]

    async def _open(self, tenant: str, found: Sequence[Recorded]) -> list[Recorded]:
        """Those of the events that aren't their author's alone."""
        streams = {each.row.stream for each in found if each.row.type in OPEN_IF}
        stories: defaultdict[UUID, list[Recorded]] = defaultdict(list)
        for each in self.record.read_facts(await self.record.rows_of(tenant, list(streams))):
            stories[each.row.stream].append(each)
        return [each for each in found if _is_open(each, stories[each.row.stream])]


def _is_open(recorded: Recorded, story: Sequence[Recorded]) -> bool:
    row, is_open = recorded.row, OPEN_IF.get(recorded.row.type)
    later = (each for each in story if each.row.position > row.position)
    return is_open is None or is_open(recorded.event, later)


def _was_put_forward(planned: Any, later: Iterable[Recorded]) -> bool:
    """Whether the plan was proposed or agreed to while the action stood in it like that."""
    for each in later:
        event: Any = each.event
        if each.row.type in {"plan.proposed", "plan.agreed"}:
            return True
        if each.row.type in _CHANGES and event.action == planned.action:
            return False
    return False


def _came_true(wish: Any, later: Iterable[Recorded]) -> bool:
    """Whether the one who was wished for was named afterwards."""
    assigned: list[Any] = [r.event for r in later if r.row.type == "people.partner_assigned"]
    return any(each.partner == wish.partner for each in assigned)


def _opens_anything(chosen: Any, _: Iterable[Recorded]) -> bool:
    """Whether something was handed over."""
    return bool(chosen.choice != "nothing")


_CHANGES = frozenset({"plan.action_revised", "plan.action_dropped"})
OPEN_IF: dict[str, Callable[[Any, Iterable[Recorded]], bool]] = {
    "people.partner_proposed": _came_true,
    "people.handover_chosen": _opens_anything,
    "plan.action_planned": _was_put_forward,
    "plan.action_revised": _was_put_forward,
}
"""By topic: whether it is more than its author's own, going by what came later in its stream."""


def _line(recorded: Recorded, named: Named, names: Mapping[UUID, str]) -> dict[str, Any]:
    row, subject = recorded.row, recorded.meta.subject
    facts = msgspec.json.decode(row.facts)
    return {
        "at": rfc3339(row.at),
        "type": row.type,
        "as": named.fact,
        "reason": named.reason,
        "with": names.get(subject) if subject and row.type in _BOTH_KNOW else None,
        "stream": None if subject else str(row.stream),
        "facts": {name: facts[name] for name in _TOLD if facts.get(name)},
    }
