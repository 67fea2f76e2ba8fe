"""How PostgreSQL would answer a question in a list that is long, whatever it has analysed before."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import asyncpg

from console.generations import GENERATION
from shared.database import ROLE
from shared.settings import Settings


@asynccontextmanager
async def filled(
    settings: Settings, table: str, statement: str, *values: object
) -> AsyncIterator[asyncpg.Connection[Any]]:
    """The owner's connection, with a list filled by the statement and analysed; nothing of it stays."""
    owner = await asyncpg.connect(settings.required_database_url())
    unkept = owner.transaction()
    await unkept.start()
    try:
        await owner.execute(f"SET LOCAL search_path = {GENERATION}")
        await owner.execute(statement, *values)
        await owner.execute(f"ANALYZE {table}")
        yield owner
    finally:
        await unkept.rollback()
        await owner.close()


async def plan_of(
    owner: asyncpg.Connection[Any], question: str, tenant: str, *values: object
) -> str:
    """The plan for a tenant's question, as the login that serves would be answered."""
    unkept = owner.transaction()
    await unkept.start()
    try:
        await owner.execute(f"SET LOCAL ROLE {ROLE}")
        await owner.execute("SELECT set_config('cairn.tenant', $1, true)", tenant)
        return "\n".join(
            row[0] for row in await owner.fetch(f"EXPLAIN {question}", tenant, *values)
        )
    finally:
        await unkept.rollback()
