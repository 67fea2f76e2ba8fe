"""Tenants are kept apart by the database itself, and every policy of it is needed.

Two tenants hold the same things, each with a canary; a probe asks every table for everything, as
the serving role does. What is not a tenant's own is a leak; what is missing is a loss.
"""

from __future__ import annotations

import asyncio
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import pytest

from console.bootstrap import House
from console.generations import GENERATION
from console.login.kept import Form, KeptForms
from console.login.sessions import Limits, Sessions
from services.batches.application import Wanted
from services.clients.verifier import ApiKeys
from services.integration.domain import Webhook
from services.people.domain import Person
from services.people.employment import Profile
from services.people.scim import Accounts
from services.people.scim_schema import MODEL, PROVIDER
from services.planning.content import Action, Goal
from shared.database import ROLE, within
from shared.eventstore.record import Asked, Command
from shared.principal import Principal
from shared.settings import Settings
from tests.shared.eventstore.test_record import command, open_one
from workflows.messages import CycleRun

SCHEMAS = ["record", "keys", "drafts", "console", GENERATION]
TENANT_TABLES = """
SELECT c.oid::regclass::text AS name FROM pg_class c
  JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'tenant' AND a.attnum > 0
 WHERE c.relnamespace::regnamespace::text = ANY ($1) AND c.relkind IN ('r', 'p')
   AND NOT c.relispartition
 ORDER BY 1
"""
DEFINERS = {
    "record.active_endpoints",
    "record.follower_lag",
    "record.tenants",
    "record.append",
    "record.create_tenant",
    "record.delete_words",
    "record.destroy_key",
    "record.erase",
    "record.events_in_all",
    "record.forget_follower",
    "record.replace_follower",
    "record.tenants_behind",
    "record.tenants_rewound",
}
"""The functions that run with other rights than their caller's; each is a door in the wall."""


@pytest.fixture(scope="module")
async def twins(house: House) -> tuple[str, str]:
    """Two tenants with a row in every table."""
    names = (f"twin-a-{uuid4().hex[:8]}", f"twin-b-{uuid4().hex[:8]}")
    for tenant in names:
        await house.record.vault.create_tenant(tenant)
        await everything(house, tenant)
    return names


async def everything(house: House, tenant: str) -> None:
    platform = Principal(tenant, frozenset({"platform"}), "platform")
    asked = Asked("platform", "key", b"fingerprint")
    profile = Profile(f"Canary of {tenant}", "canary@example.com")
    put = command(house, tenant, by=platform, asked=asked)
    await house.people.put_person(put, "ana", profile, "ben")
    start = command(house, tenant, by=platform)
    cycle = UUID((await house.cycles.start_cycle(start, "ana", "api")).body["id"])
    ana = await house.record.vault.assign_subject(tenant, "ana")
    await house.activities().advance(CycleRun(tenant, str(ana)))
    told = command(house, tenant, by=platform)
    await house.cycles.take_step(
        told, cycle, lambda c: c.ask_handover(cycle, told.at, ("employee",))
    )
    await house.batches.request_batch(command(house, tenant, by=platform), Wanted(["ana"]))
    inactive = Profile("Ana", "canary@example.com", status="inactive")
    await house.people.put_person(command(house, tenant, by=platform), "ana", inactive, "ben")
    for _ in range(260):  # more than a tile
        await open_one(house, tenant)
    await agree_on_a_plan(house, tenant)
    await doors(house, tenant)
    await begin_to_erase(house, tenant)
    for follower in house.followers():
        while await follower.catch_up():
            pass
    await house.ledger.checkpoint(tenant)
    await log_in(house, tenant)


async def begin_to_erase(house: House, tenant: str) -> None:
    """An erasure that isn't finished."""
    by = command(house, tenant, by=Principal(tenant, frozenset({"platform", "dpo"}), "platform"))
    await house.people.put_person(by, "gone", Profile("Gone", "gone@example.com"), None)
    gone = await house.record.vault.assign_subject(tenant, "gone")
    await house.record.change(Person, gone, by, Person.erase)
    await house.record.vault.destroy(tenant, gone)


async def log_in(house: House, tenant: str) -> None:
    """A session of the pages, and a form that waits for its author."""
    ana = await house.record.vault.assign_subject(tenant, "ana")
    by = Principal(tenant, frozenset({"employee"}), "ana", ana)
    await Sessions(house.record, Limits.of("PT2H", "PT12H")).begin(by)
    await KeptForms(house.record).keep(by, Form("/", "/", [("text", "half a thought")]))


