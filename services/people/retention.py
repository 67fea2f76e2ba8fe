"""What is kept no longer than the policy says: words, then the link to the person, by legal entity.

Whoever is under a legal hold stays. Until the policy sets `retention_on`, it is only counted.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Self, get_args
from uuid import UUID, uuid5

from eventsourcing.domain import event

from services.people.application import People
from services.people.certificate import Depth
from services.people.keeping import Hold, Keeping, Place
from services.permission import Permission, Resource
from shared.database import within
from shared.errors import Stale
from shared.eventstore.events import Aggregate, Created
from shared.eventstore.record import Command, Record
from shared.periods import before, rfc3339
from shared.principal import Principal

KINDS: tuple[Depth, ...] = get_args(Depth)
_RUNS = UUID("0a8f6f0e-5c3a-5d0e-9a55-6f2b8f0f7b41")
_PAGE = 200


@dataclass(frozen=True)
class Times:
    """For how long after the last day each kind is kept, as ISO 8601 periods; and whether it is done."""

    on: bool
    words: str
    link: str
    by_entity: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    bundles: str = "P90D"

    def last_day(self, kind: Depth, legal_entity: str | None, today: date) -> date:
        """Whoever's last day was that one or before is over the time."""
        own = self.by_entity.get(legal_entity or "", {})
        return before(today, own.get(kind) or getattr(self, kind))


@dataclass(frozen=True)
class Listed:
    """A hold as it is answered, and where it stands in the list."""

    place: str
    hold: dict[str, Any]


TimesOf = Callable[[str], Awaitable[Times]]
Beat = Callable[[], None]


class RetentionRun(Aggregate):
    """One run in a tenant: how many were over, and what was done."""

    TOPIC = "retention"

    class Completed(Created, frozen=True, kw_only=True):
        """`done` is false for a dry run; `held` are those whom a hold has kept."""

        TOPIC = "retention.completed"
        day: date
        done: bool
        words: int
        link: int
        held: int
        bundles: int

    @classmethod
    def complete(cls, tenant: str, run: str, at: datetime, **counts: Any) -> Self:
        """Report what a run came to; it is the same one at each attempt."""
        return cls.begin(uuid5(_RUNS, f"{tenant} {run}"), at, day=at.date(), **counts)

    @event(Completed)
    def __init__(self) -> None:
        pass

    @property
    def subject(self) -> None:
        return None


class Retention:
    """Counts what is over its time, and lets it be forgotten."""

    def __init__(
        self,
        record: Record,
        permission: Permission,
        people: People,
        keeping: Keeping,
        times_of: TimesOf,
    ) -> None:
        self._record = record
        self._permission = permission
        self._people = people
        self._keeping = keeping
        self._times_of = times_of

    async def preview(self, by: Principal) -> dict[str, Any]:
        """What a run would come to now, by kind and legal entity."""
        now = self._record.clock.now()
        await self._permission.require(by, "read", Resource("retention"), now)
        times = await self._times_of(by.tenant)
        return {"on": times.on, "items": await self._counts(by.tenant, times), "next": None}

    async def list_holds(self, by: Principal, after: Place, limit: int) -> list[Listed]:
        """Legal holds, those first whose review is due; one more than `limit` where there are more."""
        now = self._record.clock.now()
        await self._permission.require(by, "read", Resource("retention"), now)
        holds = await self._keeping.holds(by.tenant, after, limit)
        concerned = {hold.subject for hold in holds} | {hold.owner for hold in holds if hold.owner}
        names = await self._record.vault.people_of(by.tenant, concerned)
        return [Listed(hold.place, _told(hold, names, now.date())) for hold in holds]

    async def count_over(self, tenant: str) -> dict[str, int]:
        """How many people are over the time of each kind, and how many are held in all.

        Whoever is held over the longer time is held over the shorter one too, and is one person.
        """
        found: Counter[str] = Counter(words=0, link=0)
        held: Counter[str | None] = Counter()
        for each in await self._counts(tenant, await self._times_of(tenant)):
            found[each["kind"]] += each["over"]
            held[each["legal_entity"]] = max(held[each["legal_entity"]], each["held"])
        return {**found, "held": held.total()}

    async def erase_over(self, command: Command, beat: Beat) -> None:
        """Forget everybody who is over the time of a kind and under no hold; safe to repeat."""
        times = await self._times_of(command.tenant)
        if not times.on:
            return
        for legal_entity in await self._keeping.entities(command.tenant):
            for kind in KINDS:
                last = times.last_day(kind, legal_entity, command.at.date())
                await self._erase(command, legal_entity, last, kind, beat)

    async def log_size(self, tenant: str) -> int:
        """How long a tenant's log is now."""
        async with within(self._record.pool, tenant) as connection:
            size: int = await connection.fetchval(_LOG_SIZE, tenant)
        return size

    async def done_by(self, command: Command, since: int) -> dict[str, int]:
        """What a run came to, as it is on record after a position: people by kind, and `bundles`.

        It is known by the command's cause, so that attempts that were cut off count too.
        """
        done: Counter[str] = Counter(words=0, link=0, bundles=0)
        async with within(self._record.pool, command.tenant) as connection:
            found = await connection.fetch(_DONE, command.tenant, since, command.cause)
        done.update({row["kind"]: row["number"] for row in found})
        return dict(done)

    async def bundles_until(self, tenant: str) -> datetime:
        """Bundles that were written before are kept no longer."""
        times = await self._times_of(tenant)
        return before(self._record.clock.now(), times.bundles)

    async def report(self, command: Command, run: str, *, done: bool, **counts: int) -> None:
        """Put on record what a run came to; nothing to tell is nothing new."""
        if not any(counts.values()):
            return
        completed = RetentionRun.complete(command.tenant, run, command.at, done=done, **counts)
        try:
            await self._record.save(completed, command)
        except Stale:
            return  # this run's is on record already

    async def _erase(
        self, command: Command, legal_entity: str | None, last: date, kind: Depth, beat: Beat
    ) -> None:
        for subject in await self._keeping.over(command.tenant, legal_entity, last, kind, _PAGE):
            beat()
            await self._people.erase_over(command, subject, last, kind)

    async def _counts(self, tenant: str, times: Times) -> list[dict[str, Any]]:
        today = self._record.clock.now().date()
        found = []
        for legal_entity in await self._keeping.entities(tenant):
            for kind in KINDS:
                last = times.last_day(kind, legal_entity, today)
                counted = await self._keeping.count_over(tenant, legal_entity, last, kind)
                found.append(
                    {
                        "legal_entity": legal_entity,
                        "kind": kind,
                        "left_by": last.isoformat(),
                        "over": counted.over,
                        "held": counted.held,
                    }
                )
        return found


def _told(hold: Hold, names: Mapping[UUID, str], today: date) -> dict[str, Any]:
    return {
        "person": names.get(hold.subject),
        "reason": hold.reason,
        "owner": names.get(hold.owner) if hold.owner else None,
        "since": rfc3339(hold.since),
        "review": hold.review and hold.review.isoformat(),
        "due": hold.review is None or hold.review <= today,
    }


_LOG_SIZE = "SELECT log_size FROM record.tenant WHERE tenant = $1"
_DONE = """
SELECT coalesce(convert_from(facts, 'UTF8')::jsonb ->> 'depth', 'bundles') AS kind,
       count(DISTINCT stream) AS number
  FROM record.event
 WHERE tenant = $1 AND position > $2 AND type IN ('people.erased', 'exports.removed')
   AND convert_from(meta, 'UTF8')::jsonb ->> 'cause' = $3
 GROUP BY 1
"""
