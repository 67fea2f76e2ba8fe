"""The figures: who stands where, what was offered, and what plans work with, kept up with each event."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import date, datetime
from typing import Any, Literal, NamedTuple
from uuid import UUID

import msgspec
from asyncpg import Range

from services.insights import practice, standing
from services.insights.practice import Practice
from services.insights.standing import DIMENSIONS, Dimension, Standing, Tallied
from services.insights.suppression import Behind, Cell
from shared.database import Connection, statements, within
from shared.eventstore.record import Record, Recorded

SQL = statements(__package__)
Compared = Literal["consistency", "promises"]
METHODS = (
    "job_enrichment", "stretch_assignment", "mentoring", "coaching", "other", "with_a_mentor",
)  # fmt: skip
TOPICS = standing.CHANGES.keys() | practice.CHANGES.keys() | {
    "people.erased", "plan.drafted", "conversation.meeting_confirmed", "conversation.meeting_waived",
}  # fmt: skip
_OPENED = frozenset({"cycles.conversation_opened", "cycles.follow_up_opened"})
_MET = {"conversation.meeting_confirmed": "held", "conversation.meeting_waived": "waived"}
_ENDED = {
    "conversation.concluded": "concluded",
    "conversation.declined": "declined",
    "conversation.rested": "rested",
    "conversation.closed": "closed",
    "conversation.reopened": "open",
}


class Offered(NamedTuple):
    """Those to whom an offer was made, and how many of them concluded, met, and waived the meeting."""

    behind: Behind
    concluded: int
    met: int
    without_meeting: int


class Owed(NamedTuple):
    """Those to whom an offer was made or owed, and how many of them were forgotten."""

    behind: Behind
    forgotten: int


class Figures:
    """Follows everything that is counted."""

    def __init__(self, record: Record) -> None:
        self._record = record

    async def apply(self, to: Connection, tenant: str, events: Sequence[Recorded]) -> None:
        """Take the next events of a tenant's log into account."""
        mine = [recorded for recorded in events if recorded.row.type in TOPICS]
        if mine:
            await self._follow_people(to, tenant, mine)
            await self._follow_conversations(to, tenant, mine)
            await self._follow_plans(to, tenant, mine)
            for gone in (r.row.stream for r in mine if r.row.type == "people.erased"):
                await to.execute(SQL["forget"], tenant, gone)

    async def coverage(
        self, tenant: str, dimension: Dimension, since: date
    ) -> tuple[dict[Cell, int], list[dict[str, Any]]]:
        """How many people each place has, and how many of each group stand where, counting what ended
        since a month; both as of one moment."""
        async with within(self._record.pool, tenant, isolation="repeatable_read") as connection:
            places = await connection.fetch(SQL["places"], tenant)
            groups = await connection.fetch(SQL["coverage"], tenant, dimension, since)
        return {_cell(row): row["people"] for row in places}, [dict(row) for row in groups]

    async def offered(self, tenant: str, since: datetime) -> dict[Cell, Offered]:
        """To whom of each place something was offered since a moment."""
        found = await self._fetch("offered", tenant, since)
        return {
            _cell(row): Offered(_behind(row), row["concluded"], row["met"], row["without_meeting"])
            for row in found
        }

    async def promised(self, tenant: str, since: datetime) -> dict[Cell, Behind]:
        """To whom of each place something was promised since a moment."""
        found = await self._fetch("promised", tenant, since)
        return {_cell(row): _behind(row) for row in found}

    async def owed(
        self, tenant: str, since: datetime, due: datetime, now: datetime
    ) -> dict[Cell, Owed]:
        """Who of each place was offered something since a moment, or never though it was due by then and
        they weren't away from then until now."""
        found = await self._fetch("owed", tenant, since, due, now)
        return {_cell(row): Owed(_behind(row), row["forgotten"]) for row in found}

    async def methods(self, tenant: str, since: datetime) -> dict[Cell, dict[str, int]]:
        """How many people of each place have a plan, and how many work with which method."""
        found = await self._fetch("methods", tenant, since)
        return {_cell(row): {name: row[name] for name in ("people", *METHODS)} for row in found}

    async def groups(
        self,
        what: Compared,
        tenant: str,
        since: datetime,
        dimension: str,
    ) -> list[dict[str, Any]]:
        """The figures of each group, and of all together."""
        return await self._fetch(what, tenant, since, dimension)

    async def _fetch(self, query: str, tenant: str, *values: object) -> list[dict[str, Any]]:
        async with within(self._record.pool, tenant) as connection:
            return [dict(row) for row in await connection.fetch(SQL[query], tenant, *values)]

    async def _follow_people(self, to: Connection, tenant: str, events: list[Recorded]) -> None:
        people = {who for recorded in events if (who := _whose(recorded))}
        found = await to.fetch(SQL["standings"], tenant, list(people))
        known = [msgspec.json.decode(row["standing"], type=Standing) for row in found]
        by_person = {each.person: each for each in known}
        moved: Counter[Tallied] = Counter()
        moved.subtract(each.tallied for each in known if each.tallied)
        offers = []
        for recorded in events:
            one = _move(by_person, recorded)
            if one is not None and recorded.row.type in _OPENED:
                offers.append(_offer(tenant, one, recorded))
        moved.update(each.tallied for each in by_person.values() if each.tallied)
        await to.executemany(SQL["put_standing"], [_row(tenant, one) for one in by_person.values()])
        await to.executemany(SQL["offer"], offers)
        await _tally(to, tenant, {key: by for key, by in moved.items() if by})

    async def _follow_conversations(
        self, to: Connection, tenant: str, events: list[Recorded]
    ) -> None:
        met, ended = {}, {}
        for row in (recorded.row for recorded in events):
            if row.type in _MET:
                met[row.stream] = _MET[row.type]
            if row.type in _ENDED:
                at = None if row.type == "conversation.reopened" else row.at
                ended[row.stream] = (_ENDED[row.type], at)
        await to.executemany(SQL["meet"], [(tenant, id_, how) for id_, how in met.items()])
        await to.executemany(SQL["end"], [(tenant, id_, *how) for id_, how in ended.items()])

    async def _follow_plans(self, to: Connection, tenant: str, events: list[Recorded]) -> None:
        mine = [recorded for recorded in events if recorded.row.type.startswith("plan.")]
        plans = list({recorded.row.stream for recorded in mine})
        found = await to.fetch(SQL["practices"], tenant, plans)
        known = [msgspec.json.decode(row["practice"], type=Practice) for row in found]
        by_plan = {each.plan: each for each in known}
        for row, meta in ((recorded.row, recorded.meta) for recorded in mine):
            if row.type == "plan.drafted" and meta.subject:
                by_plan[row.stream] = Practice(plan=row.stream, person=meta.subject)
            if row.stream in by_plan:
                facts = msgspec.json.decode(row.facts)
                practice.evolve(by_plan[row.stream], row.type, row.at, facts)
        kept = [(tenant, p.plan, p.person, msgspec.json.encode(p)) for p in by_plan.values()]
        await to.executemany(SQL["put_practice"], kept)
        await to.execute(SQL["forget_actions"], tenant, plans)
        rows = [row for each in by_plan.values() for row in each.rows(tenant)]
        await to.executemany(SQL["put_action"], rows)