async def agree_on_a_plan(house: House, tenant: str) -> None:
    """A plan in force with a mentor who offered it, after a draft of an answer was saved."""
    subjects = {
        name: await house.record.vault.assign_subject(tenant, name) for name in ("ana", "ben")
    }

    def by(name: str, role: str) -> Command:
        return command(house, tenant, by=Principal(tenant, frozenset({role}), name, subjects[name]))

    platform = Principal(tenant, frozenset({"platform"}), "platform")
    put = command(house, tenant, by=platform)
    await house.people.put_person(put, "ben", Profile("Ben", "ben@example.com"), None)
    await house.choices.offer_mentoring(by("ben", "employee"), "ben", ("lead",), 2)
    cycle = uuid4()
    opening = command(house, tenant, by=platform, step="open")
    opened = await house.conversations.open_conversation(
        opening, person=subjects["ana"], cycle=cycle, round=1, kind="conversation"
    )
    await house.both_sides.save_draft(by("ana", "employee"), opened.id, "impact", "half a thought")
    drafting = command(house, tenant, by=platform, step="draft")
    plan = await house.plans.draft_plan(
        drafting, person=subjects["ana"], cycle=cycle, round=1, conversation=opened.id
    )
    action = Action("mentoring", "An hour a month", "lead", "We say so", "partner", mentor="ben")
    await house.plans.set_goal(by("ana", "employee"), plan, "lead", Goal("Lead"))
    await house.plans.plan_action(by("ana", "employee"), plan, "mentor", action)
    await house.plans.propose(by("ana", "employee"), plan)
    await house.plans.agree(by("ben", "partner"), plan)


async def doors(house: House, tenant: str) -> None:
    """A client whose key was used, a user of SCIM, and a webhook with a delivery."""
    admin = Principal(tenant, frozenset({"admin"}), "admin")
    accounts = Accounts(house.record, house.people, command(house, tenant, by=admin))
    await accounts.create(PROVIDER.resource_types[0], MODEL(user_name="ana@example.com"))
    _, key = await house.clients.register_client(
        command(house, tenant, by=admin), "workday", ("platform",), None
    )
    assert await ApiKeys(house.record).verify(key) is not None
    answer, _ = await house.webhooks.register_webhook(
        command(house, tenant, by=admin), "https://hooks.example.com/", ()
    )
    while await house.publishing().catch_up():
        pass
    webhook = await house.record.load(Webhook, tenant, UUID(answer.body["id"]))
    assert webhook is not None
    await house.webhooks.replay_webhook(command(house, tenant, by=admin), webhook.id, 0)
    webhook = await house.record.load(Webhook, tenant, webhook.id)
    assert webhook is not None
    await house.deliveries.take(tenant, webhook, await house.feed.newest(tenant))


async def probe(connection: Any, own: str, other: str, tables: list[str]) -> list[str]:
    """What one tenant's transaction sees or may do wrongly."""
    problems = []
    for table in tables:
        seen = {
            row["tenant"] for row in await connection.fetch(f"SELECT DISTINCT tenant FROM {table}")
        }
        if other in seen:
            problems.append(f"{table} leaks")
        if own not in seen:
            problems.append(f"{table} hides its own")
    return problems


async def probe_as(settings: Settings, own: str, other: str, change: str = "") -> list[str]:
    """Probe as the serving role, with the database altered by `change`, which is taken back."""
    admin = await asyncpg.connect(settings.required_database_url())
    try:
        tables = [row["name"] for row in await admin.fetch(TENANT_TABLES, SCHEMAS)]
        transaction = admin.transaction()
        await transaction.start()
        if change:
            await admin.execute(change)
        await admin.execute(f"SET LOCAL ROLE {ROLE}")
        await admin.execute("SELECT set_config('cairn.tenant', $1, true)", own)
        found = await probe(admin, own, other, tables)
        await transaction.rollback()
    finally:
        await admin.close()
    return found


async def test_each_twin_sees_its_own_rows_in_every_table_and_nothing_else(
    settings: Settings, twins: tuple[str, str]
) -> None:
    one, other = twins
    assert await probe_as(settings, one, other) == []
    assert await probe_as(settings, other, one) == []


