"""The calendar entry of a meeting: one id for ever, a rising sequence, no word of what is said."""

from __future__ import annotations

from datetime import datetime
from email.utils import parseaddr
from uuid import UUID

from icalendar import Calendar, Event, vCalAddress, vText

from services.conversation.content import Appointment, Side
from services.conversation.domain import Conversation
from services.conversation.guides import worded
from services.conversation.meeting import NotScheduled
from services.directory import Contact
from shared.texts import one_line

_TITLE = {"en": "Career conversation", "de": "Karrieregespräch"}


def invite(
    conversation: Conversation,
    organizer: str,
    employee: Contact,
    partner: Contact | None,
    locale: str,
    at: datetime,
    appointment: Appointment | None = None,
) -> bytes:
    """The meeting for a calendar: METHOD:REQUEST, or CANCEL once it was called off.

    `organizer` is the sender of all mail, such as `Cairn <cairn@acme.example>`, whoever scheduled it:
    calendars take a meeting, and what becomes of it, from one organizer who isn't their own reader.
    `at` is the moment at which calendars are told, `appointment` what of: the present one, where none
    is named.
    Raises `NotScheduled` where no meeting ever was.
    """
    appointment = appointment or conversation.meeting.appointment
    if appointment is None:
        raise NotScheduled
    entry = _entry(conversation.id, appointment, locale, at)
    name, address = parseaddr(organizer)
    entry.add("organizer", _address(name or address, address))
    entry.add("attendee", _attendee(employee, appointment, "employee"))
    if partner is not None:
        entry.add("attendee", _attendee(partner, appointment, "partner"))
    calendar = Calendar()
    calendar.add("prodid", "-//Cairn//EN")
    calendar.add("version", "2.0")
    calendar.add("method", method_of(appointment))
    calendar.add_component(entry)
    found: bytes = calendar.to_ical()
    return found


def method_of(appointment: Appointment) -> str:
    """What calendars are to do, for the content type of an answer or of a part of a mail."""
    return "CANCEL" if appointment.cancelled else "REQUEST"


def _entry(id_: UUID, appointment: Appointment, locale: str, at: datetime) -> Event:
    entry = Event()
    entry.add("uid", f"{id_}@cairn")
    entry.add("sequence", appointment.sequence)
    entry.add("dtstamp", at)
    entry.add("dtstart", appointment.starts_at)
    entry.add("duration", appointment.lasts)
    entry.add("summary", worded(_TITLE, locale))
    entry.add("status", "CANCELLED" if appointment.cancelled else "CONFIRMED")
    entry.add("class", "PRIVATE")
    if appointment.place:
        entry.add("location", appointment.place)
    return entry


def _attendee(contact: Contact, appointment: Appointment, side: Side) -> vCalAddress:
    """Whoever set the time takes it; nobody is asked to answer, since nobody would read it."""
    status = "ACCEPTED" if appointment.by == side else "NEEDS-ACTION"
    return _address(contact.name, contact.email, PARTSTAT=status, RSVP="FALSE")


def _address(name: str, email: str, **parameters: str) -> vCalAddress:
    address = vCalAddress(f"mailto:{one_line(email)}")
    for parameter, value in {"CN": one_line(name), **parameters}.items():
        address.params[parameter] = vText(value)
    return address
