"""The restore drill: a backup comes back, who was erased stays forgotten, and all of it verifies."""

from __future__ import annotations

import json
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID, uuid4

import asyncpg
import pytest
from pydantic import SecretStr

from console.bootstrap import House, build
from console.commands.keeping import make_backup, restore_backup
from console.keeping.backup import Exists, back_up, read_manifest
from console.keeping.erasures import EndsBefore, Erasure, by_tenant, extend_list, read_list
from console.keeping.restore import Damaged, NotEmpty, bring_back
from console.keeping.tables import NotAll
from console.migrations import migrate
from services.conversation.domain import Conversation, conversation_id
from services.conversation.drafts import Drafts, Place
from services.cycles.domain import cycle_id
from services.people.certificate import Depth
from services.people.domain import Profile
from shared.database import within
from shared.errors import Invalid, NotFound
from shared.eventstore.durability import RESTORING, Unsafe
from shared.eventstore.record import Command
from shared.principal import Principal
from shared.settings import Settings
from tests.console.test_rebuild import dump, live

GONE, UNLINKED = "p1", "p3"
ERASED: dict[str, Depth] = {GONE: "words", UNLINKED: "link"}


@dataclass
class Drill:
    """A company with a backup of this morning, and what happened after it."""

    source: Settings
    target: Settings
    folder: Path
    lists: dict[str, list[tuple[object, ...]]]

    @property
    def record(self) -> Path:
        return self.folder / "record"

    @property
    def keys(self) -> Path:
        return self.folder / "keys"

    @property
    def erasures(self) -> Path:
        return self.folder / "erasures.ndjson"

    async def restore(self, *heads: Path) -> int:
        return await restore_backup(
            self.target, self.record, self.keys, [self.erasures], list(heads)
        )

    async def restore_without_a_list(self, *heads: Path) -> int:
        return await restore_backup(
            self.target, self.record, self.keys, [], list(heads), without_erasures=True
        )


@pytest.fixture(scope="module")
async def source(
    settings: Settings, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Drill]:
    """The company itself, on a database of its own."""
    folder = tmp_path_factory.mktemp("morning")
    async with database(settings, "source") as apart:
        url = apart.required_database_url()
        await migrate(url)
        house = await build(apart)
        for tenant in ("one", "two"):
            await live(house, tenant, 4)
        for follower in house.followers():
            while await follower.catch_up():
                pass
        lists = await dump(apart)
        (folder / "morning").write_text((await house.ledger.checkpoint("one")).note)
        await back_up(url, folder / "record", folder / "keys")
        admin = Principal("one", frozenset({"admin", "dpo"}), "dpo")
        for person, depth in ERASED.items():
            command = Command(by=admin, at=house.record.clock.now())
            await house.people.erase_person(command, person, depth)
        (folder / "evening").write_text((await house.ledger.checkpoint("one")).note)
        await extend_list(url, folder / "erasures.ndjson")
        await house.close()
        yield Drill(apart, apart, folder, lists)


@pytest.fixture
async def drill(source: Drill, tmp_path: Path) -> AsyncIterator[Drill]:
    """Its backup, and an empty database to restore it into."""
    shutil.copytree(source.folder, tmp_path, dirs_exist_ok=True)
    async with database(source.source, "restored") as target:
        yield Drill(source.source, target, tmp_path, source.lists)


@asynccontextmanager
async def database(settings: Settings, name: str) -> AsyncIterator[Settings]:
    url = settings.required_database_url()
    connection = await asyncpg.connect(url)
    await connection.execute(f"CREATE DATABASE {name}")
    try:
        yield settings.model_copy(
            update={"database_url": SecretStr(f"{url.rpartition('/')[0]}/{name}")}
        )
    finally:
        await connection.execute(f"DROP DATABASE {name} WITH (FORCE)")
        await connection.close()


async def answer_of(house: House, person: str) -> str | None:
    subject = await house.record.vault.subject_of("one", person)
    assert subject is not None
    stream = conversation_id(cycle_id(subject, 1), 1, "conversation")
    found = await house.record.load(Conversation, "one", stream)
    assert found is not None
    return found.answers["impact"].text


