"""Loads aggregates from the record, and saves what they decided."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar, cast
from uuid import UUID, uuid5

import msgspec
from uuid_utils.compat import uuid7

from shared.database import LOST, Pool, within
from shared.errors import NotFound, Stale, Unavailable
from shared.eventstore.clock import Clock
from shared.eventstore.committer import Append, Committer, Conflict, KeyUsed, Receipt
from shared.eventstore.events import Aggregate, Event, Registry, fold
from shared.eventstore.keys import Key, Vault
from shared.eventstore.sealing import NO_LEAF, Row, Unsealed, seal, unseal
from shared.principal import Principal
from shared.telemetry.traces import span, traceparent

AggregateT = TypeVar("AggregateT", bound=Aggregate)


class Meta(msgspec.Struct, frozen=True, omit_defaults=True):
    """Who, on whose behalf, why: ids only, in the header of every event."""

    actor: str
    on_behalf_of: str | None = None
    cause: str | None = None
    correlation: UUID | None = None
    subject: UUID | None = None
    trace: str | None = None


@dataclass(frozen=True)
class Asked:
    """The Idempotency-Key that a command came with and the keyed hash of its request."""

    principal: str
    key: str
    fingerprint: bytes


@dataclass(frozen=True)
class Command:
    """Who wants something, when by the record's time, and how a repetition is recognised.

    `step` names what a workflow does, for event ids that are the same at each attempt.
    `if_version` is the version that the sender saw.
    """

    by: Principal
    at: datetime
    on_behalf_of: str | None = None
    cause: str | None = None
    trace: str | None = None
    asked: Asked | None = None
    if_version: int | None = None
    step: str | None = None

    @property
    def tenant(self) -> str:
        return self.by.tenant


@dataclass(frozen=True)
class Answer:
    """What a write answers: the status, and ids, codes and versions."""

    status: int
    body: dict[str, Any]


class Recorded(msgspec.Struct, frozen=True):
    """A row that was read, with its event and who and why."""

    row: Row
    meta: Meta
    event: Event


class Record:
    """The only way to read and write the record."""

    def __init__(self, pool: Pool, vault: Vault, clock: Clock, registry: Registry) -> None:
        self.pool = pool
        self.vault = vault
        self.clock = clock
        self.registry = registry
        self._committer = Committer(pool, clock)

    async def load(
        self,
        cls: type[AggregateT],
        tenant: str,
        stream: UUID,
        *,
        at_version: int | None = None,
        as_of: datetime | None = None,
    ) -> AggregateT | None:
        """Replay a stream, whole or as it stood; None where it isn't there or of another kind."""
        rows = await self.rows(tenant, stream, at_version=at_version, as_of=as_of)
        if not rows or rows[0].type.partition(".")[0] != cls.TOPIC:
            return None
        aggregate = fold([recorded.event for recorded in await self.read_words(rows)])
        assert isinstance(aggregate, cls)
        aggregate.leaf = rows[-1].leaf
        aggregate.at = self.clock.now()
        return aggregate

    async def change(
        self,
        cls: type[AggregateT],
        stream: UUID,
        command: Command,
        decide: Callable[[AggregateT], None],
        *,
        permit: Callable[[AggregateT], Awaitable[None]] | None = None,
        describe: Callable[[AggregateT], dict[str, Any]] | None = None,
        begin: Callable[[], AggregateT] | None = None,
        creates: bool = False,
    ) -> Answer:
        """Load, permit, decide, save; once more when somebody else was faster.

        `describe` adds ids and codes to the answer, which is the aggregate's receipt; `begin` makes the
        aggregate where the stream isn't there; `creates` is said of a command that makes something new
        within the stream. Raises `NotFound` where the stream isn't there and nothing begins it, and
        whatever `permit` and `decide` raise.
        """
        for attempt in range(_ATTEMPTS):
            aggregate = await self.load(cls, command.tenant, stream)
            if aggregate is None and begin is not None:
                aggregate = begin()
            if aggregate is None:
                raise NotFound
            if permit is not None:
                await permit(aggregate)
            decide(aggregate)
            try:
                more = describe(aggregate) if describe else {}
                body = aggregate.receipt() | more
                return await self.save(aggregate, command, body, creates=creates)
            except Stale:
                if command.if_version is not None or attempt == _ATTEMPTS - 1:
                    raise
        raise AssertionError("unreachable")

    async def save(
        self,
        aggregate: Aggregate,
        command: Command,
        body: dict[str, Any] | None = None,
        *,
        creates: bool = False,
        accepted: bool = False,
        whose: UUID | None = None,
    ) -> Answer:
        """Append what the aggregate decided, with the answer to the command, in one commit.

        `body` is the answer's, where it isn't the aggregate's receipt. It never holds words. The status
        is 201 for a new stream, and for whatever `creates` something within one; 202 where what was
        asked for is `accepted` and done afterwards. `whose` id the body holds as `person` is kept by
        their random key, so that the id isn't known any more once the link to it was deleted.
        Raises `Stale` when somebody else was faster or `if_version` is behind, `KeyUsed` when the
        command was answered before.
        """
        events = cast("list[Event]", list(aggregate.collect_events()))
        before = aggregate.version - len(events)
        if command.if_version is not None and command.if_version != before:
            raise Stale
        new = bool(events) and (creates or before == 0)
        status = 202 if accepted else 201 if new else 200
        answer = Answer(status, body or aggregate.receipt())
        types = [event.TOPIC for event in events]
        with span("append", tenant=command.tenant, types=types):
            rows = await self._seal(aggregate, events, command)
            await self._append(command, rows, answer, whose)
        if rows:
            aggregate.leaf = rows[-1].leaf
        return answer

    async def answered(self, command: Command) -> Answer | None:
        """The answer that the command's key had before; `KeyReused` when it asked for something else."""
        if command.asked is None:
            return None
        asked = command.asked
        key = (command.tenant, asked.principal, asked.key)
        try:
            row = await self.pool.fetchrow(_READ_RECEIPT, *key)
        except LOST as lost:
            raise Unavailable("the database can't be reached") from lost
        if row is None:
            return None
        if row["fingerprint"] != asked.fingerprint:
            raise KeyReused
        body = msgspec.json.decode(row["answer"])
        return Answer(row["status"], await self._with_person(command.tenant, body))

    async def _with_person(self, tenant: str, body: dict[str, Any]) -> dict[str, Any]:
        """An answer with the customer's id of whom it is about, None where it was forgotten."""
        kind, _, key = str(body.get("person")).partition(_BY_KEY)
        if kind or not key:
            return body
        subject = UUID(key)
        return body | {"person": (await self.vault.people_of(tenant, {subject})).get(subject)}

    async def has_step(self, command: Command, stream: UUID) -> bool:
        """Whether a stream holds what the command's step came to, from an attempt before."""
        first = _event_id(stream, command.step, 0)
        return any(row.event_id == first for row in await self.rows(command.tenant, stream))

    async def rows(
        self,
        tenant: str,
        stream: UUID,
        *,
        at_version: int | None = None,
        as_of: datetime | None = None,
    ) -> list[Row]:
        """A stream's rows in order, up to a version or a moment of recording."""
        try:
            found = await self.pool.fetch(_READ_STREAM, tenant, stream, at_version, as_of)
        except LOST as lost:
            raise Unavailable("the database can't be reached") from lost
        return [Row(*values) for values in found]

    async def rows_of(self, tenant: str, streams: Sequence[UUID]) -> list[Row]:
        """The rows of several streams, in the order of the log."""
        async with within(self.pool, tenant) as connection:
            found = await connection.fetch(
                "SELECT * FROM record.event WHERE tenant = $1 AND stream = ANY($2::uuid[])"
                " ORDER BY position",
                tenant,
                streams,
            )
        return [Row(*values) for values in found]

    async def read_words(self, rows: Sequence[Row]) -> list[Recorded]:
        """Decode rows with their words, as far as their keys still exist."""
        keys: dict[tuple[str, UUID], Key | None] = {}
        return [await self._open(row, keys) for row in rows]

    def read_facts(self, rows: Sequence[Row]) -> list[Recorded]:
        """Decode rows without anybody's words."""
        return [
            self._recorded(row, _read_meta(row.meta), b"" if row.key_id else None) for row in rows
        ]

    async def _open(self, row: Row, keys: dict[tuple[str, UUID], Key | None]) -> Recorded:
        meta = _read_meta(row.meta)
        words = None
        if row.key_id is not None and meta.subject is not None:
            whose = (row.tenant, meta.subject)
            if whose not in keys:
                keys[whose] = await self.vault.key_of(*whose)
            key = keys[whose]
            words = unseal(row, key.aead if key and key.id == row.key_id else None)
        return self._recorded(row, meta, words)

    def _recorded(self, row: Row, meta: Meta, words: bytes | None) -> Recorded:
        kind = self.registry.of_topic(row.type)
        event = kind.decode(row.stream, row.version, row.at, row.facts, words, row.schema_version)
        return Recorded(row, meta, event)

    async def _seal(
        self, aggregate: Aggregate, events: Sequence[Event], command: Command
    ) -> tuple[Row, ...]:
        meta = _meta(aggregate, command)
        rows: list[Row] = []
        previous = getattr(aggregate, "leaf", NO_LEAF)
        for number, event in enumerate(events):
            rows.append(await self._seal_one(aggregate, event, command, meta, number, previous))
            previous = rows[-1].leaf
        return tuple(rows)

    async def _seal_one(
        self,
        aggregate: Aggregate,
        event: Event,
        command: Command,
        meta: bytes,
        number: int,
        previous: bytes,
    ) -> Row:
        kind = self.registry.of_event(event)
        words = kind.encode_words(event)
        key = None
        if words is not None and aggregate.subject is not None:
            key = await self.vault.key_of(command.tenant, aggregate.subject)
        unsealed = Unsealed(
            tenant=command.tenant,
            stream=aggregate.id,
            version=event.originator_version,
            type=kind.topic,
            schema_version=kind.schema_version,
            at=event.timestamp,
            recorded_at=self.clock.now(),
            event_id=_event_id(aggregate.id, command.step, number),
            key_id=key.id if key else None,
            meta=meta,
            facts=kind.encode_facts(event),
        )
        return seal(unsealed, words, key.aead if key else None, previous)

    async def _append(
        self, command: Command, rows: tuple[Row, ...], answer: Answer, whose: UUID | None
    ) -> None:
        receipt = _receipt(command, answer, whose)
        if not rows and receipt is None:
            return
        try:
            await self._committer.append(Append(rows, receipt))
        except Conflict as conflict:
            raise Stale from conflict

    async def close(self) -> None:
        """Finish what is being written, then close the connections, within seconds."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(_CLOSE_SECONDS):
                await self._committer.close()
                await self.vault.ears.close()
                await self.pool.close()
        self.pool.terminate()


class KeyReused(Exception):
    """This Idempotency-Key was used for another request; take a new key for a new request."""


def _meta(aggregate: Aggregate, command: Command) -> bytes:
    return msgspec.json.encode(
        Meta(
            actor=command.by.actor,
            on_behalf_of=command.on_behalf_of,
            cause=command.cause,
            correlation=aggregate.correlation,
            subject=aggregate.subject,
            trace=traceparent() or command.trace,
        )
    )


def _receipt(command: Command, answer: Answer, whose: UUID | None) -> Receipt | None:
    if command.asked is None:
        return None
    kept = answer.body | ({"person": f"{_BY_KEY}{whose}"} if whose else {})
    return Receipt(
        tenant=command.tenant,
        principal=command.asked.principal,
        key=command.asked.key,
        fingerprint=command.asked.fingerprint,
        status=answer.status,
        answer=msgspec.json.encode(kept),
    )


def _event_id(stream: UUID, step: str | None, number: int) -> UUID:
    """Derived where a step may come again; else in order of time, side by side in the index."""
    return uuid5(stream, f"{step}/{number}") if step else uuid7()


_ATTEMPTS = 4
_BY_KEY = "key:"  # no id that a customer chooses has a colon
_CLOSE_SECONDS = 5
_read_meta = msgspec.json.Decoder(Meta).decode
_READ_RECEIPT = "SELECT * FROM record.read_receipt($1, $2, $3)"
_READ_STREAM = "SELECT * FROM record.read_stream($1, $2, $3, $4)"
__all__ = ["Answer", "Asked", "Command", "KeyReused", "KeyUsed", "Meta", "Record", "Recorded"]
