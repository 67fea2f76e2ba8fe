"""Follows the log and wakes the webhooks that an event concerns. A wake carries no facts."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from uuid import UUID

import asyncpg
from temporalio.client import Client
from temporalio.service import RPCError

from services.integration.catalogue import OUTSIDE
from services.integration.feed import Feed
from shared.database import LOST
from shared.errors import Unavailable
from shared.eventstore.follower import Follower
from shared.eventstore.record import Record, Recorded
from workflows.starting import Starting

ASKED = frozenset(
    {
        "webhooks.registered",
        "webhooks.changed",
        "webhooks.replay_asked",
        "webhooks.retry_asked",
        "webhooks.delivery_skipped",
        "webhooks.enabled",
        "webhooks.removed",
    }
)
"""What somebody has asked of one webhook."""

_AGAIN_SECONDS = 2.0


class WebhookRelay:
    """Wakes each webhook once for all the news of a page, when the feed has it."""

    def __init__(self, record: Record, client: Client, feed: Feed) -> None:
        self._record = record
        self._starting = Starting(client)
        self._feed = feed
        self.follower = Follower(record, "webhooks", tell=self.tell)

    async def run(self) -> None:
        """Wake everybody once, then follow until cancelled."""
        while True:
            try:
                await self.wake_everybody()
                break
            except (Unavailable, *LOST, asyncpg.PostgresError):
                await asyncio.sleep(_AGAIN_SECONDS)
        await self.follower.run()

    async def tell(self, tenant: str, events: Sequence[Recorded]) -> None:
        """Wake every webhook that one of these events is for."""
        rows = [recorded.row for recorded in events]
        asked = {row.stream for row in rows if row.type in ASKED}
        types = {row.type for row in rows} & set(OUTSIDE)
        if not asked and not types:
            return
        await self._feed.reach(tenant, rows[-1].position)
        wanting = await self._feed.endpoints(tenant, types) if types else []
        await self._wake_all([(tenant, webhook) for webhook in {*asked, *wanting}])

    async def wake_everybody(self) -> None:
        """Wake all webhooks there are, as after Temporal was wiped."""
        found = await self._record.pool.fetch("SELECT * FROM record.active_endpoints()")
        await self._wake_all([(row["tenant"], row["webhook"]) for row in found])

    async def _wake_all(self, endpoints: Sequence[tuple[str, UUID]]) -> None:
        try:
            await asyncio.gather(
                *(self._starting.webhook(tenant, str(webhook)) for tenant, webhook in endpoints)
            )
        except RPCError as away:
            raise Unavailable("Temporal can't be reached") from away
