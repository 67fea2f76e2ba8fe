"""An erasure step by step, and what may come between: the log verifies, and no certificate is early."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from uuid import UUID

import asyncpg
import pytest

from console.bootstrap import House
from services.people.application import People
from services.people.domain import Person
from services.people.keeping import Keeping
from shared.database import ROLE
from shared.errors import Stale, Unavailable
from shared.eventstore import epochs, erasing
from shared.eventstore.keys import Vault
from shared.eventstore.record import Command, Record
from shared.mail import FolderMail
from shared.principal import Principal
from shared.settings import Settings
from tests.conftest import Story
from tests.shared.eventstore.test_bundle import ours, theirs
from tests.shared.eventstore.test_ledger import bundle

IN_BETWEEN = "written after the tombstone"


def command(story: Story) -> Command:
    by = Principal(story.tenant, frozenset({"dpo"}), "dpo")
    return Command(by=by, at=story.house.record.clock.now())


async def tombstone(story: Story) -> None:
    """The first half of an erasure, after which its process dies."""
    subject = await ana_of(story)
    await story.house.record.change(Person, subject, command(story), Person.erase)


async def say(story: Story, text: str = IN_BETWEEN, question: str = "impact") -> int:
    path = f"{story.conversation}/answers/{question}"
    return (await story.ana.put(path, json={"text": text})).status_code


async def verdicts(story: Story) -> set[tuple[bool, int | None, str]]:
    lines = await bundle(story.house, story.tenant)
    return {ours(lines), theirs(lines)}


async def bodies(story: Story, person: str = "ana") -> int:
    """How many events of a person still have words."""
    subject = await story.house.record.vault.subject_of(story.tenant, person)
    found: int = await story.house.record.pool.fetchval(
        "SELECT count(*) FROM record.read_log($1, 0, 100000)"
        " WHERE words IS NOT NULL AND convert_from(meta, 'UTF8')::jsonb ->> 'subject' = $2",
        story.tenant,
        str(subject),
    )
    return found


VERIFIED = {(True, None, "")}


async def test_what_was_written_between_the_tombstone_and_the_keys_end_goes_too_and_the_log_verifies(
    story: Story,
) -> None:
    await tombstone(story)
    assert await say(story) == 200
    assert (await story.dpo.post("/v1/people/ana:erase")).status_code == 200
    assert await verdicts(story) == VERIFIED
    assert await bodies(story) == 0
    assert (await story.happened("people.")).count("people.erased") == 2
    told = [(await story.dpo.post("/v1/people/ana:erase")).json() for _ in range(2)]
    assert told[0]["erased_at"] == told[1]["erased_at"]
    assert (await story.happened("people.")).count("people.erased") == 2


async def test_no_body_is_deleted_that_no_tombstone_covers(story: Story) -> None:
    """Not even by whoever doesn't look first: the database itself sees to it."""
    await tombstone(story)
    assert await say(story) == 200
    subject = await ana_of(story)
    await story.house.record.vault.destroy(story.tenant, subject)
    await erasing.delete_words(story.house.record.pool, story.tenant, subject)
    assert await verdicts(story) == VERIFIED
    assert await bodies(story) == 1


async def test_a_process_that_still_has_the_key_makes_no_hole_and_its_words_go_with_the_next_time(
    story: Story, monkeypatch: pytest.MonkeyPatch
) -> None:
    vault = story.house.record.vault
    subject = await ana_of(story)
    key = await vault.key_of(story.tenant, subject)
    assert (await story.dpo.post("/v1/people/ana:erase")).status_code == 200
    assert await say(story) == 409

    async def asleep(*_: Any) -> Any:
        return key

    with monkeypatch.context() as patched:
        patched.setattr(vault, "key_of", asleep)
        assert await say(story) == 200
    assert await verdicts(story) == VERIFIED
    assert (await story.dpo.post("/v1/people/ana:erase")).status_code == 200
    assert await verdicts(story) == VERIFIED
    assert await bodies(story) == 0


async def test_whoever_writes_while_somebody_is_erased_the_log_verifies(story: Story) -> None:
    async def keep_saying(question: str) -> None:
        for number in range(30):
            await say(story, f"{number}", question)

    questions = ("impact", "energy", "peak")
    erasing_ = story.dpo.post("/v1/people/ana:erase")
    answer, *_ = await asyncio.gather(erasing_, *map(keep_saying, questions))
    assert answer.status_code == 200
    assert await verdicts(story) == VERIFIED
    # What was sealed before the key's end and recorded after it can't be read, and goes the next time.
    assert await story.house.record.vault.key_of(story.tenant, await ana_of(story)) is None
    assert (await story.dpo.post("/v1/people/ana:erase")).status_code == 200
    assert await verdicts(story) == VERIFIED
    assert await bodies(story) == 0


async def test_a_log_with_a_hole_of_before_verifies_again_once_the_erasure_is_repeated(
    story: Story, settings: Settings
) -> None:
    await tombstone(story)
    assert await say(story) == 200
    subject = await story.house.record.vault.subject_of(story.tenant, "ana")
    admin = await asyncpg.connect(settings.required_database_url())
    await admin.execute("SET ROLE cairn_erase")
    await admin.execute(AS_IT_WAS, story.tenant, subject)
    await admin.close()
    assert VERIFIED.isdisjoint(await verdicts(story))
    assert (await story.dpo.post("/v1/people/ana:erase")).status_code == 200
    assert await verdicts(story) == VERIFIED


