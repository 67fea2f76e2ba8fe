"""On the real Temporal server: what it keeps of us, how it is rebuilt, and how sleepers get new code."""

from __future__ import annotations

import asyncio
import sqlite3
import subprocess
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from temporalio.client import Client, WorkflowExecutionStatus
from temporalio.common import VersioningBehavior, WorkerDeploymentVersion
from temporalio.service import RPCError
from temporalio.testing import ActivityEnvironment
from temporalio.worker import Worker, WorkerDeploymentConfig
from temporalio.worker.workflow_sandbox import SandboxedWorkflowRunner

from console.bootstrap import House, build
from console.embedded.children import free_port
from console.embedded.temporal import Temporal, _binary
from services.cycles.policy import Terms
from services.integration.domain import Webhook
from services.people.domain import Person
from services.people.employment import Profile
from shared.eventstore.record import Command
from shared.principal import Principal
from shared.settings import Settings
from tests.clock import MovableClock
from tests.database import database
from tests.workflows.conftest import root_key_of
from workflows.career_cycle import CareerCycle
from workflows.codec import converter
from workflows.keeping import (
    CHECKPOINTING,
    RETENTION,
    schedule_checkpointing,
    schedule_retention,
)
from workflows.messages import (
    CHECKPOINT,
    MAIL_QUEUE,
    TASK_QUEUE,
    Ask,
    erasure_id,
    export_id,
    workflow_id,
)
from workflows.rebuild import rebuild_workflows
from workflows.reconciler import SCHEDULE, schedule
from workflows.relay import Relay
from workflows.version import build_id
from workflows.webhook_messages import endpoint_workflow_id
from workflows.worker import prepare, run, workers

pytestmark = pytest.mark.timeout(600)


class Town:
    """A server, a tenant, and what a deployment runs on them; each part can be stopped and started."""

    def __init__(self, folder: Path, settings: Settings, house: House) -> None:
        self.folder = folder
        self.settings = settings
        self.house = house
        self.server = Temporal(folder, free_port(), free_port())
        self.tenant = f"t-{uuid4().hex[:12]}"
        self.client: Client | None = None

    @property
    def connected(self) -> Client:
        assert self.client is not None
        return self.client

    async def begin(self) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        await self.server.start()
        await self.connect()
        await self.house.record.vault.create_tenant(self.tenant)

    async def connect(self) -> None:
        data = converter(root_key_of(self.settings))
        for _ in range(600):
            try:
                self.client = await Client.connect(self.server.address, data_converter=data)
                return await prepare(self.client)
            except RuntimeError:
                await asyncio.sleep(0.05)

    async def wipe(self) -> None:
        """Throw Temporal's database away."""
        await self.server.stop()
        for file in self.folder.glob("temporal.db*"):
            file.unlink()
        await self.server.start()
        await self.connect()

    @asynccontextmanager
    async def work(self, **options: Any) -> AsyncIterator[None]:
        """Workers and relay, for a while."""
        hands, sandbox = self.house.hands(self.connected), SandboxedWorkflowRunner()
        made = workers(self.connected, hands, runner=sandbox, **options)
        relay, lists = Relay(self.house.record, self.connected), self.house.readmodels()
        relay.follower.name = f"relay-{self.tenant}"
        running = asyncio.gather(run(made), follow(relay.follower), follow(lists))
        try:
            yield
        finally:
            running.cancel()
            await asyncio.gather(running, return_exceptions=True)

    def command(self) -> Command:
        by = Principal(self.tenant, frozenset({"platform"}), "platform")
        return Command(by=by, at=self.house.record.clock.now())

    async def begin_cycles(self, people: int) -> dict[str, UUID]:
        """People with cycles; answers each one's cycle."""
        return await self.start_cycles(await self.register(people))

    async def register(self, people: int, partner: str | None = "boss") -> list[str]:
        registered = [f"p{number}" for number in range(people)]
        for person in registered:
            profile = Profile(f"Name{person}", f"{person}@mail.example")
            await self.house.people.put_person(self.command(), person, profile, partner)
        return registered

    async def start_cycles(self, people: Sequence[str]) -> dict[str, UUID]:
        found: dict[str, UUID] = {}
        for person in people:
            answer = await self.house.cycles.start_cycle(self.command(), person, "api")
            found[person] = UUID(answer.body["id"])
        return found

    async def read_models(self) -> None:
        """Let the lists catch up with the record."""
        lists = self.house.readmodels()
        while await lists.catch_up():
            pass

    async def subject(self, person: str) -> UUID:
        return await self.house.record.vault.assign_subject(self.tenant, person)

    async def topics(self, cycle: UUID) -> list[str]:
        return [row.type for row in await self.house.record.rows(self.tenant, cycle)]

    async def running(self) -> int:
        query = f'CairnTenant="{self.tenant}" AND ExecutionStatus="Running"'
        return (await self.connected.count_workflows(query)).count


