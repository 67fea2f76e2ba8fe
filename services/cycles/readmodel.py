"""All cycles as a list: where each stands, folded from the events of every service."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from services.cycles.course import next_step, waiting_for
from services.cycles.fold import TOPICS, begin, evolve
from services.cycles.progress import Progress
from shared.database import Connection, statements, within
from shared.eventstore.record import Record, Recorded
from shared.eventstore.sealing import Row

SQL = statements(__package__)


@dataclass(frozen=True)
class Wanted:
    """Which cycles are asked for; None asks for all."""

    person: UUID | None = None
    state: str | None = None
    waiting_for: str | None = None
    department: str | None = None
    partner: UUID | None = None
    either: UUID | None = None
    """Whose own cycle, and those of whose people."""
    alone: bool = False
    """Only those of people who have no partner."""


class CycleList:
    """Follows what moves cycles, and lists where they stand."""

    def __init__(self, record: Record) -> None:
        self._record = record

    async def apply(self, to: Connection, tenant: str, events: Sequence[Recorded]) -> None:
        """Take the next events of a tenant's log into account."""
        await self._apply_notices(to, tenant, events)
        mine = [recorded for recorded in events if recorded.row.type in TOPICS]
        if not mine:
            return
        known = await self._affected(to, tenant, mine)
        touched: dict[UUID, datetime] = {}
        for recorded in mine:
            for progress in await self._moved(tenant, recorded, known):
                touched[progress.cycle] = recorded.row.at
        rows = [_row(known[cycle], moment) for cycle, moment in touched.items()]
        await to.executemany(SQL["put"], rows)

    async def _apply_notices(self, to: Connection, tenant: str, events: Sequence[Recorded]) -> None:
        """A notice is on record before what became of it, so those of a page can be put first."""
        notices, outcomes = [], []
        for row, facts in _cycle_facts(events):
            for side in facts.get("tells", ()):
                kind = row.type.partition(".")[2]
                about = (row.event_id, side, row.stream, facts["subject"], kind, row.at)
                notices.append((tenant, *about))
            if row.type in {"cycles.notice_sent", "cycles.notice_refused"}:
                notice, outcome = UUID(facts["notice"]), facts.get("why", "sent")
                outcomes.append((tenant, notice, facts["to"], outcome))
        await to.executemany(SQL["put_notice"], notices)
        await to.executemany(SQL["set_outcome"], outcomes)

    async def unsent_since(self, tenant: str, before: datetime) -> list[UUID]:
        """People because of whose cycle mail should have gone out before a moment."""
        async with within(self._record.pool, tenant) as connection:
            found = await connection.fetch(SQL["unsent_since"], tenant, before)
        return [row["person"] for row in found]

    async def earliest_unsent(self, tenant: str) -> datetime | None:
        """Since when the mail that has waited longest should have gone out."""
        async with within(self._record.pool, tenant) as connection:
            at: datetime | None = await connection.fetchval(SQL["earliest_unsent"], tenant)
        return at

    async def lost_notices(
        self, tenant: str, after: tuple[UUID, str], limit: int, outcome: str | None
    ) -> list[dict[str, Any]]:
        """Mails that wait (`waiting`) or will reach nobody (`refused`), in the order of their ids."""
        async with within(self._record.pool, tenant) as connection:
            event, to = after
            found = await connection.fetch(
                SQL["lost_notices"], tenant, event, limit + 1, outcome, to
            )
        return [dict(row) for row in found]

    async def undelivered(self, tenant: str, limit: int) -> list[dict[str, Any]]:
        """Mails that reached nobody, the newest first, one more than `limit` where there are more.

        Left out is what was rightly not sent, and what came before a mail to the same side that arrived.
        """
        async with within(self._record.pool, tenant) as connection:
            found = await connection.fetch(SQL["undelivered"], tenant, limit + 1)
        return [dict(row) for row in found]

    async def list_cycles(
        self, tenant: str, wanted: Wanted, after: UUID, limit: int
    ) -> list[Progress]:
        """Cycles in the order of their ids, one more than `limit` where there are more."""
        async with within(self._record.pool, tenant) as connection:
            found = await connection.fetch(
                SQL["list_cycles"],
                tenant,
                after,
                limit + 1,
                wanted.person,
                wanted.state,
                wanted.waiting_for,
                wanted.department,
                wanted.partner,
                wanted.either,
                wanted.alone,
            )
        return [msgspec.json.decode(row["progress"], type=Progress) for row in found]

    async def earliest_due(self, tenant: str) -> datetime | None:
        """When the next step of any cycle is due; what lies in the past wasn't taken yet."""
        async with within(self._record.pool, tenant) as connection:
            due: datetime | None = await connection.fetchval(SQL["earliest_due"], tenant)
        return due

    async def count_waiting(self, tenant: str, reader: UUID) -> int:
        """How many conversations wait for somebody, as the employee or as the partner."""
        async with within(self._record.pool, tenant) as connection:
            found: int = await connection.fetchval(SQL["count_waiting"], tenant, reader)
        return found

    async def open_cycles(self, tenant: str, after: UUID, limit: int) -> list[Progress]:
        """Cycles that aren't closed, in the order of their ids."""
        async with within(self._record.pool, tenant) as connection:
            found = await connection.fetch(SQL["open_cycles"], tenant, after, limit)
        return [msgspec.json.decode(row["progress"], type=Progress) for row in found]

    async def _affected(
        self, to: Connection, tenant: str, events: Sequence[Recorded]
    ) -> dict[UUID, Progress]:
        cycles = {r.meta.correlation for r in events if r.meta.correlation}
        people = {r.row.stream for r in events if r.row.type.startswith("people.")}
        found = await to.fetch(SQL["affected"], tenant, list(cycles), list(people))
        known = [msgspec.json.decode(row["progress"], type=Progress) for row in found]
        return {progress.cycle: progress for progress in known}

    async def _moved(
        self, tenant: str, recorded: Recorded, known: dict[UUID, Progress]
    ) -> list[Progress]:
        row = recorded.row
        facts = msgspec.json.decode(row.facts)
        if row.type == "cycles.started":
            progress = begin(tenant, row.stream, row.at, facts)
            for earlier in await self._record.rows(tenant, progress.person):
                if earlier.position < row.position:
                    evolve(progress, earlier.type, earlier.at, msgspec.json.decode(earlier.facts))
            known[row.stream] = progress
            return [progress]
        moved = _concerned(known, recorded)
        for progress in moved:
            evolve(progress, row.type, row.at, facts, row.stream)
            if row.stream == progress.cycle:
                progress.version = row.version
        return moved


def _cycle_facts(events: Sequence[Recorded]) -> Iterator[tuple[Row, dict[str, Any]]]:
    """What happened to cycles, with the person whom each event is about."""
    for recorded in events:
        if recorded.row.type.startswith("cycles."):
            facts: dict[str, Any] = msgspec.json.decode(recorded.row.facts)
            yield recorded.row, facts | {"subject": recorded.meta.subject}


def _concerned(known: dict[UUID, Progress], recorded: Recorded) -> list[Progress]:
    """The cycles that an event is about: a person's open ones, or the one that it belongs to."""
    if recorded.row.type.startswith("people."):
        person = recorded.row.stream
        return [p for p in known.values() if p.person == person and p.state != "closed"]
    own = known.get(recorded.meta.correlation) if recorded.meta.correlation else None
    return [own] if own is not None else []


def _row(progress: Progress, moment: datetime) -> tuple[object, ...]:
    step = next_step(progress, moment)
    return (
        progress.tenant,
        progress.cycle,
        progress.person,
        progress.state,
        waiting_for(progress),
        progress.department,
        progress.partner,
        step.due if step else None,
        msgspec.json.encode(progress),
    )
