"""The use cases of the cycle: people and platforms start and steer it, its workflow takes the steps."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from datetime import date, datetime
from typing import Any
from uuid import UUID

import msgspec

from services.cycles.course import next_step, untold_step, waiting_for
from services.cycles.domain import Cycle, cycle_id
from services.cycles.fold import begin, evolve
from services.cycles.notices import Notice, notices_in
from services.cycles.policy import Policy, Terms, policy_stream
from services.cycles.progress import HOLD, ORGANISATION, Progress
from services.permission import Permission, Resource, Sight
from shared.errors import NotFound, RuleBroken, Stale
from shared.eventstore.record import Answer, Command, Record
from shared.eventstore.sealing import Row
from shared.periods import local_day
from shared.principal import Principal

_CREATED = 201
_FASTER = 2
"""How often others may be faster: in ending an old employment's cycle, and in starting the new one."""


class PersonUnknown(NotFound):
    """There is no such person in the roster; register them with PUT /v1/people/{person} first."""


class HasLeft(RuleBroken):
    """This person has left; take them in again with PUT /v1/people/{person} before a cycle starts."""


class PersonErased(RuleBroken):
    """This person's words were erased; no cycle starts for them any more."""


class Cycles:
    """Starts, steers and reads cycles, and takes the steps that come by themselves."""

    def __init__(self, record: Record, permission: Permission) -> None:
        self._record = record
        self._permission = permission

    async def start_cycle(self, command: Command, person: str, through: str) -> Answer:
        """Start a person's cycle; the open one is the answer where there is one already."""
        await self._permission.require(command.by, "start", Resource("cycle"), command.at)
        subject = await self._record.vault.subject_of(command.tenant, person)
        known = await self._record.rows(command.tenant, subject) if subject else []
        if subject is None or not known:
            raise PersonUnknown
        return await self.start_for(command, subject, person, through, known)

    async def start_for(
        self,
        command: Command,
        subject: UUID,
        person: str | None,
        through: str,
        known: list[Row] | None = None,
    ) -> Answer:
        """Start the cycle of somebody who is known by the random key already."""
        known = known or await self._record.rows(command.tenant, subject)
        for _ in range(_FASTER):
            with suppress(Stale):
                return await self._start(command, subject, person, through, known)
        return await self._start(command, subject, person, through, known)

    async def outlook(self, command: Command, subject: UUID, through: str, *, start: bool) -> str:
        """What becomes of somebody in a batch: `started`, `existing`, or why they are left out.

        Starts the cycle where `start` says so; what the same batch has started before counts as started.
        """
        known = await self._record.rows(command.tenant, subject)
        if why := _left_out(known, command.at):
            return why
        cycle, _ = await self.open_cycle(command.tenant, subject)
        if cycle is not None and _has_outlived(cycle, known):
            cycle = None
        if cycle is None and start:
            made = await self.start_for(command, subject, None, through, known)
            if made.status != _CREATED:  # somebody else was first
                cycle, _ = await self.open_cycle(command.tenant, subject)
        return "started" if cycle is None or cycle.through == through else "existing"

    async def _start(
        self, command: Command, subject: UUID, person: str | None, through: str, known: list[Row]
    ) -> Answer:
        cycle, number = await self.open_cycle(command.tenant, subject)
        if cycle is not None and not _has_outlived(cycle, known):
            progress = await self.progress_of(command.tenant, cycle.id)
            assert progress is not None
            return await self._tell(cycle, command, progress, person)
        if _is_erased(known):
            raise PersonErased
        if _has_left(known):
            raise HasLeft
        if cycle is not None:  # what it leaves open its workflow ends, whenever it comes to that
            cycle.close("left")
            await self._record.save(cycle, replace(command, asked=None, if_version=None))
            number += 1
        cycle = Cycle.start(
            tenant=command.tenant, person=subject, number=number, through=through, at=command.at
        )
        progress = begin(command.tenant, cycle.id, command.at, {"person": str(subject)})
        _take(progress, known)
        return await self._tell(cycle, command, progress, person)

    async def _tell(
        self, cycle: Cycle, command: Command, progress: Progress, person: str | None
    ) -> Answer:
        body = view(progress, person, Sight(command.by, command.at))
        whose = progress.person if person else None
        return await self._record.save(cycle, command, body, whose=whose)

    async def open_cycle(self, tenant: str, subject: UUID) -> tuple[Cycle | None, int]:
        """A person's open cycle, or None and the number that the next one has."""
        number = 1
        while cycle := await self._record.load(Cycle, tenant, cycle_id(subject, number)):
            if cycle.state != "closed":
                return cycle, number
            number += 1
        return None, number

    async def get_cycle(self, by: Principal, cycle: UUID) -> Progress:
        """Where a cycle stands, for whoever may see it."""
        progress = await self.progress_of(by.tenant, cycle)
        if progress is None:
            raise NotFound
        resource = Resource("cycle", progress.person)
        await self._permission.require(by, "read", resource, self._record.clock.now())
        return progress

    async def progress_of(self, tenant: str, cycle: UUID) -> Progress | None:
        """Where a cycle stands by the record itself, this very moment."""
        own = await self._record.rows(tenant, cycle)
        if not own or own[0].type != "cycles.started":
            return None
        facts = msgspec.json.decode(own[0].facts)
        progress = begin(tenant, cycle, own[0].at, facts)
        others = [progress.person, *_current_streams(own)]
        rows = [*own[1:], *await self._record.rows_of(tenant, others)]
        _take(progress, sorted(rows, key=lambda row: row.position))
        progress.version = own[-1].version
        progress.tenant_holds_nudges = (await self.policy_of(tenant))[0].hold_nudges
        return progress

    async def notices_of(self, tenant: str, cycle: UUID) -> list[Notice]:
        """Every mail that the cycle has given rise to, and what became of it."""
        return notices_in(await self._record.rows(tenant, cycle))

    async def suspend_cycle(
        self, command: Command, cycle: UUID, reason: str, until: datetime | None
    ) -> Answer:
        """Let a cycle's clocks stand still."""
        return await self._steer(command, cycle, lambda c: c.suspend(reason, until))

    async def resume_cycle(self, command: Command, cycle: UUID) -> Answer:
        """Let a cycle's clocks go on."""
        return await self._steer(command, cycle, lambda c: c.resume())

    async def close_cycle(self, command: Command, cycle: UUID, reason: str) -> Answer:
        """End a cycle for good."""
        return await self._steer(command, cycle, lambda c: c.close(reason))

    async def _steer(self, command: Command, cycle: UUID, decide: Any) -> Answer:
        async def permit(known: Cycle) -> None:
            resource = Resource("cycle", known.person)
            await self._permission.require(command.by, "steer", resource, command.at)

        return await self._record.change(Cycle, cycle, command, decide, permit=permit)

    async def take_step(self, command: Command, cycle: UUID, decide: Any) -> Answer:
        """Record a step of the cycle's own; one that was taken before is passed over."""
        return await self._record.change(Cycle, cycle, command, decide)

    async def policy_of(self, tenant: str) -> tuple[Terms, int]:
        """A tenant's present terms and their version; version 0 is what Cairn recommends."""
        policy = await self._record.load(Policy, tenant, policy_stream(tenant))
        return (policy.terms, policy.version) if policy else (Terms(), 0)

    async def get_policy(self, by: Principal) -> tuple[Terms, int]:
        """The present terms, for whoever may see them."""
        resource, now = Resource("policy"), self._record.clock.now()
        await self._permission.require(by, "read", resource, now)
        return await self.policy_of(by.tenant)

    async def put_policy(
        self, command: Command, terms: Terms, hr_partner: str | None = None
    ) -> Answer:
        """Set the terms for the rounds from now on; `hr_partner` is somebody in the roster."""
        await self._permission.require(command.by, "write", Resource("policy"), command.at)
        if hr_partner is not None:
            subject = await self._record.vault.subject_of(command.tenant, hr_partner)
            if subject is None:
                raise PersonUnknown
            terms = msgspec.structs.replace(terms, hr_partner=subject)
        return await self._record.change(
            Policy,
            policy_stream(command.tenant),
            command,
            lambda policy: policy.change(terms),
            begin=lambda: Policy.adopt(command.tenant, command.at, terms),
        )


