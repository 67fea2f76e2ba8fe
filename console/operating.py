"""The commands of those who operate a deployment: examine it, prepare it, keep it."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path
from typing import Annotated

from cyclopts import App, Parameter

from console.options import DataDir, running, settings_of


def register(app: App) -> None:
    """Add them to the command line."""
    deploy = App(name="deploy", help="Prepare the servers of a deployment.")
    deploy.command(prepare_temporal, name="prepare-temporal")
    deploy.command(make_secrets, name="make-secrets")
    app.command(deploy)
    for command in (doctor, backup, restore):
        app.command(command)


def doctor(*, json: bool = False, data_dir: DataDir = None) -> None:
    """Check database, Temporal, keys, mail, followers and clock; each finding says what mends it."""
    from console.commands.doctor import examine

    sys.exit(asyncio.run(examine(running(settings_of(data_dir)), json)))


def backup(
    *,
    to: Path | None = None,
    keys_to: Path | None = None,
    erasures_to: Path | None = None,
    data_dir: DataDir = None,
) -> None:
    """Write a backup of one moment, as a login that sees all tenants (BYPASSRLS).

    Parameters
    ----------
    to
        A folder that isn't there yet, for everything but the keys.
    keys_to
        The same for the keys and what goes with them; keep it elsewhere, and for less time.
    erasures_to
        The list of who was erased; what is new is added to it. Keep it apart from both.
    """
    from console.commands.keeping import make_backup

    asyncio.run(make_backup(running(settings_of(data_dir)), to, keys_to, erasures_to))


def restore(
    *,
    from_: Annotated[Path | None, Parameter(name="--from")] = None,
    keys: Path | None = None,
    erasures: Annotated[list[Path] | None, Parameter(negative="")] = None,
    checkpoint: Annotated[list[Path] | None, Parameter(negative="")] = None,
    without_erasures: bool = False,
    data_dir: DataDir = None,
) -> None:
    """Bring a backup back into an empty database, forget again, check all; only then is it served.

    Without --from and --keys it finishes a copy that came back by PostgreSQL's own means.

    Parameters
    ----------
    erasures
        A list that `cairn backup --erasures-to` wrote; may be given more than once.
    checkpoint
        A file with a checkpoint that was kept elsewhere; may be given more than once.
    without_erasures
        Go on where no list names who was erased after the copy: they can be read again.
    """
    from console.commands.keeping import restore_backup

    run = restore_backup(
        running(settings_of(data_dir)),
        from_,
        keys,
        erasures or [],
        checkpoint or [],
        without_erasures=without_erasures,
    )
    sys.exit(asyncio.run(run))


def prepare_temporal(*, retention: str = "P30D", data_dir: DataDir = None) -> None:
    """Make namespace, search attributes and the first version of workers; safe to run at any time.

    Parameters
    ----------
    retention
        How long Temporal keeps closed runs, as an ISO 8601 duration.
    """
    from console.commands.doctor import prepare

    asyncio.run(prepare(running(settings_of(data_dir)), retention))


def make_secrets(*, data_dir: DataDir = None) -> None:
    """Make a root key where there is none, and the issuer of development tokens for loopback."""
    from console.secrets import ensure_secrets

    settings = settings_of(data_dir)
    ensure_secrets(settings)
    sys.stderr.write(f"{settings.root_key_path}: keep it apart from all backups\n")
