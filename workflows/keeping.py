"""What the workflows of privacy do in the world: bundles, erasures and signed heads."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

import isodate
from temporalio import activity
from temporalio.client import (
    Client,
    Schedule,
    ScheduleActionStartWorkflow,
    ScheduleCalendarSpec,
    ScheduleIntervalSpec,
    ScheduleRange,
    ScheduleSpec,
)

from services.audit.exporting import Exports
from services.people.application import People
from services.people.retention import Retention
from shared.eventstore.ledger import Ledger
from shared.eventstore.record import Command, Record
from shared.principal import workflow
from workflows.messages import KEEPING_QUEUE, ErasureRun, ExportRun
from workflows.reconciler import ensure_schedule

CHECKPOINTING = "checkpointing"
RETENTION = "retention"
_BEAT_SECONDS = 20.0


@dataclass(frozen=True)
class Keeping:
    """The activities of the keeping queue."""

    record: Record
    ledger: Ledger
    exports: Exports
    people: People
    retention: Retention

    def all(self) -> Sequence[Callable[..., Awaitable[Any]]]:
        """What a worker registers."""
        return [self.write_bundle, self.forget_person, self.retain, self.sign_checkpoint]

    @activity.defn(name="write_bundle")
    async def write_bundle(self, run: ExportRun) -> None:
        """Write a bundle to its file."""
        command = Command(
            by=workflow(run.tenant, "Export"), at=self.record.clock.now(), step="write"
        )
        async with _beating() as show:
            await self.exports.write_bundle(command, UUID(run.export), show)

    @activity.defn(name="forget_person")
    async def forget_person(self, run: ErasureRun) -> None:
        """Do what a person's tombstone says; safe to repeat."""
        by = workflow(run.tenant, "Erasure")
        command = Command(by=by, at=self.record.clock.now(), cause="people.erased")
        async with _beating():
            await self.people.forget(command, UUID(run.subject))

    @activity.defn(name="retain")
    async def retain(self, tenant: str) -> dict[str, int]:
        """Count what is over its time; forget it where the policy says so, and remove old bundles.

        What that came to is read off the record, with what attempts did that were cut off.
        """
        run = str(activity.info().workflow_run_id)
        by, now = workflow(tenant, "Retention"), self.record.clock.now()
        command = Command(by=by, at=now, cause=f"retention/{run}")
        counted, since = await self.retention.count_over(tenant), await self._begun_at(tenant)
        async with _beating() as show:
            show(since)
            await self.retention.erase_over(command, lambda: show(since))
            await self.exports.remove_old(command, await self.retention.bundles_until(tenant))
        done = await self.retention.done_by(command, since)
        bundles, erased = done.pop("bundles"), sum(done.values())
        told = {kind: (done if erased else counted)[kind] for kind in done}
        told |= {"held": counted["held"], "bundles": bundles}
        await self.retention.report(replace(command, step="retain"), run, done=erased > 0, **told)
        return {**told, "erased": erased}

    async def _begun_at(self, tenant: str) -> int:
        """How long the log was when the run's first attempt began; 0 where that isn't known any more."""
        info = activity.info()
        if info.heartbeat_details:
            size: int = info.heartbeat_details[0]
            return size
        return await self.retention.log_size(tenant) if info.attempt == 1 else 0

    @activity.defn(name="sign_checkpoint")
    async def sign_checkpoint(self, tenant: str) -> None:
        """Bring the ledger up to the end of the log and sign its head, once for each size."""
        await self.ledger.checkpoint(tenant)


@asynccontextmanager
async def _beating() -> AsyncIterator[Callable[..., None]]:
    """Heartbeats as long as the process lives, with what was shown last: to look through a long log
    takes its time, and may find nothing to show."""
    shown: tuple[Any, ...] = ()

    def show(*what: Any) -> None:
        nonlocal shown
        shown = what
        activity.heartbeat(*what)

    async def beat() -> None:
        while True:
            await asyncio.sleep(_BEAT_SECONDS)
            activity.heartbeat(*shown)

    beating = asyncio.create_task(beat())
    try:
        yield show
    finally:
        beating.cancel()


async def schedule_checkpointing(client: Client, every: str) -> None:
    """Sign heads from time to time (an ISO 8601 duration), the first time at once."""
    action = ScheduleActionStartWorkflow(
        "Checkpointing", id="checkpointing/periodic", task_queue=KEEPING_QUEUE
    )
    spec = ScheduleSpec(intervals=[ScheduleIntervalSpec(every=isodate.parse_duration(every))])
    await ensure_schedule(client, CHECKPOINTING, Schedule(action=action, spec=spec))


async def schedule_retention(client: Client) -> None:
    """Look each night, in the small hours, at what is over its time."""
    action = ScheduleActionStartWorkflow(
        "Retention", id="retention/nightly", task_queue=KEEPING_QUEUE
    )
    night = ScheduleCalendarSpec(hour=(ScheduleRange(3),), comment="each night")
    await ensure_schedule(
        client, RETENTION, Schedule(action=action, spec=ScheduleSpec(calendars=[night]))
    )