async def test_what_was_backed_up_is_back_and_who_was_erased_since_stays_forgotten(
    drill: Drill, capsys: pytest.CaptureFixture[str]
) -> None:
    code = await drill.restore(drill.folder / "morning")
    told = capsys.readouterr().err
    assert code == 0, told
    assert "2 people forgotten again" in told
    assert "Every log verifies" in told
    house = await build(drill.target)
    assert await answer_of(house, "p0") == "words"
    assert await answer_of(house, GONE) == ""
    subject = await house.record.vault.subject_of("one", GONE)
    assert subject is not None
    assert await house.record.vault.key_of("one", subject) is None
    rows = await house.record.rows("one", subject)
    assert rows[-1].type == "people.erased"
    assert [row.words for row in rows] == [None] * len(rows)
    await house.close()


async def test_whose_link_was_cut_is_nobody_again_after_the_restore(drill: Drill) -> None:
    await bring_back(drill.target, drill.record, drill.keys, lambda _: None)
    house = await build(drill.target, restoring=True)
    subject = await house.record.vault.subject_of("one", UNLINKED)
    assert subject is not None  # the copy still knows
    await house.close()
    assert await restore_backup(drill.target, None, None, [drill.erasures], []) == 0
    house = await build(drill.target)
    assert await house.record.vault.subject_of("one", UNLINKED) is None
    assert await house.record.vault.people_of("one", {subject}) == {}
    assert await house.record.vault.key_of("one", subject) is None
    assert [row.words for row in await house.record.rows("one", subject)][-1] is None
    await house.close()


async def test_the_lists_are_those_of_the_moment_of_the_backup(drill: Drill) -> None:
    drill.erasures.unlink()
    assert await drill.restore_without_a_list() == 0
    assert await dump(drill.target) == drill.lists
    house = await build(drill.target)
    await live(house, "three", 2)
    assert await house.readmodels().catch_up() > 0
    platform = Principal("one", frozenset({"platform"}), "platform")
    new = Command(by=platform, at=house.record.clock.now())
    await house.people.put_person(new, "new", Profile("New", "new@example.com"), "boss")
    await house.ledger.checkpoint("one")
    await house.close()


async def test_what_is_missing_at_the_end_is_told(
    drill: Drill, capsys: pytest.CaptureFixture[str]
) -> None:
    code = await drill.restore_without_a_list(drill.folder / "evening")
    told = capsys.readouterr().err
    assert code == 0
    assert "one: the copy ends at position" in told
    assert "read again" in told


async def test_nothing_is_served_before_the_restore_is_finished(drill: Drill) -> None:
    await bring_back(drill.target, drill.record, drill.keys, lambda _: None)
    with pytest.raises(Unsafe, match="being restored"):
        await build(drill.target)
    assert await restore_backup(drill.target, None, None, [drill.erasures], []) == 0
    await (await build(drill.target)).close()


async def test_a_copy_that_was_altered_is_not_served(
    drill: Drill, capsys: pytest.CaptureFixture[str]
) -> None:
    await bring_back(drill.target, drill.record, drill.keys, lambda _: None)
    admin = await asyncpg.connect(drill.target.required_database_url())
    await admin.execute("ALTER TABLE record.event DISABLE TRIGGER append_only")
    await admin.execute(
        "UPDATE record.event SET facts = replace(convert_from(facts, 'UTF8'), 'research', 'sales')"
        "::bytea WHERE tenant = 'two' AND type = 'people.registered'"
    )
    await admin.close()
    assert await restore_backup(drill.target, None, None, [drill.erasures], []) == 1
    assert "two: NOT WHAT WAS RECORDED" in capsys.readouterr().err
    with pytest.raises(Unsafe):
        await build(drill.target)


async def test_a_checkpoint_of_another_history_is_noticed(
    drill: Drill, capsys: pytest.CaptureFixture[str]
) -> None:
    """The copy has gone on after its restore, and is compared with a head of the life before."""
    assert await drill.restore() == 0
    evening = [drill.folder / "evening"]
    code = await restore_backup(drill.target, None, None, [drill.erasures], evening)
    assert code == 1
    assert "one: NOT WHAT WAS RECORDED" in capsys.readouterr().err


