"""Does what a tombstone says: mail, sessions, the key and the words under it, the link to the id go."""

from __future__ import annotations

from dataclasses import dataclass, replace
from uuid import UUID

from services.people.certificate import Depth
from services.people.copies import Copies
from services.people.domain import Person
from shared.errors import Refusal, Unavailable
from shared.eventstore.erasing import delete_words, finish, is_covered
from shared.eventstore.record import Answer, Command, Record


@dataclass(frozen=True)
class Forgetting:
    """Forgets a person, whether or not that was begun before; safe to repeat."""

    record: Record
    copies: Copies

    async def erase(self, command: Command, subject: UUID, depth: Depth) -> Answer:
        """Record the tombstone and do what it says. Answers the certificate.

        The tombstone is first, so that no body is ever missing without one; where this process dies
        then, a workflow does the rest. No certificate leaves before what it says was done, neither this
        one nor one of before that is answered again: `Unavailable` where it couldn't be.
        """
        try:
            return await self._put_tombstone(command, subject, depth)
        finally:
            try:
                await self.forget(command, subject)
            except Refusal as failed:
                raise Unavailable("The erasure is on record and goes on; ask again.") from failed

    async def _put_tombstone(self, command: Command, subject: UUID, depth: Depth) -> Answer:
        known = await self.record.load(Person, command.tenant, subject)
        known_at = known.erased_at if known and known.erased in {"link", depth} else None
        told = await self.copies.certify(command.tenant, subject, known_at or command.at, depth)
        return await self.record.change(
            Person, subject, command, lambda p: p.erase(depth), describe=lambda _: told
        )

    async def forget(self, command: Command, subject: UUID) -> bool:
        """Do what a tombstone on record says; answers whether there is one."""
        known = await self.record.load(Person, command.tenant, subject)
        if known is None or known.erased is None:
            return False
        for address in await self._addresses(command.tenant, subject):
            await self.copies.forget_mail(address)
        for forget in self.copies.forget:
            await forget(command.tenant, subject)
        await self._delete_words(command, subject)
        if known.erased == "link":
            await self.record.vault.unlink(command.tenant, subject)
        await finish(self.record.pool, command.tenant, subject)
        return True

    async def forget_unrecorded(self, tenant: str, subject: UUID) -> bool:
        """Forget somebody of whom only keys are left, which are newer than this copy of the record.

        Answers whether there were any. The link to their id goes whatever the depth was: it leads to
        nothing, and whoever came back under it would have no key.
        """
        for forget in self.copies.forget:
            await forget(tenant, subject)
        is_left = await self.record.vault.destroy(tenant, subject)
        await self.record.vault.unlink(tenant, subject)
        await finish(self.record.pool, tenant, subject)
        return is_left

    async def _delete_words(self, command: Command, subject: UUID) -> None:
        """Destroy the key at once, then delete what was under it.

        Somebody may have written under it after the tombstone: a further one is recorded then, before
        anything is deleted that the first doesn't cover.
        """
        whose = (self.record.pool, command.tenant, subject)
        is_left = await self.record.vault.destroy(command.tenant, subject)
        if not await is_covered(*whose):
            plain = replace(command, asked=None, if_version=None)
            await self.record.change(Person, subject, plain, Person.erase_further)
            is_left = True
        if is_left:
            await delete_words(*whose)

    async def _addresses(self, tenant: str, subject: UUID) -> set[str]:
        """Every address that somebody has had, while it can still be read."""
        rows = await self.record.rows(tenant, subject)
        events = [one.event for one in await self.record.read_words(rows)]
        profiles = (Person.Registered, Person.ProfileChanged)
        return {each.email for each in events if isinstance(each, profiles) and each.email}
