"""The roster as a list. Names stay in the record; a row points at the event that holds them."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from typing import Any
from uuid import UUID

from services.people.domain import Person
from services.people.roster_feed import Feed
from shared.database import Connection, statements, within
from shared.eventstore.keys import Vault
from shared.eventstore.record import Record, Recorded
from shared.eventstore.sealing import Row

SQL = statements(__package__)
_OWN_COLUMNS = 4
_PAGE = 500


class Roster:
    """Follows the events of people, and lists them."""

    def __init__(self, record: Record) -> None:
        self._record = record

    async def apply(self, to: Connection, tenant: str, events: Sequence[Recorded]) -> None:
        """Take the next events of a tenant's log into account."""
        mine = [r for r in events if r.row.type.startswith(("people.", "feed."))]
        names = await _names(self._record.vault, tenant, mine)
        for recorded in mine:
            await _apply_one(to, tenant, recorded, names.get(str(recorded.row.stream)))

    async def list_people(
        self, tenant: str, after: str, limit: int, department: str | None, status: str | None
    ) -> list[dict[str, Any]]:
        """People in the order of their ids, one more than `limit` where there are more."""
        async with within(self._record.pool, tenant) as connection:
            found = await connection.fetch(
                SQL["list_people"], tenant, after, limit + 1, department, status
            )
        rows = [Row(*list(values)[_OWN_COLUMNS:]) for values in found]
        opened = await self._record.read_words(rows)
        partners = {values["partner"] for values in found if values["partner"]}
        names = await self._record.vault.people_of(tenant, partners)
        return [
            _listed(values, recorded, names.get(values["partner"]))
            for values, recorded in zip(found, opened, strict=True)
        ]

    async def departments(self, tenant: str) -> list[str]:
        """The departments of the roster."""
        async with within(self._record.pool, tenant) as connection:
            found = await connection.fetch(SQL["departments"], tenant)
        return [row["department"] for row in found]

    async def count_active(self, tenant: str, legal_entity: str | None) -> int:
        """How many people of a legal entity are active; None asks for those who have none."""
        async with within(self._record.pool, tenant) as connection:
            found: int = await connection.fetchval(SQL["count_active"], tenant, legal_entity)
        return found

    async def reports_of(self, tenant: str, partner: UUID) -> list[UUID]:
        """Whose conversation partner somebody is."""
        async with within(self._record.pool, tenant) as connection:
            found = await connection.fetch(SQL["reports_of"], tenant, partner)
        return [row["subject"] for row in found]

    async def stopped_feeds(self, tenant: str) -> list[dict[str, Any]]:
        """The legal entities whose feed waits for a person, and what it was about to do."""
        async with within(self._record.pool, tenant) as connection:
            found = await connection.fetch(SQL["stopped_feeds"], tenant)
        return [dict(row) for row in found]

    async def out_of_step(self, tenant: str) -> AsyncIterator[tuple[UUID, UUID | None]]:
        """People whose last day has passed without that being on record (with None), and people whose
        partner has left or was forgotten (with that partner): what a crash may leave behind."""
        after = UUID(int=0)
        while page := await self._page_out_of_step(tenant, after):
            for row in page:
                yield row["subject"], row["partner"]
            after = page[-1]["subject"]

    async def _page_out_of_step(self, tenant: str, after: UUID) -> list[Any]:
        async with within(self._record.pool, tenant) as connection:
            found: list[Any] = await connection.fetch(SQL["out_of_step"], tenant, after, _PAGE)
        return found


async def _names(vault: Vault, tenant: str, events: Sequence[Recorded]) -> dict[str, str]:
    found = await vault.people_of(tenant, {recorded.row.stream for recorded in events})
    return {str(subject): person for subject, person in found.items()}


async def _apply_one(to: Connection, tenant: str, recorded: Recorded, person: str | None) -> None:
    """`person` is None of whoever was forgotten further on in the log: no list has them any more."""
    row, event = recorded.row, recorded.event
    match event:
        case Person.Registered() | Person.ProfileChanged() if person is not None:
            await to.execute(
                SQL["put_profile"],
                tenant,
                row.stream,
                person,
                row.position,
                row.version,
                event.status,
                event.department,
                event.location,
                event.legal_entity,
                event.end_date,
            )
        case Person.PartnerAssigned():
            await to.execute(SQL["set_partner"], tenant, row.stream, event.partner, row.version)
        case Person.Erased():
            await to.execute(SQL["forget"], tenant, row.stream)
        case Person.PartnerReleased():
            await to.execute(SQL["set_partner"], tenant, row.stream, None, row.version)
        case Person.Left():
            await to.execute(SQL["set_left"], tenant, row.stream, event.on, row.version)
        case Person.Rejoined():
            await to.execute(SQL["set_left"], tenant, row.stream, None, row.version)
        case Feed.Watched():
            await to.execute(SQL["watch_feed"], tenant, row.stream, event.legal_entity)
        case Feed.Stopped():
            figures = (event.day, event.closings, event.people)
            await to.execute(SQL["stop_feed"], tenant, row.stream, *figures)
        case Feed.Released():
            await to.execute(SQL["stop_feed"], tenant, row.stream, None, 0, 0)
        case _ if row.type.startswith("people."):
            await to.execute(SQL["set_version"], tenant, row.stream, row.version)


def _listed(values: Any, recorded: Recorded, partner: str | None) -> dict[str, Any]:
    event = recorded.event
    assert isinstance(event, Person.Registered | Person.ProfileChanged)
    return {
        "person": values["person"],
        "name": event.name,
        "email": event.email,
        "partner": partner,
        "department": event.department,
        "location": event.location,
        "legal_entity": event.legal_entity,
        "timezone": event.timezone,
        "locale": event.locale,
        "status": event.status,
        "left_on": values["left_on"] and values["left_on"].isoformat(),
        "version": values["newest"],
    }
