"""The auditor's terminal: timeline and replay, straight from the record."""

from __future__ import annotations

import json
import sys
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import msgspec
from rich.console import Console
from rich.table import Table

from console.bootstrap import House, build
from console.commands.progress import progress
from services.audit.readmodel import Wanted
from shared.errors import Invalid, NotFound
from shared.eventstore.bundle import Bundler, Selection
from shared.principal import Principal
from shared.settings import Settings

_PAGE = 500
_TOPICS = {"conversation": "conversation", "plan": "plan", "cycle": "cycles"}


async def print_timeline(
    settings: Settings, tenant: str, person: str | None, cycle: str | None, as_json: bool
) -> None:
    """Print the timeline, as a table or as one JSON document."""
    house = await build(settings)
    try:
        items = await _timeline(house, tenant, person, cycle)
    finally:
        await house.close()
    if as_json:
        _print_json({"items": items})
    else:
        _print_events(items)


async def print_replay(
    settings: Settings,
    tenant: str,
    kind: str,
    id_: str,
    version: int | None,
    at: str | None,
    as_json: bool,
) -> None:
    """Print a stream as it stood."""
    house = await build(settings)
    try:
        auditor = Principal(tenant, frozenset({"auditor"}), "console")
        state = await house.audit.replay(auditor, _TOPICS[kind], _uuid(id_), version, _moment(at))
    finally:
        await house.close()
    if as_json:
        _print_json(state)
    else:
        _print_events(state["events"])
        sys.stderr.write(f"as of version {state['version']}, recorded {state['recorded_at']}\n")


async def export_bundle(
    settings: Settings,
    tenant: str,
    person: str | None,
    since: str | None,
    until: str | None,
    output: Path,
) -> None:
    """Write a bundle next to its final place, then move it there."""
    house = await build(settings)
    fresh = output.with_name(f"{output.name}.part")
    try:
        selection = Selection(
            subject=await _subject(house, tenant, person),
            since=_moment(since, "--since"),
            until=_moment(until, "--until"),
        )
        await house.audit.require(Principal(tenant, frozenset({"auditor"}), "console"))
        with fresh.open("wb") as file, progress("exports", "events") as show:
            written = 0
            async for line in Bundler(house.record, house.ledger).lines(tenant, selection):
                if not written:
                    show(0, msgspec.json.decode(line)["events"])
                file.write(line)
                written += 1
                show(written - 1, None)
    finally:
        await house.close()
    fresh.replace(output)
    sys.stderr.write(f"{written - 1} events in {output}\n")


async def _subject(house: House, tenant: str, person: str | None) -> UUID | None:
    if not await house.record.vault.has_tenant(tenant):
        raise NotFound(f"there is no tenant {tenant!r}")
    subject = await house.record.vault.subject_of(tenant, person) if person else None
    if person and subject is None:
        raise NotFound(f"tenant {tenant!r} has no person {person!r}")
    return subject


async def _timeline(
    house: House, tenant: str, person: str | None, cycle: str | None
) -> list[dict[str, Any]]:
    subject = await _subject(house, tenant, person)
    wanted = Wanted(subject, _uuid(cycle) if cycle else None)
    items: list[dict[str, Any]] = []
    after = 0
    while found := await house.timeline.find(tenant, wanted, after, _PAGE):
        items += await house.audit.items(tenant, found)
        after = found[-1].row.position
    return items


def _print_events(items: list[dict[str, Any]]) -> None:
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column("position", justify="right")
    for name in ("recorded", "who", "what happened"):
        table.add_column(name, overflow="fold")
    for item in items:
        recorded = item["recorded_at"][:23].replace("T", " ")
        table.add_row(str(item["position"]), recorded, item["actor"], item["sentence"])
    Console().print(table)


def _print_json(document: Any) -> None:
    sys.stdout.write(json.dumps(document, indent=2, ensure_ascii=False) + "\n")


def _uuid(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise NotFound(f"{text!r} is no id of ours") from None


def _moment(text: str | None, option: str = "--at") -> datetime | None:
    try:
        moment = datetime.fromisoformat(text) if text else None
    except ValueError:
        moment = None
    if text and (moment is None or moment.tzinfo is None):
        raise Invalid(f"{option} {text!r} is not a moment such as 2026-03-31T09:00:00Z")
    return moment
