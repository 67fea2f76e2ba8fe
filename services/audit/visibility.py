"""Who could see what of a person's on a past day: as the record knew it then, and as it knows now.

Then is what really was: whoever is named with `all` could read it that day. Now takes the relations by
the days from which and until which they held, also where that was recorded later: whom it would have
been open to, had everything been known in time.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, Protocol
from uuid import UUID

from services.access import Relation
from services.audit.application import Audit
from services.audit.film import text_of
from services.audit.readmodel import Timeline
from services.exhibits import Exhibit, Exhibits
from services.permission import decide
from shared.errors import NotFound
from shared.eventstore.record import Record
from shared.principal import Principal

_ROLES = ("hr", "auditor", "dpo", "ops", "platform", "admin")


class Ties(Protocol):
    """Who was whose conversation partner when."""

    async def relations_as_of(self, tenant: str, subject: UUID, moment: datetime) -> list[Relation]:
        """As it was on record at a moment."""
        ...

    async def relations_by_day(self, tenant: str, subject: UUID) -> list[Relation]:
        """As it is known today, by the days from which and until which it held."""
        ...


class Visibility:
    """Asks the permission function about a past day."""

    def __init__(
        self,
        record: Record,
        audit: Audit,
        timeline: Timeline,
        ties: Ties,
        exhibits: Mapping[str, Exhibits],
    ) -> None:
        self._record = record
        self._audit = audit
        self._timeline = timeline
        self._ties = ties
        self._exhibits = exhibits

    async def visibility(self, by: Principal, person: str, at: datetime) -> dict[str, Any]:
        """Everything of a person's that there was, each with those who could see something of it."""
        await self._audit.require(by)
        subject = await self._record.vault.subject_of(by.tenant, person)
        if subject is None:
            raise NotFound
        then = await self._ties.relations_as_of(by.tenant, subject, at)
        now = await self._ties.relations_by_day(by.tenant, subject)
        others = {relation.partner for relation in (*then, *now)}
        names = await self._record.vault.people_of(by.tenant, {subject, *others})
        shown = [
            {
                "artefact": exhibit.artefact,
                "id": str(exhibit.id),
                "part": exhibit.part,
                "known_then": _seen(by.tenant, exhibit, subject, then, at, names),
                "known_now": _seen(by.tenant, exhibit, subject, now, at, names),
            }
            for exhibit in await self._things(by.tenant, subject, at)
        ]
        partners = {
            "known_then": _partners(then, at, names),
            "known_now": _partners(now, at, names),
        }
        return {"person": person, "at": text_of(at), "partners": partners, "things": shown}

    async def _things(self, tenant: str, subject: UUID, at: datetime) -> list[Exhibit]:
        found = []
        for stream, kind in await self._timeline.streams_of(tenant, subject, at):
            if kind in self._exhibits:
                found += await self._exhibits[kind](tenant, stream, at)
        return found


def _seen(
    tenant: str,
    exhibit: Exhibit,
    subject: UUID,
    relations: Sequence[Relation],
    at: datetime,
    names: Mapping[UUID, str],
) -> list[dict[str, Any]]:
    """Who could see something of it: how much, and on what ground."""
    found = []
    for viewer, who in _viewers(tenant, subject, relations, names):
        decision = decide(viewer, "read", exhibit.thing, relations, at)
        if decision.standing is not None:
            found.append(
                {
                    "who": who,
                    "standing": decision.standing,
                    "fields": decision.fields,
                    "ground": decision.reason,
                }
            )
    return found


def _viewers(
    tenant: str, subject: UUID, relations: Iterable[Relation], names: Mapping[UUID, str]
) -> list[tuple[Principal, str | None]]:
    partners = dict.fromkeys(relation.partner for relation in relations)
    employee = Principal(tenant, frozenset({"employee"}), "employee", subject)
    return [
        (employee, names.get(subject)),
        *(
            (Principal(tenant, frozenset({"partner"}), "partner", partner), names.get(partner))
            for partner in partners
        ),
        *((Principal(tenant, frozenset({role}), role), None) for role in _ROLES),
    ]


def _partners(
    relations: Iterable[Relation], at: datetime, names: Mapping[UUID, str]
) -> list[dict[str, Any]]:
    return [
        {
            "partner": names.get(relation.partner),
            "since": text_of(relation.since),
            "until": text_of(relation.until) if relation.until else None,
        }
        for relation in relations
        if relation.lasts_at(at)
    ]
