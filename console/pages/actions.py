"""The actions of a plan: what is done by which method, for which goal, whose promise; and what became of it."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from typing import cast, get_args

from fastapi import APIRouter
from fastapi.responses import HTMLResponse, Response

from console.pages.forms import Posted, Sent
from console.pages.frame import Page, show
from console.pages.goals import NEW
from console.pages.language import sentence
from console.pages.plan import AtTable, Service, Table
from console.pages.reader import Reader, Reading, leads_to
from console.pages.seen import Action as SeenAction
from services.planning.content import Action, Method, Owner
from shared.errors import NotFound
from shared.http import Id

router = APIRouter()
METHODS: tuple[Method, ...] = get_args(Method)
OWNERS: tuple[Owner, ...] = get_args(Owner)
BECAME = ("started", "done", "not_done", "blocked", "dropped")
_LONGEST_TITLE = 500
_NO_METHOD = sentence("Choose how; “something else” is fine.")
_NO_TITLE = sentence("Say in a line what will be done.")
_NO_SUCCESS = sentence("Say how both of you will notice that it has worked.")
_NO_OWNER = sentence("Say whose promise it is.")
_NO_GOAL = sentence("Choose the goal that it serves.")
_NO_STATE = sentence("Choose what has become of it.")


@dataclass(frozen=True, kw_only=True)
class ActionPage(Page):
    """An action as it stands, or as it is being written."""

    table: Table
    action: str
    written: dict[str, str]
    methods: tuple[str, ...] = METHODS
    owners: tuple[str, ...] = OWNERS


@dataclass(frozen=True, kw_only=True)
class ReportPage(Page):
    """What has become of an action."""

    table: Table
    action: str
    known: SeenAction
    state: str = ""
    comment: str = ""
    became: tuple[str, ...] = BECAME
    owners: tuple[str, ...] = OWNERS


@router.get("/plans/{id}/actions/{action}", name="action")
async def action(reader: Reading, table: AtTable, action: str, serves: str = "") -> HTMLResponse:
    """Read an action, or begin a new one for a goal."""
    if action == NEW:
        written = {"serves": serves, "owner": table.side}
    else:
        known = _known(table, action)
        names = ("serves", "method", "title", "success", "owner", "by")
        written = {name: str(getattr(known, name) or "") for name in names}
    return show("action.html", _page(reader, table, action, written))


@router.post("/plans/{id}/actions/{action}", name="plan_action")
async def plan_action(
    reader: Reading, table: AtTable, id_: Id, action: str, form: Sent, service: Service
) -> Response:
    """Plan an action, or change it."""
    code = f"action-{secrets.token_hex(4)}" if action == NEW else action
    planned = _planned(form, table)
    if form.is_good and await form.once(lambda c: service.plan_action(c, id_, code, planned)):
        return leads_to(f"/plans/{id_}")
    names = ("serves", "method", "title", "success", "owner", "by")
    written = {name: form.text(name) for name in names}
    page = _page(reader, table, action, written, form)
    return show("action.html", page, 422)


@router.get("/plans/{id}/actions/{action}/report", name="reporting")
async def reporting(reader: Reading, table: AtTable, action: str) -> HTMLResponse:
    """Say what has become of it."""
    known = _known(table, action)
    return show(
        "report.html", ReportPage(frame=reader.frame, table=table, action=action, known=known)
    )


@router.post("/plans/{id}/actions/{action}/report", name="report_action")
async def report_action(
    reader: Reading, table: AtTable, id_: Id, action: str, form: Sent, service: Service
) -> Response:
    """Put it on record, without blame."""
    known = _known(table, action)
    state = form.one_of("state", BECAME, _NO_STATE)
    comment = form.words("comment", "") if form.text("comment") else None
    if form.is_good and await _report(form, service, id_, action, state, comment):
        return leads_to(f"/plans/{id_}", "noted")
    page = ReportPage(
        frame=reader.frame,
        table=table,
        action=action,
        known=known,
        state=state,
        comment=form.text("comment"),
        problems=tuple(form.problems),
    )
    return show("report.html", page, 422)


async def _report(
    form: Posted, plans: Service, plan: Id, action: str, state: str, comment: str | None
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
    }[state]
    return await form.once(lambda c: say(c, plan, action, comment))


def _planned(form: Posted, table: Table) -> Action:
    return Action(
        method=cast("Method", form.one_of("method", METHODS, _NO_METHOD)),
        title=form.words("title", _NO_TITLE, longest=_LONGEST_TITLE),
        serves=form.one_of("serves", tuple(table.plan.goals), _NO_GOAL),
        success=form.words("success", _NO_SUCCESS),
        owner=cast("Owner", form.one_of("owner", OWNERS, _NO_OWNER)),
        by=form.day("by"),
    )


def _page(
    reader: Reader, table: Table, action: str, written: dict[str, str], form: Posted | None = None
) -> ActionPage:
    return ActionPage(
        frame=reader.frame,
        table=table,
        action=action,
        written=dict.fromkeys(("serves", "method", "title", "success", "owner", "by"), "")
        | written,
        problems=tuple(form.problems) if form else (),
    )


def _known(table: Table, action: str) -> SeenAction:
    try:
        return table.plan.actions[action]
    except KeyError:
        raise NotFound from None
