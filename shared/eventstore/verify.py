"""Checks a bundle without a server, a database or a network, and without any other part of Cairn.

What is written in docs/audit-bundle.md is implemented here a second time, apart from the code that
writes: header and leaf of each event, the chain of each stream, the tree, the signed heads.
"""

from __future__ import annotations

import binascii
from base64 import b64decode, b64encode
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from struct import Struct
from typing import Annotated, TypeVar
from urllib.parse import quote
from uuid import UUID

import msgspec
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

FORMAT = "cairn-bundle/1"
ERASURE = "people.erased"
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_LENGTH = Struct(">I")
_PLACE = Struct(">I16sIQ")  # stream, version, each after its length
_SHAPE = Struct(">IHIqIqI16sI")  # schema version, at, recorded at, event id, and the key's length
_HASH = 32
_NO_LEAF = bytes(_HASH)
_NO_WORDS = sha256(b"").digest()
_ROOT_OF_NOTHING = sha256(b"").digest()
_TILE = 256
_UNREADABLE = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)
_Line = TypeVar("_Line")
_Version = Annotated[int, msgspec.Meta(ge=1, le=(1 << 63) - 1)]
_SchemaVersion = Annotated[int, msgspec.Meta(ge=0, le=(1 << 16) - 1)]


class Failed(Exception):
    """The bundle isn't what was recorded. `position` is the first one that is wrong, where known."""

    def __init__(self, reason: str, position: int | None = None) -> None:
        super().__init__(reason)
        self.reason = reason
        self.position = position


@dataclass(frozen=True)
class Report:
    """What was checked, and against what."""

    tenant: str
    events: int
    size: int
    root: str
    whole: bool
    erased: int
    trusted: str


class _Selection(msgspec.Struct, omit_defaults=True, forbid_unknown_fields=True):
    subject: UUID | None = None
    cycle: UUID | None = None
    streams: tuple[UUID, ...] = ()
    since: datetime | None = None
    until: datetime | None = None

    def takes(self, event: _Event, meta: _Meta) -> bool:
        """Whether the event is one that was selected; tombstones come along."""
        return event.type == ERASURE or (
            self.subject in {None, meta.subject}
            and self.cycle in {None, meta.correlation}
            and (not self.streams or event.stream in self.streams)
            and (self.since is None or self.since <= event.recorded_at)
            and (self.until is None or event.recorded_at < self.until)
        )


class _Manifest(msgspec.Struct, forbid_unknown_fields=True):
    format: str
    tenant: str
    origin: str
    selection: _Selection
    events: int
    checkpoint: str
    keys: list[str]


class _Earlier(msgspec.Struct, omit_defaults=True, forbid_unknown_fields=True):
    head: str
    proof: list[bytes] | None = None


class _Event(msgspec.Struct, omit_defaults=True, forbid_unknown_fields=True, gc=False):
    position: int
    stream: UUID
    version: _Version
    type: str
    schema_version: _SchemaVersion
    at: datetime
    recorded_at: datetime
    event_id: UUID
    meta: str
    facts: str
    leaf: bytes
    key_id: UUID | None = None
    words: bytes | None = None
    words_hash: bytes | None = None
    previous: bytes | None = None
    proof: list[bytes] | None = None


class _Tile(msgspec.Struct, forbid_unknown_fields=True):
    tile: int
    leaves: bytes


class _Meta(msgspec.Struct):
    subject: UUID | None = None
    correlation: UUID | None = None


@dataclass(frozen=True)
class Head:
    """A signed tree head."""

    origin: str
    size: int
    root: bytes


