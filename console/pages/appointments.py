"""Finding a time to talk: either side sets it, both get it for their calendars."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime, time
from typing import Annotated

from fastapi import APIRouter, Depends
from fastapi.responses import HTMLResponse, Response

from console.pages.forms import Posted, Sent, print_of
from console.pages.frame import Page, show
from console.pages.language import sentence
from console.pages.names import Names
from console.pages.reader import Reader, Reading, leads_to
from console.pages.seen import Conversed, Seen
from services.conversation.both_sides import BothSides
from services.conversation.reading import ConversationReader
from services.people.relations import Relationships
from shared.eventstore.record import Record
from shared.http import Id, given

router = APIRouter()
Both = Annotated[BothSides, given(BothSides)]
DURATIONS = ("PT30M", "PT45M", "PT1H", "PT90M", "PT2H")
_NO_DAY = sentence("Choose a day.")
_NO_TIME = sentence("Choose a time, as hours and minutes: 14:30.")
_PAST = sentence("Choose a time that is still to come.")
_LONGEST_PLACE = 500


@dataclass(frozen=True)
class Meeting:
    """A conversation of two people, seen from the reader's side."""

    conversation: Conversed
    other: str | None
    home: str

    @property
    def path(self) -> str:
        return f"{self.conversation.path}/meeting"


async def meeting_of(
    reader: Reading,
    id_: Id,
    seen: Annotated[Seen, given(Seen)],
    names: Annotated[Names, given(Names)],
    record: Annotated[Record, given(Record)],
    relationships: Annotated[Relationships, given(Relationships)],
) -> Meeting:
    """The meeting of a conversation that the reader takes part in."""
    tenant = reader.by.tenant
    known = await seen.conversation(reader.by, id_)
    whose = await seen.is_about(reader.by, id_)
    if whose is None or whose == reader.by.subject:
        partner = reader.person.partner if reader.person else None
        return Meeting(known, await names.of(tenant, partner), "/")
    person = (await record.vault.people_of(tenant, {whose})).get(whose)
    return Meeting(known, await names.of(tenant, whose), f"/partner/{person}")


ForBoth = Annotated[Meeting, Depends(meeting_of)]


@dataclass(frozen=True, kw_only=True)
class AppointmentPage(Page):
    """When and where, as it stands or as it is being written; `behind` where the other side set it."""

    meeting: Meeting
    today: date
    written: dict[str, str]
    seen: str
    behind: bool = False
    unsaved: bool = False

    @property
    def durations(self) -> tuple[str, ...]:
        """Those to choose from, and the present one where it is another."""
        return tuple(dict.fromkeys((*DURATIONS, self.written["duration"])))


@router.get("/conversations/{id}/meeting", name="scheduling")
async def scheduling(reader: Reading, meeting: ForBoth) -> HTMLResponse:
    """Read when it is, or choose."""
    return show("appointment.html", _page(reader, meeting, _as_it_stands(reader, meeting)))


@router.post("/conversations/{id}/meeting", name="schedule")
async def schedule(reader: Reading, meeting: ForBoth, id_: Id, form: Sent, both: Both) -> Response:
    """Set when and where, or set it anew; what the other side chose meanwhile is shown first."""
    starts_at = _moment(reader, form)
    duration = form.text("duration")
    place = form.words("place", "", longest=_LONGEST_PLACE) if form.text("place") else None
    if starts_at is not None and starts_at <= reader.now:
        form.refuse("day", _PAST)
    written = {name: form.text(name) for name in ("day", "time", "duration", "place")}
    begun = form.is_as_begun(_as_it_stands(reader, meeting), written)
    version = meeting.conversation.version
    if (
        form.is_good
        and starts_at is not None
        and await form.once(
            lambda c: both.schedule(replace(c, if_version=version), id_, starts_at, duration, place)
        )
    ):
        return leads_to(meeting.path, "scheduled")
    page = _page(reader, meeting, written, form)
    return show("appointment.html", replace(page, unsaved=True, behind=not begun), 422)


@router.post("/conversations/{id}/meeting/call-off", name="unschedule")
async def unschedule(
    reader: Reading, meeting: ForBoth, id_: Id, form: Sent, both: Both
) -> Response:
    """Call off what was on the page; another time is shown first."""
    now, version = _as_it_stands(reader, meeting), meeting.conversation.version
    if meeting.conversation.meeting.starts_at is None:
        return leads_to(meeting.path, "called_off")
    if form.text("seen") != print_of(now):
        return leads_to(meeting.path, "meeting_changed")
    if await form.once(lambda c: both.unschedule(replace(c, if_version=version), id_)):
        return leads_to(meeting.path, "called_off")
    page = _page(reader, meeting, now, form)
    return show("appointment.html", page, 422)


@router.get("/conversations/{id}/meeting.ics", name="invite")
async def invite(
    reader: Reading,
    id_: Id,
    conversations: Annotated[ConversationReader, given(ConversationReader)],
) -> Response:
    """The meeting for the reader's calendar."""
    content, method = await conversations.get_invite(reader.by, id_)
    headers = {"Content-Disposition": 'attachment; filename="meeting.ics"'}
    media = f"text/calendar; method={method}; charset=utf-8"
    return Response(content, headers=headers, media_type=media)


def _moment(reader: Reader, form: Posted) -> datetime | None:
    day = form.day("day")
    if day is None and not form.text("day"):
        form.refuse("day", _NO_DAY)
    try:
        clock = time.fromisoformat(form.text("time"))
    except ValueError:
        form.refuse("time", _NO_TIME)
        return None
    return datetime.combine(day, clock, reader.manner.zone) if day else None


def _as_it_stands(reader: Reader, meeting: Meeting) -> dict[str, str]:
    known = meeting.conversation.meeting
    if known.starts_at is None:
        return {"day": "", "time": "", "duration": "PT1H", "place": ""}
    local = known.starts_at.astimezone(reader.manner.zone)
    return {
        "day": f"{local:%Y-%m-%d}",
        "time": f"{local:%H:%M}",
        "duration": known.duration or "PT1H",
        "place": known.place or "",
    }


def _page(
    reader: Reader, meeting: Meeting, written: dict[str, str], form: Posted | None = None
) -> AppointmentPage:
    return AppointmentPage(
        frame=reader.frame,
        meeting=meeting,
        today=reader.now.astimezone(reader.manner.zone).date(),
        written=written,
        seen=print_of(_as_it_stands(reader, meeting)),
        problems=tuple(form.problems) if form else (),
    )
