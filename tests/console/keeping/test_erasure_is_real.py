"""P8: who was erased is unreadable, also after an older backup came back, and the record verifies."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from uuid import UUID

import pytest

from console.bootstrap import House, build
from console.commands.keeping import restore_backup
from console.keeping.backup import back_up
from console.keeping.erasures import extend_list
from console.migrations import migrate
from services.conversation.domain import Conversation, conversation_id
from services.cycles.domain import cycle_id
from services.people.certificate import Depth
from services.people.domain import Person
from shared.eventstore.bundle import Bundler, Selection
from shared.eventstore.record import Command
from shared.eventstore.verify import Report, verify
from shared.principal import Principal
from shared.settings import Settings
from tests.console.keeping.test_drill import database
from tests.console.test_rebuild import live
from tests.proving import LONG, Proof, told

SUBJECTS = 1_000 if LONG else 6
TENANT = "erased"


@pytest.fixture
async def here(settings: Settings) -> AsyncIterator[Settings]:
    """A company of its own."""
    async with database(settings, "erasing") as apart:
        await migrate(apart.required_database_url())
        yield apart


@pytest.fixture
async def there(settings: Settings) -> AsyncIterator[Settings]:
    """Where its backup comes back to."""
    async with database(settings, "erased") as apart:
        yield apart


async def readable(house: House, subjects: list[UUID]) -> int:
    """How many of these people can still be read, by their key, their name, or what they said."""
    found = 0
    for subject in subjects:
        stream = conversation_id(cycle_id(subject, 1), 1, "conversation")
        said = await house.record.load(Conversation, TENANT, stream)
        known = await house.record.load(Person, TENANT, subject)
        key = await house.record.vault.key_of(TENANT, subject)
        assert said is not None
        assert known is not None
        texts = (said.answers["impact"].text, known.profile.name, known.profile.email)
        found += key is not None or any(texts)
    return found


async def verified(house: House) -> Report:
    lines = Bundler(house.record, house.ledger).lines(TENANT, Selection())
    return verify([line async for line in lines])


@pytest.mark.timeout(1800 if LONG else 300)
async def test_nobody_who_was_erased_can_be_read_not_even_out_of_an_older_backup(
    here: Settings, there: Settings, tmp_path: Path, proof: Proof
) -> None:
    house, url = await build(here), here.required_database_url()
    await live(house, TENANT, SUBJECTS)
    people = await house.record.vault.subjects_of(TENANT, {f"p{n}" for n in range(SUBJECTS)})
    subjects = list(people.values())
    before = (await house.ledger.checkpoint(TENANT)).note
    (tmp_path / "head").write_text(before)
    await back_up(url, tmp_path / "record", tmp_path / "keys")
    assert await readable(house, subjects) == SUBJECTS

    dpo = Principal(TENANT, frozenset({"dpo"}), "dpo")
    for number, person in enumerate(people):
        depth: Depth = "link" if number % 2 else "words"
        await house.people.erase_person(Command(by=dpo, at=house.record.clock.now()), person, depth)
    now = await readable(house, subjects)
    report = await verified(house)
    await house.close()
    other = await build(here)  # another process, that has nothing in its memory
    now += await readable(other, subjects)
    await other.close()

    assert await extend_list(url, tmp_path / "erasures") == SUBJECTS
    halves, lists = (tmp_path / "record", tmp_path / "keys"), [tmp_path / "erasures"]
    assert await restore_backup(there, *halves, lists, [tmp_path / "head"]) == 0
    back = await build(there)
    restored = await readable(back, subjects)
    again = await verified(back)
    linked = await back.record.vault.people_of(TENANT, set(subjects[1::2]))
    await back.close()

    came = {"readable": now, "readable_after_the_restore": restored, "still_linked": len(linked)}
    what = f"{SUBJECTS:,} people erased, half with their link; an older backup restored"
    proof("P8 erasure is real", what, told(came))
    assert set(came.values()) == {0}
    assert report.erased >= 2 * SUBJECTS
    assert again.erased == report.erased


async def test_whoever_was_held_when_the_backup_was_made_is_forgotten_again_all_the_same(
    here: Settings, there: Settings, tmp_path: Path
) -> None:
    house, url = await build(here), here.required_database_url()
    await live(house, TENANT, 2)

    def command() -> Command:
        by = Principal(TENANT, frozenset({"dpo"}), "dpo")
        return Command(by=by, at=house.record.clock.now())

    await house.people.place_hold(command(), "p0", "dispute", None)
    await back_up(url, tmp_path / "record", tmp_path / "keys")
    await house.people.release_hold(command(), "p0")
    subjects = list((await house.record.vault.subjects_of(TENANT, {"p0", "p1"})).values())
    for person in ("p0", "p1"):
        await house.people.erase_person(command(), person, "link")
    await house.close()
    await extend_list(url, tmp_path / "erasures")
    halves = (tmp_path / "record", tmp_path / "keys")
    assert await restore_backup(there, *halves, [tmp_path / "erasures"], []) == 0
    back = await build(there)
    assert await readable(back, subjects) == 0
    await back.close()
