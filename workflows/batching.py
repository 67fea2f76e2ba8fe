"""Starts the cycles of a batch, some people at a time, each once however often it is repeated."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import structlog
from temporalio import activity

from services.batches.application import Batches
from services.batches.domain import Batch
from services.cycles.application import Cycles
from shared.errors import NotFound, RuleBroken, Unavailable
from shared.eventstore.record import Command, Record
from shared.principal import workflow
from shared.telemetry import frames
from workflows.messages import BatchRun, BatchStep, Uncounted

AT_A_TIME = 50
"""People of one activity: the task queue's rate is divided by it."""
_AT_ONCE = 16
"""How many of them are started at the same time; these go on where it is cancelled meanwhile."""
_MOST_EVENTS = 1_000
"""About so often the progress of a large batch is put on record: each step reads all of it."""
_MOST_NAMED = 200
"""At so many who were left out it is put on record too: the workflow carries them along until then."""
_SHORT = timedelta(minutes=1)
"""Before a longer sleep it is put on record, so that it is told how far the batch has come."""
_ATTEMPTS = 8
"""Two minutes for what passes by itself; whoever fails then holds up nobody else."""
log = structlog.get_logger("cairn.batching")

Place = tuple[int, UUID]


@dataclass(frozen=True)
class Batching:
    """The use cases of a batch's workflow."""

    record: Record
    batches: Batches
    cycles: Cycles

    def all(self) -> Sequence[Callable[..., Awaitable[Any]]]:
        """What a worker of the batch queue registers."""
        return [self.start_some]

    @activity.defn(name="start_some")
    async def start_some(self, run: BatchRun) -> BatchStep:
        """Start the cycles of the next people whose moment has come; say when it goes on."""
        now, stream = self.record.clock.now(), UUID(run.batch)
        try:
            batch = await self.batches.batch_of(run.tenant, stream)
        except NotFound:
            return BatchStep(run.reached, now, None, "There is no such batch.")
        part = _so_far(batch, run.uncounted)
        if batch.state != "running":
            return await self._end(run.tenant, batch, part, now)
        found = await self.batches.next_people(run.tenant, batch, part.reached, AT_A_TIME + 1)
        if not found:
            return await self._end(run.tenant, batch, part, now)
        due = [each for each in found[:AT_A_TIME] if batch.moment_of(each[0]) <= now]
        part = _more(part, await self._start(run.tenant, batch, due))
        rest = found[len(due) :]
        next_at = batch.moment_of(rest[0][0]) if rest else now
        if next_at - now < _SHORT and _can_wait(part, batch):
            return _step(batch, now, next_at, part)
        await self._count(run.tenant, batch, part)
        return _step(await self.batches.batch_of(run.tenant, stream), now, next_at)

    async def _start(
        self, tenant: str, batch: Batch, people: Sequence[Place]
    ) -> list[tuple[int, UUID, str]]:
        """Start these people's cycles until it is cancelled; answers what became of each."""
        told: list[tuple[int, UUID, str]] = []
        for first in range(0, len(people), _AT_ONCE):
            some = people[first : first + _AT_ONCE]
            if await self.batches.is_cancelled(tenant, batch):
                break
            async with asyncio.TaskGroup() as group:
                tasks = [group.create_task(self._one(tenant, batch, person)) for _, person in some]
            outcomes = [task.result() for task in tasks]
            told += [(*each, what) for each, what in zip(some, outcomes, strict=True)]
        return told

    async def _end(self, tenant: str, batch: Batch, part: Uncounted, now: datetime) -> BatchStep:
        """Count what is left to be counted; nobody comes any more."""
        await self._count(tenant, batch, part)
        if batch.state == "running":
            await self._settle(tenant, batch, "finish", self.batches.finish)
        return _step(await self.batches.batch_of(tenant, batch.id), now, None)

    async def _count(self, tenant: str, batch: Batch, part: Uncounted) -> None:
        if part.reached == batch.reached:
            return  # it was cancelled before, or nobody was due
        excluded = [(UUID(person), what) for person, what in part.excluded.items()]

        async def progress(command: Command, stream: UUID) -> None:
            await self.batches.progress(
                command, stream, part.reached, part.started, part.existing, excluded
            )

        await self._settle(tenant, batch, f"after/{batch.reached}", progress)

    async def _one(self, tenant: str, batch: Batch, person: UUID) -> str:
        if person in batch.left_out:
            return "left_out"
        command = Command(by=workflow(tenant, "BatchStart"), at=self.record.clock.now())
        through = f"batch/{batch.id}"
        try:
            return await self.cycles.outlook(command, person, through, start=not batch.dry_run)
        except Unavailable:
            raise  # that isn't about this person
        except Exception as failure:
            if activity.info().attempt < _ATTEMPTS:
                raise
            kind, where = type(failure).__name__, frames(failure)[-3:]
            log.error("somebody of a batch is passed over", tenant=tenant, kind=kind, frames=where)
            return "failed"

    async def _settle(
        self,
        tenant: str,
        batch: Batch,
        step: str,
        decide: Callable[[Command, UUID], Awaitable[None]],
    ) -> None:
        """Record how far it has come; a batch that has ended meanwhile stays as it is."""
        by, at = workflow(tenant, "BatchStart"), self.record.clock.now()
        try:
            await decide(Command(by=by, at=at, step=step), batch.id)
        except RuleBroken:
            activity.logger.info("the batch has ended")


def _so_far(batch: Batch, uncounted: Uncounted | None) -> Uncounted:
    """What was done of a batch after what is on record of it; nothing where that went on meanwhile."""
    if uncounted is not None and uncounted.since == batch.reached:
        return uncounted
    return Uncounted(batch.reached, batch.reached)


def _more(part: Uncounted, told: Sequence[tuple[int, UUID, str]]) -> Uncounted:
    outcomes = [what for _, _, what in told]
    excluded = {str(p): what for _, p, what in told if what not in {"started", "existing"}}
    return Uncounted(
        part.since,
        told[-1][0] if told else part.reached,
        part.started + outcomes.count("started"),
        part.existing + outcomes.count("existing"),
        part.excluded | excluded,
    )


def _can_wait(part: Uncounted, batch: Batch) -> bool:
    """Whether the batch is so large that more may be done before this is put on record."""
    dealt_with = part.started + part.existing + len(part.excluded)
    return dealt_with < batch.total // _MOST_EVENTS and len(part.excluded) < _MOST_NAMED


def _step(
    batch: Batch, now: datetime, next_at: datetime | None, part: Uncounted | None = None
) -> BatchStep:
    counts = batch.counts()
    details = "\n".join(
        [
            f"### Batch: {counts['state']}{' (dry run)' if batch.dry_run else ''}",
            "",
            f"- {counts['started']} started, {counts['existing']} existed, {counts['excluded']}"
            f" left out, {counts['waiting']} of {counts['total']} wait",
            f"- Next: {next_at:%Y-%m-%d %H:%M:%S} UTC" if next_at else "- Next: nothing",
            "",
            f"Batch `{batch.id}`.",
        ]
    )
    return BatchStep(part.reached if part else batch.reached, now, next_at, details, part)
