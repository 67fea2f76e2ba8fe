"""The way back from a backup, and what remains to be done before anything is served from a copy.

While it is under way the database says so itself, and no process serves from it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory

import asyncpg

from console.bootstrap import House, build
from console.generations import GENERATION, create_lists
from console.keeping.backup import FORMAT, Manifest, read_manifest
from console.keeping.erasures import Erasure, by_tenant
from console.keeping.tables import Connection, Table, digest_of, load, tables
from console.migrations import migrate, require_owner
from shared.errors import RuleBroken
from shared.eventstore.bundle import Bundler, Selection
from shared.eventstore.durability import RESTORING
from shared.eventstore.migrations import migrate as migrate_record
from shared.eventstore.record import Command
from shared.eventstore.rootkeys import FileRootKey
from shared.eventstore.verify import Failed, Head, open_checkpoint, verify
from shared.principal import RESTORE, Principal
from shared.settings import Settings

Say = Callable[[str], None]


class NotEmpty(RuleBroken):
    """The database already holds a record; restore into an empty one."""


class Damaged(Exception):
    """A backup isn't what was written."""


@dataclass
class Outcome:
    """What came of it: whose log isn't what was recorded, and whose ends before it should.

    `unknown` are checkpoints that no key of this copy has signed, so that they say nothing of it.
    """

    altered: dict[str, str] = field(default_factory=dict)
    shorter: dict[str, tuple[int, int]] = field(default_factory=dict)
    unknown: list[str] = field(default_factory=list)

    @property
    def is_sound(self) -> bool:
        return not (self.altered or self.unknown)


async def bring_back(settings: Settings, record: Path, keys: Path, say: Say) -> None:
    """Fill an empty database from both halves of a backup."""
    halves = [_checked(record, "record"), _checked(keys, "keys")]
    if halves[1].at < halves[0].at:
        raise Damaged(
            "the keys are older than the record: take keys of the same moment or newer, or the words"
            " of people who came in between can't be read"
        )
    connection = await asyncpg.connect(settings.required_database_url(), timeout=10)
    try:
        await require_owner(connection)
        await _mark(connection)
        async with connection.transaction():
            for manifest, folder in ((halves[0], record), (halves[1], keys)):
                await _fill(connection, manifest, folder, say)
            await _open(connection, FileRootKey.of_file(settings.root_key_path))
            await connection.execute(
                "DELETE FROM record.checkpoint WHERE follower ~ '^readmodel'"  # they are derived anew
            )
            await create_lists(connection, GENERATION)
    finally:
        await connection.close()
    await migrate(settings.required_database_url())
    say("lists derived")


async def finish(
    settings: Settings,
    erasures: list[Erasure],
    notes: list[str],
    say: Say,
) -> Outcome:
    """Check every log, then forget again what the copy still knows; only then may it be served.

    `notes` are checkpoints that were kept elsewhere: nothing before them may be altered, and what is
    missing after the copy's end is told; one that can't be compared is refused. They are compared
    once, before anything new is recorded.
    """
    connection = await asyncpg.connect(settings.required_database_url(), timeout=10)
    try:
        await _mark(connection, new=False)
        house = await build(settings, restoring=True)
        try:
            compared = await connection.fetchval(_COMPARED)
            if compared and notes:
                say(
                    "the run before has compared checkpoints, and gone on: they aren't compared again"
                )
            outcome = await _check(house, [] if compared else notes)
            if not outcome.is_sound:
                return outcome
            await connection.execute(_HAS_COMPARED)
            say(f"{await _forget(house, erasures)} people forgotten again")
            say(f"{await _remove_webhooks(house)} webhooks removed again")
        finally:
            await house.close()
        await connection.execute(f"DROP TABLE {RESTORING}")
    finally:
        await connection.close()
    return outcome


def _checked(folder: Path, half: str) -> Manifest:
    manifest = read_manifest(folder)
    if manifest.format != FORMAT or manifest.half != half:
        raise Damaged(f"{folder} is no {half} half of a backup")
    for name, kept in manifest.files.items():
        if not (folder / name).exists() or digest_of(folder / name) != kept.sha256:
            raise Damaged(f"{folder / name} isn't what was written")
    return manifest


async def _mark(connection: Connection, *, new: bool = True) -> None:
    """From now on nothing is served from this database; a restore that broke off may begin again."""
    if new and await connection.fetchval("SELECT to_regclass('record.tenant') IS NOT NULL"):
        raise NotEmpty
    await connection.execute(f"CREATE TABLE IF NOT EXISTS {RESTORING} (compared_at timestamptz)")
    await connection.execute(f"GRANT SELECT ON {RESTORING} TO PUBLIC")


