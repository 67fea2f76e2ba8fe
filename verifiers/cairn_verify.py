#!/usr/bin/env python3
"""Checks an audit bundle of Cairn, written from docs/audit-bundle.md and nothing else.

    python cairn_verify.py BUNDLE [--public-key FILE] [--checkpoint FILE]

Needs Python 3.11 or newer and `pip install cryptography`; no server, no network, no part of Cairn.
Reads one line at a time. Ends with 0 (verified), 1 (not verified) or 2 (wrong usage).
"""

import argparse
import json
import re
import sys
from base64 import b64decode, b64encode
from datetime import datetime, timedelta
from hashlib import sha256
from uuid import UUID

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

FORMAT, TOMBSTONE, TILE, NOTHING = "cairn-bundle/1", "people.erased", 256, bytes(32)
MANIFEST = ["format", "tenant", "origin", "selection", "events", "checkpoint", "keys"]
EVENT = ["position", "stream", "version", "type", "schema_version", "at", "recorded_at"]
EVENT += ["event_id", "meta", "facts", "leaf"]
OPTIONAL = ["key_id", "words", "words_hash", "previous", "proof"]
MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{6})?Z")
KINDS = {"subject", "cycle", "streams", "since", "until"}
BAD = (ValueError, TypeError, AttributeError, OverflowError, KeyError)


class NotVerified(Exception):
    """Its arguments say why, and at which position, or None where that isn't known."""


def check(holds, reason, position=None):
    if not holds:
        raise NotVerified(reason, position)


def read_line(line, needed, optional=(), position=None):
    """One JSON object with these fields in this order, written as the writer writes it."""
    found = json.loads(line)
    again = json.dumps(found, separators=(",", ":"), ensure_ascii=False).encode() + b"\n"
    check(isinstance(found, dict) and again == line, "a line isn't as it was written", position)
    check(list(found) == needed + [n for n in optional if n in found], "other fields", position)
    check(None not in found.values(), "a field has no value", position)
    return found


def base64(text):
    data = b64decode(text, validate=True)
    if b64encode(data).decode() != text:
        raise ValueError("not canonical")
    return data


def uuid(text):
    if str(UUID(text)) != text:
        raise ValueError("not canonical")
    return UUID(text).bytes


def microseconds(text):
    if not MOMENT.fullmatch(text) or text.endswith(".000000Z"):
        raise ValueError("not canonical")
    past = datetime.fromisoformat(text) - datetime.fromisoformat("1970-01-01T00:00:00Z")
    return past // timedelta(microseconds=1)


def open_checkpoint(note, keys):
    """A checkpoint's origin, size and root, once one of the keys has signed it."""
    text, _, signatures = note.partition("\n\n")
    text += "\n"
    trusted = any(has_signed(k, line, text) for line in signatures.splitlines() for k in keys)
    check(trusted, "no key that is trusted has signed a checkpoint")
    origin, size, root = text.splitlines()
    check(size == str(int(size)) and int(size) >= 0, "a checkpoint can't be read")
    return origin, int(size), base64(root)


def has_signed(key, line, text):
    try:
        name, identity, material = key.split("+", 2)
        dash, signer, encoded = line.split(" ")
        public, signature = base64(material), base64(encoded)
        its_own = sha256(name.encode() + b"\n" + public).digest()[:4]
        Ed25519PublicKey.from_public_bytes(public[1:]).verify(signature[4:], text.encode())
        named = (dash, signer, public[:1], identity) == ("—", name, b"\x01", its_own.hex())
        return named and signature[:4] == its_own
    except (ValueError, InvalidSignature):
        return False


def parent(left, right):
    return sha256(b"\x01" + left + right).digest()


def included(leaf, index, size, proof):
    """The root that an inclusion proof (2.1.1) leads to; None for nonsense."""
    if size == 1 or not proof:
        return leaf if size == 1 and not proof else None
    half, sibling = 1 << ((size - 1).bit_length() - 1), proof[-1]
    if index < half:
        below = included(leaf, index, half, proof[:-1])
        return below and parent(below, sibling)
    below = included(leaf, index - half, size - half, proof[:-1])
    return below and parent(sibling, below)


