"""How one event becomes one row: canonical header, encrypted body, leaf hash.

    header = "cairn/1" and eleven fields, each preceded by its length (4 bytes, big-endian)
    words  = nonce (12 bytes) and AES-256-GCM(data key, JSON of the words, AAD = header), or nothing
    leaf   = SHA-256(0x00, header, leaf of the stream's previous event or 32 zeros, SHA-256(words))

The header is the associated data, so that a ciphertext can't be moved to another place; the leaf is
an RFC 6962 leaf and a chain per stream, and still verifies when the words have been deleted.
"""

from __future__ import annotations

import os
from datetime import UTC, datetime
from hashlib import sha256
from struct import Struct
from uuid import UUID

import msgspec
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from shared.errors import RuleBroken

FORMAT = b"cairn/1"
NO_LEAF = bytes(32)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_LENGTH = Struct(">I")
_PLACE = Struct(">I16sIQ")  # stream, version, each after its length
_SHAPE = Struct(">IHIqIqI16s")  # schema version, at, recorded at, event id
_NONCE = 12


class Row(msgspec.Struct, frozen=True):
    """One row of the record, as it is stored; `position` is 0 until the append has given it one."""

    tenant: str
    position: int
    stream: UUID
    version: int
    type: str
    schema_version: int
    at: datetime
    recorded_at: datetime
    event_id: UUID
    key_id: UUID | None
    meta: bytes
    facts: bytes
    words: bytes | None
    words_hash: bytes
    leaf: bytes


class Unsealed(msgspec.Struct, frozen=True):
    """What is to be sealed: everything in the header, and the words in clear."""

    tenant: str
    stream: UUID
    version: int
    type: str
    schema_version: int
    at: datetime
    recorded_at: datetime
    event_id: UUID
    key_id: UUID | None
    meta: bytes
    facts: bytes


def seal(event: Unsealed, words: bytes | None, key: AESGCM | None, previous: bytes) -> Row:
    """Encrypt the words and hash the whole; `previous` is the leaf before it in the stream."""
    head = header(event)
    ciphertext = None
    if words is not None:
        if key is None:
            raise KeyMissing
        nonce = os.urandom(_NONCE)
        ciphertext = nonce + key.encrypt(nonce, words, head)
    digest = sha256(ciphertext or b"").digest()
    fields = msgspec.structs.asdict(event)
    return Row(
        position=0,
        words=ciphertext,
        words_hash=digest,
        leaf=leaf(head, previous, digest),
        **fields,
    )


def unseal(row: Row, key: AESGCM | None) -> bytes | None:
    """Answer the words as JSON, None where the event has none, empty where they can't be read."""
    if row.key_id is None:
        return None
    if row.words is None or key is None:
        return b""
    try:
        return key.decrypt(row.words[:_NONCE], row.words[_NONCE:], header(row))
    except InvalidTag:
        raise Altered(f"the words of event {row.event_id} don't belong to its header") from None


def header(event: Unsealed | Row) -> bytes:
    """Everything about an event but its words and its place in the log, as canonical bytes."""
    key_id = event.key_id.bytes if event.key_id else b""
    at, recorded_at = _microseconds(event.at), _microseconds(event.recorded_at)
    shape = (2, event.schema_version, 8, at, 8, recorded_at, 16, event.event_id.bytes)
    return b"".join(
        (
            FORMAT,
            _framed(event.tenant.encode()),
            _PLACE.pack(16, event.stream.bytes, 8, event.version),
            _framed(event.type.encode()),
            _SHAPE.pack(*shape),
            _framed(key_id),
            _framed(event.meta),
            _framed(event.facts),
        )
    )


def leaf(head: bytes, previous: bytes, words_hash: bytes) -> bytes:
    """The hash that stands for an event in its stream's chain and in the tenant's tree."""
    return sha256(b"\x00" + head + previous + words_hash).digest()


class Altered(Exception):
    """A row of the record is not what was written."""


class Gap(Exception):
    """A position is missing in the record: a fault or tampering, nothing to read over."""

    def __init__(self, tenant: str, position: int) -> None:
        self.position = position
        super().__init__(f"tenant {tenant}: position {position} is missing in the record")


class KeyMissing(RuleBroken):
    """The words of whom this is about were erased and their key with them; no new words are kept."""

    code = "words-erased"


def _framed(field: bytes) -> bytes:
    return _LENGTH.pack(len(field)) + field


def _microseconds(moment: datetime) -> int:
    past = moment - _EPOCH
    return (past.days * 86_400 + past.seconds) * 1_000_000 + past.microseconds
