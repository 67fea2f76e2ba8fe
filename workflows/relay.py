"""Follows the log and wakes the workflows of those whom an event concerns. A wake carries no facts."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from uuid import UUID

from temporalio.client import Client
from temporalio.service import RPCError

from services.cycles.domain import Cycle
from shared.errors import Unavailable
from shared.eventstore.follower import Follower
from shared.eventstore.record import Record, Recorded
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
        "conversation.reopened",
        "conversation.shared",
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

ANOTHERS = frozenset({"people.partner_released"})
"""What one person's cycle may cause in another's: a partner's last day has passed."""

_OWN = "workflow:CareerCycle"
_AT_ONCE = 16


class Relay:
    """Wakes each cycle once for all the news of a page."""

    def __init__(self, record: Record, client: Client) -> None:
        self._starting = Starting(client)
        self._places = asyncio.Semaphore(_AT_ONCE)
        self.follower = Follower(record, "relay", tell=self.tell)

    async def tell(self, tenant: str, events: Sequence[Recorded]) -> None:
        """Wake everybody whom these events concern; news of the roster alone starts no workflow."""
        people: dict[UUID, bool] = {}
        bulk: set[UUID] = set()
        for recorded in events:
            row, meta = recorded.row, recorded.meta
            is_news = meta.actor != _OWN or row.type in ANOTHERS
            if row.type in WAKES and is_news and meta.subject is not None:
                of_cycle = not row.type.startswith("people.")
                people[meta.subject] = people.get(meta.subject, False) or of_cycle
                if isinstance(recorded.event, Cycle.Started):
                    bulk |= {meta.subject} if recorded.event.through.startswith("batch/") else set()
        batches = {recorded.row.stream for recorded in events if recorded.row.type in BATCHES}
        exports = {recorded.row.stream for recorded in events if recorded.row.type in EXPORTS}
        try:
            await asyncio.gather(
                *(self._wake(tenant, who, of, who in bulk) for who, of in people.items()),
                *(self._starting.export(tenant, str(export)) for export in exports),
                *(self._starting.batch(tenant, str(batch)) for batch in batches),
            )
        except RPCError as away:
            raise Unavailable("Temporal can't be reached") from away

    async def _wake(self, tenant: str, person: UUID, of_cycle: bool, bulk: bool) -> None:
        async with self._places:
            if of_cycle:
                await self._starting.cycle(tenant, str(person), bulk=bulk)
            else:
                await self._starting.wake(tenant, str(person))
