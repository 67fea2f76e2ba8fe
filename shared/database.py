"""PostgreSQL connections, transactions within one tenant, and SQL kept in files by name."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING, Any, Literal

import asyncpg

if TYPE_CHECKING:
    Connection = asyncpg.Connection[Any] | asyncpg.pool.PoolConnectionProxy[Any]
    Pool = asyncpg.Pool[Any]
else:
    Connection, Pool = asyncpg.Connection, asyncpg.Pool

ROLE = "cairn_app"
"""The role that every serving connection takes: neither owner nor superuser nor BYPASSRLS."""

LOST = (
    asyncpg.PostgresConnectionError,
    asyncpg.OperatorInterventionError,  # shut down, starting up, terminated
    asyncpg.InsufficientResourcesError,  # disk full, too many connections
    asyncpg.LockNotAvailableError,
    asyncpg.TransactionRollbackError,
    asyncpg.ReadOnlySQLTransactionError,  # a standby that hasn't been promoted
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,  # a connection whose end isn't noticed yet was handed out again
    ConnectionError,
    TimeoutError,
    OSError,
)
"""What a statement raises when the server can't answer now; whether it was executed is unknown."""

Isolation = Literal["repeatable_read", "serializable"]

READ_MODELS = "readmodel"
"""How the schemas of lists begin; each release has its own. The record's tables are named in full."""


async def open_pool(database_url: str, *, size: int = 8, read_models: str = READ_MODELS) -> Pool:
    """Open connections as the serving role; raises what asyncpg raises when it can't.

    `read_models` is the schema that lists are read from and written to.
    """
    return await asyncpg.create_pool(
        database_url,
        min_size=1,
        max_size=size,
        command_timeout=30,
        timeout=10,
        server_settings={
            "role": ROLE,
            "search_path": read_models,
            "application_name": "cairn",
            "lock_timeout": "10s",
            "idle_in_transaction_session_timeout": "30s",
        },
        reset=_keep_session,
    )


@asynccontextmanager
async def within(
    pool: Pool, tenant: str, *, isolation: Isolation | None = None
) -> AsyncIterator[Connection]:
    """A transaction that sees and writes this tenant's rows only."""
    async with pool.acquire() as connection, connection.transaction(isolation=isolation):
        await connection.execute("SELECT set_config('cairn.tenant', $1, true)", tenant)
        yield connection


def is_cancelled() -> bool:
    """Whether this task was told to end: a connection that breaks while it does so hides that."""
    task = asyncio.current_task()
    return task is not None and task.cancelling() > 0


async def _keep_session(connection: Connection) -> None:
    """Spare the reset query: sessions hold no state, since all settings are local to transactions."""


@cache
def statements(package: str, file: str = "readmodel.sql") -> dict[str, str]:
    """Read the `-- name` blocks of a package's SQL file, keyed by name."""
    text = (resources.files(package) / file).read_text()
    parts = re.split(r"^-- name: (\w+).*$", text, flags=re.MULTILINE)
    return {name: sql.strip() for name, sql in zip(parts[1::2], parts[2::2], strict=True)}