async def follow(follower: Any) -> None:
    """Follow without waiting for a lock: other tests follow the same record at the same time."""
    while True:
        if not await follower.catch_up():
            await asyncio.sleep(0.05)


async def until(so: Callable[[], Awaitable[Any]], seconds: float = 100) -> Any:
    for _ in range(int(seconds * 20)):
        if found := await so():
            return found
        await asyncio.sleep(0.05)
    raise AssertionError("waited in vain")


@pytest.fixture(scope="module")
async def settings(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Settings]:
    """A database of its own: what runs here follows all that is in it."""
    async with database(tmp_path_factory.mktemp("server")) as made:
        yield made


@pytest.fixture
async def town(tmp_path: Path, settings: Settings) -> AsyncIterator[Town]:
    house = await build(settings)
    made = Town(tmp_path / "town", settings, house)
    await made.begin()
    yield made
    await made.server.stop()
    await house.close()


async def all_have(town: Town, cycles: dict[str, UUID], topic: str) -> bool:
    return all([topic in await town.topics(cycle) for cycle in cycles.values()])


async def test_temporals_database_holds_nobodys_name_address_or_word(town: Town) -> None:
    canaries = [f"canary{uuid4().hex}" for _ in range(20)]
    async with town.work():
        profile = Profile(canaries[0], f"{canaries[1]}@mail.example", canaries[2])
        await town.house.people.put_person(town.command(), "p0", profile, "boss")
        answer = await town.house.cycles.start_cycle(town.command(), "p0", "api")
        cycle = UUID(answer.body["id"])
        await until(lambda: has(town, cycle, "cycles.notice_sent"))
        found = await town.house.cycles.progress_of(town.tenant, cycle)
        assert found is not None
        subject = await town.subject("p0")
        own = Principal(town.tenant, frozenset({"employee"}), "p0", subject)
        command = Command(by=own, at=town.house.record.clock.now())
        talk, id_ = town.house.conversations, found.conversation
        assert id_ is not None
        await talk.record_answer(command, id_, "impact", canaries[3])
        await talk.state_direction(command, id_, "deepen", canaries[4])
        await talk.conclude(command, id_, "waived", None)
        await until(lambda: has(town, cycle, "cycles.planning_opened"))
        handle = town.connected.get_workflow_handle(workflow_id(town.tenant, str(subject)))
        assert "on record" in await handle.execute_update("hold_nudges", Ask("kim"))
    held = "".join([str(history) async for history in histories(town)])
    files = b"".join(file.read_bytes() for file in town.folder.glob("temporal.db*"))
    for canary in canaries[:5]:
        assert canary not in held
        assert canary.encode() not in files
    # Even what could be known is encrypted: the sentences for ops, and who asked for what.
    for sentence in (b"It is the **employee", b"Reads what is new", b'"by":"kim"', b"Nudge 1"):
        assert sentence not in files
    assert town.tenant.encode() in files  # so the search finds what is there


async def has(town: Town, cycle: UUID, topic: str) -> bool:
    return topic in await town.topics(cycle)


