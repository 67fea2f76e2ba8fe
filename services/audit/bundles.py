"""The routes by which an auditor takes the record along."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter
from fastapi.responses import FileResponse, JSONResponse, Response
from pydantic import BaseModel, ConfigDict, Field

from services.audit.exporting import Exports
from shared.http import CUSTOMER_ID, Caller, Commanded, Id, Moment, answered, given, shown

router = APIRouter(tags=["audit"])
Taking = Annotated[Exports, given(Exports)]


class ExportBody(BaseModel):
    """What to export: of a person, a cycle, recorded in a period; nothing named is everything."""

    model_config = ConfigDict(extra="forbid")
    person: Annotated[str, Field(pattern=CUSTOMER_ID)] | None = None
    cycle: UUID | None = None
    since: Moment | None = None
    until: Moment | None = None


@router.post("/v1/audit/exports", operation_id="request_export", status_code=202)
async def request_export(body: ExportBody, command: Commanded, exports: Taking) -> JSONResponse:
    """Ask for a bundle of a person, a cycle, a period, or of everything; it is written afterwards."""
    period = (body.since, body.until)
    return answered(await exports.request_export(command, body.person, body.cycle, *period))


@router.get("/v1/audit/exports/{id}", operation_id="get_export")
async def get_export(export: Id, by: Caller, exports: Taking) -> JSONResponse:
    """Whether the bundle is written, and what is in it; `length` grows while it is written."""
    found = await exports.get_export(by, export)
    return shown(found, found["version"])


@router.get("/v1/audit/exports/{id}/bundle", operation_id="fetch_bundle")
async def fetch_bundle(export: Id, by: Caller, exports: Taking) -> Response:
    """Take the bundle along, which is put on record; `cairn audit verify` checks it anywhere."""
    file = await exports.fetch_bundle(by, export)
    return FileResponse(file, media_type="application/x-ndjson", filename=f"{export}.cairn")
