#!/usr/bin/env python3
"""Checks an audit bundle of Cairn, written from docs/audit-bundle.md and nothing else.

    python cairn_verify.py BUNDLE [--public-key FILE ...] [--checkpoint FILE]

Needs Python 3.11+ and `pip install cryptography`. Ends with 0 (verified), 1 (not) or 2 (usage).
"""

import argparse
import json
import re
import sys
from base64 import b64decode, b64encode
from datetime import datetime, timedelta
from hashlib import sha256
from urllib.parse import quote
from uuid import UUID

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

FORMAT, TOMBSTONE, TILE, NOTHING = "cairn-bundle/1", "people.erased", 256, bytes(32)
MANIFEST = ["format", "tenant", "origin", "selection", "events", "checkpoint", "keys"]
EVENT = ["position", "stream", "version", "type", "schema_version", "at", "recorded_at"]
EVENT += ["event_id", "meta", "facts", "leaf"]
OPTIONAL = ["key_id", "words", "words_hash", "previous", "proof"]
MOMENT = r"\d{4}-\d\d-\d\dT(?!24)\d\d:\d\d:\d\d(\.(?!000000)\d{6})?Z"
KINDS = ["subject", "cycle", "streams", "since", "until"]
KIND = dict.fromkeys(["position", "version", "schema_version", "events", "tile"], int)
KIND |= {"selection": dict} | dict.fromkeys(["keys", "streams", "proof"], list)
BAD = (ValueError, TypeError, AttributeError, OverflowError, KeyError, RecursionError)


class NotVerified(Exception):
    """Its arguments say why, and at which position, or None where that isn't known."""


def check(holds, reason, position=None):
    if not holds:
        raise NotVerified(reason, position)


def read_line(line, needed, optional=(), position=None):
    """One JSON object with these fields in this order, written as the writer writes it."""
    again = json.dumps(found := json.loads(line), separators=(",", ":"), ensure_ascii=False) + "\n"
    check(again.encode() == line, "a line isn't as it was written", position)
    return fields(found, needed, optional, position)


def fields(found, needed, optional, position=None):
    names = needed + [name for name in optional if name in found]
    told = [(name, type(value)) for name, value in found.items()]
    check(told == [(name, KIND.get(name, str)) for name in names], "other fields", position)
    return found


def base64(text):
    if b64encode(data := b64decode(text, validate=True)).decode() != text:
        raise ValueError("not canonical")
    return data


def uuid(text):
    if str(UUID(text)) != text:
        raise ValueError("not canonical")
    return UUID(text).bytes


def microseconds(text):
    if not re.fullmatch(MOMENT, text):
        raise ValueError("not canonical")
    past = datetime.fromisoformat(text) - datetime.fromisoformat("1970-01-01T00:00:00Z")
    return past // timedelta(microseconds=1)


def open_checkpoint(note, keys, how=any):
    """What a checkpoint says, once one of the keys has signed it; with `all`, nobody else has."""
    text, _, signatures = note.partition("\n\n")
    text, (*lines, end) = text + "\n", signatures.split("\n")
    signed = lines and how(any(has_signed(k, line, text) for k in keys) for line in lines)
    check(signed and not end, "no key that is trusted has signed a checkpoint")
    origin, size, root = text.splitlines()
    check(size.isdecimal() and size == str(int(size)), "a checkpoint can't be read")
    check(int(size) or base64(root) == sha256().digest(), "a tree of nothing has another root")
    return origin, int(size), base64(root)


