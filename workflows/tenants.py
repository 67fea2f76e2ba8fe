"""What workflows that go through all tenants share: one tenant's failure holds up nobody else."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from datetime import timedelta

from temporalio import workflow
from temporalio.common import RetryPolicy
from temporalio.exceptions import ActivityError, ApplicationError, is_cancelled_exception

with workflow.unsafe.imports_passed_through():
    from workflows.messages import TASK_QUEUE

_RETRY = RetryPolicy(initial_interval=timedelta(seconds=5), maximum_interval=timedelta(minutes=10))
RETRY_OF_ONE = RetryPolicy(
    initial_interval=timedelta(seconds=5),
    maximum_interval=timedelta(minutes=10),
    maximum_attempts=8,
)
"""Ten minutes for what passes by itself; then the next tenant has its turn."""


async def list_tenants() -> list[str]:
    """All tenants that have a log."""
    found: list[str] = await workflow.execute_activity(
        "list_tenants",
        task_queue=TASK_QUEUE,
        result_type=list[str],
        start_to_close_timeout=timedelta(minutes=1),
        retry_policy=_RETRY,
        summary="Lists the tenants",
    )
    return found


async def for_each(tenants: Sequence[str], work: Callable[[str], Awaitable[None]]) -> None:
    """Do a work for one tenant after the other; the run fails at the end where one's has failed."""
    failed: list[str] = []
    for tenant in tenants:
        try:
            await work(tenant)
        except ActivityError as gave_up:
            if is_cancelled_exception(gave_up):
                raise
            failed.append(tenant)
    if failed:
        raise ApplicationError(
            f"It was given up for {', '.join(failed)}, and done for the others ({len(tenants)} in"
            " all); see the failed activities in the history",
            type="TenantsFailed",
        )
