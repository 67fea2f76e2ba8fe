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
from shared.errors import NotFound
from shared.eventstore.record import Answer, Command, Record
from shared.principal import Principal

_ID = re.compile(r"[A-Za-z0-9._@+-]{1,128}")
_IS_CANCELLED = """
SELECT EXISTS (
  SELECT FROM record.read_stream($1, $2, NULL, NULL) WHERE type = 'batches.cancelled'
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
        """How far a batch has come, and who was left out for which reason."""
        known = await self._record.load(Batch, by.tenant, batch)
        await self._permission.require(by, "read", Resource("batch"), self._record.clock.now())
        if known is None:
            raise NotFound
        names = await self._record.vault.people_of(by.tenant, {p for p, _ in known.excluded})
        exclusions = [{"index": at, "person": None, "reason": why} for at, why in known.unusable]
        exclusions += [
            {"index": None, "person": names.get(person), "reason": why}
            for person, why in known.excluded
        ]
        return {**known.counts(), "exclusions": exclusions}

    async def newest_batches(self, by: Principal, limit: int) -> list[Batch]:
        """The batches that were requested last, newest first."""
        await self._permission.require(by, "read", Resource("batch"), self._record.clock.now())
        found = await self._candidates.newest_batches(by.tenant, limit)
        return [await self.batch_of(by.tenant, batch) for batch in found]

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

    async def is_cancelled(self, tenant: str, batch: UUID) -> bool:
        """Whether nobody is to be started any more, without loading the batch with all its people."""
        return bool(await self._record.pool.fetchval(_IS_CANCELLED, tenant, batch))

    async def next_people(self, tenant: str, batch: Batch, limit: int) -> list[tuple[int, UUID]]:
        """Who comes after the last one who was dealt with, in the order of the shuffle.

        Raises `Unavailable` while the lists are older than the request.
        """
        if batch.people is None:
            return await self._candidates.after(
                tenant, Filter(*batch.filter), batch.reached, limit, batch.id
            )
        places = sorted((place_of(person), person) for person in batch.people)
        return [each for each in places if each[0] > batch.reached][:limit]

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
