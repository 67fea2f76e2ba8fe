"""Follows the log and wakes the workflows of those whom an event concerns. A wake carries no facts."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from uuid import UUID

from opentelemetry.trace import SpanKind
from temporalio.client import Client
from temporalio.common import Priority, SearchAttributePair, TypedSearchAttributes
from temporalio.service import RPCError, RPCStatusCode

from shared.errors import Unavailable
from shared.eventstore.follower import Follower
from shared.eventstore.record import Record, Recorded
from shared.telemetry.traces import span
from workflows.messages import TASK_QUEUE, TENANT, WAKE, CycleRun, workflow_id
from workflows.metrics import note_wake

WAKES = frozenset(
    {
        "people.partner_assigned",
        "people.partner_released",
        "people.profile_changed",
        "cycles.started",
        "cycles.suspended",
        "cycles.resumed",
        "cycles.closed",
        "conversation.question_set_aside",
        "conversation.shared",
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

_OWN = "workflow:CareerCycle"
_AT_ONCE = 16


class Relay:
    """Wakes each cycle once for all the news of a page."""

    def __init__(self, record: Record, client: Client) -> None:
        self._client = client
        self._clock = record.clock
        self._places = asyncio.Semaphore(_AT_ONCE)
        self.follower = Follower(record, "relay", tell=self.tell)

    async def tell(self, tenant: str, events: Sequence[Recorded]) -> None:
        """Wake everybody whom these events concern; news of the roster alone starts no workflow."""
        people: dict[UUID, bool] = {}
        news: dict[UUID, Recorded] = {}
        for recorded in events:
            row, meta = recorded.row, recorded.meta
            if row.type in WAKES and meta.actor != _OWN and meta.subject is not None:
                of_cycle = not row.type.startswith("people.")
                people[meta.subject] = people.get(meta.subject, False) or of_cycle
                news[meta.subject] = recorded
        try:
            await asyncio.gather(
                *(self._wake(tenant, who, of, news[who]) for who, of in people.items())
            )
        except RPCError as away:
            raise Unavailable("Temporal can't be reached") from away

    async def _wake(self, tenant: str, person: UUID, of_cycle: bool, news: Recorded) -> None:
        async with self._places:
            with span("wake", parent=news.meta.trace, kind=SpanKind.PRODUCER, tenant=tenant):
                if of_cycle:
                    await self._start(tenant, person)
                else:
                    await self._signal(tenant, person)
        note_wake(news.row.recorded_at, self._clock.now())

    async def _signal(self, tenant: str, person: UUID) -> None:
        handle = self._client.get_workflow_handle(workflow_id(tenant, str(person)))
        try:
            await handle.signal(WAKE)
        except RPCError as refused:
            if refused.status is not RPCStatusCode.NOT_FOUND:  # nobody's cycle: nothing to wake
                raise

    async def _start(self, tenant: str, person: UUID) -> None:
        await self._client.start_workflow(
            "CareerCycle",
            CycleRun(tenant, str(person)),
            id=workflow_id(tenant, str(person)),
            task_queue=TASK_QUEUE,
            start_signal=WAKE,
            search_attributes=TypedSearchAttributes([SearchAttributePair(TENANT, tenant)]),
            priority=Priority(priority_key=3, fairness_key=tenant[:64]),
        )
