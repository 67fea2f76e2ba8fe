"""The use cases of corrections: say what is wrong on record about oneself, take it back, read it."""

from __future__ import annotations

from typing import Any, Literal, get_args
from uuid import UUID

import msgspec

from services.access import Action
from services.correction import About, Corrections, corrections_id
from services.correction_book import CorrectionBook
from services.permission import Permission, Resource
from shared.errors import Invalid, NotFound
from shared.eventstore.record import Answer, Command, Record
from shared.eventstore.sealing import Row
from shared.principal import Principal

Original = Literal["profile", "conversation", "plan", "cycle", "case"]
ORIGINALS: tuple[Original, ...] = get_args(Original)
_STREAMS: dict[str, str] = {"cycle": "cycles", "case": "cases"}
_PARTS: dict[str, tuple[str, ...]] = {
    "conversation": ("note", "question", "facet", "direction"),
    "plan": ("goal", "action"),
}
"""What each kind is made of; a note may be beside a question, so that it comes first."""


class NoSuchOriginal(NotFound):
    """There is nothing of that id on record about this person."""


class WhichOne(Invalid):
    """Name by `id` what is wrong; only the profile needs none."""


class Correcting:
    """A person's own word beside what is on record about them."""

    def __init__(self, record: Record, permission: Permission, book: CorrectionBook) -> None:
        self._record = record
        self._permission = permission
        self._book = book

    async def state_correction(
        self,
        command: Command,
        person: str,
        about: Original,
        id_: UUID | None,
        version: int | None,
        part: str | None,
        text: str,
    ) -> Answer:
        """Say that something is wrong; the original stays, and this stands beside it."""
        subject = await self._permit(command.by, person, "write")
        original = await self._original(command.tenant, subject, about, id_, version, part)
        return await self._record.change(
            Corrections,
            corrections_id(subject),
            command,
            lambda known: known.state(original, text),
            begin=lambda: Corrections.open(subject, command.at),
            creates=True,
        )

    async def withdraw_correction(self, command: Command, person: str, number: int) -> Answer:
        """Take a statement back."""
        subject = await self._permit(command.by, person, "write")
        return await self._record.change(
            Corrections,
            corrections_id(subject),
            command,
            lambda known: known.withdraw(number),
            describe=lambda _: {"correction": number},
        )

    async def list_corrections(self, by: Principal, person: str) -> list[dict[str, Any]]:
        """What stands and the reader may read of it, in its order."""
        subject = await self._permit(by, person, "read")
        return [each.view() for each in await self._book.read_by(by, subject)]

    async def _original(
        self,
        tenant: str,
        subject: UUID,
        about: Original,
        id_: UUID | None,
        version: int | None,
        part: str | None,
    ) -> About:
        stream = subject if about == "profile" else id_
        if stream is None:
            raise WhichOne
        rows = await self._record.rows(tenant, stream, at_version=version)
        kind = "people" if about == "profile" else _STREAMS.get(about, about)
        if not rows or rows[0].type.partition(".")[0] != kind:
            raise NoSuchOriginal
        is_theirs = self._record.read_facts(rows[:1])[0].meta.subject == subject
        if not is_theirs or (version is not None and rows[-1].version != version):
            raise NoSuchOriginal
        if part is not None and part.partition("/")[0] not in _PARTS.get(about, ()):
            raise NoSuchOriginal
        if version is None:
            return About(stream, about, None, part)
        touched = _part_of(rows[-1], about)
        if part not in {None, touched}:
            raise NoSuchOriginal
        return About(stream, about, version, touched)

    async def _permit(self, by: Principal, person: str, action: Action) -> UUID:
        subject = await self._record.vault.subject_of(by.tenant, person)
        resource, now = Resource("correction", subject), self._record.clock.now()
        await self._permission.require(by, action, resource, now)
        if subject is None:
            raise NotFound
        return subject


def _part_of(row: Row, about: Original) -> str | None:
    """The part that an event is of, so that a statement about it goes where that part goes."""
    if row.type == "conversation.direction_stated":
        return "direction"
    facts = msgspec.json.decode(row.facts)
    named = (name for name in _PARTS.get(about, ()) if name != "direction" and facts.get(name))
    return next((f"{name}/{facts[name]}" for name in named), None)
