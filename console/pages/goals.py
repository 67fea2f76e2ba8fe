"""The goals of a plan, one a page."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, replace

from fastapi import APIRouter
from fastapi.responses import HTMLResponse, Response

from console.pages.forms import Posted, Sent, print_of
from console.pages.frame import Page, show
from console.pages.language import sentence
from console.pages.plan import AtTable, Service, Table
from console.pages.planned import Goal as SeenGoal
from console.pages.reader import Reader, Reading, leads_to
from services.planning.content import Goal
from shared.errors import NotFound
from shared.http import Id

router = APIRouter()
NEW = "new"
_NOTHING = sentence("Say in your own words what you would like to reach.")


@dataclass(frozen=True, kw_only=True)
class GoalPage(Page):
    """A goal as it stands, or as it is being written; `now` is what the other side made of it since."""

    table: Table
    goal: str
    written: dict[str, str]
    seen: str
    now: SeenGoal | None = None

    @property
    def unsaved(self) -> bool:
        return print_of(self.written) != self.seen


@router.get("/plans/{id}/goals/{goal}", name="goal")
async def goal(reader: Reading, table: AtTable, goal: str) -> HTMLResponse:
    """Read a goal, or begin a new one."""
    return show("goal.html", _page(reader, table, goal))


@router.post("/plans/{id}/goals/{goal}", name="set_goal")
async def set_goal(
    reader: Reading, table: AtTable, id_: Id, goal: str, form: Sent, service: Service
) -> Response:
    """Set a goal, or word it anew; what the other side made of it meanwhile is shown first."""
    code = f"goal-{secrets.token_hex(4)}" if goal == NEW else goal
    known, version = _known(table, goal), table.plan.version
    text, horizon = form.words("text", _NOTHING), form.text("horizon")[:64]
    wanted = Goal(text, horizon or None, known.facet)
    written = {"text": text, "horizon": horizon}
    begun = goal == NEW or form.is_as_begun(known.written, written)
    if form.is_good and await form.once(
        lambda c: service.set_goal(replace(c, if_version=version), id_, code, wanted)
    ):
        return leads_to(f"/plans/{id_}")
    page = _page(reader, table, goal, form)
    return show("goal.html", replace(page, written=written, now=None if begun else known), 422)


@router.post("/plans/{id}/goals/{goal}/drop", name="drop_goal")
async def drop_goal(
    reader: Reading, table: AtTable, id_: Id, goal: str, form: Sent, service: Service
) -> Response:
    """Take out a goal that nothing serves."""
    if await form.once(lambda c: service.drop_goal(c, id_, goal)):
        return leads_to(f"/plans/{id_}", "changed")
    return show("goal.html", _page(reader, table, goal, form), 422)


def _page(reader: Reader, table: Table, goal: str, form: Posted | None = None) -> GoalPage:
    known = _known(table, goal)
    return GoalPage(
        frame=reader.frame,
        table=table,
        goal=goal,
        written=known.written,
        seen=print_of(known.written),
        problems=tuple(form.problems) if form else (),
    )


def _known(table: Table, goal: str) -> SeenGoal:
    if goal == NEW:
        return SeenGoal()
    try:
        return table.plan.goals[goal]
    except KeyError:
        raise NotFound from None
