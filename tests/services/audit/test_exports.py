"""Bundles that are asked for over HTTP, written by a workflow, and taken along."""

from __future__ import annotations

from hashlib import sha256
from typing import Any
from uuid import UUID

from shared.eventstore.record import Command
from shared.eventstore.verify import verify
from shared.principal import workflow
from tests.conftest import Story


async def write(story: Story, export: str) -> list[tuple[int, int]]:
    """What the workflow's activity does."""
    shown: list[tuple[int, int]] = []
    command = Command(by=workflow(story.tenant, "Export"), at=story.house.record.clock.now())
    exports = story.house.oversight.exports
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