def consistent(old, size, proof, root, known=True):
    """The old root and the new one that a consistency proof (2.1.2) leads to; None for nonsense."""
    if old == size and known:
        return None if proof else (root, root)
    if old == size:
        return (proof[0], proof[0]) if len(proof) == 1 else None
    if not proof or not 0 < old < size:
        return None
    half, sibling = 1 << ((size - 1).bit_length() - 1), proof[-1]
    if old <= half:
        below = consistent(old, half, proof[:-1], root, known)
        return below and (below[0], parent(below[1], sibling))
    below = consistent(old - half, size - half, proof[:-1], root, False)
    return below and (parent(sibling, below[0]), parent(sibling, below[1]))


class Bundle:
    """One bundle while it is read: the heads that must hold, and what the next event goes on from."""

    def __init__(self, first_line, public_key, kept):
        manifest = self.manifest = read_line(first_line, MANIFEST)
        check(manifest["format"] == FORMAT, "this is a bundle of another format")
        trusted = [public_key.strip()] if public_key else manifest["keys"]
        self.origin, self.size, self.root = open_checkpoint(manifest["checkpoint"], trusted)
        check(self.origin == manifest["origin"], "the checkpoint is of another log")
        self.chosen, self.whole = manifest["selection"], manifest["selection"] == {}
        check(set(self.chosen) <= KINDS, "something unknown was selected")
        self.heads, self.unproven = {self.size: {self.root}}, None
        if kept:
            origin, size, root = open_checkpoint(kept, trusted)
            check(origin == self.origin, "the checkpoint that was kept is of another log")
            check(size <= self.size, "the log ends before the one that was kept", self.size + 1)
            self.heads.setdefault(size, set()).add(root)
            self.unproven = None if (size, root) == (self.size, self.root) else (size, root)
        self.count = self.last = self.held = 0
        self.leaves, self.subtrees = b"", []
        self.streams, self.ids, self.missing, self.tombstones = {}, set(), {}, {}

    def head(self, line):
        check(self.count == 0, "a head stands among the events", self.count + 1)
        told = read_line(line, ["head"], ["proof"])
        origin, size, root = open_checkpoint(told["head"], self.manifest["keys"])
        check(origin == self.origin and 0 < size <= self.size, "a head of another log is here")
        check(self.whole != ("proof" in told), "a head's proof is missing or too much")
        self.heads.setdefault(size, set()).add(root)
        proof = [base64(each) for each in told.get("proof", [])]
        holds = self.whole or consistent(size, self.size, proof, root) == (root, self.root)
        check(holds, f"something before {size} was rewritten after signing")
        check(len(self.heads[size]) == 1, f"something before {size} isn't as it was kept")
        if self.unproven == (size, root):
            self.unproven = None

    def tile(self, line):
        told = read_line(line, ["tile", "leaves"], (), self.last + 1)
        place = self.whole and told["tile"] * TILE
        check(place == self.last, "the leaves of other events are here", self.last + 1)
        self.leaves = base64(told["leaves"])

    def event(self, line):
        due = self.last + 1
        event = read_line(line, EVENT, OPTIONAL, due)
        position = event["position"]
        check(type(position) is int and position >= due, "positions must rise", due)
        check(position == due or not self.whole, "a position is missing", due)
        check(position <= self.size, "it comes after the checkpoint", position)
        check(self.whole != ("proof" in event), "a proof is missing or too much", position)
        leaf = self.leaf(event, position)
        check(leaf == base64(event["leaf"]), "it isn't what was recorded", position)
        proof = [base64(each) for each in event.get("proof", [])]
        self.count, self.last = self.count + 1, position
        if self.whole:
            self.grow(position, leaf)
        else:
            holds = included(leaf, position - 1, self.size, proof) == self.root
            check(holds, "it isn't in the tree of the checkpoint", position)

    def grow(self, position, leaf):
        """Add a leaf to the tree, of which only the roots of complete subtrees are held."""
        place = (position - 1) % TILE * 32
        taken_in = self.leaves[place : place + 32]
        check(taken_in == leaf, "it isn't what the ledger took in", position)
        self.subtrees.append(leaf)
        for _ in range((position & -position).bit_length() - 1):
            right = self.subtrees.pop()
            self.subtrees.append(parent(self.subtrees.pop(), right))
        if position in self.heads:
            root = self.subtrees[-1]
            for left in reversed(self.subtrees[:-1]):
                root = parent(left, root)
            holds = self.heads[position] == {root}
            check(holds, f"something up to {position} was rewritten after signing", self.held + 1)
            self.held = position

    def leaf(self, event, position):
        stream, identity = uuid(event["stream"]), uuid(event["event_id"])
        check(identity not in self.ids, "its event id is there twice", position)
        self.ids.add(identity)
        meta = json.loads(event["meta"])
        subject = meta.get("subject")
        check(self.belongs(event, subject, meta), "it was not selected", position)
        fields = (
            self.manifest["tenant"].encode(),
            stream,
            event["version"].to_bytes(8, "big"),
            event["type"].encode(),
            event["schema_version"].to_bytes(2, "big"),
            microseconds(event["at"]).to_bytes(8, "big", signed=True),
            microseconds(event["recorded_at"]).to_bytes(8, "big", signed=True),
            identity,
            uuid(event["key_id"]) if "key_id" in event else b"",
            event["meta"].encode(),
            event["facts"].encode(),
        )
        header = b"cairn/1" + b"".join(len(f).to_bytes(4, "big") + f for f in fields)
        words_hash = sha256(base64(event.get("words", ""))).digest()
        if "key_id" in event and "words" not in event:
            self.missing[position], words_hash = subject, base64(event["words_hash"])
        before = self.before(event, stream, position)
        leaf = sha256(b"\x00" + header + before + words_hash).digest()
        self.streams[stream] = (event["version"], leaf)
        if event["type"] == TOMBSTONE and subject:
            self.tombstones[subject] = position
        return leaf

    def belongs(self, event, subject, meta):
        chosen, moment = self.chosen, microseconds(event["recorded_at"])
        return event["type"] == TOMBSTONE or (
            chosen.get("subject", subject) == subject
            and chosen.get("cycle", meta.get("correlation")) == meta.get("correlation")
            and event["stream"] in chosen.get("streams", [event["stream"]])
            and ("since" not in chosen or microseconds(chosen["since"]) <= moment)
            and ("until" not in chosen or moment < microseconds(chosen["until"]))
        )

    def before(self, event, stream, position):
        """The leaf of its stream's event before: from the bundle, else as the event tells it."""
        version, leaf = self.streams.get(stream, (0, NOTHING))
        told = base64(event["previous"]) if "previous" in event else None
        check(self.whole == (told is None), "a leaf before is missing or too much", position)
        follows = event["version"] == version + 1
        later = not self.whole and event["version"] > version + 1
        check(follows or later, "an event of its stream is missing", position)
        check(later or told in (None, leaf), "it doesn't follow the event before it", position)
        return leaf if follows else told

    def finish(self):
        check(self.count == self.manifest["events"], "the bundle was shortened", self.last + 1)
        if self.whole:
            check(self.last == self.size, "the log ends before its checkpoint", self.last + 1)
        else:
            check(self.unproven is None, "no proof goes on from the checkpoint that was kept")
        for position, subject in self.missing.items():
            covered = self.tombstones.get(subject, 0)
            check(covered > position, "words are missing and no erasure covers them", position)
        return self


