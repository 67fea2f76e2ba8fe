"""Bundles that are asked for over HTTP, written by a workflow, and taken along."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress
from hashlib import sha256
from pathlib import Path
from typing import Any, Literal
from uuid import UUID

import pytest

from console.bootstrap import furnish
from services.audit.exporting import Exports
from services.audit.exports import NoPlaceForBundles
from shared.eventstore.record import Command
from shared.eventstore.verify import verify
from shared.folder import Folder, Written
from shared.principal import Principal, workflow
from shared.settings import Settings
from tests.conftest import Story


async def write(story: Story, export: str, exports: Exports | None = None) -> list[tuple[int, int]]:
    """What the workflow's activity does."""
    shown: list[tuple[int, int]] = []
    command = Command(by=workflow(story.tenant, "Export"), at=story.house.record.clock.now())
    exports = exports or story.house.oversight.exports
    await exports.write_bundle(command, UUID(export), lambda done, of: shown.append((done, of)))
    return shown


async def asked(story: Story, **wanted: Any) -> str:
    answer = await story.auditor.post("/v1/audit/exports", json=wanted)
    assert answer.status_code == 202, answer.text
    assert answer.json()["state"] == "requested"
    return str(answer.json()["id"])


async def test_a_bundle_is_asked_for_written_and_taken_along(story: Story) -> None:
    await story.ana.put(f"{story.conversation}/answers/impact", json={"text": "a secret"})
    export = await asked(story)
    here = f"/v1/audit/exports/{export}"
    assert (await story.auditor.get(here)).json()["bundle"] is None
    early = await story.auditor.get(f"{here}/bundle")
    assert (early.status_code, early.json()["type"]) == (404, "/problems/not-written-yet")
    await write(story, export)
    found = (await story.auditor.get(here)).json()
    bundle = (await story.auditor.get(found["bundle"])).content
    report = verify(bundle.splitlines(keepends=True))
    assert (report.events, report.whole) == (found["events"], True)
    assert (len(bundle), sha256(bundle).hexdigest()) == (found["length"], found["sha256"])
    assert b"a secret" not in bundle
    exports = await story.happened("exports.")
    assert exports == ["exports.requested", "exports.written", "exports.fetched"]


async def test_a_bundle_whose_file_is_in_no_backup_is_kept_no_longer(
    story: Story, settings: Settings
) -> None:
    """After a restore: nobody took along what isn't there."""
    export = await asked(story)
    await write(story, export)
    Folder(settings.bundles_path, "cairn").clear(UUID(export))
    answer = await story.auditor.get(f"/v1/audit/exports/{export}/bundle")
    assert (answer.status_code, answer.json()["type"]) == (404, "/problems/no-longer-kept")
    assert await story.happened("exports.") == ["exports.requested", "exports.written"]


async def test_where_bundles_have_no_place_none_is_asked_for(
    story: Story, settings: Settings, tmp_path: Path
) -> None:
    """Nothing waits for what no worker could ever write."""
    (tmp_path / "file").touch()
    nowhere = settings.model_copy(update={"exports_dir": tmp_path / "file" / "exports"})
    exports = furnish(story.house.record, nowhere).oversight.exports
    auditor = Principal(story.tenant, frozenset({"auditor"}), "auditor")
    command = Command(by=auditor, at=story.house.record.clock.now())
    with pytest.raises(NoPlaceForBundles):
        await exports.request_export(command, None, None, None, None)
    assert await story.happened("exports.") == []


async def test_a_bundle_of_a_person_or_a_cycle_is_a_selection(story: Story) -> None:
    for wanted in ({"person": "ben"}, {"cycle": story.cycle}):
        export = await asked(story, **wanted)
        await write(story, export)
        answer = await story.auditor.get(f"/v1/audit/exports/{export}/bundle")
        report = verify(answer.content.splitlines(keepends=True))
        assert not report.whole
        assert report.events < report.size


async def test_written_again_it_is_the_same(story: Story) -> None:
    export = await asked(story)
    await write(story, export)
    before = (await story.auditor.get(f"/v1/audit/exports/{export}")).json()
    await write(story, export)
    assert (await story.auditor.get(f"/v1/audit/exports/{export}")).json() == before


Moment = Literal["among the lines", "before it is on record"]


