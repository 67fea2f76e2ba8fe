"""Follows the log and wakes the workflows of those whom an event concerns. A wake carries no facts."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from uuid import UUID

from temporalio.client import Client
from temporalio.common import Priority, SearchAttributePair, TypedSearchAttributes
from temporalio.service import RPCError

from shared.errors import Unavailable
from shared.eventstore.follower import Follower
from shared.eventstore.record import Record, Recorded
from workflows.messages import TASK_QUEUE, TENANT, WAKE, CycleRun, workflow_id

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
        self._places = asyncio.Semaphore(_AT_ONCE)
        self.follower = Follower(record, "relay", tell=self.tell)

    async def tell(self, tenant: str, events: Sequence[Recorded]) -> None:
        """Wake everybody whom these events concern."""
        people = {
            recorded.meta.subject: None
            for recorded in events
            if recorded.row.type in WAKES
            and recorded.meta.actor != _OWN
            and recorded.meta.subject is not None
        }
        try:
            await asyncio.gather(*(self._wake(tenant, person) for person in people))
        except RPCError as away:
            raise Unavailable("Temporal can't be reached") from away

    async def _wake(self, tenant: str, person: UUID) -> None:
        async with self._places:
            await self._client.start_workflow(
                "CareerCycle",
                CycleRun(tenant, str(person)),
                id=workflow_id(tenant, str(person)),
                task_queue=TASK_QUEUE,
                start_signal=WAKE,
                search_attributes=TypedSearchAttributes([SearchAttributePair(TENANT, tenant)]),
                priority=Priority(priority_key=3, fairness_key=tenant[:64]),
            )