def verify(lines, public_key=None, kept=None):
    """Check a bundle's lines; answers what was read of it, or raises NotVerified."""
    lines, bundle = iter(lines), None
    try:
        bundle = Bundle(next(lines, b""), public_key, kept)
        for line in lines:
            {b'{"head"': bundle.head, b'{"tile"': bundle.tile}.get(line[:7], bundle.event)(line)
        return bundle.finish()
    except BAD:
        raise NotVerified("a line can't be read", bundle and bundle.last + 1) from None


def main():
    asked = argparse.ArgumentParser(description="Checks an audit bundle of Cairn.")
    asked.add_argument("bundle", type=argparse.FileType("rb"))
    for option in ("--public-key", "--checkpoint"):
        asked.add_argument(option, type=argparse.FileType("r", encoding="utf-8"))
    given = asked.parse_args()
    key, kept = (file and file.read() for file in (given.public_key, given.checkpoint))
    try:
        found = verify(given.bundle, key, kept)
    except NotVerified as failed:
        reason, position = failed.args
        sys.exit(f"NOT VERIFIED{f' at position {position}' if position else ''}: {reason}")
    extent = "the whole log" if found.whole else f"a selection of a log of {found.size}"
    print(f"Verified: {found.count} events of {found.manifest['tenant']}, {extent}")
    print(f"root {found.root.hex()}; {len(found.missing)} bodies erased, as the record says;"
          f" trusted: the key {'that was given' if key else 'in the bundle'}")  # fmt: skip


if __name__ == "__main__":
    main()
