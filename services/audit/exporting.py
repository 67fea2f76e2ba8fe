"""The use cases of exports: ask for a bundle, write it, take it along."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

import msgspec

from services.audit.exports import Export, NoLongerKept, NoPlaceForBundles
from services.audit.readmodel import Timeline
from services.permission import Permission, Resource
from shared.errors import NotFound
from shared.eventstore.bundle import Bundler, Selection
from shared.eventstore.ledger import Ledger
from shared.eventstore.record import Answer, Command, Record
from shared.folder import Folder
from shared.principal import Principal

_SHOWN_EACH = 1_000
Show = Callable[[int, int], None]
"""Is told how many events were written, and of how many."""
Written = Callable[[str, datetime], AsyncIterator[UUID]]
"""Answers the exports of a tenant that were written before a moment."""


@dataclass(frozen=True)
class Listed:
    """An export in the list of all, and its place in the record."""

    position: int
    export: Export


class Exports:
    """Takes requests, whose work a workflow does, and keeps bundles in a folder."""

    def __init__(
        self,
        record: Record,
        permission: Permission,
        ledger: Ledger,
        folder: Folder,
        written: Written,
    ) -> None:
        self._record = record
        self._permission = permission
        self._bundler = Bundler(record, ledger)
        self._folder = folder
        self._written = written

    async def request_export(
        self,
        command: Command,
        person: str | None,
        cycle: UUID | None,
        since: datetime | None,
        until: datetime | None,
    ) -> Answer:
        """Ask for a bundle of a person, a cycle, a period, or of everything.

        Raises `NoPlaceForBundles` where it couldn't be written.
        """
        await self._permission.require(command.by, "read", Resource("audit"), command.at)
        if not await asyncio.to_thread(self._folder.takes_files):
            raise NoPlaceForBundles
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
        so_far = self._folder.so_far(id_) if export.written is None else 0
        written = export.written or {"events": None, "size": None, "length": so_far, "sha256": None}
        link = {"bundle": f"/v1/audit/exports/{id_}/bundle" if export.state == "written" else None}
        return export.receipt() | written | link

    async def list_exports(self, by: Principal, before: int, limit: int) -> list[Listed]:
        """What was asked for, newest first, one more than `limit` where there are more."""
        await self._permission.require(by, "read", Resource("audit"), self._record.clock.now())
        found = await Timeline(self._record).newest(by.tenant, "exports.requested", before, limit)
        return [Listed(r.row.position, await self._load(by.tenant, r.row.stream)) for r in found]

    async def fetch_bundle(self, by: Principal, id_: UUID) -> str:
        """The file of a bundle, once it is on record that somebody takes it along.

        Raises `NoLongerKept` where it was removed, or isn't there, since no backup holds bundles.
        """
        now = self._record.clock.now()
        await self._permission.require(by, "read", Resource("audit"), now)
        await self._record.change(Export, id_, Command(by=by, at=now), self._fetch)
        export = await self._load(by.tenant, id_)
        if export.digest is None:
            raise NoLongerKept
        return self._folder.place(id_, export.digest)

    def _fetch(self, export: Export) -> None:
        export.fetch()
        if export.digest is None or not self._folder.holds(export.id, export.digest):
            raise NoLongerKept

    async def write_bundle(self, command: Command, id_: UUID, show: Show) -> None:
        """Write the bundle, and put that on record; safe to repeat, also at the same time.

        The file is there before the record names its digest. Who is second leaves no file.
        """
        export = await self._load(command.tenant, id_)
        if export.state == "requested":
            await self._write(command, export, show)
            export = await self._load(command.tenant, id_)
        self._folder.clear(id_, keep=export.digest)

    async def _write(self, command: Command, export: Export, show: Show) -> None:
        chosen = Selection(
            subject=export.person, cycle=export.cycle, since=export.since, until=export.until
        )
        seen = _Seen(show)
        lines = seen.each(self._bundler.lines(command.tenant, chosen))
        written = await self._folder.write(export.id, lines)
        told = {"events": seen.events, "size": seen.size, **vars(written)}
        await self._record.change(Export, export.id, command, lambda e: e.write(**told))

    async def remove_old(self, command: Command, before: datetime) -> int:
        """Delete the files of bundles that were written before a moment; answers how many."""
        removed = 0
        async for id_ in self._written(command.tenant, before):
            export = await self._load(command.tenant, id_)
            if export.state == "written":
                self._folder.clear(id_)
                await self._record.change(Export, id_, command, Export.remove)
                removed += 1
        return removed

    async def _load(self, tenant: str, id_: UUID) -> Export:
        export = await self._record.load(Export, tenant, id_)
        if export is None:
            raise NotFound
        return export


class _Seen:
    """Looks at a bundle's lines as they pass by."""

    def __init__(self, show: Show) -> None:
        self._show = show
        self.events = self.size = 0

    async def each(self, lines: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
        manifest = await anext(lines)
        head = msgspec.json.decode(manifest)
        self.size = int(head["checkpoint"].split("\n")[1])
        yield manifest
        async for line in lines:
            self.events += line.startswith(b'{"position":')
            if self.events % _SHOWN_EACH == 0:
                self._show(self.events, head["events"])
            yield line
