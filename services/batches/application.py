"""The use cases of batches: request, look, cancel; for the workflow, who is next and what came of it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID, uuid4

from services.batches.domain import Batch, Unusable, place_of
from services.batches.readmodel import Candidates, Filter
from services.permission import Permission, Resource
from shared.database import within
from shared.errors import NotFound
from shared.eventstore.events import Event
from shared.eventstore.record import Answer, Command, Record
from shared.eventstore.sealing import Row
from shared.principal import Principal

SHOWN = 10_000
"""As many as one request can name. A filter may leave out more: those come page by page."""
_ID = re.compile(r"[A-Za-z0-9._@+-]{1,128}")
Mark = tuple[int, int]
"""Where somebody who was left out stands on record: the event's version, and the place in it."""
FIRST: Mark = (0, 0)
_EVENTS_AT_A_TIME = 50
_EVENTS_FROM = """
SELECT * FROM record.event
 WHERE tenant = $1 AND stream = $2 AND version >= $3::bigint
   AND type IN ('batches.requested', 'batches.progressed')
 ORDER BY version LIMIT $4
"""
_IS_CANCELLED = """
SELECT EXISTS (
  SELECT FROM record.event
   WHERE tenant = $1 AND stream = $2 AND version > $3 AND type = 'batches.cancelled'
)
"""


@dataclass(frozen=True)
class Wanted:
    """For whom cycles are to start: named people, or everybody whom a filter lets through."""

    people: Sequence[str] | None = None
    filter: Filter = field(default_factory=Filter)
    left_out: Sequence[str] = ()
    spread_over: str | None = None
    timezone: str = "UTC"
    dry_run: bool = False


@dataclass(frozen=True)
class Exclusion:
    """Who was left out, and why: by the place in the list that was sent, or by their key."""

    mark: Mark
    index: int | None
    subject: UUID | None
    reason: str


