"""The change feed: numbers what concerns the outside, and tells it as CloudEvents."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from services.integration.catalogue import OUTSIDE, PEOPLE, outside
from services.integration.domain import Webhook
from shared.database import Connection, statements, within
from shared.errors import Unavailable
from shared.eventstore.record import Record, Recorded
from shared.eventstore.sealing import Row

SQL = statements(__package__, "feed.sql")
_REACH_SECONDS = 5.0
_REACH_PAUSE = 0.02


class Feed:
    """Follows the log, publishes what concerns the outside, and reads it by its own positions."""

    def __init__(self, record: Record) -> None:
        self._record = record

    async def apply(self, to: Connection, tenant: str, events: Sequence[Recorded]) -> None:
        """Number the next events that concern the outside, and keep the list of webhooks."""
        for recorded in events:
            if recorded.row.type.startswith("webhooks."):
                await _keep_endpoint(to, tenant, recorded)
        told = [recorded for recorded in events if recorded.row.type in OUTSIDE]
        if told:
            places = [recorded.row.position for recorded in told]
            types = [recorded.row.type for recorded in told]
            orderings = [_ordering(recorded) for recorded in told]
            await to.execute(SQL["publish"], tenant, places, types, orderings)
            await to.execute(SQL["tell"], tenant)

    async def read(
        self, tenant: str, after: int, types: Sequence[str], limit: int
    ) -> list[dict[str, Any]]:
        """Events after a position of the feed, one more than `limit` where there are more."""
        async with within(self._record.pool, tenant) as connection:
            found = await connection.fetch(SQL["read"], tenant, after, list(types), limit + 1)
        return await self._told(tenant, found)

    async def events_at(self, tenant: str, positions: Sequence[int]) -> dict[int, dict[str, Any]]:
        """The events at these positions of the feed."""
        async with within(self._record.pool, tenant) as connection:
            found = await connection.fetch(SQL["events_at"], tenant, list(positions))
        return {event["position"]: event for event in await self._told(tenant, found)}

    async def newest(self, tenant: str) -> int:
        """The last position of the feed, 0 for an empty one."""
        async with within(self._record.pool, tenant) as connection:
            position: int = await connection.fetchval(SQL["newest"], tenant)
        return position

    async def reach(self, tenant: str, log_position: int) -> None:
        """Wait until the feed has read the log up to a position; `Unavailable` after five seconds."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(_REACH_SECONDS):
                while await self._reached(tenant) < log_position:
                    await asyncio.sleep(_REACH_PAUSE)
                return
        raise Unavailable("The feed is behind; it is tried again.")

    async def endpoints(self, tenant: str, types: set[str]) -> list[UUID]:
        """The webhooks that want one of these types."""
        async with within(self._record.pool, tenant) as connection:
            found = await connection.fetch(SQL["endpoints"], tenant)
        return [row["webhook"] for row in found if not row["types"] or types & set(row["types"])]

    async def _reached(self, tenant: str) -> int:
        async with within(self._record.pool, tenant) as connection:
            return await connection.fetchval(SQL["reached"], tenant) or 0

    async def _told(self, tenant: str, found: Sequence[Any]) -> list[dict[str, Any]]:
        positions = [values["feed_position"] for values in found]
        events = self._record.read_facts([Row(*list(values)[1:]) for values in found])
        names = await self._record.vault.people_of(tenant, _people_in(events))
        return [
            cloud_event(position, recorded, names)
            for position, recorded in zip(positions, events, strict=True)
        ]


def cloud_event(position: int, recorded: Recorded, names: dict[UUID, str]) -> dict[str, Any]:
    """One event as it is told: ids, codes and dates, and of its facts only those that may leave."""
    row, told = recorded.row, OUTSIDE[recorded.row.type]
    facts = outside(row.type, msgspec.json.decode(row.facts))
    data: dict[str, Any] = {
        "person": names.get(recorded.meta.subject) if recorded.meta.subject else None,
        "cycle": str(recorded.meta.correlation) if recorded.meta.correlation else None,
    }
    if told.own not in (None, "policy"):
        data[str(told.own)] = str(row.stream)
    for name in told.facts:
        value = facts.get(name)
        data[name] = names.get(UUID(value)) if name in PEOPLE and value else value
    return {
        "specversion": "1.0",
        "id": str(row.event_id),
        "source": f"/tenants/{row.tenant}",
        "type": row.type,
        "subject": _subject(recorded, data),
        "time": _text(row.at),
        "datacontenttype": "application/json",
        "position": position,
        "data": data,
    }


def _subject(recorded: Recorded, data: dict[str, Any]) -> str | None:
    kind = recorded.row.type.partition(".")[0]
    if kind == "people":
        return f"people/{data['person']}" if data["person"] else None
    if kind in _WITHOUT_ID:
        return _WITHOUT_ID[kind]
    if kind == "guides":
        return f"guides/{data['guide']}/{data['version']}"
    return f"{_COLLECTIONS[kind]}/{recorded.row.stream}"


_WITHOUT_ID = {"policy": "policy", "feed": "feeds"}
_COLLECTIONS = {
    "batches": "batches",
    "cycles": "cycles",
    "conversation": "conversations",
    "plan": "plans",
    "webhooks": "webhooks",
}


def _ordering(recorded: Recorded) -> UUID:
    """What is told in order: everything about one person with their cycle, or else a stream."""
    return recorded.meta.subject or recorded.row.stream


def _people_in(events: Sequence[Recorded]) -> set[UUID]:
    found: set[UUID] = set()
    for recorded in events:
        facts = msgspec.json.decode(recorded.row.facts)
        found |= {UUID(facts[name]) for name in PEOPLE if facts.get(name)}
        if recorded.meta.subject is not None:
            found.add(recorded.meta.subject)
    return found


async def _keep_endpoint(to: Connection, tenant: str, recorded: Recorded) -> None:
    stream = recorded.row.stream
    match recorded.event:
        case Webhook.Registered(types=types, after=after):
            await to.execute(SQL["register_endpoint"], tenant, stream, list(types), after)
        case Webhook.Changed(types=types):
            await to.execute(SQL["change_endpoint"], tenant, stream, list(types))
        case Webhook.Disabled():
            await to.execute(SQL["switch_endpoint"], tenant, stream, False)
        case Webhook.Enabled():
            await to.execute(SQL["switch_endpoint"], tenant, stream, True)
        case Webhook.Removed():
            await to.execute(SQL["remove_endpoint"], tenant, stream)


def _text(moment: datetime) -> str:
    return moment.isoformat().replace("+00:00", "Z")
