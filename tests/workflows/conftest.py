"""A time-skipping Temporal server and a worker with the real activities, on the server's clock."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, date, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from temporalio import activity
from temporalio.client import WorkflowHandle
from temporalio.testing import WorkflowEnvironment
from temporalio.worker import ActivityInboundInterceptor, ExecuteActivityInput, Interceptor
from temporalio.worker.workflow_sandbox import SandboxedWorkflowRunner

from console.bootstrap import House, build
from services.cycles.policy import Terms
from services.people.employment import Profile
from services.planning.domain import Action, Goal
from shared.eventstore.record import Command
from shared.eventstore.rootkeys import FileRootKey
from shared.periods import midnight
from shared.principal import Principal
from shared.settings import Settings
from workflows.codec import converter
from workflows.messages import TASK_QUEUE, WAKE, CycleRun, workflow_id
from workflows.worker import prepare, run, workers

TEST_SERVER = Path(sys.executable).with_name("temporal-test-server")


class ServerClock:
    """The record's time is the test server's; `follow` is called before anything reads it."""

    def __init__(self, env: WorkflowEnvironment) -> None:
        self._env = env
        self._now = datetime(2020, 1, 1, tzinfo=UTC)

    async def follow(self) -> None:
        told = (await self._env.get_current_time()).astimezone(UTC)
        self._now = max(self._now, told)  # answers to two who ask at once may come in either order

    def now(self) -> datetime:
        return self._now

    def heard(self, database_time: datetime, waited: float) -> None:
        pass


class OnServerTime(Interceptor):
    """Brings the clock up to date before an activity; `meanwhile` happens while one is answering.

    `faults` are what activities of a name meet instead of the world, as long as they stand there; of a
    name and a tenant, those that are about a whole tenant.
    """

    def __init__(self, clock: ServerClock) -> None:
        self._clock = clock
        self.meanwhile: list[Callable[[], Awaitable[Any]]] = []
        self.faults: dict[str, Exception] = {}

    def intercept_activity(self, next: ActivityInboundInterceptor) -> ActivityInboundInterceptor:
        clock, meanwhile, faults = self._clock, self.meanwhile, self.faults

        class Following(ActivityInboundInterceptor):
            async def execute_activity(self, input: ExecuteActivityInput) -> Any:
                await clock.follow()
                name, first = activity.info().activity_type, (input.args or [None])[0]
                if fault := faults.get(name) or faults.get(f"{name} {first}"):
                    raise fault
                result = await super().execute_activity(input)
                while meanwhile:
                    await meanwhile.pop()()
                return result

        return Following(next)


class Life:
    """One person's cycle in fast time, and what people do in it."""

    def __init__(
        self,
        env: WorkflowEnvironment,
        clock: ServerClock,
        house: House,
        tenant: str,
        server: OnServerTime,
    ) -> None:
        self.env = env
        self.meanwhile = server.meanwhile
        self.faults = server.faults
        self.clock = clock
        self.house = house
        self.tenant = tenant
        self.platform = Principal(tenant, frozenset({"platform"}), "platform")
        self.handle: WorkflowHandle[Any, Any] | None = None

    async def start(self, zone: str) -> None:
        await self.register(zone)
        await self.start_cycle()
        await self.start_workflow()

    async def register(self, zone: str) -> None:
        people, profile = self.house.people, Profile("Ana", "ana@example.com", timezone=zone)
        ben = Profile("Ben", "ben@example.com", timezone=zone)
        await people.put_person(await self.command(self.platform), "ben", ben, None)
        await people.put_person(await self.command(self.platform), "ana", profile, "ben")
        vault = self.house.record.vault
        self.ana = await vault.assign_subject(self.tenant, "ana")
        self.ben = await vault.assign_subject(self.tenant, "ben")

    async def start_cycle(self) -> None:
        command = await self.command(self.platform)
        self.cycle = (await self.house.cycles.start_cycle(command, "ana", "api")).body["id"]

    async def start_workflow(self) -> None:
        run = CycleRun(self.tenant, str(self.ana))
        self.handle = await self.env.client.start_workflow(
            "CareerCycle", run, id=workflow_id(run.tenant, run.person), task_queue=TASK_QUEUE
        )

    async def command(self, by: Principal) -> Command:
        await self.clock.follow()
        return Command(by=by, at=self.clock.now())

    async def as_ana(self) -> Command:
        return await self.command(Principal(self.tenant, frozenset({"employee"}), "ana", self.ana))

    async def as_ben(self) -> Command:
        return await self.command(Principal(self.tenant, frozenset({"partner"}), "ben", self.ben))

    async def wake(self) -> None:
        """What the relay does."""
        id_ = workflow_id(self.tenant, str(self.ana))
        await self.env.client.get_workflow_handle(id_).signal(WAKE)

    async def until(self, state: str, round_: int) -> Any:
        """Wait, without time passing, until the record shows a state; answer the progress."""

        for _ in range(3_000):
            found = await self.house.cycles.progress_of(self.tenant, UUID(self.cycle))
            if found and (found.state, found.round) == (state, round_):
                return found
            await asyncio.sleep(0.02)
        raise AssertionError(f"it stands at {found and (found.state, found.round)}")

    async def converse(self, round_: int, state: str = "conversation") -> None:
        progress = await self.until(state, round_)
        conversations, id_ = self.house.conversations, progress.conversation
        await conversations.state_direction(await self.as_ana(), id_, "deepen", None)
        await conversations.conclude(await self.as_ana(), id_, "waived", None)
        await self.wake()

    async def name_partner(self, person: str, zone: str = "Europe/Berlin") -> None:
        people = self.house.people
        profile = Profile("Ana", "ana@example.com", timezone=zone)
        other = Profile(person.title(), f"{person}@example.com", timezone=zone)
        await people.put_person(await self.command(self.platform), person, other, None)
        await people.put_person(await self.command(self.platform), "ana", profile, person)
        self.ben = await self.house.record.vault.assign_subject(self.tenant, person)
        await self.wake()

    async def go_on_leave(self, first: date, last: date | None) -> None:
        end = last + timedelta(days=1) if last else None
        command = await self.command(self.platform)
        begin = partial(midnight, first)
        await self.house.people.start_leave(command, "ana", begin, end and partial(midnight, end))
        await self.wake()

    async def adopt(self, **terms: Any) -> None:
        await self.house.cycles.put_policy(await self.command(self.platform), Terms(**terms))

    async def agree(self, round_: int) -> None:
        plan = (await self.until("planning", round_)).plan
        plans = self.house.plans
        action = Action("coaching", "Six sessions", "lead", "We would both say so", "organisation")
        await plans.set_goal(await self.as_ana(), plan, "lead", Goal("Lead"))
        await plans.plan_action(await self.as_ana(), plan, "coach", action)
        await plans.propose(await self.as_ana(), plan)
        await plans.agree(await self.as_ben(), plan)
        await self.wake()
        await self.until("developing", round_)

    async def sleep_until(self, moment: datetime) -> None:
        await self.env.sleep(moment - await self.env.get_current_time())

    async def dates(self, *topics: str) -> list[tuple[str, str]]:
        """When each of these events happened, by the record: topic and minute in UTC."""

        rows = await self.house.record.rows(self.tenant, UUID(self.cycle))
        return [(row.type, f"{row.at:%Y-%m-%d %H:%M}") for row in rows if row.type in topics]


def root_key_of(settings: Settings) -> FileRootKey:
    return FileRootKey.of_file(settings.root_key_path)


@pytest.fixture
async def life(settings: Settings, tenant: str) -> AsyncIterator[Life]:
    env = await WorkflowEnvironment.start_time_skipping(
        test_server_existing_path=str(TEST_SERVER),
        identity="test",
        data_converter=converter(root_key_of(settings)),
    )
    clock = ServerClock(env)
    house = await build(settings, clock)
    await prepare(env.client)
    server = OnServerTime(clock)
    hands, sandbox = house.hands(env.client), SandboxedWorkflowRunner()
    running = asyncio.create_task(run(workers(env.client, hands, [server], runner=sandbox)))
    yield Life(env, clock, house, tenant, server)
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    await house.close()
    await env.shutdown()
