"""Whose key words are under: a data key per person, under a tenant key, under the root key.

A person is known to the record by a random `subject` only. The table that joins it with the
customer's id lives with the keys, so that forgetting a person is forgetting two rows here.
"""

from __future__ import annotations

import contextlib
import hmac
from collections.abc import Sequence
from hashlib import sha256
from typing import Any
from uuid import UUID, uuid4

import asyncpg
from cachetools import TTLCache
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.keywrap import aes_key_unwrap, aes_key_wrap

from shared.database import Pool, within
from shared.eventstore.epochs import OtherRootKey, begin_epoch, hold, opened
from shared.eventstore.forgetting import CHANNEL, Ears
from shared.eventstore.rootkeys import REQUESTS, RootKey

_KEPT_SECONDS = 60
_KEPT = 50_000


class Key:
    """A person's data key, ready for use."""

    def __init__(self, key_id: UUID, secret: bytes) -> None:
        self.id = key_id
        self.aead = AESGCM(secret)


class Vault:
    """Gives, finds and keeps for a minute what the record needs to know of people's keys."""

    def __init__(self, pool: Pool, root: RootKey) -> None:
        self._pool = pool
        self.root = root
        self._fingerprints = root.derive(REQUESTS)
        self._tenants: set[str] = set()
        self._tenant_keys: TTLCache[bytes, bytes] = TTLCache(1_000, _KEPT_SECONDS)
        self.ears = Ears(pool, self.forget, self._forget_all)
        self._keys: TTLCache[tuple[str, UUID], Key] = TTLCache(_KEPT, _KEPT_SECONDS)
        self._subjects: TTLCache[tuple[str, str], UUID] = TTLCache(_KEPT, _KEPT_SECONDS)
        self._people: TTLCache[tuple[str, UUID], str] = TTLCache(_KEPT, _KEPT_SECONDS)

    def fingerprint(self, *parts: bytes) -> bytes:
        """A keyed hash of a request, from which its words can't be guessed."""
        framed = b"".join(len(part).to_bytes(8, "big") + part for part in parts)
        return hmac.digest(self._fingerprints, framed, sha256)

    async def create_tenant(self, tenant: str) -> None:
        """Make a tenant and its first key, where they aren't there yet."""
        async with within(self._pool, tenant) as connection:
            await hold(connection, self.root)
            await connection.execute("SELECT record.create_tenant($1)", tenant)
            await connection.execute(
                "INSERT INTO keys.tenant_key (tenant, epoch, wrapped) VALUES ($1, 1, $2)"
                " ON CONFLICT DO NOTHING",
                tenant,
                self.root.wrap(AESGCM.generate_key(256)),
            )

    async def has_tenant(self, tenant: str) -> bool:
        """Whether there is such a tenant; one that was there once stays."""
        if tenant not in self._tenants and await self._newest_epoch(tenant) is not None:
            self._tenants.add(tenant)
        return tenant in self._tenants

    async def subject_of(self, tenant: str, person: str) -> UUID | None:
        """The random key of a person, or None for one that was never heard of."""
        if known := self._subjects.get((tenant, person)):
            return known
        async with within(self._pool, tenant) as connection:
            found: UUID | None = await connection.fetchval(
                "SELECT subject FROM keys.subject WHERE tenant = $1 AND person = $2",
                tenant,
                person,
            )
        if found is not None:
            self._subjects[tenant, person] = found
        return found

    async def subjects_of(self, tenant: str, people: set[str]) -> dict[str, UUID]:
        """The random keys of many people at once; who was never heard of is missing in it."""
        async with within(self._pool, tenant) as connection:
            rows = await connection.fetch(_SUBJECTS_OF, tenant, list(people))
        return {row["person"]: row["subject"] for row in rows}

    async def assign_subject(self, tenant: str, person: str) -> UUID:
        """The random key of a person, made with a data key where there is none yet."""
        while (known := await self.subject_of(tenant, person)) is None:
            epoch, key = await self.newest_key(tenant)
            with contextlib.suppress(asyncpg.ForeignKeyViolationError):  # the epoch has just ended
                await self._assign(tenant, person, epoch, key)
        return known

    async def _assign(self, tenant: str, person: str, epoch: int, tenant_key: bytes) -> None:
        wrapped = aes_key_wrap(tenant_key, AESGCM.generate_key(256))
        async with within(self._pool, tenant) as connection:
            await connection.execute(_ASSIGN, tenant, person, uuid4(), epoch, wrapped)

    async def prepare(self, tenant: str, people: set[str]) -> dict[str, UUID]:
        """The random keys of many people, made where there are none; all of theirs are kept ready.

        One statement for each step, however many people they are.
        """
        subjects = await self.subjects_of(tenant, people)
        while unknown := sorted(people - set(subjects)):
            epoch, key = await self.newest_key(tenant)
            with contextlib.suppress(asyncpg.ForeignKeyViolationError):  # the epoch has just ended
                await self._assign_all(tenant, unknown, epoch, key)
            subjects |= await self.subjects_of(tenant, set(unknown))
        self._subjects.update({(tenant, person): key for person, key in subjects.items()})
        await self._keep_ready(tenant, set(subjects.values()))
        return subjects

    async def _assign_all(
        self, tenant: str, people: Sequence[str], epoch: int, tenant_key: bytes
    ) -> None:
        wrapped = [aes_key_wrap(tenant_key, AESGCM.generate_key(256)) for _ in people]
        keys = [uuid4() for _ in people]
        async with within(self._pool, tenant) as connection:
            await connection.execute(_ASSIGN_ALL, tenant, people, keys, epoch, wrapped)

    async def _keep_ready(self, tenant: str, subjects: set[UUID]) -> None:
        missing = [subject for subject in subjects if (tenant, subject) not in self._keys]
        since = self.ears.since()
        async with within(self._pool, tenant) as connection:
            rows = await connection.fetch(_KEYS_OF, tenant, missing)
        for row in rows:
            self._opened(tenant, row["subject"], row, since)

    async def rotate(self, tenant: str) -> int:
        """Begin a new epoch: wrap every key that is left anew, destroy the old tenant key.

        A backup of the keys that is older opens nothing any more. Answers the new epoch.
        """
        async with within(self._pool, tenant) as connection:
            return await begin_epoch(connection, tenant, self.root)

    async def people_of(self, tenant: str, subjects: set[UUID]) -> dict[UUID, str]:
        """The customer's ids of these people; whoever was forgotten is missing in it."""
        known = {s: person for s in subjects if (person := self._people.get((tenant, s)))}
        if not (unknown := subjects - set(known)):
            return known
        async with within(self._pool, tenant) as connection:
            rows = await connection.fetch(
                "SELECT subject, person FROM keys.subject"
                " WHERE tenant = $1 AND subject = ANY($2::uuid[])",
                tenant,
                list(unknown),
            )
        found = {row["subject"]: row["person"] for row in rows}
        self._people.update({(tenant, subject): person for subject, person in found.items()})
        return known | found

    async def key_of(self, tenant: str, subject: UUID) -> Key | None:
        """A person's data key, or None where it was destroyed."""
        if known := self._keys.get((tenant, subject)):
            return known
        since = self.ears.since()
        async with within(self._pool, tenant) as connection:
            row = await connection.fetchrow(_KEY_OF, tenant, subject)
        return self._opened(tenant, subject, row, since) if row else None

    def _opened(self, tenant: str, subject: UUID, row: Any, since: int | None) -> Key:
        """The key of a row; kept where nobody was forgotten since it was asked for."""
        secret = aes_key_unwrap(self.open_key(row["tenant_key"]), row["wrapped"])
        key = Key(row["key_id"], secret)
        if self.ears.is_still(since):
            self._keys[tenant, subject] = key
        return key

    async def destroy(self, tenant: str, subject: UUID) -> bool:
        """Destroy a person's key; answers whether anything that was under it is still to be deleted.

        Safe to repeat. The tombstone that covers it is recorded before.
        """
        async with within(self._pool, tenant) as connection:
            is_left: bool = await connection.fetchval(_DESTROY, tenant, subject)
            await connection.execute(_FORGET_ACCOUNT, tenant, subject)
        self.forget(tenant, subject)
        return is_left

    async def unlink(self, tenant: str, subject: UUID) -> None:
        """Forget which of the customer's ids a person had; safe to repeat."""
        async with within(self._pool, tenant) as connection:
            await connection.execute(_UNLINK, tenant, subject, CHANNEL, f"{tenant} {subject}")
        self.forget(tenant, subject)

    def forget(self, tenant: str, subject: UUID) -> None:
        """Drop a person's key from this process's memory, once it was destroyed."""
        self._keys.pop((tenant, subject), None)
        self._people.pop((tenant, subject), None)
        self._subjects.clear()

    def _forget_all(self) -> None:
        for kept in (self._keys, self._people, self._subjects):
            kept.clear()

    async def newest_key(self, tenant: str) -> tuple[int, bytes]:
        """The present epoch of a tenant's key, and the key."""
        newest = await self._newest_epoch(tenant)
        if newest is None:
            raise LookupError(f"there is no tenant {tenant!r}")
        return newest[0], self.open_key(newest[1])

    def open_key(self, wrapped: bytes) -> bytes:
        """A tenant key; kept, since a root key may be far away."""
        key = self._tenant_keys.get(wrapped)
        if key is None:
            key = self._tenant_keys[wrapped] = opened(wrapped, self.root)
        return key

    async def opens(self, tenant: str) -> bool:
        """Whether the root key is the one that the tenant's newest key is under."""
        newest = await self._newest_epoch(tenant)
        try:
            return newest is None or len(self.open_key(newest[1])) > 0
        except OtherRootKey:
            return False

    async def _newest_epoch(self, tenant: str) -> tuple[int, bytes] | None:
        async with within(self._pool, tenant) as connection:
            row = await connection.fetchrow(
                "SELECT epoch, wrapped FROM keys.tenant_key WHERE tenant = $1"
                " ORDER BY epoch DESC LIMIT 1",
                tenant,
            )
        return (row["epoch"], row["wrapped"]) if row else None


