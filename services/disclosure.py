"""Whoever reads somebody else's words is put on record before the words leave.

One entry for each reader, artefact and hour: a stream of its own with an id that follows from them,
so that a repetition costs a look-up and readers never wait for one another. Where it can't be
recorded, the words don't leave.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Self
from uuid import UUID, uuid5

import asyncpg
from cachetools import TTLCache
from eventsourcing.domain import event

from services.access import Artefact
from shared.errors import Stale, Unavailable
from shared.eventstore.events import Aggregate, Created
from shared.eventstore.record import Command, Record
from shared.principal import Principal

_HOUR_SECONDS = 3_600
_REMEMBERED = 50_000


@dataclass(frozen=True)
class Reading:
    """What is about to be read, and on what ground."""

    artefact: Artefact
    id: UUID
    ground: str


class NotOnRecord(Unavailable):
    """That you read this can't be put on record at the moment, so it isn't shown; try again shortly."""


class Disclosure(Aggregate):
    """Somebody read a person's words."""

    TOPIC = "disclosures"

    class WordsRead(Created, frozen=True, kw_only=True):
        TOPIC = "disclosures.words_read"
        person: UUID
        reader: str
        artefact: str
        artefact_id: UUID
        ground: str
        hour: datetime

    @classmethod
    def of(cls, person: UUID, reader: str, reading: Reading, at: datetime) -> Self:
        """The entry for this hour."""
        return cls.begin(
            disclosure_id(person, reader, reading, _hour(at)),
            at,
            person=person,
            reader=reader,
            artefact=reading.artefact,
            artefact_id=reading.id,
            ground=reading.ground,
            hour=_hour(at),
        )

    @event(WordsRead)
    def __init__(self, person: UUID) -> None:
        self.person = person

    @property
    def subject(self) -> UUID:
        return self.person


class Disclosures:
    """Puts readings on record."""

    def __init__(self, record: Record) -> None:
        self._record = record
        self._known: TTLCache[tuple[str, UUID], bool] = TTLCache(_REMEMBERED, _HOUR_SECONDS)

    async def record(
        self, by: Principal, person: UUID, readings: Iterable[Reading], at: datetime
    ) -> None:
        """Return once every reading is on record; raises `Unavailable` where that can't be."""
        for reading in readings:
            key = (by.tenant, disclosure_id(person, by.actor, reading, _hour(at)))
            if key not in self._known:
                await self._record_once(by, Disclosure.of(person, by.actor, reading, at), at)
                self._known[key] = True

    async def _record_once(self, by: Principal, entry: Disclosure, at: datetime) -> None:
        if await self._record.rows(by.tenant, entry.id):
            return
        try:
            await self._record.save(entry, Command(by=by, at=at, step="words_read"))
        except Stale:
            return  # the same reading at the same moment through another process
        except (Unavailable, asyncpg.PostgresError) as failed:
            raise NotOnRecord from failed


def disclosure_id(person: UUID, reader: str, reading: Reading, hour: datetime) -> UUID:
    """The id of the entry of one reader, artefact and hour."""
    return uuid5(person, f"{reader} {reading.artefact} {reading.id} {hour:%Y-%m-%dT%H}")


def _hour(moment: datetime) -> datetime:
    return moment.replace(minute=0, second=0, microsecond=0)