async def test_a_checkpoint_by_a_key_that_came_after_the_copy_is_not_passed_over(
    drill: Drill, capsys: pytest.CaptureFixture[str]
) -> None:
    house = await build(drill.source)
    await house.ledger.checkpoint("two")
    await house.ledger.rotate("two")
    platform = Principal("two", frozenset({"platform"}), "platform")
    new = Command(by=platform, at=house.record.clock.now())
    await house.people.put_person(new, "late", Profile("Late", "late@example.com"), None)
    kept = await house.ledger.checkpoint("two")
    await house.close()
    (drill.folder / "after").write_text(kept.note)
    assert await drill.restore(drill.folder / "morning", drill.folder / "after") == 1
    told = capsys.readouterr().err
    assert (
        f"NOT COMPARED: no key of this copy has signed the checkpoint 'cairn/two {kept.size}'"
        in told
    )
    assert "Every log verifies" not in told
    with pytest.raises(Unsafe, match="being restored"):
        await build(drill.target)
    assert await restore_backup(drill.target, None, None, [drill.erasures], []) == 0
    assert "2 people forgotten again" in capsys.readouterr().err
    await (await build(drill.target)).close()


async def test_a_checkpoint_that_is_none_of_this_record_is_told(
    drill: Drill, capsys: pytest.CaptureFixture[str]
) -> None:
    (drill.folder / "wrong").write_text("cairn/one\n4\nAAAA\n\n— cairn/one AAAA\n")
    assert await drill.restore(drill.folder / "wrong") == 1
    assert "NOT COMPARED" in capsys.readouterr().err


@pytest.mark.parametrize("content", [b"", b"no checkpoint\n", b'{"note": 3}', b"\xff\xfe"])
async def test_a_file_that_is_no_checkpoint_is_wrong_usage(
    source: Drill, tmp_path: Path, content: bytes
) -> None:
    (tmp_path / "wrong").write_bytes(content)
    with pytest.raises(Invalid, match="wrong is no"):
        await source.restore(tmp_path / "wrong")


async def test_a_checkpoint_is_taken_as_it_was_answered(
    drill: Drill, capsys: pytest.CaptureFixture[str]
) -> None:
    """As `GET /v1/audit/checkpoint` answers it, which is what one is told to keep."""
    note = (drill.folder / "morning").read_text()
    (drill.folder / "answer").write_text(json.dumps({"size": 1, "note": note, "keys": []}))
    assert await drill.restore(drill.folder / "answer") == 0
    assert "NOT COMPARED" not in capsys.readouterr().err


async def test_that_checkpoints_are_compared_once_is_told(
    drill: Drill, capsys: pytest.CaptureFixture[str]
) -> None:
    await bring_back(drill.target, drill.record, drill.keys, lambda _: None)
    admin = await asyncpg.connect(drill.target.required_database_url())
    await admin.execute(f"INSERT INTO {RESTORING} VALUES (now())")  # the run before died after that
    await admin.close()
    morning = drill.folder / "morning"
    assert await restore_backup(drill.target, None, None, [drill.erasures], [morning]) == 0
    assert "they aren't compared again" in capsys.readouterr().err


async def test_a_half_of_which_a_table_is_not_known_here_is_refused(drill: Drill) -> None:
    shutil.copy(drill.keys / "keys.tenant_key.gz", drill.keys / "keys.later.gz")
    manifest = json.loads((drill.keys / "manifest.json").read_text())
    manifest["files"]["keys.later.gz"] = manifest["files"]["keys.tenant_key.gz"]
    (drill.keys / "manifest.json").write_text(json.dumps(manifest))
    with pytest.raises(Damaged, match=r"no table for keys\.later\.gz"):
        await bring_back(drill.target, drill.record, drill.keys, lambda _: None)


async def test_a_file_that_was_changed_is_not_restored(drill: Drill) -> None:
    file = drill.record / "record.event.gz"
    file.write_bytes(file.read_bytes()[:-1] + b"x")
    with pytest.raises(Damaged, match=r"record\.event\.gz"):
        await bring_back(drill.target, drill.record, drill.keys, lambda _: None)


