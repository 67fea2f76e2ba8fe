"""The use cases of the roster."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from services.people.domain import Person, Profile
from services.permission import Permission, Relation, Resource
from shared.errors import NotFound, Stale
from shared.eventstore.record import Answer, Command, Record
from shared.principal import Principal


@dataclass(frozen=True)
class Keep:
    """The partner stays as they are."""


KEEP = Keep()


class People:
    """Registers people and keeps their profiles and partners up to date."""

    def __init__(self, record: Record, permission: Permission) -> None:
        self._record = record
        self._permission = permission

    async def put_person(
        self, command: Command, person: str, profile: Profile, partner: str | Keep | None
    ) -> Answer:
        """Register a person, or replace the profile; `partner` None releases the present one."""
        await self._permission.require(command.by, "write", Resource("person"), command.at)
        vault = self._record.vault
        subject = await vault.assign_subject(command.tenant, person)
        named = partner if isinstance(partner, str) else None
        other = await vault.assign_subject(command.tenant, named) if named else None
        try:
            return await self._put(command, subject, profile, other, isinstance(partner, Keep))
        except Stale:
            if command.if_version is not None:
                raise
            return await self._put(command, subject, profile, other, isinstance(partner, Keep))

    async def _put(
        self, command: Command, subject: UUID, profile: Profile, partner: UUID | None, keep: bool
    ) -> Answer:
        known = await self._record.load(Person, command.tenant, subject)
        if known is None:
            known = Person.register(subject, command.at, profile)
        else:
            known.change_profile(profile)
        if not keep:
            known.assign_partner(partner)
        return await self._record.save(known, command)

    async def erase_person(self, command: Command, person: str) -> Answer:
        """Delete all words of and about a person, for ever; safe to repeat.

        The tombstone is recorded first, so that no body is ever missing without one.
        """
        await self._permission.require(command.by, "erase", Resource("person"), command.at)
        subject = await self._record.vault.subject_of(command.tenant, person)
        if subject is None:
            raise NotFound
        answer = await self._record.change(Person, subject, command, Person.erase)
        await self._record.vault.erase(command.tenant, subject)
        return answer

    async def erase_again(self, command: Command, subject: UUID) -> bool:
        """Forget a person whom an older copy of the record still knows; answers whether it did."""
        known = await self._record.load(Person, command.tenant, subject)
        if known is None:
            return False
        fresh = not known.erased
        await self._record.change(Person, subject, command, Person.erase)
        await self._record.vault.erase(command.tenant, subject)
        return fresh

    async def get_person(self, by: Principal, person: str) -> Person:
        """A person's profile, for whoever may see it."""
        subject = await self._record.vault.subject_of(by.tenant, person)
        known = await self._record.load(Person, by.tenant, subject) if subject else None
        if known is None:
            raise NotFound
        resource = Resource("person", known.id)
        await self._permission.require(by, "read", resource, self._record.clock.now())
        return known


class Relationships:
    """Answers who was whose conversation partner when."""

    def __init__(self, record: Record) -> None:
        self._record = record

    async def relations_of(self, tenant: str, subject: UUID) -> list[Relation]:
        """The dated relations of a person, as the permission function takes them."""
        known = await self._record.load(Person, tenant, subject)
        if known is None:
            return []
        return [Relation(r.partner, r.since, r.until) for r in known.relations]
