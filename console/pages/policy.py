"""For HR: the times of a round, and changing them for the rounds that begin from now on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

import msgspec
from fastapi import APIRouter
from fastapi.responses import HTMLResponse, Response

from console.pages.forms import Posted, Sent
from console.pages.frame import Page, show
from console.pages.language import sentence
from console.pages.names import Names
from console.pages.reader import Reader, Reading, leads_to
from services.cycles.application import Cycles
from services.cycles.policy import Terms
from services.permission import Permission, Resource
from shared.eventstore.record import Record
from shared.http import given
from shared.periods import is_period

router = APIRouter()
SINGLE = (
    "cadence", "follow_up_after", "plan_within", "check_in_every", "pause_default", "pause_longest",
    "return_grace", "handover_within", "partner_wanted_after",
)  # fmt: skip
SEVERAL = ("answer_nudges", "partner_nudges")
_NO_PERIOD = sentence("Write a time as P30D (days), P2W (weeks) or P6M (months).")
_TOO_MANY = sentence("Three reminders are the most; none is fine too.")
_SMALL = sentence("Write a number of people, three at least.")
_MOST_NUDGES = 3


@dataclass(frozen=True, kw_only=True)
class PolicyPage(Page):
    """The times as they stand, or as they are being written, and which version they are."""

    values: dict[str, str]
    version: int
    hold_nudges: bool
    hr_partner: str | None
    may_write: bool
    may_see_retention: bool
    single: tuple[str, ...] = SINGLE
    several: tuple[str, ...] = SEVERAL


@router.get("/policy", name="policy")
async def policy(
    reader: Reading,
    cycles: Annotated[Cycles, given(Cycles)],
    names: Annotated[Names, given(Names)],
) -> HTMLResponse:
    """Read the times of a round."""
    return show("policy.html", await _page(reader, cycles, names))


@router.post("/policy", name="put_policy")
async def put_policy(
    reader: Reading,
    form: Sent,
    cycles: Annotated[Cycles, given(Cycles)],
    names: Annotated[Names, given(Names)],
    record: Annotated[Record, given(Record)],
    permission: Annotated[Permission, given(Permission)],
) -> Response:
    """Set them for the rounds that begin from now on."""
    await permission.require(reader.by, "write", Resource("policy"), reader.now)
    known, _ = await cycles.get_policy(reader.by)
    told = {known.hr_partner} if known.hr_partner else set()
    ids = await record.vault.people_of(reader.by.tenant, told)
    hr_partner = next(iter(ids.values()), None)
    terms = _terms(form, known)
    if form.is_good and await form.once(lambda c: cycles.put_policy(c, terms, hr_partner)):
        return leads_to("/policy", "noted")
    return show("policy.html", await _page(reader, cycles, names, form), 422)


def _terms(form: Posted, known: Terms) -> Terms:
    """What was written, over what isn't on this page."""
    single = {name: _period(form, name) for name in SINGLE}
    several = {name: _periods(form, name) for name in SEVERAL}
    least = form.number("min_group")
    if least is None or least < 3:
        form.refuse("min_group", _SMALL)
    return msgspec.structs.replace(
        known,
        **single,
        **several,
        min_group=least or known.min_group,
        hold_nudges=form.text("hold_nudges") == "yes",
    )


def _period(form: Posted, name: str) -> str:
    written = form.text(name).upper()
    if not is_period(written):
        form.refuse(name, _NO_PERIOD)
    return written


def _periods(form: Posted, name: str) -> tuple[str, ...]:
    written = tuple(form.text(name).upper().replace(",", " ").split())
    if not all(is_period(each) for each in written):
        form.refuse(name, _NO_PERIOD)
    elif len(written) > _MOST_NUDGES:
        form.refuse(name, _TOO_MANY)
    return written


async def _page(
    reader: Reader, cycles: Cycles, names: Names, form: Posted | None = None
) -> PolicyPage:
    terms, version = await cycles.get_policy(reader.by)
    values = {name: getattr(terms, name) for name in SINGLE}
    values |= {name: " ".join(getattr(terms, name)) for name in SEVERAL}
    values["min_group"] = str(terms.min_group)
    if form:
        values = {name: form.text(name) for name in values}
    return PolicyPage(
        frame=reader.frame,
        values=values,
        version=version,
        hold_nudges=form.text("hold_nudges") == "yes" if form else terms.hold_nudges,
        hr_partner=await names.of(reader.by.tenant, terms.hr_partner),
        may_write=reader.by.has("hr", "admin"),
        may_see_retention=reader.by.has("hr", "dpo", "admin"),
        problems=tuple(form.problems) if form else (),
    )
