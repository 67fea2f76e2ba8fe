"""Compares the roster with the record with what runs in Temporal, and mends every difference.

It looks at lists and at visibility, which may both be behind; before anything is counted as a difference
it is looked at itself.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any
from uuid import UUID

import structlog
from temporalio import activity
from temporalio.client import (
    Client,
    Schedule,
    ScheduleActionStartWorkflow,
    ScheduleAlreadyRunningError,
    ScheduleCalendarSpec,
    ScheduleOverlapPolicy,
    SchedulePolicy,
    ScheduleRange,
    ScheduleSpec,
    ScheduleUpdate,
    ScheduleUpdateInput,
    WorkflowExecutionStatus,
)
from temporalio.service import RPCError, RPCStatusCode

from services.audit.readmodel import Timeline
from services.batches.readmodel import Candidates
from services.cycles.application import Cycles
from services.cycles.course import next_step
from services.cycles.progress import Progress
from services.cycles.readmodel import CycleList
from services.integration.deliveries import Deliveries
from services.people.application import People
from services.people.keeping import Keeping
from services.people.readmodel import Roster
from services.people.roster_feed import FeedStopped
from shared.eventstore.record import Command, Record
from shared.principal import workflow
from workflows.messages import (
    TASK_QUEUE,
    Differences,
    batch_id,
    erasure_id,
    export_id,
    parts_of,
    workflow_id,
)
from workflows.metrics import DIFFERENCES
from workflows.starting import Starting
from workflows.webhook_messages import endpoint_workflow_id

SCHEDULE = "reconcile"
_PAGE = 500
_RETRY_SECONDS = 1.0
_FRESH = timedelta(minutes=1)
"""What is younger may simply be on its way."""
_LATE = timedelta(minutes=15)
log = structlog.get_logger("cairn.reconciler")


@dataclass(frozen=True)
class Reconciler:
    """The activities of the reconciler."""

    record: Record
    client: Client
    roster: Roster
    people: People
    cycles: Cycles
    cycle_list: CycleList
    candidates: Candidates
    keeping: Keeping
    timeline: Timeline
    deliveries: Deliveries

    def all(self) -> Sequence[Callable[..., Awaitable[Any]]]:
        """What a worker registers."""
        return [self.list_tenants, self.reconcile_tenant]

    @activity.defn(name="list_tenants")
    async def list_tenants(self) -> list[str]:
        """All tenants that have a log."""
        rows = await self.record.pool.fetch(
            "SELECT tenant FROM record.tenants_behind($1, 0, 1)", ""
        )
        return [row["tenant"] for row in rows]

    @activity.defn(name="reconcile_tenant")
    async def reconcile_tenant(self, tenant: str) -> Differences:
        """Find and mend what differs in a tenant; counts it by kind."""
        found: Counter[str] = Counter()
        await self._roster(tenant, found)
        await self._workflows(tenant, found)
        await self._notices(tenant, found)
        await self._batches(tenant, found)
        await self._erasures(tenant, found)
        await self._exports(tenant, found)
        await self._webhooks(tenant, found)
        for kind, count in found.items():
            DIFFERENCES.labels(kind).inc(count)
            log.warning("differences were mended", tenant=tenant, kind=kind, count=count)
        return Differences(tenant, dict(found))

    async def _roster(self, tenant: str, found: Counter[str]) -> None:
        """Last days that have passed unrecorded, and partners who have left."""
        async for subject, partner in self.roster.out_of_step(tenant):
            command = Command(by=workflow(tenant, "Reconcile"), at=self.record.clock.now())
            person = await self.people.person_of(tenant, partner or subject)
            if person is None or not person.has_gone:
                continue
            if partner is None and not person.is_leaving:
                continue
            activity.heartbeat()
            try:
                await self.people.settle_employment(command, partner or subject)
            except FeedStopped:
                continue  # somebody has to look at the feed first
            found["partner_has_left" if partner else "last_day_passed"] += 1

    async def _workflows(self, tenant: str, found: Counter[str]) -> None:
        """Open cycles without a workflow, late ones, and workflows without an open cycle."""
        starting, running = Starting(self.client), await self._running(tenant)
        now = self.record.clock.now()
        async for p in self._open_cycles(tenant):
            activity.heartbeat()
            person = str(p.person)
            is_known = person in running
            running.discard(person)
            if now - p.started_at < _FRESH:
                continue
            if not is_known and not await self._runs(workflow_id(tenant, person)):
                if await self._is_open(p):
                    found["without_workflow"] += 1
                    await starting.cycle(tenant, person)
            elif (step := next_step(p, now)) is not None and now - step.due > _LATE:
                fresh = await self.cycles.progress_of(tenant, p.cycle)
                again = next_step(fresh, now) if fresh else None
                if again is not None and now - again.due > _LATE:
                    found["late"] += 1
                    await starting.cycle(tenant, person)
        for person in running:
            activity.heartbeat()
            cycle, _ = await self.cycles.open_cycle(tenant, UUID(person))
            if cycle is None and await self._runs(workflow_id(tenant, person)):
                found["without_cycle"] += 1
                await starting.wake(tenant, person)

    async def _notices(self, tenant: str, found: Counter[str]) -> None:
        """Mails that should have gone out and that nothing sends any more."""
        before = self.record.clock.now() - timedelta(hours=1)
        for person in await self.cycle_list.unsent_since(tenant, before):
            activity.heartbeat()
            found["unsent_mail"] += 1
            await Starting(self.client).cycle(tenant, str(person))

    async def _batches(self, tenant: str, found: Counter[str]) -> None:
        for batch in await self.candidates.open_batches(tenant):
            if not await self._runs(batch_id(tenant, str(batch))):
                found["batch_without_workflow"] += 1
                await Starting(self.client).batch(tenant, str(batch))

    async def _erasures(self, tenant: str, found: Counter[str]) -> None:
        """Tombstones that nobody does what they say: a key is still there, or words, or the link."""
        now = self.record.clock.now()
        for subject in await self.keeping.unfinished(tenant):
            activity.heartbeat()
            person = await self.people.person_of(tenant, subject)
            if person is None or person.erased_at is None or now - person.erased_at < _FRESH:
                continue
            if not await self._runs(erasure_id(tenant, str(subject))):
                found["erasure_without_workflow"] += 1
                await Starting(self.client).erasure(tenant, str(subject))

    async def _exports(self, tenant: str, found: Counter[str]) -> None:
        """Bundles that were asked for and that nobody writes."""
        now = self.record.clock.now()
        async for each in self.timeline.unwritten_exports(tenant):
            activity.heartbeat()
            export, is_fresh = str(each.row.stream), now - each.row.recorded_at < _FRESH
            if not is_fresh and not await self._runs(export_id(tenant, export)):
                found["export_without_workflow"] += 1
                await Starting(self.client).export(tenant, export)

    async def _webhooks(self, tenant: str, found: Counter[str]) -> None:
        """Webhooks that haven't taken all they want, and to which nothing delivers."""
        now = self.record.clock.now()
        for each, since in (await self.deliveries.waiting_since(tenant)).items():
            activity.heartbeat()
            webhook, is_fresh = str(each), now - since < _FRESH
            if not is_fresh and not await self._runs(endpoint_workflow_id(tenant, webhook)):
                found["webhook_without_workflow"] += 1
                await Starting(self.client).webhook(tenant, webhook)

    async def _open_cycles(self, tenant: str) -> AsyncIterator[Progress]:
        after = UUID(int=0)
        while page := await self.cycle_list.open_cycles(tenant, after, _PAGE):
            for progress in page:
                yield progress
            after = page[-1].cycle

    async def _running(self, tenant: str) -> set[str]:
        query = (
            f'WorkflowType="CareerCycle" AND ExecutionStatus="Running" AND CairnTenant="{tenant}"'
        )
        found: set[str] = set()
        async for each in self.client.list_workflows(query):
            activity.heartbeat()
            found.add(parts_of(each.id)[1])
        return found

    async def _runs(self, id_: str) -> bool:
        try:
            description = await self.client.get_workflow_handle(id_).describe()
        except RPCError as refused:
            if refused.status is RPCStatusCode.NOT_FOUND:
                return False
            raise
        return description.status is WorkflowExecutionStatus.RUNNING

    async def _is_open(self, p: Progress) -> bool:
        fresh = await self.cycles.progress_of(p.tenant, p.cycle)
        return fresh is not None and fresh.state != "closed"