async def test_keys_that_are_older_than_the_record_are_refused(drill: Drill) -> None:
    await back_up(drill.source.required_database_url(), drill.folder / "later", None)
    with pytest.raises(Damaged, match="older"):
        await bring_back(drill.target, drill.folder / "later", drill.keys, lambda _: None)


async def test_newer_keys_than_the_record_forget_who_was_erased_in_between(drill: Drill) -> None:
    await back_up(drill.source.required_database_url(), None, drill.folder / "newer")
    await bring_back(drill.target, drill.record, drill.folder / "newer", lambda _: None)
    house = await build(drill.target, restoring=True)
    assert await answer_of(house, "p0") == "words"
    assert await answer_of(house, GONE) == ""
    await house.close()


async def test_a_webhook_whose_address_newer_keys_do_not_hold_any_more_was_removed(
    drill: Drill, capsys: pytest.CaptureFixture[str]
) -> None:
    url, house = drill.source.required_database_url(), await build(drill.source)
    admin = Principal("one", frozenset({"admin"}), "admin")

    async def register() -> UUID:
        command = Command(by=admin, at=house.record.clock.now())
        made, _ = await house.webhooks.register_webhook(command, "https://hooks.example.com/", ())
        return UUID(made.body["id"])

    stays, removed = await register(), await register()
    await back_up(url, drill.folder / "noon", None)  # before the feed has heard of them
    await house.webhooks.remove_webhook(Command(by=admin, at=house.record.clock.now()), removed)
    await house.close()
    await back_up(url, None, drill.folder / "newer")
    await extend_list(url, drill.erasures)
    noon, newer = drill.folder / "noon", drill.folder / "newer"
    assert await restore_backup(drill.target, noon, newer, [drill.erasures], []) == 0
    assert "1 webhooks removed again" in capsys.readouterr().err
    house = await build(drill.target)
    while await house.publishing().catch_up():
        pass
    listed = await house.webhooks.list_webhooks(admin, UUID(int=0), 20)
    assert [each["id"] for each in listed] == [str(stays)]
    last = (await house.record.rows("one", removed))[-1]
    assert last.type == "webhooks.removed"
    await house.close()


async def test_a_database_with_a_record_in_it_is_not_overwritten(drill: Drill) -> None:
    await migrate(drill.target.required_database_url())
    with pytest.raises(NotEmpty):
        await bring_back(drill.target, drill.record, drill.keys, lambda _: None)


async def test_a_backup_never_takes_another_ones_place(source: Drill) -> None:
    with pytest.raises(Exists):
        await back_up(source.source.required_database_url(), source.record, None)


async def test_a_login_that_does_not_see_everything_makes_no_backup(source: Drill) -> None:
    admin = await asyncpg.connect(source.source.required_database_url())
    await admin.execute("CREATE ROLE plain LOGIN PASSWORD 'plain' IN ROLE cairn_app")
    host = source.source.required_database_url().rpartition("@")[2]
    with pytest.raises(NotAll):
        await back_up(f"postgresql://plain:plain@{host}", source.folder / "part", None)
    await admin.execute("DROP ROLE plain")
    await admin.close()
    assert not (source.folder / "part").exists()


async def test_keys_are_in_their_own_half_alone(source: Drill) -> None:
    assert {file.name.split(".")[0] for file in source.keys.iterdir()} >= {"keys"}
    assert not [file for file in source.record.iterdir() if file.name.startswith("keys.")]
    for folder in (source.record, source.keys):
        assert folder.stat().st_mode & 0o077 == 0


async def test_the_list_of_erasures_goes_on_where_it_stopped(drill: Drill) -> None:
    url = drill.source.required_database_url()
    assert await extend_list(url, drill.erasures) == 2
    house = await build(drill.source)
    admin = Principal("two", frozenset({"dpo"}), "dpo")
    await house.people.erase_person(Command(by=admin, at=house.record.clock.now()), "p2")
    await house.close()
    assert await extend_list(url, drill.erasures) == 3
    erasures, _ = read_list(drill.erasures)
    assert [erasure.tenant for erasure in erasures] == ["one", "one", "two"]
    assert "p2" not in drill.erasures.read_text()


