"""A life, laid out to be copied: the same events of other people, sealed under their own keys.

Of each event the ids, moments and names of the person are found once; a copy puts its own in their
place, then encrypts, hashes and chains as the record does. Ids of streams derive from the person as they
do in the services. Moments move by some days for each copy.
"""

from __future__ import annotations

import heapq
import os
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from uuid import UUID, uuid4, uuid5

import msgspec

from bench.companies.lives import DEPARTMENT, EMAIL, ENTITY, LOCATION, NAME, Lived, Said
from services.cycles.domain import cycle_id
from shared.eventstore.committer import Receipt
from shared.eventstore.keys import Key
from shared.eventstore.record import Meta
from shared.eventstore.sealing import NO_LEAF, Row, Unsealed, seal

_ID = rb"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"
_MOMENT = rb"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|\+00:00)"
_DAY = rb"\d{4}-\d\d-\d\d(?!T)"
_MARKS = (NAME, EMAIL, DEPARTMENT, LOCATION, ENTITY)
_PLACES = re.compile(b"|".join((_ID, _MOMENT, _DAY, *(mark.encode() for mark in _MARKS))))


@dataclass
class Person:
    """Whom a copy is about; `leaves` are the last leaves of their streams that go on, `cycles` the ids
    of their cycles, which most others derive from."""

    number: int
    subject: UUID
    key: Key
    partners: tuple[UUID, UUID]
    profile: dict[bytes, bytes]
    shift: timedelta = timedelta()
    leaves: dict[int, bytes] = field(default_factory=dict)
    cycles: dict[int, UUID] = field(default_factory=dict)


Place = Callable[[Person], bytes]
Name = Callable[[Person], UUID]


class Template:
    """Bytes with places in them."""

    def __init__(self, text: bytes, fill: Callable[[bytes], bytes | Place]) -> None:
        self._parts: list[bytes | Place] = []
        end = 0
        for found in _PLACES.finditer(text):
            self._parts += [text[end : found.start()], fill(found[0])]
            end = found.end()
        self._parts.append(text[end:])

    def of(self, person: Person) -> bytes:
        return b"".join(p if isinstance(p, bytes) else p(person) for p in self._parts)


@dataclass(frozen=True)
class EventCopy:
    """One event of a life: `place` is its stream's number, `last` whether the stream ends with it."""

    row: Row
    place: int
    last: bool
    stream: Name
    meta: Template
    facts: Template
    words: Template | None

    def of(self, person: Person, tenant: str) -> Row:
        """The event as it is of another person, sealed behind the one before it in its stream."""
        row, stream = self.row, self.stream(person)
        unsealed = Unsealed(
            tenant=tenant,
            stream=stream,
            version=row.version,
            type=row.type,
            schema_version=row.schema_version,
            at=row.at + person.shift,
            recorded_at=row.recorded_at + person.shift,
            event_id=_event_id(stream, row.version),
            key_id=person.key.id if row.key_id else None,
            meta=self.meta.of(person),
            facts=self.facts.of(person),
        )
        words = self.words.of(person) if self.words else None
        before = person.leaves.pop(self.place, NO_LEAF)
        sealed = seal(unsealed, words, person.key.aead, before)
        if not self.last:
            person.leaves[self.place] = sealed.leaf
        return sealed


@dataclass(frozen=True)
class ReceiptCopy:
    """An answer to a command, which is kept under a key of its own."""

    said: Said
    by: Template
    answer: Template

    def of(self, person: Person, tenant: str) -> Receipt:
        by, key = self.by.of(person).decode(), uuid4().hex
        return Receipt(tenant, by, key, os.urandom(32), self.said.status, self.answer.of(person))


Deed = EventCopy | ReceiptCopy


