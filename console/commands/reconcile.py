"""`cairn reconcile`: the nightly comparison, now."""

from __future__ import annotations

import json
import sys
from dataclasses import asdict
from uuid import uuid4

from temporalio.client import WorkflowFailureError

from console.bootstrap import build
from console.doctor.temporal import workers_on
from console.exits import GaveUp
from shared.errors import NotFound
from shared.settings import Settings
from workflows.messages import TASK_QUEUE, Differences
from workflows.worker import connect


async def show_reconcile(settings: Settings, tenant: str | None, as_json: bool) -> None:
    """Run the workflow `Reconcile`, wait for it, and print what it found and mended.

    Raises `NotFound` for a tenant that isn't there; `GaveUp` where no worker is there to do it, or
    where it gave up for a tenant: the run's details say what it did.
    """
    house = await build(settings)
    try:
        if tenant is not None and not await house.record.vault.has_tenant(tenant):
            raise NotFound(f"there is no tenant {tenant!r}")
        client = await connect(settings, house.record.vault.root)
        if not await workers_on(client, TASK_QUEUE):
            raise GaveUp(f"nobody works on the queue {TASK_QUEUE}: start `cairn serve worker`")
        found: list[Differences] = await client.execute_workflow(
            "Reconcile",
            tenant,
            id=f"reconcile/by-hand/{uuid4().hex[:8]}",
            task_queue=TASK_QUEUE,
            result_type=list[Differences],
            static_summary="Reconciles now, as somebody asked for",
        )
    except WorkflowFailureError as failed:
        raise GaveUp(str(failed.cause)) from failed
    finally:
        await house.close()
    if as_json:
        items = [asdict(each) for each in found]
        sys.stdout.write(json.dumps({"items": items}) + "\n")
        return
    for each in found:
        differs = [f"{kind.replace('_', ' ')} {n}" for kind, n in sorted(each.found.items()) if n]
        sys.stdout.write(f"{each.tenant}: {', '.join(differs) or 'no difference'}\n")
