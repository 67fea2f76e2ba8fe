"""The use cases of exports: ask for a bundle, write it, take it along."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import msgspec

from services.audit.exports import Export
from services.permission import Permission, Resource
from shared.errors import NotFound
from shared.eventstore.bundle import Bundler, Selection
from shared.eventstore.ledger import Ledger
from shared.eventstore.record import Answer, Command, Record
from shared.principal import Principal

_BUFFER = 1 << 20
Show = Callable[[int, int], None]
"""Is told how many events were written, and of how many."""


class Exports:
    """Takes requests, whose work a workflow does, and keeps bundles as files of a directory."""

    def __init__(
        self, record: Record, permission: Permission, ledger: Ledger, directory: Path
    ) -> None:
        self._record = record
        self._permission = permission
        self._bundler = Bundler(record, ledger)
        self._directory = directory

    async def request_export(
        self,
        command: Command,
        person: str | None,
        cycle: UUID | None,
        since: datetime | None,
        until: datetime | None,
    ) -> Answer:
        """Ask for a bundle of a person, a cycle, a period, or of everything."""
        await self._permission.require(command.by, "read", Resource("audit"), command.at)
        subject = await self._record.vault.subject_of(command.tenant, person) if person else None
        if person and subject is None:
            raise NotFound
        if cycle is not None and not await self._record.rows(command.tenant, cycle, at_version=1):
            raise NotFound
        export = Export.request(
            uuid4(), command.at, person=subject, cycle=cycle, since=since, until=until
        )
        return await self._record.save(export, command, accepted=True)

    async def get_export(self, by: Principal, id_: UUID) -> dict[str, Any]:
        """How far it is: what was written, or how many bytes so far."""
        await self._permission.require(by, "read", Resource("audit"), self._record.clock.now())
        export = await self._load(by.tenant, id_)
        part = self._file(id_, ".part")
        so_far = part.stat().st_size if export.written is None and part.exists() else 0
        written = export.written or {"events": None, "size": None, "length": so_far, "sha256": None}
        link = {"bundle": f"/v1/audit/exports/{id_}/bundle" if export.state == "written" else None}
        return export.receipt() | written | link

    async def fetch_bundle(self, by: Principal, id_: UUID) -> Path:
        """The file of a bundle, once it is on record that somebody takes it along."""
        now = self._record.clock.now()
        await self._permission.require(by, "read", Resource("audit"), now)
        await self._record.change(Export, id_, Command(by=by, at=now), Export.fetch)
        return self._file(id_)

    async def write_bundle(self, command: Command, id_: UUID, show: Show) -> None:
        """Write the bundle beside its place, move it there, and put that on record; safe to repeat."""
        export = await self._load(command.tenant, id_)
        if export.state != "requested":
            return
        chosen = Selection(
            subject=export.person, cycle=export.cycle, since=export.since, until=export.until
        )
        part = self._file(id_, ".part")
        await asyncio.to_thread(_prepare, part)
        told = await self._write(part, command.tenant, chosen, show)
        part.replace(self._file(id_))
        await self._record.change(Export, id_, command, lambda e: e.write(**told))

    async def _write(
        self, part: Path, tenant: str, chosen: Selection, show: Show
    ) -> dict[str, Any]:
        digest, length, count, manifest = sha256(), 0, 0, b""
        with part.open("wb", buffering=_BUFFER) as file:
            async for line in self._bundler.lines(tenant, chosen):
                manifest = manifest or line
                digest.update(line)
                length += len(line)
                file.write(line)
                count += line.startswith(b'{"position":')
                if count % 1_000 == 0:
                    show(count, msgspec.json.decode(manifest)["events"])
                    await asyncio.sleep(0)
        head = msgspec.json.decode(manifest)
        size = int(head["checkpoint"].split("\n")[1])
        return {"events": count, "size": size, "length": length, "sha256": digest.hexdigest()}

    async def _load(self, tenant: str, id_: UUID) -> Export:
        export = await self._record.load(Export, tenant, id_)
        if export is None:
            raise NotFound
        return export

    def _file(self, id_: UUID, ending: str = "") -> Path:
        return self._directory / f"{id_}.cairn{ending}"


def _prepare(part: Path) -> None:
    """An empty file that nobody else may read."""
    part.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    part.touch(mode=0o600)