class Batches:
    """Takes requests for many people, and knows how far each has come."""

    def __init__(self, record: Record, permission: Permission, candidates: Candidates) -> None:
        self._record = record
        self._permission = permission
        self._candidates = candidates

    async def request_batch(self, command: Command, wanted: Wanted) -> Answer:
        """Take a request, whose work a workflow does. What can't be used is counted by its place."""
        await self._permission.require(command.by, "write", Resource("batch"), command.at)
        people: list[UUID] | None = None
        unusable: list[Unusable] = []
        if wanted.people is not None:
            people, unusable = await self._known(command.tenant, wanted.people)
            total = len(wanted.people)
        else:
            total = await self._candidates.count(command.tenant, wanted.filter)
        left_out, _ = await self._known(command.tenant, wanted.left_out)
        batch = Batch.request(
            uuid4(),
            command.at,
            people=None if people is None else tuple(people),
            unusable=tuple(unusable),
            department=wanted.filter.department,
            location=wanted.filter.location,
            legal_entity=wanted.filter.legal_entity,
            left_out=tuple(left_out),
            spread_over=wanted.spread_over,
            timezone=wanted.timezone,
            dry_run=wanted.dry_run,
            total=total,
        )
        return await self._record.save(batch, command, accepted=True)

    async def get_batch(self, by: Principal, batch: UUID) -> dict[str, Any]:
        """How far a batch has come, and who was left out for which reason: the first of them."""
        await self._permission.require(by, "read", Resource("batch"), self._record.clock.now())
        known = await self.batch_of(by.tenant, batch)
        found = await self._exclusions(by.tenant, batch, FIRST, SHOWN)
        return {**known.counts(), "exclusions": await self.named(by.tenant, found)}

    async def list_exclusions(
        self, by: Principal, batch: UUID, after: Mark, limit: int
    ) -> list[Exclusion]:
        """Who was left out after a mark, one more than `limit` where there are more; or `NotFound`."""
        await self._permission.require(by, "read", Resource("batch"), self._record.clock.now())
        return await self._exclusions(by.tenant, batch, after, limit + 1)

    async def named(self, tenant: str, found: Sequence[Exclusion]) -> list[dict[str, Any]]:
        """Who was left out, by the customer's ids as far as they are known."""
        ids = await self._record.vault.people_of(tenant, {e.subject for e in found if e.subject})
        return [
            {
                "index": each.index,
                "person": ids.get(each.subject) if each.subject else None,
                "reason": each.reason,
            }
            for each in found
        ]

    async def open_batches(self, by: Principal) -> list[Batch]:
        """The batches that are under way, newest first."""
        await self._permission.require(by, "read", Resource("batch"), self._record.clock.now())
        found = await self._candidates.open_batches(by.tenant)
        return [await self.batch_of(by.tenant, batch) for batch in reversed(found)]

    async def ended_batches(
        self, by: Principal, before: int, limit: int
    ) -> list[tuple[int, Batch]]:
        """Batches that are over, from before a position of the log, each with its own; newest first.

        One more than `limit` where there are more.
        """
        await self._permission.require(by, "read", Resource("batch"), self._record.clock.now())
        found = await self._candidates.ended_batches(by.tenant, before, limit + 1)
        return [(position, await self.batch_of(by.tenant, batch)) for position, batch in found]

    async def places(self, by: Principal) -> tuple[list[str], list[str], list[str]]:
        """What a filter can name: departments, locations and legal entities of the roster."""
        await self._permission.require(by, "write", Resource("batch"), self._record.clock.now())
        return await self._candidates.places(by.tenant)

    async def cancel_batch(self, command: Command, batch: UUID) -> Answer:
        """Start nobody's cycle any more."""
        await self._permission.require(command.by, "write", Resource("batch"), command.at)
        return await self._record.change(Batch, batch, command, Batch.cancel)

    async def batch_of(self, tenant: str, batch: UUID) -> Batch:
        """A batch, for the workflow that does its work. Raises `NotFound`."""
        known = await self._record.load(Batch, tenant, batch)
        if known is None:
            raise NotFound
        return known

    async def is_cancelled(self, tenant: str, batch: Batch) -> bool:
        """Whether it was cancelled since it was loaded, without loading it with all its people."""
        async with within(self._record.pool, tenant) as connection:
            return bool(await connection.fetchval(_IS_CANCELLED, tenant, batch.id, batch.version))

    async def next_people(
        self, tenant: str, batch: Batch, after: int, limit: int
    ) -> list[tuple[int, UUID]]:
        """Who comes after a place, in the order of the shuffle.

        Raises `Unavailable` while the lists are older than the request.
        """
        if batch.people is None:
            return await self._candidates.after(
                tenant, Filter(*batch.filter), after, limit, batch.id
            )
        places = sorted((place_of(person), person) for person in batch.people)
        return [each for each in places if each[0] > after][:limit]

    async def progress(
        self,
        command: Command,
        batch: UUID,
        reached: int,
        started: int,
        existing: int,
        excluded: Sequence[tuple[UUID, str]],
    ) -> None:
        """Put it on record up to where a batch has come."""
        await self._record.change(
            Batch, batch, command, lambda b: b.progress(reached, started, existing, excluded)
        )

    async def finish(self, command: Command, batch: UUID) -> None:
        """Everybody was dealt with."""
        await self._record.change(Batch, batch, command, Batch.finish)

    async def _exclusions(
        self, tenant: str, batch: UUID, after: Mark, limit: int
    ) -> list[Exclusion]:
        """Read from the event on in which the mark is, as far as is needed."""
        found: list[Exclusion] = []
        version = after[0]
        while len(found) < limit:
            async with within(self._record.pool, tenant) as connection:
                rows = await connection.fetch(
                    _EVENTS_FROM, tenant, batch, version, _EVENTS_AT_A_TIME
                )
            if not rows and version == after[0]:
                raise NotFound
            for one in self._record.read_facts([Row(*values) for values in rows]):
                found += [each for each in _exclusions_of(one.event) if each.mark > after]
            if len(rows) < _EVENTS_AT_A_TIME:
                break
            version = rows[-1]["version"] + 1
        return found[:limit]

    async def _known(self, tenant: str, people: Sequence[str]) -> tuple[list[UUID], list[Unusable]]:
        good = {person for person in people if _ID.fullmatch(person)}
        subjects = await self._record.vault.subjects_of(tenant, good)
        found: dict[UUID, None] = {}
        unusable: list[Unusable] = []
        for place, person in enumerate(people):
            subject = subjects.get(person)
            if person not in good:
                unusable.append((place, "malformed"))
            elif subject is None:
                unusable.append((place, "unknown"))
            elif subject in found:
                unusable.append((place, "twice"))
            else:
                found[subject] = None
        return list(found), unusable


def _exclusions_of(event: Event) -> list[Exclusion]:
    """What can't be used by its place in the list, of the request; people, of progress."""
    version = event.originator_version
    if isinstance(event, Batch.Requested):
        unusable = enumerate(event.unusable)
        return [Exclusion((version, n), place, None, why) for n, (place, why) in unusable]
    if isinstance(event, Batch.Progressed):
        excluded = enumerate(event.excluded)
        return [Exclusion((version, n), None, person, why) for n, (person, why) in excluded]
    return []
