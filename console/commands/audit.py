"""The auditor's terminal: timeline, replay and export, straight from the record."""

from __future__ import annotations

import json
import sys
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Literal
from uuid import UUID

import msgspec
from rich.console import Console
from rich.table import Table

from console.bootstrap import House, build
from console.commands.progress import progress
from console.exits import GaveUp
from services.audit.application import Place
from services.audit.sheet import header, rows
from shared.errors import NotFound
from shared.eventstore.bundle import Bundler, Overtaken, Selection
from shared.principal import CONSOLE, Principal
from shared.settings import Settings

How = Literal["table", "csv", "json"]
_ATTEMPTS = 5
TOPICS = {"conversation": "conversation", "plan": "plan", "cycle": "cycles"}


@dataclass(frozen=True)
class Asked:
    """Which part of the timeline is asked for."""

    tenant: str
    person: str | None = None
    cycle: str | None = None
    actor: str | None = None
    kind: str | None = None
    since: datetime | None = None
    until: datetime | None = None


async def print_timeline(settings: Settings, asked: Asked, language: str, how: How) -> None:
    """Print the timeline, as a table, as a sheet or as one JSON document."""
    house = await build(settings)
    try:
        pages = _pages(house, asked, language)
        if how == "csv":
            sys.stdout.write(header())
            async for items in pages:
                sys.stdout.write(rows(items))
        elif how == "json":
            print_json({"items": [item async for items in pages for item in items]})
        else:
            print_events([item async for items in pages for item in items])
    finally:
        await house.close()


async def print_replay(
    settings: Settings,
    tenant: str,
    kind: str,
    id_: str,
    place: Place,
    language: str,
    as_json: bool,
) -> None:
    """Print a stream as it stood."""
    house = await build(settings)
    try:
        by, audit = auditor(tenant), house.oversight.audit
        state = await audit.replay(by, TOPICS[kind], uuid_of(id_), place, language)
    finally:
        await house.close()
    if as_json:
        print_json(state)
    else:
        print_events(state["events"])
        sys.stderr.write(f"as of version {state['version']}, recorded {state['recorded_at']}\n")


async def export_bundle(
    settings: Settings,
    tenant: str,
    person: str | None,
    cycle: str | None,
    since: datetime | None,
    until: datetime | None,
    output: Path,
) -> None:
    """Write a bundle next to its final place, then move it there."""
    house = await build(settings)
    fresh = output.with_name(f"{output.name}.part")
    try:
        subject = await _subject(house, tenant, person)
        of = uuid_of(cycle) if cycle else None
        if of is not None and not await house.record.rows(tenant, of, at_version=1):
            raise NotFound(f"tenant {tenant!r} has no cycle {cycle!r}")
        selection = Selection(subject=subject, cycle=of, since=since, until=until)
        await house.oversight.audit.require(auditor(tenant))
        written = await _write(Bundler(house.record, house.ledger), tenant, selection, fresh)
    finally:
        await house.close()
    fresh.replace(output)
    sys.stderr.write(f"{written} events in {output}\n")


async def _write(bundler: Bundler, tenant: str, selection: Selection, output: Path) -> int:
    """Write the lines, and begin anew where somebody was erased meanwhile; answers how many events."""
    for _ in range(_ATTEMPTS):
        try:
            with output.open("wb") as file, progress("exports", "events") as show:
                written, of = 0, None
                async for line in bundler.lines(tenant, selection):
                    of = of or msgspec.json.decode(line)["events"]
                    file.write(line)
                    written += line.startswith(b'{"position":')
                    show(written, of)
        except Overtaken:
            sys.stderr.write("Somebody was erased meanwhile; it begins anew.\n")
        else:
            return written
    raise GaveUp(
        f"Somebody was erased while it was written, {_ATTEMPTS} times; export when nobody is."
    )


def auditor(tenant: str) -> Principal:
    """Who sits at the terminal of the machine that holds the data."""
    return Principal(tenant, frozenset({"auditor"}), CONSOLE)


async def _subject(house: House, tenant: str, person: str | None) -> UUID | None:
    if not await house.record.vault.has_tenant(tenant):
        raise NotFound(f"there is no tenant {tenant!r}")
    subject = await house.record.vault.subject_of(tenant, person) if person else None
    if person and subject is None:
        raise NotFound(f"tenant {tenant!r} has no person {person!r}")
    return subject


async def _pages(house: House, asked: Asked, language: str) -> AsyncIterator[list[dict[str, Any]]]:
    await _subject(house, asked.tenant, asked.person)
    over = house.oversight
    wanted = await over.audit.wanted(
        asked.tenant,
        asked.person,
        asked.actor,
        cycle=uuid_of(asked.cycle) if asked.cycle else None,
        since=asked.since,
        until=asked.until,
        kind=asked.kind,
    )
    assert wanted is not None
    async for found in over.timeline.pages(asked.tenant, wanted):
        yield await over.audit.items(asked.tenant, found, language)


def print_events(items: Sequence[dict[str, Any]]) -> None:
    """A table with a sentence an event."""
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column("position", justify="right")
    for name in ("recorded", "who", "what happened"):
        table.add_column(name, overflow="fold")
    for item in items:
        recorded = item["recorded_at"][:23].replace("T", " ")
        table.add_row(str(item["position"]), recorded, item["actor"], item["sentence"])
    Console().print(table)


def print_json(document: Any) -> None:
    """One JSON document on standard output."""
    sys.stdout.write(json.dumps(document, indent=2, ensure_ascii=False) + "\n")


def uuid_of(text: str) -> UUID:
    """An id of ours as it was written at the command line."""
    try:
        return UUID(text)
    except ValueError:
        raise NotFound(f"{text!r} is no id of ours") from None
