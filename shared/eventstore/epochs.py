"""New keys in place of old ones: a tenant's with each epoch, the root key when it is replaced.

What is wrapped under a root key is written while its place is held, so that no process that has
slept through a replacement writes anything under the key before.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any
from uuid import UUID

import structlog
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.keywrap import InvalidUnwrap, aes_key_unwrap, aes_key_wrap

from shared.database import Connection, Pool
from shared.errors import Unavailable
from shared.eventstore.rootkeys import FileRootKey, RootKey
from shared.eventstore.secrets import reseal

_AT_ONCE = 10_000
log = structlog.get_logger("cairn.keys")


class OtherRootKey(Unavailable):
    """The keys don't open with this process's root key; whoever runs it puts the new one in place."""

    code = "unavailable"

    def __init__(self) -> None:
        super().__init__()
        log.critical("another root key")


async def in_force(connection: Connection | Pool) -> str | None:
    """The name of the root key that all is under; None as long as none was ever replaced."""
    name: str | None = await connection.fetchval("SELECT name FROM keys.root")
    return name


async def is_in_force(connection: Connection | Pool, root: RootKey) -> bool:
    """Whether this is that key, or goes on with it now."""
    name = await in_force(connection)
    return name in (None, root.name) or root.follow(lambda other: other.name == name)


async def hold(connection: Connection, root: RootKey) -> None:
    """Let no root key take this one's place within the transaction; `OtherRootKey` where one has."""
    await connection.execute(_HOLD)
    if not await is_in_force(connection, root):
        raise OtherRootKey


def opened(wrapped: bytes, root: RootKey) -> bytes:
    """What is wrapped under the root key; `OtherRootKey` where it is under another."""
    try:
        return root.unwrap(wrapped)
    except InvalidUnwrap:
        raise OtherRootKey from None


async def begin_epoch(connection: Connection, tenant: str, root: RootKey) -> int:
    """Wrap a tenant's keys under a fresh one, and destroy the one before; answers the new epoch."""
    await hold(connection, root)
    await connection.execute(_LOCK_EPOCHS, tenant)
    old = await connection.fetch(_EPOCHS, tenant)
    if not old:
        raise LookupError(f"there is no tenant {tenant!r}")
    epoch: int = old[-1]["epoch"] + 1
    fresh = AESGCM.generate_key(256)
    await connection.execute(_NEW_EPOCH, tenant, epoch, root.wrap(fresh))
    unwrapped = {row["epoch"]: opened(row["wrapped"], root) for row in old}
    async for keys in _keys_of(connection, tenant):
        subjects = [row["subject"] for row in keys]
        wrapped = [_rewrapped(row, unwrapped, fresh) for row in keys]
        await connection.execute(_REWRAP_SUBJECTS, tenant, epoch, subjects, wrapped)
    await reseal(connection, tenant, unwrapped, epoch, fresh)
    await connection.execute(
        "DELETE FROM keys.tenant_key WHERE tenant = $1 AND epoch < $2", tenant, epoch
    )
    return epoch


async def _keys_of(connection: Connection, tenant: str) -> AsyncIterator[list[Any]]:
    """All data keys of a tenant, so many at a time that no statement is a long one."""
    after = UUID(int=0)
    while keys := await connection.fetch(_KEYS_OF_TENANT, tenant, after, _AT_ONCE):
        yield keys
        after = keys[-1]["subject"]


async def replace_root(connection: Connection, old: FileRootKey, new: FileRootKey) -> int:
    """Wrap whatever is under a root key under the next one, within one transaction; safe to repeat.

    Answers how many keys were wrapped anew. Raises `OtherRootKey` where one is under neither.
    """
    wrapped = 0
    async with connection.transaction():
        await connection.execute(_TAKE)
        if await in_force(connection) not in (None, old.name, new.name):
            raise OtherRootKey
        for tenant in await connection.fetch("SELECT tenant FROM record.tenants()"):
            await connection.execute(
                "SELECT set_config('cairn.tenant', $1, true)", tenant["tenant"]
            )
            for table in ("keys.tenant_key", "keys.ledger_key"):
                wrapped += await _replace_in(connection, table, tenant["tenant"], old, new)
        await connection.execute(_IN_FORCE, new.name)
    return wrapped


async def _replace_in(
    connection: Connection, table: str, tenant: str, old: FileRootKey, new: FileRootKey
) -> int:
    rows = await connection.fetch(_UNDER_ROOT.format(table), tenant)
    under_old = [row for row in rows if new.opens(row["wrapped"]) is None]
    keys = [(row["epoch"], old.opens(row["wrapped"])) for row in under_old]
    fresh = [(tenant, epoch, new.wrap(key)) for epoch, key in keys if key is not None]
    if len(fresh) < len(keys):
        raise OtherRootKey
    await connection.executemany(_REWRAP.format(table), fresh)
    return len(fresh)


def _rewrapped(row: Any, tenant_keys: dict[int, bytes], fresh: bytes) -> bytes:
    return aes_key_wrap(fresh, aes_key_unwrap(tenant_keys[row["epoch"]], row["wrapped"]))


_HOLD = "SELECT pg_advisory_xact_lock_shared(hashtextextended('cairn root key', 0))"
_TAKE = "SELECT pg_advisory_xact_lock(hashtextextended('cairn root key', 0))"
_IN_FORCE = """
INSERT INTO keys.root (name) VALUES ($1)
ON CONFLICT (single) DO UPDATE SET name = excluded.name, since = clock_timestamp()
"""
_UNDER_ROOT = """
SELECT epoch, wrapped FROM {} WHERE tenant = $1 AND wrapped IS NOT NULL ORDER BY epoch FOR UPDATE
"""
_REWRAP = "UPDATE {} SET wrapped = $3 WHERE tenant = $1 AND epoch = $2"
_LOCK_EPOCHS = "SELECT pg_advisory_xact_lock(hashtextextended('cairn keys ' || $1, 0))"
_EPOCHS = "SELECT epoch, wrapped FROM keys.tenant_key WHERE tenant = $1 ORDER BY epoch FOR UPDATE"
_NEW_EPOCH = "INSERT INTO keys.tenant_key (tenant, epoch, wrapped) VALUES ($1, $2, $3)"
_KEYS_OF_TENANT = """
SELECT subject, epoch, wrapped FROM keys.subject_key
 WHERE tenant = $1 AND subject > $2 ORDER BY subject LIMIT $3 FOR UPDATE
"""
_REWRAP_SUBJECTS = """
UPDATE keys.subject_key k SET epoch = $2, wrapped = fresh.wrapped
  FROM unnest($3::uuid[], $4::bytea[]) AS fresh(subject, wrapped)
 WHERE k.tenant = $1 AND k.subject = fresh.subject
"""
