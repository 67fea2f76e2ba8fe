"""The use cases of clients: let one in, give it another key, take its keys away."""

from __future__ import annotations

from datetime import datetime, timedelta

from services.clients.domain import DEFAULT_LIFE, ApiClient, ClientNameUsed, client_stream
from services.clients.keys import new_key
from services.permission import Action, Permission, Resource
from shared.database import within
from shared.errors import NotFound, Stale
from shared.eventstore.record import Answer, Command, Record
from shared.principal import Principal

DEFAULT_OVERLAP = timedelta(days=7)
_WAS_USED = """
SELECT EXISTS (SELECT FROM record.key_use WHERE tenant = $1 AND client = $2 AND number = $3)
"""


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
        client = await self._load(command.tenant, name)
        number = client.newest_number
        key, digest = new_key(command.tenant, name, number + 1)
        end = expires_at or command.at + DEFAULT_LIFE
        unused = not await self._was_used(command.tenant, name, number)
        client.rotate(digest, end, overlap, unused=unused)
        return await self._record.save(client, command), key

    async def remove_client(self, command: Command, name: str) -> Answer:
        """Take all keys of a machine away, for ever."""
        await self._require(command.by, "write")
        client = await self._load(command.tenant, name)
        client.remove()
        return await self._record.save(client, command)

    async def get_client(self, by: Principal, name: str) -> ApiClient:
        """One machine with its live keys."""
        await self._require(by, "read")
        return await self._load(by.tenant, name)

    async def _was_used(self, tenant: str, name: str, number: int) -> bool:
        """Whether anybody has ever come with this key."""
        async with within(self._record.pool, tenant) as connection:
            return bool(await connection.fetchval(_WAS_USED, tenant, name, number))

    async def _load(self, tenant: str, name: str) -> ApiClient:
        client = await self._record.load(ApiClient, tenant, client_stream(tenant, name))
        if client is None:
            raise NotFound
        return client

    async def _require(self, by: Principal, action: Action) -> None:
        await self._permission.require(by, action, Resource("client"), self._record.clock.now())
