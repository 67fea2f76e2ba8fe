"""The clients of a tenant as a list, and when each key was last used."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, cast

from services.clients.domain import ApiClient, key_view
from shared.database import Connection, statements, within
from shared.eventstore.events import fold
from shared.eventstore.record import Record, Recorded

SQL = statements(__package__)


class ClientList:
    """Follows the clients, and lists those that are there."""

    def __init__(self, record: Record) -> None:
        self._record = record

    async def apply(self, to: Connection, tenant: str, events: Sequence[Recorded]) -> None:
        """Take the next events of a tenant's log into account."""
        for recorded in events:
            stream = recorded.row.stream
            match recorded.event:
                case ApiClient.Registered(name=name):
                    await to.execute(SQL["add"], tenant, name, stream)
                case ApiClient.Removed():
                    await to.execute(SQL["remove"], tenant, stream)

    async def list_clients(self, tenant: str, after: str, limit: int) -> list[dict[str, Any]]:
        """Clients in the order of their names, one more than `limit` where there are more."""
        async with within(self._record.pool, tenant) as connection:
            found = await connection.fetch(SQL["list_clients"], tenant, after, limit + 1)
        rows = await self._record.rows_of(tenant, [row["stream"] for row in found])
        streams: dict[Any, list[Any]] = {row["stream"]: [] for row in found}
        for recorded in self._record.read_facts(rows):
            streams[recorded.row.stream].append(recorded.event)
        clients = [cast("ApiClient", fold(events)) for events in streams.values()]
        for client in clients:
            client.at = self._record.clock.now()
        return await self.views(tenant, clients)

    async def views(self, tenant: str, clients: Sequence[ApiClient]) -> list[dict[str, Any]]:
        """What may be said of these clients: never a key or its digest."""
        async with within(self._record.pool, tenant) as connection:
            names = [client.name for client in clients]
            uses = await connection.fetch(SQL["last_uses"], tenant, names)
        used = {(use["client"], use["number"]): use["used_at"] for use in uses}
        return [_view(client, used) for client in clients]


def _view(client: ApiClient, used: dict[tuple[str, int], datetime]) -> dict[str, Any]:
    keys = [
        key_view(key) | {"last_used_at": _text(used.get((client.name, key.number)))}
        for key in client.live_keys()
    ]
    return {
        "id": client.name,
        "version": client.version,
        "roles": list(client.roles),
        "removed": client.removed,
        "keys": keys,
        "created_at": _text(client.created_on),
    }


def _text(moment: datetime | None) -> str | None:
    return moment.isoformat().replace("+00:00", "Z") if moment else None
