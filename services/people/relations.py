"""Who was whose conversation partner when, as the permission function takes it."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from services import permission
from services.people.domain import Person
from services.people.employment import Handover
from services.permission import Relation
from shared.eventstore.record import Record


class Relationships:
    """Answers who was whose conversation partner when."""

    def __init__(self, record: Record) -> None:
        self._record = record

    async def relations_of(self, tenant: str, subject: UUID) -> list[Relation]:
        """The dated relations of a person, as the permission function takes them."""
        return _relations(await self._record.load(Person, tenant, subject))

    async def relations_as_of(self, tenant: str, subject: UUID, moment: datetime) -> list[Relation]:
        """The same as it was on record at a moment."""
        return _relations(await self._record.load(Person, tenant, subject, as_of=moment))

    async def relations_by_day(self, tenant: str, subject: UUID) -> list[Relation]:
        """By the days from which and until which HR says that they held, also where it said so later."""
        known = await self._record.load(Person, tenant, subject)
        return [
            Relation(r.partner, r.valid_from or r.since, r.valid_until, _handed_over(r.handover))
            for r in (known.relations if known else [])
        ]


def _relations(known: Person | None) -> list[Relation]:
    return [
        Relation(r.partner, r.since, r.until, _handed_over(r.handover))
        for r in (known.relations if known else [])
    ]


def _handed_over(chosen: Handover | None) -> permission.Handover | None:
    if chosen is None:
        return None
    return permission.Handover(chosen.choice, chosen.at, frozenset(chosen.answers))
