"""The routes of what is kept for how long: holds, and what is over its time."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter

from services.people.keeping import FIRST, place_of
from services.people.retention import Retention
from shared.http import Caller, Cursor, Limit, after_cursor, given, page

router = APIRouter(tags=["people"])
Kept = Annotated[Retention, given(Retention)]


@router.get("/v1/holds", operation_id="list_holds")
async def list_holds(
    by: Caller, retention: Kept, limit: Limit = 200, cursor: Cursor = None
) -> dict[str, Any]:
    """Every legal hold, those first whose review is due; a hold stays until somebody releases it."""
    found = await retention.list_holds(by, after_cursor(cursor, place_of, FIRST), limit)
    listed = page(found, limit, lambda each: each.place)
    return listed | {"items": [each.hold for each in listed["items"]]}


@router.get("/v1/retention", operation_id="preview_retention")
async def preview_retention(by: Caller, retention: Kept) -> dict[str, Any]:
    """How many people are over the time of each kind, by legal entity: what a run would come to now."""
    return await retention.preview(by)
