"""The workflows that watch over the record: bundles are written, heads are signed."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import date
from pathlib import Path
from uuid import UUID

import pytest
from temporalio.api.enums.v1 import EventType
from temporalio.client import WorkflowFailureError

from console.bootstrap import House, build
from services.people.domain import Person
from services.people.employment import Profile
from shared.eventstore.bundle import Bundler, Selection
from shared.eventstore.verify import verify
from shared.principal import Principal
from shared.settings import Settings
from tests.database import database
from tests.workflows.conftest import Life
from workflows.messages import KEEPING_QUEUE, TASK_QUEUE, erasure_id, export_id
from workflows.rebuild import rebuild_workflows
from workflows.starting import Starting


@pytest.fixture(scope="module")
async def settings(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Settings]:
    """A database of its own: what runs here goes through all tenants."""
    async with database(tmp_path_factory.mktemp("privacy")) as made:
        yield made


@pytest.fixture(scope="module")
async def house(settings: Settings) -> AsyncIterator[House]:
    built = await build(settings)
    yield built
    await built.close()


async def test_an_export_is_written_however_often_it_is_started(life: Life) -> None:
    await life.register("UTC")
    exports = life.house.oversight.exports
    auditor = Principal(life.tenant, frozenset({"auditor"}), "auditor")
    answer = await exports.request_export(await life.command(auditor), None, None, None, None)
    id_: str = answer.body["id"]
    starting = Starting(life.env.client)
    await starting.export(life.tenant, id_)
    await life.env.client.get_workflow_handle(export_id(life.tenant, id_)).result()
    await starting.export(life.tenant, id_)  # the relay may tell it again
    await life.env.client.get_workflow_handle(export_id(life.tenant, id_)).result()
    found = await exports.get_export(auditor, UUID(id_))
    assert found["state"] == "written"
    with Path(await exports.fetch_bundle(auditor, UUID(id_))).open("rb") as lines:
        assert verify(lines).events == found["events"]


async def test_the_head_of_each_log_is_signed(life: Life) -> None:
    await life.register("UTC")
    ledger = life.house.ledger
    for _ in range(2):
        signed = await life.env.client.execute_workflow(
            "Checkpointing", id="checkpointing/test", task_queue=KEEPING_QUEUE, result_type=int
        )
        assert signed >= 1
    heads = [size async for size, _ in ledger.checkpoints(life.tenant)]
    assert heads == [3]  # once for each size


async def test_each_night_it_is_counted_what_is_over_and_forgotten_where_the_policy_says_so(
    life: Life,
) -> None:
    await life.register("UTC")
    gone = Profile("Ana", "ana@example.com", end_date=date(2001, 1, 31))
    await life.house.people.put_person(await life.command(life.platform), "ana", gone, None)
    lists = life.house.readmodels()
    found = []
    for terms in ({}, {"retention_on": True}):
        await life.adopt(**terms)
        while await lists.catch_up():
            pass
        found.append(await night(life))
    assert (found[0]["words"], found[0]["erased"]) == (1, 0)
    assert (found[1]["words"], found[1]["link"], found[1]["erased"]) == (1, 1, 2)
    assert await life.house.record.vault.key_of(life.tenant, life.ana) is None


async def night(life: Life) -> dict[str, int]:
    """What one run came to in this tenant."""
    told: dict[str, dict[str, int]] = await life.env.client.execute_workflow(
        "Retention", id="retention/test", task_queue=KEEPING_QUEUE, result_type=dict
    )
    return told[life.tenant]


@pytest.mark.parametrize(
    ("name", "activity"), [("Retention", "retain"), ("Checkpointing", "sign_checkpoint")]
)
async def test_a_tenant_for_whom_it_fails_is_named_and_the_others_have_their_turn(
    life: Life, name: str, activity: str
) -> None:
    await life.register("UTC")
    first = f"0-{life.tenant}"
    await life.house.record.vault.create_tenant(first)
    life.platform = Principal(first, frozenset({"platform"}), "platform")
    await life.register("UTC")
    life.faults[f"{activity} {first}"] = RuntimeError("it stays so")
    run = await life.env.client.start_workflow(name, id=f"{name}/test", task_queue=KEEPING_QUEUE)
    with pytest.raises(WorkflowFailureError) as failed:
        await run.result()
    assert f"given up for {first}, and done" in str(failed.value.cause)
    tenants = await life.house.reconciler(life.env.client).list_tenants()
    ended = EventType.EVENT_TYPE_ACTIVITY_TASK_COMPLETED
    done = [event for event in (await run.fetch_history()).events if event.event_type == ended]
    assert len(tenants) > 1
    assert len(done) == len(tenants)  # the list of them, and all but the first


async def test_the_reconciler_goes_on_after_a_tenant_for_whom_it_fails(life: Life) -> None:
    await life.register("UTC")
    tenants = await life.house.reconciler(life.env.client).list_tenants()
    assert len(tenants) > 1
    life.faults["reconcile_tenant"] = RuntimeError("it stays so")
    run = await life.env.client.start_workflow("Reconcile", id="reconcile/t", task_queue=TASK_QUEUE)
    with pytest.raises(WorkflowFailureError) as failed:
        await run.result()
    assert f"given up for {', '.join(tenants)}, and" in str(failed.value.cause)


async def test_what_a_tombstone_says_is_done_though_whoever_recorded_it_died(life: Life) -> None:
    await life.register("UTC")
    record, dpo = life.house.record, Principal(life.tenant, frozenset({"dpo"}), "dpo")
    await record.change(Person, life.ana, await life.command(dpo), lambda p: p.erase("link"))
    assert await record.vault.key_of(life.tenant, life.ana) is not None
    await Starting(life.env.client).erasure(life.tenant, str(life.ana))
    id_ = erasure_id(life.tenant, str(life.ana))
    await life.env.client.get_workflow_handle(id_).result()
    assert await record.vault.key_of(life.tenant, life.ana) is None
    assert await record.vault.subject_of(life.tenant, "ana") is None
    assert {row.words for row in await record.rows(life.tenant, life.ana)} == {None}


async def died_at_once(life: Life) -> str:
    """An erasure and an export that are on record, and that nothing works on; answers the export."""
    await life.register("UTC")
    record, dpo = life.house.record, Principal(life.tenant, frozenset({"dpo"}), "dpo")
    await record.change(Person, life.ana, await life.command(dpo), lambda p: p.erase("link"))
    auditor = Principal(life.tenant, frozenset({"auditor"}), "auditor")
    command = await life.command(auditor)
    answer = await life.house.oversight.exports.request_export(command, None, None, None, None)
    while await life.house.readmodels().catch_up():
        pass
    id_: str = answer.body["id"]
    return id_


async def is_done(life: Life, export: str) -> bool:
    """Wait for the two workflows; answer whether everything is done."""
    client = life.env.client
    for id_ in (erasure_id(life.tenant, str(life.ana)), export_id(life.tenant, export)):
        await client.get_workflow_handle(id_).result()
    auditor = Principal(life.tenant, frozenset({"auditor"}), "auditor")
    found = await life.house.oversight.exports.get_export(auditor, UUID(export))
    vault = life.house.record.vault
    is_gone = await vault.key_of(life.tenant, life.ana) is None
    return (
        is_gone
        and found["state"] == "written"
        and await vault.subject_of(life.tenant, "ana") is None
    )


async def test_after_temporal_was_wiped_erasures_and_exports_are_started_again(life: Life) -> None:
    export = await died_at_once(life)
    shown: list[tuple[int, int]] = []
    house = life.house.reconciler(life.env.client)
    assert await rebuild_workflows(house, lambda *each: shown.append(each)) >= 2
    assert await is_done(life, export)


async def test_a_bundle_during_which_somebody_is_erased_is_written_anew(
    life: Life, monkeypatch: pytest.MonkeyPatch
) -> None:
    export = await died_at_once(life)
    written, erased = Bundler.lines, False

    async def lines(bundler: Bundler, tenant: str, selection: Selection) -> AsyncIterator[bytes]:
        nonlocal erased
        found = written(bundler, tenant, selection)
        yield await anext(found)
        if not erased:
            erased = True
            dpo = Principal(life.tenant, frozenset({"dpo"}), "dpo")
            await life.house.people.erase_person(await life.command(dpo), "ben")
        async for line in found:
            yield line

    monkeypatch.setattr(Bundler, "lines", lines)
    await Starting(life.env.client).export(life.tenant, export)
    await life.env.client.get_workflow_handle(export_id(life.tenant, export)).result()
    auditor = Principal(life.tenant, frozenset({"auditor"}), "auditor")
    path = Path(await life.house.oversight.exports.fetch_bundle(auditor, UUID(export)))
    with path.open("rb") as bundle:
        assert verify(bundle).erased > 0
