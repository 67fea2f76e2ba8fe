"""The use cases of a plan, one method each: permit, load, decide, save."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

from services.permission import Permission, Resource
from services.planning.domain import Action, Goal, Owner, Plan, Side, plan_id
from shared.errors import NotAllowed, NotFound
from shared.eventstore.record import Answer, Command, Record
from shared.principal import Principal

Decide = Callable[[Plan, Side], None]


class Plans:
    """Drafts plans, and lets both sides change, agree and follow them."""

    def __init__(self, record: Record, permission: Permission) -> None:
        self._record = record
        self._permission = permission

    async def draft_plan(
        self,
        command: Command,
        *,
        person: UUID,
        cycle: UUID,
        round: int,
        conversation: UUID,
    ) -> UUID:
        """Lay out a round's plan, once."""
        stream = plan_id(cycle, round)
        if await self._record.load(Plan, command.tenant, stream) is None:
            plan = Plan.draft(
                person=person, cycle=cycle, round=round, conversation=conversation, at=command.at
            )
            await self._record.save(plan, command)
        return stream

    async def review_plan(self, command: Command, plan: UUID) -> None:
        """Bring a plan in force to its review, when the follow-up opens."""
        await self._record.change(Plan, plan, command, lambda p: p.review())

    async def complete_plan(self, command: Command, plan: UUID) -> None:
        """End a plan with its round."""
        await self._record.change(Plan, plan, command, lambda p: p.complete())

    async def release_plan(self, command: Command, plan: UUID) -> None:
        """End a plan with its cycle: whatever was promised is released."""
        await self._record.change(Plan, plan, command, lambda p: p.close())

    async def get_plan(self, by: Principal, plan: UUID) -> Plan:
        """A plan, for whoever may see it: the employee alone until it was first proposed."""
        known = await self._record.load(Plan, by.tenant, plan)
        if known is None:
            raise NotFound
        resource = Resource("plan", known.person, proposed=known.proposed)
        await self._permission.require(by, "read", resource, known.at)
        return known

    async def set_goal(self, command: Command, plan: UUID, goal: str, wanted: Goal) -> Answer:
        """Set a goal, or word it anew."""
        return await self._change(command, plan, lambda p, _: p.set_goal(goal, wanted))

    async def plan_action(
        self, command: Command, plan: UUID, action: str, planned: Action
    ) -> Answer:
        """Plan an action that serves a goal, or change it."""
        return await self._change(command, plan, lambda p, _: p.plan_action(action, planned))

    async def start_action(
        self, command: Command, plan: UUID, action: str, comment: str | None
    ) -> Answer:
        """Say that an action is under way."""
        return await self._change(command, plan, lambda p, _: p.start_action(action, comment))

    async def finish_action(
        self, command: Command, plan: UUID, action: str, comment: str | None
    ) -> Answer:
        """Say that an action is done."""
        return await self._change(command, plan, lambda p, _: p.finish_action(action, comment))

    async def leave_action_undone(
        self, command: Command, plan: UUID, action: str, comment: str | None
    ) -> Answer:
        """Say that an action was not done."""
        return await self._change(
            command, plan, lambda p, _: p.leave_action_undone(action, comment)
        )

    async def block_action(
        self, command: Command, plan: UUID, action: str, blocked_by: Owner, comment: str | None
    ) -> Answer:
        """Say that an action can't go on."""
        return await self._change(
            command, plan, lambda p, _: p.block_action(action, blocked_by, comment)
        )

    async def drop_action(
        self, command: Command, plan: UUID, action: str, comment: str | None
    ) -> Answer:
        """Take an action out of the plan."""
        return await self._change(command, plan, lambda p, _: p.drop_action(action, comment))

    async def propose(self, command: Command, plan: UUID) -> Answer:
        """Put the present revision to the other side."""
        return await self._change(command, plan, lambda p, side: p.propose(side))

    async def agree(self, command: Command, plan: UUID) -> Answer:
        """Agree to the present revision."""
        return await self._change(command, plan, lambda p, side: p.agree(side))

    async def request_changes(self, command: Command, plan: UUID, comment: str | None) -> Answer:
        """Ask the other side for changes."""
        return await self._change(command, plan, lambda p, side: p.request_changes(side, comment))

    async def check_in(
        self, command: Command, plan: UUID, state: str, comment: str | None
    ) -> Answer:
        """Say how it goes."""
        return await self._change(command, plan, lambda p, _: p.check_in(state, comment))

    async def close(self, command: Command, plan: UUID) -> Answer:
        """Do without a plan, or end it early; the employee's to say."""

        def by_employee(plan_: Plan, side: Side) -> None:
            if side != "employee":
                raise NotAllowed("Only the employee ends the plan; ask for changes instead.")
            plan_.close()

        return await self._change(command, plan, by_employee)

    async def _change(self, command: Command, plan: UUID, decide: Decide) -> Answer:
        sides: list[Side] = []

        async def permit(known: Plan) -> None:
            resource = Resource("plan", known.person, proposed=known.proposed)
            standing = await self._permission.require(command.by, "write", resource, command.at)
            sides.append("employee" if standing == "employee" else "partner")

        return await self._record.change(
            Plan, plan, command, lambda p: decide(p, sides[-1]), permit=permit
        )
