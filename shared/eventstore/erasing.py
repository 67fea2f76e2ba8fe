"""Deletes the words of those whose key is gone: some positions at a time, since a log may be long.

A body is deleted only where a tombstone of its person stands behind it in the log, which the database
itself sees to. What is written between a tombstone and the destruction of the key is found here, so that
a further tombstone is recorded for it.
"""

from __future__ import annotations

from uuid import UUID

from shared.database import Pool, within

TOMBSTONE = "people.erased"
_AT_ONCE = 50_000
"""How many positions one statement looks through: seconds, even where all of it comes from a disk."""


async def is_covered(pool: Pool, tenant: str, subject: UUID) -> bool:
    """Whether nothing with words of this person was recorded after their newest tombstone."""
    keys, tombstone = await _own(pool, tenant, subject)
    async with within(pool, tenant) as connection:
        size = await connection.fetchval(_SIZE, tenant)
    for after in range(tombstone, size, _AT_ONCE):
        async with within(pool, tenant) as connection:
            if await connection.fetchval(_HAS_WORDS, tenant, after, after + _AT_ONCE, keys):
                return False
    return True


async def delete_words(pool: Pool, tenant: str, subject: UUID) -> None:
    """Delete every body of this person that a tombstone covers; safe to repeat."""
    _, tombstone = await _own(pool, tenant, subject)
    for after in range(0, tombstone, _AT_ONCE):
        async with within(pool, tenant) as connection:
            await connection.execute(_DELETE_WORDS, tenant, subject, after, after + _AT_ONCE)


async def finish(pool: Pool, tenant: str, subject: UUID) -> None:
    """Note that nothing of this person is left to be deleted."""
    async with within(pool, tenant) as connection:
        await connection.execute(_FINISH, tenant, subject)


async def _own(pool: Pool, tenant: str, subject: UUID) -> tuple[list[UUID], int]:
    """The key that a person's words were under, and where their newest tombstone stands."""
    async with within(pool, tenant) as connection:
        row = await connection.fetchrow(_OWN, tenant, subject, TOMBSTONE)
    return (row["keys"] or [], row["tombstone"] or 0) if row else ([], 0)


_SIZE = "SELECT log_size FROM record.tenant WHERE tenant = $1"
_OWN = """
SELECT array_agg(DISTINCT key_id) FILTER (WHERE key_id IS NOT NULL) AS keys,
       max(position) FILTER (WHERE type = $3) AS tombstone
  FROM record.event WHERE tenant = $1 AND stream = $2
"""
_HAS_WORDS = """
SELECT EXISTS (SELECT FROM record.event
                WHERE tenant = $1 AND position > $2 AND position <= $3 AND key_id = ANY ($4::uuid[]))
"""
_DELETE_WORDS = "SELECT record.delete_words($1, $2, $3, $4)"
_FINISH = "DELETE FROM keys.erasing WHERE tenant = $1 AND subject = $2"
