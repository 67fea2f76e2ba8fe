"""Sends the mails of cycles: name and address are read at the moment of sending, and kept nowhere."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from temporalio import activity

from services.cycles.application import Cycles
from services.cycles.domain import Cycle
from services.cycles.notices import Notice
from services.cycles.progress import Progress
from services.cycles.readmodel import CycleList
from services.notices.application import Letter, Notices, Reader
from services.people.application import People
from shared.eventstore.record import Command, Record
from shared.mail import RefusedForGood
from shared.principal import workflow
from workflows.messages import Post
from workflows.telling import Telling


@dataclass(frozen=True)
class Posting:
    """One mail at a time, at least once, and recognisable by its Message-ID when it comes twice."""

    record: Record
    people: People
    cycles: Cycles
    cycle_list: CycleList
    notices: Notices
    telling: Telling

    def all(self) -> Sequence[Callable[..., Awaitable[Any]]]:
        """What a worker of the mail queue registers."""
        return [self.post]

    @activity.defn(name="post")
    async def post(self, post: Post) -> None:
        """Send a mail, unless it was sent, and record that; a refusal for good is recorded too."""
        cycle, tenant = UUID(post.cycle), post.tenant
        found = await self.cycles.notices_of(tenant, cycle)
        notice = next((n for n in found if f"{n.event}/{n.to}" == post.mail.key), None)
        progress = await self.cycles.progress_of(tenant, cycle)
        if notice is None or notice.outcome is not None or progress is None:
            return
        why = await self._send(progress, notice)
        await self._record_outcome(post, notice, why)

    @activity.defn(name="give_up_mail")
    async def give_up(self, post: Post) -> None:
        """Put it on record that no mail server took a mail for days."""
        found = await self.cycles.notices_of(post.tenant, UUID(post.cycle))
        for notice in found:
            if f"{notice.event}/{notice.to}" == post.mail.key and notice.outcome is None:
                await self._record_outcome(post, notice, "gave_up")

    async def _send(self, p: Progress, notice: Notice) -> str | None:
        """Send it; a code when it will not reach anybody."""
        subject = await self.telling.recipient(p, notice.to)
        person = await self.people.person_of(p.tenant, subject) if subject else None
        if subject is None or person is None:
            return "nobody"
        if person.erased:
            return "erased"
        if notice.kind != "closed" and (person.left_on or person.is_away):
            return "left" if person.left_on else "away"
        if self.record.clock.now() - notice.at > _STALE:
            return "too_late"
        reader = Reader(
            p.tenant, subject, person.profile.name, person.profile.email, person.profile.locale
        )
        waiting = await self.cycle_list.count_waiting(p.tenant, subject)
        letter = Letter(notice.event, notice.kind, notice.to, self.record.clock.now(), waiting)
        try:
            await self.notices.send(reader, letter)
        except RefusedForGood as refused:
            return refused.code
        return None

    async def _record_outcome(self, post: Post, notice: Notice, why: str | None) -> None:
        by, at = workflow(post.tenant, "CareerCycle"), self.record.clock.now()
        step = f"{'refused' if why else 'sent'}/{notice.event}/{notice.to}"
        command = Command(by=by, at=at, cause=f"mail/{notice.kind}", step=step)

        def decide(cycle: Cycle) -> None:
            if why is None:
                cycle.note_sent(notice.event, notice.to)
            else:
                cycle.note_refused(notice.event, notice.to, why)

        await self.cycles.take_step(command, UUID(post.cycle), decide)


_STALE = timedelta(days=14)
"""A reminder that is two weeks late reminds of nothing."""
