"""Sends the mails of cycles: name and address are read at the moment of sending, and kept nowhere."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from temporalio import activity

from services.conversation.application import Conversations
from services.conversation.domain import Conversation
from services.conversation.invite import invite
from services.cycles.application import Cycles
from services.cycles.domain import Cycle
from services.cycles.notices import Notice
from services.cycles.progress import Progress
from services.cycles.readmodel import CycleList
from services.directory import Contacts
from services.notices.application import Letter, Notices, Reader
from services.people.application import People
from shared.eventstore.record import Command, Record
from shared.mail import RefusedForGood, TriedInVain
from shared.principal import workflow
from workflows.messages import Post
from workflows.metrics import MAILS
from workflows.telling import Telling


@dataclass(frozen=True)
class Posting:
    """One mail at a time, at least once, and recognisable by its Message-ID when it comes twice."""

    record: Record
    people: People
    cycles: Cycles
    cycle_list: CycleList
    conversations: Conversations
    contacts: Contacts
    notices: Notices
    telling: Telling

    def all(self) -> Sequence[Callable[..., Awaitable[Any]]]:
        """What a worker of the mail queue registers."""
        return [self.post]

    @activity.defn(name="post")
    async def post(self, post: Post) -> None:
        """Send mails, unless they were sent, and record that; a refusal for good is recorded too.

        One that no server takes now doesn't keep the others from going out.
        """
        progress = await self.cycles.progress_of(post.tenant, UUID(post.cycle))
        in_vain: TriedInVain | None = None
        for notice in await self._due(post) if progress else []:
            assert progress is not None
            try:
                why = await self._send(progress, notice)
            except TriedInVain as failure:
                in_vain = failure
                MAILS.labels("tried_in_vain").inc()
            else:
                await self._record_outcome(post, notice, why)
        if in_vain is not None:
            raise in_vain

    @activity.defn(name="give_up_mail")
    async def give_up(self, post: Post) -> None:
        """Put it on record that no mail server took these mails for days."""
        for notice in await self._due(post):
            await self._record_outcome(post, notice, "gave_up")

    async def _due(self, post: Post) -> list[Notice]:
        """Those of the mails that have no outcome yet."""
        wanted = {(mail.event, mail.to) for mail in post.mails}
        found = await self.cycles.notices_of(post.tenant, UUID(post.cycle))
        return [n for n in found if n.outcome is None and (str(n.event), n.to) in wanted]

    async def _send(self, p: Progress, notice: Notice) -> str | None:
        """Send it; a code when it will not reach anybody."""
        meeting = await self._meeting(p, notice)
        subject = await self._recipient(p, notice, meeting)
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
        invitation = await self._invitation(p.tenant, meeting, reader) if meeting else None
        letter = Letter(
            notice.event, notice.kind, notice.to, self.record.clock.now(), waiting, invitation
        )
        try:
            await self.notices.send(reader, letter)
        except RefusedForGood as refused:
            return refused.code
        return None

    async def _meeting(self, p: Progress, notice: Notice) -> Conversation | None:
        """The conversation whose meeting calendars are to be told of, where the mail is about one."""
        if notice.kind != "meeting_announced":
            return None
        known = await self.conversations.outcome_of(p.tenant, UUID(notice.facts["conversation"]))
        return known if known.meeting.appointment else None

    async def _recipient(
        self, p: Progress, notice: Notice, meeting: Conversation | None
    ) -> UUID | None:
        """To whom it goes: of a meeting hears whoever it was with, also when that is over."""
        appointment = meeting.meeting.appointment if meeting else None
        if appointment is not None and notice.to == "partner":
            return appointment.partner
        return await self.telling.recipient(p, notice.to)

    async def _invitation(self, tenant: str, known: Conversation, reader: Reader) -> bytes | None:
        """The meeting as it stands now, for the reader's calendar; None where somebody was forgotten."""
        appointment = known.meeting.appointment
        partner = appointment.partner if appointment else None
        sides = {known.person, *([partner] if partner else [])}
        found = await self.contacts(tenant, sides)
        if known.person not in found:
            return None
        other = found.get(partner) if partner else None
        return invite(known, found[known.person], other, reader.locale, self.record.clock.now())

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
        MAILS.labels("refused" if why else "sent").inc()


_STALE = timedelta(days=14)
"""A reminder that is two weeks late reminds of nothing."""
