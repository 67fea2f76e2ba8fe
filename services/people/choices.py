"""The use cases of what people choose for themselves: what a new partner gets, and whom they mentor."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

from services.people.domain import NoMentoringOffered, Person
from services.permission import Action, Kind, Permission, Resource
from shared.errors import NotFound
from shared.eventstore.record import Answer, Command, Record
from shared.principal import Principal


class Choices:
    """Hand-over and mentoring."""

    def __init__(self, record: Record, permission: Permission) -> None:
        self._record = record
        self._permission = permission

    async def choose_handover(
        self, command: Command, person: str, choice: str, answers: tuple[str, ...]
    ) -> Answer:
        """The employee says what the present partner gets of what was before."""
        return await self._choose(command, person, lambda p: p.choose_handover(choice, answers))

    async def hand_over_by_default(self, command: Command, subject: UUID) -> None:
        """Hand over the plan without its texts, where nothing was chosen in time; the cycle's step."""
        await self._record.change(Person, subject, command, Person.hand_over_by_default)

    async def get_handover(self, by: Principal, person: str) -> Person:
        """The person whose hand-over is asked for; it is theirs to see."""
        return await self._own(by, person, "choose", "person")

    async def offer_mentoring(
        self, command: Command, person: str, skills: tuple[str, ...], capacity: int
    ) -> Answer:
        """Be willing to mentor in these skills, so many people at once."""
        return await self._choose(command, person, lambda p: p.offer_mentoring(skills, capacity))

    async def withdraw_mentoring(self, command: Command, person: str) -> Answer:
        """Take on nobody new."""
        return await self._choose(command, person, lambda p: p.withdraw_mentoring())

    async def get_mentoring(self, by: Principal, person: str) -> Person:
        """A person with an offer to mentor, for whoever may see it."""
        known = await self._own(by, person, "read", "mentoring")
        if known.offer is None:
            raise NoMentoringOffered
        return known

    async def _choose(
        self, command: Command, person: str, decide: Callable[[Person], None]
    ) -> Answer:
        subject = await self._subject(command.by, person)

        async def permit(known: Person) -> None:
            resource = Resource("person", known.id)
            await self._permission.require(command.by, "choose", resource, command.at)

        return await self._record.change(Person, subject, command, decide, permit=permit)

    async def _own(self, by: Principal, person: str, action: Action, kind: Kind) -> Person:
        subject = await self._subject(by, person)
        known = await self._record.load(Person, by.tenant, subject)
        if known is None:
            raise NotFound
        resource = Resource(kind, known.id)
        await self._permission.require(by, action, resource, self._record.clock.now())
        return known

    async def _subject(self, by: Principal, person: str) -> UUID:
        subject = await self._record.vault.subject_of(by.tenant, person)
        if subject is None:
            raise NotFound
        return subject
