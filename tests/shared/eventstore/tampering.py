"""Tamperings with a bundle: each takes its lines and answers altered ones."""

from __future__ import annotations

import json
import random
from base64 import b64decode, b64encode
from collections.abc import Callable, Collection, Iterator
from datetime import datetime, timedelta, timezone
from typing import Any
from uuid import uuid4

import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from shared.eventstore.bundle import Earlier, Line, Manifest
from shared.eventstore.notes import Signer, checkpoint, verifier_key

Lines = list[bytes]
Tampering = Callable[[Lines, random.Random], Lines]


def events_in(lines: Lines) -> list[int]:
    return [n for n, line in enumerate(lines) if line.startswith(b'{"position":')]


def with_line(lines: Lines, number: int, line: Line) -> Lines:
    return [*lines[:number], encode(line), *lines[number + 1 :]]


def edit(**fields: Any) -> Tampering:
    """Write something else into an event."""

    def alter(lines: Lines, chance: random.Random) -> Lines:
        number = chance.choice(events_in(lines))
        return with_line(lines, number, msgspec.structs.replace(event(lines[number]), **fields))

    return alter


def flip(lines: Lines, chance: random.Random) -> Lines:
    """Turn over one bit anywhere in the file."""
    number = chance.randrange(len(lines))
    line = bytearray(lines[number])
    line[chance.randrange(len(line))] ^= 1 << chance.randrange(8)
    return [*lines[:number], bytes(line), *lines[number + 1 :]]


def delete(lines: Lines, chance: random.Random) -> Lines:
    number = chance.choice(events_in(lines))
    return announced([*lines[:number], *lines[number + 1 :]])


def insert(lines: Lines, chance: random.Random) -> Lines:
    """Put in an event of one's own, numbered as if it had been there."""
    number = chance.choice(events_in(lines))
    own = msgspec.structs.replace(event(lines[number]), event_id=uuid4())
    moved = list(lines)
    for place in events_in(lines):
        if place >= number:
            there = event(lines[place])
            moved[place] = encode(msgspec.structs.replace(there, position=there.position + 1))
    return announced([*lines[:number], encode(own), *moved[number:]])


def reorder(lines: Lines, chance: random.Random) -> Lines:
    """Let two events change their places, and their numbers with them."""
    one, other = chance.sample(events_in(lines), 2)
    first, second = event(lines[one]), event(lines[other])
    swapped = with_line(lines, one, msgspec.structs.replace(second, position=first.position))
    return with_line(swapped, other, msgspec.structs.replace(first, position=second.position))


def truncate(lines: Lines, chance: random.Random) -> Lines:
    return announced(lines[: chance.choice(events_in(lines))])


def move_ciphertext(lines: Lines, chance: random.Random) -> Lines:
    one, other = chance.sample([n for n in events_in(lines) if event(lines[n]).words], 2)
    words = event(lines[other]).words
    return with_line(lines, one, msgspec.structs.replace(event(lines[one]), words=words))


def swap_key(lines: Lines, chance: random.Random) -> Lines:
    number = chance.choice([n for n in events_in(lines) if event(lines[n]).key_id])
    other = msgspec.structs.replace(event(lines[number]), key_id=uuid4())
    return with_line(lines, number, other)


def forge_checkpoint(lines: Lines, chance: random.Random) -> Lines:
    """Sign another root with a key of one's own, and put that key into the bundle."""
    manifest = msgspec.json.decode(lines[0], type=Manifest)
    own = Signer(manifest.origin, Ed25519PrivateKey.generate())
    note = checkpoint(manifest.origin, manifest.events, chance.randbytes(32), [own])
    keys = [verifier_key(own.name, own.public)]
    forged = msgspec.structs.replace(manifest, checkpoint=note, keys=keys)
    return [encode(forged), encode(Earlier(note)), *lines[2:]]


def add_head_ahead(lines: Lines, chance: random.Random) -> Lines:
    """Put in a head of more events than there are, signed with a key of one's own that is put in too."""
    manifest = msgspec.json.decode(lines[0], type=Manifest)
    origin, size, root = manifest.checkpoint.split("\n")[:3]
    own = Signer(origin, Ed25519PrivateKey.generate())
    note = checkpoint(origin, 1 << int(size).bit_length(), b64decode(root), [own])
    keys = [*manifest.keys, verifier_key(own.name, own.public)]
    ahead = Earlier(note, None if manifest.selection.is_whole else [])
    heads = [n for n, line in enumerate(lines) if line.startswith(b'{"head":')]
    first, end = encode(msgspec.structs.replace(manifest, keys=keys)), heads[-1] + 1
    return [first, *lines[1:end], encode(ahead), *lines[end:]]


