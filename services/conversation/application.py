"""The use cases of a conversation, one method each: permit, load, decide, save."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection, Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

from services.conversation.content import Concept, Direction, FacetKind, Outcome
from services.conversation.domain import Conversation, conversation_id
from services.conversation.drafts import Drafts, Place
from services.conversation.library import Library
from services.directory import Contacts
from services.permission import Permission, Resource
from shared.errors import Invalid, NotFound, Stale
from shared.eventstore.record import Answer, Command, Record
from shared.periods import after, rfc3339
from shared.principal import Principal

Decide = Callable[[Conversation], None]
Names = Collection[str] | None


class PauseTooLong(Invalid):
    """A pause may not be that long by the policy of this round; pause again when it ends."""


class InThePast(Invalid):
    """That moment has passed; choose a later one, or none."""


class Conversations:
    """Everything that happens between an employee and a conversation partner."""

    def __init__(
        self,
        record: Record,
        permission: Permission,
        library: Library,
        drafts: Drafts,
        contacts: Contacts,
    ) -> None:
        self._record = record
        self._permission = permission
        self._library = library
        self._drafts = drafts
        self._contacts = contacts

    async def open_conversation(
        self,
        command: Command,
        *,
        person: UUID,
        cycle: UUID,
        round: int,
        kind: str,
        legal_entity: str | None = None,
        **terms: str,
    ) -> Conversation:
        """Open a round's conversation, once, and close the one before where that is still open.

        The round keeps the guides of the day on which it began, for its follow-up too.
        """
        stream = conversation_id(cycle, round, kind)
        known = await self._record.load(Conversation, command.tenant, stream)
        if known is not None:
            return known
        before = await self._before(command.tenant, cycle, round, kind)
        begun = before.created_on if before and kind == "follow_up" else command.at
        guide = await self._library.choose_guide(command.tenant, kind, legal_entity, begun)
        if before is not None:
            await self.close_conversation(command, before.id)
        opened = Conversation.open(
            person=person,
            cycle=cycle,
            round=round,
            guide=guide,
            at=command.at,
            before=before,
            **terms,
        )
        await self._record.save(opened, command)
        return opened

    async def outcome_of(self, tenant: str, conversation: UUID) -> Conversation:
        """What a conversation has come to, for the plan that follows from it."""
        known = await self._record.load(Conversation, tenant, conversation)
        if known is None:
            raise NotFound
        return known

    async def close_conversation(self, command: Command, conversation: UUID) -> None:
        """End an open conversation without a conclusion, when something newer takes its place."""
        await self._record.change(Conversation, conversation, command, lambda c: c.close())

    async def end_pause(self, command: Command, conversation: UUID) -> None:
        """Go on after a pause whose day has come."""

        def decide(known: Conversation) -> None:
            if known.state == "paused":
                known.resume()

        await self._record.change(Conversation, conversation, command, decide)

    async def rest_conversation(self, command: Command, conversation: UUID) -> None:
        """Let a conversation be, after the last gentle reminder.

        Raises `Stale` where something has happened in it since the command was given.
        """

        def decide(known: Conversation) -> None:
            if known.modified_on > command.at:
                raise Stale
            known.rest()

        await self._record.change(Conversation, conversation, command, decide)

    async def call_off_meeting(self, command: Command, conversation: UUID) -> None:
        """Call a meeting off that can't be held any more, as when the partner has changed."""

        def decide(known: Conversation) -> None:
            if known.meeting.is_scheduled:
                known.unschedule("nobody")

        await self._record.change(Conversation, conversation, command, decide)

    async def record_answer(self, command: Command, id_: UUID, question: str, text: str) -> Answer:
        """Record an answer, or a revision of it; its draft has served."""

        def describe(conversation: Conversation) -> dict[str, Any]:
            answer = conversation.answers[question]
            return {"question": question, "state": answer.state, "revision": answer.revision}

        answer = await self._answer(
            command, id_, lambda c: c.record_answer(question, text), describe=describe
        )
        own = command.by.subject
        assert own is not None
        self._drafts.forget(Place(command.tenant, id_, own, own, question), command.at)
        return answer

    async def set_aside(
        self, command: Command, id_: UUID, question: str, until: datetime | None
    ) -> Answer:
        """Take your time with a question."""
        if until is not None and until <= command.at:
            raise InThePast
        return await self._answer(command, id_, lambda c: c.set_aside(question, until))

    async def decline_question(self, command: Command, id_: UUID, question: str) -> Answer:
        """Leave a question unanswered for good."""
        return await self._answer(command, id_, lambda c: c.decline_question(question))

    async def note_facet(
        self,
        command: Command,
        id_: UUID,
        facet: str,
        kind: FacetKind,
        text: str,
        vocabulary: Concept | None = None,
    ) -> Answer:
        """Note a value, skill, interest or goal."""
        return await self._answer(
            command, id_, lambda c: c.note_facet(facet, kind, text, vocabulary)
        )

    async def note_facets(
        self, command: Command, id_: UUID, noted: Sequence[tuple[str, FacetKind, str]]
    ) -> Answer:
        """Note several at once, each by its id, kind and text: all of them, or none."""

        def decide(known: Conversation) -> None:
            for facet, kind, text in noted:
                known.note_facet(facet, kind, text)

        return await self._answer(command, id_, decide)

    async def withdraw_facet(self, command: Command, id_: UUID, facet: str) -> Answer:
        """Take a facet back."""
        return await self._answer(command, id_, lambda c: c.withdraw_facet(facet))

    async def state_direction(
        self, command: Command, id_: UUID, direction: Direction, comment: str | None
    ) -> Answer:
        """Say where it should go."""
        return await self._answer(command, id_, lambda c: c.state_direction(direction, comment))

    async def share(
        self, command: Command, id_: UUID, questions: Names, facets: Names, direction: bool | None
    ) -> Answer:
        """Let the partner see what is recorded, or what is named."""
        return await self._answer(command, id_, lambda c: c.share(questions, facets, direction))

    async def unshare(
        self, command: Command, id_: UUID, questions: Names, facets: Names, direction: bool | None
    ) -> Answer:
        """End the partner's access from now on."""
        return await self._answer(command, id_, lambda c: c.unshare(questions, facets, direction))

    async def pause(self, command: Command, id_: UUID, until: datetime | None) -> Answer:
        """Rest, for as long as the policy says where no day is named."""

        def decide(known: Conversation, zone: str) -> None:
            moment = until or after(command.at, [known.pause_default], zone)
            if moment <= command.at:
                raise InThePast
            if moment > (last := after(command.at, [known.pause_longest], zone)):
                raise PauseTooLong(latest=rfc3339(last))
            known.pause(moment)

        return await self._answer_in_zone(command, id_, decide)

    async def rest_until(self, by: Principal, id_: UUID) -> datetime:
        """Until when somebody who rests from now on does so, where they name no day."""
        known = await self._record.load(Conversation, by.tenant, id_)
        if known is None:
            raise NotFound
        now = self._record.clock.now()
        await self._permission.require(by, "answer", Resource("conversation", known.person), now)
        return after(now, [known.pause_default], await self._zone_of(by.tenant, known.person))

    async def resume(self, command: Command, id_: UUID) -> Answer:
        """Go on after a pause, a rest, or after all."""
        return await self._answer(command, id_, lambda c: c.resume())

    async def decline(self, command: Command, id_: UUID) -> Answer:
        """Decline the whole conversation."""
        return await self._answer(command, id_, lambda c: c.decline())

    async def conclude(
        self, command: Command, id_: UUID, meeting: Outcome, held_on: date | None
    ) -> Answer:
        """The employee ends the conversation."""
        return await self._answer_in_zone(
            command, id_, lambda c, zone: c.conclude(meeting, held_on, zone)
        )

    async def _answer_in_zone(
        self, command: Command, id_: UUID, decide: Callable[[Conversation, str], None]
    ) -> Answer:
        """What is decided by the days of the employee's own zone."""
        zones: dict[UUID, str] = {}

        async def permit(known: Conversation) -> None:
            zones[known.person] = await self._zone_of(command.tenant, known.person)

        return await self._answer(command, id_, lambda c: decide(c, zones[c.person]), permit=permit)

    async def _zone_of(self, tenant: str, person: UUID) -> str:
        found = await self._contacts(tenant, [person])
        return found[person].timezone if person in found else "UTC"

    async def _answer(
        self,
        command: Command,
        id_: UUID,
        decide: Decide,
        *,
        permit: Callable[[Conversation], Awaitable[None]] | None = None,
        describe: Callable[[Conversation], dict[str, Any]] | None = None,
    ) -> Answer:
        async def allowed(known: Conversation) -> None:
            resource = Resource("conversation", known.person)
            await self._permission.require(command.by, "answer", resource, command.at)
            if permit is not None:
                await permit(known)

        return await self._record.change(
            Conversation, id_, command, decide, permit=allowed, describe=describe
        )

    async def _before(
        self, tenant: str, cycle: UUID, round_: int, kind: str
    ) -> Conversation | None:
        """The conversation that this one goes on from: the last one of the cycle before it."""
        last = [(round_, "conversation")] if kind == "follow_up" else []
        for number, of_kind in [*last, (round_ - 1, "follow_up"), (round_ - 1, "conversation")]:
            stream = conversation_id(cycle, number, of_kind)
            if found := await self._record.load(Conversation, tenant, stream):
                return found
        return None
