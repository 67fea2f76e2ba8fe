"""The routes of machines with API keys."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated, Any

from fastapi import APIRouter, Body
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict, Field

from services.clients.application import Clients
from services.clients.readmodel import ClientList
from services.permission import Permission, Resource
from shared.errors import Invalid
from shared.eventstore.record import Record
from shared.http import (
    CUSTOMER_ID,
    Caller,
    Commanded,
    Cursor,
    CustomerId,
    Limit,
    Moment,
    after_cursor,
    answered,
    given,
    page,
    shown,
)
from shared.periods import exact_period
from shared.principal import Role

router = APIRouter(tags=["clients"])
Service = Annotated[Clients, given(Clients)]
_LONGEST_OVERLAP = timedelta(days=30)


class OverlapTooLong(Invalid):
    """An older key goes on for at most P30D; name a shorter `overlap`, such as P7D or PT0S."""


class ClientBody(BaseModel):
    """A machine: its name, what it may do, and the end of its first key."""

    model_config = ConfigDict(extra="forbid")
    name: Annotated[str, Field(pattern=CUSTOMER_ID, examples=["workday"])]
    roles: Annotated[list[Role], Field(min_length=1, max_length=8, examples=[["platform"]])]
    expires_at: Moment | None = None


class RotateBody(BaseModel):
    """How long the key before goes on, and the end of the new one."""

    model_config = ConfigDict(extra="forbid")
    overlap: Annotated[str, Field(max_length=32)] = "P7D"
    expires_at: Moment | None = None

    def period(self) -> timedelta:
        period = exact_period(self.overlap)
        if period is None or not timedelta() <= period <= _LONGEST_OVERLAP:
            raise OverlapTooLong
        return period


@router.post("/v1/clients", operation_id="register_client", status_code=201)
async def register_client(body: ClientBody, command: Commanded, clients: Service) -> JSONResponse:
    """Let a machine in; its key is in this answer and never shown again."""
    roles = tuple(dict.fromkeys(body.roles))
    answer, key = await clients.register_client(command, body.name, roles, body.expires_at)
    return answered(answer, shown_once={"key": key})


@router.get("/v1/clients", operation_id="list_clients")
async def list_clients(
    by: Caller,
    clients: Annotated[ClientList, given(ClientList)],
    permission: Annotated[Permission, given(Permission)],
    record: Annotated[Record, given(Record)],
    limit: Limit = 50,
    cursor: Cursor = None,
) -> dict[str, Any]:
    """The machines that are let in, by name, with their live keys and when each was last used."""
    await permission.require(by, "read", Resource("client"), record.clock.now())
    found = await clients.list_clients(by.tenant, after_cursor(cursor, str, ""), limit)
    return page(found, limit, lambda item: str(item["id"]))


@router.get("/v1/clients/{client}", operation_id="get_client")
async def get_client(
    client: CustomerId,
    by: Caller,
    clients: Service,
    listed: Annotated[ClientList, given(ClientList)],
) -> JSONResponse:
    """One machine with its live keys."""
    known = await clients.get_client(by, client)
    return shown((await listed.views(by.tenant, [known]))[0], known.version)


@router.post("/v1/clients/{client}:rotate", operation_id="rotate_client")
async def rotate_client(
    client: CustomerId,
    command: Commanded,
    clients: Service,
    body: Annotated[RotateBody, Body(default_factory=RotateBody)],
) -> JSONResponse:
    """Give a machine another key; the one in use goes on for a while, any other ends.

    In use is the newest with which somebody has come. So a key whose answer was lost is replaced when
    it is asked for again, with a new Idempotency-Key, and the one from before lives on to its end.
    """
    answer, key = await clients.rotate_client(command, client, body.expires_at, body.period())
    return answered(answer, shown_once={"key": key})


@router.delete("/v1/clients/{client}", operation_id="remove_client")
async def remove_client(client: CustomerId, command: Commanded, clients: Service) -> JSONResponse:
    """Take all keys of a machine away, within five seconds and for ever."""
    return answered(await clients.remove_client(command, client))
