"""What an auditor takes along: a manifest line, then a line an event, checked by `verify` alone.

Of a whole log, each 256 events follow a line with the leaves that the ledger has of them, from which
the tree is built again. Of a selection, each event comes with its inclusion proof and with the leaf
before it in its stream.
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import AsyncIterator
from datetime import datetime
from uuid import UUID

import msgspec

from shared.database import within
from shared.eventstore.ledger import Ledger, name_of
from shared.eventstore.merkle import HASH, TILE
from shared.eventstore.record import Record
from shared.eventstore.sealing import NO_LEAF, Row

FORMAT = "cairn-bundle/1"
_PAGE = 1_000


class Selection(msgspec.Struct, frozen=True, omit_defaults=True):
    """Which events: of a person (subject), of some streams, recorded in a period; all by default."""

    subject: UUID | None = None
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
    checkpoints: list[str]
    keys: list[str]


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
        """A bundle's lines, the manifest first; positions end with the checkpoint signed now."""
        head = await self._ledger.checkpoint(tenant)
        count = await self._count(tenant, selection, head.size)
        manifest = Manifest(
            format=FORMAT,
            tenant=tenant,
            origin=name_of(tenant),
            selection=selection,
            events=count,
            checkpoint=head.note,
            checkpoints=await self._ledger.checkpoints(tenant),
            keys=await self._ledger.verifier_keys(tenant),
        )
        yield msgspec.json.encode(manifest) + b"\n"
        async for row in self._rows(tenant, selection, head.size):
            if selection.is_whole and row.position % TILE == 1:
                yield await self._tile(tenant, row.position // TILE, head.size)
            line = await self._line(tenant, row, head.size, selection.is_whole)
            yield msgspec.json.encode(line) + b"\n"

    async def _tile(self, tenant: str, index: int, size: int) -> bytes:
        leaves = (await self._ledger.tile(tenant, index))[: (size - index * TILE) * HASH]
        return msgspec.json.encode(Tile(index, _text(leaves))) + b"\n"

    async def _rows(self, tenant: str, selection: Selection, size: int) -> AsyncIterator[Row]:
        after = 0
        while True:
            async with within(self._record.pool, tenant) as connection:
                found = await connection.fetch(
                    f"SELECT * {_SELECTED} AND position > $7 ORDER BY position LIMIT $8",
                    *_arguments(tenant, selection, size),
                    after,
                    _PAGE,
                )
            for values in found:
                yield Row(*values)
            if len(found) < _PAGE:
                return
            after = found[-1]["position"]

    async def _count(self, tenant: str, selection: Selection, size: int) -> int:
        async with within(self._record.pool, tenant) as connection:
            count: int = await connection.fetchval(
                f"SELECT count(*) {_SELECTED}",
                *_arguments(tenant, selection, size),
            )
        return count

    async def _line(self, tenant: str, row: Row, size: int, whole: bool) -> Line:
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
        if whole:
            return line
        return msgspec.structs.replace(
            line,
            previous=_text(await self._leaf_before(tenant, row)),
            proof=await self._ledger.inclusion(tenant, row.position, size),
        )

    async def _leaf_before(self, tenant: str, row: Row) -> bytes:
        if row.version == 1:
            return NO_LEAF
        async with within(self._record.pool, tenant) as connection:
            before: bytes = await connection.fetchval(
                "SELECT leaf FROM record.event WHERE tenant = $1 AND stream = $2 AND version = $3",
                tenant,
                row.stream,
                row.version - 1,
            )
        return before


def _arguments(tenant: str, selection: Selection, size: int) -> list[object]:
    subject = str(selection.subject) if selection.subject else None
    streams = list(selection.streams) or None
    return [tenant, size, subject, streams, selection.since, selection.until]


def _text(data: bytes) -> str:
    return b64encode(data).decode()


_SELECTED = """
  FROM record.event
 WHERE tenant = $1 AND position <= $2
   AND ($3::text IS NULL OR convert_from(meta, 'UTF8')::jsonb ->> 'subject' = $3)
   AND ($4::uuid[] IS NULL OR stream = ANY($4))
   AND ($5::timestamptz IS NULL OR recorded_at >= $5)
   AND ($6::timestamptz IS NULL OR recorded_at < $6)
"""
