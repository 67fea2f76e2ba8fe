"""Follows the log and wakes the workflows of those whom an event concerns. A wake carries no facts."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from uuid import UUID

from opentelemetry.trace import SpanKind
from temporalio.client import Client
from temporalio.service import RPCError

from services.cycles.domain import Cycle
from shared.errors import Unavailable
from shared.eventstore.follower import Follower
from shared.eventstore.record import Record, Recorded
from shared.telemetry.traces import span
from workflows.metrics import note_wake
from workflows.starting import Starting

WAKES = frozenset(
    {
        "people.partner_assigned",
        "people.partner_released",
        "people.profile_changed",
        "people.handover_chosen",
        "people.leave_started",
        "people.leave_ended",
        "people.left",
        "people.hold_placed",
        "people.hold_released",
        "people.erased",
        "cycles.started",
        "cycles.suspended",
        "cycles.resumed",
        "cycles.closed",
        "conversation.question_set_aside",
        "conversation.question_declined",
        "conversation.facet_withdrawn",
        "conversation.reopened",
        "conversation.shared",
        "conversation.unshared",
        "conversation.meeting_scheduled",
        "conversation.meeting_unscheduled",
        "conversation.meeting_claimed",
        "conversation.paused",
        "conversation.resumed",
        "conversation.concluded",
        "conversation.declined",
        "plan.proposed",
        "plan.agreed",
        "plan.changes_requested",
        "plan.activated",
        "plan.checked_in",
        "plan.closed",
    }
)
"""What may change whose turn it is or what is due. Answers in themselves wake nobody."""

BATCHES = frozenset({"batches.requested", "batches.cancelled"})
"""What a batch's workflow has to hear of."""

EXPORTS = frozenset({"exports.requested"})
"""What is to be written for an auditor."""

ERASED = "people.erased"
"""Whose words are to be deleted."""

ANOTHERS = frozenset({"people.partner_released"})
"""What one person's cycle may cause in another's: a partner's last day has passed."""

_OWN = "workflow:CareerCycle"
_AT_ONCE = 16


class Relay:
    """Wakes each cycle once for all the news of a page."""

    def __init__(self, record: Record, client: Client) -> None:
        self._starting = Starting(client)
        self._clock = record.clock
        self._places = asyncio.Semaphore(_AT_ONCE)
        self.follower = Follower(record, "relay", tell=self.tell)

    async def tell(self, tenant: str, events: Sequence[Recorded]) -> None:
        """Wake everybody whom these events concern; news of the roster alone starts no workflow."""
        news: dict[UUID, list[Recorded]] = defaultdict(list)
        for recorded in events:
            row, meta = recorded.row, recorded.meta
            is_news = meta.actor != _OWN or row.type in ANOTHERS
            if row.type in WAKES and is_news and meta.subject is not None:
                news[meta.subject].append(recorded)
        await self._tell(tenant, news, events)

    async def _tell(
        self, tenant: str, news: dict[UUID, list[Recorded]], events: Sequence[Recorded]
    ) -> None:
        batches = {last.row.stream: last for last in events if last.row.type in BATCHES}
        exports = {last.row.stream: last for last in events if last.row.type in EXPORTS}
        erased = {last.row.stream: last for last in events if last.row.type == ERASED}
        try:
            await asyncio.gather(
                *(self._wake(tenant, person, about) for person, about in news.items()),
                *(self._begin(self._starting.batch, tenant, last) for last in batches.values()),
                *(self._begin(self._starting.export, tenant, last) for last in exports.values()),
                *(self._begin(self._starting.erasure, tenant, last) for last in erased.values()),
            )
        except RPCError as away:
            raise Unavailable("Temporal can't be reached") from away

    async def _wake(self, tenant: str, person: UUID, news: Sequence[Recorded]) -> None:
        async with self._waking(tenant, news[-1]):
            if all(recorded.row.type.startswith("people.") for recorded in news):
                await self._starting.wake(tenant, str(person))
            else:
                await self._starting.cycle(tenant, str(person), bulk=any(map(_is_of_a_batch, news)))

    async def _begin(
        self, start: Callable[[str, str], Awaitable[None]], tenant: str, last: Recorded
    ) -> None:
        """Start or wake what works on the stream of an event: a batch, an export."""
        async with self._waking(tenant, last):
            await start(tenant, str(last.row.stream))

    @asynccontextmanager
    async def _waking(self, tenant: str, last: Recorded) -> AsyncIterator[None]:
        """Some at a time; in the trace of what was recorded last, and measured from then on."""
        async with self._places:
            with span("wake", parent=last.meta.trace, kind=SpanKind.PRODUCER, tenant=tenant):
                yield
        note_wake(last.row.recorded_at, self._clock.now())


def _is_of_a_batch(recorded: Recorded) -> bool:
    event = recorded.event
    return isinstance(event, Cycle.Started) and event.through.startswith("batch/")
