"""Names of those with whom somebody talks; pages ask only for people of their reader."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from services.directory import Contacts


class Names:
    """Looks names up in the roster; whoever was forgotten has none."""

    def __init__(self, contacts: Contacts) -> None:
        self._contacts = contacts

    async def of(self, tenant: str, subject: UUID | None) -> str | None:
        """Somebody's name, or None."""
        return (await self.of_all(tenant, [subject])).get(subject) if subject else None

    async def of_all(self, tenant: str, subjects: Iterable[UUID]) -> dict[UUID, str]:
        """The names of several people, as far as they have one."""
        found = await self._contacts(tenant, set(subjects))
        return {subject: contact.name for subject, contact in found.items()}
