"""The use cases of clients: let one in, give it another key, take its keys away."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from services.clients.domain import DEFAULT_LIFE, ApiClient, ClientNameUsed, client_stream
from services.clients.keys import new_key
from services.permission import Action, Permission, Resource
from shared.database import within
from shared.errors import NotFound, Stale
from shared.eventstore.record import Answer, Command, Record
from shared.principal import Principal

DEFAULT_OVERLAP = timedelta(days=7)
_USED = "SELECT number FROM record.key_use WHERE tenant = $1 AND client = $2"


class Clients:
    """Registers machines and their keys. A key is answered once; only its hash is kept."""

    def __init__(self, record: Record, permission: Permission) -> None:
        self._record = record
        self._permission = permission

    async def register_client(
        self, command: Command, name: str, roles: tuple[str, ...], expires_at: datetime | None
    ) -> tuple[Answer, str]:
        """Let a machine in; answers its first key beside the answer."""
        await self._require(command.by, "write")
        stream = client_stream(command.tenant, name)
        if await self._record.load(ApiClient, command.tenant, stream) is not None:
            raise ClientNameUsed
        key, digest = new_key(command.tenant, name, 1)
        end = expires_at or command.at + DEFAULT_LIFE
        client = ApiClient.register(
            command.tenant, name, command.at, roles=roles, digest=digest, expires_at=end
        )
        try:
            return await self._record.save(client, command), key
        except Stale:
            raise ClientNameUsed from None

    async def rotate_client(
        self,
        command: Command,
        name: str,
        expires_at: datetime | None,
        overlap: timedelta = DEFAULT_OVERLAP,
    ) -> tuple[Answer, str]:
        """Give a machine another key; the one in use goes on for `overlap`."""
        await self._require(command.by, "write")
        end = expires_at or command.at + DEFAULT_LIFE
        used = await self._used(command.tenant, name)
        key = ""

        def decide(client: ApiClient) -> None:
            nonlocal key
            key, digest = new_key(command.tenant, name, client.newest_number + 1)
            client.rotate(digest, end, overlap, unused=client.newest_number not in used)

        return await self._change(command, name, decide), key

    async def remove_client(self, command: Command, name: str) -> Answer:
        """Take all keys of a machine away, for ever."""
        return await self._change(command, name, ApiClient.remove)

    async def get_client(self, by: Principal, name: str) -> ApiClient:
        """One machine with its live keys."""
        await self._require(by, "read")
        client = await self._record.load(ApiClient, by.tenant, client_stream(by.tenant, name))
        if client is None:
            raise NotFound
        return client

    async def _change(
        self, command: Command, name: str, decide: Callable[[ApiClient], None]
    ) -> Answer:
        await self._require(command.by, "write")
        stream = client_stream(command.tenant, name)
        return await self._record.change(ApiClient, stream, command, decide)

    async def _used(self, tenant: str, name: str) -> set[int]:
        """The numbers of the keys that anybody has ever come with."""
        async with within(self._record.pool, tenant) as connection:
            found = await connection.fetch(_USED, tenant, name)
        return {row["number"] for row in found}

    async def _require(self, by: Principal, action: Action) -> None:
        await self._permission.require(by, action, Resource("client"), self._record.clock.now())