def add_field(lines: Lines, chance: random.Random) -> Lines:
    """Give an event a field that it hasn't, of what the writer knows or of one's own."""
    number = chance.choice(events_in(lines))
    there = event(lines[number])
    if not chance.randrange(6):
        return [*lines[:number], lines[number][:-2] + b',"more":0}\n', *lines[number + 1 :]]
    before = [
        line.leaf
        for line in map(event, (lines[n] for n in events_in(lines)))
        if (line.stream, line.version) == (there.stream, there.version - 1)
    ]
    fields: dict[str, Any] = {
        "key_id": uuid4(),
        "words": "",
        "words_hash": text(chance.randbytes(32)),
        "previous": before[0] if before else text(bytes(32)),  # as it is, and none is due
        "proof": [],
    }
    name = chance.choice([name for name in fields if getattr(there, name) is None])
    return with_line(lines, number, msgspec.structs.replace(there, **{name: fields[name]}))


def drop_field(lines: Lines, chance: random.Random) -> Lines:
    """Leave out a field that needn't be in every event."""
    number = chance.choice(events_in(lines))
    there = event(lines[number])
    left = ("key_id", "words", "words_hash", "previous", "proof")
    name = chance.choice([name for name in left if getattr(there, name) is not None] or ["facts"])
    return with_line(lines, number, msgspec.structs.replace(there, **{name: None}))


def misspell(lines: Lines, chance: random.Random) -> Lines:
    """Write a value of another kind, size or spelling into one field of an event, or of its leaves."""
    numbers = [n for n, line in enumerate(lines) if line.startswith((b'{"position":', b'{"tile":'))]
    return misspelled(lines, chance.choice(numbers), chance)


def misspelled(lines: Lines, number: int, chance: random.Random) -> Lines:
    """The same in one field of this line."""
    name, value = chance.choice([*json.loads(lines[number]).items()])
    there = _spelled(value)
    ways = [way for way in (*_ODD, *_other_spellings(value)) if way != there]
    before, after = f'"{name}":{there}', f'"{name}":{chance.choice(ways)}'
    assert before.encode() in lines[number]
    altered = lines[number].replace(before.encode(), after.encode(), 1)
    return [*lines[:number], altered, *lines[number + 1 :]]


_ODD = (
    "-1",
    "65536",
    str(1 << 63),
    str(1 << 64),
    "9" * 30,
    "1.5",
    "true",
    "null",
    "[]",
    "{}",
    '""',
)
_ODD += (r'"\ud800"', "[" * 100_000, '"' + "[" * 100_000 + '"', '{"a":' * 100_000)


def _other_spellings(value: Any) -> Iterator[str]:
    if isinstance(value, int):
        yield from (str(value + 1), f"{value}.0", f'"{value}"')
    if isinstance(value, str):
        others = (value[:-1], f"{value} ", value.upper(), value.replace("Z", "+00:00"))
        yield from map(_spelled, others)
        if value.endswith("Z") and "T" in value:
            east = datetime.fromisoformat(value).astimezone(timezone(timedelta(hours=1)))
            yield _spelled(east.isoformat())
    if isinstance(value, list):
        yield from (_spelled([*value, 5]), _spelled(value[:-1]))


def _spelled(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def event(line: bytes) -> Line:
    return msgspec.json.decode(line, type=Line)


def encode(part: Any) -> bytes:
    return msgspec.json.encode(part) + b"\n"


def announced(lines: Lines) -> Lines:
    """Let the manifest announce as many events as there are."""
    manifest = msgspec.json.decode(lines[0], type=Manifest)
    return [encode(msgspec.structs.replace(manifest, events=len(events_in(lines)))), *lines[1:]]


def text(data: bytes) -> str:
    return b64encode(data).decode()


ALL = (
    flip,
    delete,
    insert,
    reorder,
    truncate,
    move_ciphertext,
    swap_key,
    forge_checkpoint,
    add_head_ahead,
    add_field,
    drop_field,
    misspell,
)


def first_bad(lines: Lines, altered: Lines) -> Collection[int | None]:
    """What may be named: the first event that differs, or any of those whose leaves were altered.

    Of a forged head, no position can be told.
    """
    for number in range(1, len(lines)):
        if lines[number : number + 1] != altered[number : number + 1]:
            if any(b'{"head":' in line[:8] for line in (lines[number], *altered[number:][:1])):
                return {None}
            if number in events_in(lines):
                return {event(lines[number]).position}
            first = event(lines[number + 1]).position
            return range(first, first + 256)
    return {None} if len(lines) == len(altered) else {event(lines[-1]).position + 1}
