"""A development plan: goals beside what serves them, and how both sides come to agree on it."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Depends
from fastapi.responses import HTMLResponse, Response

from console.pages.forms import Sent
from console.pages.frame import Page, show
from console.pages.language import sentence
from console.pages.names import Names
from console.pages.planned import Planned, Side, Suggestion
from console.pages.reader import Reading, leads_to
from console.pages.seen import Seen
from console.pages.succession import Succession
from services.people.relations import Relationships
from services.permission import present
from services.planning.application import Plans
from shared.errors import NotAllowed, NotFound
from shared.http import Id, given

router = APIRouter()
Service = Annotated[Plans, given(Plans)]
_WISH = sentence("Say in a few words what should be different.")
_CHANGED = sentence(
    "The plan was changed while you were writing. How it stands now is below your words; ask for it"
    " if that still holds."
)


@dataclass(frozen=True)
class Table:
    """The plan on the table, from which side the reader looks at it, and the names of both.

    `partner` is today's; who was it before is in `succession`.
    """

    plan: Planned
    side: Side
    employee: str | None
    partner: str | None
    succession: Succession

    @property
    def other(self) -> str | None:
        return self.partner if self.side == "employee" else self.employee

    @property
    def other_side(self) -> Side:
        return "partner" if self.side == "employee" else "employee"

    @property
    def home(self) -> str:
        return "/" if self.side == "employee" else "/partner"

    @property
    def stage(self) -> str:
        """What the two of them are at, from the reader's side."""
        plan = self.plan
        if not plan.goes_on:
            return "ended"
        if not self.may_change:
            return "outline"
        if plan.is_in_force:
            return "in_force"
        if plan.state == "draft":
            return "draft"
        if plan.agreed(self.side):
            return "theirs"
        if plan.agreed(self.other_side):
            return "yours"
        return "wished" if plan.wish else "changed"

    @property
    def may_change(self) -> bool:
        """Whether the reader may read all of it, and so may change it and agree to it."""
        return self.side == "employee" or self.plan.shared

    def may_report(self, action: str) -> bool:
        """Whether the reader may say what became of an action; of an open promise, whoever sees it."""
        promise = self.plan.promises.get(action)
        return self.may_change or (promise is not None and promise.state == "open")

    @property
    def is_to_propose(self) -> bool:
        """Whether the partner of today gets it in whole only once the employee proposes it."""
        plan = self.plan
        reached = plan.shared or self.succession.partner is None
        return self.side == "employee" and plan.goes_on and not reached

    @property
    def agreed_at(self) -> datetime | None:
        """When whoever was the partner agreed to the present revision."""
        return self.plan.agreed_at(self.plan.revision)

    @property
    def in_force_since(self) -> datetime | None:
        """When whoever was the partner agreed to the revision in force."""
        return self.plan.agreed_at(self.plan.in_force)


async def at_table(
    reader: Reading,
    id_: Id,
    seen: Annotated[Seen, given(Seen)],
    names: Annotated[Names, given(Names)],
    relationships: Annotated[Relationships, given(Relationships)],
) -> Table:
    """The plan of that id, for the two who sit at it; nobody else finds it here."""
    tenant, subject = reader.by.tenant, reader.by.subject
    whose = await seen.is_about(reader.by, id_)
    relations = await relationships.relations_of(tenant, whose) if whose else []
    now = present(relations, reader.now)
    partner = now.partner if now else None
    if subject is None or whose is None or subject not in {whose, partner}:
        raise NotFound
    earlier = {r.partner for r in relations if whose == subject}
    near = {whose, *earlier, *([partner] if partner else [])}
    plan = await seen.plan(reader.by, id_, near)
    called = await names.of_all(tenant, near)
    return Table(
        plan=plan,
        side="employee" if whose == subject else "partner",
        employee=called.get(whose),
        partner=called.get(partner) if partner else None,
        succession=Succession(tuple(relations), called, reader.now),
    )


AtTable = Annotated[Table, Depends(at_table)]


