"""The list of erasures: who was forgotten, by random key; kept apart, and played again on a restore.

A line a person, then one that says how far each tenant's log was read, so that the next time goes on
from there.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from pathlib import Path
from uuid import UUID

import asyncpg
import msgspec

from console.keeping.tables import SEES_ALL, Connection, NotAll
from services.people.certificate import Depth
from shared.errors import Invalid

_TOPIC = "people.erased"


class Erasure(msgspec.Struct, frozen=True):
    """One tombstone."""

    tenant: str
    subject: UUID
    position: int
    recorded_at: datetime
    depth: Depth = "words"


class Reached(msgspec.Struct, frozen=True):
    """How far each tenant's log was read."""

    reached: dict[str, int]


async def extend_list(url: str, file: Path) -> int:
    """Add what was erased since; the list is replaced whole. Answers how many it names now."""
    known, reached = read_list(file)
    connection = await asyncpg.connect(url, timeout=10)
    try:
        async with connection.transaction(isolation="repeatable_read", readonly=True):
            if not await connection.fetchval(SEES_ALL):
                raise NotAll
            fresh, reached = await _since(connection, reached)
    finally:
        await connection.close()
    everything = [*known, *fresh]
    lines = [msgspec.json.encode(each) for each in [*everything, Reached(reached)]]
    part = file.with_name(f"{file.name}.part")
    part.touch(mode=0o600)
    part.write_bytes(b"\n".join(lines) + b"\n")
    part.replace(file)
    return len(everything)


def read_list(file: Path) -> tuple[list[Erasure], dict[str, int]]:
    """The erasures of a list and how far it reaches; `Invalid` where it is none or cut short."""
    if not file.exists():
        return [], {}
    try:
        lines = file.read_bytes().splitlines()
        reached = msgspec.json.decode(lines[-1], type=Reached).reached
        return [msgspec.json.decode(line, type=Erasure) for line in lines[:-1]], reached
    except (msgspec.DecodeError, IndexError):
        raise Invalid(f"{file} is no list of erasures, or was cut short") from None


async def _since(
    connection: Connection, reached: dict[str, int]
) -> tuple[list[Erasure], dict[str, int]]:
    sizes = await connection.fetch("SELECT tenant, log_size FROM record.tenant ORDER BY tenant")
    found: list[Erasure] = []
    for tenant, size in sizes:
        rows = await connection.fetch(_ERASED, tenant, reached.get(tenant, 0), size, _TOPIC)
        found += [Erasure(tenant, *row) for row in rows]
    return found, {row["tenant"]: row["log_size"] for row in sizes}


def by_tenant(erasures: Iterable[Erasure]) -> dict[str, dict[UUID, Depth]]:
    """Whom to forget and how deeply, by tenant; the newest word on somebody counts."""
    found: dict[str, dict[UUID, Depth]] = {}
    for erasure in erasures:
        found.setdefault(erasure.tenant, {})[erasure.subject] = erasure.depth
    return found


_ERASED = """
SELECT stream, position, recorded_at,
       coalesce(convert_from(facts, 'UTF8')::jsonb ->> 'depth', 'words') FROM record.event
 WHERE tenant = $1 AND position > $2 AND position <= $3 AND type = $4 ORDER BY position
"""
