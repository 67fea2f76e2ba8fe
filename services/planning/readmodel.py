"""Plans as lists: each person's, what was promised in them, and who mentors whom. No words in them."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from services.planning.content import ENDED
from services.planning.domain import Plan
from shared.database import Connection, statements, within
from shared.eventstore.events import fold
from shared.eventstore.record import Record, Recorded

SQL = statements(__package__)
_LIVE = frozenset({"active", "under_review"})


@dataclass(frozen=True)
class Wanted:
    """Which promises are asked for; None asks for all."""

    person: UUID | None = None
    promised_by: UUID | None = None
    owner: str | None = None
    state: str | None = None
    either: UUID | None = None
    """Whose own, and those that they made themselves."""


class PlanList:
    """Follows plans, and lists what is in them."""

    def __init__(self, record: Record) -> None:
        self._record = record

    async def apply(self, to: Connection, tenant: str, events: Sequence[Recorded]) -> None:
        """Take the next events of a tenant's log into account."""
        drafted, moved = [], set()
        for row, event in ((recorded.row, recorded.event) for recorded in events):
            if isinstance(event, Plan.Drafted):
                place = (event.person, event.cycle, event.round, row.position)
                drafted.append((tenant, row.stream, *place))
            elif row.type.startswith("plan."):
                moved.add(row.stream)
        await to.executemany(SQL["draft"], drafted)
        if moved:
            plans = await self._plans(tenant, sorted(moved), events[-1].row.position)
            states = [(tenant, p.id, p.version, p.state, p.proposed) for p in plans]
            await to.executemany(SQL["move"], states)
            await self._follow_agreed(to, tenant, plans)

    async def _plans(self, tenant: str, ids: Sequence[UUID], up_to: int) -> list[Plan]:
        """These plans as they stood at a position, without anybody's words."""
        rows = [r for r in await self._record.rows_of(tenant, ids) if r.position <= up_to]
        events = self._record.read_facts(rows)
        found = [fold([one.event for one in events if one.row.stream == plan]) for plan in ids]
        return [plan for plan in found if isinstance(plan, Plan)]

    async def _follow_agreed(self, to: Connection, tenant: str, plans: Sequence[Plan]) -> None:
        """Write anew what was promised in these plans and who mentors in them."""
        agreed = [plan for plan in plans if plan.in_force is not None]
        ids = [plan.id for plan in plans]
        await to.execute(SQL["forget_promises"], tenant, ids)
        await to.execute(SQL["forget_mentorships"], tenant, ids)
        await to.executemany(SQL["put_promise"], [r for p in agreed for r in _promises(tenant, p)])
        mentors = [row for plan in agreed for row in _mentorships(tenant, plan)]
        await to.executemany(SQL["put_mentorship"], mentors)

    async def plans_of(
        self, tenant: str, person: UUID, after: int, limit: int, *, drafts: bool
    ) -> list[dict[str, Any]]:
        """A person's plans, oldest first, one more than `limit` where there are more."""
        async with within(self._record.pool, tenant) as connection:
            found = await connection.fetch(
                SQL["plans_of"], tenant, person, after, limit + 1, drafts
            )
        return [dict(row) for row in found]

    async def promises(
        self, tenant: str, wanted: Wanted, after: tuple[UUID, str], limit: int
    ) -> list[dict[str, Any]]:
        """Promises in the order of plans and actions, one more than `limit` where there are more."""
        async with within(self._record.pool, tenant) as connection:
            found = await connection.fetch(
                SQL["promises"],
                tenant,
                *after,
                limit + 1,
                wanted.person,
                wanted.promised_by,
                wanted.owner,
                wanted.state,
                wanted.either,
            )
        return [dict(row) for row in found]

    async def mentees_of(self, tenant: str, mentors: Collection[UUID]) -> dict[UUID, int]:
        """How many people each of them mentors now; whoever mentors nobody is missing in it."""
        async with within(self._record.pool, tenant) as connection:
            found = await connection.fetch(SQL["mentees_of"], tenant, list(mentors))
        return {row["mentor"]: row["mentees"] for row in found}


def _promises(tenant: str, plan: Plan) -> list[tuple[Any, ...]]:
    return [
        (
            tenant,
            plan.id,
            name,
            plan.person,
            promised.owner,
            promised.by,
            promised.since,
            plan.agreed_actions[name].by,
            plan.agreed_actions[name].method,
            plan.promise_of(name),
        )
        for name, promised in plan.promises.items()
    ]


def _mentorships(tenant: str, plan: Plan) -> list[tuple[Any, ...]]:
    if plan.state not in _LIVE:
        return []
    return [
        (tenant, action.mentored_by, plan.id, name)
        for name, action in plan.agreed_actions.items()
        if action.mentored_by is not None and plan.state_of(name) not in ENDED
    ]