async def histories(town: Town) -> AsyncIterator[Any]:
    async for each in town.connected.list_workflows():
        yield await town.connected.get_workflow_handle(each.id, run_id=each.run_id).fetch_history()


async def test_a_failure_says_where_and_never_what(town: Town, settings: Settings) -> None:
    """The text of an error may hold an address; Temporal gets its kind and place, encrypted."""
    broken = settings.model_copy(update={"smtp_host": "127.0.0.1", "smtp_port": free_port()})
    town.house = await build(broken)
    cycles = await town.begin_cycles(1)
    async with town.work():
        subject = await town.subject("p0")
        handle = town.connected.get_workflow_handle(workflow_id(town.tenant, str(subject)))

        async def failing() -> str:
            try:
                description = await handle.describe()
            except RPCError:  # it isn't there yet
                return ""
            return "".join(str(p) for p in description.raw_description.pending_activities)

        shown = await until(failing)
        await until(lambda: pending_failure(failing))
        shown = await failing()
    assert "mail.example" not in shown
    assert "Encoded failure" in shown  # the message itself is inside, encrypted
    assert await town.topics(cycles["p0"])
    await town.house.close()


async def pending_failure(failing: Callable[[], Awaitable[str]]) -> bool:
    return "last_failure" in await failing()


async def test_temporal_wiped_is_rebuilt_with_every_cycle_at_its_place(town: Town) -> None:
    """P11: no step doubled, none skipped."""
    terms = Terms(answer_nudges=("PT6S",), cadence="PT1H", follow_up_after="PT1H")
    await town.house.cycles.put_policy(town.command(), terms)
    cycles = await town.begin_cycles(100)
    async with town.work():
        await until(lambda: all_have(town, cycles, "cycles.conversation_opened"))
    hook = await webhook(town)
    await town.wipe()
    assert await town.running() == 0
    async with town.work():
        shown: list[tuple[int, int]] = []
        started = await rebuild_workflows(
            town.house.reconciler(town.connected), lambda *each: shown.append(each)
        )
        assert started > 100
        assert await runs(town, hook)
        await until(lambda: all_have(town, cycles, "cycles.nudged"))
    for cycle in cycles.values():
        topics = await town.topics(cycle)
        for once in ("cycles.started", "cycles.conversation_opened", "cycles.nudged"):
            assert topics.count(once) == 1, topics


async def webhook(town: Town) -> str:
    """A webhook that all that happened until now is still to be delivered to; answers its run's id."""
    made = Webhook.register(
        uuid4(), town.command().at, host="a.example", types=(), after=0, address="a", secret="s"
    )
    await town.house.record.save(made, town.command())
    while await town.house.publishing().catch_up():
        pass
    return endpoint_workflow_id(town.tenant, str(made.id))


async def runs(town: Town, id_: str) -> bool:
    try:
        told = await town.connected.get_workflow_handle(id_).describe()
    except RPCError:
        return False
    return told.status is WorkflowExecutionStatus.RUNNING


async def test_temporal_restored_to_yesterday_doubles_nothing_and_misses_nobody(
    town: Town,
) -> None:
    cycles = await town.begin_cycles(4)
    async with town.work():
        await until(lambda: all_have(town, cycles, "cycles.notice_sent"))
    await town.server.stop()
    yesterday = {file.name: file.read_bytes() for file in town.folder.glob("temporal.db*")}
    await town.server.start()
    await town.connect()
    async with town.work():
        await conclude(town, "p0", cycles["p0"])
        await until(lambda: has(town, cycles["p0"], "cycles.planning_opened"))
        cycles |= await town.begin_cycles(5)  # the fifth begins today
        await until(lambda: all_have(town, cycles, "cycles.notice_sent"))
    await town.server.stop()
    for file in town.folder.glob("temporal.db*"):
        file.unlink()
    for name, content in yesterday.items():
        (town.folder / name).write_bytes(content)
    await town.server.start()
    await town.connect()
    async with town.work():
        await age(town, minutes=2)
        await until(lambda: runs_all(town, 4))
        await town.read_models()
        assert (await reconcile(town))["without_workflow"] == 1
        await conclude(town, "p1", cycles["p1"])
        await until(lambda: has(town, cycles["p1"], "cycles.planning_opened"))
    for cycle in cycles.values():
        topics = await town.topics(cycle)
        assert topics.count("cycles.conversation_opened") == 1
        assert topics.count("cycles.planning_opened") <= 1


