"""Whose key words are under: a data key per person, under a tenant key, under the root key.

A person is known to the record by a random `subject` only. The table that joins it with the
customer's id lives with the keys, so that forgetting a person is forgetting two rows here.
"""

from __future__ import annotations

import hmac
from hashlib import sha256
from typing import Any, Protocol
from uuid import UUID, uuid4

from cachetools import TTLCache
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.keywrap import aes_key_unwrap, aes_key_wrap

from shared.database import Pool, within

_KEPT_SECONDS = 60
_KEPT = 50_000


class RootKey(Protocol):
    """What wraps the tenants' keys: a file on one machine, a KMS beyond it."""

    def wrap(self, key: bytes) -> bytes: ...

    def unwrap(self, wrapped: bytes) -> bytes: ...

    def derive(self, purpose: str) -> bytes:
        """Answer 32 bytes for one purpose, the same each time."""
        ...


class FileRootKey:
    """A root key of 32 bytes, given as such."""

    def __init__(self, key: bytes) -> None:
        if len(key) != 32:
            raise ValueError("a root key has 32 bytes (64 hexadecimal digits in its file)")
        self._key = key

    def wrap(self, key: bytes) -> bytes:
        return aes_key_wrap(self._key, key)

    def unwrap(self, wrapped: bytes) -> bytes:
        return aes_key_unwrap(self._key, wrapped)

    def derive(self, purpose: str) -> bytes:
        return HKDF(hashes.SHA256(), 32, None, purpose.encode()).derive(self._key)


class Key:
    """A person's data key, ready for use."""

    def __init__(self, key_id: UUID, secret: bytes) -> None:
        self.id = key_id
        self.aead = AESGCM(secret)


class Vault:
    """Gives, finds and keeps for a minute what the record needs to know of people's keys."""

    def __init__(self, pool: Pool, root: RootKey) -> None:
        self._pool = pool
        self._root = root
        self._fingerprints = root.derive("cairn request fingerprints")
        self._tenants: set[str] = set()
        self._tenant_keys: TTLCache[tuple[str, int], bytes] = TTLCache(1_000, _KEPT_SECONDS)
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
            await connection.execute("SELECT record.create_tenant($1)", tenant)
            await connection.execute(
                "INSERT INTO keys.tenant_key (tenant, epoch, wrapped) VALUES ($1, 1, $2)"
                " ON CONFLICT DO NOTHING",
                tenant,
                self._root.wrap(AESGCM.generate_key(256)),
            )

    async def has_tenant(self, tenant: str) -> bool:
        """Whether there is such a tenant; one that was there once stays."""
        if tenant not in self._tenants and await self._newest_epoch(tenant) is not None:
            self._tenants.add(tenant)
        return tenant in self._tenants

    async def subject_of(self, tenant: str, person: str) -> UUID | None:
        """The random key of a person, or None for one that was never heard of."""
        if (tenant, person) not in self._subjects:
            async with within(self._pool, tenant) as connection:
                row = await connection.fetchrow(
                    "SELECT subject FROM keys.subject WHERE tenant = $1 AND person = $2",
                    tenant,
                    person,
                )
            if row is None:
                return None
            self._subjects[tenant, person] = row["subject"]
        return self._subjects[tenant, person]

    async def assign_subject(self, tenant: str, person: str) -> UUID:
        """The random key of a person, made with a data key where there is none yet."""
        if known := await self.subject_of(tenant, person):
            return known
        epoch = await self._newest_epoch(tenant)
        if epoch is None:
            raise LookupError(f"there is no tenant {tenant!r}")
        wrapped = aes_key_wrap(await self._tenant_key(tenant, epoch), AESGCM.generate_key(256))
        async with within(self._pool, tenant) as connection:
            await connection.execute(_ASSIGN, tenant, person, uuid4(), epoch, wrapped)
        subject = await self.subject_of(tenant, person)
        assert subject is not None
        return subject

    async def people_of(self, tenant: str, subjects: set[UUID]) -> dict[UUID, str]:
        """The customer's ids of these people; whoever was forgotten is missing in it."""
        unknown = [subject for subject in subjects if (tenant, subject) not in self._people]
        if unknown:
            async with within(self._pool, tenant) as connection:
                rows = await connection.fetch(
                    "SELECT subject, person FROM keys.subject"
                    " WHERE tenant = $1 AND subject = ANY($2::uuid[])",
                    tenant,
                    unknown,
                )
            self._people.update({(tenant, row["subject"]): row["person"] for row in rows})
        found = {subject: self._people.get((tenant, subject)) for subject in subjects}
        return {subject: person for subject, person in found.items() if person is not None}

    async def key_of(self, tenant: str, subject: UUID) -> Key | None:
        """A person's data key, or None where it was destroyed."""
        if (tenant, subject) not in self._keys:
            async with within(self._pool, tenant) as connection:
                row = await connection.fetchrow(
                    "SELECT key_id, epoch, wrapped FROM keys.subject_key"
                    " WHERE tenant = $1 AND subject = $2",
                    tenant,
                    subject,
                )
            if row is None:
                return None
            self._keys[tenant, subject] = await self._unwrap(tenant, row)
        return self._keys[tenant, subject]

    def forget(self, tenant: str, subject: UUID) -> None:
        """Drop a person's key from this process's memory, once it was destroyed."""
        self._keys.pop((tenant, subject), None)

    async def _unwrap(self, tenant: str, row: Any) -> Key:
        tenant_key = await self._tenant_key(tenant, row["epoch"])
        return Key(row["key_id"], aes_key_unwrap(tenant_key, row["wrapped"]))

    async def _tenant_key(self, tenant: str, epoch: int) -> bytes:
        if (tenant, epoch) not in self._tenant_keys:
            async with within(self._pool, tenant) as connection:
                wrapped = await connection.fetchval(
                    "SELECT wrapped FROM keys.tenant_key WHERE tenant = $1 AND epoch = $2",
                    tenant,
                    epoch,
                )
            self._tenant_keys[tenant, epoch] = self._root.unwrap(wrapped)
        return self._tenant_keys[tenant, epoch]

    async def _newest_epoch(self, tenant: str) -> int | None:
        async with within(self._pool, tenant) as connection:
            epoch: int | None = await connection.fetchval(
                "SELECT max(epoch) FROM keys.tenant_key WHERE tenant = $1", tenant
            )
        return epoch


_ASSIGN = """
WITH assigned AS (
  INSERT INTO keys.subject (tenant, person, subject) VALUES ($1, $2, uuidv7())
  ON CONFLICT DO NOTHING RETURNING subject
)
INSERT INTO keys.subject_key (tenant, subject, key_id, epoch, wrapped)
SELECT $1, subject, $3, $4, $5 FROM assigned
"""