async def schedule(client: Client) -> None:
    """Reconcile each night, and at once where there was no schedule: Temporal is new, or was wiped."""
    night = ScheduleCalendarSpec(hour=(ScheduleRange(2),), minute=(ScheduleRange(30),))
    action = ScheduleActionStartWorkflow(
        "Reconcile", None, id="reconcile/nightly", task_queue=TASK_QUEUE
    )
    await ensure_schedule(
        client, SCHEDULE, Schedule(action=action, spec=ScheduleSpec(calendars=[night]))
    )


async def ensure_schedule(client: Client, name: str, wanted: Schedule) -> None:
    """Have a schedule of this name with these times; a new one runs at once. Waits for Temporal."""
    wanted.policy = SchedulePolicy(overlap=ScheduleOverlapPolicy.SKIP)
    while True:
        try:
            await _put_schedule(client, name, wanted)
        except RPCError as away:
            if away.status is RPCStatusCode.INVALID_ARGUMENT:  # no waiting mends what was asked for
                raise
            log.warning("waits for Temporal", status=away.status.name)
            await asyncio.sleep(_RETRY_SECONDS)
        else:
            return


async def _put_schedule(client: Client, name: str, wanted: Schedule) -> None:
    def follow(found: ScheduleUpdateInput) -> ScheduleUpdate | None:
        there = found.description.schedule
        return (
            None if there.spec == wanted.spec else ScheduleUpdate(replace(there, spec=wanted.spec))
        )

    try:
        await client.create_schedule(name, wanted, trigger_immediately=True)
    except ScheduleAlreadyRunningError:
        await client.get_schedule_handle(name).update(follow)
