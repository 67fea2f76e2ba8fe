"""The record on a real PostgreSQL: nothing lost, nothing doubled, nothing altered, nobody else's."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import msgspec
import pytest

from console.bootstrap import House
from services.conversation.domain import Conversation
from services.conversation.guides import FIRST_CONVERSATION
from shared.database import LOST, within
from shared.errors import Stale, Unavailable
from shared.eventstore.clock import RecordClock
from shared.eventstore.events import ERASED
from shared.eventstore.record import Asked, Command, KeyReused, KeyUsed
from shared.eventstore.sealing import NO_LEAF, Altered, header, leaf, unseal
from shared.principal import Principal
from shared.settings import Settings


def command(house: House, tenant: str, **changes: Any) -> Command:
    by = Principal(tenant, frozenset({"employee"}), "test")
    return Command(**({"by": by, "at": house.record.clock.now()} | changes))


async def open_one(house: House, tenant: str) -> Conversation:
    person = await house.record.vault.assign_subject(tenant, f"p-{uuid4().hex}")
    opened = Conversation.open(
        person=person,
        cycle=uuid4(),
        round=1,
        guide=FIRST_CONVERSATION,
        at=house.record.clock.now(),
    )
    await house.record.save(opened, command(house, tenant))
    return opened


async def load(house: House, tenant: str, id_: UUID, **when: Any) -> Conversation:
    found = await house.record.load(Conversation, tenant, id_, **when)
    assert found is not None
    return found


async def positions(house: House, tenant: str) -> list[int]:
    async with within(house.record.pool, tenant) as connection:
        rows = await connection.fetch(
            "SELECT position FROM record.event WHERE tenant = $1 ORDER BY position", tenant
        )
    return [row["position"] for row in rows]


async def test_what_was_saved_is_loaded_again_with_its_words(house: House, tenant: str) -> None:
    saved = await open_one(house, tenant)
    saved.record_answer("impact", "Zwei Lehrer 🪨 \u202eabc\u0000")
    await house.record.save(saved, command(house, tenant))
    found = await load(house, tenant, saved.id)
    assert found.answers["impact"].text == "Zwei Lehrer 🪨 \u202eabc\u0000"


async def test_words_stand_encrypted_in_the_table(house: House, tenant: str) -> None:
    saved = await open_one(house, tenant)
    saved.record_answer("impact", "a secret sentence")
    await house.record.save(saved, command(house, tenant))
    rows = await house.record.rows(tenant, saved.id)
    assert all(b"secret" not in (row.words or b"") + row.facts + row.meta for row in rows)
    assert rows[1].key_id is not None


async def test_positions_have_no_gap_with_many_writers(house: House, tenant: str) -> None:
    opened = await asyncio.gather(*(open_one(house, tenant) for _ in range(40)))

    async def answer(one: Conversation) -> None:
        for question in ("impact", "energy", "peak"):
            one.record_answer(question, "words")
            await house.record.save(one, command(house, tenant))

    await asyncio.gather(*(answer(one) for one in opened))
    async with within(house.record.pool, tenant) as connection:
        size = await connection.fetchval(
            "SELECT log_size FROM record.tenant WHERE tenant = $1", tenant
        )
    assert await positions(house, tenant) == list(range(1, 161))
    assert size == 160


async def test_of_two_writers_of_one_version_one_wins(house: House, tenant: str) -> None:
    saved = await open_one(house, tenant)
    others = [await load(house, tenant, saved.id) for _ in range(5)]
    for other in others:
        other.record_answer("impact", "mine")
    outcomes = await asyncio.gather(
        *(house.record.save(other, command(house, tenant)) for other in others),
        return_exceptions=True,
    )
    assert sum(isinstance(outcome, Stale) for outcome in outcomes) == 4
    assert (await load(house, tenant, saved.id)).version == 2


async def test_a_change_is_repeated_when_somebody_else_was_faster(
    house: House, tenant: str
) -> None:
    saved = await open_one(house, tenant)
    await asyncio.gather(
        *(
            house.record.change(
                Conversation,
                saved.id,
                command(house, tenant),
                lambda c, q=question: c.record_answer(q, "words"),  # type: ignore[misc]
            )
            for question in ("impact", "energy", "peak")
        )
    )
    assert len((await load(house, tenant, saved.id)).answers) == 3


async def test_one_key_has_one_effect_and_one_answer(house: House, tenant: str) -> None:
    saved = await open_one(house, tenant)
    asked = Asked("client:x", "key-1", b"fingerprint")

    async def once() -> None:
        await house.record.change(
            Conversation,
            saved.id,
            command(house, tenant, asked=asked),
            lambda c: c.set_aside("impact", None),
        )

    outcomes = await asyncio.gather(*(once() for _ in range(3)), return_exceptions=True)
    assert sum(isinstance(outcome, KeyUsed) for outcome in outcomes) == 2
    assert (await load(house, tenant, saved.id)).version == 2
    answer = await house.record.answered(command(house, tenant, asked=asked))
    assert answer is not None
    assert answer.body["version"] == 2


async def test_a_key_is_not_reused_for_something_else(house: House, tenant: str) -> None:
    saved = await open_one(house, tenant)
    asked = Asked("client:x", "key-2", b"one")
    await house.record.change(
        Conversation, saved.id, command(house, tenant, asked=asked), lambda c: c.pause(c.at)
    )
    with pytest.raises(KeyReused):
        await house.record.answered(
            command(house, tenant, asked=Asked("client:x", "key-2", b"another"))
        )


async def test_a_version_that_is_behind_is_refused(house: House, tenant: str) -> None:
    saved = await open_one(house, tenant)
    with pytest.raises(Stale):
        await house.record.change(
            Conversation,
            saved.id,
            command(house, tenant, if_version=7),
            lambda c: c.set_aside("impact", None),
        )


async def test_a_stream_is_read_as_it_stood_at_a_version_and_at_a_moment(
    house: House, tenant: str
) -> None:
    saved = await open_one(house, tenant)
    saved.record_answer("impact", "first")
    await house.record.save(saved, command(house, tenant))
    between = (await house.record.rows(tenant, saved.id))[-1].recorded_at
    await asyncio.sleep(0.01)
    saved.record_answer("impact", "second")
    await house.record.save(saved, command(house, tenant))
    assert (await load(house, tenant, saved.id, at_version=2)).answers["impact"].text == "first"
    assert (await load(house, tenant, saved.id, as_of=between)).answers["impact"].text == "first"
    assert (await load(house, tenant, saved.id)).answers["impact"].text == "second"
    long_ago = between - timedelta(days=1)
    assert await house.record.load(Conversation, tenant, saved.id, as_of=long_ago) is None


async def test_what_there_was_at_a_moment_has_no_hole_where_another_clock_was_ahead(
    house: House, tenant: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    saved = await open_one(house, tenant)
    with monkeypatch.context() as elsewhere:
        ahead = RecordClock(house.record.clock.now() + timedelta(minutes=1))
        elsewhere.setattr(house.record, "clock", ahead)
        saved.record_answer("impact", "first")
        await house.record.save(saved, command(house, tenant))
    saved.record_answer("impact", "second")
    await house.record.save(saved, command(house, tenant))
    opened, _, last = (row.recorded_at for row in await house.record.rows(tenant, saved.id))
    assert (await load(house, tenant, saved.id, as_of=last)).answers["impact"].text == "second"
    assert (await load(house, tenant, saved.id, as_of=opened)).version == 1
    both = await house.record.rows(tenant, saved.id, at_version=2, as_of=last)
    assert [row.version for row in both] == [1, 2]


def test_an_answer_that_took_long_sets_the_clock_forward_and_never_back() -> None:
    hour, now = timedelta(hours=1), datetime(2026, 3, 2, 9, tzinfo=UTC)
    clock = RecordClock(now)
    clock.heard(now - hour, 5.0)
    assert clock.now() >= now
    clock.heard(now + hour, 5.0)
    assert clock.now() >= now + hour
    clock.heard(now, 0.01)
    assert clock.now() < now + hour


async def test_every_leaf_follows_from_its_row_and_the_one_before(
    house: House, tenant: str
) -> None:
    saved = await open_one(house, tenant)
    for question in ("impact", "energy"):
        saved.record_answer(question, "words")
    await house.record.save(saved, command(house, tenant))
    previous = NO_LEAF
    for row in await house.record.rows(tenant, saved.id):
        assert row.leaf == leaf(header(row), previous, row.words_hash)
        previous = row.leaf


async def test_a_ciphertext_that_was_moved_is_noticed(house: House, tenant: str) -> None:
    saved = await open_one(house, tenant)
    saved.record_answer("impact", "one")
    saved.record_answer("energy", "two")
    await house.record.save(saved, command(house, tenant))
    _, one, two = await house.record.rows(tenant, saved.id)
    key = await house.record.vault.key_of(tenant, saved.person)
    assert key is not None
    assert unseal(one, key.aead) == b'{"text":"one"}'
    with pytest.raises(Altered):
        unseal(msgspec.structs.replace(one, words=two.words), key.aead)


async def test_without_the_key_words_are_gone_and_the_rest_stays(house: House, tenant: str) -> None:
    saved = await open_one(house, tenant)
    saved.record_answer("impact", "words")
    await house.record.save(saved, command(house, tenant))
    async with within(house.record.pool, tenant) as connection:
        await connection.execute("DELETE FROM keys.subject_key WHERE subject = $1", saved.person)
    house.record.vault.forget(tenant, saved.person)
    found = await load(house, tenant, saved.id)
    assert found.answers["impact"].text == ERASED
    assert found.version == 2


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE record.event SET type = 'x.y'",
        "DELETE FROM record.event",
        "TRUNCATE record.event",
        "UPDATE record.receipt SET status = 500",
        "DELETE FROM record.receipt",
    ],
)
async def test_even_the_superuser_changes_no_row(
    settings: Settings, house: House, tenant: str, statement: str
) -> None:
    saved = await open_one(house, tenant)
    asked = Asked("client:x", "key-3", b"one")
    pause = command(house, tenant, asked=asked)
    await house.record.change(Conversation, saved.id, pause, lambda c: c.pause(c.at))
    connection = await asyncpg.connect(settings.required_database_url())
    with pytest.raises(asyncpg.RestrictViolationError):
        await connection.execute(statement)
    await connection.close()


async def test_the_serving_role_inserts_only_through_append(house: House, tenant: str) -> None:
    async with house.record.pool.acquire() as connection:
        for statement in (
            "INSERT INTO record.event SELECT * FROM record.event",
            "UPDATE record.tenant SET log_size = 0",
            "DELETE FROM record.receipt",
            "ALTER TABLE record.event DISABLE TRIGGER ALL",
        ):
            with pytest.raises(asyncpg.InsufficientPrivilegeError):
                await connection.execute(statement)


async def test_a_reader_without_a_tenant_gets_nothing_and_with_one_only_its_own(
    house: House, tenant: str
) -> None:
    await open_one(house, tenant)
    other = f"twin-{uuid4().hex[:8]}"
    await house.record.vault.create_tenant(other)
    await open_one(house, other)
    async with within(house.record.pool, other) as connection:
        seen = {row["tenant"] for row in await connection.fetch("SELECT tenant FROM record.event")}
    assert seen == {other}
    async with house.record.pool.acquire() as connection:
        try:
            assert await connection.fetch("SELECT * FROM record.event") == []
        except asyncpg.UndefinedObjectError:
            return  # a session that never had a tenant gets an error instead


async def test_row_level_security_is_forced_on_every_table_with_a_tenant(
    settings: Settings,
) -> None:
    connection = await asyncpg.connect(settings.required_database_url())
    unguarded = await connection.fetch(
        """
        SELECT c.oid::regclass::text AS name FROM pg_class c
          JOIN pg_namespace n ON n.oid = c.relnamespace
          JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'tenant'
         WHERE n.nspname ~ '^(record|keys|readmodel.*)$' AND c.relkind IN ('r', 'p')
           AND NOT (c.relrowsecurity AND c.relforcerowsecurity)
        """
    )
    role = await connection.fetchrow(
        "SELECT rolsuper, rolbypassrls FROM pg_roles WHERE rolname = 'cairn_app'"
    )
    await connection.close()
    assert unguarded == []
    assert tuple(role) == (False, False)


async def test_an_event_for_an_unknown_tenant_is_refused_whole(house: House) -> None:
    opened = Conversation.open(
        person=uuid4(),
        cycle=uuid4(),
        round=1,
        guide=FIRST_CONVERSATION,
        at=house.record.clock.now(),
    )
    with pytest.raises(asyncpg.NotNullViolationError):
        await house.record.save(opened, command(house, "nobody"))


async def test_what_the_database_refuses_fails_alone(house: House, tenant: str) -> None:
    """Its neighbours in the batch are saved, and every position is given once."""

    async def save(where: str) -> Any:
        at = house.record.clock.now()
        opened = Conversation.open(
            person=uuid4(), cycle=uuid4(), round=1, guide=FIRST_CONVERSATION, at=at
        )
        return await house.record.save(opened, command(house, where))

    wheres = [tenant, "nobody-knows", tenant, tenant]
    outcomes = await asyncio.gather(*map(save, wheres), return_exceptions=True)
    assert [isinstance(each, Exception) for each in outcomes] == [False, True, False, False]
    assert await positions(house, tenant) == [1, 2, 3]


async def test_a_lost_backend_loses_and_doubles_nothing(
    house: House, settings: Settings, tenant: str
) -> None:
    saved = await open_one(house, tenant)
    admin = await asyncpg.connect(settings.required_database_url())
    stop = asyncio.Event()

    async def cut() -> int:
        cuts = 0
        while not stop.is_set():
            ended = await admin.fetchval(
                "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity"
                " WHERE application_name = 'cairn' AND query LIKE '%record.append%'"
            )
            cuts += ended
            await asyncio.sleep(0.3 if ended else 0.01)  # or nobody would get through
        return cuts

    cutter = asyncio.create_task(cut())
    acknowledged = []
    for number in range(60):
        stream = await load_patiently(house, tenant, saved.id)
        stream.record_answer("impact", f"answer {number}")
        await house.record.save(stream, command(house, tenant))
        acknowledged.append(stream.version)
    stop.set()
    cuts = await cutter
    await admin.close()
    assert cuts > 0
    assert acknowledged == list(range(2, 62))
    assert (await load(house, tenant, saved.id)).answers["impact"].text == "answer 59"


async def load_patiently(house: House, tenant: str, id_: UUID) -> Conversation:
    for _ in range(20):
        try:
            return await load(house, tenant, id_)
        except (*LOST, Unavailable):
            await asyncio.sleep(0.05)
    return await load(house, tenant, id_)
