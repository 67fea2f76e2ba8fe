"""The workflow that compares, day by day, the roster with the record with what runs."""

from __future__ import annotations

from datetime import timedelta

from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from workflows.messages import STAGE, Differences
    from workflows.tenants import RETRY_OF_ONE, for_each, list_tenants


@workflow.defn(name="Reconcile")
class Reconcile:
    """Every difference is mended, counted and reported; zero is the steady state."""

    @workflow.run
    async def run(self, only: str | None = None) -> list[Differences]:
        workflow.upsert_search_attributes([STAGE.value_set("reconcile")])
        tenants = [only] if only else await list_tenants()
        found: list[Differences] = []

        async def reconcile(tenant: str) -> None:
            found.append(await self.reconcile(tenant))
            workflow.set_current_details(_told(found))

        await for_each(tenants, reconcile)
        return found

    async def reconcile(self, tenant: str) -> Differences:
        """One tenant: what differs, and that it was mended."""
        found: Differences = await workflow.execute_activity(
            "reconcile_tenant",
            tenant,
            result_type=Differences,
            start_to_close_timeout=timedelta(hours=2),
            heartbeat_timeout=timedelta(minutes=2),
            retry_policy=RETRY_OF_ONE,
            summary=f"Compares and mends {tenant}",
        )
        return found


def _told(found: list[Differences]) -> str:
    lines = ["### Differences that were found and mended", ""]
    for each in found:
        differs = [
            f"{kind.replace('_', ' ')} {count}" for kind, count in each.found.items() if count
        ]
        lines.append(f"- `{each.tenant}`: {', '.join(differs) or 'none'}")
    return "\n".join(lines)
