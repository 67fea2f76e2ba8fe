"""Looks up what people say is wrong on record about them, for whoever shows the original."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from services.access import Resource
from services.correction import Corrections, Statement, corrections_id
from services.disclosure import Disclosures, Reading
from services.exhibits import Exhibit
from services.permission import Sight
from shared.eventstore.record import Record
from shared.principal import Principal

Stated = Callable[[str, UUID], Awaitable[Sequence[Statement]]]
"""Answers what a person of a tenant says is wrong on record about them."""


class CorrectionBook:
    """Looks up what people have stated."""

    def __init__(self, record: Record, disclosures: Disclosures) -> None:
        self._record = record
        self._disclosures = disclosures

    async def stated_by(self, tenant: str, person: UUID) -> list[Statement]:
        """All that stands, in its order."""
        known = await self._record.load(Corrections, tenant, corrections_id(person))
        return list(known.statements.values()) if known else []

    async def read_by(self, by: Principal, person: UUID) -> list[Statement]:
        """What somebody may read of it apart from the originals: the person everything.

        Others, by their office, what is about the profile, and are on record for it before it leaves:
        raises `Unavailable` where that can't be. Nothing for whoever has no such office.
        """
        now = self._record.clock.now()
        decision = Sight(by, now).decide("read", Resource("correction", person))
        if not decision.allowed:
            return []
        stated = await self.stated_by(by.tenant, person)
        if by.subject == person:
            return stated
        seen = [each for each in stated if each.about.stream == person]
        if seen:
            reading = Reading("corrections", corrections_id(person), decision.reason)
            await self._disclosures.record(by, person, [reading], now)
        return seen

    async def exhibits(self, tenant: str, stream: UUID, as_of: datetime) -> list[Exhibit]:
        """What of it others might have read apart from the originals, at a moment; no words."""
        known = await self._record.load(Corrections, tenant, stream, as_of=as_of)
        if known is None:
            return []
        thing = Resource("correction", known.person)
        return [
            Exhibit("corrections", stream, f"correction/{number}", thing)
            for number, each in known.statements.items()
            if each.about.stream == known.person
        ]

    async def held_of(self, tenant: str, person: UUID, _: Sequence[UUID]) -> list[dict[str, Any]]:
        """The same, to take along."""
        return [each.view() for each in await self.stated_by(tenant, person)]