async def conclude(town: Town, person: str, cycle: UUID) -> None:
    found = await town.house.cycles.progress_of(town.tenant, cycle)
    assert found is not None
    assert found.conversation is not None
    own = Principal(town.tenant, frozenset({"employee"}), person, await town.subject(person))
    command = Command(by=own, at=town.house.record.clock.now())
    await town.house.conversations.state_direction(command, found.conversation, "deepen", None)
    await town.house.conversations.conclude(command, found.conversation, "waived", None)


async def test_a_wiped_temporal_gets_its_schedule_back_and_reconciles_at_once(town: Town) -> None:
    cycles = await town.begin_cycles(5)
    async with town.work():
        await until(lambda: all_have(town, cycles, "cycles.conversation_opened"))
        await age(town, minutes=2)
        await town.wipe()
    async with town.work():
        await schedule(town.connected)
        await schedule(town.connected)  # once more is harmless
        await until(lambda: runs_all(town, 5))


async def test_a_schedule_that_is_there_follows_its_setting_and_stays_paused(town: Town) -> None:
    handle = town.connected.get_schedule_handle(CHECKPOINTING)
    await schedule_checkpointing(town.connected, "PT1H")
    await handle.pause()
    paused = (await handle.describe()).info.last_updated_at
    await schedule_checkpointing(town.connected, "PT1H")
    assert (await handle.describe()).info.last_updated_at == paused
    await schedule_checkpointing(town.connected, "PT2H")
    now = (await handle.describe()).schedule
    assert [each.every for each in now.spec.intervals] == [timedelta(hours=2)]
    assert now.state.paused
    with pytest.raises(RPCError, match="interval is too small"):
        await schedule_checkpointing(town.connected, "PT0S")


@pytest.mark.parametrize(("name", "times"), [(SCHEDULE, schedule), (RETENTION, schedule_retention)])
async def test_a_schedule_of_each_night_is_left_as_it_is(
    town: Town, name: str, times: Callable[[Client], Awaitable[None]]
) -> None:
    for _ in range(2):
        await times(town.connected)
    found = await town.connected.get_schedule_handle(name).describe()
    assert found.info.last_updated_at is None


async def runs_all(town: Town, count: int) -> bool:
    return await town.running() >= count


async def age(town: Town, minutes: int) -> None:
    """Let the reconciler's clock be ahead, so that nothing counts as only just begun."""
    town.house.record.clock = ahead = MovableClock(town.house.record.clock)
    ahead.move(timedelta(minutes=minutes))


async def test_the_reconciler_mends_and_counts_every_difference_and_then_finds_none(
    town: Town,
) -> None:
    cycles = await town.begin_cycles(6)
    async with town.work():
        await until(lambda: all_have(town, cycles, "cycles.notice_sent"))
        reconciler = town.house.reconciler(town.connected)
        await until(lambda: runs_all(town, 6))
        await age(town, minutes=2)
        one, two = await town.subject("p0"), await town.subject("p1")
        for person in (one, two):  # somebody terminates two workflows in the UI
            handle = town.connected.get_workflow_handle(workflow_id(town.tenant, str(person)))
            await handle.terminate()
        await until(lambda: runs_only(town, 4))
        found = await reconcile(town)
        assert found == {"without_workflow": 2}
        await until(lambda: runs_all(town, 6))
        assert await reconcile(town) == {}
        assert len(await reconciler.list_tenants()) > 0