@pytest.mark.parametrize("more", [0, 20])
async def test_whoever_is_erased_after_an_older_copy_came_back_is_on_the_list(
    drill: Drill, more: int
) -> None:
    """Positions are given out again: the list was read further than the copy goes, or elsewhere."""
    assert await drill.restore_without_a_list() == 0
    before, reached = read_list(drill.erasures)
    house = await build(drill.target)
    subject = await house.record.vault.subject_of("one", "p0")

    async def erase(person: str) -> None:
        dpo = Principal("one", frozenset({"dpo"}), "dpo")
        await house.people.erase_person(Command(by=dpo, at=house.record.clock.now()), person)

    await erase("p0")
    platform = Principal("one", frozenset({"platform"}), "platform")
    for number in range(more):
        new = Command(by=platform, at=house.record.clock.now())
        await house.people.put_person(new, f"n{number}", Profile("N", "n@example.com"), None)
    rows = await house.record.rows("one", UUID(str(subject)))
    assert rows[-1].position <= reached.reached["one"]
    url = drill.target.required_database_url()
    assert await extend_list(url, drill.erasures) == 3
    after, _ = read_list(drill.erasures)
    assert after[:2] == before  # of the life before, who has to be forgotten all the same
    assert (after[2].tenant, after[2].subject) == ("one", subject)
    assert await extend_list(url, drill.erasures) == 3
    await erase("p2")
    assert await extend_list(url, drill.erasures) == 4
    await house.close()


async def test_a_list_of_a_release_that_knew_no_leaves_is_read_again_from_the_start(
    drill: Drill,
) -> None:
    *erasures, _ = drill.erasures.read_bytes().splitlines()
    drill.erasures.write_bytes(erasures[0] + b'\n{"reached":{"one":1000,"two":1000}}\n')
    url = drill.source.required_database_url()
    everybody = await extend_list(url, drill.folder / "begun anew")
    assert everybody >= 2
    assert await extend_list(url, drill.erasures) == everybody


def test_of_several_words_on_somebody_the_newest_counts_in_whatever_order_they_are_listed() -> None:
    subject, morning = uuid4(), datetime(2026, 3, 2, 9, tzinfo=UTC)
    words = Erasure("one", subject, 7, morning)
    link = Erasure("one", subject, 9, morning + timedelta(hours=1), "link")
    assert by_tenant([words, link]) == by_tenant([link, words]) == {"one": {subject: "link"}}


@pytest.mark.parametrize("content", ["", "[]", '{"tenant": "one"}\n'])
def test_a_list_that_is_cut_short_is_refused(tmp_path: Path, content: str) -> None:
    file = tmp_path / "list"
    file.write_text(content)
    with pytest.raises(Invalid):
        read_list(file)


@pytest.mark.parametrize("depth", ["words", "link"])
async def test_who_came_after_the_record_half_is_forgotten_by_newer_keys_too(
    drill: Drill, capsys: pytest.CaptureFixture[str], depth: Depth
) -> None:
    url, house = drill.source.required_database_url(), await build(drill.source)
    admin = Principal("one", frozenset({"admin", "dpo", "platform"}), "admin")

    def command(house: House) -> Command:
        return Command(by=admin, at=house.record.clock.now())

    late, profile = f"late-{depth}", Profile("Late", "late@example.com")
    await house.people.put_person(command(house), late, profile, None)
    old = await house.record.vault.assign_subject("one", late)
    draft = Place("one", uuid4(), old, old, "impact")
    await Drafts(house.record).save(draft, "half a thought", house.record.clock.now(), None)
    await back_up(url, None, drill.folder / "newer")
    await house.people.erase_person(command(house), late, depth)
    await house.close()
    await extend_list(url, drill.erasures)
    code = await restore_backup(
        drill.target, drill.record, drill.folder / "newer", [drill.erasures], []
    )
    told = capsys.readouterr().err
    assert code == 0, told
    house = await build(drill.target)
    assert await house.record.vault.key_of("one", old) is None
    assert await house.record.vault.people_of("one", {old}) == {}
    async with within(house.record.pool, "one") as connection:
        assert await connection.fetchval(_LEFT, "one", old) == 0
    assert (await house.people.put_person(command(house), late, profile, None)).status == 201
    assert await house.record.vault.subject_of("one", late) != old
    await house.close()


