"""What other services ask of the roster: how somebody is addressed, and who offered to mentor."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from uuid import UUID

from services.directory import Contact, Mentor
from services.people.domain import Person
from shared.database import Connection, statements, within
from shared.eventstore.record import Record, Recorded

SQL = statements(__package__, "contacts.sql")


class ContactBook:
    """Looks people up by their random keys, and keeps a list of who mentors in what."""

    def __init__(self, record: Record) -> None:
        self._record = record

    async def contacts_of(self, tenant: str, people: Collection[UUID]) -> dict[UUID, Contact]:
        """How these people are addressed today; whoever was forgotten is missing in it."""
        wanted = set(people)
        ids = await self._record.vault.people_of(tenant, wanted)
        found = {}
        for subject in wanted & ids.keys():
            known = await self._record.load(Person, tenant, subject)
            if known is not None and not known.erased:
                profile = known.profile
                found[subject] = Contact(
                    ids[subject], profile.name, profile.email, profile.locale, profile.timezone
                )
        return found

    async def apply(self, to: Connection, tenant: str, events: Sequence[Recorded]) -> None:
        """Take the next events of a tenant's log into account."""
        for recorded in events:
            subject = recorded.row.stream
            match recorded.event:
                case Person.MentoringOffered(skills=skills, capacity=capacity):
                    await to.execute(SQL["offer"], tenant, subject, list(skills), capacity)
                case Person.MentoringWithdrawn() | Person.Left() | Person.Erased():
                    await to.execute(SQL["withdraw"], tenant, subject)

    async def offering(self, tenant: str, people: Collection[UUID]) -> set[UUID]:
        """Those of these people who offered to mentor, are there and are active."""
        async with within(self._record.pool, tenant) as connection:
            found = await connection.fetch(SQL["offering"], tenant, list(people))
        return {row["mentor"] for row in found}

    async def mentors_for(self, tenant: str, skills: Collection[str]) -> list[Mentor]:
        """Who offered to mentor in one of these skills, is there and is active."""
        async with within(self._record.pool, tenant) as connection:
            found = await connection.fetch(SQL["mentors_for"], tenant, list(skills))
        return [Mentor(row["mentor"], tuple(row["skills"]), row["capacity"]) for row in found]
