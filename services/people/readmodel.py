"""The roster as a list. Names stay in the record; a row points at the event that holds them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from services.people.domain import Person
from shared.database import Connection, statements, within
from shared.eventstore.keys import Vault
from shared.eventstore.record import Record, Recorded
from shared.eventstore.sealing import Row

SQL = statements(__package__)
_OWN_COLUMNS = 3


class Roster:
    """Follows the events of people, and lists them."""

    def __init__(self, record: Record) -> None:
        self._record = record

    async def apply(self, to: Connection, tenant: str, events: Sequence[Recorded]) -> None:
        """Take the next events of a tenant's log into account."""
        mine = [recorded for recorded in events if recorded.row.type.startswith("people.")]
        names = await _names(self._record.vault, tenant, mine)
        for recorded in mine:
            await _apply_one(to, tenant, recorded, names.get(str(recorded.row.stream), ""))

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


async def _names(vault: Vault, tenant: str, events: Sequence[Recorded]) -> dict[str, str]:
    found = await vault.people_of(tenant, {recorded.row.stream for recorded in events})
    return {str(subject): person for subject, person in found.items()}


async def _apply_one(to: Connection, tenant: str, recorded: Recorded, person: str) -> None:
    row, event = recorded.row, recorded.event
    match event:
        case Person.Registered() | Person.ProfileChanged():
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
            )
        case Person.PartnerAssigned():
            await to.execute(SQL["set_partner"], tenant, row.stream, event.partner, row.version)
        case Person.Erased():
            await to.execute(SQL["forget"], tenant, row.stream)
        case Person.PartnerReleased():
            await to.execute(SQL["set_partner"], tenant, row.stream, None, row.version)


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
        "version": values["newest"],
    }
