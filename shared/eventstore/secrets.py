"""What a tenant keeps secret that isn't a person's: sealed under the tenant's key of the epoch."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import asyncpg
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from shared.database import Connection, Pool, within

if TYPE_CHECKING:
    from shared.eventstore.keys import Vault

_NONCE = 12


class Secrets:
    """Keeps and gives secrets by their names."""

    def __init__(self, pool: Pool, vault: Vault) -> None:
        self._pool = pool
        self._vault = vault

    async def keep(self, tenant: str, name: str, secret: bytes) -> None:
        """Keep a secret, in place of what had this name."""
        while True:
            epoch, key = await self._vault.newest_key(tenant)
            sealed = _seal(key, tenant, name, secret)
            with contextlib.suppress(asyncpg.ForeignKeyViolationError):  # the epoch has just ended
                async with within(self._pool, tenant) as connection:
                    await connection.execute(_KEEP, tenant, name, epoch, sealed)
                return

    async def read(self, tenant: str, names: Sequence[str]) -> dict[str, bytes]:
        """What is kept under these names; what isn't there is missing in it."""
        async with within(self._pool, tenant) as connection:
            rows = await connection.fetch(_READ, tenant, names)
        return {
            row["name"]: _unseal(
                self._vault.open_key(row["tenant_key"]), tenant, row["name"], row["sealed"]
            )
            for row in rows
        }

    async def forget(self, tenant: str, beginning: str) -> None:
        """Destroy everything whose name begins so."""
        async with within(self._pool, tenant) as connection:
            await connection.execute(_FORGET, tenant, beginning)


async def reseal(
    connection: Connection, tenant: str, old: Mapping[int, bytes], epoch: int, fresh: bytes
) -> None:
    """Seal everything anew under a fresh key, within the transaction that begins its epoch."""
    for row in await connection.fetch(_ALL, tenant):
        secret = _unseal(old[row["epoch"]], tenant, row["name"], row["sealed"])
        sealed = _seal(fresh, tenant, row["name"], secret)
        await connection.execute(_KEEP, tenant, row["name"], epoch, sealed)


def _seal(key: bytes, tenant: str, name: str, secret: bytes) -> bytes:
    nonce = os.urandom(_NONCE)
    return nonce + AESGCM(key).encrypt(nonce, secret, f"{tenant}/{name}".encode())


def _unseal(key: bytes, tenant: str, name: str, sealed: bytes) -> bytes:
    return AESGCM(key).decrypt(sealed[:_NONCE], sealed[_NONCE:], f"{tenant}/{name}".encode())


_KEEP = """
INSERT INTO keys.secret (tenant, name, epoch, sealed) VALUES ($1, $2, $3, $4)
ON CONFLICT (tenant, name) DO UPDATE SET epoch = excluded.epoch, sealed = excluded.sealed
"""
_READ = """
SELECT s.name, s.sealed, t.wrapped AS tenant_key
  FROM keys.secret s JOIN keys.tenant_key t USING (tenant, epoch)
 WHERE s.tenant = $1 AND s.name = ANY ($2::text[])
"""
_ALL = "SELECT name, epoch, sealed FROM keys.secret WHERE tenant = $1 ORDER BY name FOR UPDATE"
_FORGET = "DELETE FROM keys.secret WHERE tenant = $1 AND starts_with(name, $2)"
