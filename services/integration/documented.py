"""What the routes of the feed and of webhooks answer, and what is delivered, for the documentation."""

from __future__ import annotations

from typing import Annotated, Any, Literal, NotRequired

from pydantic import Field
from typing_extensions import TypedDict

from shared.documented import Code, Id, Moment, Page, Receipt

Secret = Annotated[str, Field(description="the secret; only ever in this one answer")]


class CloudEvent(TypedDict):
    """What happened, as a CloudEvent 1.0: ids, codes and dates, never words."""

    specversion: Literal["1.0"]
    id: Annotated[Id, Field(description="the same wherever and whenever it is told again")]
    source: Annotated[str, Field(description="the tenant, as /tenants/acme")]
    type: Code
    subject: Annotated[str | None, Field(description="what it is about, as cycles/…")]
    time: Moment
    datacontenttype: Literal["application/json"]
    position: Annotated[int, Field(ge=1, description="in the tenant's feed, without gaps")]
    data: Annotated[dict[str, Any], Field(description="see the event's type under webhooks")]


class EventType(TypedDict):
    """A type of events: what it means, and the names of what it carries."""

    type: Code
    sentence: str
    data: list[str]


class WebhookReceipt(Receipt):
    """What a change of a webhook answers."""

    state: Literal["active", "disabled", "removed"]
    secret: NotRequired[Secret]


class WebhookView(WebhookReceipt):
    """A webhook: where it leads and how it stands."""

    url: str
    types: Annotated[list[Code], Field(description="none means all")]
    disabled: Annotated[Code | None, Field(description="why it is switched off, or null")]
    secrets: Annotated[int, Field(description="how many it signs with: two while rotating")]
    waiting: Annotated[int, Field(description="how many events wait for delivery")]
    failing_since: Moment | None


class DeliveryView(TypedDict):
    """What became of one event at one webhook."""

    id: str
    position: Annotated[int, Field(description="in the tenant's feed")]
    event: Id
    type: Code
    state: Literal["waiting", "delivered", "skipped"]
    attempts: int
    next_attempt_at: Moment | None
    failing_since: Moment | None
    last_attempt_at: Moment | None
    last_status: Annotated[int | None, Field(description="what the receiver answered")]
    last_failure: Annotated[Code | None, Field(description="why there was no answer")]
    milliseconds: int | None


ANSWERS: dict[str, Any] = {
    "list_events": Page[CloudEvent],
    "list_event_types": Page[EventType],
    "register_webhook": WebhookReceipt,
    "list_webhooks": Page[WebhookView],
    "get_webhook": WebhookView,
    "change_webhook": WebhookReceipt,
    "remove_webhook": WebhookReceipt,
    "rotate_webhook": WebhookReceipt,
    "disable_webhook": WebhookReceipt,
    "enable_webhook": WebhookReceipt,
    "replay_webhook": WebhookReceipt,
    "list_deliveries": Page[DeliveryView],
    "retry_delivery": WebhookReceipt,
    "skip_delivery": WebhookReceipt,
}
