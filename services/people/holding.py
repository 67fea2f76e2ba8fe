"""The routes of what is kept for how long: holds, and what is over its time."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter

from services.people.keeping import Keeping
from services.people.retention import Retention
from services.permission import Permission, Resource
from shared.eventstore.record import Record
from shared.http import Caller, Limit, given
from shared.periods import rfc3339

router = APIRouter(tags=["people"])


@router.get("/v1/holds", operation_id="list_holds")
async def list_holds(
    by: Caller,
    keeping: Annotated[Keeping, given(Keeping)],
    permission: Annotated[Permission, given(Permission)],
    record: Annotated[Record, given(Record)],
    limit: Limit = 200,
) -> dict[str, Any]:
    """Every legal hold, those first whose review is due; a hold stays until somebody releases it."""
    now = record.clock.now()
    await permission.require(by, "read", Resource("retention"), now)
    holds = await keeping.holds(by.tenant, limit)
    owners = {hold.owner for hold in holds if hold.owner}
    names = await record.vault.people_of(by.tenant, {h.subject for h in holds} | owners)
    items = [
        {
            "person": names.get(hold.subject),
            "reason": hold.reason,
            "owner": names.get(hold.owner) if hold.owner else None,
            "since": rfc3339(hold.since),
            "review": hold.review and hold.review.isoformat(),
            "due": hold.review is None or hold.review <= now.date(),
        }
        for hold in holds
    ]
    return {"items": items, "next": None}


@router.get("/v1/retention", operation_id="preview_retention")
async def preview_retention(
    by: Caller, retention: Annotated[Retention, given(Retention)]
) -> dict[str, Any]:
    """How many people are over the time of each kind, by legal entity: what a run would come to now."""
    return await retention.preview(by)
