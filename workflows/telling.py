"""Whether somebody is to be written to: at most once a day, and not against their will."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

import msgspec

from services.conversation.content import Meeting
from services.cycles.application import Cycles
from services.cycles.domain import Tells
from services.cycles.progress import Progress
from services.cycles.step import Step
from services.notices.application import Notices
from services.people.application import People
from shared.eventstore.record import Command
from shared.periods import is_exact, local_day


@dataclass(frozen=True)
class Telling:
    """Knows who the sides of a cycle are, and asks each one's day before a mail is due."""

    people: People
    cycles: Cycles
    notices: Notices

    async def recipient(self, p: Progress, to: str) -> UUID | None:
        """Who the employee, the partner or the HR partner of a cycle is."""
        if to == "employee":
            return p.person
        if to == "partner":
            return p.partner
        return (await self.cycles.policy_of(p.tenant))[0].hr_partner

    async def of_opening(self, p: Progress, command: Command, period: str) -> Tells:
        """The employee always hears that a conversation is open; the partner at most once a day."""
        step = Step("open_conversation", command.at, gently=not is_exact(period))
        employee = await self.surely(p, ("employee",), step, command)
        return (*employee, *await self.of(p, ("partner",), step, command))

    async def surely(self, p: Progress, sides: Tells, step: Step, command: Command) -> Tells:
        """Those of these sides who are there; what concerns them directly goes out in any case."""
        silent = [await self.keeps_silent(p, to, step, command) for to in sides]
        return tuple(
            to for to, why in zip(sides, silent, strict=True) if why not in {"nobody", "left"}
        )

    async def of_meeting(
        self, p: Progress, meeting: Meeting, step: Step, command: Command
    ) -> Tells:
        """Both whom a meeting is with, whoever is the partner by now.

        Where the employee has another one by now, that one's invitation says it all to them.
        """
        told = meeting.told_as(step.number)
        assert told is not None
        with_them = msgspec.structs.replace(p, partner=told.partner)
        sides = ("employee", "partner") if told is meeting.appointment else ("partner",)
        return await self.surely(with_them, sides, step, command)

    async def of_case(self, p: Progress, step: Step, command: Command) -> Tells:
        """HR, of each person's case: no other mail of that day holds it back, nor it another one."""
        return await self.surely(p, ("hr",), msgspec.structs.replace(step, gently=False), command)

    async def of(self, p: Progress, sides: Iterable[str], step: Step, command: Command) -> Tells:
        """Those of these sides who may be written to because of a step."""
        return tuple([to for to in sides if await self.keeps_silent(p, to, step, command) is None])

    async def keeps_silent(self, p: Progress, to: str, step: Step, command: Command) -> str | None:
        """Why a side isn't to be written to today, as a code; None takes the day for this step."""
        subject = await self.recipient(p, to)
        person = await self.people.person_of(p.tenant, subject) if subject else None
        if subject is None or person is None:
            return "nobody"
        if person.erased or person.left_on:
            return "left"
        if not person.wants_reminders:
            return "declined"
        if person.is_away:
            return "away"
        if not step.gently:
            return None
        day = local_day(command.at, person.profile.timezone)
        about = f"{p.cycle}/{command.step}/{to}"
        return None if await self.notices.take_day(command, subject, day, about) else "told_today"