def view(progress: Progress, person: str | None, sight: Sight) -> dict[str, Any]:
    """A cycle as everybody who may see it gets it: ids, codes and dates.

    That the employee asked for time, and until when, is for whoever may be told it in so many words.
    """
    is_told = sight.sees(Resource("patience", progress.person))
    step = (next_step if is_told else untold_step)(progress, sight.at)
    return {
        "id": str(progress.cycle),
        "person": person,
        "version": progress.version,
        "round": max(progress.round, 1),
        "state": progress.state,
        "waiting_for": waiting_for(progress),
        "since": _text(progress.since),
        "suspended": _suspended(progress, sight),
        "conversation": str(progress.conversation) if progress.conversation else None,
        "plan": str(progress.plan) if progress.plan else None,
        "conversations": [str(conversation) for conversation in progress.conversations],
        "plans": [str(plan) for plan in progress.plans],
        "due": _text(step.due) if step else None,
        "next": step.name if step else None,
        "started_at": _text(progress.started_at),
    }


def _suspended(progress: Progress, sight: Sight) -> dict[str, Any] | None:
    """Why the clocks stand still; of a legal hold only that the organisation has its reasons."""
    rest = progress.suspension
    if rest is None:
        return None
    if rest.reason == HOLD and not sight.sees(Resource("hold", progress.person)):
        return {"reason": ORGANISATION, "until": None}
    return {"reason": rest.reason, "until": _text(rest.until)}


