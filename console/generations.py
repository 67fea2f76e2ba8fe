"""The lists of this release: a schema of their own, named after the shape of their tables.

While an old release and a new one run side by side, each reads and fills lists of its own, so that a
change of them takes nothing away from those who still use them.
"""

from __future__ import annotations

from hashlib import sha256
from typing import Any

import asyncpg

from services.audit import readmodel as audit
from services.batches import readmodel as batches
from services.clients import readmodel as clients
from services.conversation import readmodel as conversation
from services.cycles import readmodel as cycles
from services.insights import readmodel as insights
from services.people import contacts, keeping
from services.people import readmodel as people
from services.planning import readmodel as planning
from shared.database import READ_MODELS
from shared.eventstore.durability import WHOLE

_LISTS = (
    people,
    contacts,
    keeping,
    cycles,
    batches,
    conversation,
    planning,
    audit,
    clients,
    insights,
)

_GUARD = """
DO $$
DECLARE guarded regclass;
BEGIN
  EXECUTE format('GRANT USAGE ON SCHEMA %I TO cairn_app', current_schema);
  FOR guarded IN
    SELECT c.oid FROM pg_class c
     WHERE c.relnamespace = current_schema::regnamespace AND c.relkind = 'r'
       AND NOT c.relforcerowsecurity
  LOOP
    EXECUTE format('ALTER TABLE %s ENABLE ROW LEVEL SECURITY', guarded);
    EXECUTE format('ALTER TABLE %s FORCE ROW LEVEL SECURITY', guarded);
    EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE ON %s TO cairn_app', guarded);
    EXECUTE format('CREATE POLICY own_tenant ON %s TO cairn_app
                    USING (tenant = current_setting(''cairn.tenant''))
                    WITH CHECK (tenant = current_setting(''cairn.tenant''))', guarded);
  END LOOP;
END $$"""

_LOCK = 0x696E6465  # "inde": one at a time in this database
_TABLES = [each.SQL["create"] for each in _LISTS]
_INDEXES = [each.SQL["index"] for each in _LISTS if "index" in each.SQL]
_SHAPE = ";".join([*_TABLES, *_INDEXES, _GUARD])
GENERATION = f"{READ_MODELS}_{sha256(_SHAPE.encode()).hexdigest()[:8]}"
"""The schema of this release's lists, and the name of the follower that fills it."""


async def create_lists(connection: asyncpg.Connection[Any], schema: str) -> None:
    """Make the tables of the lists that are missing in a schema, guarded by tenant."""
    await connection.execute(f"CREATE SCHEMA IF NOT EXISTS {schema}")
    await connection.execute(f"SET LOCAL search_path = {schema}")
    for table in _TABLES:
        await connection.execute(table)
    await connection.execute(_GUARD)
    await connection.execute("RESET search_path")


async def index_lists(connection: asyncpg.Connection[Any], schema: str) -> None:
    """Make what only readers look things up by: once, when the tables are filled, is quicker.

    Then the lists are whole, and the schema says so.
    """
    async with connection.transaction():
        await connection.execute("SELECT pg_advisory_xact_lock($1)", _LOCK)
        await connection.execute(f"SET LOCAL search_path = {schema}")
        for index in _INDEXES:
            await connection.execute(index)
        await connection.execute(f"COMMENT ON SCHEMA {schema} IS '{WHOLE}'")


async def other_generations(connection: asyncpg.Connection[Any]) -> list[str]:
    """The lists of other releases that are still there."""
    rows = await connection.fetch(
        "SELECT nspname FROM pg_namespace n WHERE nspname ~ '^readmodel(_[0-9a-f]{8})?$'"
        " AND nspname <> $1 AND EXISTS (SELECT FROM pg_class c WHERE c.relnamespace = n.oid)"
        " ORDER BY 1",
        GENERATION,
    )
    return [row["nspname"] for row in rows]


async def drop_other_generations(connection: asyncpg.Connection[Any]) -> list[str]:
    """Drop the lists of other releases, once no process of theirs runs any more."""
    others = await other_generations(connection)
    for schema in others:
        await connection.execute(f"DROP SCHEMA {schema} CASCADE")
        await connection.execute("SELECT record.forget_follower($1)", schema)
    return others