@pytest.mark.parametrize("lists", [["typo"], ["erasures.ndjson", "typo"]])
async def test_a_list_that_is_not_there_is_refused_before_anything_comes_back(
    drill: Drill, lists: list[str]
) -> None:
    """Whoever was erased would be back, and nobody told."""
    files = [drill.folder / name for name in lists]
    with pytest.raises(NotFound, match=rf"there is no {drill.folder / 'typo'}"):
        await restore_backup(drill.target, drill.record, drill.keys, files, [])
    with pytest.raises(NotFound, match="there is no"):
        await restore_backup(drill.target, None, None, files, [])
    assert await drill.restore() == 0


@pytest.mark.parametrize("halves", [True, False])
async def test_a_restore_without_any_list_has_to_be_asked_for_by_name(
    source: Drill, halves: bool
) -> None:
    """Whoever was erased since would be back, and nothing could tell."""
    record, keys = (source.record, source.keys) if halves else (None, None)
    with pytest.raises(Invalid, match="--without-erasures"):
        await restore_backup(source.source, record, keys, [], [])


async def test_a_list_that_ends_before_the_copy_is_refused(
    drill: Drill, capsys: pytest.CaptureFixture[str]
) -> None:
    """It was gone on with no more since before the backup: nobody who was erased after it is on it."""
    size = read_manifest(drill.record).sizes["two"]
    old = drill.folder / "old"
    old.write_text(f'{{"reached":{{"one":1000,"two":{size - 1}}}}}\n')
    with pytest.raises(EndsBefore, match=rf"two \(list {size - 1}, copy {size}\)\. Look"):
        await restore_backup(drill.target, drill.record, drill.keys, [old], [])
    both = [old, drill.erasures]
    assert await restore_backup(drill.target, drill.record, drill.keys, both, []) == 0
    assert "2 people forgotten again" in capsys.readouterr().err


async def test_a_backup_that_fails_leaves_nothing(source: Drill, tmp_path: Path) -> None:
    """A full disk would be fuller night by night; here it is a table that COPY can't write."""
    url = source.source.required_database_url()
    admin = await asyncpg.connect(url)
    await admin.execute("CREATE TABLE record.unsendable (acl aclitem)")
    with pytest.raises(asyncpg.UndefinedFunctionError):
        await back_up(url, tmp_path / "record", tmp_path / "keys")
    await admin.execute("DROP TABLE record.unsendable")
    await admin.close()
    assert list(tmp_path.iterdir()) == []


async def test_a_backup_whose_keys_have_no_place_leaves_no_record(
    source: Drill, tmp_path: Path
) -> None:
    """One half is of no use without the other, and the large one would fill the disk night by night."""
    (tmp_path / "full").write_text("no folder")
    with pytest.raises(NotADirectoryError):
        await back_up(
            source.source.required_database_url(), tmp_path / "record", tmp_path / "full" / "keys"
        )
    assert [each.name for each in tmp_path.iterdir()] == ["full"]


async def test_a_backup_to_nowhere_is_wrong_usage(settings: Settings, tmp_path: Path) -> None:
    with pytest.raises(Invalid, match="say where"):
        await make_backup(settings, None, None, None)
    with pytest.raises(Invalid, match="keep the halves apart"):
        await back_up(settings.required_database_url(), tmp_path / "b", tmp_path / "b" / "keys")
    with pytest.raises(Invalid, match="both halves"):
        await restore_backup(settings, Path("record"), None, [], [])


_LEFT = """
SELECT (SELECT count(*) FROM drafts.draft d WHERE d.tenant = $1 AND d.subject = $2)
     + (SELECT count(*) FROM keys.erasing e WHERE e.tenant = $1 AND e.subject = $2)
"""
