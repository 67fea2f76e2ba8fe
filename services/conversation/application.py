"""The use cases of a conversation, one method each: permit, load, decide, save."""

from __future__ import annotations

from collections.abc import Callable, Collection
from datetime import date, datetime
from typing import Any
from uuid import UUID

from services.conversation.domain import (
    Conversation,
    Direction,
    FacetKind,
    Meeting,
    conversation_id,
)
from services.conversation.guides import guide_of
from services.permission import Action, Permission, Resource, Standing
from shared.errors import Invalid, NotFound
from shared.eventstore.record import Answer, Command, Record
from shared.periods import after
from shared.principal import Principal

Decide = Callable[[Conversation], None]
_PAUSE_DEFAULT = "P30D"
_PAUSE_LONGEST = "P180D"


class PauseTooLong(Invalid):
    """A pause lasts 180 days at most; pause again when it ends."""


class InThePast(Invalid):
    """That moment has passed; choose a later one, or none."""


class Conversations:
    """Everything that happens between an employee and a conversation partner."""

    def __init__(self, record: Record, permission: Permission) -> None:
        self._record = record
        self._permission = permission

    async def open_conversation(
        self,
        command: Command,
        *,
        person: UUID,
        cycle: UUID,
        round: int,
        guide: str,
        version: int,
    ) -> UUID:
        """Open a round's conversation, once; a follow-up begins with the direction stated before."""
        chosen = guide_of(guide, version)
        stream = conversation_id(cycle, round, chosen.kind)
        if await self._record.load(Conversation, command.tenant, stream) is None:
            opened = Conversation.open(
                person=person,
                cycle=cycle,
                round=round,
                guide=chosen,
                at=command.at,
                direction=await self._direction_before(command.tenant, cycle, round, chosen.kind),
            )
            await self._record.save(opened, command)
        return stream

    async def close_conversation(self, command: Command, conversation: UUID) -> None:
        """End an open conversation without a conclusion, when something newer takes its place."""
        await self._record.change(Conversation, conversation, command, lambda c: c.close())

    async def end_pause(self, command: Command, conversation: UUID) -> None:
        """Go on after a pause whose day has come."""
        await self._record.change(Conversation, conversation, command, lambda c: c.resume())

    async def get_conversation(
        self, by: Principal, conversation: UUID
    ) -> tuple[Conversation, Standing]:
        """A conversation and the standing in which the caller may see it."""
        known = await self._record.load(Conversation, by.tenant, conversation)
        if known is None:
            raise NotFound
        resource = Resource("conversation", known.person)
        standing = await self._permission.require(by, "read", resource, known.at)
        return known, standing

    async def record_answer(self, command: Command, id_: UUID, question: str, text: str) -> Answer:
        """Record an answer, or a revision of it."""

        def describe(conversation: Conversation) -> dict[str, Any]:
            answer = conversation.answers[question]
            return {"question": question, "state": answer.state, "revision": answer.revision}

        return await self._answer(
            command, id_, lambda c: c.record_answer(question, text), describe=describe
        )

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
        self, command: Command, id_: UUID, facet: str, kind: FacetKind, text: str
    ) -> Answer:
        """Note a value, skill, interest or goal."""
        return await self._answer(command, id_, lambda c: c.note_facet(facet, kind, text))

    async def withdraw_facet(self, command: Command, id_: UUID, facet: str) -> Answer:
        """Take a facet back."""
        return await self._answer(command, id_, lambda c: c.withdraw_facet(facet))

    async def state_direction(
        self, command: Command, id_: UUID, direction: Direction, comment: str | None
    ) -> Answer:
        """Say where it should go."""
        return await self._answer(command, id_, lambda c: c.state_direction(direction, comment))

    async def share(
        self,
        command: Command,
        id_: UUID,
        questions: Collection[str] | None,
        facets: Collection[str] | None,
        direction: bool | None,
    ) -> Answer:
        """Let the partner see everything, or what is named."""
        return await self._answer(command, id_, lambda c: c.share(questions, facets, direction))

    async def unshare(
        self,
        command: Command,
        id_: UUID,
        questions: Collection[str] | None,
        facets: Collection[str] | None,
        direction: bool | None,
    ) -> Answer:
        """End the partner's access from now on."""
        return await self._answer(command, id_, lambda c: c.unshare(questions, facets, direction))

    async def pause(self, command: Command, id_: UUID, until: datetime | None) -> Answer:
        """Rest, for thirty days where no day is named."""
        last = after(command.at, [_PAUSE_LONGEST], "UTC")
        moment = until or after(command.at, [_PAUSE_DEFAULT], "UTC")
        if moment <= command.at:
            raise InThePast
        if moment > last:
            raise PauseTooLong
        return await self._answer(command, id_, lambda c: c.pause(moment))

    async def resume(self, command: Command, id_: UUID) -> Answer:
        """Go on after a pause."""
        return await self._answer(command, id_, lambda c: c.resume())

    async def decline(self, command: Command, id_: UUID) -> Answer:
        """Decline the whole conversation."""
        return await self._answer(command, id_, lambda c: c.decline())

    async def claim_held(self, command: Command, id_: UUID, held_on: date) -> Answer:
        """The partner says that the meeting took place."""
        return await self._answer(command, id_, lambda c: c.claim_held(held_on), action="claim")

    async def conclude(
        self, command: Command, id_: UUID, meeting: Meeting, held_on: date | None
    ) -> Answer:
        """The employee ends the conversation."""
        return await self._answer(command, id_, lambda c: c.conclude(meeting, held_on))

    async def _answer(
        self,
        command: Command,
        id_: UUID,
        decide: Decide,
        *,
        action: Action = "answer",
        describe: Callable[[Conversation], dict[str, Any]] | None = None,
    ) -> Answer:
        async def permit(known: Conversation) -> None:
            resource = Resource("conversation", known.person)
            await self._permission.require(command.by, action, resource, command.at)

        return await self._record.change(
            Conversation, id_, command, decide, permit=permit, describe=describe
        )

    async def _direction_before(
        self, tenant: str, cycle: UUID, round_: int, kind: str
    ) -> str | None:
        if kind != "follow_up":
            return None
        stream = conversation_id(cycle, round_, "conversation")
        before = await self._record.load(Conversation, tenant, stream)
        return before.direction if before else None