@dataclass(frozen=True, kw_only=True)
class PlanPage(Page):
    """The plan, and what was written about it just now; `behind` where that was of a plan before it."""

    table: Table
    comment: str = ""
    behind: bool = False
    suggestions: tuple[Suggestion, ...] = ()

    def fitting(self, goal: str | None) -> list[Suggestion]:
        """What might fit a goal, or the whole."""
        return [each for each in self.suggestions if each.goal == goal]

    @property
    def plan(self) -> Planned:
        return self.table.plan


@router.get("/plans/{id}", name="plan")
async def plan(reader: Reading, table: AtTable, seen: Annotated[Seen, given(Seen)]) -> HTMLResponse:
    """Read the plan, with what might fit."""
    found: tuple[Suggestion, ...] = ()
    if table.plan.goes_on:
        with suppress(NotAllowed):  # a new partner sees an outline
            found = await seen.suggestions(reader.by, table.plan.id)
    return show("plan.html", PlanPage(frame=reader.frame, table=table, suggestions=found))


@router.post("/plans/{id}/propose", name="propose")
async def propose(
    reader: Reading, table: AtTable, id_: Id, form: Sent, service: Service
) -> Response:
    """Put it to the other side, or show a new partner what is in force."""
    if await form.once(lambda c: service.propose(c, id_)):
        return leads_to(f"/plans/{id_}", "plan_shown" if table.plan.is_in_force else "proposed")
    page = PlanPage(frame=reader.frame, table=table, problems=tuple(form.problems))
    return show("plan.html", page, 422)


@router.post("/plans/{id}/agree", name="agree")
async def agree(reader: Reading, table: AtTable, id_: Id, form: Sent, service: Service) -> Response:
    """Agree to the revision that was on the page; a newer one is shown first."""
    if form.text("revision") != str(table.plan.revision):
        return leads_to(f"/plans/{id_}", "changed_since")
    version = table.plan.version
    if await form.once(lambda c: service.agree(replace(c, if_version=version), id_)):
        return leads_to(f"/plans/{id_}", "agreed")
    page = PlanPage(frame=reader.frame, table=table, problems=tuple(form.problems))
    return show("plan.html", page, 422)


@router.get("/plans/{id}/changes", name="wishing")
async def wishing(reader: Reading, table: AtTable) -> HTMLResponse:
    """Say what should be different."""
    return show("wish.html", PlanPage(frame=reader.frame, table=table))


@router.post("/plans/{id}/changes", name="request_changes")
async def request_changes(
    reader: Reading, table: AtTable, id_: Id, form: Sent, service: Service
) -> Response:
    """Ask for changes of the revision that was on the page; a newer one is shown first."""
    comment, version = form.words("comment", _WISH), table.plan.version
    behind = form.text("revision") != str(table.plan.revision)
    if behind:
        form.refuse("now", _CHANGED)
    if form.is_good and await form.once(
        lambda c: service.request_changes(replace(c, if_version=version), id_, comment)
    ):
        return leads_to(f"/plans/{id_}", "asked")
    page = PlanPage(
        frame=reader.frame,
        table=table,
        comment=form.text("comment"),
        behind=behind,
        problems=tuple(form.problems),
    )
    return show("wish.html", page, 422)


@router.get("/plans/{id}/close", name="doing_without")
async def doing_without(reader: Reading, table: AtTable) -> HTMLResponse:
    """Read what it means to do without a plan."""
    return show("do_without.html", PlanPage(frame=reader.frame, table=table))


@router.post("/plans/{id}/close", name="close")
async def close(reader: Reading, table: AtTable, id_: Id, form: Sent, service: Service) -> Response:
    """Do without a plan, or end it: a full outcome. What has ended already stays as it is."""
    if table.plan.state == "completed":
        return leads_to(table.plan.path)
    if await form.once(lambda c: service.close(c, id_)):
        return leads_to("/", "without_plan")
    page = PlanPage(frame=reader.frame, table=table, problems=tuple(form.problems))
    return show("do_without.html", page, 422)