AS_IT_WAS = """
WITH gone AS (DELETE FROM keys.subject_key WHERE tenant = $1 AND subject = $2 RETURNING key_id)
UPDATE record.event e SET words = NULL FROM gone WHERE e.tenant = $1 AND e.key_id = gone.key_id
"""


@pytest.mark.parametrize("failure", [ConnectionResetError, Unavailable, Stale])
async def test_a_certificate_leaves_only_when_what_it_says_was_done_also_when_it_is_answered_again(
    story: Story, monkeypatch: pytest.MonkeyPatch, failure: type[Exception]
) -> None:
    await say(story)
    vault, key = story.house.record.vault, {"Idempotency-Key": "erase-ana"}
    subject = await ana_of(story)

    def fails(_: FolderMail) -> list[Path]:
        raise failure

    with monkeypatch.context() as patched:
        patched.setattr(FolderMail, "letters", fails)  # after the tombstone, before the key goes
        for _ in range(2):
            answer = await story.dpo.post("/v1/people/ana:erase", headers=key)
            assert (answer.status_code, await vault.key_of(story.tenant, subject) is None) == (
                503,
                False,
            )
            assert "people.erased" in await story.happened("people.")
    again = await story.dpo.post("/v1/people/ana:erase", headers=key)
    assert (again.status_code, again.headers["Idempotency-Replayed"]) == (200, "true")
    assert {copy["where"]: copy["state"] for copy in again.json()["copies"]}[
        "data_key"
    ] == "destroyed"
    assert await vault.key_of(story.tenant, subject) is None
    assert await bodies(story) == 0


@pytest.fixture
async def small(
    settings: Settings, house: House, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Record]:
    """A record whose statements may take three seconds; a row that is changed takes a fifth of one."""
    admin = await asyncpg.connect(settings.required_database_url())
    await admin.execute(SLOW)
    pool = await asyncpg.create_pool(
        settings.required_database_url(),
        min_size=1,
        max_size=4,
        command_timeout=3.0,
        server_settings={"role": ROLE},
    )
    monkeypatch.setattr(erasing, "_AT_ONCE", 3)
    monkeypatch.setattr(epochs, "_AT_ONCE", 3)
    vault = Vault(pool, house.record.vault.root)
    yield Record(pool, vault, house.record.clock, house.record.registry)
    await vault.ears.close()
    await pool.close()
    await admin.execute(FAST)
    await admin.close()


SLOW = """
CREATE FUNCTION public.slow() RETURNS trigger LANGUAGE plpgsql AS
  $$ BEGIN PERFORM pg_sleep(0.2); RETURN NEW; END $$;
CREATE TRIGGER slow BEFORE UPDATE ON record.event FOR EACH ROW EXECUTE FUNCTION public.slow();
CREATE TRIGGER slow BEFORE UPDATE ON keys.subject_key FOR EACH ROW EXECUTE FUNCTION public.slow();
"""
FAST = """
DROP TRIGGER slow ON record.event; DROP TRIGGER slow ON keys.subject_key; DROP FUNCTION public.slow();
"""


async def much(story: Story) -> None:
    """More of Ana than one statement of those has time for."""
    for number in range(20):
        assert await say(story, f"{number}") == 200


async def test_an_erasure_takes_as_long_as_it_takes_and_no_statement_of_it_is_a_long_one(
    story: Story, small: Record
) -> None:
    await much(story)
    await tombstone(story)
    people = replace_record(story, small)
    await people.forget(command(story), await ana_of(story))
    assert await bodies(story) == 0
    assert await verdicts(story) == VERIFIED


async def test_an_erasure_that_breaks_off_leaves_no_key_and_goes_on_from_there(
    story: Story, small: Record, monkeypatch: pytest.MonkeyPatch
) -> None:
    await much(story)
    await tombstone(story)
    people, ana = replace_record(story, small), await ana_of(story)
    with monkeypatch.context() as patched:
        patched.setattr(erasing, "_AT_ONCE", 1_000)
        with pytest.raises(TimeoutError):
            await people.forget(command(story), ana)
    assert await story.house.record.vault.key_of(story.tenant, ana) is None
    assert await bodies(story) > 0
    await story.read_models()
    assert await Keeping(story.house.record).unfinished(story.tenant) == [ana]
    await people.forget(command(story), ana)
    assert await bodies(story) == 0
    assert await Keeping(story.house.record).unfinished(story.tenant) == []


async def test_a_new_epoch_takes_as_long_as_there_are_people(story: Story, small: Record) -> None:
    people = {f"p{number}" for number in range(20)}
    subjects = await story.house.record.vault.prepare(story.tenant, people)
    assert await small.vault.rotate(story.tenant) == 2
    keys = [await small.vault.key_of(story.tenant, subject) for subject in subjects.values()]
    assert None not in keys


def replace_record(story: Story, record: Record) -> People:
    """The use cases of people on another record."""
    known = story.house.people
    return People(record, known._permission, known._roster, known._breaker, known._copies)


async def ana_of(story: Story) -> UUID:
    subject = await story.house.record.vault.subject_of(story.tenant, "ana")
    assert subject is not None
    return subject
