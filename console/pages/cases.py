"""Cases: how they stand, for those who asked, who decide and whom they are about; and what they open."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated
from uuid import UUID

import msgspec
from fastapi import APIRouter
from fastapi.responses import HTMLResponse, Response

from console.pages.forms import Posted, Sent
from console.pages.frame import Page, show
from console.pages.names import Names
from console.pages.reader import Reader, Reading, leads_to
from services.conversation.guides import Question
from services.conversation.library import Library
from services.privacy.application import Cases
from services.privacy.cases import Case
from shared.eventstore.record import Answer, Command, Record
from shared.http import Id, given
from shared.principal import person_of

router = APIRouter()
Decide = Callable[[Command, UUID], Awaitable[Answer]]
Service = Annotated[Cases, given(Cases)]
_AT_A_TIME = 50
_NEWEST = 2**62


@dataclass(frozen=True)
class Told:
    """A case as it is told on pages; people whose ids were deleted have none."""

    id: UUID
    state: str
    cycle: UUID
    reason: str
    hours: int
    person: str | None
    asker: str | None
    requested_at: datetime
    agreed: tuple[str, ...]
    until: datetime | None
    open: bool

    @property
    def goes_on(self) -> bool:
        """Whether it waits for a decision, or opens something."""
        return self.open or self.state == "requested"


class CaseTeller:
    """Says of cases whom they are about and who asked: an auditor by name, where they have one."""

    def __init__(self, record: Record, names: Names) -> None:
        self._record = record
        self._names = names

    async def tell(self, tenant: str, found: Sequence[Case]) -> tuple[Told, ...]:
        askers = {who for case in found if (who := person_of(case.auditor))}
        ids = await self._record.vault.people_of(tenant, askers | {case.person for case in found})
        called = ids | await self._names.of_all(tenant, askers)
        return tuple(_told(case, ids, called) for case in found)


Telling = Annotated[CaseTeller, given(CaseTeller)]


class Spoken(msgspec.Struct, frozen=True):
    """What was shared of one conversation."""

    id: UUID
    round: int
    kind: str
    guide: str
    guide_version: int
    answers: dict[str, str]
    facets: dict[str, dict[str, str]]
    direction: str | None = None
    direction_comment: str | None = None

    @property
    def is_empty(self) -> bool:
        return not (self.answers or self.facets or self.direction)


@dataclass(frozen=True, kw_only=True)
class CasesPage(Page):
    """All cases, the newest first."""

    cases: tuple[Told, ...]
    may_ask: bool
    next: int | None


@dataclass(frozen=True, kw_only=True)
class CasePage(Page):
    """One case, whether it is about its reader, and what they may do."""

    case: Told
    own: bool
    audits: bool
    may_approve: bool
    may_refuse: bool
    may_revoke: bool
    may_read: bool


@dataclass(frozen=True, kw_only=True)
class CaseWordsPage(Page):
    """What a case opens; `asked` are the questions by guide, version and id."""

    case: Told
    spoken: tuple[Spoken, ...]
    asked: dict[tuple[str, int], tuple[Question, ...]]


@router.get("/cases", name="cases")
async def cases(
    reader: Reading, service: Service, teller: Telling, before: int = _NEWEST
) -> HTMLResponse:
    """Read who asked for what, and how it stands."""
    found = await service.find_cases(reader.by, before, _AT_A_TIME)
    listed = found[:_AT_A_TIME]
    page = CasesPage(
        frame=reader.frame,
        cases=await teller.tell(reader.by.tenant, [each.case for each in listed]),
        may_ask=reader.by.has("auditor"),
        next=listed[-1].position if len(found) > _AT_A_TIME else None,
    )
    return show("cases.html", page)


class Docket:
    """Shows one case, and lets it be decided."""

    def __init__(self, cases: Cases, teller: CaseTeller) -> None:
        self._cases = cases
        self._teller = teller

    async def page(self, reader: Reader, id_: UUID, form: Posted | None = None) -> CasePage:
        by = reader.by
        found = await self._cases.get_case(by, id_)
        [told] = await self._teller.tell(by.tenant, [found])
        decides = by.has("dpo", "hr", "admin")
        return CasePage(
            frame=reader.frame,
            case=told,
            own=found.person == by.subject,
            audits=by.has("auditor", "dpo"),
            may_approve=decides and found.may_be_approved(by.actor, by.roles),
            may_refuse=decides and found.state == "requested",
            may_revoke=decides and found.is_open,
            may_read=found.auditor == by.actor and found.is_open,
            problems=tuple(form.problems) if form else (),
        )

    async def decide(self, form: Posted, id_: UUID, decide: Decide) -> Response:
        if await form.once(lambda c: decide(c, id_)):
            return leads_to(f"/cases/{id_}", "noted")
        return show("case.html", await self.page(form.reader, id_, form), 422)


Shown = Annotated[Docket, given(Docket)]


@router.get("/cases/{id}", name="case")
async def case(reader: Reading, id_: Id, docket: Shown) -> HTMLResponse:
    """Read how one stands."""
    return show("case.html", await docket.page(reader, id_))


@router.post("/cases/{id}/approve", name="approve_case")
async def approve_case(id_: Id, form: Sent, docket: Shown, service: Service) -> Response:
    """Agree to it."""
    return await docket.decide(form, id_, service.approve_case)


@router.post("/cases/{id}/refuse", name="refuse_case")
async def refuse_case(id_: Id, form: Sent, docket: Shown, service: Service) -> Response:
    """Don't agree to it."""
    return await docket.decide(form, id_, service.refuse_case)


@router.post("/cases/{id}/revoke", name="revoke_case")
async def revoke_case(id_: Id, form: Sent, docket: Shown, service: Service) -> Response:
    """End it before its time."""
    return await docket.decide(form, id_, service.revoke_case)


@router.get("/cases/{id}/words", name="case_words")
async def case_words(
    reader: Reading,
    id_: Id,
    service: Service,
    teller: Telling,
    library: Annotated[Library, given(Library)],
) -> HTMLResponse:
    """Read what was shared in the cycle; that it was read is on record before."""
    words = await service.read_words(reader.by, id_)
    spoken = msgspec.convert(tuple(words), tuple[Spoken, ...], strict=False)
    guides = {(each.guide, each.guide_version) for each in spoken}
    asked = {which: (await library.get_guide(reader.by, *which)).questions for which in guides}
    [told] = await teller.tell(reader.by.tenant, [await service.get_case(reader.by, id_)])
    page = CaseWordsPage(frame=reader.frame, case=told, spoken=spoken, asked=asked)
    return show("case_words.html", page)


def _told(case: Case, ids: dict[UUID, str], called: dict[UUID, str]) -> Told:
    human = person_of(case.auditor)
    return Told(
        id=case.id,
        state=case.state,
        cycle=case.cycle,
        reason=case.reason,
        hours=case.hours,
        person=ids.get(case.person),
        asker=called.get(human) if human else case.auditor.removeprefix("client:"),
        requested_at=case.created_on,
        agreed=tuple(sorted(case.approvals.values())),
        until=case.until,
        open=case.is_open,
    )