async def _fill(connection: Connection, manifest: Manifest, folder: Path, say: Say) -> None:
    """Go on to the migrations that a half was written under, and load every file of it."""
    applied = await migrate_record(connection, up_to=manifest.migrations[-1])
    say(f"{len(applied)} migrations, up to {manifest.migrations[-1]}")
    left = dict(manifest.files)
    for table in await tables(connection):
        kept = left.pop(table.file, None)
        if kept is not None:
            chosen = Table(table.schema, table.name, kept.columns, table.of_keys)
            rows = await load(connection, chosen, folder)
            if rows != kept.rows:
                raise Damaged(f"{table.file} has {rows} rows, not {kept.rows}")
            say(f"{table.schema}.{table.name}: {rows} rows")
    if left:
        raise Damaged(
            f"there is no table for {', '.join(sorted(left))}: restore with the release that wrote"
            f" the backup ({manifest.release}) or a newer one"
        )


async def _open(connection: Connection, root: FileRootKey) -> None:
    """Refuse keys that this root key doesn't open: nothing of what they cover could ever be read."""
    under_another = any(root.opens(row["wrapped"]) is None for row in await connection.fetch(_KEYS))
    if under_another:
        raise Damaged(
            "the keys are under a root key that was replaced since: take keys of after that; they go"
            " with an older record"
        )


async def _forget(house: House, erasures: list[Erasure]) -> int:
    """Record the tombstones that this copy lacks, and delete what they cover."""
    forgotten = 0
    for tenant, subjects in by_tenant(erasures).items():
        if not await house.record.vault.has_tenant(tenant):
            continue
        by = Principal(tenant, frozenset({"admin"}), RESTORE)
        for subject, depth in sorted(subjects.items()):
            command = Command(by=by, at=house.record.clock.now(), cause="restore")
            forgotten += await house.people.erase_again(command, subject, depth)
    return forgotten


async def _remove_webhooks(house: House) -> int:
    """Record the removals that this copy lacks: newer keys don't hold those addresses any more."""
    while await house.publishing().catch_up():  # what lists webhooks may be behind the log
        pass
    removed = 0
    for tenant, _, _ in await house.record.pool.fetch("SELECT * FROM record.tenants()"):
        by = Principal(tenant, frozenset({"admin"}), RESTORE)
        command = Command(by=by, at=house.record.clock.now(), cause="restore")
        removed += await house.webhooks.remove_forgotten_webhooks(command)
    return removed


async def _check(house: House, notes: list[str]) -> Outcome:
    outcome = Outcome(unknown=[*notes])
    for tenant, size, _ in await house.record.pool.fetch("SELECT * FROM record.tenants()"):
        keys = await house.ledger.verifier_keys(tenant)
        kept = [(note, head) for note in notes if (head := _head_of(note, keys)) is not None]
        opened = [note for note, _ in kept]
        outcome.unknown = [note for note in outcome.unknown if note not in opened]
        longest = max((head.size for _, head in kept), default=0)
        if longest > size:
            outcome.shorter[tenant] = (size, longest)
        within = [note for note, head in kept if head.size <= size]
        if reason := await _fault(house, tenant, within):
            outcome.altered[tenant] = reason
    return outcome


def _head_of(note: str, keys: list[str]) -> Head | None:
    """What a checkpoint says, where it is one of this tenant's."""
    try:
        return open_checkpoint(note, keys)
    except Failed:
        return None


async def _fault(house: House, tenant: str, notes: list[str]) -> str | None:
    """Why a tenant's log isn't what it was, by the offline verifier; None where it is."""
    kept: list[str | None] = [*notes] or [None]
    with TemporaryDirectory() as folder:
        bundle = Path(folder) / "bundle"
        with bundle.open("wb") as file:
            async for line in Bundler(house.record, house.ledger).lines(tenant, Selection()):
                file.write(line)
        try:
            for note in kept:
                with bundle.open("rb") as lines:
                    verify(lines, checkpoint=note)
        except Failed as failed:
            at = f" at position {failed.position}" if failed.position else ""
            return f"{failed.reason}{at}"
    return None


_KEYS = "SELECT wrapped FROM keys.tenant_key"
_COMPARED = f"SELECT count(*) FROM {RESTORING}"  # noqa: S608 - a name of ours
_HAS_COMPARED = f"INSERT INTO {RESTORING} VALUES (clock_timestamp())"  # noqa: S608 - the same
