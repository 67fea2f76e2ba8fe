"""The ledger: extends each tenant's tree behind the record, signs its heads, and proves from them."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import AsyncIterator, Iterable, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from shared.database import Connection, within
from shared.errors import NotFound
from shared.eventstore.epochs import hold, opened
from shared.eventstore.merkle import HASH, TILE, Frontier
from shared.eventstore.notes import Signer, checkpoint, signed, verifier_key
from shared.eventstore.proofs import Prover
from shared.eventstore.record import Record, Recorded
from shared.eventstore.sealing import Gap

_PAGE = 2_000


@dataclass(frozen=True)
class Checkpoint:
    """A signed tree head: the note is what is kept and handed on, the rest is read out of it."""

    size: int
    root: str
    note: str


@dataclass(frozen=True)
class Proof:
    """What leads to the root of the tree of `size`: hashes of RFC 6962, all in base64."""

    size: int
    root: str
    hashes: list[str]


@dataclass(frozen=True)
class Inclusion(Proof):
    """What leads there from an event's leaf."""

    leaf: str


class Ledger:
    """Follows the record of every tenant, and answers heads and proofs of one."""

    def __init__(self, record: Record) -> None:
        self._record = record

    async def apply(self, to: Connection, tenant: str, events: Sequence[Recorded]) -> None:
        """Take the next events of a tenant's log into its tree."""
        rows = [(recorded.row.position, recorded.row.leaf) for recorded in events]
        await self._extend(to, tenant, rows)

    async def checkpoint(self, tenant: str) -> Checkpoint:
        """Bring the tree up to where the log ends now, whoever goes on writing, and sign its head."""
        async with within(self._record.pool, tenant) as connection:
            await connection.execute(_LOCK_TENANT, tenant)
            end = await connection.fetchval(_LOG_SIZE, tenant) or 0
            frontier = await _frontier(connection, tenant)
            while frontier.size < end and (
                rows := await connection.fetch(LEAVES_AFTER, tenant, frontier.size, _PAGE)
            ):
                await self._extend(connection, tenant, [tuple(row) for row in rows])
                frontier = await _frontier(connection, tenant)
            return await self._sign(connection, tenant, frontier)

    async def inclusion(self, tenant: str, position: int, size: int | None) -> Inclusion:
        """Prove an event to be in the tree of `size`, else of the newest signed head (2.1.1).

        `NotFound` where the event is not in that tree, or the ledger not as large.
        """
        prover = await self._prover(tenant, position, size)
        hashes, leaf = await prover.inclusion(position), await prover.leaf(position)
        return Inclusion(prover.size, await prover.root(), hashes, leaf)

    async def consistency(self, tenant: str, old: int, size: int | None) -> Proof:
        """Prove the tree of `size`, else of the newest signed head, to begin with that of `old` (2.1.2).

        `NotFound` where it is smaller than `old`, or the ledger not as large.
        """
        prover = await self._prover(tenant, old, size)
        return Proof(prover.size, await prover.root(), await prover.consistency(old))

    async def _prover(self, tenant: str, position: int, size: int | None) -> Prover:
        async with within(self._record.pool, tenant) as connection:
            size = await _checked(connection, tenant, position, size)
        return Prover(self._record.pool, tenant, size)

    def prover(self, tenant: str, size: int) -> Prover:
        """What proves many events of a tree of which a head was signed."""
        return Prover(self._record.pool, tenant, size)

    async def tile(self, tenant: str, index: int) -> bytes:
        """The leaves of one tile, end to end; of the last one as many as there are."""
        async with within(self._record.pool, tenant) as connection:
            return await _tile(connection, tenant, index)

    async def checkpoints(self, tenant: str) -> AsyncIterator[tuple[int, str]]:
        """Every head that was signed with its size, oldest first."""
        after = (-1, 0)
        while True:
            async with within(self._record.pool, tenant) as connection:
                found = await connection.fetch(_SIGNED, tenant, *after, _PAGE)
            for row in found:
                yield row["size"], row["note"]
            if len(found) < _PAGE:
                return
            after = (found[-1]["size"], found[-1]["epoch"])

    async def verifier_keys(self, tenant: str) -> list[str]:
        """The public keys of all epochs, oldest first, as customers keep them."""
        async with within(self._record.pool, tenant) as connection:
            found = await connection.fetch(
                "SELECT public_key FROM keys.ledger_key WHERE tenant = $1 ORDER BY epoch", tenant
            )
        return [verifier_key(name_of(tenant), row["public_key"]) for row in found]

    async def sign(self, tenant: str, kind: str, lines: Sequence[str]) -> str:
        """A note of lines with the newest key; its first line is its kind, so that it is no head."""
        async with within(self._record.pool, tenant) as connection:
            await connection.execute(_LOCK_TENANT, tenant)
            _, signer = await self._signer(connection, tenant)
        text = "".join(f"{line}\n" for line in (kind, name_of(tenant), *lines))
        return signed(text, [signer])

    async def rotate(self, tenant: str) -> Checkpoint:
        """Begin a new epoch of the signing key; its first head is signed by the old key as well."""
        async with within(self._record.pool, tenant) as connection:
            await connection.execute(_LOCK_TENANT, tenant)
            epoch, old = await self._signer(connection, tenant)
            new = await self._create_key(connection, tenant, epoch + 1)
            frontier = await _frontier(connection, tenant)
            signed = await _keep(connection, tenant, frontier, epoch + 1, [new, old])
            await connection.execute(
                "UPDATE keys.ledger_key SET wrapped = NULL WHERE tenant = $1 AND epoch <= $2",
                tenant,
                epoch,
            )
            return signed

    async def _extend(self, to: Connection, tenant: str, rows: Iterable[tuple[int, bytes]]) -> None:
        await to.execute(_LOCK_TENANT, tenant)
        frontier = await _frontier(to, tenant)
        size = frontier.size
        nodes: list[tuple[str, int, int, bytes]] = []
        leaves: list[bytes] = []
        for position, leaf in rows:
            if position > frontier.size + 1:
                raise Gap(tenant, frontier.size + 1)
            if position > frontier.size:  # whatever comes again is there already
                stored = frontier.append(leaf)
                nodes += [(tenant, level, index, hash_) for (level, index), hash_ in stored]
                leaves.append(leaf)
        if leaves:
            pending = await _put_tiles(to, tenant, size, leaves)
            await to.execute(_PUT_LEDGER, tenant, frontier.size, frontier.peaks, pending)
        if nodes:
            await to.executemany("INSERT INTO record.tree_node VALUES ($1, $2, $3, $4)", nodes)

    async def _sign(self, connection: Connection, tenant: str, frontier: Frontier) -> Checkpoint:
        epoch, signer = await self._signer(connection, tenant)
        known = await connection.fetchval(
            "SELECT note FROM record.signed_checkpoint"
            " WHERE tenant = $1 AND size = $2 AND epoch = $3",
            tenant,
            frontier.size,
            epoch,
        )
        if known is not None:
            return Checkpoint(frontier.size, _text(frontier.root()), known)
        return await _keep(connection, tenant, frontier, epoch, [signer])

    async def _signer(self, connection: Connection, tenant: str) -> tuple[int, Signer]:
        row = await connection.fetchrow(
            "SELECT epoch, wrapped FROM keys.ledger_key WHERE tenant = $1"
            " ORDER BY epoch DESC LIMIT 1",
            tenant,
        )
        if row is None:
            return 1, await self._create_key(connection, tenant, 1)
        private = Ed25519PrivateKey.from_private_bytes(
            opened(row["wrapped"], self._record.vault.root)
        )
        return row["epoch"], Signer(name_of(tenant), private)

    async def _create_key(self, connection: Connection, tenant: str, epoch: int) -> Signer:
        private = Ed25519PrivateKey.generate()
        signer = Signer(name_of(tenant), private)
        await hold(connection, self._record.vault.root)
        await connection.execute(
            "INSERT INTO keys.ledger_key (tenant, epoch, public_key, wrapped)"
            " VALUES ($1, $2, $3, $4)",
            tenant,
            epoch,
            signer.public,
            self._record.vault.root.wrap(private.private_bytes_raw()),
        )
        return signer


