"""Names of those with whom somebody talks; a page asks only for people whom its reader has to do with."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from services.people.domain import Person
from shared.eventstore.record import Record


class Names:
    """Reads names from the record; whoever was forgotten has none."""

    def __init__(self, record: Record) -> None:
        self._record = record

    async def of(self, tenant: str, subject: UUID | None) -> str | None:
        """Somebody's name, or None."""
        if subject is None:
            return None
        known = await self._record.load(Person, tenant, subject)
        return known.profile.name or None if known and not known.erased else None

    async def of_all(self, tenant: str, subjects: Iterable[UUID]) -> dict[UUID, str]:
        """The names of several people, as far as they have one."""
        found = {subject: await self.of(tenant, subject) for subject in set(subjects)}
        return {subject: name for subject, name in found.items() if name}
