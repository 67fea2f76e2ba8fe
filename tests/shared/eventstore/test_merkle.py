"""The tree against published vectors and a second implementation."""

from __future__ import annotations

from base64 import b64decode
from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pymerkle import InmemoryTree

from shared.eventstore import notes
from shared.eventstore.merkle import (
    EMPTY_ROOT,
    STORED_EVERY,
    Frontier,
    Node,
    Span,
    consistency_path,
    fold,
    inclusion_path,
    nodes_of,
    reduce,
)
from shared.eventstore.verify import Failed, Head, is_consistent, is_included, open_checkpoint

# Certificate Transparency's own: eight entries, and the roots of the trees of 1 to 8 of them.
ENTRIES = ["", "00", "10", "2021", "3031", "40414243", "5051525354555657"]
ENTRIES += ["606162636465666768696a6b6c6d6e6f"]
ROOTS = [
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]
INCLUSION = {  # (leaf counted from one, size): path
    (1, 1): [],
    (1, 8): [
        "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
        "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
        "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
    ],
    (6, 8): [
        "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
        "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    ],
    (3, 3): ["fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125"],
    (2, 5): [
        "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
        "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
        "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
    ],
}
CONSISTENCY = {
    (1, 1): [],
    (1, 8): [
        "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
        "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
        "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
    ],
    (6, 8): [
        "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a",
        "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    ],
    (2, 5): [
        "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
        "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
    ],
}


class Tree:
    """A frontier with the nodes that it stored, as the ledger keeps them in tables."""

    def __init__(self, leaves: list[bytes]) -> None:
        self.frontier = Frontier()
        self.nodes: dict[Node, bytes] = {}
        self.roots = [EMPTY_ROOT]
        for index, leaf in enumerate(leaves):
            self.nodes[0, index] = leaf
            self.nodes |= dict(self.frontier.append(leaf))
            self.roots.append(self.frontier.root())

    def root_of(self, span: Span) -> bytes:
        return fold([self.hash_of(node) for node in nodes_of(span)])

    def hash_of(self, node: Node) -> bytes:
        level, index = node
        above = level % STORED_EVERY
        children = range(index << above, (index + 1) << above)
        return reduce([self.nodes[level - above, child] for child in children])

    def inclusion(self, position: int, size: int) -> list[bytes]:
        return [self.root_of(span) for span in inclusion_path(position - 1, size)]

    def consistency(self, old: int, size: int) -> list[bytes]:
        return [self.root_of(span) for span in consistency_path(old, size)]


def leaf_of(entry: bytes) -> bytes:
    return sha256(b"\x00" + entry).digest()


PUBLISHED = Tree([leaf_of(bytes.fromhex(entry)) for entry in ENTRIES])
LARGE = Tree([leaf_of(str(number).encode()) for number in range(70_000)])


def test_the_roots_are_the_published_ones() -> None:
    assert EMPTY_ROOT.hex().startswith("e3b0c442")
    assert [root.hex() for root in PUBLISHED.roots[1:]] == ROOTS


@pytest.mark.parametrize(("position", "size"), INCLUSION)
def test_inclusion_proofs_are_the_published_ones(position: int, size: int) -> None:
    proof = [hash_.hex() for hash_ in PUBLISHED.inclusion(position, size)]
    assert proof == INCLUSION[position, size]


@pytest.mark.parametrize(("old", "size"), CONSISTENCY)
def test_consistency_proofs_are_the_published_ones(old: int, size: int) -> None:
    proof = [hash_.hex() for hash_ in PUBLISHED.consistency(old, size)]
    assert proof == CONSISTENCY[old, size]


def test_roots_and_paths_equal_those_of_another_implementation() -> None:
    entries = [str(number).encode() for number in range(300)]
    ours, theirs = Tree([leaf_of(entry) for entry in entries]), InmemoryTree()
    for size, entry in enumerate(entries, 1):
        theirs.append(entry)
        assert theirs.get_state() == ours.roots[size]
    for position in range(1, 301):
        path = theirs.prove_inclusion(position, 300).path
        assert sorted(path) == sorted([ours.nodes[0, position - 1], *ours.inclusion(position, 300)])


@given(st.data())
def test_every_proof_holds_and_none_holds_for_anything_else(data: st.DataObject) -> None:
    size = data.draw(st.integers(1, 70_000))
    position = data.draw(st.integers(1, size))
    head = Head("log", size, LARGE.roots[size])
    proof = LARGE.inclusion(position, size)
    leaf = LARGE.nodes[0, position - 1]
    assert is_included(leaf, position - 1, head, proof)
    assert not is_included(leaf, position, head, proof)
    assert not is_included(LARGE.nodes[0, position % 70_000], position - 1, head, proof)
    assert not is_included(leaf, position - 1, head, [*proof, leaf])
    old = Head("log", position, LARGE.roots[position])
    path = LARGE.consistency(position, size)
    assert is_consistent(old, head, path)
    assert not is_consistent(Head("log", position, LARGE.roots[position - 1]), head, path)
    assert not is_consistent(old, head, [*path, leaf])
    for ahead in (size + 1, 1 << size.bit_length()):
        assert not is_consistent(Head("log", ahead, head.root), head, [])
    if path:
        assert not is_consistent(old, head, path[:-1])


def test_every_tree_goes_on_from_the_empty_one_which_has_one_root() -> None:
    empty, other = Head("log", 0, EMPTY_ROOT), Head("log", 0, bytes(32))
    for head in (empty, Head("log", 7, PUBLISHED.roots[7])):
        assert is_consistent(empty, head, [])
        assert not is_consistent(empty, head, [EMPTY_ROOT])
        assert not is_consistent(other, head, [])


NOTE = """\
If you think cryptography is the answer to your problem,
then you don't know what your problem is.

— PeterNeumann SIGNATURE
""".replace(
    "SIGNATURE",
    "x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=",
)
NEUMANN = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"


def test_the_published_note_opens_with_its_key_and_with_no_other() -> None:
    """The example of Go's sumdb/note, where the format comes from; it is no checkpoint."""
    with pytest.raises(Failed, match="can't be read"):
        open_checkpoint(NOTE, [NEUMANN])
    with pytest.raises(Failed, match="no key"):
        open_checkpoint(NOTE.replace("problem is", "solution is"), [NEUMANN])
    with pytest.raises(Failed, match="no key"):
        open_checkpoint(NOTE, [NEUMANN.replace("PeterNeumann", "EnochRoot")])


def test_a_public_key_is_written_as_published() -> None:
    name, _, material = NEUMANN.split("+", 2)
    assert notes.verifier_key(name, b64decode(material)[1:]) == NEUMANN
