"""Delivers what waits for a webhook: in order for each cycle, and patiently where it isn't taken."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from secrets import SystemRandom
from uuid import UUID

import msgspec

from services.integration.deliveries import Attempt, Deliveries, Endpoint, Waiting
from services.integration.domain import Webhook, Why
from services.integration.feed import Feed
from services.integration.signing import sealed_name, signed_headers
from shared.eventstore.record import Command, Record
from shared.eventstore.secrets import Secrets
from shared.outbound import Failed, Outbound
from shared.principal import workflow
from shared.telemetry.metrics import WEBHOOK_ATTEMPTS

_PAGE = 500
_AT_ONCE = 8
_GONE = 410
_LONGEST_WAIT = 6 * 3600
_PRECISION = 1000
"""When something was last taken is known to this part of the time after which it is given up."""
_CHANCE = SystemRandom()


@dataclass(frozen=True)
class Patience:
    """How long to wait after a failure, doubling; when to give up; how long to work in one go."""

    first: timedelta = timedelta(seconds=2)
    longest: timedelta = timedelta(hours=1)
    give_up_after: timedelta = timedelta(days=3)
    working: timedelta = timedelta(seconds=20)
    in_a_row: int = 5

    def after(self, failures: int) -> timedelta:
        """The pause after so many failures, with a fifth of chance in it."""
        pause = min(self.first * float(2 ** min(failures, 30)), self.longest)
        return pause * _CHANCE.uniform(0.8, 1.2)


@dataclass(frozen=True)
class Outcome:
    """Where a webhook stands after a run; `next_at` is None when nothing waits."""

    over: bool = False
    next_at: datetime | None = None
    waiting: int = 0
    failing_since: datetime | None = None


@dataclass
class Run:
    """What is known while one run goes on."""

    webhook: Webhook
    url: str
    secrets: list[str]
    until: float
    failures: int
    blocked: dict[UUID, datetime] = field(default_factory=dict)
    failed_in_a_row: int = 0
    ill_until: datetime | None = None
    is_gone: bool = False

    @property
    def is_to_end(self) -> bool:
        ended = self.ill_until is not None or self.is_gone
        return ended or time.monotonic() > self.until


class Sender:
    """One run delivers for some seconds; its workflow decides when there is another."""

    def __init__(
        self,
        record: Record,
        feed: Feed,
        deliveries: Deliveries,
        outbound: Outbound,
        patience: Patience | None = None,
    ) -> None:
        self._record = record
        self._secrets = Secrets(record.pool, record.vault)
        self._feed = feed
        self._deliveries = deliveries
        self._outbound = outbound
        self._patience = patience or Patience()

    async def deliver(self, tenant: str, webhook: UUID) -> Outcome:
        """Deliver what is due; a webhook that takes nothing for three days is switched off."""
        known = await self._record.load(Webhook, tenant, webhook)
        if known is None or not known.is_active:
            return Outcome(over=True)
        newest = await self._feed.newest(tenant)
        endpoint = await self._deliveries.take(tenant, known, newest)
        if endpoint is None:
            return Outcome(over=True)
        run = await self._begin(tenant, known, endpoint)
        if run.ill_until is None:
            await self._work(tenant, run)
        if why := await self._why_give_up(tenant, run):
            await self._switch_off(tenant, known, why)
            return Outcome(over=True)
        return await self._outcome(tenant, run, newest)

    async def _begin(self, tenant: str, webhook: Webhook, endpoint: Endpoint) -> Run:
        keys = [webhook.address, *webhook.live_secrets()]
        names = [sealed_name(webhook.id, key) for key in keys]
        kept = await self._secrets.read(tenant, names)
        url, *secrets = (kept[name].decode() for name in names)
        until = time.monotonic() + self._patience.working.total_seconds()
        run = Run(webhook, url, secrets, until, endpoint.failures)
        if endpoint.next_at is not None and endpoint.next_at > self._record.clock.now():
            run.ill_until = endpoint.next_at
        return run

    async def _work(self, tenant: str, run: Run) -> None:
        """Go through what waits, page by page; after a failure one at a time, until one is taken."""
        await self._deliveries.prune(tenant, run.webhook.id, self._record.clock.now())
        after = 0
        while not run.is_to_end:
            page = await self._deliveries.waiting(tenant, run.webhook.id, after, _PAGE)
            if not page:
                return
            after = page[-1].position
            events = await self._feed.events_at(tenant, [waiting.position for waiting in page])
            bodies = {place: msgspec.json.encode(event) for place, event in events.items()}
            places = asyncio.Semaphore(1 if run.failures else _AT_ONCE)
            await asyncio.gather(
                *(self._in_order(tenant, run, each, bodies, places) for each in _chains(page))
            )

    async def _in_order(
        self,
        tenant: str,
        run: Run,
        chain: Sequence[Waiting],
        bodies: dict[int, bytes],
        places: asyncio.Semaphore,
    ) -> None:
        """Deliver the events of one cycle, each after the one before was taken."""
        for waiting in chain:
            async with places:
                if run.is_to_end or waiting.ordering in run.blocked:
                    return
                if waiting.next_at is not None and waiting.next_at > self._record.clock.now():
                    run.blocked[waiting.ordering] = waiting.next_at
                    return
                await self._attempt(tenant, run, waiting, bodies[waiting.position])

    async def _attempt(self, tenant: str, run: Run, waiting: Waiting, body: bytes) -> None:
        now, webhook = self._record.clock.now(), run.webhook.id
        headers = signed_headers(run.secrets, str(waiting.event_id), body, now)
        try:
            answered = await self._outbound.post(run.url, headers, body)
        except Failed as failed:
            attempt, wait = Attempt(now, None, failed.code), 0
        else:
            wait = min(answered.retry_after or 0, _LONGEST_WAIT)
            failure = None if 200 <= answered.status < 300 else f"status-{answered.status}"
            attempt = Attempt(now, answered.status, failure, answered.milliseconds)
        taken = "taken" if attempt.failure is None else "refused" if attempt.status else "unheard"
        WEBHOOK_ATTEMPTS.labels(taken).inc()
        if attempt.failure is None:
            run.failed_in_a_row = run.failures = 0
            known = attempt.at - self._patience.give_up_after / _PRECISION
            await self._deliveries.note_delivered(tenant, webhook, waiting.position, attempt, known)
        else:
            await self._note_failure(tenant, run, waiting, attempt, wait)

    async def _note_failure(
        self, tenant: str, run: Run, waiting: Waiting, attempt: Attempt, wait: int
    ) -> None:
        pause = max(self._patience.after(waiting.attempts), timedelta(seconds=wait))
        next_at, webhook = self._record.clock.now() + pause, run.webhook.id
        run.blocked[waiting.ordering] = next_at
        await self._deliveries.note_failed(tenant, webhook, waiting.position, attempt, next_at)
        run.is_gone = run.is_gone or attempt.status == _GONE
        run.failed_in_a_row += 1
        is_ill = run.failures > 0 or run.failed_in_a_row >= self._patience.in_a_row
        if is_ill and run.ill_until is None:
            pause = max(self._patience.after(run.failures), timedelta(seconds=wait))
            run.ill_until = self._record.clock.now() + pause
            await self._deliveries.note_ill(tenant, webhook, run.ill_until)

    async def _why_give_up(self, tenant: str, run: Run) -> Why | None:
        if run.is_gone:
            return "gone"
        since = self._record.clock.now() - self._patience.give_up_after
        takes_nothing = run.failed_in_a_row > 0 and await self._deliveries.takes_nothing_since(
            tenant, run.webhook.id, since
        )
        return "failing" if takes_nothing else None

    async def _switch_off(self, tenant: str, known: Webhook, why: Why) -> None:
        """Switch it off, unless it has moved meanwhile: how the new address is, nobody knows yet."""

        def decide(webhook: Webhook) -> None:
            if webhook.address == known.address:
                webhook.disable(why)

        command = Command(by=workflow(tenant, "WebhookDelivery"), at=self._record.clock.now())
        await self._record.change(Webhook, known.id, command, decide)

    async def _outcome(self, tenant: str, run: Run, newest: int) -> Outcome:
        standing = await self._deliveries.standing(tenant, run.webhook.id)
        now = self._record.clock.now()
        more = await self._deliveries.taken(tenant, run.webhook.id) < newest
        if run.ill_until is not None:
            next_at: datetime | None = run.ill_until
        elif more or time.monotonic() > run.until:
            next_at = now
        else:
            next_at = min(run.blocked.values(), default=None)
        since = standing["failing_since"]
        moment = datetime.fromisoformat(since) if since else None
        return Outcome(False, next_at, standing["waiting"], moment)


def _chains(page: Sequence[Waiting]) -> list[list[Waiting]]:
    """The events of each cycle, in order; those first whose next one was tried the fewest times.

    So an event that is refused for ever can't be what a receiver is judged by again and again.
    """
    chains: dict[UUID, list[Waiting]] = {}
    for waiting in page:
        chains.setdefault(waiting.ordering, []).append(waiting)
    return sorted(chains.values(), key=lambda chain: chain[0].attempts)
