"""The use cases of cases: ask, agree, refuse, end, and read while it lasts."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from services.access import Action, Exemption
from services.exhibits import Opening
from services.permission import Permission, Resource
from services.privacy.cases import Case, NotForMachines
from shared.errors import NotFound
from shared.eventstore.record import Answer, Command, Record, Recorded
from shared.periods import rfc3339
from shared.principal import Principal, person_of

Words = Callable[[Principal, UUID, UUID, Exemption], Awaitable[list[dict[str, Any]]]]
"""Answers the words of a person's cycle that an exemption opens; the reading is on record before."""

Streams = Callable[[str, UUID, datetime], Awaitable[list[tuple[UUID, str]]]]
"""Answers the streams about a person, each with its kind."""

Newest = Callable[[str, str, int, int, Sequence[str]], Awaitable[list[Recorded]]]
"""Answers a tenant's events of a type before a position, newest first, one more than a limit.

Without those in whose stream an event of other types came later.
"""

_DECIDED = ("cases.granted", "cases.refused", "cases.revoked")


@dataclass(frozen=True)
class Found:
    """A case in the list of all, and its place in the record."""

    position: int
    case: Case


class Cases:
    """An auditor's one way to anybody's words."""

    def __init__(
        self,
        record: Record,
        permission: Permission,
        words: Words,
        streams: Streams,
        newest: Newest,
    ) -> None:
        self._record = record
        self._permission = permission
        self._words = words
        self._streams = streams
        self._newest = newest

    async def request_case(self, command: Command, cycle: UUID, reason: str, hours: int) -> Answer:
        """Ask to read what was shared in one cycle."""
        await self._permission.require(command.by, "write", Resource("case"), command.at)
        _must_be_human(command.by)
        rows = await self._record.rows(command.tenant, cycle, at_version=1)
        if not rows or rows[0].type != "cycles.started":
            raise NotFound
        person = self._record.read_facts(rows)[0].meta.subject
        assert person is not None
        case = Case.request(
            uuid4(),
            command.at,
            person=person,
            cycle=cycle,
            reason=reason,
            auditor=command.by.actor,
            hours=hours,
        )
        return await self._record.save(case, command)

    async def approve_case(self, command: Command, case: UUID) -> Answer:
        """Agree to it; the second of two people who may grants it."""
        by = command.by
        _must_be_human(by)
        return await self._decide(command, case, lambda c: c.approve(by.actor, by.roles))

    async def refuse_case(self, command: Command, case: UUID) -> Answer:
        """Don't agree to it."""
        return await self._decide(command, case, Case.refuse)

    async def revoke_case(self, command: Command, case: UUID) -> Answer:
        """End it before its time."""
        return await self._decide(command, case, Case.revoke)

    async def get_case(self, by: Principal, id_: UUID) -> Case:
        """A case, for those who decide and for the person that it is about."""
        case = await self._load(by.tenant, id_)
        await self._require(by, "read", case.person)
        return case

    async def find_cases(
        self, by: Principal, before: int, limit: int, *, undecided: bool = False
    ) -> list[Found]:
        """Cases about anybody, newest first, one more than `limit` where there are more."""
        await self._permission.require(by, "list", Resource("case"), self._record.clock.now())
        unless = _DECIDED if undecided else ()
        rows = await self._newest(by.tenant, "cases.requested", before, limit, unless)
        return [Found(r.row.position, await self._load(by.tenant, r.row.stream)) for r in rows]

    async def cases_of(self, by: Principal, subject: UUID) -> list[Case]:
        """All cases about a person, the newest first."""
        await self._require(by, "read", subject)
        now = self._record.clock.now()
        streams = await self._streams(by.tenant, subject, now)
        found = [await self._load(by.tenant, s) for s, kind in streams if kind == Case.TOPIC]
        return found[::-1]

    async def describe(self, tenant: str, cases: Sequence[Case]) -> list[dict[str, Any]]:
        """The cases as they are answered, with the customer's own ids of people."""
        people = {who for c in cases for who in (c.person, person_of(c.auditor)) if who}
        ids = await self._record.vault.people_of(tenant, people)
        return [_view(case, ids) for case in cases]

    async def read_words(self, by: Principal, id_: UUID) -> list[dict[str, Any]]:
        """What was shared in the cycle, for the auditor who asked, while the case lasts."""
        await self._permission.require(by, "write", Resource("case"), self._record.clock.now())
        _must_be_human(by)
        case = await self._load(by.tenant, id_)
        if case.auditor != by.actor:
            raise NotFound
        return await self._words(by, case.person, case.cycle, case.exemption())

    async def openings(self, tenant: str, stream: UUID, as_of: datetime) -> list[Opening]:
        """What a case opened at a moment."""
        case = await self._record.load(Case, tenant, stream, as_of=as_of)
        if case is None:
            return []
        case.at = as_of
        return case.openings()

    async def _decide(self, command: Command, id_: UUID, decide: Callable[[Case], None]) -> Answer:
        await self._permission.require(command.by, "approve", Resource("case"), command.at)
        return await self._record.change(Case, id_, command, decide)

    async def _require(self, by: Principal, action: Action, person: UUID) -> None:
        now = self._record.clock.now()
        await self._permission.require(by, action, Resource("case", person), now)

    async def _load(self, tenant: str, id_: UUID) -> Case:
        case = await self._record.load(Case, tenant, id_)
        if case is None:
            raise NotFound
        return case


def _must_be_human(by: Principal) -> None:
    """Refuse a key, behind which anybody may be: also who has asked for the case, or has agreed."""
    if by.machine:
        raise NotForMachines


def _view(case: Case, ids: dict[UUID, str]) -> dict[str, Any]:
    human = person_of(case.auditor)
    return case.receipt() | {
        "person": ids.get(case.person),
        "cycle": str(case.cycle),
        "reason": case.reason,
        "hours": case.hours,
        "asked_by": ids.get(human) if human else case.auditor,
        "requested_at": rfc3339(case.created_on),
        "approved_as": sorted(case.approvals.values()),
        "granted_at": rfc3339(case.granted_at),
        "until": rfc3339(case.until),
        "open": case.is_open,
    }
