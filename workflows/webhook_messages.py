"""Everything that crosses Temporal about webhooks: ids, codes, counts and dates."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

DELIVERY_QUEUE = "webhooks"


@dataclass(frozen=True)
class EndpointRun:
    """Whose webhook it is."""

    tenant: str
    webhook: str


@dataclass(frozen=True)
class Standing:
    """Where a webhook stands after a run of deliveries; `next_at` is when there is to be another."""

    over: bool
    next_at: datetime | None
    now: datetime
    waiting: int = 0
    failing_since: datetime | None = None


@dataclass(frozen=True)
class Skip:
    """Which delivery is to be given up, and on whose word: an id, such as jd."""

    position: int
    by: str


@dataclass(frozen=True)
class SkipDelivery:
    """What the activity needs to give a delivery up."""

    run: EndpointRun
    skip: Skip


def endpoint_workflow_id(tenant: str, webhook: str) -> str:
    """The id of the workflow that delivers to a webhook."""
    return f"webhook/{tenant}/{webhook}"
