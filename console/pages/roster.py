"""For HR: the people and their conversation partners. Names and places, never anybody's words."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated
from urllib.parse import quote
from uuid import UUID

import msgspec
from fastapi import APIRouter
from fastapi.responses import Response

from console.pages.frame import Page, show
from console.pages.names import Names
from console.pages.reader import Reading, leads_to
from services.people.readmodel import Roster
from services.permission import Permission, Resource
from shared.eventstore.record import Record
from shared.http import given

router = APIRouter()
_AT_A_TIME = 100


class Listed(msgspec.Struct, frozen=True):
    """One line of the roster."""

    person: str
    name: str
    status: str
    partner: str | None = None
    department: str | None = None
    location: str | None = None
    legal_entity: str | None = None
    left_on: str | None = None


@dataclass(frozen=True, kw_only=True)
class RosterPage(Page):
    """A part of the roster, and what leads on from it.

    `names` are those of the partners, by their ids. Nobody has the id `sought`: the list begins where it
    would be.
    """

    people: tuple[Listed, ...]
    names: dict[str, str]
    departments: list[str]
    department: str
    sought: str
    next: str | None


@router.get("/people", name="people")
async def people(
    reader: Reading,
    roster: Annotated[Roster, given(Roster)],
    permission: Annotated[Permission, given(Permission)],
    record: Annotated[Record, given(Record)],
    names: Annotated[Names, given(Names)],
    department: str = "",
    after: str = "",
    person: str = "",
) -> Response:
    """Read who is in the roster, and whom each of them talks with; an id leads to its person."""
    await permission.require(reader.by, "read", Resource("roster"), reader.now)
    tenant, sought = reader.by.tenant, person.strip()
    subject = await record.vault.subject_of(tenant, sought) if sought else None
    if subject and await record.rows(tenant, subject, at_version=1):  # more than somebody's partner
        return leads_to(f"/people/{quote(sought, safe='')}")
    begin = after or sought
    found = await roster.list_people(tenant, begin, _AT_A_TIME, department or None, None)
    listed = msgspec.convert(found[:_AT_A_TIME], list[Listed])
    partners = {each.partner for each in listed if each.partner}
    subjects = await record.vault.subjects_of(tenant, partners)
    page = RosterPage(
        frame=reader.frame,
        people=tuple(listed),
        names=_by_id(subjects, await names.of_all(tenant, subjects.values())),
        departments=await roster.departments(tenant),
        department=department,
        sought=sought,
        next=listed[-1].person if len(found) > _AT_A_TIME else None,
    )
    return show("people.html", page)


def _by_id(subjects: dict[str, UUID], called: dict[UUID, str]) -> dict[str, str]:
    return {person: called[subject] for person, subject in subjects.items() if subject in called}
