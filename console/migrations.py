"""Brings a database up to date: the record's migrations, then the tables of the lists."""

from __future__ import annotations

from typing import Any

import asyncpg

from services.audit import readmodel as audit
from services.batches import readmodel as batches
from services.clients import readmodel as clients
from services.conversation import readmodel as conversation
from services.cycles import readmodel as cycles
from services.insights import readmodel as insights
from services.people import contacts
from services.people import readmodel as people
from services.planning import readmodel as planning
from shared.database import READ_MODELS
from shared.eventstore.migrations import migrate as migrate_record

_READ_MODELS = (people, contacts, cycles, batches, conversation, planning, audit, clients, insights)

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


async def migrate(database_url: str) -> list[str]:
    """Apply what is missing; safe to run twice and from two places at once."""
    connection = await asyncpg.connect(database_url, timeout=10)
    try:
        async with connection.transaction():
            applied = await migrate_record(connection)
            await create_read_models(connection, READ_MODELS)
        return applied
    finally:
        await connection.close()


async def create_read_models(connection: asyncpg.Connection[Any], schema: str) -> None:
    """Make the tables of the lists that are missing in a schema, guarded by tenant."""
    await connection.execute(f"SET LOCAL search_path = {schema}")
    for readmodel in _READ_MODELS:
        await connection.execute(readmodel.SQL["create"])
    await connection.execute(_GUARD)
    await connection.execute("RESET search_path")
