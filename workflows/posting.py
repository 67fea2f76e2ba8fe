"""Sends the mails of cycles: name and address are read at the moment of sending, and kept nowhere."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from temporalio import activity

from services.conversation.application import Conversations
from services.conversation.content import Appointment
from services.conversation.domain import Conversation
from services.conversation.invite import invite
from services.cycles.application import Cycles
from services.cycles.domain import Cycle
from services.cycles.notices import Notice, is_outdated
from services.cycles.progress import Progress
from services.cycles.readmodel import CycleList
from services.cycles.step import Step
from services.directory import Contacts
from services.notices.application import Letter, Notices, Reader
from services.notices.letters import GENTLE
from services.people.application import People
from shared.eventstore.record import Command, Record
from shared.mail import RefusedForGood, TriedInVain
from shared.periods import is_exact
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
        in_vain: TriedInVain | None = None
        for progress, notice in await self._due(post):
            try:
                why = await self._send(progress, notice)
            except TriedInVain as failure:
                in_vain = failure
                MAILS.labels("tried_in_vain").inc()
            else:
                await self._record_outcome(progress, notice, why)
        if in_vain is not None:
            raise in_vain

    @activity.defn(name="give_up_mail")
    async def give_up(self, post: Post) -> None:
        """Put it on record that no mail server took these mails for days."""
        for progress, notice in await self._due(post):
            await self._record_outcome(progress, notice, "gave_up")

    async def _due(self, post: Post) -> list[tuple[Progress, Notice]]:
        """Those of the mails that have no outcome yet, each with its cycle."""
        wanted = {(mail.event, mail.to) for mail in post.mails}
        found: list[tuple[Progress, Notice]] = []
        for cycle in dict.fromkeys(UUID(mail.cycle or post.cycle) for mail in post.mails):
            progress = await self.cycles.progress_of(post.tenant, cycle)
            notices = await self.cycles.notices_of(post.tenant, cycle)
            waiting = [n for n in notices if n.outcome is None and (str(n.event), n.to) in wanted]
            found += [(progress, notice) for notice in waiting if progress]
        return found

    async def _send(self, p: Progress, notice: Notice) -> str | None:
        """Send it; a code when it will not reach anybody."""
        meeting = await self._meeting(p, notice)
        subject = await self._recipient(p, notice, meeting[1] if meeting else None)
        person = await self.people.person_of(p.tenant, subject) if subject else None
        if subject is None or person is None:
            return "nobody"
        if person.erased:
            return "erased"
        if notice.kind != "closed" and (person.left_on or person.is_away):
            return "left" if person.left_on else "away"
        if why := await self._unwanted(p, notice):
            return why
        reader = Reader(
            p.tenant, subject, person.profile.name, person.profile.email, person.profile.locale
        )
        waiting = await self.cycle_list.count_waiting(p.tenant, subject)
        invitation = await self._invitation(p.tenant, *meeting, reader) if meeting else None
        letter = Letter(
            notice.event, notice.kind, notice.to, self.record.clock.now(), waiting, invitation
        )
        try:
            await self.notices.send(reader, letter)
        except RefusedForGood as refused:
            return refused.code
        return None

    async def _unwanted(self, p: Progress, notice: Notice) -> str | None:
        """Why a mail stays unsent that would arrive: what it says is no longer so, or a gentle one was
        declined, or is a check-in on a day that has its mail already.
        """
        command = self._command(p, notice, "wanted")
        if command.at - notice.at > _STALE:
            return "too_late"
        if is_outdated(p, notice, command.at):
            return "outdated"
        if notice.kind not in GENTLE:
            return None
        gently = notice.kind == "check_in_asked" and not is_exact(p.terms.check_in_every)
        step = Step("ask_check_in", command.at, gently=gently)
        return await self.telling.keeps_silent(p, notice.to, step, command)

    async def _meeting(
        self, p: Progress, notice: Notice
    ) -> tuple[Conversation, Appointment] | None:
        """What a mail tells calendars of, and in which conversation, where it is about a meeting.

        The employee hears of the present one, and a partner of their own, also when that is over.
        """
        if notice.kind != "meeting_announced":
            return None
        known = await self.conversations.outcome_of(p.tenant, UUID(notice.facts["conversation"]))
        own = known.meeting.told_as(notice.facts["sequence"])
        appointment = own if notice.to == "partner" else known.meeting.appointment
        return (known, appointment) if appointment else None

    async def _recipient(
        self, p: Progress, notice: Notice, appointment: Appointment | None
    ) -> UUID | None:
        """To whom it goes: of a meeting hears whoever it was with."""
        if appointment is not None and notice.to == "partner":
            return appointment.partner
        return await self.telling.recipient(p, notice.to)

    async def _invitation(
        self, tenant: str, known: Conversation, appointment: Appointment, reader: Reader
    ) -> bytes | None:
        """The meeting as it stands now, for the reader's calendar; None where somebody was forgotten."""
        partner = appointment.partner
        sides = {known.person, *([partner] if partner else [])}
        found = await self.contacts(tenant, sides)
        if known.person not in found:
            return None
        employee, other = found[known.person], found.get(partner) if partner else None
        organizer, now = self.notices.sender, self.record.clock.now()
        return invite(known, organizer, employee, other, reader.locale, now, appointment)

    async def _record_outcome(self, p: Progress, notice: Notice, why: str | None) -> None:
        command = self._command(p, notice, "refused" if why else "sent")

        def decide(cycle: Cycle) -> None:
            if why is None:
                cycle.note_sent(notice.event, notice.to)
            else:
                cycle.note_refused(notice.event, notice.to, why)

        await self.cycles.take_step(command, p.cycle, decide)
        MAILS.labels("refused" if why else "sent").inc()

    def _command(self, p: Progress, notice: Notice, what: str) -> Command:
        return Command(
            by=workflow(p.tenant, "CareerCycle"),
            at=self.record.clock.now(),
            cause=f"mail/{notice.kind}",
            step=f"{what}/{notice.event}/{notice.to}",
        )


_STALE = timedelta(days=14)
"""A reminder that is two weeks late reminds of nothing."""
