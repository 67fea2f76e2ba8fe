"""What somebody was writing when their session had ended, kept under their own key."""

from __future__ import annotations

import os
from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

import msgspec

from console.login.sessions import SQL
from shared.database import within
from shared.eventstore.record import Record
from shared.periods import rfc3339
from shared.principal import Principal

_NONCE = 12
_WORDS = {
    "text", "comment", "title", "success", "horizon", "place", "purpose", "reference",
    "adds", "varies", "skill", "support", "risk", "rhythm", "aim",
}  # fmt: skip
_MOST = 20
"""How many forms of one person are kept; whoever comes back finds far fewer."""


class Form(msgspec.Struct, frozen=True):
    """A form that was filled in: where it goes, the page and window that it was on, its fields."""

    path: str
    page: str
    fields: list[tuple[str, str]]
    window: str = ""

    @property
    def has_words(self) -> bool:
        return any(value and self.is_words(name) for name, value in self.fields)

    def is_words(self, name: str) -> bool:
        """Whether a field holds what somebody wrote: `text`, or one of several, as `impact-text-de`."""
        return not _WORDS.isdisjoint(name.split("-"))


class KeptForm(msgspec.Struct, frozen=True):
    """A form that waits for its author."""

    id: UUID
    at: datetime
    form: Form


class KeptForms:
    """Keeps forms, shows them to their author alone, and lets them go."""

    def __init__(self, record: Record) -> None:
        self._record = record

    async def keep(self, by: Principal, form: Form) -> bool:
        """Keep a form for its author; False where there is no key to keep it under."""
        key = await self._record.vault.key_of(by.tenant, by.subject) if by.subject else None
        if key is None:
            return False
        kept = await self.kept_for(by)
        for earlier in kept:
            if (earlier.form.path, earlier.form.window) == (form.path, form.window):
                await self.let_go(by, earlier.id)  # the same form, with more in it by now
        if len(kept) > _MOST:
            return False
        id_, nonce = uuid4(), os.urandom(_NONCE)
        words = nonce + key.aead.encrypt(nonce, msgspec.json.encode(form), id_.bytes)
        now = self._record.clock.now()
        async with within(self._record.pool, by.tenant) as connection:
            await connection.execute(SQL["keep"], by.tenant, id_, by.subject, words, now)
        return True

    async def kept_for(self, by: Principal) -> list[KeptForm]:
        """The forms that wait for somebody, oldest first."""
        if by.subject is None:
            return []
        async with within(self._record.pool, by.tenant) as connection:
            rows = await connection.fetch(SQL["kept_of"], by.tenant, by.subject)
        key = await self._record.vault.key_of(by.tenant, by.subject) if rows else None
        if key is None:
            return []
        found = []
        for row in rows:
            nonce, sealed = row["words"][:_NONCE], row["words"][_NONCE:]
            words = key.aead.decrypt(nonce, sealed, row["id"].bytes)
            found.append(KeptForm(row["id"], row["at"], msgspec.json.decode(words, type=Form)))
        return found

    async def held_of(self, tenant: str, person: UUID, _: Sequence[UUID]) -> list[dict[str, Any]]:
        """The forms that wait for somebody, to take along."""
        by = Principal(tenant, frozenset({"employee"}), "employee", person)
        return [
            {"at": rfc3339(kept.at), "page": kept.form.page, "fields": dict(kept.form.fields)}
            for kept in await self.kept_for(by)
        ]

    async def let_go(self, by: Principal, id_: UUID) -> None:
        """Forget a form: it was sent, or thrown away."""
        async with within(self._record.pool, by.tenant) as connection:
            await connection.execute(SQL["let_go"], by.tenant, by.subject, id_)
