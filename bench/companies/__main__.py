"""`python -m bench.companies`: a company of so many people with years of history, in a data directory.

    python -m bench.companies --people 100000 --years 10 --data-dir DIR

`cairn up --data-dir DIR` then serves it as the tenant `company`.
"""

from __future__ import annotations

import argparse
import asyncio
import time
from pathlib import Path

from pydantic import SecretStr

from bench.companies.filling import follow, found
from console.commands.progress import progress
from console.embedded.postgres import Postgres
from console.migrations import migrate
from console.rebuild import rebuild_read_models
from console.secrets import ensure_secrets
from shared.settings import Settings

TENANT = "company"


def main() -> None:
    """Read what is asked for, and make it."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--people", type=int, default=1_000)
    asked.add_argument("--years", type=int, default=10)
    asked.add_argument("--data-dir", type=Path, required=True)
    given = asked.parse_args()
    asyncio.run(make(given.data_dir, given.people, given.years))


async def make(folder: Path, people: int, years: int) -> None:
    """Start a server on the folder, fill it, and stop the server."""
    folder.mkdir(parents=True, exist_ok=True)
    server = Postgres(folder)
    await server.start()
    try:
        await migrate(server.url)
        settings = Settings(data_dir=folder, database_url=SecretStr(server.url))
        ensure_secrets(settings)
        await fill(settings, people, years)
    finally:
        await server.stop()


async def fill(settings: Settings, people: int, years: int, tenant: str = TENANT) -> int:
    """Make the company and all that is derived from it; says how long each took."""
    began = time.monotonic()
    with progress("lives", "events") as show:
        events = await found(settings, tenant, people, years, show)
    lived = time.monotonic()
    await follow(settings)
    followed = time.monotonic()
    with progress("rebuilds", "events") as show:
        await rebuild_read_models(settings, show)
    rebuilt = time.monotonic()
    print(
        f"{people:,} people, {events:,} events: {lived - began:,.0f} s; ledger and feed:"
        f" {followed - lived:,.0f} s; lists: {rebuilt - followed:,.0f} s"
    )
    return events


if __name__ == "__main__":
    main()
