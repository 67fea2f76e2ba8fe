"""Half-written thoughts: for their author alone, outside the record, until recorded or thrown away."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

import asyncpg
import structlog
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from shared.database import LOST, statements, within
from shared.errors import RuleBroken, Stale
from shared.eventstore.record import Record
from shared.periods import rfc3339

SQL = statements(__package__, "drafts.sql")
_NONCE = 12
_LINGER_SECONDS = 0.2

log = structlog.get_logger("cairn.drafts")


class Forgotten(RuleBroken):
    """The words of one of you were erased; nothing more can be drafted here."""


class ChangedElsewhere(Stale):
    """The draft was changed in another window; load it, and save what you want to keep of both."""


@dataclass(frozen=True)
class Place:
    """Whose draft of which part of a conversation it is; `subject` is whom the conversation is about."""

    tenant: str
    conversation: UUID
    subject: UUID
    author: UUID
    part: str

    @property
    def sealed_with(self) -> bytes:
        """What binds the ciphertext to its place."""
        return f"draft {self.tenant} {self.conversation} {self.author} {self.part}".encode()


@dataclass(frozen=True)
class Draft:
    """A draft as its author reads it."""

    part: str
    text: str
    version: int
    saved_at: datetime


class Drafts:
    """Keeps drafts under the key of the person that they are about; they go when that key goes."""

    def __init__(self, record: Record) -> None:
        self._pool = record.pool
        self._vault = record.vault
        self._recorded: list[tuple[Place, datetime]] = []
        self._task: asyncio.Task[None] | None = None

    async def save(self, place: Place, text: str, at: datetime, if_version: int | None) -> int:
        """Save a draft over the one before, and answer its version.

        Raises `ChangedElsewhere` where `if_version` is behind.
        """
        key = await self._vault.key_of(place.tenant, place.subject)
        if key is None:
            raise Forgotten
        nonce = os.urandom(_NONCE)
        sealed = nonce + key.aead.encrypt(nonce, text.encode(), place.sealed_with)
        where = (place.tenant, place.conversation, place.author, place.part, place.subject)
        try:
            async with within(self._pool, place.tenant) as connection:
                version: int | None = await connection.fetchval(
                    SQL["save"], *where, sealed, at, if_version
                )
                if version is None or (if_version is not None and version != if_version + 1):
                    raise ChangedElsewhere
        except asyncpg.ForeignKeyViolationError:
            raise Forgotten from None
        return version

    async def read(self, place: Place, part: str | None = None) -> list[Draft]:
        """The author's drafts of a conversation, all or the one of a part."""
        where = (place.tenant, place.conversation, place.author, part)
        async with within(self._pool, place.tenant) as connection:
            rows = await connection.fetch(SQL["read"], *where)
        key = await self._vault.key_of(place.tenant, place.subject)
        return [_opened(place, row, key.aead) for row in rows] if key else []

    async def held_of(self, tenant: str, person: UUID, _: Sequence[UUID]) -> list[dict[str, Any]]:
        """What a person has begun to write, in their own conversations and others', to take along."""
        async with within(self._pool, tenant) as connection:
            rows = await connection.fetch(SQL["own"], tenant, person)
        keys = {row["subject"]: await self._vault.key_of(tenant, row["subject"]) for row in rows}
        held = []
        for row in rows:
            place = Place(tenant, row["stream"], row["subject"], person, row["part"])
            if key := keys[place.subject]:
                held.append(_taken_along(place, _opened(place, row, key.aead)))
        return held

    async def throw_away(self, place: Place, if_version: int | None = None) -> bool:
        """Delete a draft; answer whether there was one.

        Raises `ChangedElsewhere` where `if_version` is behind.
        """
        where = (place.tenant, place.conversation, place.author, place.part)
        async with within(self._pool, place.tenant) as connection:
            done: str = await connection.execute(SQL["throw_away"], *where, if_version)
            if done != "DELETE 0":
                return True
            if await connection.fetchval(SQL["is_there"], *where):
                raise ChangedElsewhere
        return False

    def forget(self, place: Place, at: datetime) -> None:
        """Delete a draft that has become a record, in the background, many in one round trip.

        What wasn't deleted, since the process died, is older than the record that it became: it isn't
        shown any more, and goes when somebody looks.
        """
        self._recorded.append((place, at))
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._forget_all())

    async def settled(self) -> None:
        """Wait until what was to be forgotten is."""
        if self._task is not None:
            await self._task

    async def _forget_all(self) -> None:
        while self._recorded:
            await asyncio.sleep(_LINGER_SECONDS)
            batch, self._recorded = self._recorded, []
            places = [place for place, _ in batch]
            columns = ("tenant", "conversation", "author", "part")
            try:
                await self._pool.execute(
                    SQL["forget"],
                    *([getattr(place, name) for place in places] for name in columns),
                    [at for _, at in batch],
                )
            except (*LOST, asyncpg.PostgresError) as lost:
                log.warning("drafts stay for now", kind=type(lost).__name__)
                return


def _taken_along(place: Place, draft: Draft) -> dict[str, Any]:
    return {
        "conversation": str(place.conversation),
        "question": draft.part,
        "text": draft.text,
        "saved_at": rfc3339(draft.saved_at),
    }


def _opened(place: Place, row: asyncpg.Record, key: AESGCM) -> Draft:
    own = replace(place, part=row["part"])
    sealed: bytes = row["text"]
    text = key.decrypt(sealed[:_NONCE], sealed[_NONCE:], own.sealed_with).decode()
    return Draft(row["part"], text, row["version"], row["saved_at"])