def verify(
    lines: Iterable[bytes], *, public_key: str | None = None, checkpoint: str | None = None
) -> Report:
    """Check a bundle, and raise `Failed` with the first position that is wrong.

    `public_key` is one that the reader has kept (`name+id+base64`), or several of them, a line each;
    without it the bundle's own keys are trusted. `checkpoint` is a head that the reader has kept: the
    bundle must contain all of it. It may be by an earlier key that the bundle alone names, since what
    it says is compared, and not believed for who has signed it.
    """
    source = iter(lines)
    manifest = _manifest(next(source, b""))
    trusted = manifest.keys if public_key is None else public_key.split()
    head = open_checkpoint(manifest.checkpoint, trusted)
    if _told(manifest.checkpoint, manifest.keys).origin != manifest.origin:
        raise Failed(f"the checkpoint is of {head.origin!r}, the bundle of {manifest.origin!r}")
    if manifest.origin != f"cairn/{quote(manifest.tenant, safe='@')}":
        raise Failed(f"{manifest.origin!r} isn't the log of {manifest.tenant!r}")
    keys = [*trusted, *manifest.keys]
    kept = open_checkpoint(checkpoint, keys) if checkpoint is not None else None
    if kept and kept.origin != head.origin:
        raise Failed(f"the checkpoint that was kept is of {kept.origin!r}, not of {head.origin!r}")
    for each in (head, kept or head):
        if each.size == 0 and each.root != _ROOT_OF_NOTHING:
            raise Failed("a checkpoint of no events has another root than that of nothing")
    whole = manifest.selection == _Selection()
    check = _Whole(head, kept) if whole else _Selected(head, kept, manifest.selection)
    record = _Record(manifest.tenant)
    count = _read(source, manifest.keys, record, check)
    if count != manifest.events:
        raise Failed(f"{manifest.events} events are announced and {count} are there", count + 1)
    check.finish()
    record.finish()
    return Report(
        tenant=manifest.tenant,
        events=count,
        size=head.size,
        root=head.root.hex(),
        whole=whole,
        erased=len(record.missing),
        trusted="the key in the bundle" if public_key is None else "the key that was given",
    )


def _read(
    source: Iterable[bytes], keys: list[str], record: _Record, check: _Whole | _Selected
) -> int:
    """Take line after line; answers how many of them are events."""
    count, before = 0, (1, b"")
    for line in source:
        if line.startswith(b'{"tile":'):
            check.tile(line)
        elif line.startswith(b'{"head":'):
            if count:
                raise Failed("a head stands among the events", count + 1)
            earlier = _decode_line(_read_earlier, line, None)
            head = _told(earlier.head, keys)
            if head.size < before[0] or line == before[1]:
                raise Failed("the heads that were signed before aren't in their order")
            before = (head.size, line)
            check.earlier(head, earlier.proof)
        else:
            check.take(*record.read(line, isinstance(check, _Whole)))
            count += 1
    return count


class _Record:
    """Header, leaf and chain of each event, one after the other."""

    def __init__(self, tenant: str) -> None:
        self._begin = b"\x00cairn/1" + _framed(tenant.encode())
        self._kinds: dict[str, bytes] = {}
        self._streams: dict[bytes, tuple[int, bytes]] = {}
        self._ids: set[bytes] = set()
        self._last = 0
        self._erasures: dict[UUID, int] = {}
        self.missing: dict[int, UUID | None] = {}

    def read(self, line: bytes, whole: bool) -> tuple[_Event, bytes]:
        """Answer an event and its leaf; raises `Failed` where it can't follow those before it."""
        expected = self._last + 1
        event = _decode_line(_read_event, line, expected)
        if event.position < expected or (whole and event.position > expected):
            raise Failed(f"position {event.position} stands where {expected} is due", expected)
        self._last = event.position
        if not _are_utc(event.at, event.recorded_at):
            raise Failed("its moments aren't in UTC", event.position)
        return event, self._leaf(event, whole)

    def finish(self) -> None:
        """Every body that is missing must be covered by an erasure that came after it."""
        for position, subject in self.missing.items():
            if subject is None or self._erasures.get(subject, 0) < position:
                raise Failed(
                    "its words are missing and no erasure on the record covers it", position
                )

    def _leaf(self, event: _Event, whole: bool) -> bytes:
        position, stream, event_id = event.position, event.stream.bytes, event.event_id.bytes
        if event_id in self._ids:
            raise Failed("its event id is there twice", position)
        self._ids.add(event_id)
        leaf = self._hash(event, stream, event_id, self._previous(event, stream, whole))
        if leaf != event.leaf:
            raise Failed("it isn't what was recorded", position)
        self._streams[stream] = (event.version, leaf)
        if event.type == ERASURE:
            self._erasures[_subject(event) or event.stream] = position
        return leaf

    def _previous(self, event: _Event, stream: bytes, whole: bool) -> bytes:
        version, leaf = self._streams.get(stream, (0, _NO_LEAF))
        told, follows = event.previous, event.version == version + 1
        if whole != (told is None):
            raise Failed("the leaf before it is missing or too much", event.position)
        if told is None and not follows:
            raise Failed(f"version {version + 1} of its stream is missing", event.position)
        if told is None or (told == leaf and follows):
            return leaf
        if follows or event.version <= version or len(told) != _HASH:
            raise Failed("it doesn't follow the event before it", event.position)
        return told

    def _words_hash(self, event: _Event) -> bytes:
        """Under a key stand words or the hash of erased ones, and without a key neither."""
        if (event.key_id is None) != (event.words is None and event.words_hash is None):
            raise Failed("its words and its key don't go together", event.position)
        if event.words_hash is not None:
            if event.words is not None or len(event.words_hash) != _HASH:
                raise Failed("its words are there, and so is what replaces them", event.position)
            self.missing[event.position] = _subject(event)
            return event.words_hash
        return sha256(event.words).digest() if event.words is not None else _NO_WORDS

    def _hash(self, event: _Event, stream: bytes, event_id: bytes, previous: bytes) -> bytes:
        key_id = event.key_id.bytes if event.key_id else b""
        meta, facts = event.meta.encode(), event.facts.encode()
        kind = self._kinds.get(event.type) or _framed(event.type.encode())
        self._kinds[event.type] = kind
        at, recorded_at = _microseconds(event.at), _microseconds(event.recorded_at)
        parts = (
            self._begin,
            _PLACE.pack(16, stream, 8, event.version),
            kind,
            _SHAPE.pack(2, event.schema_version, 8, at, 8, recorded_at, 16, event_id, len(key_id)),
            key_id,
            _LENGTH.pack(len(meta)),
            meta,
            _LENGTH.pack(len(facts)),
            facts,
            previous,
            self._words_hash(event),
        )
        return sha256(b"".join(parts)).digest()


