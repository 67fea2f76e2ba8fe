"""The routes of SCIM 2.0 (RFC 7644): an identity provider keeps the roster in step."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Request, Response
from scim2_models import (
    ForbiddenException,
    NotFoundException,
    PreconditionFailedException,
    SCIMException,
    UnauthorizedException,
)
from scim2_server.handler import AsyncScimHandler
from scim2_server.requests import ScimRequest
from scim2_server.responses import ScimResponse
from scim2_server.service import ScimService

from services.people.application import People
from services.people.scim import Accounts
from services.people.scim_schema import PROVIDER
from services.permission import Permission, Resource
from shared.database import LOST
from shared.errors import NotAllowed, NotFound, Refusal, Stale, Unavailable
from shared.eventstore.record import Command, Record
from shared.http import authenticate, json_of
from shared.problems import HEADERS, status_of
from shared.tokens import BadToken

router = APIRouter(tags=["provisioning"])
ROOT = "/scim/v2"
SERVICE = ScimService(PROVIDER)
_READS = frozenset({"GET", "HEAD"})


class Busy(SCIMException):
    """The service can't do this at the moment; try again shortly."""

    status = 503


async def serve(request: Request) -> Response:
    """Answer one SCIM request in SCIM's own way, its errors too."""
    try:
        answer = await _answer(request)
    except BadToken as bad:
        request.state.why = bad.why
        answer = SERVICE.error_response(UnauthorizedException(detail=BadToken.__doc__))
    except SCIMException as refused:
        answer = SERVICE.error_response(refused)
    except Refusal as refused:
        answer = SERVICE.error_response(_scim_exception(refused))
        answer.headers.update(getattr(refused, "headers", {}))
    except LOST:
        answer = SERVICE.error_response(Busy(detail=Unavailable.__doc__))
    body = b"" if answer.body is None else json_of(answer.body)
    status = int(answer.status)
    return Response(body, status, {**HEADERS.get(status, {}), **answer.headers})


async def _answer(request: Request) -> ScimResponse:
    by = await authenticate(request)
    given = request.app.state.given
    record: Record = given[Record]
    permission: Permission = given[Permission]
    reading = request.method in _READS or request.url.path.endswith("/.search")
    wanted = Resource("roster") if reading else Resource("person")
    now = record.clock.now()
    await permission.require(by, "read" if reading else "write", wanted, now)
    command = Command(by=by, at=now, cause=request.state.request_id)
    handler = AsyncScimHandler(SERVICE, Accounts(record, given[People], command))
    asked = ScimRequest(
        method=request.method,
        base_url=request.app.state.public_url + ROOT,
        path=request.url.path.removeprefix(ROOT),
        query=dict(request.query_params),
        headers=list(request.headers.items()),
        body=await request.body(),
    )
    return await handler.handle(asked)


def _scim_exception(refused: Refusal) -> SCIMException:
    for kind, exception in _EXCEPTIONS:
        if isinstance(refused, kind):
            return exception(detail=refused.detail)
    other = SCIMException(detail=refused.detail)
    other.status = status_of(type(refused))
    return other


_EXCEPTIONS: tuple[tuple[type[Refusal], type[SCIMException]], ...] = (
    (NotFound, NotFoundException),
    (NotAllowed, ForbiddenException),
    (Stale, PreconditionFailedException),
    (Unavailable, Busy),
)

_ROUTES: tuple[tuple[str, str, str, int, str], ...] = (
    ("GET", "/Users", "search_users", 200, "Find users; userName, externalId and id at once."),
    ("POST", "/Users", "create_user", 201, "Keep a new user."),
    ("GET", "/Users/{id}", "get_user", 200, "Read one user."),
    ("PUT", "/Users/{id}", "replace_user", 200, "Replace a user by its whole new state."),
    ("PATCH", "/Users/{id}", "patch_user", 200, "Change some attributes of a user."),
    ("DELETE", "/Users/{id}", "delete_user", 204, "Give a user up; the record stays."),
    ("POST", "/Users/.search", "search_users_by_post", 200, "Find users by a body."),
    ("GET", "/ServiceProviderConfig", "config", 200, "What this service can do."),
    ("GET", "/ResourceTypes", "resource_types", 200, "The types of resources."),
    ("GET", "/ResourceTypes/{id}", "resource_type", 200, "One type of resources."),
    ("GET", "/Schemas", "schemas", 200, "The attributes of users."),
    ("GET", "/Schemas/{id}", "schema", 200, "The attributes of one schema."),
)
_MEDIA_TYPE = "application/scim+json"
_OBJECT = {"schema": {"type": "object"}}


def _document(method: str, path: str, operation: str, status: int, summary: str) -> None:
    """Name each operation in the documentation; all of them are served alike."""

    async def route(request: Request) -> Response:
        return await serve(request)

    route.__doc__ = summary
    parameters = [{"name": "id", "in": "path", "required": True, "schema": {"type": "string"}}]
    answer: dict[str, Any] = {"description": "Done."}
    extra: dict[str, Any] = {"responses": {str(status): answer}}
    if status != 204:
        answer["content"] = {_MEDIA_TYPE: _OBJECT}
    if "{id}" in path:
        extra["parameters"] = parameters
    if method in ("POST", "PUT", "PATCH"):
        extra["requestBody"] = {"required": True, "content": {_MEDIA_TYPE: _OBJECT}}
    router.add_api_route(
        f"{ROOT}{path}",
        route,
        methods=[method],
        operation_id=f"scim_{operation}",
        status_code=status,
        response_class=Response,
        openapi_extra=extra,
    )


for each in _ROUTES:
    _document(*each)


@router.api_route(
    f"{ROOT}/{{path:path}}",
    methods=["GET", "POST", "PUT", "PATCH", "DELETE"],
    include_in_schema=False,
)
async def anything_else(request: Request) -> Any:
    """What SCIM has no endpoint for is refused in SCIM's own way."""
    return await serve(request)
