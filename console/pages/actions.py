"""The actions of a plan: first by which method, then what is done, for which goal, by whom."""

from __future__ import annotations

import secrets
from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import Annotated, cast, get_args

import msgspec
from fastapi import APIRouter, Depends
from fastapi.responses import Response

from console.pages.forms import Posted, Sent, print_of
from console.pages.frame import Page, show
from console.pages.goals import NEW
from console.pages.language import sentence
from console.pages.plan import AtTable, Service, Table
from console.pages.planned import Action as SeenAction
from console.pages.reader import Reader, Reading, leads_to
from console.pages.seen import Seen
from services.planning.content import Action, Details, Method, Owner
from shared.errors import NotAllowed, NotFound
from shared.http import Id, given

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

    `mentors` are the names of those on offer, `offered` is the id of whoever may be ticked as the
    mentor, and `now` is what the other side made of it since.
    """

    table: Table
    action: str
    written: dict[str, str]
    seen: str
    mentors: dict[str, str] = field(default_factory=dict)
    offered: str = ""
    now: SeenAction | None = None
    methods: tuple[str, ...] = METHODS
    owners: tuple[str, ...] = OWNERS

    @property
    def details(self) -> tuple[str, ...]:
        return DETAILS.get(self.written["method"], ())

    @property
    def mentor(self) -> str:
        """What whoever may be ticked as the mentor is called, as far as the reader is told."""
        named = self.offered if self.written["method"] == "mentoring" else ""
        return self.mentors.get(named) or self.table.plan.people.get(named) or named

    @property
    def known(self) -> SeenAction | None:
        """The action as it stands, where there is one."""
        return self.table.plan.actions.get(self.action)


async def mentors_on_offer(
    reader: Reading, table: AtTable, seen: Annotated[Seen, given(Seen)]
) -> dict[str, str]:
    """The names of those who might mentor, by their ids."""
    if table.plan.goes_on:
        with suppress(NotAllowed):  # a new partner sees an outline
            found = await seen.suggestions(reader.by, table.plan.id)
            return {mentor.person: mentor.name for each in found for mentor in each.mentors}
    return {}


OnOffer = Annotated[dict[str, str], Depends(mentors_on_offer)]


@router.get("/plans/{id}/actions/{action}", name="action")
async def action(
    reader: Reading,
    table: AtTable,
    mentors: OnOffer,
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
    return show(template, replace(_page(reader, table, action, written), mentors=mentors))


@router.post("/plans/{id}/actions/{action}", name="plan_action")
async def plan_action(
    reader: Reading,
    table: AtTable,
    mentors: OnOffer,
    id_: Id,
    action: str,
    form: Sent,
    service: Service,
) -> Response:
    """Plan an action, or change it; what the other side made of it meanwhile is shown first."""
    code = f"action-{secrets.token_hex(4)}" if action == NEW else action
    version = table.plan.version
    planned = _planned(form, table)
    names = (*_ALWAYS, *DETAILS.get(planned.method, ()))
    written = {name: form.text(name) for name in names}
    begun = action == NEW or form.is_as_begun(_as_it_stands(table, action), written)
    if form.is_good and await form.once(
        lambda c: service.plan_action(replace(c, if_version=version), id_, code, planned)
    ):
        return leads_to(f"/plans/{id_}")
    page = _page(reader, table, action, written, form)
    page = replace(page, mentors=mentors, now=None if begun else _known(table, action))
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
        mentor=(form.text("mentor") or None) if method == "mentoring" else None,
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
        offered=written.get("mentor") or (form.text("offered") if form else ""),
        problems=tuple(form.problems) if form else (),
    )


def _known(table: Table, action: str) -> SeenAction:
    try:
        return table.plan.actions[action]
    except KeyError:
        raise NotFound from None
