"""Who was whose conversation partner when, as the permission function takes it."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from services import permission
from services.people import employment
from services.people.domain import Person
from services.permission import Employment, Relation
from shared.eventstore.record import Record


class Relationships:
    """Answers who was whose conversation partner when."""

    def __init__(self, record: Record) -> None:
        self._record = record

    async def relations_of(self, tenant: str, subject: UUID) -> list[Relation]:
        """The dated relations of a person, as the permission function takes them."""
        return _relations(await self._record.load(Person, tenant, subject))

    async def ties_of(self, tenant: str, subject: UUID) -> list[Relation | Employment]:
        """The same, and since when they are employed, where they had left before."""
        known = await self._record.load(Person, tenant, subject)
        since = known.employed_since if known else None
        return [*_relations(known), *([Employment(since)] if since else [])]

    async def relations_as_of(self, tenant: str, subject: UUID, moment: datetime) -> list[Relation]:
        """The same as it was on record at a moment."""
        return _relations(await self._record.load(Person, tenant, subject, as_of=moment))

    async def relations_by_day(self, tenant: str, subject: UUID) -> list[Relation]:
        """By the days from which and until which HR says that they held, also where it said so later."""
        known = await self._record.load(Person, tenant, subject)
        return [
            _relation(r, r.valid_from or r.since, r.valid_until)
            for r in (known.relations if known else [])
        ]


def _relations(known: Person | None) -> list[Relation]:
    return [_relation(r, r.since, r.until) for r in (known.relations if known else [])]


def _relation(r: employment.Relation, since: datetime, until: datetime | None) -> Relation:
    return Relation(r.partner, since, until, _handed_over(r.handover), r.employed_since)


def _handed_over(chosen: employment.Handover | None) -> permission.Handover | None:
    if chosen is None:
        return None
    answers = frozenset(chosen.answers)
    return permission.Handover(chosen.choice, chosen.at, answers, chosen.by_person)
