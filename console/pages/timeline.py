"""For auditors: what happened, in order; and how things stood at each version."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

import msgspec
from fastapi import APIRouter
from fastapi.responses import HTMLResponse

from console.pages.frame import Page, show
from console.pages.reader import Reading
from services.audit.application import Audit
from services.audit.readmodel import Timeline, Wanted
from shared.eventstore.ledger import Ledger
from shared.eventstore.record import Record
from shared.http import Id, given

router = APIRouter()
_AT_A_TIME = 50
_KINDS = {"conversations": "conversation", "plans": "plan", "cycles": "cycles"}
_FILMS = {"conversation": "conversations", "plan": "plans", "cycles": "cycles"}
Auditing = Annotated[Audit, given(Audit)]


class Item(msgspec.Struct, frozen=True):
    """One thing that happened."""

    position: int
    type: str
    stream: UUID
    version: int
    at: datetime
    recorded_at: datetime
    actor: str
    event_id: str
    facts: dict[str, Any]
    person: str | None = None
    words_sha256: str | None = None

    @property
    def film(self) -> str | None:
        """Where this is seen in its own history."""
        kind = _FILMS.get(self.type.partition(".")[0])
        return f"/film/{kind}/{self.stream}?version={self.version}" if kind else None


@dataclass(frozen=True, kw_only=True)
class TimelinePage(Page):
    """A part of the timeline, and what leads on from it."""

    items: tuple[Item, ...]
    person: str
    unknown: bool
    next: int | None
    size: int


@dataclass(frozen=True, kw_only=True)
class FilmPage(Page):
    """A stream as it stood at one version."""

    kind: str
    stream: UUID
    version: int
    last: int
    at: datetime
    state: dict[str, Any]
    events: tuple[Item, ...]


@router.get("/timeline", name="timeline")
async def timeline(
    reader: Reading,
    audit: Auditing,
    timeline_: Annotated[Timeline, given(Timeline)],
    ledger: Annotated[Ledger, given(Ledger)],
    record: Annotated[Record, given(Record)],
    person: str = "",
    after: int = 0,
) -> HTMLResponse:
    """Read what happened, to everybody or to one person."""
    by = reader.by
    await audit.require(by)
    subject = await record.vault.subject_of(by.tenant, person) if person else None
    unknown = bool(person) and subject is None
    wanted = Wanted(person=subject)
    found = [] if unknown else await timeline_.find(by.tenant, wanted, after, _AT_A_TIME)
    items = await _items(audit, by.tenant, found[:_AT_A_TIME])
    page = TimelinePage(
        frame=reader.frame,
        items=items,
        person=person,
        unknown=unknown,
        next=items[-1].position if len(found) > _AT_A_TIME else None,
        size=(await ledger.checkpoint(by.tenant)).size,
    )
    return show("timeline.html", page)


@router.get("/film/{kind}/{id}", name="film")
async def film(
    reader: Reading,
    kind: Literal["conversations", "plans", "cycles"],
    id_: Id,
    audit: Auditing,
    version: int | None = None,
) -> HTMLResponse:
    """See it as it stood; one step back, one step on."""
    whole = await audit.replay(reader.by, _KINDS[kind], id_)
    last: int = whole["version"]
    chosen = min(max(version or last, 1), last)
    stood = whole if chosen == last else await audit.replay(reader.by, _KINDS[kind], id_, chosen)
    page = FilmPage(
        frame=reader.frame,
        kind=kind,
        stream=id_,
        version=chosen,
        last=last,
        at=datetime.fromisoformat(stood["at"]),
        state=stood["state"],
        events=msgspec.convert(tuple(stood["events"]), tuple[Item, ...], strict=False),
    )
    return show("film.html", page)


async def _items(audit: Audit, tenant: str, found: Any) -> tuple[Item, ...]:
    items = await audit.items(tenant, found)
    return msgspec.convert(tuple(items), tuple[Item, ...], strict=False)
