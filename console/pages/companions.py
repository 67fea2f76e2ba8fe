"""Those with whom a conversation partner talks: whose turn it is, who rests; nothing more is told."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from uuid import UUID

from console.pages.names import Names
from console.pages.reader import Reader
from services.cycles.course import waiting_for
from services.cycles.progress import Progress
from services.cycles.readmodel import CycleList, Wanted
from shared.errors import NotFound
from shared.eventstore.record import Record

_MOST = 200
_FIRST = UUID(int=0)
With = Literal["you", "them", "resting"]


@dataclass(frozen=True)
class Companion:
    """Somebody whom the reader talks with, and where the two of them stand.

    `has_change` is whether one of them has yet to agree to a change of the plan.
    """

    person: str
    name: str
    state: str
    turn: With
    since: datetime
    resting_until: datetime | None
    has_plan: bool
    has_change: bool
    conversation: UUID | None
    plan: UUID | None


@dataclass(frozen=True)
class Company:
    """All of them, by name."""

    companions: tuple[Companion, ...] = ()

    def whose(self, turn: With) -> list[Companion]:
        return [each for each in self.companions if each.turn == turn]


class Companions:
    """Finds whom somebody talks with; who isn't their partner finds nobody."""

    def __init__(self, record: Record, cycles: CycleList, names: Names) -> None:
        self._record = record
        self._cycles = cycles
        self._names = names

    async def of(self, reader: Reader) -> Company:
        """Everybody whom the reader talks with, as far as something goes on."""
        return await self._find(reader, None)

    async def one(self, reader: Reader, person: str) -> Companion:
        """The companion of that id; raises `NotFound` for somebody whom the reader doesn't talk with."""
        subject = await self._record.vault.subject_of(reader.by.tenant, person)
        found = await self._find(reader, subject) if subject else Company()
        if not found.companions:
            raise NotFound
        return found.companions[-1]

    async def _find(self, reader: Reader, person: UUID | None) -> Company:
        by = reader.by
        if by.subject is None or not by.has("partner"):
            return Company()
        wanted = Wanted(person=person, partner=by.subject)
        found = await self._cycles.list_cycles(by.tenant, wanted, _FIRST, _MOST)
        going_on = [p for p in found if p.state != "closed" and p.person != by.subject]
        ids = await self._record.vault.people_of(by.tenant, {p.person for p in going_on})
        called = await self._names.of_all(by.tenant, ids)
        listed = [
            _companion(p, ids[p.person], called, reader.now) for p in going_on if p.person in ids
        ]
        return Company(tuple(sorted(listed, key=lambda each: each.name)))


def _companion(p: Progress, person: str, called: dict[UUID, str], now: datetime) -> Companion:
    """What a partner is told: whose turn it is, or that somebody rests; never why."""
    rests = p.suspension is not None or p.asked_for_time(now) is not None
    turn: With = "resting"
    if not rests and waiting_for(p) in {"employee", "partner"}:
        turn = "you" if waiting_for(p) == "partner" else "them"
    until = p.suspension.until if p.suspension else p.resting_until(now)
    return Companion(
        person=person,
        name=called.get(p.person, person),
        state=p.state,
        turn=turn,
        since=p.since,
        resting_until=until if rests else None,
        has_plan=p.state == "developing" and p.plan_state == "active",
        has_change=p.plan_with is not None,
        conversation=p.conversation,
        plan=p.plan,
    )
