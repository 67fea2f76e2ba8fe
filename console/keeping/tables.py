"""Which tables are kept, in which half, in which order; and how one becomes a file and back."""

from __future__ import annotations

import asyncio
import gzip
from collections.abc import AsyncIterator
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

import asyncpg

from shared.errors import RuleBroken

_CHUNK = 1 << 18

Connection = asyncpg.Connection


class NotAll(RuleBroken):
    """This login doesn't see the rows of all tenants; back up as one that has BYPASSRLS."""


@dataclass(frozen=True)
class Table:
    """One table: `of_keys` where it holds keys, or goes with them when they are destroyed."""

    schema: str
    name: str
    columns: tuple[str, ...]
    of_keys: bool

    @property
    def file(self) -> str:
        return f"{self.schema}.{self.name}.gz"


async def tables(connection: Connection) -> list[Table]:
    """Everything but what can be derived, each table after those that it refers to.

    Sessions aren't kept: one that was ended must not come back.
    """
    rows = await connection.fetch(_TABLES)
    refers = {(row["schema"], row["name"]): set(map(tuple, row["refers"] or [])) for row in rows}
    made = {
        (row["schema"], row["name"]): Table(
            row["schema"], row["name"], tuple(row["columns"]), _of_keys(row)
        )
        for row in rows
    }
    ordered: list[Table] = []
    while refers:
        free = sorted(key for key, others in refers.items() if not others & refers.keys() - {key})
        ordered += [made[key] for key in free]
        for key in free:
            del refers[key]
    return ordered


async def save(connection: Connection, table: Table, folder: Path) -> tuple[str, int]:
    """Write a table's rows to its file; answers the file's digest and how many rows there are."""
    columns = ", ".join(f'"{column}"' for column in table.columns)
    query = f'SELECT {columns} FROM "{table.schema}"."{table.name}"'  # noqa: S608 - catalogue names
    with gzip.open(folder / table.file, "wb", compresslevel=1) as file:

        async def write(data: bytes) -> None:
            await asyncio.to_thread(file.write, data)

        done = await connection.copy_from_query(query, output=write, format="binary")
    return await asyncio.to_thread(digest_of, folder / table.file), int(done.split()[-1])


async def load(connection: Connection, table: Table, folder: Path) -> int:
    """Read a table's rows back from its file; answers how many there were."""
    done = await connection.copy_to_table(
        table.name,
        schema_name=table.schema,
        columns=list(table.columns),
        source=_content(folder / table.file),
        format="binary",
    )
    return int(done.split()[-1])


def digest_of(path: Path) -> str:
    digest = sha256()
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK):
            digest.update(chunk)
    return digest.hexdigest()


async def _content(path: Path) -> AsyncIterator[bytes]:
    with gzip.open(path, "rb") as file:
        while chunk := await asyncio.to_thread(file.read, _CHUNK):
            yield chunk


def _of_keys(row: Any) -> bool:
    return row["schema"] == "keys" or any(schema == "keys" for schema, _ in row["refers"] or [])


SEES_ALL = """
SELECT rolsuper OR rolbypassrls FROM pg_roles WHERE rolname = current_user
"""
_TABLES = r"""
SELECT n.nspname AS schema, c.relname AS name,
       array(SELECT a.attname::text FROM pg_attribute a
              WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
                AND a.attgenerated = '' ORDER BY a.attnum) AS columns,
       array(SELECT ARRAY[fn.nspname::text, f.relname::text]
               FROM pg_constraint k
               JOIN pg_class f ON f.oid = k.confrelid
               JOIN pg_namespace fn ON fn.oid = f.relnamespace
              WHERE k.conrelid = c.oid AND k.contype = 'f' AND f.oid <> c.oid) AS refers
  FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
 WHERE c.relkind IN ('r', 'p') AND NOT c.relispartition
   AND n.nspname !~ '^(pg_.*|information_schema|public|readmodel.*)$'
   AND c.oid IS DISTINCT FROM to_regclass('console.session')
 ORDER BY 1, 2
"""
