"""Recognises the API key that comes with a request."""

from __future__ import annotations

import hmac
import time

from cachetools import TTLCache

from services.clients.domain import ApiClient, client_stream
from services.clients.keys import PREFIX, Presented, read_key
from shared.database import within
from shared.eventstore.record import Record
from shared.tokens import BadToken, Claims

Loaded = tuple[ApiClient | None, float]
"""A client as it was loaded, and until when what it opens may be remembered, here and elsewhere."""

_KEPT_SECONDS = 5.0
_NOTED_SECONDS = 60.0
_NOTE_USE = """
INSERT INTO record.key_use (tenant, client, number, used_at) VALUES ($1, $2, $3, $4)
ON CONFLICT (tenant, client, number) DO UPDATE SET used_at = excluded.used_at
"""


class ApiKeys:
    """Verifies keys by their client's stream; a key that was taken away ends within five seconds."""

    def __init__(self, record: Record) -> None:
        self._record = record
        self._clients: TTLCache[tuple[str, str], Loaded] = TTLCache(10_000, _KEPT_SECONDS)
        self._noted: TTLCache[tuple[str, str, int], bool] = TTLCache(10_000, _NOTED_SECONDS)

    async def verify(self, token: str) -> Claims | None:
        """What a good key opens, or None for a token that is no key of ours."""
        if not token.startswith(PREFIX):
            return None
        try:
            presented = read_key(token)
        except ValueError:
            raise BadToken("api-key") from None
        client, kept_until = await self._client(presented.tenant, presented.client)
        if client is None:
            raise BadToken("api-key")
        client.at = self._record.clock.now()
        for key in client.live_keys():
            if key.number == presented.number and hmac.compare_digest(key.digest, presented.digest):
                await self._note_use(presented)
                until = min(key.expires_at.timestamp(), kept_until)
                roles = frozenset(client.roles)
                return Claims(presented.tenant, roles, client.name, None, until, machine=True)
        raise BadToken("api-key")

    async def _client(self, tenant: str, name: str) -> Loaded:
        known = self._clients.get((tenant, name))
        if known is None:
            until = time.time() + _KEPT_SECONDS
            client = await self._record.load(ApiClient, tenant, client_stream(tenant, name))
            known = self._clients[tenant, name] = (client, until)
        return known

    async def _note_use(self, key: Presented) -> None:
        """Write down that the key was used, once a minute."""
        which = (key.tenant, key.client, key.number)
        if which not in self._noted:
            self._noted[which] = True
            async with within(self._record.pool, key.tenant) as connection:
                await connection.execute(_NOTE_USE, *which, self._record.clock.now())
