"""Proofs for many events of one tree, from hashes that are fetched once: memory stays within bounds."""

from __future__ import annotations

from base64 import b64encode

from cachetools import LRUCache

from shared.database import Connection, Pool, within
from shared.eventstore.merkle import (
    STORED_EVERY,
    TILE,
    Span,
    consistency_path,
    fold,
    inclusion_path,
    nodes_of,
    parent,
    reduce,
    split,
)

_NODES_KEPT = 20_000
_TILES_KEPT = 16


class Prover:
    """Proves from a tenant's tree of one size; what it has fetched serves the next proof too."""

    def __init__(self, pool: Pool, tenant: str, size: int) -> None:
        self.size = size
        self._pool = pool
        self._tenant = tenant
        self._roots: LRUCache[Span, bytes] = LRUCache(_NODES_KEPT)
        self._tiles: LRUCache[int, list[list[bytes]]] = LRUCache(_TILES_KEPT)

    async def root(self) -> str:
        """The tree's root (base64)."""
        return (await self._told([(0, self.size)]))[0]

    async def leaf(self, position: int) -> str:
        """The leaf of an event (base64), as the ledger took it in."""
        return (await self._told([(position - 1, position)]))[0]

    async def inclusion(self, position: int) -> list[str]:
        """The hashes (base64, RFC 6962, 2.1.1) that prove an event to be in the tree."""
        return await self._told(inclusion_path(position - 1, self.size))

    async def consistency(self, old: int) -> list[str]:
        """The hashes (base64, RFC 6962, 2.1.2) that prove that the tree begins with the old one."""
        return await self._told(consistency_path(old, self.size))

    async def _told(self, spans: list[Span]) -> list[str]:
        missing = [span for span in spans if span not in self._roots]
        if missing:
            async with within(self._pool, self._tenant) as connection:
                for span in missing:
                    self._roots[span] = await self._root(connection, span)
        return [b64encode(self._roots[span]).decode() for span in spans]

    async def _root(self, connection: Connection, span: Span) -> bytes:
        return fold([await self._node(connection, *node) for node in nodes_of(span)])

    async def _node(self, connection: Connection, level: int, index: int) -> bytes:
        if level <= STORED_EVERY:
            tile, within_tile = divmod(index << level, TILE)
            return (await self._tile(connection, tile))[level][within_tile >> level]
        above = level % STORED_EVERY
        first, end = index << above, (index + 1) << above
        rows = await connection.fetch(_NODES, self._tenant, level - above, first, end)
        return reduce([row["hash"] for row in rows])

    async def _tile(self, connection: Connection, index: int) -> list[list[bytes]]:
        """The levels of a tile, its leaves first; of the last tile as far as they are complete."""
        if index not in self._tiles:
            level = split(await connection.fetchval(_TILE, self._tenant, index))
            levels = [level]
            while len(level) > 1:
                pairs = zip(level[::2], level[1::2], strict=False)
                level = [parent(left, right) for left, right in pairs]
                levels.append(level)
            self._tiles[index] = levels
        return self._tiles[index]


_TILE = """
SELECT coalesce((SELECT leaves FROM record.tile WHERE tenant = $1 AND index = $2),
                (SELECT pending FROM record.ledger WHERE tenant = $1), '')
"""
_NODES = """
SELECT hash FROM record.tree_node
 WHERE tenant = $1 AND level = $2 AND index >= $3 AND index < $4 ORDER BY index
"""
