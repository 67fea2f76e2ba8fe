"""The workflows that watch over the record: exports, erasures, retention, signed heads. No words."""

from __future__ import annotations

from datetime import timedelta

from temporalio import workflow
from temporalio.common import RetryPolicy

with workflow.unsafe.imports_passed_through():
    from workflows.messages import STAGE, TENANT, ErasureRun, ExportRun
    from workflows.tenants import RETRY_OF_ONE, for_each, list_tenants

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
            start_to_close_timeout=timedelta(hours=12),
            heartbeat_timeout=timedelta(minutes=2),
            retry_policy=_RETRY,
            summary="Destroys the key and deletes what was under it",
        )


@workflow.defn(name="Retention")
class Retention:
    """Counts in each tenant what is over its time, and has it forgotten where the policy says so."""

    @workflow.run
    async def run(self) -> dict[str, dict[str, int]]:
        workflow.upsert_search_attributes([STAGE.value_set("retention")])
        found: dict[str, dict[str, int]] = {}

        async def retain(tenant: str) -> None:
            found[tenant] = await workflow.execute_activity(
                "retain",
                tenant,
                result_type=dict[str, int],
                start_to_close_timeout=timedelta(hours=6),
                heartbeat_timeout=timedelta(minutes=2),
                retry_policy=RETRY_OF_ONE,
                summary=f"Counts, and forgets, what is over its time in {tenant}",
            )
            told = "; ".join(f"{t}: {c}" for t, c in found.items() if any(c.values()))
            workflow.set_current_details(told or "Nothing is over its time so far.")

        await for_each(await list_tenants(), retain)
        return found


@workflow.defn(name="Checkpointing")
class Checkpointing:
    """Signs the head of every log in which something has happened."""

    @workflow.run
    async def run(self) -> int:
        workflow.upsert_search_attributes([STAGE.value_set("checkpointing")])
        tenants = await list_tenants()
        await for_each(tenants, self.sign)
        return len(tenants)

    async def sign(self, tenant: str) -> None:
        """One tenant's head."""
        await workflow.execute_activity(
            "sign_checkpoint",
            tenant,
            start_to_close_timeout=timedelta(minutes=10),
            retry_policy=RETRY_OF_ONE,
            summary=f"Signs the head of {tenant}",
        )
