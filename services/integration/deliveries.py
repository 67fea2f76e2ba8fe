"""The deliveries of a webhook: which wait, in which order, and what came of each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from services.integration.domain import Webhook
from shared.database import Connection, statements, within
from shared.eventstore.record import Record

SQL = statements(__package__, "deliveries.sql")
KEPT = timedelta(days=30)
_TAKEN_AT_ONCE = 5_000


@dataclass(frozen=True)
class Endpoint:
    """Where a webhook stands: how often it has failed in a row, and when it is tried again."""

    failures: int
    next_at: datetime | None


@dataclass(frozen=True)
class Waiting:
    """One event that is to be delivered."""

    position: int
    event_id: UUID
    type: str
    ordering: UUID
    attempts: int
    next_at: datetime | None


@dataclass(frozen=True)
class Attempt:
    """What came of one attempt; `failure` is None for a delivery that was taken."""

    at: datetime
    status: int | None
    failure: str | None
    milliseconds: int = 0


class Deliveries:
    """Keeps the log of deliveries of the last thirty days."""

    def __init__(self, record: Record) -> None:
        self._record = record

    async def take(self, tenant: str, webhook: Webhook, newest: int) -> Endpoint | None:
        """Make deliveries of what is new in the feed, and do what people have asked for.

        A replay goes back to its position, from where everything is taken anew, a portion in each run.
        None for a webhook that isn't known yet or any more.
        """
        async with within(self._record.pool, tenant) as to:
            row = await to.fetchrow(SQL["endpoint"], tenant, webhook.id)
            if row is None:
                return None
            asked = [each[1:] for each in webhook.asked if each[0] > row["heard"]]
            replayed = [position for what, position in asked if what == "replay"]
            after = min([row["taken"], *replayed])
            taken = min(newest, after + _TAKEN_AT_ONCE)
            await to.execute(SQL["take"], tenant, webhook.id, after, taken, list(webhook.types))
            now = self._record.clock.now()
            for what, position in asked:
                await _do(to, tenant, webhook.id, what, position, now)
            await to.execute(SQL["taken"], tenant, webhook.id, taken, webhook.version)
            return Endpoint(0, None) if asked else Endpoint(row["failures"], row["next_at"])

    async def taken(self, tenant: str, webhook: UUID) -> int:
        """The position of the feed up to which there are deliveries."""
        async with within(self._record.pool, tenant) as connection:
            row = await connection.fetchrow(SQL["endpoint"], tenant, webhook)
        return row["taken"] if row else 0

    async def waiting(self, tenant: str, webhook: UUID, after: int, limit: int) -> list[Waiting]:
        """What waits, in the order of the feed."""
        async with within(self._record.pool, tenant) as connection:
            found = await connection.fetch(SQL["waiting"], tenant, webhook, after, limit)
        return [Waiting(*row) for row in found]

    async def note_delivered(
        self, tenant: str, webhook: UUID, position: int, attempt: Attempt, known_since: datetime
    ) -> None:
        """It was taken; the endpoint is well, which isn't noted again where it is `known_since`."""
        result = (attempt.at, attempt.status, attempt.milliseconds)
        async with within(self._record.pool, tenant) as to:
            await to.execute(SQL["delivered"], tenant, webhook, position, *result)
            await to.execute(SQL["endpoint_well"], tenant, webhook, attempt.at, known_since)

    async def note_failed(
        self, tenant: str, webhook: UUID, position: int, attempt: Attempt, next_at: datetime
    ) -> None:
        """It wasn't taken, and is tried again at that time."""
        result = (attempt.at, attempt.status, attempt.failure, next_at)
        async with within(self._record.pool, tenant) as to:
            await to.execute(SQL["failed"], tenant, webhook, position, *result)

    async def note_ill(self, tenant: str, webhook: UUID, next_at: datetime) -> None:
        """The endpoint takes nothing at all, and is left alone until that time."""
        async with within(self._record.pool, tenant) as to:
            await to.execute(SQL["endpoint_ill"], tenant, webhook, next_at)

    async def takes_nothing_since(self, tenant: str, webhook: UUID, moment: datetime) -> bool:
        """Whether a delivery has failed since then, or for longer, and none was taken after it."""
        async with within(self._record.pool, tenant) as connection:
            return bool(await connection.fetchval(SQL["takes_nothing"], tenant, webhook, moment))

    async def prune(self, tenant: str, webhook: UUID, now: datetime) -> None:
        """Forget deliveries that were settled more than thirty days ago."""
        async with within(self._record.pool, tenant) as to:
            await to.execute(SQL["prune"], tenant, webhook, now - KEPT)

    async def has(self, tenant: str, webhook: UUID, position: int) -> bool:
        """Whether there is a delivery of this position."""
        async with within(self._record.pool, tenant) as connection:
            return bool(await connection.fetchval(SQL["has"], tenant, webhook, position))

    async def standing(self, tenant: str, webhook: UUID) -> dict[str, Any]:
        """How many wait, and since when the oldest of them fails."""
        async with within(self._record.pool, tenant) as connection:
            row = await connection.fetchrow(SQL["standing"], tenant, webhook)
        assert row is not None
        return {"waiting": row["waiting"], "failing_since": _text(row["failing_since"])}

    async def waiting_since(self, tenant: str) -> dict[UUID, datetime]:
        """The active webhooks that haven't taken all they want, and when the oldest was recorded.

        That is what waits for delivery, and what of the feed there is no delivery of yet.
        """
        async with within(self._record.pool, tenant) as connection:
            found = await connection.fetch(SQL["waiting_since"], tenant)
        return {row["webhook"]: row["recorded_at"] for row in found}

    async def earliest_waiting(self, tenant: str) -> datetime | None:
        """When the oldest event was recorded that an active webhook hasn't taken."""
        return min((await self.waiting_since(tenant)).values(), default=None)

    async def list_deliveries(
        self, tenant: str, webhook: UUID, before: int, state: str | None, limit: int
    ) -> list[dict[str, Any]]:
        """Deliveries, newest first, one more than `limit` where there are more."""
        async with within(self._record.pool, tenant) as connection:
            found = await connection.fetch(SQL["list"], tenant, webhook, before, state, limit + 1)
        return [_view(row) for row in found]

    async def list_webhooks(self, tenant: str, after: UUID, limit: int) -> Sequence[UUID]:
        """The webhooks of a tenant in the order of their ids, one more than `limit`."""
        async with within(self._record.pool, tenant) as connection:
            found = await connection.fetch(SQL["endpoints"], tenant, after, limit + 1)
        return [row["webhook"] for row in found]


async def _do(
    to: Connection, tenant: str, webhook: UUID, what: str, position: int, now: datetime
) -> None:
    """What somebody has asked for: afterwards the endpoint is tried at once."""
    if what == "retry":
        await to.execute(SQL["retry"], tenant, webhook, position)
    elif what == "skip":
        await to.execute(SQL["skip"], tenant, webhook, position, now)
    elif what in {"enable", "move"}:
        await to.execute(SQL["waiting_afresh"], tenant, webhook)
    await to.execute(SQL["go_on"], tenant, webhook)


def _view(row: Any) -> dict[str, Any]:
    return {
        "id": str(row["position"]),
        "position": row["position"],
        "event": str(row["event_id"]),
        "type": row["type"],
        "state": row["state"],
        "attempts": row["attempts"],
        "next_attempt_at": _text(row["next_at"]),
        "failing_since": _text(row["failing_since"]),
        "last_attempt_at": _text(row["last_attempt_at"]),
        "last_status": row["last_status"],
        "last_failure": row["last_failure"],
        "milliseconds": row["milliseconds"],
    }


def _text(moment: datetime | None) -> str | None:
    return moment.isoformat().replace("+00:00", "Z") if moment else None
