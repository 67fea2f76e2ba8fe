"""The workflows that watch over the record: exports, erasures and signed heads. No words in them."""

from __future__ import annotations

from datetime import timedelta

from temporalio import workflow
from temporalio.common import RetryPolicy

with workflow.unsafe.imports_passed_through():
    from workflows.messages import STAGE, TASK_QUEUE, TENANT, ErasureRun, ExportRun

_RETRY = RetryPolicy(initial_interval=timedelta(seconds=5), maximum_interval=timedelta(minutes=10))


@workflow.defn(name="Export")
class Export:
    """Writes one bundle; a worker that dies begins it anew."""

    @workflow.run
    async def run(self, run: ExportRun) -> None:
        workflow.upsert_search_attributes([TENANT.value_set(run.tenant), STAGE.value_set("export")])
        await workflow.execute_activity(
            "write_bundle",
            run,
            start_to_close_timeout=timedelta(hours=12),
            heartbeat_timeout=timedelta(minutes=2),
            retry_policy=_RETRY,
            summary="Writes the bundle; its heartbeat says how far it is",
        )


@workflow.defn(name="Erasure")
class Erasure:
    """Does what a tombstone on record says, also where whoever recorded it died before doing it."""

    @workflow.run
    async def run(self, run: ErasureRun) -> None:
        workflow.upsert_search_attributes(
            [TENANT.value_set(run.tenant), STAGE.value_set("erasure")]
        )
        await workflow.execute_activity(
            "forget_person",
            run,
            start_to_close_timeout=timedelta(minutes=10),
            retry_policy=_RETRY,
            summary="Destroys the key and deletes what was under it",
        )


@workflow.defn(name="Checkpointing")
class Checkpointing:
    """Signs the head of every log in which something has happened."""

    @workflow.run
    async def run(self) -> int:
        workflow.upsert_search_attributes([STAGE.value_set("checkpointing")])
        tenants: list[str] = await workflow.execute_activity(
            "list_tenants",
            task_queue=TASK_QUEUE,
            result_type=list[str],
            start_to_close_timeout=timedelta(minutes=1),
            retry_policy=_RETRY,
            summary="Lists the tenants",
        )
        for tenant in tenants:
            await workflow.execute_activity(
                "sign_checkpoint",
                tenant,
                start_to_close_timeout=timedelta(minutes=10),
                retry_policy=_RETRY,
                summary=f"Signs the head of {tenant}",
            )
        return len(tenants)
