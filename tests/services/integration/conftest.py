"""A receiver on loopback, and a sender that tries again within milliseconds."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from console.bootstrap import House
from services.integration.application import Webhooks
from services.integration.sender import Outcome, Patience, Sender
from services.people.domain import Profile
from shared.eventstore.record import Command
from shared.outbound import Guard, Outbound
from shared.principal import Principal
from tests.clock import MovableClock
from tests.shared.receiver import Got, Receiver

FAST = Patience(first=timedelta(milliseconds=2), longest=timedelta(milliseconds=20))


@dataclass
class Deliveries:
    """One tenant's webhook, whose workflow the test plays."""

    house: House
    tenant: str
    receiver: Receiver
    webhooks: Webhooks
    sender: Sender
    outbound: Outbound
    clock: MovableClock
    webhook: UUID = field(default_factory=uuid4)
    secret: str = ""

    @property
    def admin(self) -> Command:
        by = Principal(self.tenant, frozenset({"admin"}), "admin")
        return Command(by=by, at=self.clock.now())

    async def register(self, *types: str) -> None:
        await self.publish()
        answer, self.secret = await self.webhooks.register_webhook(
            self.admin, self.receiver.url, types
        )
        self.webhook = UUID(answer.body["id"])
        await self.publish()

    async def happen(self, person: str, *places: str) -> None:
        """Change somebody's profile, once for each place."""
        for place in places:
            profile = Profile("Ana Silva", "ana@example.com", location=place)
            await self.house.people.put_person(self.admin, person, profile, None)

    async def publish(self) -> None:
        """Let the feed catch up with the record."""
        while await self.house.publishing().catch_up():
            pass

    async def deliver(self) -> Outcome:
        await self.publish()
        return await self.sender.deliver(self.tenant, self.webhook)

    async def log(self, state: str | None = None) -> list[dict[str, Any]]:
        by = self.admin.by
        return await self.webhooks.list_deliveries(by, self.webhook, None, state, 200)

    def told(self) -> list[dict[str, Any]]:
        return [json.loads(got.body) for got in self.receiver.got]

    def sender_with(self, patience: Patience) -> Sender:
        house = self.house
        return Sender(house.record, house.feed, house.deliveries, self.outbound, patience)


@pytest.fixture
async def deliveries(house: House, tenant: str, clock: MovableClock) -> AsyncIterator[Deliveries]:
    receiver, guard = await Receiver().start(), Guard(loopback=True)
    webhooks = Webhooks(house.record, house.permission, house.feed, house.deliveries, guard)
    outbound = Outbound(guard)
    sender = Sender(house.record, house.feed, house.deliveries, outbound, FAST)
    made = Deliveries(house, tenant, receiver, webhooks, sender, outbound, clock)
    await made.register()
    yield made
    await outbound.close()
    await receiver.stop()


def first_times(got: list[Got]) -> list[dict[str, Any]]:
    """What was told, each event once: at its first time."""
    seen: dict[str, dict[str, Any]] = {}
    for one in got:
        seen.setdefault(one.headers["webhook-id"], json.loads(one.body))
    return list(seen.values())
