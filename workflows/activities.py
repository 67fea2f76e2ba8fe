"""The activities of the cycle: one use case each, safe to repeat; then a fresh look at the record."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from uuid import UUID

from temporalio import activity
from temporalio.exceptions import ApplicationError

from services.conversation.application import Conversations
from services.cycles.application import Cycles
from services.cycles.course import Step, next_step, waiting_for
from services.cycles.domain import Cycle
from services.cycles.progress import Progress
from services.planning.application import Plans
from services.planning.content import Aspect
from services.planning.domain import plan_id
from shared.errors import RuleBroken
from shared.eventstore.record import Command, Record
from shared.principal import workflow
from workflows.details import details_of, summary_of
from workflows.messages import CycleRun, Due, Situation, TakeStep


class Activities:
    """Everything that a cycle's workflow does in the world, by the services' use cases."""

    def __init__(
        self, record: Record, cycles: Cycles, conversations: Conversations, plans: Plans
    ) -> None:
        self._record = record
        self._cycles = cycles
        self._conversations = conversations
        self._plans = plans

    def all(self) -> Sequence[Callable[..., Awaitable[Situation]]]:
        """What a worker registers."""
        return [
            self.look,
            self.open_conversation,
            self.nudge,
            self.nudge_partner,
            self.escalate,
            self.open_planning,
            self.begin_development,
            self.ask_check_in,
            self.open_follow_up,
            self.rest,
            self.complete_round,
            self.resume,
        ]

    @activity.defn(name="look")
    async def look(self, run: CycleRun) -> Situation:
        """Read where a person's open cycle stands, by the record itself."""
        now = self._record.clock.now()
        cycle, _ = await self._cycles.open_cycle(run.tenant, UUID(run.person))
        if cycle is None:
            return _nothing(now)
        progress = await self._cycles.progress_of(run.tenant, cycle.id)
        return _situation(progress, now) if progress else _nothing(now)

    @activity.defn(name="open_conversation")
    async def open_conversation(self, take: TakeStep) -> Situation:
        """Begin a round: open its conversation under the policy and guide of today."""
        command, round_ = self._command(take), take.step.number
        progress = await self._progress(take)
        terms, policy = await self._cycles.policy_of(take.run.tenant)
        opened = await self._conversations.open_conversation(
            command,
            person=progress.person,
            cycle=progress.cycle,
            round=round_,
            kind="conversation",
            legal_entity=progress.legal_entity,
            pause_default=terms.pause_default,
            pause_longest=terms.pause_longest,
        )
        return await self._record_step(
            take,
            lambda cycle: cycle.open_conversation(
                round_, opened.id, opened.guide, opened.guide_version, policy, terms
            ),
        )

    @activity.defn(name="nudge")
    async def nudge(self, take: TakeStep) -> Situation:
        """Remind the employee gently, or record why not."""
        step = take.step
        return await self._record_step(take, lambda cycle: cycle.nudge(step.number, step.why))

    @activity.defn(name="nudge_partner")
    async def nudge_partner(self, take: TakeStep) -> Situation:
        """Remind the partner."""
        since = await self._turn_since(take)
        return await self._record_step(take, lambda c: c.nudge_partner(since, take.step.number))

    @activity.defn(name="escalate")
    async def escalate(self, take: TakeStep) -> Situation:
        """Tell HR that it has been the partner's turn for long."""
        since = await self._turn_since(take)
        return await self._record_step(take, lambda cycle: cycle.escalate(since))

    @activity.defn(name="open_planning")
    async def open_planning(self, take: TakeStep) -> Situation:
        """Draft the plan that follows from the conversation."""
        progress = await self._progress(take)
        assert progress.conversation is not None
        said = await self._conversations.outcome_of(take.run.tenant, progress.conversation)
        plan = await self._plans.draft_plan(
            self._command(take),
            person=progress.person,
            cycle=progress.cycle,
            round=take.round,
            conversation=progress.conversation,
            direction=said.direction,
            facets={name: Aspect(facet.kind, facet.text) for name, facet in said.facets.items()},
        )
        return await self._record_step(take, lambda cycle: cycle.open_planning(plan))

    @activity.defn(name="begin_development")
    async def begin_development(self, take: TakeStep) -> Situation:
        """Both have agreed to the plan: its time begins."""
        progress = await self._progress(take)
        plan, anchor = plan_id(progress.cycle, take.round), progress.activated_at
        assert anchor is not None
        return await self._record_step(take, lambda cycle: cycle.begin_development(plan, anchor))

    @activity.defn(name="ask_check_in")
    async def ask_check_in(self, take: TakeStep) -> Situation:
        """Ask how the plan is going."""
        return await self._record_step(take, lambda cycle: cycle.ask_check_in(take.step.number))

    @activity.defn(name="open_follow_up")
    async def open_follow_up(self, take: TakeStep) -> Situation:
        """Come back to it: open the follow-up and bring the plan to its review."""
        command = self._command(take)
        progress = await self._progress(take)
        if progress.conversation and progress.conversation_state in {"open", "paused"}:
            await self._conversations.close_conversation(command, progress.conversation)
        if progress.plan and progress.plan_state == "active":
            await self._plans.review_plan(command, progress.plan)
        opened = await self._conversations.open_conversation(
            command,
            person=progress.person,
            cycle=progress.cycle,
            round=take.round,
            kind="follow_up",
            legal_entity=progress.legal_entity,
            pause_default=progress.terms.pause_default,
            pause_longest=progress.terms.pause_longest,
        )
        return await self._record_step(
            take,
            lambda cycle: cycle.open_follow_up(opened.id, opened.guide, opened.guide_version),
        )

    @activity.defn(name="rest")
    async def rest(self, take: TakeStep) -> Situation:
        """Let it be until the follow-up."""
        progress = await self._progress(take)
        anchor = progress.ended_at or self._record.clock.now()
        why = take.step.why or "time"
        if why == "time" and progress.conversation:
            await self._conversations.rest_conversation(self._command(take), progress.conversation)
        return await self._record_step(take, lambda cycle: cycle.rest(why, anchor))

    @activity.defn(name="complete_round")
    async def complete_round(self, take: TakeStep) -> Situation:
        """End the round and its plan; the next one comes by itself."""
        command = self._command(take)
        progress = await self._progress(take)
        if progress.conversation and progress.conversation_state in {"open", "paused"}:
            await self._conversations.close_conversation(command, progress.conversation)
        if progress.plan:
            await self._plans.complete_plan(command, progress.plan)
        return await self._record_step(take, lambda cycle: cycle.complete_round(take.round))

    @activity.defn(name="resume")
    async def resume(self, take: TakeStep) -> Situation:
        """End a suspension that had a day."""
        return await self._record_step(take, _resume)

    async def _record_step(self, take: TakeStep, decide: Callable[[Cycle], None]) -> Situation:
        """Record the step, unless the cycle has moved on meanwhile; then look again."""
        try:
            await self._cycles.take_step(self._command(take), UUID(take.cycle), decide)
        except RuleBroken as moved_on:
            activity.logger.info("step passed over", extra={"why": type(moved_on).__name__})
        return await self.look(take.run)

    def _command(self, take: TakeStep) -> Command:
        step = take.step
        return Command(
            by=workflow(take.run.tenant, "CareerCycle"),
            at=self._record.clock.now(),
            cause=f"{step.name}/{step.number}",
            step=f"{take.round}/{step.name}/{step.number}/{step.at.isoformat()}",
        )

    async def _progress(self, take: TakeStep) -> Progress:
        progress = await self._cycles.progress_of(take.run.tenant, UUID(take.cycle))
        if progress is None:
            raise ApplicationError("the cycle isn't in the record", type="InvalidStep")
        return progress

    async def _turn_since(self, take: TakeStep) -> datetime:
        return (await self._progress(take)).since


def _resume(cycle: Cycle) -> None:
    if cycle.suspension is not None:
        cycle.resume()


def _situation(progress: Progress, now: datetime) -> Situation:
    step = next_step(progress, now)
    turn = waiting_for(progress)
    due = _due(step) if step else None
    return Situation(
        cycle=str(progress.cycle),
        stage=progress.state,
        round=progress.round,
        waiting_for=turn,
        suspended=progress.suspension.reason if progress.suspension else "no",
        now=now,
        step=due,
        details=details_of(progress, turn, step),
    )


def _due(step: Step) -> Due:
    return Due(step.name, step.due, step.number, step.why, summary_of(step))


def _nothing(now: datetime) -> Situation:
    return Situation(None, "closed", 0, "nobody", "no", now, None, "There is no open cycle.")
