"""For HR: the times of a round, and changing them for the rounds that begin from now on."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Annotated

import msgspec
from fastapi import APIRouter
from fastapi.responses import HTMLResponse, Response

from console.pages.forms import Posted, Sent, print_of
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
    """The times as they stand, or as they are being written, and which version they are.

    `now` is what somebody else made of them since, as far as it isn't what is being written.
    """

    values: dict[str, str]
    seen: str
    version: int
    hr_partner: str | None
    may_write: bool
    may_see_retention: bool
    single: tuple[str, ...] = SINGLE
    several: tuple[str, ...] = SEVERAL
    now: dict[str, str] = field(default_factory=dict)


@router.get("/policy", name="policy")
async def policy(
    reader: Reading,
    cycles: Annotated[Cycles, given(Cycles)],
    names: Annotated[Names, given(Names)],
) -> HTMLResponse:
    """Read the times of a round."""
    return show("policy.html", await _page(reader, names, *await cycles.get_policy(reader.by)))


@router.post("/policy", name="put_policy")
async def put_policy(
    reader: Reading,
    form: Sent,
    cycles: Annotated[Cycles, given(Cycles)],
    names: Annotated[Names, given(Names)],
    record: Annotated[Record, given(Record)],
    permission: Annotated[Permission, given(Permission)],
) -> Response:
    """Set them for the rounds that begin from now on; what was changed meanwhile is shown first."""
    await permission.require(reader.by, "write", Resource("policy"), reader.now)
    known, version = await cycles.get_policy(reader.by)
    told = {known.hr_partner} if known.hr_partner else set()
    ids = await record.vault.people_of(reader.by.tenant, told)
    hr_partner = next(iter(ids.values()), None)
    terms, now = _terms(form, known), _values(known)
    begun = form.is_as_begun(now, _values(terms))
    if form.is_good and await form.once(
        lambda c: cycles.put_policy(replace(c, if_version=version), terms, hr_partner)
    ):
        return leads_to("/policy", "noted")
    page = await _page(reader, names, known, version, form)
    others = {name: value for name, value in now.items() if value != page.values[name]}
    return show("policy.html", page if begun else replace(page, now=others), 422)


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


def _values(terms: Terms) -> dict[str, str]:
    """What the page shows of them, as its form has it."""
    single = {name: getattr(terms, name) for name in SINGLE}
    several = {name: " ".join(getattr(terms, name)) for name in SEVERAL}
    hold_nudges = "yes" if terms.hold_nudges else ""
    return single | several | {"min_group": str(terms.min_group), "hold_nudges": hold_nudges}


async def _page(
    reader: Reader, names: Names, terms: Terms, version: int, form: Posted | None = None
) -> PolicyPage:
    now = _values(terms)
    return PolicyPage(
        frame=reader.frame,
        values={name: form.text(name) for name in now} if form else now,
        seen=print_of(now),
        version=version,
        hr_partner=await names.of(reader.by.tenant, terms.hr_partner),
        may_write=reader.by.has("hr", "admin"),
        may_see_retention=reader.by.has("hr", "dpo", "admin"),
        problems=tuple(form.problems) if form else (),
    )
