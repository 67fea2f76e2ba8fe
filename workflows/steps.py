"""The steps that a cycle takes by itself: one use case each, with event ids that come from the step.

Each may run many times, at once and late: it is recorded once, and passed over when the cycle has
moved on meanwhile.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import datetime

from services.conversation.application import Conversations
from services.conversation.domain import Conversation
from services.cycles.application import Cycles
from services.cycles.domain import Cycle, Tells
from services.cycles.policy import Terms
from services.cycles.progress import FEED_STOPPED, NO_PARTNER, Progress
from services.cycles.step import Step
from services.people.application import People
from services.people.choices import Choices
from services.people.roster_feed import FeedStopped
from services.planning.application import Plans
from services.planning.content import Aspect
from services.planning.domain import plan_id
from shared.errors import RuleBroken
from shared.eventstore.record import Command, Record
from shared.principal import Principal
from shared.telemetry.traces import span
from workflows.metrics import note_step
from workflows.telling import Telling

Take = Callable[["Steps", Progress, Step, Command], Awaitable[None]]


@dataclass(frozen=True)
class Steps:
    """The services whose use cases the steps are."""

    record: Record
    people: People
    choices: Choices
    cycles: Cycles
    conversations: Conversations
    plans: Plans
    telling: Telling

    async def take(self, p: Progress, step: Step, by: Principal, asked: str | None = None) -> None:
        """Take one step; what the record has moved past is passed over in silence.

        `asked` names whatever had it taken ahead of its time, for the ids of the events.
        """
        command = Command(
            by=by,
            at=self.record.clock.now(),
            cause=f"{step.name}/{step.number}",
            step=asked or f"{p.round}/{step.name}/{step.number}/{step.due.isoformat()}",
        )
        outcome = "failed"
        try:
            with span(f"step {step.name}", step=step.name):
                outcome = await self._take(p, step, command)
        finally:
            note_step(step.name, step.due, command.at, outcome)

    async def _take(self, p: Progress, step: Step, command: Command) -> str:
        try:
            await _TAKES[step.name](self, p, step, command)
        except FeedStopped:
            await self._stop_for_the_feed(p, command)
            return "stopped"
        except RuleBroken:
            return "passed_over"  # it has moved on
        return "taken"

    async def _note(self, p: Progress, command: Command, decide: Callable[[Cycle], None]) -> None:
        await self.cycles.take_step(command, p.cycle, decide)

    async def open_conversation(self, p: Progress, step: Step, command: Command) -> None:
        """Begin a round: open its conversation under the policy and guide of today."""
        terms, policy = await self.cycles.policy_of(p.tenant)
        await self._end_conversation(p, command)
        opened = await self._open(p, command, "conversation", step.number, terms)
        tells = await self.telling.of_opening(p, command, terms.cadence)
        await self._note(
            p,
            command,
            lambda c: c.open_conversation(
                step.number, opened.id, opened.guide, opened.guide_version, policy, terms, tells
            ),
        )

    async def end_pause(self, p: Progress, _: Step, command: Command) -> None:
        """A pause ends on its day."""
        assert p.conversation is not None
        await self.conversations.end_pause(command, p.conversation)

    async def announce_meeting(self, p: Progress, step: Step, command: Command) -> None:
        """Send both the invitation, or call it off."""
        assert p.conversation is not None
        known = await self.conversations.outcome_of(p.tenant, p.conversation)
        tells = await self.telling.of_meeting(p, known.meeting, step, command)
        await self._note(p, command, lambda c: c.announce_meeting(known.id, step.number, tells))

    async def call_off_meeting(self, p: Progress, _: Step, command: Command) -> None:
        """A meeting with somebody who isn't the partner any more is called off."""
        assert p.conversation is not None
        await self.conversations.call_off_meeting(command, p.conversation)

    async def nudge(self, p: Progress, step: Step, command: Command) -> None:
        """Remind the employee gently, or record why not."""
        why = step.why or await self.telling.keeps_silent(p, "employee", step, command)
        tells: Tells = () if why else ("employee",)
        await self._note(p, command, lambda c: c.nudge(step.number, why, tells))

    async def nudge_partner(self, p: Progress, step: Step, command: Command) -> None:
        """Remind the partner, or record why not."""
        why = step.why or await self.telling.keeps_silent(p, "partner", step, command)
        tells: Tells = () if why else ("partner",)
        await self._note(p, command, lambda c: c.nudge_partner(p.since, step.number, why, tells))

    async def escalate(self, p: Progress, step: Step, command: Command) -> None:
        """Tell HR that it has been the partner's turn for long."""
        tells = await self.telling.of_case(p, step, command)
        await self._note(p, command, lambda c: c.escalate(p.since, tells))

    async def open_planning(self, p: Progress, _: Step, command: Command) -> None:
        """Draft the plan that follows from the conversation."""
        assert p.conversation is not None
        said = await self.conversations.outcome_of(p.tenant, p.conversation)
        plan = await self.plans.draft_plan(
            command,
            person=p.person,
            cycle=p.cycle,
            round=p.round,
            conversation=p.conversation,
            direction=said.direction,
            facets={name: Aspect(facet.kind, facet.text) for name, facet in said.facets.items()},
        )
        await self._note(p, command, lambda c: c.open_planning(plan))

    async def begin_development(self, p: Progress, step: Step, command: Command) -> None:
        """Both have agreed to the plan: its time begins."""
        plan, anchor = plan_id(p.cycle, p.round), p.activated_at or step.due
        await self._note(p, command, lambda c: c.begin_development(plan, anchor))

    async def ask_check_in(self, p: Progress, step: Step, command: Command) -> None:
        """Ask how the plan is going; a mail that gives way to another one is refused on record."""
        await self._note(p, command, lambda c: c.ask_check_in(step.number, ("employee",)))

    async def open_follow_up(self, p: Progress, _: Step, command: Command) -> None:
        """Come back to it: open the follow-up and bring the plan to its review."""
        await self._end_conversation(p, command)
        if p.plan and p.plan_state == "active":
            await self.plans.review_plan(command, p.plan)
        opened = await self._open(p, command, "follow_up", p.round, p.terms)
        tells = await self.telling.of_opening(p, command, p.terms.follow_up_after)
        await self._note(
            p,
            command,
            lambda c: c.open_follow_up(opened.id, opened.guide, opened.guide_version, tells),
        )

    async def rest(self, p: Progress, step: Step, command: Command) -> None:
        """Let it be until the follow-up."""
        anchor, why = p.ended_at or command.at, step.why or "time"
        if why == "time" and p.conversation:
            await self.conversations.rest_conversation(command, p.conversation)
        await self._note(p, command, lambda c: c.rest(why, anchor))

    async def complete_round(self, p: Progress, step: Step, command: Command) -> None:
        """End the round and its plan; the next one comes by itself, and ends what rests until then."""
        if step.why == "time" and p.conversation:
            await self.conversations.rest_conversation(command, p.conversation)
        if p.plan:
            await self.plans.complete_plan(command, p.plan)
        await self._note(p, command, lambda c: c.complete_round(p.round))

    async def ask_handover(self, p: Progress, step: Step, command: Command) -> None:
        """Ask the employee what the new partner gets to see."""
        assert p.handover is not None
        partner, named_at = p.handover.partner, p.handover.named_at
        tells = await self.telling.surely(p, ("employee",), step, command)
        await self._note(p, command, lambda c: c.ask_handover(partner, named_at, tells))

    async def hand_over(self, p: Progress, _: Step, command: Command) -> None:
        """Nobody has chosen: the new partner sees the plan, without any free text."""
        assert p.handover is not None
        await self.choices.hand_over_by_default(command, p.person)

    async def suspend(self, p: Progress, step: Step, command: Command) -> None:
        """Let the clocks stand still, for a reason that the cycle sees by itself."""
        reason, since, until = step.why or "", step.due, step.until
        tells: Tells = ()
        if reason == NO_PARTNER:
            tells = await self.telling.of_case(p, step, command)
        await self._note(p, command, lambda c: c.suspend_for(reason, since, until, tells))

    async def resume(self, p: Progress, step: Step, command: Command) -> None:
        """Let the clocks go on."""
        await self._note(p, command, lambda c: c.resume_from(step.why, step.due))

    async def settle_employment(self, p: Progress, _: Step, command: Command) -> None:
        """The last day has passed: put it on record, unless the roster feed has gone mad."""
        await self.people.settle_employment(command, p.person)

    async def close(self, p: Progress, step: Step, command: Command) -> None:
        """End the cycle: its conversation without a conclusion, its promises released."""
        why = step.why or "ended"
        await self._end_conversation(p, command)
        for plan in p.plans:  # one of an earlier round may be in force still, in an old record
            await self.plans.release_promises(command, plan)
        tells: Tells = ("employee",) if why == "left" else ()
        await self._note(p, command, lambda c: c.close(why, tells))

    async def _open(
        self, p: Progress, command: Command, kind: str, round_: int, terms: Terms
    ) -> Conversation:
        return await self.conversations.open_conversation(
            command,
            person=p.person,
            cycle=p.cycle,
            round=round_,
            kind=kind,
            legal_entity=p.legal_entity,
            pause_default=terms.pause_default,
            pause_longest=terms.pause_longest,
        )

    async def _end_conversation(self, p: Progress, command: Command) -> None:
        """Close it, and let those hear that it is off who have its meeting in their calendars."""
        if p.conversation is None:
            return
        if p.conversation_state in {"open", "paused"}:
            await self.conversations.close_conversation(command, p.conversation)
        if p.meeting is None and not p.called_off:
            return
        known = await self.conversations.outcome_of(p.tenant, p.conversation)
        for off in known.meeting.called_off(p.announced):
            step = Step("announce_meeting", command.at, off.sequence)
            told = replace(command, step=f"{command.step}/called_off/{off.sequence}")
            await self.announce_meeting(p, step, told)

    async def _stop_for_the_feed(self, p: Progress, command: Command) -> None:
        """Stand still until somebody has looked at the feed."""
        since: datetime = command.at
        stop = replace(command, step=f"{command.step}/stopped")
        await self._note(p, stop, lambda c: c.suspend_for(FEED_STOPPED, since, None))


_TAKES: dict[str, Take] = {
    name: getattr(Steps, name)
    for name in (
        "open_conversation", "end_pause", "announce_meeting", "call_off_meeting", "nudge",
        "nudge_partner", "escalate", "open_planning", "begin_development", "ask_check_in",
        "open_follow_up", "rest", "complete_round", "ask_handover", "hand_over", "suspend",
        "resume", "settle_employment", "close",
    )
}  # fmt: skip