class _Whole:
    """A whole log: its tree is built again, and every head that was ever signed must be on the way."""

    def __init__(self, head: Head, kept: Head | None) -> None:
        self._head = head
        self._heads: dict[int, list[bytes]] = {}
        for each in (head, *([kept] if kept else [])):
            self._expect(each)
        self._end = max(head.size, kept.size if kept else 0)
        self._tile: list[bytes] = []
        self._peaks: list[bytes] = []
        self._size = 0
        self._held = 0

    def earlier(self, head: Head, proof: list[bytes] | None) -> None:
        """Take a head that was signed before: its events are here, so that it needs no proof."""
        if head.origin != self._head.origin or head.size > self._head.size or proof is not None:
            raise Failed("a head of another log, or one after the checkpoint, stands here")
        if self._tile:
            raise Failed("a head stands among the events", self._size + 1)
        self._expect(head)

    def tile(self, line: bytes) -> None:
        """Take the leaves that the ledger has of the next 256 events."""
        tile = _decode_line(_read_tile, line, self._size + 1)
        count, rest = divmod(len(tile.leaves), _HASH)
        if self._tile or tile.tile * _TILE != self._size or rest or not 0 < count <= _TILE:
            raise Failed("the leaves of other events stand here", self._size + 1)
        self._tile = [tile.leaves[at * _HASH : (at + 1) * _HASH] for at in reversed(range(count))]

    def take(self, event: _Event, leaf: bytes) -> None:
        if self._size >= self._head.size:
            raise Failed("it comes after the checkpoint, which says nothing of it", event.position)
        if event.proof is not None:
            raise Failed("a proof stands where none is due", event.position)
        if not self._tile or self._tile.pop() != leaf:
            raise Failed("it isn't what the ledger took in", event.position)
        left = self._size
        while left & 1:
            leaf = _parent(self._peaks.pop(), leaf)
            left >>= 1
        self._peaks.append(leaf)
        self._size += 1
        if self._size in self._heads:
            self._compare(self._heads[self._size])

    def finish(self) -> None:
        """The log must reach the checkpoint, and the one that the reader has kept."""
        if self._size < self._end:
            raise Failed(f"the log ends before its checkpoint of {self._end}", self._size + 1)
        if self._tile:
            raise Failed("the ledger's leaves go on after the last event", self._size + 1)

    def _expect(self, head: Head) -> None:
        roots = self._heads.setdefault(head.size, [])
        if head.root not in roots:
            roots.append(head.root)

    def _compare(self, roots: list[bytes]) -> None:
        root = self._peaks[-1]
        for left in reversed(self._peaks[:-1]):
            root = _parent(left, root)
        if roots != [root]:
            first = self._held + 1
            raise Failed(f"something from here to {self._size} was rewritten after signing", first)
        self._held = self._size


