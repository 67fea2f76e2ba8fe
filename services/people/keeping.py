"""Who has left when and is under which hold: what retention goes by. No names in it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from services.people.certificate import Depth
from services.people.domain import Person
from shared.database import Connection, statements, within
from shared.eventstore.record import Record, Recorded

SQL = statements(__package__, "keeping.sql")
Place = tuple[date, UUID]
"""Where a list of holds goes on after."""
_NEVER = date.min
"""Which stands for -infinity in the database: what has no day comes first."""
FIRST: Place = (_NEVER, UUID(int=0))


@dataclass(frozen=True)
class Hold:
    """A record that is kept for a legal reason: who answers for it, and when it is looked at again."""

    subject: UUID
    reason: str
    owner: UUID | None
    since: datetime
    review: date | None

    @property
    def place(self) -> str:
        """Where it stands in the list, as a cursor holds it."""
        return f"{(self.review or _NEVER).isoformat()}/{self.subject}"


def place_of(text: str) -> Place:
    """A place in the list of holds; raises `ValueError` for what can't be one."""
    review, _, subject = text.partition("/")
    return date.fromisoformat(review), UUID(subject)


@dataclass(frozen=True)
class Over:
    """How many people of a legal entity are over the time of a kind, and how many more are held."""

    over: int
    held: int


class Keeping:
    """Follows last days, holds and erasures."""

    def __init__(self, record: Record) -> None:
        self._record = record

    async def apply(self, to: Connection, tenant: str, events: Sequence[Recorded]) -> None:
        """Take the next events of a tenant's log into account."""
        for recorded in events:
            if recorded.row.type.startswith("people."):
                await _apply_one(to, tenant, recorded)

    async def entities(self, tenant: str) -> list[str | None]:
        """The legal entities that people have left who aren't wholly forgotten."""
        async with within(self._record.pool, tenant) as connection:
            return [row["legal_entity"] for row in await connection.fetch(SQL["entities"], tenant)]

    async def over(
        self, tenant: str, legal_entity: str | None, last: date, kind: Depth, limit: int
    ) -> list[UUID]:
        """Whose last day was that one or before, and who is under no hold; those who left first."""
        async with within(self._record.pool, tenant) as connection:
            found = await connection.fetch(SQL["over"], tenant, legal_entity, last, kind, limit)
        return [row["subject"] for row in found]

    async def count_over(
        self, tenant: str, legal_entity: str | None, last: date, kind: Depth
    ) -> Over:
        """How many those are, and how many are held."""
        async with within(self._record.pool, tenant) as connection:
            row = await connection.fetchrow(SQL["count_over"], tenant, legal_entity, last, kind)
        assert row is not None
        return Over(row["over"], row["held"])

    async def unfinished(self, tenant: str) -> list[UUID]:
        """Whose erasure is on record and isn't done: something of it was begun, or nothing at all."""
        async with within(self._record.pool, tenant) as connection:
            return [row["subject"] for row in await connection.fetch(SQL["unfinished"], tenant)]

    async def holds(self, tenant: str, after: Place, limit: int) -> list[Hold]:
        """Holds, those first whose review is due; one more than `limit` where there are more."""
        async with within(self._record.pool, tenant) as connection:
            found = await connection.fetch(SQL["holds"], tenant, *after, limit + 1)
        return [Hold(*row.values()) for row in found]


async def _apply_one(to: Connection, tenant: str, recorded: Recorded) -> None:
    where = (tenant, recorded.row.stream)
    match recorded.event:
        case Person.Registered(legal_entity=entity) | Person.ProfileChanged(legal_entity=entity):
            await to.execute(SQL["put_entity"], *where, entity)
        case Person.Left(on=on):
            await to.execute(SQL["set_left"], *where, on)
        case Person.Rejoined():
            await to.execute(SQL["set_left"], *where, None)
        case Person.HoldPlaced(reason=reason, owner=owner, review=review):
            await to.execute(SQL["set_hold"], *where, reason, owner, recorded.row.at, review)
        case Person.HoldReleased():
            await to.execute(SQL["set_hold"], *where, None, None, None, None)
        case Person.Erased(depth=depth):
            await to.execute(SQL["set_erased"], *where, depth)
