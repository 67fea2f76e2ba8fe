"""What may be read of conversations; whoever reads somebody else's words is put on record first."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any, get_args
from uuid import UUID

from services.conversation.comparison import compare
from services.conversation.content import Kind
from services.conversation.domain import Conversation, conversation_id
from services.conversation.invite import invite, method_of
from services.conversation.library import Library
from services.conversation.look import Look, exhibits_of
from services.conversation.meeting import NotScheduled
from services.conversation.view import notes_of, view, words_of
from services.correction_book import Stated
from services.directory import Contacts
from services.disclosure import Disclosures, Reading
from services.exhibits import Exhibit
from services.permission import Exemption, Permission, Resource
from shared.errors import Invalid, NotFound
from shared.eventstore.events import fold
from shared.eventstore.record import Record
from shared.principal import Principal

_ROUNDS = 100
"""More than anybody works somewhere."""


class NotBefore(Invalid):
    """A conversation is compared with an earlier one of the same cycle."""


class NothingBefore(NotFound):
    """This is the first conversation of its cycle; there is nothing to compare it with yet."""


class ConversationReader:
    """Shows conversations to whoever may see them, as far as they may."""

    def __init__(
        self,
        record: Record,
        permission: Permission,
        library: Library,
        disclosures: Disclosures,
        contacts: Contacts,
        stated: Stated,
        organizer: str,
    ) -> None:
        self._record = record
        self._permission = permission
        self._library = library
        self._disclosures = disclosures
        self._contacts = contacts
        self._stated = stated
        self._organizer = organizer

    async def get_conversation(self, by: Principal, id_: UUID) -> tuple[dict[str, Any], int]:
        """A conversation as the caller may see it, and its version."""
        look = await self._look(by, id_)
        earlier = await self._earlier(look)
        known = await self._library.guides_of(by.tenant)
        guides = {(guide.guide, guide.version): guide for guide in known}
        authors = {note.author for note in look.conversation.notes}
        names = await self._record.vault.people_of(by.tenant, authors)
        stated = await self._stated(by.tenant, look.conversation.person)
        shown = view(look, earlier, guides, names, stated)
        await self._disclose([look, *earlier])
        return shown, look.conversation.version

    async def list_notes(self, by: Principal, id_: UUID) -> list[dict[str, Any]]:
        """The notes that the caller may see; whoever wrote some still sees those."""
        known = await self._load(by.tenant, id_)
        look = await self._look_at(by, known)
        authors = {note.author for note in known.notes}
        names = await self._record.vault.people_of(by.tenant, authors)
        notes = notes_of(look, names)
        if not notes and not look.sight.decide("read", _whole(known)).allowed:
            raise NotFound
        await self._disclose([look])
        return notes

    async def compare_conversations(
        self, by: Principal, id_: UUID, with_: UUID | None
    ) -> dict[str, Any]:
        """What has changed since the conversation before, or since the one that is named."""
        look = await self._look(by, id_)
        earlier = await self._earlier(look)
        if with_ is not None:
            earlier = [other for other in earlier if other.conversation.id == with_]
            if not earlier:
                raise NotBefore
        if not earlier:
            raise NothingBefore
        found = compare(earlier[-1], look)
        await self._disclose([look, earlier[-1]])
        return found

    async def get_invite(self, by: Principal, id_: UUID) -> tuple[bytes, str]:
        """The meeting as a calendar takes it, and the method that it says."""
        look = await self._look(by, id_)
        known, appointment = look.conversation, look.appointment()
        if appointment is None:
            raise NotScheduled
        sides = [known.person, *([appointment.partner] if appointment.partner else [])]
        found = await self._contacts(by.tenant, [*sides, *([by.subject] if by.subject else [])])
        if known.person not in found:
            raise NotFound
        partner = found.get(appointment.partner) if appointment.partner else None
        reader = found.get(by.subject) if by.subject else None
        locale = reader.locale if reader else "en"
        await self._disclose([look])
        employee, at = found[known.person], look.sight.at
        told = invite(known, self._organizer, employee, partner, locale, at)
        return told, method_of(appointment)

    async def read_for_case(
        self, by: Principal, person: UUID, cycle: UUID, exemption: Exemption
    ) -> list[dict[str, Any]]:
        """What was shared in the conversations of a cycle, for whom a case opens it."""
        places = [(n, kind) for n in range(1, _ROUNDS + 1) for kind in get_args(Kind)]
        streams = [conversation_id(cycle, number, kind) for number, kind in places]
        theirs = await self._permission.sight_with_ties(by, person, self._record.clock.now())
        sight = replace(theirs, ties=(*theirs.ties, exemption))
        looks = [Look(known, sight) for known in await self._load_all(by.tenant, streams)]
        found = [words_of(look) for look in looks]
        await self._disclose(looks)
        return found

    async def held_of(
        self, tenant: str, person: UUID, streams: Sequence[UUID]
    ) -> list[dict[str, Any]]:
        """A person's conversations as they see them themselves, to take along."""
        by = Principal(tenant, frozenset({"employee"}), "employee", person)
        sight = await self._permission.sight_with_ties(by, person, self._record.clock.now())
        looks = [Look(known, sight) for known in await self._load_all(tenant, [*streams])]
        guides = {(g.guide, g.version): g for g in await self._library.guides_of(tenant)}
        authors = {note.author for look in looks for note in look.conversation.notes}
        names = await self._record.vault.people_of(tenant, authors)
        stated = await self._stated(tenant, person)
        return [view(look, [], guides, names, stated) for look in looks]

    async def exhibits(self, tenant: str, id_: UUID, as_of: datetime) -> list[Exhibit]:
        """What there was in a conversation at a moment that somebody might see; no words."""
        known = await self._record.load(Conversation, tenant, id_, as_of=as_of)
        return exhibits_of(known) if known else []

    async def _look(self, by: Principal, id_: UUID) -> Look:
        look = await self._look_at(by, await self._load(by.tenant, id_))
        look.sight.require("read", _whole(look.conversation))
        return look

    async def _look_at(self, by: Principal, known: Conversation) -> Look:
        return Look(known, await self._permission.sight_with_ties(by, known.person, known.at))

    async def _earlier(self, look: Look) -> list[Look]:
        """The reader's look at every conversation of the cycle before this one, first to last."""
        now = look.conversation
        places = [
            (n, kind) for n in range(1, now.round + 1) for kind in ("conversation", "follow_up")
        ]
        before = places[: places.index((now.round, now.kind))]
        streams = [conversation_id(now.cycle, number, kind) for number, kind in before]
        found = await self._load_all(look.sight.by.tenant, streams)
        return [Look(known, look.sight) for known in found]

    async def _load(self, tenant: str, id_: UUID) -> Conversation:
        known = await self._record.load(Conversation, tenant, id_)
        if known is None:
            raise NotFound
        return known

    async def _load_all(self, tenant: str, streams: list[UUID]) -> list[Conversation]:
        if not streams:
            return []
        rows = await self._record.rows_of(tenant, streams)
        recorded = await self._record.read_words(rows)
        found = []
        for stream in streams:
            known = fold([one.event for one in recorded if one.row.stream == stream])
            if isinstance(known, Conversation):
                known.at = self._record.clock.now()
                found.append(known)
        return found

    async def _disclose(self, looks: Iterable[Look]) -> None:
        """Put on record whose words are about to leave."""
        for look in looks:
            known, sight = look.conversation, look.sight
            readings = [Reading(kind, known.id, ground) for kind, ground in look.read.items()]
            await self._disclosures.record(sight.by, known.person, readings, sight.at)


def _whole(known: Conversation) -> Resource:
    return Resource("conversation", known.person)
