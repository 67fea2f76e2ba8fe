"""For data protection: every legal hold, and what is over the time for which it is kept."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Annotated

import msgspec
from fastapi import APIRouter
from fastapi.responses import HTMLResponse

from console.pages.frame import Page, show
from console.pages.reader import Reading
from services.people.keeping import FIRST
from services.people.retention import Retention
from shared.http import given

router = APIRouter()
Kept = Annotated[Retention, given(Retention)]
_MOST = 500


class Held(msgspec.Struct, frozen=True):
    """A record that is held: whose, why, who answers for it, and when it is looked at again."""

    person: str | None
    reason: str
    owner: str | None
    since: datetime
    review: date | None
    due: bool


class Over(msgspec.Struct, frozen=True):
    """How many of a legal entity are over the time of a kind, and how many more are held."""

    legal_entity: str | None
    kind: str
    left_by: date
    over: int
    held: int


@dataclass(frozen=True, kw_only=True)
class HoldsPage(Page):
    """All of them, those first that are to be looked at again."""

    holds: tuple[Held, ...]
    may_release: bool
    more: bool


@dataclass(frozen=True, kw_only=True)
class RetentionPage(Page):
    """What a run would forget now, and whether there are any."""

    on: bool
    over: tuple[Over, ...]

    @property
    def would_go(self) -> bool:
        """Whether a run would forget anything of anybody."""
        return any(each.over for each in self.over)


@router.get("/holds", name="holds")
async def holds(reader: Reading, retention: Kept) -> HTMLResponse:
    """Read what is held, and let go of it."""
    found = await retention.list_holds(reader.by, FIRST, _MOST)
    page = HoldsPage(
        frame=reader.frame,
        holds=msgspec.convert(
            [each.hold for each in found[:_MOST]], tuple[Held, ...], strict=False
        ),
        may_release=reader.by.has("dpo", "admin"),
        more=len(found) > _MOST,
    )
    return show("holds.html", page)


@router.get("/retention", name="retention")
async def retention(reader: Reading, retention: Kept) -> HTMLResponse:
    """Read what would be forgotten."""
    found = await retention.preview(reader.by)
    over = msgspec.convert(tuple(found["items"]), tuple[Over, ...], strict=False)
    return show("retention.html", RetentionPage(frame=reader.frame, on=found["on"], over=over))