class _Selected:
    """Part of a log: each event proves that it is in the tree of the checkpoint."""

    def __init__(self, head: Head, kept: Head | None, chosen: _Selection) -> None:
        self._chosen = chosen
        if kept is not None and kept.size > head.size:
            raise Failed(f"the bundle is older than the checkpoint of {kept.size} that was kept")
        self._head = head
        self._kept = None if kept is None or kept == head or kept.size == 0 else kept

    def earlier(self, head: Head, proof: list[bytes] | None) -> None:
        """Take a head that was signed before, with the proof that the checkpoint goes on from it."""
        same = head.origin == self._head.origin and proof is not None
        if not same or not is_consistent(head, self._head, proof or []):
            raise Failed(f"something before {head.size} was rewritten after signing")
        if self._kept is not None and self._kept.size == head.size:
            if self._kept.root != head.root:
                raise Failed(
                    f"something before {head.size} isn't as in the checkpoint that was kept"
                )
            self._kept = None

    def tile(self, line: bytes) -> None:
        """A selection has none."""
        raise Failed("a selection holds no leaves of other events")

    def take(self, event: _Event, leaf: bytes) -> None:
        if not self._chosen.takes(event, _meta(event)):
            raise Failed("it was not selected", event.position)
        proof = event.proof
        if proof is None or not is_included(leaf, event.position - 1, self._head, proof):
            raise Failed("it isn't in the tree of the checkpoint", event.position)

    def finish(self) -> None:
        """What was left out can't be told from the selection alone; the kept head must be in it."""
        if self._kept is not None:
            raise Failed(
                f"the bundle has no proof for the checkpoint of {self._kept.size} that was kept"
            )


def open_checkpoint(note: str, keys: Iterable[str]) -> Head:
    """Read a C2SP checkpoint that one of the keys (`name+id+base64`) has signed."""
    return _head(open_note(note, keys, "the checkpoint"))


def open_note(note: str, keys: Iterable[str], what: str) -> str:
    """The text of a note that one of the keys has signed; `what` is how a refusal calls it."""
    text, _, signatures = note.partition("\n\n")
    text += "\n"
    if not any(_is_signature(line, keys, text) for line in signatures.splitlines()):
        raise Failed(f"no key that is trusted has signed {what}")
    return text


def _told(note: str, keys: list[str]) -> Head:
    """A head that a bundle holds: all that stands in it are signatures of the bundle's own keys."""
    text, _, signatures = note.partition("\n\n")
    text += "\n"
    *lines, end = signatures.split("\n")
    if end or not lines or not all(_is_signature(line, keys, text) for line in lines):
        raise Failed("a head holds something else than signatures of the bundle's keys")
    return _head(text)


def is_consistent(old: Head, new: Head, proof: list[bytes]) -> bool:
    """Whether the proof shows that the new tree begins with the old one (RFC 9162, 2.1.4.2)."""
    if old.size > new.size:
        return False
    if old.size == new.size:
        return old.root == new.root and not proof
    if old.size == 0:
        return old.root == _ROOT_OF_NOTHING and not proof
    path = [old.root, *proof] if old.size & (old.size - 1) == 0 else list(proof)
    if not path or any(len(hash_) != _HASH for hash_ in path):
        return False
    index, last = old.size - 1, new.size - 1
    while index & 1:
        index, last = index >> 1, last >> 1
    first = second = path[0]
    for hash_ in path[1:]:
        if last == 0:
            return False
        if index & 1 or index == last:
            first, second = _parent(hash_, first), _parent(hash_, second)
            while not (index & 1 or index == 0):
                index, last = index >> 1, last >> 1
        else:
            second = _parent(second, hash_)
        index, last = index >> 1, last >> 1
    return (first, second, last) == (old.root, new.root, 0)


