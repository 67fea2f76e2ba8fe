"""The use cases of either side: drafts, notes and the meeting."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime
from typing import Any
from uuid import UUID

from services.conversation.content import Side
from services.conversation.domain import Conversation
from services.conversation.drafts import Draft, Drafts, Place
from services.conversation.notes import NOTICE
from services.conversation.view import state_for
from services.permission import Action, Permission, Resource, present
from shared.errors import NotFound, RuleBroken
from shared.eventstore.record import Answer, Command, Record
from shared.principal import Principal

NOTE = "note"
"""What the draft of a note is called, beside those of the questions."""


class NobodyToMeet(RuleBroken):
    """Nobody is the conversation partner at the moment; schedule the meeting once somebody is named."""


class NoDraft(NotFound):
    """You have no draft there: none was saved, or it was recorded or thrown away."""


class BothSides:
    """What an employee and a conversation partner do alike, each for themselves or for both."""

    def __init__(self, record: Record, permission: Permission, drafts: Drafts) -> None:
        self._record = record
        self._permission = permission
        self._drafts = drafts

    async def save_draft(self, command: Command, id_: UUID, part: str, text: str) -> dict[str, Any]:
        """Keep a half-written thought; nobody but its author ever sees it."""
        known = await self._load(command.tenant, id_)
        resource = Resource("conversation", known.person)
        await self._permission.require(command.by, "note", resource, command.at)
        if part == NOTE:
            known.must_not_be("closed")
        else:
            known.must_not_be("concluded", "closed")
            known.must_know(part)
        place = _place(command.by, known, part)
        version = await self._drafts.save(place, text, command.at, command.if_version)
        return {"question": part, "version": version}

    async def read_drafts(self, by: Principal, id_: UUID, part: str | None = None) -> list[Draft]:
        """The caller's own drafts of a conversation, all or the one of a question."""
        known = await self._own(by, id_)
        place = _place(by, known, part or NOTE)
        found = await self._drafts.read(place, part)
        for draft in found:
            if _is_recorded(known, place.author, draft):
                await self._drafts.throw_away(replace(place, part=draft.part))
        kept = [draft for draft in found if not _is_recorded(known, place.author, draft)]
        if part is not None and not kept:
            raise NoDraft
        return kept

    async def throw_away_draft(self, command: Command, id_: UUID, part: str) -> dict[str, Any]:
        """Delete a draft, for good."""
        known = await self._own(command.by, id_)
        place = _place(command.by, known, part)
        if not await self._drafts.throw_away(place, command.if_version):
            raise NoDraft
        return {"question": part}

    async def write_note(
        self, command: Command, id_: UUID, text: str, *, shared: bool, question: str | None
    ) -> Answer:
        """Write a note, for oneself or for both; its draft has served."""
        place: list[Place] = []

        def decide(known: Conversation, side: Side) -> None:
            place[:] = [_place(command.by, known, question or NOTE)]
            known.write_note(side, place[0].author, text, shared=shared, question=question)

        answer = await self._change(
            command,
            id_,
            decide,
            action="note",
            describe=lambda c: {"note": len(c.notes), "notice": NOTICE},
            creates=True,
        )
        self._drafts.forget(place[0], command.at)
        return answer

    async def schedule(
        self, command: Command, id_: UUID, starts_at: datetime, duration: str, place: str | None
    ) -> Answer:
        """Set when and where to meet the conversation partner of today."""
        known = await self._load(command.tenant, id_)
        relations = await self._permission.relations_of(command.tenant, known.person)
        now = present(relations, command.at)

        def decide(known: Conversation, side: Side) -> None:
            if now is None:
                raise NobodyToMeet
            known.schedule(side, now.partner, starts_at, duration, place)

        return await self._change(command, id_, decide, describe=_sequence)

    async def unschedule(self, command: Command, id_: UUID) -> Answer:
        """Call the meeting off."""
        return await self._change(
            command, id_, lambda c, side: c.unschedule(side), describe=_sequence
        )

    async def claim_held(self, command: Command, id_: UUID, held_on: date) -> Answer:
        """The partner says that the meeting took place."""
        return await self._change(command, id_, lambda c, _: c.claim_held(held_on), action="claim")

    async def _change(
        self,
        command: Command,
        id_: UUID,
        decide: Callable[[Conversation, Side], None],
        *,
        action: Action = "schedule",
        describe: Callable[[Conversation], dict[str, Any]] | None = None,
        creates: bool = False,
    ) -> Answer:
        sides: list[Side] = []

        async def permit(known: Conversation) -> None:
            resource = Resource("conversation", known.person)
            standing = await self._permission.require(command.by, action, resource, command.at)
            sides.append("employee" if standing == "employee" else "partner")

        def told(known: Conversation) -> dict[str, Any]:
            more = describe(known) if describe else {}
            return more | {"state": state_for(sides[-1], known)}

        return await self._record.change(
            Conversation,
            id_,
            command,
            lambda known: decide(known, sides[-1]),
            permit=permit,
            describe=told,
            creates=creates,
        )

    async def _own(self, by: Principal, id_: UUID) -> Conversation:
        """A conversation of which the caller may have drafts: also one that has ended for them."""
        known = await self._load(by.tenant, id_)
        resource = Resource("draft", known.person, author=by.subject)
        await self._permission.require(by, "read", resource, self._record.clock.now())
        return known

    async def _load(self, tenant: str, id_: UUID) -> Conversation:
        known = await self._record.load(Conversation, tenant, id_)
        if known is None:
            raise NotFound
        return known


def _place(by: Principal, known: Conversation, part: str) -> Place:
    assert by.subject is not None
    return Place(by.tenant, known.id, known.person, by.subject, part)


def _is_recorded(known: Conversation, author: UUID, draft: Draft) -> bool:
    """Whether something was recorded in a draft's place after it was saved."""
    notes = [n.at for n in known.notes if n.author == author and (n.question or NOTE) == draft.part]
    answer = known.answers.get(draft.part) if author == known.person else None
    recorded = [*notes, *([answer.at] if answer and answer.at else [])]
    return any(at >= draft.saved_at for at in recorded)


def _sequence(known: Conversation) -> dict[str, Any]:
    appointment = known.meeting.appointment
    return {"sequence": appointment.sequence} if appointment else {}
