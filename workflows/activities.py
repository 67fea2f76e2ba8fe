"""What a cycle's workflow does in the world: bring the record up to date, send mail, serve ops."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from functools import partial
from itertools import count, takewhile
from typing import Any
from uuid import UUID

from temporalio import activity
from temporalio.common import RawValue
from temporalio.exceptions import ApplicationError

from services.cycles.application import Cycles
from services.cycles.course import next_step, waiting_for
from services.cycles.domain import Cycle, cycle_id
from services.cycles.notices import Notice
from services.cycles.progress import Progress
from services.cycles.step import Step
from services.people.roster_feed import FeedStopped
from shared.errors import RuleBroken
from shared.eventstore.record import Command, Record
from shared.principal import Principal, workflow
from workflows.details import details_of, summary_of
from workflows.messages import CycleRun, Due, Mail, Situation, Steer, TakeStep
from workflows.steps import Steps

_MOST_STEPS = 50
"""More than this at a time is a rule that leads in a circle: a fault to be seen, not to be run."""


class Activities:
    """Everything that a cycle's workflow does in the world, by the services' use cases."""

    def __init__(self, record: Record, cycles: Cycles, steps: Steps, runbook: str) -> None:
        self._record = record
        self._cycles = cycles
        self.steps = steps
        self._runbook = runbook

    def all(self) -> Sequence[Callable[..., Awaitable[Any]]]:
        """What a worker registers."""
        return [self.advance, self.steer, self.interrupt, self.look, self.take_step]

    @activity.defn(name="advance")
    async def advance(self, run: CycleRun) -> Situation:
        """Take every step that is due by the record's time; answer where that leads.

        What is due is read afresh after each step, so that nothing is taken twice and nothing skipped.
        """
        by, taken = workflow(run.tenant, "CareerCycle"), None
        for _ in range(_MOST_STEPS):
            progress, now = await self._progress(run), self._record.clock.now()
            step = next_step(progress, now) if progress else None
            if progress is None or step is None or step == taken or step.due > now:
                break
            await self.steps.take(progress, step, by)
            taken = step
        return await self._situation(progress, now)

    @activity.defn(name="look")
    async def look(self, run: CycleRun) -> Situation:
        """Read where a person's newest cycle stands, by the record itself."""
        return await self._situation(await self._progress(run), self._record.clock.now())

    async def _situation(self, progress: Progress | None, now: datetime) -> Situation:
        if progress is None:
            return Situation(
                None, "closed", 0, "nobody", "no", now, None, "There is no open cycle."
            )
        step, turn = next_step(progress, now), waiting_for(progress)
        notices = await self._notices(progress)
        return Situation(
            cycle=str(progress.cycle),
            stage=progress.state,
            round=progress.round,
            waiting_for=turn,
            suspended=progress.suspension.reason if progress.suspension else "no",
            now=now,
            step=_due(step) if step else None,
            details=details_of(progress, turn, step, notices[progress.cycle], self._runbook),
            mails=[
                Mail(str(notice.event), notice.kind, notice.to, str(cycle))
                for cycle, found in notices.items()
                for notice in _waiting(found)
            ],
        )

    @activity.defn(dynamic=True)
    async def take_step(self, arguments: Sequence[RawValue]) -> Situation:
        """A single step by its name, for runs that began on release 0.1.0; then a look."""
        take: TakeStep = activity.payload_converter().from_payload(arguments[0].payload, TakeStep)
        progress = await self._progress(take.run)
        if progress is None:
            raise ApplicationError("the cycle isn't in the record", type="InvalidStep")
        due = take.step
        step = Step(due.name, due.at, due.number, due.why, due.until, due.gently)  # type: ignore[arg-type]
        await self.steps.take(progress, step, workflow(take.run.tenant, "CareerCycle"))
        return await self.look(take.run)

    @activity.defn(name="steer")
    async def steer(self, steer: Steer) -> str:
        """Do what ops ask for, once, under their name; a rule that refuses it is the answer."""
        now = self._record.clock.now()
        by = Principal(steer.run.tenant, frozenset({"workflow"}), f"ops:{steer.by}")
        command = Command(by=by, at=now, cause=steer.verb, step=f"ops/{steer.verb}/{steer.id}")
        if await self._record.has_step(command, UUID(steer.cycle)):
            return "On record already."
        progress = await self._cycles.progress_of(steer.run.tenant, UUID(steer.cycle))
        if progress is None:
            raise ApplicationError("The cycle isn't in the record", type="Refused")
        try:
            return await self._steer(progress, steer.verb, command)
        except (RuleBroken, FeedStopped) as refused:
            raise ApplicationError(refused.detail, type="Refused") from refused

    @activity.defn(name="interrupt")
    async def interrupt(self, run: CycleRun) -> None:
        """Put it on record that somebody cancelled the run."""
        progress = await self._progress(run)
        if progress is not None:
            by, at = workflow(run.tenant, "CareerCycle"), self._record.clock.now()
            step = f"interrupt/{activity.info().workflow_run_id}"
            command = Command(by=by, at=at, cause="cancelled", step=step)
            await self._cycles.take_step(command, progress.cycle, Cycle.interrupt)

    async def _steer(self, p: Progress, verb: str, command: Command) -> str:
        if verb == "nudge_now":
            return await self._nudge_now(p, command)
        if verb == "skip_mail":
            return await self._skip_mail(p, command)
        decide = {"hold_nudges": Cycle.hold_nudges, "release_nudges": Cycle.release_nudges}.get(
            verb, lambda cycle: cycle.note_wake(verb)
        )
        await self._cycles.take_step(command, p.cycle, decide)
        return "Done and on record."

    async def _nudge_now(self, p: Progress, command: Command) -> str:
        """The next reminder, ahead of its time; never past what the employee asked for.

        It is recorded as what this ask came to: asked again, the one after it isn't taken.
        """
        step = next_step(p, command.at)
        if step is None or step.name not in {"nudge", "nudge_partner"}:
            raise ApplicationError("No reminder is left to be sent in this turn", type="Refused")
        if why := step.why or p.asked_for_time(command.at):
            raise ApplicationError(f"It would be withheld: {why}", type="Refused")
        await self.steps.take(p, step, command.by, asked=command.step)
        return "Sent, or withheld with the reason on record."

    async def _skip_mail(self, p: Progress, command: Command) -> str:
        """Give up the mails that wait; what is trying to send them finds them settled."""
        skipped = 0
        for cycle, found in (await self._notices(p)).items():
            if waiting := _waiting(found):
                skipped += len(waiting)
                await self._cycles.take_step(command, cycle, partial(_skip, waiting))
        return f"{skipped} skipped and on record."

    async def _notices(self, p: Progress) -> dict[UUID, list[Notice]]:
        """The notices of a cycle, and of the person's cycles before it: their mails may wait still."""
        numbers = takewhile(lambda number: cycle_id(p.person, number - 1) != p.cycle, count(1))
        cycles = [cycle_id(p.person, number) for number in numbers]
        return {cycle: await self._cycles.notices_of(p.tenant, cycle) for cycle in cycles}

    async def _progress(self, run: CycleRun) -> Progress | None:
        """Where a person's newest cycle stands, or the one before as long as it leaves something open.

        None where there is none, or where all of it is over and its mails are settled.
        """
        person = UUID(run.person)
        cycle, number = await self._cycles.open_cycle(run.tenant, person)
        last = cycle_id(person, number - 1)
        before = await self._cycles.progress_of(run.tenant, last) if number > 1 else None
        if before and next_step(before, self._record.clock.now()):
            return before
        if cycle is not None:
            return await self._cycles.progress_of(run.tenant, cycle.id)
        notices = await self._notices(before) if before else {}
        return before if any(map(_waiting, notices.values())) else None


def _waiting(notices: list[Notice]) -> list[Notice]:
    return [notice for notice in notices if notice.outcome is None]


def _skip(waiting: list[Notice], cycle: Cycle) -> None:
    for notice in waiting:
        cycle.note_refused(notice.event, notice.to, "skipped")


def _due(step: Step) -> Due:
    return Due(
        step.name, step.due, step.number, step.why, summary_of(step), step.until, step.gently
    )
