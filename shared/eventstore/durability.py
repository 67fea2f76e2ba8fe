"""What "it is saved" rests on: checked at every start, and nothing is served where it doesn't hold."""

from __future__ import annotations

from shared.database import Pool
from shared.eventstore.epochs import is_in_force
from shared.eventstore.migrations import pending
from shared.eventstore.rootkeys import RootKey

_SETTINGS = {
    "fsync": ("on",),
    "full_page_writes": ("on",),
    "synchronous_commit": ("on", "remote_apply", "remote_write", "local"),
    "data_sync_retry": ("off",),
}
"""What PostgreSQL must be set to, the recommended value first."""


class Unsafe(Exception):
    """This database would not keep what it acknowledges, or not keep tenants apart."""


RESTORING = "public.cairn_restoring"
"""A table that is there as long as a restore isn't finished."""

WHOLE = "filled and indexed"
"""The comment on a schema of lists, once all that was on record is in it."""


async def check(pool: Pool, *, restoring: bool = False) -> None:
    """Raise `Unsafe` with one sentence that says what is wrong and what mends it."""
    if not restoring and await pool.fetchval("SELECT to_regclass($1) IS NOT NULL", RESTORING):
        raise Unsafe("this database is being restored; finish it with `cairn restore`")
    if missing := (await pending(pool))[0]:
        raise Unsafe(
            f"the database is of an older release, without {missing[0]}; run `cairn migrate`"
        )
    for name, allowed in _SETTINGS.items():
        value = await pool.fetchval("SELECT current_setting($1)", name)
        if value not in allowed:
            raise Unsafe(
                f"PostgreSQL runs with {name} = {value}: what it says is saved could be lost;"
                f" set {name} = {allowed[0]}"
            )
    if mighty := await pool.fetchval(_MIGHTY):
        raise Unsafe(
            f"the serving role {mighty} is a superuser or bypasses row-level security;"
            " let it be a plain role, as `cairn migrate` makes it"
        )
    if owned := await pool.fetchval(_OWNED):
        raise Unsafe(f"the serving role owns {owned}; let another role own the tables")
    if unguarded := await pool.fetchval(_UNGUARDED):
        raise Unsafe(
            f"{unguarded} has no row-level security in force; run `cairn migrate`, and ask who"
            " switched it off"
        )
    if rewound := await pool.fetchval("SELECT min(tenant) FROM record.tenants_rewound() AS tenant"):
        raise Unsafe(
            f"the log of tenant {rewound} is shorter than what was read from it before: this is an"
            " older copy of the database; see docs/operations.md, 'An older copy'"
        )
    if await pool.fetchval(_LISTS) != WHOLE:
        raise Unsafe(
            "the lists of this release aren't there, or not whole; run `cairn migrate` to its end"
        )


async def check_root(pool: Pool, root: RootKey) -> None:
    """Raise `Unsafe` where another root key has taken this one's place."""
    if not await is_in_force(pool, root):
        since = await pool.fetchval("SELECT since FROM keys.root")
        raise Unsafe(
            f"the keys are under another root key since {since:%Y-%m-%d %H:%M} UTC; let"
            " CAIRN_ROOT_KEY_FILE be the one that replaced it"
        )


_LISTS = "SELECT obj_description(current_schema()::regnamespace, 'pg_namespace')"
_MIGHTY = """
SELECT rolname FROM pg_roles WHERE rolname = current_user AND (rolsuper OR rolbypassrls)
"""
_OWNED = """
SELECT min(c.oid::regclass::text) FROM pg_class c
 WHERE c.relnamespace::regnamespace::text ~ '^(record|keys|drafts|console|readmodel.*)$'
   AND c.relowner = current_user::regrole
"""
_UNGUARDED = """
SELECT min(c.oid::regclass::text) FROM pg_class c
  JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'tenant' AND a.attnum > 0
 WHERE c.relnamespace::regnamespace::text ~ '^(record|keys|drafts|console|readmodel.*)$'
   AND c.relkind IN ('r', 'p')
   AND NOT (c.relrowsecurity AND c.relforcerowsecurity AND EXISTS (
     SELECT FROM pg_policy p WHERE p.polrelid = c.oid))
"""
