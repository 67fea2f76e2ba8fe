"""The use cases of a plan, one method each: permit, load, decide, save."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from datetime import datetime
from uuid import UUID

from services.permission import Permission, present
from services.planning.content import Action, Aspect, Goal, Owner, Side
from services.planning.domain import Plan, plan_id
from services.planning.reading import PlanReader
from services.planning.view import promise, whole
from shared.errors import NotAllowed, Stale
from shared.eventstore.record import Answer, Command, Record

Decide = Callable[[Plan, Side], None]
Settle = Callable[[Plan, Side, UUID | None, datetime | None], None]


class Plans:
    """Drafts plans, and lets both sides change, agree and follow them."""

    def __init__(self, record: Record, permission: Permission, reader: PlanReader) -> None:
        self._record = record
        self._permission = permission
        self._reader = reader

    async def draft_plan(
        self,
        command: Command,
        *,
        person: UUID,
        cycle: UUID,
        round: int,
        conversation: UUID,
        direction: str | None = None,
        facets: Mapping[str, Aspect] | None = None,
    ) -> UUID:
        """Lay out a round's plan, once, from what was said and what the last plan carried over.

        A last plan that is open still, as plans once outlived their round, ends before it.
        """
        stream = plan_id(cycle, round)
        if await self._record.load(Plan, command.tenant, stream) is None:
            previous = await self._reader.plan_before(command.tenant, cycle, round)
            if previous is not None:
                await self._record.change(Plan, previous.id, command, lambda p: p.complete())
                previous = await self._record.load(Plan, command.tenant, previous.id)
            plan = Plan.draft(
                person=person,
                cycle=cycle,
                round=round,
                conversation=conversation,
                at=command.at,
                direction=direction,
                facets=facets,
                previous=previous,
            )
            await self._record.save(plan, command)
        return stream

    async def review_plan(self, command: Command, plan: UUID) -> None:
        """Bring a plan in force to its review, when the follow-up opens."""
        await self._record.change(Plan, plan, command, lambda p: p.review())

    async def complete_plan(self, command: Command, plan: UUID) -> None:
        """End a plan with its round."""
        await self._record.change(Plan, plan, command, lambda p: p.complete())

    async def release_promises(self, command: Command, plan: UUID) -> None:
        """Close a plan whose employee has left: what was promised in it is released."""
        await self._record.change(Plan, plan, command, lambda p: p.close())

    async def set_goal(self, command: Command, plan: UUID, goal: str, wanted: Goal) -> Answer:
        """Set a goal, or word it anew."""
        return await self._change(command, plan, lambda p, side: p.set_goal(goal, wanted, side))

    async def drop_goal(self, command: Command, plan: UUID, goal: str) -> Answer:
        """Take a goal out that nothing serves."""
        return await self._change(command, plan, lambda p, side: p.drop_goal(goal, side))

    async def plan_action(
        self, command: Command, plan: UUID, action: str, planned: Action
    ) -> Answer:
        """Plan an action that serves a goal, or change it; its mentor is looked up in the roster."""
        vault, mentor = self._record.vault, planned.mentor
        known = await vault.subject_of(command.tenant, mentor) if mentor else None
        named = replace(planned, mentored_by=known)
        return await self._change(command, plan, lambda p, side: p.plan_action(action, named, side))

    async def drop_action(
        self, command: Command, plan: UUID, action: str, comment: str | None
    ) -> Answer:
        """Take an action out of the plan."""
        return await self._change(
            command, plan, lambda p, side: p.drop_action(action, comment, side)
        )

    async def start_action(
        self, command: Command, plan: UUID, action: str, comment: str | None
    ) -> Answer:
        """Say that an action is under way."""
        return await self._report(
            command, plan, action, lambda p, side: p.start_action(action, comment, side)
        )

    async def finish_action(
        self, command: Command, plan: UUID, action: str, comment: str | None
    ) -> Answer:
        """Say that an action is done."""
        return await self._report(
            command, plan, action, lambda p, side: p.finish_action(action, comment, side)
        )

    async def leave_action_undone(
        self, command: Command, plan: UUID, action: str, comment: str | None
    ) -> Answer:
        """Say that an action was not done."""
        return await self._report(
            command, plan, action, lambda p, side: p.leave_action_undone(action, comment, side)
        )

    async def block_action(
        self, command: Command, plan: UUID, action: str, blocked_by: Owner, comment: str | None
    ) -> Answer:
        """Say that an action can't go on."""
        return await self._report(
            command, plan, action, lambda p, side: p.block_action(action, blocked_by, comment, side)
        )

    async def carry_over(
        self, command: Command, plan: UUID, action: str, comment: str | None
    ) -> Answer:
        """Let an action go on in the next round's plan."""
        return await self._change(
            command, plan, lambda p, side: p.carry_over(action, comment, side)
        )

    async def propose(self, command: Command, plan: UUID) -> Answer:
        """Put the present revision to the other side."""
        return await self._settle(command, plan, Plan.propose)

    async def agree(self, command: Command, plan: UUID) -> Answer:
        """Agree to the present revision."""
        return await self._settle(command, plan, Plan.agree)

    async def request_changes(self, command: Command, plan: UUID, comment: str | None) -> Answer:
        """Ask the other side for changes."""
        return await self._change(command, plan, lambda p, side: p.request_changes(side, comment))

    async def check_in(
        self, command: Command, plan: UUID, state: str, comment: str | None
    ) -> Answer:
        """Say how it goes."""
        return await self._change(command, plan, lambda p, side: p.check_in(state, comment, side))

    async def close(self, command: Command, plan: UUID) -> Answer:
        """Do without a plan, or end it early; the employee's to say."""

        async def by_employee(known: Plan) -> None:
            if command.by.subject != known.person:
                raise NotAllowed("Only the employee ends the plan; ask for changes instead.")

        return await self._change(command, plan, lambda p, _: p.close(), by_employee)

    async def _settle(self, command: Command, plan: UUID, decide: Settle) -> Answer:
        """Propose or agree, between the employee and whoever is the partner by then."""
        partner: list[tuple[UUID | None, datetime | None]] = []

        async def look_up(known: Plan) -> None:
            relations = await self._permission.relations_of(command.tenant, known.person)
            now = present(relations, command.at)
            partner[:] = [(now.partner, now.since) if now else (None, None)]

        def between(known: Plan, side: Side) -> None:
            decide(known, side, *partner[-1])

        return await self._change(command, plan, between, look_up)

    async def _report(self, command: Command, plan: UUID, action: str, decide: Decide) -> Answer:
        """Say what became of an action; of a promise, whoever sees it may."""
        return await self._change(command, plan, decide, action=action)

    async def _change(
        self,
        command: Command,
        plan: UUID,
        decide: Decide,
        permitted: Callable[[Plan], Awaitable[None]] | None = None,
        action: str | None = None,
    ) -> Answer:
        """Change a plan as one side; a version that is behind is answered with what has changed."""
        sides: list[Side] = []

        async def permit(known: Plan) -> None:
            promised = action is not None and action in known.promises
            thing = promise(known, action) if promised and action else whole(known)
            standing = await self._permission.require(command.by, "write", thing, command.at)
            sides.append("employee" if standing == "employee" else "partner")
            if permitted is not None:
                await permitted(known)
            if command.if_version not in {None, known.version}:
                raise Stale

        try:
            return await self._record.change(
                Plan, plan, command, lambda known: decide(known, sides[-1]), permit=permit
            )
        except Stale as stale:
            if command.if_version is None:
                raise
            raise await self._reader.stale(command, plan, command.if_version) from stale
