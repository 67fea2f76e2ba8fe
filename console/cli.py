"""The command `cairn`. Data goes to standard output, talk to standard error."""

from __future__ import annotations

import asyncio
import os
import sys
from pathlib import Path
from typing import Literal

from cyclopts import App, Parameter

from console import auditing, operating
from console.exits import FAILED, guarded, say
from console.options import DataDir
from console.options import running as _running
from console.options import settings_of as _settings
from console.version import VERSION
from shared.telemetry import set_up

app = App(
    name="cairn",
    help="Career conversations that happen, lead to a plan, and stay on record.\n\n"
    "Exit codes: 0 done, 1 failed, 2 wrong usage, 3 not found, 4 a rule refused it,"
    " 5 a server could not be reached.",
    version=VERSION,
    default_parameter=Parameter(negative=""),
)
auditing.register(app)
rebuild = App(name="rebuild", help="Drop what can be derived, and derive it again from the record.")
app.command(rebuild)
tenants = App(name="tenant", help="The companies whose careers are recorded here.")
app.command(tenants)
clients = App(name="client", help="Machines that use the API with keys of their own.")
app.command(clients)
operating.register(app)
keys = App(name="keys", help="The keys that words are under, and those that sign the ledger.")
app.command(keys)


@app.command
def up(
    *,
    data_dir: DataDir = None,
    host: str = "127.0.0.1",
    port: int = 8000,
    temporal_port: int = 7233,
    ui_port: int = 8233,
) -> None:
    """Start everything on this machine; port 0 takes any free one."""
    from console.up import Up, Wanted

    wanted = Wanted(host, port, temporal_port, ui_port)
    asyncio.run(Up(_settings(data_dir), wanted).run())


@app.command
def demo(
    *,
    data_dir: DataDir = None,
    host: str = "127.0.0.1",
    port: int = 8000,
    temporal_port: int = 7233,
    ui_port: int = 8233,
) -> None:
    """Start everything with a small company already in it, minutes instead of months."""
    from console.demo import seed
    from console.tales import TENANT
    from console.up import Up, Wanted

    settings = _settings(data_dir or Path(".cairn-demo"))
    wanted = Wanted(host, port, temporal_port, ui_port, TENANT)
    asyncio.run(Up(settings, wanted).run(lambda url: seed(settings, url)))


@app.command
def serve(
    role: Literal["api", "console", "worker", "relay"],
    *,
    services: str = "",
    queues: str = "",
    data_dir: DataDir = None,
) -> None:
    """Run one role of a deployment; more of each may run at once.

    Parameters
    ----------
    services
        For the api: only these, separated by commas; `all` serves the pages beside it.
    queues
        For the worker: only these task queues of career, mail, batch, keeping, webhooks.
    """
    from console import serving

    chosen, only = (tuple(filter(None, each.split(","))) for each in (services, queues))
    serving.serve(role, _settings(data_dir), chosen or None, only)


@app.command
def migrate(*, drop_old: bool = False, data_dir: DataDir = None) -> None:
    """Bring the database up to date; safe to run twice, and at once from two places.

    Parameters
    ----------
    drop_old
        Drop the lists of other releases, once none of their processes runs any more.
    """
    from console.migrations import migrate as run

    url = _running(_settings(data_dir)).required_database_url()
    for name in asyncio.run(run(url, drop_old=drop_old)):
        say(f"applied {name}")


@app.command
def token(
    *,
    tenant: str,
    role: list[str],
    person: str | None = None,
    ttl: str = "PT12H",
    data_dir: DataDir = None,
) -> None:
    """Print a signed token for a development set-up; makes the tenant if it isn't there.

    Parameters
    ----------
    role
        platform, employee, partner, hr, auditor, dpo, ops or admin; may be given more than once.
    ttl
        How long it lasts, as an ISO 8601 duration.
    """
    from console.commands.token import issue_token

    settings = _running(_settings(data_dir))
    print(asyncio.run(issue_token(settings, tenant, role, person, ttl)))  # noqa: T201 - data


@tenants.command(name="create")
def create_tenant(tenant: str, *, data_dir: DataDir = None) -> None:
    """Make a tenant where it isn't there yet; its people come with tokens of their issuer."""
    from console.commands.doors import create_tenant as create

    asyncio.run(create(_running(_settings(data_dir)), tenant))
    say(f"tenant {tenant} is there")


@clients.command(name="create")
def create_client(
    *,
    tenant: str,
    name: str,
    role: list[str],
    data_dir: DataDir = None,
) -> None:
    """Let a machine in and print its API key, which is shown this once.

    Parameters
    ----------
    name
        What the record calls the machine from then on, such as workday.
    role
        platform, hr, auditor, ops or admin; may be given more than once.
    """
    from console.commands.doors import create_client as create

    settings = _running(_settings(data_dir))
    print(asyncio.run(create(settings, tenant, name, role)))  # noqa: T201 - data


@rebuild.command
def readmodels(*, data_dir: DataDir = None) -> None:
    """Build all lists anew beside those that are served, then switch without a pause."""
    from console.commands.rebuild import show_rebuild

    asyncio.run(show_rebuild(_running(_settings(data_dir))))


@rebuild.command
def workflows(*, data_dir: DataDir = None) -> None:
    """Start every open cycle and batch again at its right place, as after Temporal was wiped."""
    from console.commands.rebuild import show_workflows

    asyncio.run(show_workflows(_running(_settings(data_dir))))


@app.command
def reconcile(*, tenant: str | None = None, json: bool = False, data_dir: DataDir = None) -> None:
    """Compare roster, record and workflows now, and mend every difference; the worker does it nightly.

    Parameters
    ----------
    tenant
        Only this one.
    """
    from console.commands.reconcile import show_reconcile

    asyncio.run(show_reconcile(_running(_settings(data_dir)), tenant, json))


@keys.command
def rotate(*, tenant: str, data_dir: DataDir = None) -> None:
    """Begin new epochs of a tenant's keys; older backups of the keys open nothing any more."""
    from console.commands.keys import rotate_keys

    asyncio.run(rotate_keys(_running(_settings(data_dir)), tenant))


@keys.command(name="replace-root")
def replace_root(*, prepare: bool = False, data_dir: DataDir = None) -> None:
    """Put a new root key in the place of the one there is; no older backup of the keys opens any more.

    Safe to run again where it broke off; processes go on meanwhile.

    Parameters
    ----------
    prepare
        Only make the next root key, so that it can be kept apart before anything is under it.
    """
    from console.commands.keys import replace_root_key

    asyncio.run(replace_root_key(_running(_settings(data_dir)), prepare=prepare))


def main() -> None:
    """Run a command; a failure is one sentence and an exit code."""
    set_up("command", "warning")
    try:
        code = guarded(lambda: app(exit_on_error=False, print_error=True))
    except SystemExit as ended:
        code = ended.code if isinstance(ended.code, int) else FAILED
    if "temporalio.bridge" in sys.modules:  # its threads may outlive the interpreter, and abort
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)
    sys.exit(code)


if __name__ == "__main__":
    main()
