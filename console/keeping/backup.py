"""Writes a backup: everything that can't be derived, of one moment, the keys in a half of their own."""

from __future__ import annotations

import asyncio
import shutil
from datetime import UTC, datetime
from pathlib import Path

import asyncpg
import msgspec

from console.keeping.tables import SEES_ALL, Connection, NotAll, Table, save, tables
from console.version import VERSION
from shared.errors import Invalid, RuleBroken
from shared.folder import sync

FORMAT = "cairn-backup/1"
MANIFEST = "manifest.json"


class Exists(RuleBroken):
    """There is something at that place already; a backup goes to a folder of its own."""


class Kept(msgspec.Struct, frozen=True):
    """One file: its digest, its rows and columns."""

    sha256: str
    rows: int
    columns: tuple[str, ...]


class Manifest(msgspec.Struct, frozen=True):
    """What one half of a backup is: `half` is `record` or `keys`.

    `heads` are the newest checkpoints that were signed, by tenant; a copy is compared with them.
    """

    format: str
    half: str
    at: datetime
    release: str
    migrations: list[str]
    sizes: dict[str, int]
    heads: dict[str, str]
    files: dict[str, Kept]


async def back_up(url: str, record: Path | None, keys: Path | None) -> list[Manifest]:
    """Write one half or both, of the same moment; they appear at their places once all is whole.

    What a failed attempt wrote goes, since it would fill the disk night by night.
    """
    halves = [
        (place, half) for place, half in ((record, "record"), (keys, "keys")) if place is not None
    ]
    for place, _ in halves:
        if place.exists():
            raise Exists
    if record and keys and (_holds(record, keys) or _holds(keys, record)):
        raise Invalid("--keys-to lies within --to, or the other way round; keep the halves apart")
    written: list[Path] = []
    try:
        manifests = await _write(url, halves, written)
        for number, (place, _) in enumerate(halves):
            written[number] = written[number].rename(place)
    except BaseException:
        for folder in written:
            await asyncio.to_thread(shutil.rmtree, folder, ignore_errors=True)
        raise
    return manifests


def _holds(outer: Path, inner: Path) -> bool:
    return inner.resolve().is_relative_to(outer.resolve())


async def _write(url: str, halves: list[tuple[Path, str]], written: list[Path]) -> list[Manifest]:
    """Each half beside its place; `written` holds where, also of what isn't whole."""
    connection = await asyncpg.connect(url, timeout=10)
    try:
        async with connection.transaction(isolation="repeatable_read", readonly=True):
            if not await connection.fetchval(SEES_ALL):
                raise NotAll
            await connection.execute("SET LOCAL row_security = off")
            found = await tables(connection)
            manifests = []
            for place, half in halves:
                fresh = place.with_name(f"{place.name}.part")
                fresh.mkdir(parents=True, mode=0o700)
                written.append(fresh)
                chosen = [table for table in found if table.of_keys == (half == "keys")]
                manifests.append(await _write_half(fresh, connection, half, chosen))
            return manifests
    finally:
        await connection.close()


async def _write_half(
    fresh: Path, connection: Connection, half: str, chosen: list[Table]
) -> Manifest:
    files: dict[str, Kept] = {}
    for table in chosen:
        digest, rows = await save(connection, table, fresh)
        files[table.file] = Kept(digest, rows, table.columns)
    manifest = Manifest(
        format=FORMAT,
        half=half,
        at=(await connection.fetchval("SELECT now()")).astimezone(UTC),
        release=VERSION,
        migrations=await _migrations(connection),
        sizes=dict(map(tuple, await connection.fetch(_SIZES))),
        heads=dict(map(tuple, await connection.fetch(_HEADS))),
        files=files,
    )
    text = msgspec.json.format(msgspec.json.encode(manifest), indent=1)
    (fresh / MANIFEST).write_bytes(text)
    await asyncio.to_thread(_settle, fresh)
    return manifest


def read_manifest(folder: Path) -> Manifest:
    """A backup's manifest; raises what the file or its content raise."""
    return msgspec.json.decode((folder / MANIFEST).read_bytes(), type=Manifest)


async def _migrations(connection: Connection) -> list[str]:
    rows = await connection.fetch("SELECT name FROM public.cairn_migration ORDER BY name")
    return [row["name"] for row in rows]


def _settle(folder: Path) -> None:
    """Have all of it on disk before it gets its name."""
    for path in [*folder.iterdir(), folder]:
        sync(path)


_SIZES = "SELECT tenant, log_size FROM record.tenant ORDER BY tenant"
_HEADS = """
SELECT DISTINCT ON (tenant) tenant, note FROM record.signed_checkpoint
 ORDER BY tenant, size DESC, epoch DESC
"""