def has_signed(key, line, text):
    try:
        name, identity, material = key.split("+", 2)
        dash, signer, encoded = line.split(" ")
        public, signature = base64(material), base64(encoded)
        its_own = sha256(name.encode() + b"\n" + public).digest()[:4]
        Ed25519PublicKey.from_public_bytes(public[1:]).verify(signature[4:], text.encode())
        told = (dash, signer, public[:1], identity, signature[:4])
        return told == ("—", name, b"\x01", its_own.hex(), its_own)
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
    if old == size:
        return ([root, *proof][-1],) * 2 if len(proof) == (not known) else None
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
        note, keys = manifest["checkpoint"], manifest["keys"]
        check(manifest["format"] == FORMAT and {*map(type, keys)} <= {str}, "another format")
        trusted = keys if public_key is None else public_key.split()
        open_checkpoint(note, trusted)
        self.origin, self.size, self.root = open_checkpoint(note, keys, all)
        own = "cairn/" + quote(manifest["tenant"], safe="@")
        check(self.origin == manifest["origin"] == own, "the checkpoint is of another log")
        self.chosen = fields(manifest["selection"], [], KINDS)
        for name, told in self.chosen.items():
            spelled = microseconds if name in {"since", "until"} else uuid
            check([*map(spelled, told if name == "streams" else [told])], "nothing is selected")
        self.whole, self.unproven, self.heads = not self.chosen, set(), {self.size: {self.root}}
        if kept is not None:
            kept = json.loads(kept).get("note", "") if kept.startswith("{") else kept
            check("\n\n— " in kept, "the file that was kept is no checkpoint")
            origin, size, root = open_checkpoint(kept.strip() + "\n", trusted + keys)
            check(origin == self.origin, "the checkpoint that was kept is of another log")
            check(size <= self.size, "the log ends before the one that was kept", self.size + 1)
            self.heads.setdefault(size, set()).add(root)
            self.unproven = {(size, root)} - {(self.size, self.root), (0, sha256().digest())}
        self.count = self.last = self.held = 0
        self.leaves, self.subtrees, self.before = b"", [], (1, b"")
        self.streams, self.ids, self.missing, self.tombstones = {}, set(), {}, {}

    def head(self, line):
        check(not self.count and not self.leaves, "a head stands among the events", self.last + 1)
        told = read_line(line, ["head"], ["proof"])
        origin, size, root = open_checkpoint(told["head"], self.manifest["keys"], all)
        check(origin == self.origin and size <= self.size, "a head of another log is here")
        check(size >= self.before[0] and line != self.before[1], "the heads aren't in order")
        check(self.whole != ("proof" in told), "a head's proof is missing or too much")
        self.before = size, line
        self.heads.setdefault(size, set()).add(root)
        proof = [base64(each) for each in told.get("proof", [])]
        holds = self.whole or consistent(size, self.size, proof, root) == (root, self.root)
        holds = holds and {len(each) for each in proof} <= {32} and self.heads[size] == {root}
        check(holds, f"something before {size} was rewritten after signing")
        self.unproven.discard((size, root))

    def tile(self, line):
        told = read_line(line, ["tile", "leaves"], (), self.last + 1)
        due = self.whole and not self.leaves and told["tile"] * TILE == self.last
        self.leaves = base64(told["leaves"])
        due = due and len(self.leaves) in range(32, TILE * 32 + 1, 32)
        check(due, "the leaves of other events are here", self.last + 1)

    def event(self, line):
        due = self.last + 1
        event = read_line(line, EVENT, OPTIONAL, due)
        position = event["position"]
        check(position == due or (position > due and not self.whole), "it is out of turn", due)
        check(position <= self.size, "it comes after the checkpoint", position)
        check(self.whole != ("proof" in event), "a proof is missing or too much", position)
        leaf = self.leaf(event, position)
        check(leaf == base64(event["leaf"]), "it isn't what was recorded", position)
        proof = [base64(each) for each in event.get("proof", [])]
        self.count, self.last = self.count + 1, position
        if self.whole:
            return self.grow(position, leaf)
        root = included(leaf, position - 1, self.size, proof)
        check(root == self.root, "it isn't in the tree of the checkpoint", position)

    def grow(self, position, leaf):
        """Add a leaf to the tree, of which only the roots of complete subtrees are held."""
        taken_in, self.leaves = self.leaves[:32], self.leaves[32:]
        check(taken_in == leaf, "it isn't what the ledger took in", position)
        self.subtrees.append(leaf)
        for _ in range((position & -position).bit_length() - 1):
            self.subtrees[-2:] = [parent(*self.subtrees[-2:])]
        if position in self.heads:
            root = self.subtrees[-1]
            for left in reversed(self.subtrees[:-1]):
                root = parent(left, root)
            check(self.heads[position] == {root}, "rewritten after it was signed", self.held + 1)
            self.held = position

    def leaf(self, event, position):
        stream, identity = uuid(event["stream"]), uuid(event["event_id"])
        check(identity not in self.ids, "its event id is there twice", position)
        self.ids.add(identity)
        subject = (meta := json.loads(event["meta"])).get("subject")
        check(self.belongs(event, subject, meta), "it was not selected", position)
        parts = [self.manifest["tenant"].encode(), stream, event["version"].to_bytes(8)]
        parts += [event["type"].encode(), event["schema_version"].to_bytes(2)]
        parts += [microseconds(event[n]).to_bytes(8, signed=True) for n in ("at", "recorded_at")]
        parts += [identity, uuid(event["key_id"]) if "key_id" in event else b""]
        parts += [event["meta"].encode(), event["facts"].encode()]
        header = b"cairn/1" + b"".join(len(p).to_bytes(4) + p for p in parts)
        bodies = ("words" in event) + ("words_hash" in event)
        check(bodies == ("key_id" in event), "words and key don't go together", position)
        words_hash = sha256(base64(event.get("words", ""))).digest()
        if "words_hash" in event:
            self.missing[position], words_hash = subject, base64(event["words_hash"])
        before = self.leaf_before(event, stream, position)
        check(len(before) == len(words_hash) == 32, "a hash has another length", position)
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

    def leaf_before(self, event, stream, position):
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
        ends = not self.whole or (self.last == self.size and not self.leaves)
        check(ends, "log, leaves and checkpoint don't end together", self.last + 1)
        check(self.whole or not self.unproven, "no proof goes on from the one that was kept")
        for position, subject in self.missing.items():
            check(self.tombstones.get(subject, 0) > position, "its words are missing", position)
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
    asked.add_argument("--public-key", type=argparse.FileType(encoding="utf-8"), action="append")
    asked.add_argument("--checkpoint", type=argparse.FileType(encoding="utf-8"))
    given = asked.parse_args()
    key = "\n".join(file.read() for file in given.public_key) if given.public_key else None
    try:
        found = verify(given.bundle, key, given.checkpoint and given.checkpoint.read())
    except NotVerified as failed:
        reason, position = failed.args
        sys.exit(f"NOT VERIFIED{f' at position {position}' if position else ''}: {reason}")
    extent = "the whole log" if found.whole else f"a selection of a log of {found.size}"
    print(f"Verified: {found.count} events of {found.manifest['tenant']}, {extent}")
    print(f"root {found.root.hex()}; {len(found.missing)} bodies erased, as the record says;"
          f" trusted: the key {'in the bundle' if key is None else 'that was given'}")  # fmt: skip


if __name__ == "__main__":
    main()
