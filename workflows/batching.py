"""Starts the cycles of a batch, some people at a time, each once however often it is repeated."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
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
from workflows.messages import BatchRun, BatchStep

AT_A_TIME = 50
"""People of one activity: the task queue's rate is divided by it."""
_AT_ONCE = 16
"""How many of them are started at the same time; these go on where it is cancelled meanwhile."""
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
        if batch.state != "running":
            return _step(batch, now, None)
        found = await self.batches.next_people(run.tenant, batch, AT_A_TIME + 1)
        due = [each for each in found[:AT_A_TIME] if batch.moment_of(each[0]) <= now]
        if due:
            await self._start(run.tenant, batch, due)
        elif not found:
            await self._settle(run.tenant, batch, "finish", self.batches.finish)
            return _step(await self.batches.batch_of(run.tenant, stream), now, None)
        rest = found[len(due) :]
        next_at = batch.moment_of(rest[0][0]) if rest else now
        return _step(await self.batches.batch_of(run.tenant, stream), now, next_at)

    async def _start(self, tenant: str, batch: Batch, people: Sequence[Place]) -> None:
        turns = asyncio.Semaphore(_AT_ONCE)

        async def one(person: UUID) -> str | None:
            async with turns:
                if await self.batches.is_cancelled(tenant, batch.id):
                    return None
                return await self._one(tenant, batch, person)

        async with asyncio.TaskGroup() as group:
            outcomes = [group.create_task(one(p)) for _, p in people]
        done = [(*each, task.result()) for each, task in zip(people, outcomes, strict=True)]
        told = [(place, p, what) for place, p, what in done if what is not None]
        if not told:
            return  # it was cancelled before
        excluded = [(p, what) for _, p, what in told if what not in {"started", "existing"}]
        counts = [what for _, _, what in told]

        async def progress(command: Command, stream: UUID) -> None:
            await self.batches.progress(
                command,
                stream,
                told[-1][0],
                counts.count("started"),
                counts.count("existing"),
                excluded,
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


def _step(batch: Batch, now: datetime, next_at: datetime | None) -> BatchStep:
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
    return BatchStep(batch.reached, now, next_at, details)