def name_of(tenant: str) -> str:
    """The origin of a tenant's log and the name of its keys; neither may hold a plus or a space."""
    return f"cairn/{quote(tenant, safe='@')}"


async def _keep(
    connection: Connection, tenant: str, frontier: Frontier, epoch: int, signers: Sequence[Signer]
) -> Checkpoint:
    note = checkpoint(name_of(tenant), frontier.size, frontier.root(), signers)
    await connection.execute(
        "INSERT INTO record.signed_checkpoint (tenant, size, epoch, note) VALUES ($1, $2, $3, $4)",
        tenant,
        frontier.size,
        epoch,
        note,
    )
    return Checkpoint(frontier.size, _text(frontier.root()), note)


async def _frontier(connection: Connection, tenant: str) -> Frontier:
    row = await connection.fetchrow(
        "SELECT size, peaks FROM record.ledger WHERE tenant = $1 FOR UPDATE", tenant
    )
    return Frontier(row["size"], row["peaks"]) if row else Frontier()


async def _put_tiles(to: Connection, tenant: str, size: int, leaves: Sequence[bytes]) -> bytes:
    """Store the tiles that are full now; answer the leaves of the last one."""
    first = size // TILE
    known = await _tile(to, tenant, first) if size % TILE else b""
    hashes = known + b"".join(leaves)
    full = len(hashes) // (TILE * HASH)
    tiles = [
        (tenant, first + n, hashes[n * TILE * HASH : (n + 1) * TILE * HASH]) for n in range(full)
    ]
    if tiles:
        await to.executemany("INSERT INTO record.tile VALUES ($1, $2, $3)", tiles)
    return hashes[full * TILE * HASH :]


