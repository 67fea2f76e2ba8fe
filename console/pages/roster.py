"""For HR: the people and their conversation partners. Names and places, never anybody's words."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

import msgspec
from fastapi import APIRouter
from fastapi.responses import HTMLResponse

from console.pages.frame import Page, show
from console.pages.reader import Reading
from services.people.readmodel import Roster
from services.permission import Permission, Resource
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


@dataclass(frozen=True, kw_only=True)
class RosterPage(Page):
    """A part of the roster, and what leads on from it."""

    people: tuple[Listed, ...]
    department: str
    next: str | None


@router.get("/people", name="people")
async def people(
    reader: Reading,
    roster: Annotated[Roster, given(Roster)],
    permission: Annotated[Permission, given(Permission)],
    department: str = "",
    after: str = "",
) -> HTMLResponse:
    """Read who is in the roster, and whom each of them talks with."""
    await permission.require(reader.by, "read", Resource("roster"), reader.now)
    found = await roster.list_people(reader.by.tenant, after, _AT_A_TIME, department or None, None)
    listed = msgspec.convert(found[:_AT_A_TIME], list[Listed])
    page = RosterPage(
        frame=reader.frame,
        people=tuple(listed),
        department=department,
        next=listed[-1].person if len(found) > _AT_A_TIME else None,
    )
    return show("people.html", page)
