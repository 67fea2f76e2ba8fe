"""Who could see what of a person's on a past day: as the record knew it then, and as it knows now.

Then is what really was: whoever is named with `all` could read it that day. Now takes the relations by
the days from which and until which they held, also where that was recorded later: whom it would have
been open to, had everything been known in time. Cases and access requests are never backdated: both
take them as they stood that day.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol, TypeVar
from uuid import UUID

from services.access import Relation, Standing
from services.audit.application import Audit
from services.audit.film import text_of
from services.audit.readmodel import Timeline
from services.exhibits import Exhibit, Exhibits, Opening, Openings
from services.permission import decide
from shared.errors import NotFound
from shared.eventstore.record import Record
from shared.principal import Principal, person_of

_ROLES: tuple[Standing, ...] = ("hr", "auditor", "dpo", "ops", "platform", "admin")
_NOBODY_BY_NAME = ""
"""Stands for everybody of a role; no actor is called so, and no case is granted to them."""
FoundT = TypeVar("FoundT")


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
        openings: Mapping[str, Openings],
    ) -> None:
        self._record = record
        self._audit = audit
        self._timeline = timeline
        self._ties = ties
        self._exhibits = exhibits
        self._openings = openings

    async def visibility(self, by: Principal, person: str, at: datetime) -> dict[str, Any]:
        """Everything of a person's that there was, each with those who could see something of it."""
        await self._audit.require(by)
        subject = await self._record.vault.subject_of(by.tenant, person)
        if subject is None:
            raise NotFound
        then = await self._ties.relations_as_of(by.tenant, subject, at)
        now = await self._ties.relations_by_day(by.tenant, subject)
        streams = await self._timeline.streams_of(by.tenant, subject, at)
        things = await _gather(self._exhibits, by.tenant, streams, at)
        openings = await _gather(self._openings, by.tenant, streams, at)
        others = {relation.partner for relation in (*then, *now)} | _auditors(openings)
        names = await self._record.vault.people_of(by.tenant, {subject, *others})
        day = _Day(by.tenant, subject, at, openings, names)
        return {
            "person": person,
            "at": text_of(at),
            "partners": {"known_then": day.partners(then), "known_now": day.partners(now)},
            "things": [
                {
                    "artefact": thing.artefact,
                    "id": str(thing.id),
                    "part": thing.part,
                    "known_then": day.seen(thing, then),
                    "known_now": day.seen(thing, now),
                }
                for thing in things
            ],
        }


async def _gather(
    ask: Mapping[str, Callable[[str, UUID, datetime], Awaitable[list[FoundT]]]],
    tenant: str,
    streams: Iterable[tuple[UUID, str]],
    at: datetime,
) -> list[FoundT]:
    """What each stream answers that somebody is asked about."""
    known = [(stream, ask[kind]) for stream, kind in streams if kind in ask]
    return [found for stream, of in known for found in await of(tenant, stream, at)]


def _auditors(openings: Iterable[Opening]) -> set[UUID]:
    return {who for o in openings if o.exemption.to and (who := person_of(o.exemption.to))}


@dataclass(frozen=True)
class _Day:
    """A moment of one person's: what stood open by exception, and the ids of people."""

    tenant: str
    subject: UUID
    at: datetime
    openings: Sequence[Opening]
    names: Mapping[UUID, str]

    def seen(self, exhibit: Exhibit, relations: Sequence[Relation]) -> list[dict[str, Any]]:
        """Who could see something of it: how much, and on what ground."""
        opened = [opening for opening in self.openings if opening.covers(exhibit)]
        found = []
        for standing, viewer, who in self._viewers(relations, opened):
            ties = [o.exemption for o in opened if o.standing == standing]
            decision = decide(viewer, "read", exhibit.thing, (*relations, *ties), self.at)
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

    def partners(self, relations: Iterable[Relation]) -> list[dict[str, Any]]:
        """With whom they talked."""
        return [
            {
                "partner": self.names.get(relation.partner),
                "since": text_of(relation.since),
                "until": text_of(relation.until) if relation.until else None,
            }
            for relation in relations
            if relation.lasts_at(self.at)
        ]

    def _viewers(
        self, relations: Iterable[Relation], opened: Iterable[Opening]
    ) -> Iterator[tuple[Standing, Principal, str | None]]:
        yield "employee", self._somebody("employee", self.subject), self.names.get(self.subject)
        for partner in dict.fromkeys(relation.partner for relation in relations):
            yield "partner", self._somebody("partner", partner), self.names.get(partner)
        for role in _ROLES:
            yield role, self._somebody(role), None
        for actor in dict.fromkeys(o.exemption.to for o in opened if o.exemption.to):
            subject = person_of(actor)
            auditor = self._somebody("auditor", subject, actor.removeprefix("client:"))
            yield "auditor", auditor, self.names.get(subject, actor) if subject else actor

    def _somebody(
        self, role: Standing, subject: UUID | None = None, name: str = _NOBODY_BY_NAME
    ) -> Principal:
        return Principal(self.tenant, frozenset({role}), name, subject)
