"""The root key is replaced: an older backup opens no more, and everything else reads as before."""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import asyncpg
import pytest
from temporalio.api.common.v1 import Payload

from console.bootstrap import House, build
from console.commands.keeping import restore_backup
from console.commands.keys import NotItsNext, replace_root_key
from console.keeping.backup import back_up
from console.migrations import migrate
from services.conversation.domain import Conversation, conversation_id
from services.cycles.domain import cycle_id
from services.notices.letters import Reader
from shared.errors import RuleBroken
from shared.eventstore.durability import Unsafe
from shared.eventstore.epochs import OtherRootKey, in_force, replace_root
from shared.eventstore.migrations import pending
from shared.eventstore.record import Command
from shared.eventstore.rootkeys import REQUESTS, FileRootKey, next_of
from shared.principal import Principal
from shared.settings import Settings
from tests.console.keeping.test_drill import database
from tests.console.test_rebuild import live
from workflows.codec import Codec, UnknownKey

TENANT = "replaced"
GONE, STAYS = "p1", "p0"
WORKFLOW = Payload(metadata={"encoding": b"json/plain"}, data=b'"what sleeps for years"')


@dataclass
class Company:
    """A company on a database of its own, with a root key of its own."""

    settings: Settings

    @property
    def file(self) -> Path:
        return self.settings.root_key_path

    async def connect(self) -> asyncpg.Connection[asyncpg.Record]:
        return await asyncpg.connect(self.settings.required_database_url())

    def root(self) -> FileRootKey:
        return FileRootKey.of_file(self.file)


@pytest.fixture
async def company(settings: Settings, tmp_path: Path) -> AsyncIterator[Company]:
    (tmp_path / "keys").mkdir()
    file = tmp_path / "keys" / "root.key"
    shutil.copy(settings.root_key_path, file)
    async with database(settings, "replacing") as apart:
        await migrate(apart.required_database_url())
        own = apart.model_copy(update={"root_key_file": file})
        house = await build(own)
        await live(house, TENANT, 3)
        await house.ledger.checkpoint(TENANT)
        await house.close()
        yield Company(own)


async def answer_of(house: House, person: str) -> str | None:
    subject = await house.record.vault.subject_of(TENANT, person)
    assert subject is not None
    stream = conversation_id(cycle_id(subject, 1), 1, "conversation")
    found = await house.record.load(Conversation, TENANT, stream)
    assert found is not None
    return found.answers["impact"].text


async def is_whole(settings: Settings) -> bool:
    """Whether a process of today reads, signs and takes somebody in."""
    house = await build(settings)
    try:
        await house.ledger.checkpoint(TENANT)
        await house.record.vault.assign_subject(TENANT, "somebody new")
        return await answer_of(house, STAYS) == "words"
    finally:
        await house.close()


async def restore(there: Settings, record: Path, keys: Path) -> int:
    return await restore_backup(there, record, keys, [], [], without_erasures=True)


async def erase(house: House, person: str) -> None:
    dpo = Principal(TENANT, frozenset({"dpo"}), "dpo")
    await house.people.erase_person(Command(by=dpo, at=house.record.clock.now()), person)


