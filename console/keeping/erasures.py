"""The list of erasures: who was forgotten, by random key; kept apart, and played again on a restore.

A line a person, then one that says how far each tenant's log was read, so that the next time goes on
from there. Where another event stands there now, as after a restore of an older copy, positions are
given out a second time: then all of that log is read again. Nobody is ever taken off the list.
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
from shared.errors import Invalid, RuleBroken
from shared.folder import sync

_TOPIC = "people.erased"
_TOLD = 5


class EndsBefore(RuleBroken):
    """No list goes as far as the copy, so that none can name who was erased after it."""


class Erasure(msgspec.Struct, frozen=True):
    """One tombstone."""

    tenant: str
    subject: UUID
    position: int
    recorded_at: datetime
    depth: Depth = "words"


class Reached(msgspec.Struct, frozen=True):
    """How far each tenant's log was read, and the leaf of the last event there, by which it is known."""

    reached: dict[str, int]
    leaves: dict[str, bytes] = {}


async def extend_list(url: str, file: Path) -> int:
    """Add what was erased since; the list is replaced whole. Answers how many it names now."""
    known, reached = _list_so_far(file)
    connection = await asyncpg.connect(url, timeout=10)
    try:
        async with connection.transaction(isolation="repeatable_read", readonly=True):
            if not await connection.fetchval(SEES_ALL):
                raise NotAll
            fresh, reached = await _since(connection, reached)
    finally:
        await connection.close()
    everything = list(dict.fromkeys([*known, *fresh]))
    lines = [msgspec.json.encode(each) for each in [*everything, reached]]
    part = file.with_name(f"{file.name}.part")
    part.touch(mode=0o600)
    part.write_bytes(b"\n".join(lines) + b"\n")
    sync(part)
    part.replace(file)
    return len(everything)


def read_list(file: Path) -> tuple[list[Erasure], Reached]:
    """The erasures of a list and how far it reaches; `Invalid` where it is none or cut short.

    Raises `FileNotFoundError` where there is no such file.
    """
    try:
        lines = file.read_bytes().splitlines()
        reached = msgspec.json.decode(lines[-1], type=Reached)
        return [msgspec.json.decode(line, type=Erasure) for line in lines[:-1]], reached
    except (msgspec.DecodeError, IndexError):
        raise Invalid(f"{file} is no list of erasures, or was cut short") from None


def require_as_far(lists: Iterable[Reached], sizes: dict[str, int]) -> None:
    """Raise `EndsBefore` with the tenants whose log is longer in a copy than any list was read."""
    reached = [each.reached for each in lists]
    longest = {tenant: max(each.get(tenant, 0) for each in reached) for tenant in sizes}
    if short := [tenant for tenant, size in sizes.items() if longest[tenant] < size]:
        told = [f"{each} (list {longest[each]}, copy {sizes[each]})" for each in short[:_TOLD]]
        more = f" and {len(short) - _TOLD} more" if len(short) > _TOLD else ""
        raise EndsBefore(
            "no list of erasures goes as far as the copy, so that none can name who was erased after"
            f" it: {', '.join(told)}{more}. Look for a newer list; or say --without-erasures as well,"
            " and whoever isn't on these lists can be read again"
        )


def _list_so_far(file: Path) -> tuple[list[Erasure], Reached]:
    """A list that isn't there begins: here alone, since a restore without it forgets nobody."""
    return read_list(file) if file.exists() else ([], Reached({}))


async def _since(connection: Connection, before: Reached) -> tuple[list[Erasure], Reached]:
    ends = {row["tenant"]: row for row in await connection.fetch(_ENDS)}
    found: list[Erasure] = []
    for tenant, end in ends.items():
        after, leaf = before.reached.get(tenant, 0), before.leaves.get(tenant)
        is_the_same = leaf is not None and leaf == await connection.fetchval(_LEAF, tenant, after)
        start = after if is_the_same else 0
        rows = await connection.fetch(_ERASED, tenant, start, end["log_size"], _TOPIC)
        found += [Erasure(tenant, *row) for row in rows]
    return found, Reached(
        {tenant: end["log_size"] for tenant, end in ends.items()},
        {tenant: end["leaf"] for tenant, end in ends.items() if end["leaf"] is not None},
    )


def by_tenant(erasures: Iterable[Erasure]) -> dict[str, dict[UUID, Depth]]:
    """Whom to forget and how deeply, by tenant; the newest word on somebody counts."""
    found: dict[str, dict[UUID, Depth]] = {}
    for erasure in sorted(erasures, key=lambda erasure: erasure.recorded_at):
        found.setdefault(erasure.tenant, {})[erasure.subject] = erasure.depth
    return found


_ENDS = """
SELECT t.tenant, t.log_size, e.leaf FROM record.tenant t
  LEFT JOIN record.event e ON e.tenant = t.tenant AND e.position = t.log_size
 ORDER BY t.tenant
"""
_LEAF = "SELECT leaf FROM record.event WHERE tenant = $1 AND position = $2"
_ERASED = """
SELECT stream, position, recorded_at,
       coalesce(convert_from(facts, 'UTF8')::jsonb ->> 'depth', 'words') FROM record.event
 WHERE tenant = $1 AND position > $2 AND position <= $3 AND type = $4 ORDER BY position
"""
