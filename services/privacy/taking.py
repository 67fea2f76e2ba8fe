"""The routes by which a person gets what is held about them."""

from __future__ import annotations

from typing import Annotated, Any, Literal, Self
from uuid import UUID

from fastapi import APIRouter, Header
from fastapi.responses import JSONResponse, Response, StreamingResponse
from pydantic import BaseModel, ConfigDict, Field, model_validator

from services.privacy.packages import Packages
from services.privacy.requests import RELEASED, WITHHELD, Released, Withheld
from shared.http import Caller, Commanded, CustomerId, answered, given

router = APIRouter(tags=["people"])
Service = Annotated[Packages, given(Packages)]
Languages = Annotated[str, Header(alias="accept-language", max_length=256)]


class ReviewBody(BaseModel):
    """Which note of somebody else, whether the person gets it, and why."""

    model_config = ConfigDict(extra="forbid")
    conversation: UUID
    note: Annotated[int, Field(ge=1, le=100_000)]
    decision: Literal["release", "withhold"]
    reason: Released | Withheld

    @model_validator(mode="after")
    def _reason_fits(self) -> Self:
        fitting = RELEASED if self.decision == "release" else WITHHELD
        if self.reason not in fitting:
            raise ValueError(f"reasons to {self.decision} are {', '.join(fitting)}")
        return self


@router.get("/v1/people/{person}/access-package", operation_id="fetch_package")
async def fetch_package(
    person: CustomerId, by: Caller, packages: Service, languages: Languages = ""
) -> Response:
    """Everything that is held about a person, as a zip with a signed list of what is in it.

    `data.json` is for programs, `readable.html` for people (Accept-Language); `cairn audit verify`
    checks it anywhere. Data protection gets it for whoever has asked for it in the last 30 days.
    """
    parts = await packages.fetch_package(by, person, languages)
    headers = {"Content-Disposition": 'attachment; filename="access-package.zip"'}
    return StreamingResponse(parts, media_type="application/zip", headers=headers)


@router.get("/v1/people/{person}/access-package/request", operation_id="get_package_request")
async def get_package_request(person: CustomerId, by: Caller, packages: Service) -> dict[str, Any]:
    """When a person asked for what is held, and what was decided on the notes of others."""
    return await packages.get_request(by, person)


@router.post("/v1/people/{person}/access-package:request", operation_id="request_package")
async def request_package(
    person: CustomerId, command: Commanded, packages: Service
) -> JSONResponse:
    """Ask data protection to look at the notes of others; or put on record that somebody has asked."""
    return answered(await packages.request_package(command, person))


@router.get("/v1/people/{person}/access-package/notes", operation_id="notes_to_review")
async def notes_to_review(person: CustomerId, by: Caller, packages: Service) -> dict[str, Any]:
    """What others noted about the person for themselves, for data protection to decide on."""
    return {"items": await packages.notes_to_review(by, person), "next": None}


@router.post("/v1/people/{person}/access-package:review", operation_id="review_note")
async def review_note(
    person: CustomerId, body: ReviewBody, command: Commanded, packages: Service
) -> JSONResponse:
    """Decide whether a note of somebody else is in the package; it may be about a third person."""
    note, released = (body.conversation, body.note), body.decision == "release"
    return answered(
        await packages.review_note(command, person, note, released=released, reason=body.reason)
    )
