"""An index over the log: which positions concern a person, a cycle or an actor, or name somebody."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from services.naming import named_in
from shared.database import Connection, statements, within
from shared.eventstore.record import Record, Recorded
from shared.eventstore.sealing import Row

_PAGE = 1_000
SQL = statements(__package__)


@dataclass(frozen=True)
class Wanted:
    """Which part of the timeline is asked for; None asks for all."""

    person: UUID | None = None
    cycle: UUID | None = None
    actor: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    kind: str | None = None
    """A topic (`plan.agreed`), or all of one kind of stream (`plan`)."""


class Timeline:
    """Follows everything, and finds the events of somebody or something in their order."""

    def __init__(self, record: Record) -> None:
        self._record = record

    async def apply(self, to: Connection, tenant: str, events: Sequence[Recorded]) -> None:
        """Index the next events of a tenant's log."""
        await to.execute(
            SQL["add"],
            tenant,
            [recorded.row.position for recorded in events],
            [recorded.meta.subject for recorded in events],
            [recorded.meta.correlation for recorded in events],
            [recorded.meta.actor for recorded in events],
            [recorded.row.type for recorded in events],
            [recorded.row.at for recorded in events],
        )
        named = [
            (each.who, recorded.row.position)
            for recorded in events
            for each in named_in(recorded.row.type, recorded.event)
            if each.who != recorded.meta.subject
        ]
        if named:
            await to.execute(SQL["name"], tenant, *map(list, zip(*named, strict=True)))

    async def disclosures_of(
        self, tenant: str, person: UUID, before: int, limit: int
    ) -> list[Recorded]:
        """Who read a person's words, newest first, one more than `limit` where there are more."""
        async with within(self._record.pool, tenant) as connection:
            found = await connection.fetch(SQL["disclosures"], tenant, person, before, limit + 1)
        return self._record.read_facts([Row(*values) for values in found])

    async def newest(
        self, tenant: str, type_: str, before: int, limit: int, unless: Sequence[str] = ()
    ) -> list[Recorded]:
        """Events of one type, newest first, one more than `limit` where there are more.

        Left out are those in whose stream an event of a type in `unless` came later.
        """
        async with within(self._record.pool, tenant) as connection:
            found = await connection.fetch(
                SQL["newest"], tenant, type_, before, limit + 1, list(unless)
            )
        return self._record.read_facts([Row(*values) for values in found])

    async def find(self, tenant: str, wanted: Wanted, after: int, limit: int) -> list[Recorded]:
        """Events after a position, one more than `limit` where there are more; without words."""
        async with within(self._record.pool, tenant) as connection:
            found = await connection.fetch(
                SQL["timeline"],
                tenant,
                after,
                limit + 1,
                wanted.person,
                wanted.cycle,
                wanted.actor,
                wanted.since,
                wanted.until,
                wanted.kind,
            )
        return self._record.read_facts([Row(*values) for values in found])

    async def pages(self, tenant: str, wanted: Wanted) -> AsyncIterator[list[Recorded]]:
        """All that is wanted, some hundred at a time, so that any length has room."""
        after = 0
        while found := (await self.find(tenant, wanted, after, _PAGE))[:_PAGE]:
            yield found
            after = found[-1].row.position

    async def written_before(self, tenant: str, moment: datetime) -> AsyncIterator[UUID]:
        """The bundles that were written before a moment."""
        async for found in self.pages(tenant, Wanted(kind="exports.written", until=moment)):
            for each in found:
                yield each.row.stream

    async def back_from_newest(
        self, tenant: str, type_: str, unless: Sequence[str] = ()
    ) -> AsyncIterator[Recorded]:
        """Events of one type as `newest` finds them, however many there are."""
        before = 2**62
        while found := (await self.newest(tenant, type_, before, _PAGE, unless))[:_PAGE]:
            for each in found:
                yield each
            before = found[-1].row.position

    def unwritten_exports(self, tenant: str) -> AsyncIterator[Recorded]:
        """The requests of bundles that aren't written yet, newest first."""
        return self.back_from_newest(tenant, "exports.requested", ("exports.written",))

    async def acts_of(self, tenant: str, subject: UUID) -> AsyncIterator[list[Recorded]]:
        """What a person did in what is about others, some hundred events at a time."""
        async for found in self.pages(tenant, Wanted(actor=f"person:{subject}")):
            yield [each for each in found if each.meta.subject != subject]

    async def naming(self, tenant: str, person: UUID) -> list[Recorded]:
        """The events that name a person beside whom they are about, in their order; without words."""
        async with within(self._record.pool, tenant) as connection:
            found = await connection.fetch(SQL["naming"], tenant, person)
        return self._record.read_facts([Row(*values) for values in found])

    async def streams_of(
        self, tenant: str, person: UUID, until: datetime
    ) -> list[tuple[UUID, str]]:
        """The streams about a person that had begun by a moment, each with its kind."""
        async with within(self._record.pool, tenant) as connection:
            found = await connection.fetch(SQL["streams_of"], tenant, person, until)
        return [(row["stream"], row["kind"]) for row in found]
