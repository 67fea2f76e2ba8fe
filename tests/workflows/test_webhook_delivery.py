"""The workflow of a webhook: patient for three days, steered by ops, and small."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from temporalio.client import WorkflowFailureError, WorkflowHandle, WorkflowUpdateFailedError
from temporalio.testing import WorkflowEnvironment
from temporalio.worker import Replayer
from temporalio.worker.workflow_sandbox import SandboxedWorkflowRunner

from console.bootstrap import build
from services.integration.application import Webhooks
from services.integration.sender import Sender
from services.people.domain import Profile
from shared.eventstore.record import Command
from shared.outbound import Guard, Outbound
from shared.principal import Principal
from shared.settings import Settings
from tests.shared.receiver import OK, Receiver, status
from tests.workflows.conftest import TEST_SERVER, OnServerTime, ServerClock
from workflows.messages import WAKE
from workflows.webhook_activities import DeliveryActivities, delivery_worker
from workflows.webhook_delivery import WebhookDelivery
from workflows.webhook_messages import (
    DELIVERY_QUEUE,
    EndpointRun,
    Skip,
    endpoint_workflow_id,
)
from workflows.worker import prepare


@dataclass
class Delivering:
    """A webhook with its real workflow and activities, in fast time."""

    env: WorkflowEnvironment
    clock: ServerClock
    house: Any
    tenant: str
    webhooks: Webhooks
    receiver: Receiver
    webhook: UUID
    handle: WorkflowHandle[Any, Any] | None = None

    async def command(self) -> Command:
        await self.clock.follow()
        by = Principal(self.tenant, frozenset({"admin"}), "admin")
        return Command(by=by, at=self.clock.now())

    async def register(self) -> None:
        answer, _ = await self.webhooks.register_webhook(
            await self.command(), self.receiver.url, ()
        )
        self.webhook = UUID(answer.body["id"])
        await self.publish()

    async def start(self) -> None:
        run = EndpointRun(self.tenant, str(self.webhook))
        self.handle = await self.env.client.start_workflow(
            "WebhookDelivery",
            run,
            id=endpoint_workflow_id(run.tenant, run.webhook),
            task_queue=DELIVERY_QUEUE,
        )

    async def happen(self, person: str, *places: str) -> None:
        for place in places:
            profile = Profile("Ana", "ana@example.com", location=place)
            await self.house.people.put_person(await self.command(), person, profile, None)
        await self.publish()

    async def publish(self) -> None:
        while await self.house.publishing().catch_up():
            pass

    async def wake(self) -> None:
        assert self.handle is not None
        await self.handle.signal(WAKE)

    async def is_over(self) -> bool:
        assert self.handle is not None
        last = (await self.handle.fetch_history()).events[-1]
        return last.HasField("workflow_execution_completed_event_attributes")

    async def state(self) -> str:
        shown, _ = await self.webhooks.get_webhook((await self.command()).by, self.webhook)
        return str(shown["state"])


async def until(so: Callable[[], Awaitable[bool] | bool]) -> None:
    for _ in range(3_000):
        found = so()
        if found if isinstance(found, bool) else await found:
            return
        await asyncio.sleep(0.02)
    raise AssertionError("waited in vain")


@pytest.fixture
async def delivering(settings: Settings, tenant: str) -> AsyncIterator[Delivering]:
    env = await WorkflowEnvironment.start_time_skipping(
        test_server_existing_path=str(TEST_SERVER), identity="test"
    )
    clock, guard = ServerClock(env), Guard(loopback=True)
    house = await build(settings, clock)
    await prepare(env.client)
    webhooks = Webhooks(house.record, house.permission, house.feed, house.deliveries, guard)
    sender = Sender(house.record, house.feed, house.deliveries, Outbound(guard))
    activities = DeliveryActivities(house.record, sender, webhooks)
    receiver = await Receiver().start()
    made = Delivering(env, clock, house, tenant, webhooks, receiver, uuid4())
    await made.register()
    async with delivery_worker(
        env.client, activities, [OnServerTime(clock)], SandboxedWorkflowRunner()
    ):
        await made.start()
        yield made
    await receiver.stop()
    await house.close()
    await env.shutdown()


async def test_it_delivers_when_it_is_woken(delivering: Delivering) -> None:
    await delivering.happen("ana", "Berlin", "Paris")
    await delivering.wake()
    await until(lambda: len(delivering.receiver.got) >= 2)


async def test_it_tries_again_for_three_days_and_then_switches_off(delivering: Delivering) -> None:
    delivering.receiver.answer = lambda _: status(503)
    await delivering.happen("ana", "Berlin")
    await delivering.wake()
    await delivering.env.sleep(timedelta(days=2, hours=22))
    assert await delivering.state() == "active"
    await delivering.env.sleep(timedelta(hours=4))
    await until(delivering.is_over)
    assert await delivering.state() == "disabled"
    assert 70 < len(delivering.receiver.got) < 110


async def test_a_receiver_that_comes_back_within_three_days_gets_everything(
    delivering: Delivering,
) -> None:
    down_until = await delivering.env.get_current_time() + timedelta(days=2, hours=20)
    now = [down_until]

    def answer(_: Any) -> bytes:
        return OK if delivering.clock.now() > now[0] else status(503)

    delivering.receiver.answer = answer
    await delivering.happen("ana", "Berlin", "Paris")
    await delivering.happen("ben", "Berlin")
    await delivering.wake()
    await delivering.env.sleep(timedelta(days=2, hours=23))

    async def all_there() -> bool:
        standing = await delivering.house.deliveries.standing(delivering.tenant, delivering.webhook)
        return bool(standing["waiting"] == 0)

    await until(all_there)
    assert await delivering.state() == "active"


async def test_ops_can_skip_a_stuck_delivery_and_it_is_recorded(delivering: Delivering) -> None:
    delivering.receiver.answer = lambda got: status(422) if b"registered" in got.body else OK
    await delivering.happen("ana", "Berlin", "Paris")
    await delivering.wake()
    await until(lambda: len(delivering.receiver.got) >= 1)
    assert delivering.handle is not None
    told = await delivering.handle.execute_update("skip", Skip(position=1, by="jd"))
    assert told == "delivery 1 is given up"
    await until(lambda: any(b"profile_changed" in got.body for got in delivering.receiver.got))
    rows = await delivering.house.record.rows(delivering.tenant, delivering.webhook)
    assert rows[-1].type == "webhooks.delivery_skipped"
    assert b"ops:jd" in rows[-1].meta


async def test_a_skip_of_nothing_or_by_nobody_is_refused(delivering: Delivering) -> None:
    assert delivering.handle is not None
    told = await delivering.handle.execute_update("skip", Skip(position=99, by="jd"))
    assert "nothing of that id" in told
    for bad in (Skip(position=0, by="jd"), Skip(position=1, by="Jane Doe <jane@example.com>")):
        with pytest.raises(WorkflowUpdateFailedError):
            await delivering.handle.execute_update("skip", bad)


async def test_it_ends_with_the_webhook_and_begins_again_when_enabled(
    delivering: Delivering,
) -> None:
    await delivering.webhooks.disable_webhook(await delivering.command(), delivering.webhook)
    await delivering.wake()
    await until(delivering.is_over)
    await delivering.happen("ana", "Berlin")
    await delivering.webhooks.enable_webhook(await delivering.command(), delivering.webhook)
    await delivering.start()
    await until(lambda: any(b'"people/ana"' in got.body for got in delivering.receiver.got))


async def test_what_ops_read_holds_counts_and_dates_only_and_its_history_replays(
    delivering: Delivering,
) -> None:
    delivering.receiver.answer = lambda got: status(503) if got.number < 3 else OK
    await delivering.happen("ana", "CANARY")
    await delivering.wake()
    await until(lambda: len(delivering.receiver.got) >= 1)
    assert delivering.handle is not None
    await delivering.env.sleep(timedelta(minutes=10))
    await until(lambda: len(delivering.receiver.got) == 4)
    history = await delivering.handle.fetch_history()
    text = history.to_json()
    assert not [word for word in ("CANARY", "127.0.0.1", "whsec", '"ana"') if word in text]
    await Replayer(workflows=[WebhookDelivery]).replay_workflow(history)


async def test_cancelling_it_ends_it(delivering: Delivering) -> None:
    assert delivering.handle is not None
    await delivering.handle.cancel()
    with pytest.raises(WorkflowFailureError):
        await delivering.handle.result()
