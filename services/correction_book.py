"""Looks up what people say is wrong on record about them, for whoever shows the original."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from typing import Any
from uuid import UUID

from services.correction import Corrections, Statement, corrections_id
from shared.eventstore.record import Record

Stated = Callable[[str, UUID], Awaitable[Sequence[Statement]]]
"""Answers what a person of a tenant says is wrong on record about them."""


class CorrectionBook:
    """Looks up what people have stated."""

    def __init__(self, record: Record) -> None:
        self._record = record

    async def stated_by(self, tenant: str, person: UUID) -> list[Statement]:
        """All that stands, in its order."""
        known = await self._record.load(Corrections, tenant, corrections_id(person))
        return list(known.statements.values()) if known else []

    async def held_of(self, tenant: str, person: UUID, _: Sequence[UUID]) -> list[dict[str, Any]]:
        """The same, to take along."""
        return [each.view() for each in await self.stated_by(tenant, person)]
