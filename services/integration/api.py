"""The routes of the change feed and of webhooks."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from datetime import timedelta
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import APIRouter, Body, Path, Query
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict, Field

from services.integration.application import Webhooks
from services.integration.catalogue import OUTSIDE
from services.integration.domain import TypeUnknown
from services.integration.feed import Feed
from services.permission import Permission, Resource
from shared.errors import Invalid
from shared.eventstore.record import Record
from shared.http import (
    Caller,
    Commanded,
    Cursor,
    Id,
    Limit,
    after_cursor,
    answered,
    given,
    page,
    position,
    shown,
)
from shared.news import News
from shared.periods import exact_period

router = APIRouter(tags=["events"])
Service = Annotated[Webhooks, given(Webhooks)]
Delivery = Annotated[int, Path(ge=1, le=2**31 - 1, description="the delivery's id")]
State = Literal["waiting", "delivered", "skipped"]
_LONGEST_WAIT = timedelta(seconds=30)
_LONGEST_OVERLAP = timedelta(days=7)
_LOOK_AGAIN_SECONDS = 2.0
_NOWHERE = UUID(int=0)


class WaitTooLong(Invalid):
    """A request can wait for at most PT30S; ask again when it comes back empty."""


class SecretOverlapTooLong(Invalid):
    """The secret before goes on for at most P7D; name a shorter `overlap`, such as P1D or PT0S."""


class _Body(BaseModel):
    model_config = ConfigDict(extra="forbid")


class WebhookBody(_Body):
    """Where to deliver, and which types; none named means all."""

    url: Annotated[str, Field(min_length=1, max_length=2_048)]
    types: Annotated[list[str], Field(max_length=100)] = []


class OverlapBody(_Body):
    """How long deliveries are signed with the secret before as well."""

    overlap: Annotated[str, Field(max_length=32)] = "P1D"


class ReplayBody(_Body):
    """From which position of the feed, that one not included."""

    after: Annotated[int, Field(ge=0, le=2**31 - 1)]


@router.get("/v1/events", operation_id="list_events")
async def list_events(
    by: Caller,
    feed: Annotated[Feed, given(Feed)],
    news: Annotated[News, given(News)],
    permission: Annotated[Permission, given(Permission)],
    record: Annotated[Record, given(Record)],
    after: Annotated[int, Query(ge=0, le=2**62)] = 0,
    wanted: Annotated[list[str] | None, Query(alias="type", max_length=100)] = None,
    limit: Limit = 50,
    cursor: Cursor = None,
    wait: Annotated[str, Query(max_length=32)] = "PT0S",
) -> dict[str, Any]:
    """What happened that concerns other systems, as CloudEvents in their order.

    Ask with `after` = the last position that you have handled, and with `wait` to be answered as
    soon as there is more. Positions have no gaps; a filter by type leaves some out.
    """
    await permission.require(by, "read", Resource("events"), record.clock.now())
    types = wanted or []
    if unknown := sorted(set(types) - set(OUTSIDE)):
        raise TypeUnknown.of(unknown[0])
    start, until = after_cursor(cursor, position, after), time.monotonic() + _seconds(wait)
    async with news.of(by.tenant) as fresh:
        found = await feed.read(by.tenant, start, types, limit)
        while not found and fresh is not None and (left := until - time.monotonic()) > 0:
            await _wait(fresh, left)
            found = await feed.read(by.tenant, start, types, limit)
    return page(found, limit, lambda event: str(event["position"]))


@router.get("/v1/events/types", operation_id="list_event_types")
async def list_event_types(
    by: Caller,
    permission: Annotated[Permission, given(Permission)],
    record: Annotated[Record, given(Record)],
) -> dict[str, Any]:
    """The types of events that there are outside, what each means, and what it carries."""
    await permission.require(by, "read", Resource("events"), record.clock.now())
    items = [
        {"type": type_, "sentence": told.sentence, "data": _carried(told.own, told.facts)}
        for type_, told in OUTSIDE.items()
    ]
    return {"items": items, "next": None}


@router.post("/v1/webhooks", operation_id="register_webhook", status_code=201, tags=["webhooks"])
async def register_webhook(
    body: WebhookBody, command: Commanded, webhooks: Service
) -> JSONResponse:
    """Have events delivered to a URL from now on; the secret is in this answer alone."""
    answer, secret = await webhooks.register_webhook(command, body.url, _types(body))
    return answered(answer, shown_once={"secret": secret})


@router.get("/v1/webhooks", operation_id="list_webhooks", tags=["webhooks"])
async def list_webhooks(
    by: Caller, webhooks: Service, limit: Limit = 50, cursor: Cursor = None
) -> dict[str, Any]:
    """The webhooks of this tenant."""
    found = await webhooks.list_webhooks(by, after_cursor(cursor, UUID, _NOWHERE), limit)
    return page(found, limit, lambda item: str(item["id"]))


@router.get("/v1/webhooks/{id}", operation_id="get_webhook", tags=["webhooks"])
async def get_webhook(webhook: Id, by: Caller, webhooks: Service) -> JSONResponse:
    """One webhook: its address, its state, how much waits and since when it fails."""
    return shown(*await webhooks.get_webhook(by, webhook))


@router.put("/v1/webhooks/{id}", operation_id="change_webhook", tags=["webhooks"])
async def change_webhook(
    webhook: Id, body: WebhookBody, command: Commanded, webhooks: Service
) -> JSONResponse:
    """Deliver to another address or other types; what waits goes to a new address, and at once."""
    return answered(await webhooks.change_webhook(command, webhook, body.url, _types(body)))


@router.delete("/v1/webhooks/{id}", operation_id="remove_webhook", tags=["webhooks"])
async def remove_webhook(webhook: Id, command: Commanded, webhooks: Service) -> JSONResponse:
    """Deliver nothing any more."""
    return answered(await webhooks.remove_webhook(command, webhook))


@router.post("/v1/webhooks/{id}:rotate", operation_id="rotate_webhook", tags=["webhooks"])
async def rotate_webhook(
    webhook: Id,
    command: Commanded,
    webhooks: Service,
    body: Annotated[OverlapBody, Body(default_factory=OverlapBody)],
) -> JSONResponse:
    """Sign with a new secret, which is in this answer alone; for a while with the old one as well.

    Asked again within that time, as where the answer was lost, the old one goes on to its end, and the
    secret of the first answer is replaced.
    """
    overlap = exact_period(body.overlap)
    if overlap is None or not timedelta() <= overlap <= _LONGEST_OVERLAP:
        raise SecretOverlapTooLong
    answer, secret = await webhooks.rotate_secret(command, webhook, command.at + overlap)
    return answered(answer, shown_once={"secret": secret})


@router.post("/v1/webhooks/{id}:disable", operation_id="disable_webhook", tags=["webhooks"])
async def disable_webhook(webhook: Id, command: Commanded, webhooks: Service) -> JSONResponse:
    """Deliver nothing until it is enabled; nothing is lost meanwhile."""
    return answered(await webhooks.disable_webhook(command, webhook))


@router.post("/v1/webhooks/{id}:enable", operation_id="enable_webhook", tags=["webhooks"])
async def enable_webhook(webhook: Id, command: Commanded, webhooks: Service) -> JSONResponse:
    """Go on where it stopped."""
    return answered(await webhooks.enable_webhook(command, webhook))


@router.post("/v1/webhooks/{id}:replay", operation_id="replay_webhook", tags=["webhooks"])
async def replay_webhook(
    webhook: Id, body: ReplayBody, command: Commanded, webhooks: Service
) -> JSONResponse:
    """Deliver once more everything after a position of the feed, in order and with the same ids.

    That is what has one of the webhook's present types; what is new comes behind it.
    """
    return answered(await webhooks.replay_webhook(command, webhook, body.after))


@router.get("/v1/webhooks/{id}/deliveries", operation_id="list_deliveries", tags=["webhooks"])
async def list_deliveries(
    webhook: Id,
    by: Caller,
    webhooks: Service,
    limit: Limit = 50,
    cursor: Cursor = None,
    state: State | None = None,
) -> dict[str, Any]:
    """What became of the deliveries of the last thirty days, newest first."""
    before = after_cursor(cursor, position, 0) or None
    found = await webhooks.list_deliveries(by, webhook, before, state, limit)
    return page(found, limit, lambda item: str(item["position"]))


@router.post(
    "/v1/webhooks/{id}/deliveries/{delivery}:retry",
    operation_id="retry_delivery",
    tags=["webhooks"],
)
async def retry_delivery(
    webhook: Id, delivery: Delivery, command: Commanded, webhooks: Service
) -> JSONResponse:
    """Deliver one event once more, and at once."""
    return answered(await webhooks.retry_delivery(command, webhook, delivery))


@router.post(
    "/v1/webhooks/{id}/deliveries/{delivery}:skip",
    operation_id="skip_delivery",
    tags=["webhooks"],
)
async def skip_delivery(
    webhook: Id, delivery: Delivery, command: Commanded, webhooks: Service
) -> JSONResponse:
    """Give one event up, so that those of the same cycle behind it can go."""
    return answered(await webhooks.skip_delivery(command, webhook, delivery))


async def _wait(fresh: asyncio.Event, seconds: float) -> None:
    """Until there is news, or it is time to look again without any."""
    try:
        await asyncio.wait_for(fresh.wait(), min(seconds, _LOOK_AGAIN_SECONDS))
    except TimeoutError:
        return
    fresh.clear()


def _seconds(wait: str) -> float:
    period = exact_period(wait)
    if period is None or not timedelta() <= period <= _LONGEST_WAIT:
        raise WaitTooLong
    return period.total_seconds()


def _types(body: WebhookBody) -> tuple[str, ...]:
    return tuple(dict.fromkeys(body.types))


def _carried(own: str | None, facts: Sequence[str]) -> list[str]:
    named = [own] if own not in (None, "policy") else []
    return ["person", "cycle", *(name for name in named if name), *facts]