class Frozen(Folder):
    """That of a worker that stands still once while it writes, or when it has written."""

    def __init__(self, directory: Path, when: Moment) -> None:
        super().__init__(directory, "cairn")
        self._when = when
        self.stands, self.may_go_on = asyncio.Event(), asyncio.Event()

    async def write(self, id_: UUID, parts: AsyncIterator[bytes]) -> Written:
        written = await super().write(id_, self._slowly(parts))
        await self._stand_still("before it is on record")
        return written

    async def _slowly(self, parts: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
        yield await anext(parts)
        await self._stand_still("among the lines")
        async for part in parts:
            yield part

    async def _stand_still(self, when: Moment) -> None:
        if self._when == when:
            self.stands.set()
            await self.may_go_on.wait()


async def frozen(
    story: Story, settings: Settings, export: str, when: Moment
) -> tuple[Frozen, asyncio.Task[Any]]:
    """An attempt that stands still."""
    folder, house = Frozen(settings.bundles_path, when), story.house
    oversight = house.oversight
    written = oversight.timeline.written_before
    exports = Exports(house.record, house.permission, house.ledger, folder, written)
    attempt = asyncio.ensure_future(write(story, export, exports))
    await folder.stands.wait()
    await story.ana.put(f"{story.conversation}/answers/impact", json={"text": f"since {when}"})
    return folder, attempt


async def assert_its_file_is_the_one_on_record(
    story: Story, settings: Settings, export: str
) -> None:
    found = (await story.auditor.get(f"/v1/audit/exports/{export}")).json()
    bundle = (await story.auditor.get(found["bundle"])).content
    assert (len(bundle), sha256(bundle).hexdigest()) == (found["length"], found["sha256"])
    assert verify(bundle.splitlines(keepends=True)).events == found["events"]
    [path] = settings.bundles_path.glob(f"{export}*")
    assert path.read_bytes() == bundle
    assert path.stat().st_mode & 0o077 == 0


async def test_a_frozen_attempt_that_goes_on_writes_into_no_file_but_its_own(
    story: Story, settings: Settings
) -> None:
    export = await asked(story)
    folder, attempt = await frozen(story, settings, export, "among the lines")
    await write(story, export)
    before = (await story.auditor.get(f"/v1/audit/exports/{export}")).json()
    folder.may_go_on.set()
    with suppress(FileNotFoundError):  # what it had begun is gone
        await attempt
    assert (await story.auditor.get(f"/v1/audit/exports/{export}")).json() == before
    await assert_its_file_is_the_one_on_record(story, settings, export)


async def test_of_two_that_are_whole_the_one_that_is_on_record_stays(
    story: Story, settings: Settings
) -> None:
    export = await asked(story)
    attempts = [await frozen(story, settings, export, "before it is on record") for _ in range(2)]
    for folder, attempt in attempts:
        folder.may_go_on.set()
        await attempt
    await assert_its_file_is_the_one_on_record(story, settings, export)


@pytest.mark.parametrize("when", ["among the lines", "before it is on record"])
async def test_what_a_killed_attempt_has_left_is_cleared_by_the_next(
    story: Story, settings: Settings, when: Moment
) -> None:
    export = await asked(story)
    left = settings.bundles_path / f"{export}.{'0' * 64}.{'part' if 'among' in when else 'cairn'}"
    left.parent.mkdir(parents=True, exist_ok=True)
    left.write_bytes(b"a part")
    await write(story, export)
    await assert_its_file_is_the_one_on_record(story, settings, export)
    left.write_bytes(b"killed between the record and this")
    await write(story, export)
    await assert_its_file_is_the_one_on_record(story, settings, export)


async def test_a_bundle_of_the_release_before_is_found_and_kept(
    story: Story, settings: Settings
) -> None:
    """Its file has the name of its id alone, until it is deleted like any other."""
    export = await asked(story)
    await write(story, export)
    [path] = settings.bundles_path.glob(f"{export}*")
    path.rename(settings.bundles_path / f"{export}.cairn")
    await assert_its_file_is_the_one_on_record(story, settings, export)
    await write(story, export)
    await assert_its_file_is_the_one_on_record(story, settings, export)
    Folder(settings.bundles_path, "cairn").clear(UUID(export))
    assert list(settings.bundles_path.glob(f"{export}*")) == []


async def test_an_attempt_that_fails_leaves_nothing(story: Story, settings: Settings) -> None:
    export = await asked(story)
    _, attempt = await frozen(story, settings, export, "among the lines")
    running = (await story.auditor.get(f"/v1/audit/exports/{export}")).json()
    assert (running["state"], running["bundle"]) == ("requested", None)
    attempt.cancel()
    with suppress(asyncio.CancelledError):
        await attempt
    assert list(settings.bundles_path.glob(f"{export}*")) == []


async def test_who_or_what_is_not_there_is_told(story: Story) -> None:
    for wanted in ({"person": "zoe"}, {"cycle": "01900000-0000-7000-8000-000000000001"}):
        answer = await story.auditor.post("/v1/audit/exports", json=wanted)
        assert answer.status_code == 404
    refused = await story.hr.post("/v1/audit/exports", json={})
    assert refused.status_code == 403


async def test_that_a_persons_record_was_asked_for_is_in_their_timeline(story: Story) -> None:
    export = await asked(story, person="ana")
    await story.read_models()
    params = {"person": "ana", "kind": "exports"}
    found = (await story.auditor.get("/v1/audit/timeline", params=params)).json()["items"]
    assert [item["stream"] for item in found] == [export]