_DESTROY = "SELECT record.destroy_key($1, $2)"
_FORGET_ACCOUNT = "DELETE FROM keys.account WHERE tenant = $1 AND subject = $2"
_UNLINK = """
WITH gone AS (DELETE FROM keys.subject WHERE tenant = $1 AND subject = $2) SELECT pg_notify($3, $4)
"""
_KEY_OF = """
SELECT s.key_id, s.wrapped, t.wrapped AS tenant_key
  FROM keys.subject_key s JOIN keys.tenant_key t USING (tenant, epoch)
 WHERE s.tenant = $1 AND s.subject = $2
"""
_KEYS_OF = """
SELECT s.subject, s.key_id, s.wrapped, t.wrapped AS tenant_key
  FROM keys.subject_key s JOIN keys.tenant_key t USING (tenant, epoch)
 WHERE s.tenant = $1 AND s.subject = ANY ($2::uuid[])
"""
_SUBJECTS_OF = """
SELECT person, subject FROM keys.subject WHERE tenant = $1 AND person = ANY ($2::text[])
"""
_ASSIGN_ALL = """
WITH wanted AS (
  SELECT * FROM unnest($2::text[], $3::uuid[], $5::bytea[]) AS w(person, key_id, wrapped)
), assigned AS (
  INSERT INTO keys.subject (tenant, person, subject) SELECT $1, person, uuidv7() FROM wanted
  ON CONFLICT DO NOTHING RETURNING person, subject
)
INSERT INTO keys.subject_key (tenant, subject, key_id, epoch, wrapped)
SELECT $1, subject, key_id, $4, wrapped FROM assigned JOIN wanted USING (person)
"""
_ASSIGN = """
WITH assigned AS (
  INSERT INTO keys.subject (tenant, person, subject) VALUES ($1, $2, uuidv7())
  ON CONFLICT DO NOTHING RETURNING subject
)
INSERT INTO keys.subject_key (tenant, subject, key_id, epoch, wrapped)
SELECT $1, subject, $3, $4, $5 FROM assigned
"""
