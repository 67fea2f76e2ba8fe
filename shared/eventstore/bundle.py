"""What an auditor takes along: a manifest line, then a line an event, checked by `verify` alone.

Then come the heads that were signed before, oldest first. Of a whole log, each 256 events follow a line
with the leaves that the ledger has of them, from which the tree is built again. Of a selection, each
event comes with its inclusion proof and with the leaf before it in its stream, each earlier head with
the proof that nothing before it was rewritten. Nothing is held but a page at a time.
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import AsyncIterator
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from shared.database import within
from shared.eventstore.erasing import TOMBSTONE
from shared.eventstore.ledger import Ledger, name_of
from shared.eventstore.merkle import HASH, TILE
from shared.eventstore.proofs import Prover
from shared.eventstore.record import Meta, Record
from shared.eventstore.sealing import NO_LEAF, Row

FORMAT = "cairn-bundle/1"
_PAGE = 1_000
_AT_ONCE = 50_000
"""How many positions one statement looks through: seconds, even where little of them was selected."""


class Overtaken(Exception):
    """Somebody was erased while the bundle was written: it has to begin anew, with a newer head."""


class Selection(msgspec.Struct, frozen=True, omit_defaults=True):
    """Which events: of a person (subject), a cycle, some streams, recorded in a period; else all.

    Tombstones that cover missing words of them come along.
    """

    subject: UUID | None = None
    cycle: UUID | None = None
    streams: tuple[UUID, ...] = ()
    since: datetime | None = None
    until: datetime | None = None

    @property
    def is_whole(self) -> bool:
        return self == Selection()


class Manifest(msgspec.Struct, frozen=True):
    """The first line: what is in the bundle and what it is to be checked against."""

    format: str
    tenant: str
    origin: str
    selection: Selection
    events: int
    checkpoint: str
    keys: list[str]


class Earlier(msgspec.Struct, frozen=True, omit_defaults=True):
    """A head that was signed before; in a selection with its consistency proof up to the checkpoint."""

    head: str
    proof: list[str] | None = None


class Line(msgspec.Struct, frozen=True, omit_defaults=True):
    """One event: everything that its leaf is made of. `meta` and `facts` are JSON, byte for byte."""

    position: int
    stream: UUID
    version: int
    type: str
    schema_version: int
    at: datetime
    recorded_at: datetime
    event_id: UUID
    meta: str
    facts: str
    leaf: str
    key_id: UUID | None = None
    words: str | None = None
    words_hash: str | None = None
    previous: str | None = None
    proof: list[str] | None = None


class Tile(msgspec.Struct, frozen=True):
    """The leaves of up to 256 events, as the ledger took them in, end to end."""

    tile: int
    leaves: str


class Bundler:
    """Writes bundles from the record and its ledger."""

    def __init__(self, record: Record, ledger: Ledger) -> None:
        self._record = record
        self._ledger = ledger

    async def lines(self, tenant: str, selection: Selection) -> AsyncIterator[bytes]:
        """A bundle's lines, the manifest first; positions end with the checkpoint signed now.

        Raises `Overtaken`, after any line, where words are missing already whose tombstone is behind it.
        """
        head = await self._ledger.checkpoint(tenant)
        wanted = await self._arguments(tenant, selection)
        count = await self._count(tenant, wanted, head.size)
        manifest = Manifest(
            format=FORMAT,
            tenant=tenant,
            origin=name_of(tenant),
            selection=selection,
            events=count,
            checkpoint=head.note,
            keys=await self._ledger.verifier_keys(tenant),
        )
        yield _encoded(manifest)
        prover = None if selection.is_whole else self._ledger.prover(tenant, head.size)
        async for earlier in self._earlier(tenant, head.size, prover):
            yield _encoded(earlier)
        covered: dict[UUID, int] = {}
        async for row, before in self._rows(tenant, wanted, head.size):
            if row.key_id is not None and row.words is None:
                await self._require_tombstone(row, head.size, covered)
            if prover is None and row.position % TILE == 1:
                yield await self._tile(tenant, row.position // TILE, head.size)
            yield _encoded(await _line(row, before, prover))

    async def _earlier(
        self, tenant: str, size: int, prover: Prover | None
    ) -> AsyncIterator[Earlier]:
        async for signed, note in self._ledger.checkpoints(tenant):
            if 0 < signed <= size:
                yield Earlier(note, await prover.consistency(signed) if prover else None)

    async def _tile(self, tenant: str, index: int, size: int) -> bytes:
        leaves = (await self._ledger.tile(tenant, index))[: (size - index * TILE) * HASH]
        return _encoded(Tile(index, _text(leaves)))

    async def _rows(
        self, tenant: str, wanted: list[Any], size: int
    ) -> AsyncIterator[tuple[Row, bytes]]:
        """The events that are wanted, each with the leaf before it in its stream."""
        after = 0
        while after < size:
            end = min(after + _AT_ONCE, size)
            async with within(self._record.pool, tenant) as connection:
                found = await connection.fetch(_ROWS, *wanted, after, end, _PAGE)
            for *values, before in found:
                yield Row(*values), before or NO_LEAF
            after = found[-1]["position"] if len(found) == _PAGE else end

    async def _count(self, tenant: str, wanted: list[Any], size: int) -> int:
        count = 0
        for after in range(0, size, _AT_ONCE):
            async with within(self._record.pool, tenant) as connection:
                end = min(after + _AT_ONCE, size)
                count += await connection.fetchval(_COUNT, *wanted, after, end)
        return count

    async def _require_tombstone(self, row: Row, size: int, covered: dict[UUID, int]) -> None:
        """Raise `Overtaken` where the body went after the head was signed; without any tombstone the
        verifier shall say so. `covered` is up to where the tombstones of people reach in the bundle."""
        subject = msgspec.json.decode(row.meta, type=Meta).subject
        if subject is None or covered.get(subject, 0) > row.position:
            return
        async with within(self._record.pool, row.tenant) as connection:
            found = await connection.fetch(
                _TOMBSTONES, row.tenant, subject, TOMBSTONE, row.position
            )
        positions = [each["position"] for each in found]
        covered[subject] = max((each for each in positions if each <= size), default=0)
        if positions and not covered[subject]:
            raise Overtaken

    async def _arguments(self, tenant: str, chosen: Selection) -> list[Any]:
        """What the query of a selection takes; its last two are which tombstones come along."""
        subject = str(chosen.subject) if chosen.subject else None
        cycle = str(chosen.cycle) if chosen.cycle else None
        streams = list(chosen.streams) or None
        owners: list[UUID] | None = None
        if chosen.subject is not None:
            owners = [chosen.subject]
        elif of := [*chosen.streams, *([chosen.cycle] if chosen.cycle else [])]:
            async with within(self._record.pool, tenant) as connection:
                found = await connection.fetch(_OWNERS, tenant, of)
            owners = [row["subject"] for row in found]
        period = (chosen.since, chosen.until)
        return [tenant, subject, cycle, streams, *period, TOMBSTONE, owners]


async def _line(row: Row, before: bytes, prover: Prover | None) -> Line:
    line = Line(
        position=row.position,
        stream=row.stream,
        version=row.version,
        type=row.type,
        schema_version=row.schema_version,
        at=row.at,
        recorded_at=row.recorded_at,
        event_id=row.event_id,
        meta=row.meta.decode(),
        facts=row.facts.decode(),
        leaf=_text(row.leaf),
        key_id=row.key_id,
        words=_text(row.words) if row.words is not None else None,
        words_hash=_text(row.words_hash) if row.key_id and row.words is None else None,
    )
    if prover is None:
        return line
    proof = await prover.inclusion(row.position)
    return msgspec.structs.replace(line, previous=_text(before), proof=proof)


def _encoded(part: Any) -> bytes:
    return msgspec.json.encode(part) + b"\n"


def _text(data: bytes) -> str:
    return b64encode(data).decode()


_BEFORE = """
(SELECT p.leaf FROM record.event p
  WHERE p.tenant = e.tenant AND p.stream = e.stream AND p.version = e.version - 1) AS before
