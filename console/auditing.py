"""The commands of those who audit: what happened, how it stood, and what they take along."""

from __future__ import annotations

import asyncio
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Literal

from cyclopts import App, Parameter

from console.options import DataDir, running, settings_of
from shared.errors import Invalid

Kind = Literal["conversation", "plan", "cycle"]
Output = Annotated[Path, Parameter(name=["--output", "-o"])]


def register(app: App) -> None:
    """Add them to the command line."""
    audit = App(name="audit", help="What happened, as it was recorded.")
    for command in (timeline, replay, export, report, verify):
        audit.command(command)
    app.command(audit)


def timeline(
    *,
    tenant: str,
    person: str | None = None,
    cycle: str | None = None,
    actor: str | None = None,
    kind: str | None = None,
    since: str | None = None,
    until: str | None = None,
    language: str = "en",
    csv: bool = False,
    json: bool = False,
    data_dir: DataDir = None,
) -> None:
    """Print what happened in order: to a person, in a cycle, by somebody, or all of it.

    Parameters
    ----------
    actor
        Who did it, such as person:ana, client:workday or workflow:CareerCycle.
    kind
        A type such as plan.agreed, or all of one kind of stream such as plan.
    since, until
        Only what happened from the one up to the other (RFC 3339).
    language
        Of the sentences: en or de.
    csv
        As a sheet.
    """
    from console.commands.audit import Asked, How, print_timeline

    asked = Asked(
        tenant, person, cycle, actor, kind, moment(since, "--since"), moment(until, "--until")
    )
    how: How = "csv" if csv else "json" if json else "table"
    asyncio.run(print_timeline(running(settings_of(data_dir)), asked, language, how))


def replay(
    kind: Kind,
    id_: Annotated[str, Parameter(name="ID")],
    *,
    tenant: str,
    version: int | None = None,
    at: str | None = None,
    step: bool = False,
    language: str = "en",
    json: bool = False,
    data_dir: DataDir = None,
) -> None:
    """Print a conversation, plan or cycle as it stood at a version or a moment (RFC 3339).

    Parameters
    ----------
    step
        As a film, one step after the other: n goes on, b back, q ends; the whole of it in a pipe.
    language
        Of the sentences: en or de.
    """
    settings = running(settings_of(data_dir))
    if step:
        from console.commands.film import show_film

        asyncio.run(show_film(settings, tenant, kind, id_, language))
        return
    from console.commands.audit import print_replay

    place = version if version is not None else moment(at, "--at")
    asyncio.run(print_replay(settings, tenant, kind, id_, place, language, json))


def export(
    *,
    tenant: str,
    output: Output,
    person: str | None = None,
    cycle: str | None = None,
    since: str | None = None,
    until: str | None = None,
    data_dir: DataDir = None,
) -> None:
    """Write a bundle that `cairn audit verify` checks anywhere: all of a tenant's log, or a part.

    Parameters
    ----------
    since, until
        Only what was recorded from the one up to the other (RFC 3339).
    """
    from console.commands.audit import export_bundle

    settings = running(settings_of(data_dir))
    period = (moment(since, "--since"), moment(until, "--until"))
    asyncio.run(export_bundle(settings, tenant, person, cycle, *period, output))


def report(
    *,
    tenant: str,
    year: int,
    output: Output,
    language: str = "en",
    data_dir: DataDir = None,
) -> None:
    """Write a company's year as one page: what happened how often, a line for each cycle, no words.

    Parameters
    ----------
    language
        en or de.
    """
    from console.commands.report import write_report

    asyncio.run(write_report(running(settings_of(data_dir)), tenant, year, output, language))


def verify(
    bundle: Path,
    *,
    public_key: Annotated[list[Path] | None, Parameter(negative="")] = None,
    checkpoint: Path | None = None,
    json: bool = False,
) -> None:
    """Check a bundle, an access package or an erasure's certificate; needs no server and no network.

    Parameters
    ----------
    public_key
        A file with the key that you have kept (name+id+base64), may be given more than once; else the
        bundle's own is trusted. A certificate has none of its own.
    checkpoint
        A file with a checkpoint that you have kept: nothing before it may have been rewritten.
    """
    from console.commands.verify import verify_bundle

    sys.exit(verify_bundle(bundle, public_key or [], checkpoint, json))


def moment(text: str | None, option: str) -> datetime | None:
    """A moment as it was written at the command line."""
    try:
        found = datetime.fromisoformat(text) if text else None
        if found is None or found.tzinfo is not None:
            return found and found.astimezone(UTC)
    except (ValueError, OverflowError):
        pass
    raise Invalid(f"{option} {text!r} is not a moment such as 2026-03-31T09:00:00Z")
