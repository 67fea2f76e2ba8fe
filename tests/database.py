"""A real database server with a migrated database on it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from pydantic import SecretStr

from console.embedded.postgres import Postgres
from console.migrations import migrate
from console.secrets import ensure_secrets
from shared.settings import Settings
from tests.automaton import check_database


@asynccontextmanager
async def database(folder: Path) -> AsyncIterator[Settings]:
    """Start it, with keys of its own; whatever happened in it has to be possible in the end (P2)."""
    server = Postgres(folder)
    await server.start()
    await migrate(server.url)
    made = Settings(data_dir=folder, database_url=SecretStr(server.url))
    ensure_secrets(made)
    yield made
    try:
        await check_database(server.url)
    finally:
        await server.stop()
