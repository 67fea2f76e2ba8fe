"""The goals of a plan, one a page."""

from __future__ import annotations

import secrets
from dataclasses import dataclass

from fastapi import APIRouter
from fastapi.responses import HTMLResponse, Response

from console.pages.forms import Sent
from console.pages.frame import Page, show
from console.pages.language import sentence
from console.pages.plan import AtTable, Service, Table
from console.pages.planned import Goal as SeenGoal
from console.pages.reader import Reading, leads_to
from services.planning.content import Goal
from shared.errors import NotFound
from shared.http import Id

router = APIRouter()
NEW = "new"
_NOTHING = sentence("Say in your own words what you would like to reach.")


@dataclass(frozen=True, kw_only=True)
class GoalPage(Page):
    """A goal as it stands, or as it is being written."""

    table: Table
    goal: str
    text: str
    horizon: str


@router.get("/plans/{id}/goals/{goal}", name="goal")
async def goal(reader: Reading, table: AtTable, goal: str) -> HTMLResponse:
    """Read a goal, or begin a new one."""
    known = _known(table, goal)
    page = GoalPage(
        frame=reader.frame, table=table, goal=goal, text=known.text, horizon=known.horizon or ""
    )
    return show("goal.html", page)


@router.post("/plans/{id}/goals/{goal}", name="set_goal")
async def set_goal(
    reader: Reading, table: AtTable, id_: Id, goal: str, form: Sent, service: Service
) -> Response:
    """Set a goal, or word it anew."""
    code = f"goal-{secrets.token_hex(4)}" if goal == NEW else goal
    text, horizon = form.words("text", _NOTHING), form.text("horizon")[:64] or None
    wanted = Goal(text, horizon, _known(table, goal).facet)
    if form.is_good and await form.once(lambda c: service.set_goal(c, id_, code, wanted)):
        return leads_to(f"/plans/{id_}")
    page = GoalPage(
        frame=reader.frame,
        table=table,
        goal=goal,
        text=form.text("text"),
        horizon=form.text("horizon"),
        problems=tuple(form.problems),
    )
    return show("goal.html", page, 422)


@router.post("/plans/{id}/goals/{goal}/drop", name="drop_goal")
async def drop_goal(
    reader: Reading, table: AtTable, id_: Id, goal: str, form: Sent, service: Service
) -> Response:
    """Take out a goal that nothing serves."""
    known = _known(table, goal)
    if await form.once(lambda c: service.drop_goal(c, id_, goal)):
        return leads_to(f"/plans/{id_}", "changed")
    page = GoalPage(
        frame=reader.frame,
        table=table,
        goal=goal,
        text=known.text,
        horizon=known.horizon or "",
        problems=tuple(form.problems),
    )
    return show("goal.html", page, 422)


def _known(table: Table, goal: str) -> SeenGoal:
    if goal == NEW:
        return SeenGoal()
    try:
        return table.plan.goals[goal]
    except KeyError:
        raise NotFound from None
