"""Who could be started: the roster as far as a filter asks for it, in the order of the shuffle."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import astuple, dataclass
from typing import Any
from uuid import UUID

import msgspec

from services.batches.domain import place_of
from shared.database import Connection, statements, within
from shared.errors import Unavailable
from shared.eventstore.record import Record, Recorded

SQL = statements(__package__)


@dataclass(frozen=True)
class Filter:
    """Which part of the roster; None lets everybody through."""

    department: str | None = None
    location: str | None = None
    legal_entity: str | None = None


class Candidates:
    """Follows the roster, and the batches that are under way."""

    def __init__(self, record: Record) -> None:
        self._record = record

    async def apply(self, to: Connection, tenant: str, events: Sequence[Recorded]) -> None:
        """Take the next events of a tenant's log into account."""
        for recorded in events:
            row = recorded.row
            match row.type:
                case "people.registered" | "people.profile_changed":
                    facts = msgspec.json.decode(row.facts)
                    await to.execute(SQL["put"], tenant, row.stream, *_placed(row.stream, facts))
                case "people.left" | "people.erased":
                    await to.execute(SQL["set_gone"], tenant, row.stream, True)
                case "people.rejoined":
                    await to.execute(SQL["set_gone"], tenant, row.stream, False)
                case "batches.requested":
                    await to.execute(SQL["open_batch"], tenant, row.stream, row.position)
                case "batches.finished" | "batches.cancelled":
                    await to.execute(SQL["end_batch"], tenant, row.stream)

    async def count(self, tenant: str, wanted: Filter) -> int:
        """How many people a filter lets through."""
        async with within(self._record.pool, tenant) as connection:
            found: int = await connection.fetchval(SQL["count"], tenant, *astuple(wanted))
        return found

    async def after(
        self, tenant: str, wanted: Filter, place: int, limit: int, batch: UUID
    ) -> list[tuple[int, UUID]]:
        """People after a place; raises `Unavailable` while the list doesn't know of the batch yet."""
        async with within(self._record.pool, tenant) as connection:
            if not await connection.fetchval(SQL["knows"], tenant, batch):
                raise Unavailable("the list of the roster is still behind the batch")
            found = await connection.fetch(SQL["after"], tenant, *astuple(wanted), place, limit)
        return [(row["place"], row["subject"]) for row in found]

    async def places(self, tenant: str) -> tuple[list[str], list[str], list[str]]:
        """What a filter can name: departments, locations and legal entities of the roster."""
        async with within(self._record.pool, tenant) as connection:
            found = await connection.fetchrow(SQL["places"], tenant)
        departments, locations, entities = found or (None, None, None)
        return departments or [], locations or [], entities or []

    async def open_batches(self, tenant: str) -> list[UUID]:
        """Batches that have neither finished nor been cancelled, in the order of their requests."""
        async with within(self._record.pool, tenant) as connection:
            found = await connection.fetch(SQL["open_batches"], tenant)
        return [row["batch"] for row in found]

    async def ended_batches(self, tenant: str, before: int, limit: int) -> list[tuple[int, UUID]]:
        """Batches that have, from before a position of the log, each with its own; the newest first."""
        async with within(self._record.pool, tenant) as connection:
            found = await connection.fetch(SQL["ended_batches"], tenant, before, limit)
        return [(row["position"], row["batch"]) for row in found]


def _placed(subject: UUID, facts: dict[str, Any]) -> tuple[object, ...]:
    names = ("department", "location", "legal_entity")
    return (place_of(subject), *(facts.get(name) for name in names))
