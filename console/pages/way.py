"""Where somebody stands on their way: the open cycle, its conversation and plan, and what comes next.

All of it is read from the record itself, so that a page shows what was saved a moment ago.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from console.pages.names import Names
from console.pages.planned import Planned
from console.pages.seen import Conversed, Seen
from console.pages.succession import Succession
from services.cycles.application import Cycles
from services.cycles.course import next_step, waiting_for
from services.cycles.progress import Progress
from services.cycles.step import Step
from services.people.relations import Relationships
from shared.errors import NotFound
from shared.principal import Principal


@dataclass(frozen=True)
class Way:
    """One person's open cycle, as far as the person may see it: all of it."""

    progress: Progress
    step: Step | None
    turn: str
    conversation: Conversed | None
    plan: Planned | None
    succession: Succession

    @property
    def stones(self) -> int:
        """How many stones lie on the cairn: one for each finished step of the round."""
        p, c = self.progress, self.conversation
        came_back = p.state == "follow_up" or p.completed == p.round
        decided = p.plan_state in {"active", "closed", "completed", "under_review"}
        if came_back and p.round:
            return 7 if p.completed == p.round else 6
        concluded = p.state in {"planning", "developing", "steady"}
        laid = [
            p.round > 0,
            concluded or (c is not None and c.has_words),
            concluded or (c is not None and c.direction is not None),
            concluded or (c is not None and c.shared.something),
            concluded,
            decided,
        ]
        return sum(laid)


class Ways:
    """Finds where somebody stands."""

    def __init__(
        self, cycles: Cycles, seen: Seen, relationships: Relationships, names: Names
    ) -> None:
        self._cycles = cycles
        self._seen = seen
        self._relationships = relationships
        self._names = names

    async def of(self, by: Principal, now: datetime) -> Way | None:
        """The reader's own open cycle, or None where there is none."""
        if by.subject is None:
            return None
        cycle, _ = await self._cycles.open_cycle(by.tenant, by.subject)
        progress = await self._cycles.progress_of(by.tenant, cycle.id) if cycle else None
        if progress is None:
            return None
        return Way(
            progress=progress,
            step=next_step(progress, now),
            turn=waiting_for(progress),
            conversation=await self._conversation(by, progress.conversation),
            plan=await self._plan(by, progress.plan),
            succession=await self._succession(by.tenant, by.subject, now),
        )

    async def _succession(self, tenant: str, person: UUID, now: datetime) -> Succession:
        relations = await self._relationships.relations_of(tenant, person)
        called = await self._names.of_all(tenant, {each.partner for each in relations})
        return Succession(tuple(relations), called, now)

    async def _conversation(self, by: Principal, id_: UUID | None) -> Conversed | None:
        with suppress(NotFound):
            return await self._seen.conversation(by, id_) if id_ else None
        return None

    async def _plan(self, by: Principal, id_: UUID | None) -> Planned | None:
        with suppress(NotFound):
            return await self._seen.plan(by, id_) if id_ else None
        return None
