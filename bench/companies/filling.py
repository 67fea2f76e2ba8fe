"""Fills a tenant with the copies: by COPY, in the order of time, with the result that the append has."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from uuid import UUID

import asyncpg
import msgspec

from bench.companies.copies import Person, Script, copied
from bench.companies.lives import DEPARTMENT, EMAIL, ENTITY, LOCATION, NAME, Calendar, live
from console.bootstrap import build
from shared.eventstore.committer import Receipt
from shared.eventstore.keys import Key, Vault
from shared.eventstore.sealing import Row
from shared.settings import Settings

LIVES = 24
LIVED = "lives"
"""The tenant in which the lives are lived."""

Progress = Callable[[int, int], None]
"""Is told how many events there are, and of how many."""

_SPREAD_DAYS = 28
_TEAM, _DEPARTMENT, _LOCATIONS, _ENTITIES = 10, 200, 25, 6
_BATCH, _CHUNK = 20_000, 5_000
_SCATTER = 2_654_435_761
"""Takes neighbours far apart (Knuth): who lives which life doesn't go by departments."""


async def found(
    settings: Settings, tenant: str, people: int, years: int, progress: Progress, lives: int = LIVES
) -> int:
    """Make a company whose first day was so many years ago; answers how many events it has."""
    url = settings.required_database_url()
    calendar = Calendar(await _now(url) - timedelta(days=round(365.25 * years) + _SPREAD_DAYS))
    house = await build(settings, calendar)
    try:
        await house.record.vault.create_tenant(LIVED)
        await house.record.vault.create_tenant(tenant)
        scripts = [Script(each) for each in await live(house, LIVED, calendar, lives, years)]
        cast = _cast(scripts, await _staff(house.record.vault, tenant, people))
        total = sum(script.events * len(group) for script, _, group in cast)
        await _fill(url, tenant, copied(cast, tenant), total, progress)
    finally:
        await house.close()
    return total


async def follow(settings: Settings) -> None:
    """Let the ledger and the feed catch up; the lists are rebuilt by whoever wants them."""
    house = await build(settings)
    try:
        for follower in house.followers():
            while follower.name in {"ledger", "feed"} and await follower.catch_up():
                pass
    finally:
        await house.close()


async def _now(url: str) -> datetime:
    connection = await asyncpg.connect(url)
    now: datetime = await connection.fetchval("SELECT clock_timestamp()")
    await connection.close()
    return now


async def _staff(vault: Vault, tenant: str, count: int) -> list[Person]:
    """Everybody with a subject and a data key, a partner above them and a place to work."""
    subjects: list[UUID] = []
    keys: list[Key] = []
    for start in range(0, count, _CHUNK):
        names = [f"e{number}" for number in range(start, min(start + _CHUNK, count))]
        known = await vault.prepare(tenant, set(names))
        for name in names:
            key = await vault.key_of(tenant, known[name])
            assert key is not None
            subjects.append(known[name])
            keys.append(key)
    return [_person(number, subjects, keys) for number in range(count)]


def _person(number: int, subjects: list[UUID], keys: list[Key]) -> Person:
    above = number // _TEAM
    first, second = [n for n in (above, above + 1, above + 2) if n != number][:2]
    partners = (subjects[first % len(subjects)], subjects[second % len(subjects)])
    return Person(number, subjects[number], keys[number], partners, _profile(number))


def _profile(number: int) -> dict[bytes, bytes]:
    """A department is at one or two places; a place belongs to one legal entity."""
    department = number // _DEPARTMENT
    place = (department + (number % 7 == 0)) % _LOCATIONS
    told = {
        NAME: f"Person {number}",
        EMAIL: f"e{number}@example.com",
        DEPARTMENT: f"d{department}",
        LOCATION: f"l{place}",
        ENTITY: f"c{place % _ENTITIES}",
    }
    return {mark.encode(): text.encode() for mark, text in told.items()}


def _cast(
    scripts: list[Script], staff: list[Person]
) -> list[tuple[Script, timedelta, list[Person]]]:
    """Who lives which life, and from which day on."""
    groups: defaultdict[tuple[int, int], list[Person]] = defaultdict(list)
    for person in staff:
        number = person.number * _SCATTER % 2**32
        life, day = number % len(scripts), number // len(scripts) % _SPREAD_DAYS
        person.shift = timedelta(days=day, microseconds=number % 600_000_000)
        groups[life, day].append(person)
    return [(scripts[life], timedelta(days=day), each) for (life, day), each in groups.items()]


async def _fill(
    url: str,
    tenant: str,
    happened: Iterator[tuple[datetime, Row | Receipt]],
    total: int,
    progress: Progress,
) -> None:
    connection = await asyncpg.connect(url)
    rows: list[Row] = []
    receipts: list[tuple[datetime, Receipt]] = []
    size = kept = 0
    try:
        for moment, one in happened:
            if isinstance(one, Receipt):
                receipts.append((moment, one))
            else:
                rows.append(one)
            if (
                len(rows) >= kept + _BATCH
            ):  # in a large company more than that happens within minutes
                rows.sort(key=_when)
                settled = [row for row in rows if row.recorded_at < moment]
                size = await _copy(connection, tenant, size, settled, receipts)
                rows, receipts = rows[len(settled) :], []
                kept = len(rows)
                progress(size, total)
        size = await _copy(connection, tenant, size, sorted(rows, key=_when), receipts)
        progress(size, total)
    finally:
        await connection.close()


def _when(row: Row) -> datetime:
    return row.recorded_at


async def _copy(
    connection: asyncpg.Connection[asyncpg.Record],
    tenant: str,
    size: int,
    rows: list[Row],
    receipts: list[tuple[datetime, Receipt]],
) -> int:
    """Add to the log what comes next, in one commit; answers the log's size."""
    numbered = [
        (row.tenant, position, *msgspec.structs.astuple(row)[2:])
        for position, row in enumerate(rows, size + 1)
    ]
    answers = [(*msgspec.structs.astuple(receipt), moment) for moment, receipt in receipts]
    async with connection.transaction():
        await connection.copy_records_to_table("event", schema_name="record", records=numbered)
        await connection.copy_records_to_table("receipt", schema_name="record", records=answers)
        await connection.execute(
            "UPDATE record.tenant SET log_size = log_size + $2 WHERE tenant = $1", tenant, len(rows)
        )
    return size + len(rows)
