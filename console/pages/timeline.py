"""For auditors: what happened, in the order of the record."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Annotated, Any
from urllib.parse import urlencode
from uuid import UUID

import msgspec
from fastapi import APIRouter
from fastapi.responses import HTMLResponse
from pydantic import AfterValidator, BeforeValidator

from console.pages.frame import Page, show
from console.pages.reader import Reading
from services.audit.application import Audit
from services.audit.readmodel import Timeline, Wanted
from shared.eventstore.ledger import Ledger
from shared.eventstore.record import Record
from shared.http import given, near
from shared.periods import midnight

router = APIRouter()
_AT_A_TIME = 50
KINDS = ("people", "cycles", "conversation", "plan", "disclosures", "guides", "policy", "batches")
_FILMS = {"conversation": "conversations", "plan": "plans", "cycles": "cycles"}
Day = Annotated[
    date | None,
    BeforeValidator(lambda written: written or None),
    AfterValidator(lambda day: day and near(day)),
]
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
    """A part of the timeline, and what leads on from it; `goes_on` is one that something led to."""

    items: tuple[Item, ...]
    goes_on: bool
    person: str
    kind: str
    since: date | None
    until: date | None
    unknown: bool
    next: int | None
    size: int
    kinds: tuple[str, ...] = KINDS

    @property
    def asked(self) -> str:
        """What was asked for, as the address says it."""
        wanted = {
            "person": self.person,
            "kind": self.kind,
            "since": self.since,
            "until": self.until,
        }
        return urlencode({name: str(value) for name, value in wanted.items() if value})


@router.get("/timeline", name="timeline")
async def timeline(
    reader: Reading,
    audit: Auditing,
    timeline_: Annotated[Timeline, given(Timeline)],
    ledger: Annotated[Ledger, given(Ledger)],
    record: Annotated[Record, given(Record)],
    person: str = "",
    kind: str = "",
    since: Day = None,
    until: Day = None,
    after: int = 0,
) -> HTMLResponse:
    """Read what happened: to everybody or to one person, on all days or on some."""
    by = reader.by
    await audit.require(by)
    subject = await record.vault.subject_of(by.tenant, person) if person else None
    unknown = bool(person) and subject is None
    zone = str(reader.manner.zone)
    wanted = Wanted(
        person=subject,
        kind=kind if kind in KINDS else None,
        since=midnight(since, zone) if since else None,
        until=midnight(until + timedelta(days=1), zone) if until else None,
    )
    found = [] if unknown else await timeline_.find(by.tenant, wanted, after, _AT_A_TIME)
    items = await _items(audit, by.tenant, found[:_AT_A_TIME])
    page = TimelinePage(
        frame=reader.frame,
        items=items,
        goes_on=after > 0,
        person=person,
        kind=kind if kind in KINDS else "",
        since=since,
        until=until,
        unknown=unknown,
        next=items[-1].position if len(found) > _AT_A_TIME else None,
        size=(await ledger.checkpoint(by.tenant)).size,
    )
    return show("timeline.html", page)


async def _items(audit: Audit, tenant: str, found: Any) -> tuple[Item, ...]:
    items = await audit.items(tenant, found)
    return msgspec.convert(tuple(items), tuple[Item, ...], strict=False)