async def test_an_older_backup_opens_no_more_after_the_epochs_and_the_root_key_have_changed(
    company: Company, settings: Settings, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    url = company.settings.required_database_url()
    old = company.root()
    await back_up(url, tmp_path / "record", tmp_path / "old-keys")
    house = await build(company.settings)
    wrapped = await _wrapped(company)
    await erase(house, GONE)
    await house.record.vault.rotate(TENANT)
    await house.ledger.rotate(TENANT)
    await house.close()
    await replace_root_key(company.settings)
    assert await is_whole(company.settings)

    assert [key for key in wrapped if old.opens(key)] == wrapped
    assert [key for key in wrapped if company.root().opens(key)] == []
    assert [key for key in await _wrapped(company) if old.opens(key)] == []
    await back_up(url, None, tmp_path / "new-keys")
    async with database(settings, "before") as apart:
        there = apart.model_copy(update={"root_key_file": company.file})
        assert await restore(there, tmp_path / "record", tmp_path / "old-keys") == 1
        assert "under a root key that was replaced" in capsys.readouterr().err
        with pytest.raises(Unsafe):
            await build(there)
    async with database(settings, "after") as apart:
        there = apart.model_copy(update={"root_key_file": company.file})
        assert await restore(there, tmp_path / "record", tmp_path / "new-keys") == 0
        back = await build(there)
        assert [await answer_of(back, person) for person in (STAYS, GONE)] == ["words", ""]
        await back.close()


async def test_newer_keys_bring_what_the_record_had_no_table_for(
    company: Company, settings: Settings, tmp_path: Path
) -> None:
    """The record is of a release before root keys could be replaced, the keys of after it."""
    url = company.settings.required_database_url()
    connection = await company.connect()
    for later in ("delivery DROP COLUMN settled_at", "endpoint DROP COLUMN last_taken_at"):
        await connection.execute(f"ALTER TABLE record.{later}")
    await connection.close()
    await back_up(url, tmp_path / "record", None)
    manifest = json.loads((tmp_path / "record" / "manifest.json").read_text())
    level = [name for name in manifest["migrations"] if name < "0056"]
    assert level != manifest["migrations"]
    manifest["migrations"] = level
    (tmp_path / "record" / "manifest.json").write_text(json.dumps(manifest))
    await replace_root_key(company.settings)
    await back_up(url, None, tmp_path / "new-keys")
    async with database(settings, "newer") as apart:
        there = apart.model_copy(update={"root_key_file": company.file})
        assert await restore(there, tmp_path / "record", tmp_path / "new-keys") == 0
        connection = await asyncpg.connect(there.required_database_url())
        assert await in_force(connection) == company.root().name
        assert await pending(connection) == ([], [])
        await connection.close()
        assert await is_whole(there)


async def _wrapped(company: Company) -> list[bytes]:
    """Whatever is under a root key."""
    connection = await company.connect()
    rows = await connection.fetch(
        "SELECT wrapped FROM keys.tenant_key UNION ALL"
        " SELECT wrapped FROM keys.ledger_key WHERE wrapped IS NOT NULL"
    )
    await connection.close()
    return [row["wrapped"] for row in rows]


async def test_a_whole_old_copy_of_the_database_is_not_read_with_the_root_key_of_today(
    company: Company,
) -> None:
    """As when PostgreSQL's own means bring it back: the rows of the keys are those of before."""
    connection = await company.connect()
    before = await connection.fetch("SELECT tenant, epoch, wrapped FROM keys.tenant_key")
    await replace_root_key(company.settings)
    await connection.execute("DELETE FROM keys.root")
    await connection.executemany(
        "UPDATE keys.tenant_key SET wrapped = $3 WHERE tenant = $1 AND epoch = $2", before
    )
    await connection.close()
    house = await build(company.settings)
    with pytest.raises(OtherRootKey):
        await answer_of(house, STAYS)
    await house.close()


@pytest.mark.parametrize("held", ["wait before the change", "wait before the commit"])
async def test_killed_at_any_point_it_is_finished_by_the_next_run(
    company: Company, held: str
) -> None:
    connection = await company.connect()
    transaction = connection.transaction()
    await transaction.start()
    await connection.execute(
        "SELECT pg_advisory_xact_lock_shared(hashtextextended('cairn root key', 0))"
        if held == "wait before the change"
        else "LOCK TABLE keys.root IN SHARE MODE"
    )
    child = subprocess.Popen(
        [sys.executable, "-m", "console.cli", "keys", "replace-root"],
        env=os.environ
        | {
            "CAIRN_DATABASE_URL": company.settings.required_database_url(),
            "CAIRN_ROOT_KEY_FILE": str(company.file),
        },
        stderr=subprocess.DEVNULL,
    )
    other = await company.connect()
    waits = "SELECT count(*) FROM pg_locks WHERE NOT granted AND locktype = ANY ($1)"
    while not await other.fetchval(waits, ["advisory", "relation"]):
        assert child.poll() is None
        await asyncio.sleep(0.05)
    child.send_signal(signal.SIGKILL)
    child.wait()
    await transaction.rollback()
    old, waiting = company.root(), FileRootKey.of_file(next_of(company.file))
    assert waiting.succeeds(old)
    assert await is_whole(company.settings)
    await replace_root_key(company.settings)
    assert company.root().name == waiting.name
    assert not next_of(company.file).exists()
    assert await is_whole(company.settings)
    await other.close()
    await connection.close()


async def test_killed_between_the_commit_and_the_file_everything_still_opens(
    company: Company,
) -> None:
    await replace_root_key(company.settings, prepare=True)
    old, waiting = company.root(), FileRootKey.of_file(next_of(company.file))
    connection = await company.connect()
    assert await replace_root(connection, old, waiting) == 2
    assert await replace_root(connection, old, waiting) == 0
    await connection.close()
    assert company.root().name == old.name
    assert await is_whole(company.settings)
    await replace_root_key(company.settings)
    assert company.root().name == waiting.name
    assert await is_whole(company.settings)


async def test_a_process_that_runs_goes_on_with_the_next_root_key(company: Company) -> None:
    house = await build(company.settings)
    codec = Codec(house.record.vault.root)
    before = await codec.encode([WORKFLOW])
    await replace_root_key(company.settings)
    fresh = await build(company.settings)
    written = await Codec(fresh.record.vault.root).encode([WORKFLOW])
    assert await codec.decode(written) == [WORKFLOW]
    await house.record.vault.rotate(TENANT)
    await house.record.vault.create_tenant("came-after")
    assert await answer_of(fresh, STAYS) == "words"
    assert await fresh.record.vault.opens("came-after")
    assert await codec.decode(before) == [WORKFLOW]
    for each in (house, fresh):
        await each.close()


async def test_a_process_with_the_root_key_of_before_writes_nothing_and_is_not_started_again(
    company: Company, tmp_path: Path
) -> None:
    alone = tmp_path / "alone.key"
    shutil.copy(company.file, alone)
    stale = company.settings.model_copy(update={"root_key_file": alone})
    house = await build(stale)
    await replace_root_key(company.settings)
    with pytest.raises(OtherRootKey):
        await house.record.vault.create_tenant("too-late")
    with pytest.raises(OtherRootKey):
        await house.record.vault.rotate(TENANT)
    await house.close()
    with pytest.raises(Unsafe, match="another root key since"):
        await build(stale)


async def test_what_sleeps_in_temporal_is_read_and_what_comes_now_is_under_another_key(
    company: Company,
) -> None:
    old, alone = company.root(), bytes.fromhex(company.file.read_text())
    (asleep,) = await Codec(old).encode([WORKFLOW])
    unnamed = Payload(metadata={"encoding": b"binary/cairn"}, data=asleep.data)
    for _ in range(2):
        await replace_root_key(company.settings)
    today = Codec(company.root())
    assert await today.decode([asleep, unnamed]) == [WORKFLOW, WORKFLOW]
    (now,) = await today.encode([WORKFLOW])
    assert now.metadata["encoding"] != asleep.metadata["encoding"]
    with pytest.raises(UnknownKey):
        await Codec(FileRootKey(alone)).decode([now])


async def test_the_file_holds_nothing_by_which_the_key_before_is_found(company: Company) -> None:
    before = company.file.read_text().strip()
    await replace_root_key(company.settings)
    first, *left = company.file.read_text().splitlines()
    assert before not in company.file.read_text()
    assert first != before
    assert [line.split()[0] for line in left] == ["carried"] * 3 + ["earlier"]
    assert company.file.stat().st_mode & 0o077 == 0


async def test_keys_of_requests_and_links_in_mails_are_the_same_for_ever(company: Company) -> None:
    house = await build(company.settings)
    subject = await house.record.vault.subject_of(TENANT, STAYS)
    assert subject is not None
    reader = Reader(TENANT, subject, "Ana", "ana@example.com", "en")
    link, asked = (
        house.notices.link_of(reader),
        house.record.vault.fingerprint(b"what", b"was asked"),
    )
    await house.close()
    await replace_root_key(company.settings)
    house = await build(company.settings)
    assert house.record.vault.fingerprint(b"what", b"was asked") == asked
    assert house.notices.reader_of(link) == (TENANT, subject)
    assert FileRootKey(bytes(32)).derive(REQUESTS) != company.root().derive(REQUESTS)
    await house.close()


async def test_a_key_that_was_not_made_to_replace_it_is_refused(company: Company) -> None:
    next_of(company.file).write_text("ab" * 32)
    with pytest.raises(NotItsNext):
        await replace_root_key(company.settings)
    assert await is_whole(company.settings)


async def test_where_the_next_one_cannot_be_written_nothing_is_changed(company: Company) -> None:
    part = next_of(company.file).with_name(f"{next_of(company.file).name}.part")
    part.mkdir()  # whoever is root writes to every folder
    with pytest.raises(RuleBroken, match="prepare it elsewhere"):
        await replace_root_key(company.settings)
    assert await is_whole(company.settings)