async def _tile(connection: Connection, tenant: str, index: int) -> bytes:
    leaves: bytes = await connection.fetchval(_TILE, tenant, index)
    return leaves


async def _checked(connection: Connection, tenant: str, position: int, size: int | None) -> int:
    if size is None:
        size = int(await connection.fetchval(_NEWEST_SIGNED, tenant))
        if position > size:
            raise NotFound(
                f"The newest signed head has {size} entries; take a checkpoint, which signs one of all."
            )
    there = (await _frontier(connection, tenant)).size
    if not 0 < position <= size <= there:
        raise NotFound(
            f"The ledger has {there} entries so far; choose a position and a size up to that."
        )
    return size


def _text(hash_: Any) -> str:
    return b64encode(hash_).decode()


_LOCK_TENANT = "SELECT pg_advisory_xact_lock(hashtextextended('cairn ledger ' || $1, 0))"
_LOG_SIZE = "SELECT log_size FROM record.tenant WHERE tenant = $1"
LEAVES_AFTER = """
SELECT position, leaf FROM record.event
 WHERE tenant = $1 AND position > $2 ORDER BY position LIMIT $3
"""
"""No sub-select for the position: below row-level security none can be looked up in an index."""
_TILE = """
SELECT coalesce((SELECT leaves FROM record.tile WHERE tenant = $1 AND index = $2),
                (SELECT pending FROM record.ledger WHERE tenant = $1), '')
"""
_SIGNED = """
SELECT size, epoch, note FROM record.signed_checkpoint
 WHERE tenant = $1 AND (size, epoch) > ($2, $3) ORDER BY size, epoch LIMIT $4
"""
_NEWEST_SIGNED = "SELECT coalesce(max(size), 0) FROM record.signed_checkpoint WHERE tenant = $1"
_PUT_LEDGER = """
INSERT INTO record.ledger (tenant, size, peaks, pending) VALUES ($1, $2, $3, $4)
ON CONFLICT (tenant) DO UPDATE
SET size = excluded.size, peaks = excluded.peaks, pending = excluded.pending
"""
