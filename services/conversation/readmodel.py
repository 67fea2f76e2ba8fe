"""Each person's conversations as a list, without anything that was said in them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from services.conversation.domain import Conversation
from shared.database import Connection, statements, within
from shared.eventstore.record import Record, Recorded

SQL = statements(__package__)
_STATES = {
    Conversation.Paused.TOPIC: "paused",
    Conversation.Resumed.TOPIC: "open",
    Conversation.Reopened.TOPIC: "open",
    Conversation.Concluded.TOPIC: "concluded",
    Conversation.Declined.TOPIC: "declined",
    Conversation.Closed.TOPIC: "closed",
}


class ConversationList:
    """Follows conversations, and lists a person's."""

    def __init__(self, record: Record) -> None:
        self._record = record

    async def apply(self, to: Connection, tenant: str, events: Sequence[Recorded]) -> None:
        """Take the next events of a tenant's log into account."""
        opened = []
        moved: dict[UUID, tuple[int, str | None]] = {}
        for recorded in events:
            row, event = recorded.row, recorded.event
            if isinstance(event, Conversation.Opened):
                place = (event.person, event.cycle, event.round, event.kind, row.position)
                opened.append((tenant, row.stream, *place))
            elif row.type.startswith("conversation."):
                _, state = moved.get(row.stream, (0, None))
                moved[row.stream] = (row.version, _STATES.get(row.type, state))
        await to.executemany(SQL["open"], opened)
        await to.executemany(SQL["move"], [(tenant, id_, *last) for id_, last in moved.items()])

    async def conversations_of(
        self, tenant: str, person: UUID, after: int, limit: int
    ) -> list[dict[str, Any]]:
        """A person's conversations, oldest first, one more than `limit` where there are more."""
        async with within(self._record.pool, tenant) as connection:
            found = await connection.fetch(
                SQL["conversations_of"], tenant, person, after, limit + 1
            )
        return [dict(row) for row in found]