async def _tally(to: Connection, tenant: str, moved: dict[Tallied, int]) -> None:
    """Count people where they stand now, and no more where they stood; what is empty is swept out."""
    places: Counter[Cell] = Counter()
    groups: Counter[tuple[object, ...]] = Counter()
    for (*place, bucket, ended_in, concluded_in), by in moved.items():
        places[place[0], place[1], place[2]] += by
        for dimension, group in zip(DIMENSIONS, place, strict=True):
            groups[dimension, group, bucket, ended_in, concluded_in] += by
    if settled := _columns(places):
        await to.execute(SQL["settle"], tenant, *settled)
    if tallied := _columns(groups):
        counted = await to.fetch(SQL["tally"], tenant, *tallied)
        await to.execute(SQL["sweep"], [row["ctid"] for row in counted if not row["people"]])


def _columns(moved: Counter[Any]) -> list[list[object]]:
    """What a count moves by, as the arrays of a statement; nothing where nothing moves."""
    return [
        list(column) for column in zip(*((*key, n) for key, n in moved.items() if n), strict=True)
    ]


def _whose(recorded: Recorded) -> UUID | None:
    of_people = recorded.row.type.startswith("people.")
    return recorded.row.stream if of_people else recorded.meta.subject


def _move(known: dict[UUID, Standing], recorded: Recorded) -> Standing | None:
    """Let an event move whom it is about; whoever was forgotten is moved no more."""
    row, who = recorded.row, _whose(recorded)
    if who is None:
        return None
    if row.type == "people.registered":
        known[who] = Standing(person=who, registered_at=row.at)
    if row.type == "people.erased":
        known.pop(who, None)
    if (one := known.get(who)) is not None:
        standing.evolve(one, row.type, row.at, msgspec.json.decode(row.facts), row.stream)
    return one


def _offer(tenant: str, one: Standing, recorded: Recorded) -> tuple[object, ...]:
    row, facts = recorded.row, msgspec.json.decode(recorded.row.facts)
    guide = (facts["guide"], facts["guide_version"])
    return (tenant, one.offer, one.person, one.partner, row.at, one.on_time, *guide)


def _row(tenant: str, one: Standing) -> tuple[object, ...]:
    place = (one.department, one.location, one.legal_entity)
    waits_since = one.joined_at if one.offer is None else None
    away = [Range(each.since, each.until) for each in one.absences]
    encoded = msgspec.json.encode(one)
    return (tenant, one.person, *place, one.partner, one.employed, waits_since, away, encoded)


def _behind(row: dict[str, Any]) -> Behind:
    return Behind(row["people"], set(row["partners"] or ()))


def _cell(row: dict[str, Any]) -> Cell:
    return (row["department"], row["location"], row["legal_entity"])
