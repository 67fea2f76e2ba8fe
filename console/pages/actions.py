"""The actions of a plan: first by which method, then what is done, for which goal, by whom."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, replace
from typing import cast, get_args

import msgspec
from fastapi import APIRouter
from fastapi.responses import Response

from console.pages.forms import Posted, Sent
from console.pages.frame import Page, show
from console.pages.goals import NEW
from console.pages.language import sentence
from console.pages.plan import AtTable, Service, Table, is_as_begun
from console.pages.planned import Action as SeenAction
from console.pages.planned import print_of
from console.pages.reader import Reader, Reading, leads_to
from services.planning.content import Action, Details, Method, Owner
from shared.errors import NotFound
from shared.http import Id

router = APIRouter()
METHODS: tuple[Method, ...] = get_args(Method)
OWNERS: tuple[Owner, ...] = get_args(Owner)
DETAILS: dict[str, tuple[str, ...]] = {
    "job_enrichment": ("adds", "varies"),
    "stretch_assignment": ("skill", "support", "risk"),
    "mentoring": ("rhythm", "until"),
    "coaching": ("coach", "aim", "sessions"),
    "other": (),
}
"""What is asked besides, for each method; all of it may stay empty."""

_ALWAYS = ("serves", "method", "title", "success", "owner", "by", "mentor")
_LONGEST_LINE = 500
_MOST_SESSIONS = 100
_NO_METHOD = sentence("Choose how; “something else” is fine.")
_NO_TITLE = sentence("Say in a line what will be done.")
_NO_SUCCESS = sentence("Say how both of you will notice that it has worked.")
_NO_OWNER = sentence("Say whose promise it is.")
_NO_GOAL = sentence("Choose the goal that it serves.")
_NO_NUMBER = sentence("Write the number of sessions in figures, up to a hundred.")


@dataclass(frozen=True, kw_only=True)
class ActionPage(Page):
    """An action as it stands, or as it is being written; without a method, the choice of one.

    `now` is what the other side made of it since.
    """

    table: Table
    action: str
    written: dict[str, str]
    seen: str
    now: SeenAction | None = None
    methods: tuple[str, ...] = METHODS
    owners: tuple[str, ...] = OWNERS

    @property
    def details(self) -> tuple[str, ...]:
        return DETAILS.get(self.written["method"], ())


@router.get("/plans/{id}/actions/{action}", name="action")
async def action(
    reader: Reading,
    table: AtTable,
    action: str,
    serves: str = "",
    method: str = "",
    mentor: str = "",
) -> Response:
    """Read an action, or begin a new one for a goal; what serves no goal is none."""
    if not table.plan.goals:
        return leads_to(f"{table.plan.path}/goals/{NEW}")
    if action == NEW:
        written = {"serves": serves, "owner": table.side, "method": method, "mentor": mentor}
    else:
        written = _as_it_stands(table, action) | ({"method": method} if method else {})
    template = "action.html" if written["method"] in METHODS else "method.html"
    return show(template, _page(reader, table, action, written))


@router.post("/plans/{id}/actions/{action}", name="plan_action")
async def plan_action(
    reader: Reading, table: AtTable, id_: Id, action: str, form: Sent, service: Service
) -> Response:
    """Plan an action, or change it; what the other side made of it meanwhile is shown first."""
    code = f"action-{secrets.token_hex(4)}" if action == NEW else action
    version = table.plan.version
    planned = _planned(form, table)
    names = (*_ALWAYS, *DETAILS.get(planned.method, ()))
    written = {name: form.text(name) for name in names}
    begun = action == NEW or is_as_begun(form, _as_it_stands(table, action), written)
    if form.is_good and await form.once(
        lambda c: service.plan_action(replace(c, if_version=version), id_, code, planned)
    ):
        return leads_to(f"/plans/{id_}")
    page = _page(reader, table, action, written, form)
    page = page if begun else replace(page, now=_known(table, action))
    return show("action.html" if planned.method in METHODS else "method.html", page, 422)


def _planned(form: Posted, table: Table) -> Action:
    method = cast("Method", form.one_of("method", METHODS, _NO_METHOD))
    return Action(
        method=method,
        title=form.words("title", _NO_TITLE, longest=_LONGEST_LINE),
        serves=form.one_of("serves", tuple(table.plan.goals), _NO_GOAL),
        success=form.words("success", _NO_SUCCESS),
        owner=cast("Owner", form.one_of("owner", OWNERS, _NO_OWNER)),
        by=form.day("by"),
        mentor=form.text("mentor") or None,
        details=_details(form, method),
    )


def _details(form: Posted, method: str) -> Details | None:
    """The fields of the method, as far as they were filled in."""
    told: dict[str, object] = {"type": method}
    for name in DETAILS.get(method, ()):
        if not form.text(name):
            continue
        if name == "until":
            told[name] = form.day(name)
        elif name == "sessions":
            told[name] = _sessions(form)
        else:
            told[name] = form.words(name, "", longest=_LONGEST_LINE)
    if not form.is_good or not DETAILS.get(method):
        return None
    details: Details = msgspec.convert(told, Details)
    return details


def _sessions(form: Posted) -> int | None:
    number = form.number("sessions")
    if number is None or not 1 <= number <= _MOST_SESSIONS:
        form.refuse("sessions", _NO_NUMBER)
    return number


def _as_it_stands(table: Table, action: str) -> dict[str, str]:
    if action == NEW:
        return {}
    known = _known(table, action)
    names = (*_ALWAYS, *DETAILS.get(known.method, ()))
    return {name: str(getattr(known, name) or "") for name in names}


def _page(
    reader: Reader, table: Table, action: str, written: dict[str, str], form: Posted | None = None
) -> ActionPage:
    every = (*_ALWAYS, *(name for names in DETAILS.values() for name in names))
    return ActionPage(
        frame=reader.frame,
        table=table,
        action=action,
        written=dict.fromkeys(every, "") | written,
        seen=print_of(_as_it_stands(table, action)),
        problems=tuple(form.problems) if form else (),
    )


def _known(table: Table, action: str) -> SeenAction:
    try:
        return table.plan.actions[action]
    except KeyError:
        raise NotFound from None
