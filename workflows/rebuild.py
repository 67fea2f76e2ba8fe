"""Starts every workflow that the record says should run, as after Temporal's database was wiped."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from uuid import UUID

from workflows.reconciler import Reconciler
from workflows.starting import Starting

_AT_ONCE = 16
_PAGE = 500

Show = Callable[[int, int], None]
"""Is told how many were started, and of how many that are known of."""


async def rebuild_workflows(house: Reconciler, show: Show) -> int:
    """Start or wake the workflow of each open cycle and batch, of each bundle that isn't written, of
    each erasure that isn't done and of each webhook that something waits for; answers how many.

    Harmless while everything runs: what runs is only woken, and a step that was taken is passed over.
    """
    starting, places, done = Starting(house.client), asyncio.Semaphore(_AT_ONCE), 0

    async def one(start: Awaitable[None]) -> None:
        async with places:
            await start

    for tenant in await house.list_tenants():
        after = UUID(int=0)
        while page := await house.cycle_list.open_cycles(tenant, after, _PAGE):
            await asyncio.gather(*(one(starting.cycle(tenant, str(p.person))) for p in page))
            after, done = page[-1].cycle, done + len(page)
            show(done, done)
        batches = await house.candidates.open_batches(tenant)
        erased = await house.keeping.unfinished(tenant)
        exports = [each.row.stream async for each in house.timeline.unwritten_exports(tenant)]
        webhooks = await house.deliveries.waiting_since(tenant)
        starts = (
            *(starting.batch(tenant, str(batch)) for batch in batches),
            *(starting.erasure(tenant, str(subject)) for subject in erased),
            *(starting.export(tenant, str(export)) for export in exports),
            *(starting.webhook(tenant, str(webhook)) for webhook in webhooks),
        )
        await asyncio.gather(*map(one, starts))
        done += len(starts)
    show(done, done)
    return done
