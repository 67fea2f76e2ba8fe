"""The workflows that watch over the record: bundles are written, heads are signed."""

from __future__ import annotations

from pathlib import Path
from uuid import UUID

from services.people.domain import Person
from shared.eventstore.verify import verify
from shared.principal import Principal
from tests.workflows.conftest import Life
from workflows.messages import KEEPING_QUEUE, erasure_id, export_id
from workflows.starting import Starting


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