def is_included(leaf: bytes, index: int, head: Head, proof: list[bytes]) -> bool:
    """RFC 9162, 2.1.3.2."""
    if index >= head.size:
        return False
    last, hash_ = head.size - 1, leaf
    for sibling in proof:
        if last == 0:
            return False
        if index & 1 or index == last:
            hash_ = _parent(sibling, hash_)
            while not (index & 1 or index == 0):
                index, last = index >> 1, last >> 1
        else:
            hash_ = _parent(hash_, sibling)
        index, last = index >> 1, last >> 1
    return last == 0 and hash_ == head.root


def _is_signature(line: str, keys: Iterable[str], text: str) -> bool:
    dash, _, rest = line.partition(" ")
    name, _, encoded = rest.rpartition(" ")
    return dash == "—" and any(_has_signed(key, name, encoded, text) for key in keys)


def _has_signed(key: str, name: str, encoded: str, text: str) -> bool:
    try:
        owner, _, rest = key.partition("+")
        identity, _, material = rest.partition("+")
        algorithm_and_key, signed = _decode(material), _decode(encoded)
        if owner != name or signed[:4].hex() != identity or algorithm_and_key[:1] != b"\x01":
            return False
        expected = sha256(owner.encode() + b"\n" + algorithm_and_key).digest()[:4].hex()
        public = Ed25519PublicKey.from_public_bytes(algorithm_and_key[1:])
        public.verify(signed[4:], text.encode())
    except (ValueError, binascii.Error, InvalidSignature):
        return False
    return identity == expected


def _head(text: str) -> Head:
    try:
        origin, size, root, *_ = text.split("\n")
        head = Head(origin, int(size), _decode(root))
    except (ValueError, binascii.Error):
        raise Failed("the checkpoint can't be read") from None
    if head.size < 0 or str(head.size) != size or len(head.root) != _HASH:
        raise Failed("the checkpoint can't be read")
    return head


def _decode(text: str) -> bytes:
    """Base64 in its one canonical spelling."""
    data = b64decode(text, validate=True)
    if b64encode(data).decode() != text:
        raise ValueError("base64 that isn't canonical")
    return data


def _manifest(line: bytes) -> _Manifest:
    try:
        manifest = msgspec.json.decode(line, type=_Manifest)
    except _UNREADABLE:
        raise Failed("this is no bundle: its first line can't be read") from None
    if manifest.format != FORMAT:
        raise Failed(
            f"this is a bundle of format {manifest.format!r}; take the release that wrote it"
        )
    chosen = manifest.selection
    if _write(manifest) + b"\n" != line:
        raise Failed("its first line isn't as it was written")
    if not _are_utc(chosen.since, chosen.until):
        raise Failed("its period isn't in UTC; have the same period exported again")
    return manifest


def _decode_line(read: Callable[[bytes], _Line], line: bytes, position: int | None) -> _Line:
    """Read a line that must be written exactly as the writer writes it."""
    try:
        found = read(line)
    except _UNREADABLE:
        raise Failed("its line can't be read", position) from None
    if _write(found) + b"\n" != line:
        raise Failed("its line isn't as it was written", position)
    return found


def _subject(event: _Event) -> UUID | None:
    return _meta(event).subject


def _meta(event: _Event) -> _Meta:
    try:
        return _read_meta(event.meta)
    except _UNREADABLE:
        return _Meta()


def _parent(left: bytes, right: bytes) -> bytes:
    return sha256(b"\x01" + left + right).digest()


def _framed(field: bytes) -> bytes:
    return _LENGTH.pack(len(field)) + field


def _are_utc(*moments: datetime | None) -> bool:
    return all(moment is None or moment.tzinfo is UTC for moment in moments)


def _microseconds(moment: datetime) -> int:
    past = moment - _EPOCH
    return (past.days * 86_400 + past.seconds) * 1_000_000 + past.microseconds


_write = msgspec.json.Encoder().encode
_read_event = msgspec.json.Decoder(_Event).decode
_read_earlier = msgspec.json.Decoder(_Earlier).decode
_read_tile = msgspec.json.Decoder(_Tile).decode
_read_meta = msgspec.json.Decoder(_Meta).decode