async def test_without_any_one_policy_the_probe_fails(
    settings: Settings, twins: tuple[str, str]
) -> None:
    admin = await asyncpg.connect(settings.required_database_url())
    policies = await admin.fetch(
        "SELECT polname, polrelid::regclass::text AS name FROM pg_policy"
        " WHERE (SELECT oid FROM pg_roles WHERE rolname = $1) = ANY (polroles)",
        ROLE,
    )
    tables = [row["name"] for row in await admin.fetch(TENANT_TABLES, SCHEMAS)]
    await admin.close()
    guarded = [row for row in policies if row["name"] in tables]
    assert {row["name"] for row in guarded} == set(tables)
    assert len(tables) > 15
    for row in guarded:
        dropped = await probe_as(settings, *twins, f"DROP POLICY {row['polname']} ON {row['name']}")
        assert f"{row['name']} hides its own" in dropped
    for table in tables:
        off = await probe_as(settings, *twins, f"ALTER TABLE {table} DISABLE ROW LEVEL SECURITY")
        assert f"{table} leaks" in off


async def test_no_row_can_be_written_for_another_tenant(
    house: House, twins: tuple[str, str]
) -> None:
    one, other = twins
    for statement in (
        "INSERT INTO record.checkpoint VALUES ('f', $1, 1)",
        "INSERT INTO record.tile VALUES ($1, 99, repeat('x', 8192)::bytea)",
        "INSERT INTO keys.subject VALUES ($1, 'mallory', uuidv7())",
        "INSERT INTO person VALUES ($1, uuidv7(), 'mallory', 1, 1, 'active')",
    ):
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            async with within(house.record.pool, one) as connection:
                await connection.execute(statement, other)
    async with within(house.record.pool, one) as connection:
        for table in ("keys.subject_key", "keys.tenant_key", "record.checkpoint", "person"):
            done = await connection.execute(f"DELETE FROM {table} WHERE tenant = $1", other)
            assert done == "DELETE 0", table


async def test_a_connection_that_is_used_again_remembers_no_tenant(
    house: House, settings: Settings, twins: tuple[str, str]
) -> None:
    from shared.database import open_pool

    pool = await open_pool(settings.required_database_url(), size=1)
    for tenant in (*twins, *twins):
        async with within(pool, tenant) as connection:
            seen = await connection.fetch("SELECT DISTINCT tenant FROM record.event")
            assert [row["tenant"] for row in seen] == [tenant]
        with pytest.raises(RuntimeError):
            async with within(pool, tenant) as connection:
                raise RuntimeError
        assert await pool.fetch("SELECT * FROM record.event") == []
        read = await pool.fetch("SELECT * FROM record.read_log($1, 0, 5)", tenant)
        assert {row["tenant"] for row in read} == {tenant}
        assert await pool.fetch("SELECT * FROM record.event") == []
    await pool.close()


async def test_many_tenants_at_once_on_few_connections_never_see_each_other(
    house: House, twins: tuple[str, str]
) -> None:
    async def read(tenant: str) -> set[str]:
        async with within(house.record.pool, tenant) as connection:
            await asyncio.sleep(0)
            return {
                row["tenant"] for row in await connection.fetch("SELECT tenant FROM record.event")
            }

    found = await asyncio.gather(*(read(twins[number % 2]) for number in range(60)))
    assert found == [{twins[number % 2]} for number in range(60)]


async def test_every_door_in_the_wall_is_known(settings: Settings) -> None:
    admin = await asyncpg.connect(settings.required_database_url())
    definers = await admin.fetch(
        "SELECT p.oid::regproc::text AS name, p.proconfig, p.proowner::regrole::text AS owner"
        " FROM pg_proc p WHERE p.prosecdef AND p.pronamespace::regnamespace::text = ANY ($1)",
        SCHEMAS,
    )
    views = await admin.fetch(
        "SELECT c.oid::regclass::text FROM pg_class c WHERE c.relkind IN ('v', 'm')"
        " AND c.relnamespace::regnamespace::text = ANY ($1)"
        " AND NOT coalesce(c.reloptions @> ARRAY['security_invoker=true'], false)",
        SCHEMAS,
    )
    public = await admin.fetch(
        "SELECT p.oid::regproc::text FROM pg_proc p WHERE p.pronamespace::regnamespace::text = ANY ($1)"
        " AND p.prorettype <> 'trigger'::regtype AND has_function_privilege('public', p.oid, 'EXECUTE')",
        SCHEMAS,
    )
    await admin.close()
    assert {row["name"] for row in definers} == DEFINERS
    for row in definers:
        assert row["proconfig"] == ["search_path=pg_catalog, pg_temp"], row["name"]
        assert row["owner"] in {"cairn_append", "cairn_erase", "cairn_watch"}, row["name"]
    assert views == []
    assert public == []
