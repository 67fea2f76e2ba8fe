"""The tree over a tenant's leaves: RFC 6962 roots and proofs, from few stored hashes.

A node (level, index) is the root over the leaves [index << level, (index + 1) << level). Stored are
tiles of 256 leaves and the nodes of every eighth level; whatever lies between is computed.
"""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import sha256

STORED_EVERY = 8
TILE = 1 << STORED_EVERY
"""Leaves of one tile."""

HASH = 32
"""Bytes of one hash."""

Node = tuple[int, int]
"""Level and index of a node over 2 ** level leaves, all of which are there."""

Span = tuple[int, int]
"""Leaves from the first up to, not including, the second."""

EMPTY_ROOT = sha256(b"").digest()


def parent(left: bytes, right: bytes) -> bytes:
    """The hash over two neighbours (RFC 6962, 2.1)."""
    return sha256(b"\x01" + left + right).digest()


class Frontier:
    """What is needed to append to a tree and to know its root: its complete subtrees, largest first."""

    def __init__(self, size: int = 0, peaks: Sequence[bytes] = ()) -> None:
        self.size = size
        self.peaks = list(peaks)

    def append(self, leaf: bytes) -> list[tuple[Node, bytes]]:
        """Add a leaf; answer the nodes that it completed and that are to be stored."""
        stored: list[tuple[Node, bytes]] = []
        level, left = 0, self.size
        while left & 1:
            leaf = parent(self.peaks.pop(), leaf)
            level, left = level + 1, left >> 1
            if level % STORED_EVERY == 0:
                stored.append(((level, left), leaf))
        self.peaks.append(leaf)
        self.size += 1
        return stored

    def root(self) -> bytes:
        """The tree's root hash."""
        return fold(self.peaks) if self.peaks else EMPTY_ROOT


def fold(subtrees: Sequence[bytes]) -> bytes:
    """The root over complete subtrees of falling size."""
    root = subtrees[-1]
    for left in reversed(subtrees[:-1]):
        root = parent(left, root)
    return root


def split(hashes: bytes) -> list[bytes]:
    """Hashes that were stored end to end."""
    return [hashes[at : at + HASH] for at in range(0, len(hashes), HASH)]


def reduce(hashes: Sequence[bytes]) -> bytes:
    """The root over a power of two of neighbours."""
    while len(hashes) > 1:
        hashes = [parent(a, b) for a, b in zip(hashes[::2], hashes[1::2], strict=True)]
    return hashes[0]


def inclusion_path(index: int, size: int) -> list[Span]:
    """The spans whose roots prove that leaf `index` is in a tree of `size` (RFC 6962, 2.1.1)."""
    return _inclusion(index, 0, size)


def consistency_path(old: int, size: int) -> list[Span]:
    """The spans whose roots prove that a tree of `size` begins with that of `old` (2.1.2)."""
    return _consistency(old, 0, size, True) if 0 < old < size else []


def nodes_of(span: Span) -> list[Node]:
    """The complete subtrees that a span consists of, largest first."""
    first, end = span
    found = []
    while first < end:
        level = (end - first).bit_length() - 1
        found.append((level, first >> level))
        first += 1 << level
    return found


def _inclusion(index: int, first: int, end: int) -> list[Span]:
    if end - first == 1:
        return []
    middle = first + _largest_power_below(end - first)
    if index < middle:
        return [*_inclusion(index, first, middle), (middle, end)]
    return [*_inclusion(index, middle, end), (first, middle)]


def _consistency(old: int, first: int, end: int, known: bool) -> list[Span]:
    if old == end:
        return [] if known else [(first, end)]
    middle = first + _largest_power_below(end - first)
    if old <= middle:
        return [*_consistency(old, first, middle, known), (middle, end)]
    return [*_consistency(old, middle, end, False), (first, middle)]


def _largest_power_below(size: int) -> int:
    return 1 << ((size - 1).bit_length() - 1)
