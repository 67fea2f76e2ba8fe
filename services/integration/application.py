"""The use cases of webhooks: register, change, rotate, replay, retry, skip, switch on and off."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from services.integration.catalogue import OUTSIDE
from services.integration.deliveries import Deliveries
from services.integration.domain import TypeUnknown, Webhook
from services.integration.feed import Feed
from services.integration.signing import new_key, new_secret, sealed_name
from services.permission import Action, Permission, Resource
from shared.errors import NotFound, RuleBroken
from shared.eventstore.record import Answer, Command, Record
from shared.eventstore.secrets import Secrets
from shared.outbound import Guard
from shared.principal import Principal

_MOST = 20
_ALL = 2**31


class TooManyWebhooks(RuleBroken):
    """There are twenty webhooks already; remove one first."""


class Webhooks:
    """Keeps the endpoints that events are delivered to. Addresses and secrets are kept sealed."""

    def __init__(
        self,
        record: Record,
        permission: Permission,
        feed: Feed,
        deliveries: Deliveries,
        guard: Guard,
    ) -> None:
        self._record = record
        self._secrets = Secrets(record.pool, record.vault)
        self._permission = permission
        self._feed = feed
        self._deliveries = deliveries
        self._guard = guard

    async def register_webhook(
        self, command: Command, url: str, types: tuple[str, ...]
    ) -> tuple[Answer, str]:
        """Deliver to a URL from now on; answers the secret that signs beside the answer."""
        await self._require(command.by, "write")
        host = await self._checked(url, types)
        if len(await self._deliveries.list_webhooks(command.tenant, UUID(int=0), _MOST)) >= _MOST:
            raise TooManyWebhooks
        stream, secret = uuid4(), new_secret()
        webhook = Webhook.register(
            stream,
            command.at,
            host=host,
            types=types,
            after=await self._feed.newest(command.tenant),
            address=await self._keep(command.tenant, stream, url),
            secret=await self._keep(command.tenant, stream, secret),
        )
        return await self._record.save(webhook, command), secret

    async def change_webhook(
        self, command: Command, webhook: UUID, url: str, types: tuple[str, ...]
    ) -> Answer:
        """Deliver to another address, or other types; what waits goes to the new one, and at once."""
        await self._require(command.by, "write")
        host = await self._checked(url, types)
        known = await self._must_be_there(command.tenant, webhook)
        address = known.address
        if await self._url_of(command.tenant, known) != url:
            address = await self._keep(command.tenant, webhook, url)
        return await self._change(command, webhook, lambda w: w.change(host, types, address))

    async def rotate_secret(
        self, command: Command, webhook: UUID, before_until: datetime
    ) -> tuple[Answer, str]:
        """Sign with a new secret, and until then with the one before as well; never with three."""
        await self._require(command.by, "write")
        await self._must_be_there(command.tenant, webhook)
        secret = new_secret()
        key = await self._keep(command.tenant, webhook, secret)
        answer = await self._change(command, webhook, lambda w: w.rotate_secret(key, before_until))
        return answer, secret

    async def replay_webhook(self, command: Command, webhook: UUID, after: int) -> Answer:
        """Deliver once more everything after a position of the feed."""
        return await self._change(command, webhook, lambda w: w.replay(after))

    async def retry_delivery(self, command: Command, webhook: UUID, delivery: int) -> Answer:
        """Deliver one event once more, and at once."""
        await self._must_have(command, webhook, delivery)
        return await self._change(command, webhook, lambda w: w.retry(delivery))

    async def skip_delivery(self, command: Command, webhook: UUID, delivery: int) -> Answer:
        """Give one event up, so that those of the same cycle behind it can go."""
        await self._must_have(command, webhook, delivery)
        return await self._change(command, webhook, lambda w: w.skip(delivery))

    async def disable_webhook(self, command: Command, webhook: UUID) -> Answer:
        """Deliver nothing until it is enabled; nothing is lost meanwhile."""
        return await self._change(command, webhook, lambda w: w.disable("by_hand"))

    async def enable_webhook(self, command: Command, webhook: UUID) -> Answer:
        """Go on where it stopped."""
        return await self._change(command, webhook, Webhook.enable)

    async def remove_webhook(self, command: Command, webhook: UUID) -> Answer:
        """Deliver nothing any more, and forget the address and the secrets."""
        answer = await self._change(command, webhook, Webhook.remove)
        await self._secrets.forget(command.tenant, sealed_name(webhook))
        return answer

    async def remove_forgotten_webhooks(self, command: Command) -> int:
        """Remove those whose address isn't kept any more; answers how many they are.

        A copy of the record that is older than its keys doesn't tell that they were removed.
        """
        removed = 0
        for webhook in await self._deliveries.list_webhooks(command.tenant, UUID(int=0), _MOST):
            known = await self._record.load(Webhook, command.tenant, webhook)
            if known is None or known.removed:
                continue
            if await self._url_of(command.tenant, known) is None:
                await self.remove_webhook(command, webhook)
                removed += 1
        return removed

    async def get_webhook(self, by: Principal, webhook: UUID) -> tuple[dict[str, Any], int]:
        """A webhook with its address, its state and what waits; never a secret."""
        await self._require(by, "read")
        known = await self._record.load(Webhook, by.tenant, webhook)
        if known is None or known.removed:
            raise NotFound
        return await self._view(by.tenant, known), known.version

    async def list_webhooks(self, by: Principal, after: UUID, limit: int) -> list[dict[str, Any]]:
        """The webhooks of a tenant, one more than `limit` where there are more."""
        await self._require(by, "read")
        found = await self._deliveries.list_webhooks(by.tenant, after, limit)
        known = [await self._record.load(Webhook, by.tenant, each) for each in found]
        return [await self._view(by.tenant, w) for w in known if w is not None and not w.removed]

    async def list_deliveries(
        self, by: Principal, webhook: UUID, before: int | None, state: str | None, limit: int
    ) -> list[dict[str, Any]]:
        """The deliveries of the last thirty days, newest first."""
        await self.get_webhook(by, webhook)
        return await self._deliveries.list_deliveries(
            by.tenant, webhook, before or _ALL, state, limit
        )

    async def _change(
        self, command: Command, webhook: UUID, decide: Callable[[Webhook], None]
    ) -> Answer:
        await self._require(command.by, "write")
        return await self._record.change(Webhook, webhook, command, decide)

    async def _checked(self, url: str, types: tuple[str, ...]) -> str:
        """The host of a URL that may be called; raises for another, and for unknown types."""
        if unknown := sorted(set(types) - set(OUTSIDE)):
            raise TypeUnknown.of(unknown[0])
        await self._guard.check(url)
        return self._guard.check_url(url).hostname or ""

    async def _must_have(self, command: Command, webhook: UUID, delivery: int) -> None:
        await self._require(command.by, "write")
        if not await self._deliveries.has(command.tenant, webhook, delivery):
            raise NotFound

    async def _must_be_there(self, tenant: str, webhook: UUID) -> Webhook:
        known = await self._record.load(Webhook, tenant, webhook)
        if known is None:
            raise NotFound
        return known

    async def _keep(self, tenant: str, webhook: UUID, secret: str) -> str:
        """Seal an address or a secret; answers the key by which the record speaks of it."""
        key = new_key()
        await self._secrets.keep(tenant, sealed_name(webhook, key), secret.encode())
        return key

    async def _url_of(self, tenant: str, webhook: Webhook) -> str | None:
        """Where it delivers to; None where that was forgotten."""
        name = sealed_name(webhook.id, webhook.address)
        kept = (await self._secrets.read(tenant, [name])).get(name)
        return kept.decode() if kept is not None else None

    async def _view(self, tenant: str, webhook: Webhook) -> dict[str, Any]:
        return {
            **webhook.receipt(),
            "url": await self._url_of(tenant, webhook),
            "types": list(webhook.types),
            "disabled": webhook.disabled,
            "secrets": len(webhook.live_secrets()),
            **await self._deliveries.standing(tenant, webhook.id),
        }

    async def _require(self, by: Principal, action: Action) -> None:
        await self._permission.require(by, action, Resource("webhook"), self._record.clock.now())
