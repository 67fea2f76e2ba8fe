"""An index over the log: which positions concern a person, a cycle or an actor."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from shared.database import Connection, statements, within
from shared.eventstore.record import Record, Recorded
from shared.eventstore.sealing import Row

SQL = statements(__package__)


@dataclass(frozen=True)
class Wanted:
    """Which part of the timeline is asked for; None asks for all."""

    person: UUID | None = None
    cycle: UUID | None = None
    actor: str | None = None
    since: datetime | None = None
    until: datetime | None = None


class Timeline:
    """Follows everything, and finds the events of somebody or something in their order."""

    def __init__(self, record: Record) -> None:
        self._record = record

    async def apply(self, to: Connection, tenant: str, events: Sequence[Recorded]) -> None:
        """Index the next events of a tenant's log."""
        await to.execute(
            SQL["add"],
            tenant,
            [recorded.row.position for recorded in events],
            [recorded.meta.subject for recorded in events],
            [recorded.meta.correlation for recorded in events],
            [recorded.meta.actor for recorded in events],
            [recorded.row.at for recorded in events],
        )

    async def disclosures_of(
        self, tenant: str, person: UUID, before: int, limit: int
    ) -> list[Recorded]:
        """Who read a person's words, newest first, one more than `limit` where there are more."""
        async with within(self._record.pool, tenant) as connection:
            found = await connection.fetch(SQL["disclosures"], tenant, person, before, limit + 1)
        return self._record.read_facts([Row(*values) for values in found])

    async def find(self, tenant: str, wanted: Wanted, after: int, limit: int) -> list[Recorded]:
        """Events after a position, one more than `limit` where there are more; without words."""
        async with within(self._record.pool, tenant) as connection:
            found = await connection.fetch(
                SQL["timeline"],
                tenant,
                after,
                limit + 1,
                wanted.person,
                wanted.cycle,
                wanted.actor,
                wanted.since,
                wanted.until,
            )
        return self._record.read_facts([Row(*values) for values in found])