async def test_the_reconciler_starts_what_nothing_works_on(town: Town) -> None:
    """As after Temporal was wiped, or went back to yesterday: the relay has told it of them before."""
    await town.begin_cycles(1)
    hook = await webhook(town)
    ana, by = await town.subject("p0"), Principal(town.tenant, frozenset({"dpo", "auditor"}), "kim")
    command, oversight = replace(town.command(), by=by), town.house.oversight
    await town.house.record.change(Person, ana, command, Person.erase)
    asked = await oversight.exports.request_export(command, None, None, None, None)
    export = asked.body["id"]
    await town.read_models()
    reconciler = town.house.reconciler(town.connected)

    async def found() -> dict[str, int]:
        told = await ActivityEnvironment().run(reconciler.reconcile_tenant, town.tenant)
        return {
            kind: told.found[kind] for kind in told.found if kind.startswith(("er", "ex", "we"))
        }

    assert await found() == {}  # they may be on their way
    await age(town, minutes=2)
    assert await found() == {
        "erasure_without_workflow": 1,
        "export_without_workflow": 1,
        "webhook_without_workflow": 1,
    }
    assert await runs(town, hook)
    async with town.work():
        for id_ in (erasure_id(town.tenant, str(ana)), export_id(town.tenant, export)):
            await town.connected.get_workflow_handle(id_).result()
    assert await town.house.record.vault.key_of(town.tenant, ana) is None
    assert (await oversight.exports.get_export(by, UUID(export)))["state"] == "written"
    await town.read_models()
    assert await found() == {}


async def test_whoever_loses_a_partner_by_their_last_day_hears_of_it_at_once(town: Town) -> None:
    """The partner's own cycle notes the last day; the other's has to be woken because of it."""
    from datetime import UTC, date, datetime, timedelta

    async with town.work():
        for person, partner in (("boss", "p9"), ("p9", None), ("p0", "boss")):
            profile = Profile(person, f"{person}@mail.example")
            await town.house.people.put_person(town.command(), person, profile, partner)
        terms = Terms(partner_wanted_after="PT1S")
        await town.house.cycles.put_policy(town.command(), terms)
        cycles = {}
        for person in ("boss", "p0"):
            answer = await town.house.cycles.start_cycle(town.command(), person, "api")
            cycles[person] = UUID(answer.body["id"])
        await until(lambda: all_have(town, cycles, "cycles.notice_sent"))
        yesterday: date = datetime.now(UTC).date() - timedelta(days=2)
        leaving = Profile("boss", "boss@mail.example", end_date=yesterday)
        await note_last_day(town, "boss", leaving)
        await until(lambda: has(town, cycles["boss"], "cycles.closed"))
        await until(lambda: has(town, cycles["p0"], "cycles.suspended"))


async def note_last_day(town: Town, person: str, profile: Profile) -> None:
    """As if the last day had been announced in advance: it isn't on record yet that it has passed."""
    from services.people.domain import Person

    await town.house.record.change(
        Person, await town.subject(person), town.command(), lambda p: p.change_profile(profile)
    )


async def runs_only(town: Town, count: int) -> bool:
    return await town.running() == count


async def reconcile(town: Town) -> dict[str, int]:
    """What `cairn reconcile` does."""
    found = await town.connected.execute_workflow(
        "Reconcile", town.tenant, id=f"reconcile/{uuid4().hex}", task_queue=TASK_QUEUE
    )
    return dict(found[0]["found"])


async def test_the_reconciler_sees_a_partner_who_left_and_a_last_day_that_nobody_noted(
    town: Town,
) -> None:
    from datetime import date

    async with town.work():
        for person, partner in (("boss", None), ("p0", "boss"), ("p1", None)):
            profile = Profile(person, f"{person}@mail.example")
            await town.house.people.put_person(town.command(), person, profile, partner)
        boss, p1 = await town.subject("boss"), await town.subject("p1")

        def has_ended(known: Person) -> None:
            known.change_profile(replace(known.profile, end_date=date(2020, 1, 1)))

        def has_left(known: Person) -> None:
            has_ended(known)
            known.settle_employment()

        # As a crash between two writes leaves it.
        await town.house.record.change(Person, boss, town.command(), has_left)
        await town.house.record.change(Person, p1, town.command(), has_ended)

        async def out_of_step() -> list[Any]:
            return [each async for each in town.house.roster.out_of_step(town.tenant)]

        async def lists_know() -> bool:
            return len(await out_of_step()) == 2

        await until(lists_know)
        assert await reconcile(town) == {"partner_has_left": 1, "last_day_passed": 1}

        async def lists_agree() -> bool:
            return not await out_of_step()

        await until(lists_agree)
        assert await reconcile(town) == {}