class Script:
    """A life as a list of what happened when, ready to be copied."""

    def __init__(self, lived: Lived) -> None:
        self._lived = lived
        self._names: dict[UUID, Name] = {lived.person: lambda p: p.subject}
        for number, partner in enumerate(lived.partners):
            self._names[partner] = lambda p, n=number: p.partners[n]  # type: ignore[misc]
        streams: dict[UUID, int] = {}
        for row in lived.rows:
            if row.version == 1:
                self._name_stream(row)
            streams[row.stream] = row.version
            self._names[row.event_id] = self._named(_event_id, row.stream, row.version)
        numbers = {stream: number for number, stream in enumerate(streams)}
        self.deeds: list[tuple[datetime, Deed]] = [
            (row.recorded_at, self._event(row, words, numbers, streams))
            for row, words in zip(lived.rows, lived.words, strict=True)
        ]
        self.deeds += [(said.at, self._receipt(said)) for said in lived.said]
        self.deeds.sort(key=lambda deed: deed[0])

    @property
    def events(self) -> int:
        return len(self._lived.rows)

    def _event(
        self, row: Row, words: bytes | None, numbers: dict[UUID, int], streams: dict[UUID, int]
    ) -> EventCopy:
        return EventCopy(
            row=row,
            place=numbers[row.stream],
            last=streams[row.stream] == row.version,
            stream=self._names[row.stream],
            meta=self._template(row.meta),
            facts=self._template(row.facts),
            words=self._template(words) if words is not None else None,
        )

    def _receipt(self, said: Said) -> ReceiptCopy:
        return ReceiptCopy(said, self._template(said.by.encode()), self._template(said.answer))

    def _template(self, text: bytes) -> Template:
        return Template(text, self._fill)

    def _fill(self, found: bytes) -> bytes | Place:
        if found.decode() in _MARKS:
            return lambda p: p.profile[found]
        if len(found) == 36 and found[8:9] == b"-":
            name = self._names.get(UUID(found.decode()))
            return found if name is None else lambda p: str(name(p)).encode()
        if len(found) == len("2026-11-24"):
            day = date.fromisoformat(found.decode())
            return lambda p: (day + timedelta(days=p.shift.days)).isoformat().encode()
        moment, ending = datetime.fromisoformat(found.decode()), found[-1:]
        return lambda p: _written(moment + p.shift, ending)

    def _name_stream(self, row: Row) -> None:
        """A stream's id derives from what its first event says, as in the services."""
        facts, meta = msgspec.json.decode(row.facts), msgspec.json.decode(row.meta, type=Meta)
        kind, _, _ = row.type.partition(".")
        match kind:
            case "people":
                return
            case "cycles":
                self._names[row.stream] = lambda p: _cycle_of(p, facts["number"])
            case "conversation":
                within = f"{facts['kind']}/{facts['round']}"
                self._names[row.stream] = self._named(uuid5, meta.correlation, within)
            case "plan":
                within = f"plan/{facts['round']}"
                self._names[row.stream] = self._named(uuid5, meta.correlation, within)
            case "notices":
                told, of = (
                    self._template(f"told/{facts['day']}".encode()),
                    self._names[meta.subject],
                )  # type: ignore[index]
                self._names[row.stream] = lambda p: uuid5(of(p), told.of(p).decode())
        self._check(row.stream)

    def _named(self, derive: Callable[[UUID, object], UUID], of: UUID | None, more: object) -> Name:
        assert of is not None
        name = self._names[of]
        return lambda p: derive(name(p), more)

    def _check(self, stream: UUID) -> None:
        """Of the life's own person it must be the very id that the services gave it."""
        lived = self._lived
        itself = Person(0, lived.person, None, lived.partners, {})  # type: ignore[arg-type]
        assert self._names[stream](itself) == stream


def _cycle_of(person: Person, number: int) -> UUID:
    if number not in person.cycles:
        person.cycles[number] = cycle_id(person.subject, number)
    return person.cycles[number]


def _event_id(stream: UUID, version: object) -> UUID:
    return uuid5(stream, f"copy/{version}")


def _written(moment: datetime, ending: bytes) -> bytes:
    text = moment.isoformat().encode()
    return text.replace(b"+00:00", b"Z") if ending == b"Z" else text


def copied(
    scripts: list[tuple[Script, timedelta, list[Person]]], tenant: str
) -> Iterator[tuple[datetime, Row | Receipt]]:
    """Everything that happened to everybody, in the order of time up to some minutes."""
    lines = [_line(*each) for each in scripts]
    for moment, deed, people in heapq.merge(*lines, key=lambda each: each[0]):
        for person in people:
            yield moment, deed.of(person, tenant)


def _line(
    script: Script, shift: timedelta, people: list[Person]
) -> Iterator[tuple[datetime, Deed, list[Person]]]:
    for moment, deed in script.deeds:
        yield moment + shift, deed, people