def _take(progress: Progress, rows: list[Row]) -> None:
    for row in rows:
        evolve(progress, row.type, row.at, msgspec.json.decode(row.facts), row.stream)


def _is_erased(known: list[Row]) -> bool:
    return any(row.type == "people.erased" for row in known)


def _has_outlived(cycle: Cycle, known: list[Row]) -> bool:
    """Whether an open cycle is of an employment that has ended, which its workflow hasn't seen yet."""
    ends = {"people.left", "people.erased"}
    return any(row.type in ends and row.at >= cycle.created_on for row in known)


def _has_left(known: list[Row]) -> bool:
    """Whether the last that was heard of somebody's employment is that it ended."""
    turns = [row.type for row in known if row.type in {"people.left", "people.rejoined"}]
    return turns[-1:] == ["people.left"]


def _left_out(known: list[Row], at: datetime) -> str | None:
    """Why somebody gets no cycle in a batch, as a code."""
    if not known or _is_erased(known):
        return "unknown"
    if _has_left(known):
        return "left"
    profiles = [row for row in known if row.type in {"people.registered", "people.profile_changed"}]
    facts = msgspec.json.decode(profiles[-1].facts)
    first = facts.get("start_date")
    if first and date.fromisoformat(first) > local_day(at, facts["timezone"]):
        return "not_started"
    return "inactive" if facts["status"] == "inactive" else None


def _current_streams(own: list[Row]) -> list[UUID]:
    """The conversations and the plan of the round at hand; earlier ones no longer decide anything."""
    found: list[UUID] = []
    for row in own:
        facts = msgspec.json.decode(row.facts)
        if row.type == "cycles.conversation_opened":
            found = [UUID(facts["conversation"])]
        elif row.type == "cycles.follow_up_opened":
            found.append(UUID(facts["conversation"]))
        elif row.type == "cycles.planning_opened":
            found.append(UUID(facts["plan"]))
    return found


def _text(moment: datetime | None) -> str | None:
    return moment.isoformat().replace("+00:00", "Z") if moment else None