"""
_SELECTED = """
  FROM record.event e
 WHERE e.tenant = $1 AND e.position > $9 AND e.position <= $10
   AND (   ($2::text IS NULL OR convert_from(meta, 'UTF8')::jsonb ->> 'subject' = $2)
       AND ($3::text IS NULL OR convert_from(meta, 'UTF8')::jsonb ->> 'correlation' = $3)
       AND ($4::uuid[] IS NULL OR stream = ANY($4))
       AND ($5::timestamptz IS NULL OR recorded_at >= $5)
       AND ($6::timestamptz IS NULL OR recorded_at < $6)
      OR type = $7 AND ($8::uuid[] IS NULL OR stream = ANY($8))
         AND ($5::timestamptz IS NULL OR recorded_at >= $5))
"""
_ROWS = f"SELECT e.*, {_BEFORE} {_SELECTED} ORDER BY position LIMIT $11"
_COUNT = f"SELECT count(*) {_SELECTED}"
_TOMBSTONES = """
SELECT position FROM record.event WHERE tenant = $1 AND stream = $2 AND type = $3 AND position > $4
"""
_OWNERS = """
SELECT DISTINCT (convert_from(meta, 'UTF8')::jsonb ->> 'subject')::uuid AS subject
  FROM record.event WHERE tenant = $1 AND stream = ANY($2::uuid[]) AND version = 1
"""