async def test_sleepers_get_new_code_by_a_checkpoint_and_keep_the_old_until_then(
    town: Town,
) -> None:
    cycles = await town.begin_cycles(20)
    async with town.work(versioned=True):
        await make_current(town, build_id())
        await until(lambda: all_have(town, cycles, "cycles.notice_sent"))
        await until(lambda: on_version(town, build_id(), 20))
        newer = Worker(
            town.connected,
            task_queue=TASK_QUEUE,
            workflows=[CareerCycle],
            activities=town.house.activities().all(),
            deployment_config=WorkerDeploymentConfig(
                WorkerDeploymentVersion("cairn", "newer"), True, VersioningBehavior.PINNED
            ),
        )
        async with newer:
            await make_current(town, "newer")
            assert await on_version(town, build_id(), 20)  # pinned, and asleep
            for person in cycles:
                id_ = workflow_id(town.tenant, str(await town.subject(person)))
                await town.connected.get_workflow_handle(id_).signal(CHECKPOINT)
            await until(lambda: on_version(town, "newer", 20))
    for cycle in cycles.values():
        assert (await town.topics(cycle)).count("cycles.conversation_opened") == 1


async def make_current(town: Town, build: str) -> None:
    """Route new runs to a version, as a rollout does."""
    command = [_binary(), "worker", "deployment", "set-current-version", "--yes"]
    command += ["--address", town.server.address, "--deployment-name", "cairn", "--build-id", build]
    for _ in range(600):
        done = await asyncio.to_thread(subprocess.run, command, capture_output=True, text=True)
        if done.returncode == 0:
            return
        await asyncio.sleep(0.1)
    raise AssertionError(done.stderr)


async def on_version(town: Town, build: str, count: int) -> bool:
    query = (
        f'CairnTenant="{town.tenant}" AND ExecutionStatus="Running"'
        f' AND TemporalWorkerDeploymentVersion="cairn:{build}"'
    )
    return (await town.connected.count_workflows(query)).count == count


async def test_a_small_tenants_cycles_dont_wait_for_another_ones_batch(town: Town) -> None:
    from services.batches.application import Wanted

    big, small = town.tenant, f"small-{uuid4().hex[:8]}"
    await town.house.record.vault.create_tenant(small)
    many = Wanted(await town.register(150, None))
    town.tenant = small
    few = await town.register(5)
    async with town.work(batch_rate=1_000):
        town.tenant = big
        batch = await town.house.batches.request_batch(town.command(), many)
        town.tenant = small
        small_ones = await town.start_cycles(few)
        await until(lambda: all_have(town, small_ones, "cycles.conversation_opened"))
        done = await town.house.record.pool.fetchval(
            "SELECT count(*) FROM record.read_log($1, 0, 100000)"
            " WHERE type = 'cycles.conversation_opened'",
            big,
        )
        assert done < 150

        async def finished() -> bool:
            found = await town.house.batches.batch_of(big, UUID(batch.body["id"]))
            return (found.state, found.started) == ("finished", 150)

        await until(finished)


def test_the_build_id_is_about_the_workflows_alone() -> None:
    assert len(build_id()) == 12
    assert build_id() == build_id()


def test_the_search_finds_what_a_database_holds(tmp_path: Path) -> None:
    """The canaries are looked for in the raw file: make sure that a raw file shows what is in it."""
    file = tmp_path / "a.db"
    with sqlite3.connect(file) as made:
        made.execute("CREATE TABLE t (x text)")
        made.execute("INSERT INTO t VALUES ('canary')")
    assert b"canary" in file.read_bytes()
    assert MAIL_QUEUE != TASK_QUEUE
