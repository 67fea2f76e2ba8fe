"""Each person's plans as a list, without the words in them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from services.planning.domain import Plan
from shared.database import Connection, statements, within
from shared.eventstore.record import Record, Recorded

SQL = statements(__package__)
_STATES = {
    Plan.Proposed.TOPIC: "proposed",
    Plan.Activated.TOPIC: "active",
    Plan.Reviewed.TOPIC: "under_review",
    Plan.Completed.TOPIC: "completed",
    Plan.Closed.TOPIC: "closed",
}


class PlanList:
    """Follows plans, and lists a person's."""

    def __init__(self, record: Record) -> None:
        self._record = record

    async def apply(self, to: Connection, tenant: str, events: Sequence[Recorded]) -> None:
        """Take the next events of a tenant's log into account."""
        drafted = []
        moved: dict[UUID, tuple[int, str | None, bool]] = {}
        for recorded in events:
            row, event = recorded.row, recorded.event
            if isinstance(event, Plan.Drafted):
                place = (event.person, event.cycle, event.round, row.position)
                drafted.append((tenant, row.stream, *place))
            elif row.type.startswith("plan."):
                _, state, proposed = moved.get(row.stream, (0, None, False))
                proposed = proposed or isinstance(event, Plan.Proposed)
                moved[row.stream] = (row.version, _STATES.get(row.type, state), proposed)
        await to.executemany(SQL["draft"], drafted)
        await to.executemany(SQL["move"], [(tenant, id_, *last) for id_, last in moved.items()])

    async def plans_of(
        self, tenant: str, person: UUID, after: int, limit: int, *, drafts: bool
    ) -> list[dict[str, Any]]:
        """A person's plans, oldest first, one more than `limit` where there are more."""
        async with within(self._record.pool, tenant) as connection:
            found = await connection.fetch(
                SQL["plans_of"], tenant, person, after, limit + 1, drafts
            )
        return [dict(row) for row in found]
