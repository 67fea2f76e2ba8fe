"""What has become of an action: said by either side, without blame."""

from __future__ import annotations

from dataclasses import dataclass
from typing import cast
from uuid import UUID

from fastapi import APIRouter
from fastapi.responses import HTMLResponse, Response

from console.pages.actions import OWNERS
from console.pages.forms import Posted, Sent
from console.pages.frame import Page, show
from console.pages.language import sentence
from console.pages.plan import AtTable, Service, Table
from console.pages.planned import Action
from console.pages.reader import Reading, leads_to
from services.planning.content import Owner
from shared.errors import NotFound
from shared.http import Id

router = APIRouter()
_REPORTED = ("started", "done", "not_done", "blocked")
_NO_STATE = sentence("Choose what has become of it.")
_NO_OWNER = sentence("Say who could get it going again.")


@dataclass(frozen=True, kw_only=True)
class ReportPage(Page):
    """What has become of an action."""

    table: Table
    action: str
    state: str = ""
    blocked_by: str = ""
    comment: str = ""
    owners: tuple[str, ...] = OWNERS

    @property
    def known(self) -> Action:
        return self.table.plan.actions[self.action]

    @property
    def became(self) -> tuple[str, ...]:
        """What can be said; in the review also that it goes on in the next plan.

        What isn't in force in any form can only be taken out, and not by whoever sees an outline.
        """
        if not self.is_in_force:
            return ("dropped",)
        if not self.table.may_change:
            return _REPORTED
        review = self.table.plan.state == "under_review"
        return (*_REPORTED, "dropped", "carried_over") if review else (*_REPORTED, "dropped")

    @property
    def is_in_force(self) -> bool:
        """Whether both have agreed to the action, as it stands or as it was before a change."""
        plan = self.table.plan
        before = plan.in_force_plan.actions if plan.in_force_plan else {}
        return self.known.agreed or self.action in plan.promises or self.action in before

    @property
    def drops_at_once(self) -> bool:
        """Whether it is out of the plan with that, and nobody else has to agree."""
        return self.table.plan.state in {"draft", "under_review"}


@router.get("/plans/{id}/actions/{action}/report", name="reporting")
async def reporting(reader: Reading, table: AtTable, action: str) -> HTMLResponse:
    """Say what has become of it."""
    return show("report.html", _page(reader, table, action))


@router.post("/plans/{id}/actions/{action}/report", name="report_action")
async def report_action(
    reader: Reading, table: AtTable, id_: Id, action: str, form: Sent, service: Service
) -> Response:
    """Put it on record."""
    page = _page(reader, table, action)
    state = form.one_of("state", page.became, _NO_STATE)
    comment = form.words("comment", "") if form.text("comment") else None
    if form.is_good and await _report(form, service, id_, action, state, comment):
        return leads_to(f"/plans/{id_}", "noted")
    page = ReportPage(
        frame=reader.frame,
        table=table,
        action=action,
        state=state,
        blocked_by=form.text("blocked_by"),
        comment=form.text("comment"),
        problems=tuple(form.problems),
    )
    return show("report.html", page, 422)


async def _report(
    form: Posted, plans: Service, plan: UUID, action: str, state: str, comment: str | None
) -> bool:
    if state == "blocked":
        blocked_by = cast("Owner", form.one_of("blocked_by", OWNERS, _NO_OWNER))
        return form.is_good and await form.once(
            lambda c: plans.block_action(c, plan, action, blocked_by, comment)
        )
    say = {
        "started": plans.start_action,
        "done": plans.finish_action,
        "not_done": plans.leave_action_undone,
        "dropped": plans.drop_action,
        "carried_over": plans.carry_over,
    }[state]
    return await form.once(lambda c: say(c, plan, action, comment))


def _page(reader: Reading, table: Table, action: str) -> ReportPage:
    if action not in table.plan.actions:
        raise NotFound
    return ReportPage(frame=reader.frame, table=table, action=action)
