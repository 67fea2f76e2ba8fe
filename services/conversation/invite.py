"""The calendar entry of a meeting: one id for ever, a rising sequence, no word of what is said."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from icalendar import Calendar, Event, vCalAddress, vText

from services.conversation.content import Appointment
from services.conversation.domain import Conversation
from services.conversation.guides import worded
from services.conversation.meeting import NotScheduled
from services.directory import Contact

_TITLE = {"en": "Career conversation", "de": "Karrieregespräch"}


def invite(
    conversation: Conversation,
    employee: Contact,
    partner: Contact | None,
    locale: str,
    at: datetime,
) -> bytes:
    """The meeting for a calendar: METHOD:REQUEST, or CANCEL once it was called off.

    The employee is the organizer, whoever scheduled it: calendars take changes from one organizer only,
    and partners may change. `at` is the moment at which calendars are told.
    Raises `NotScheduled` where no meeting ever was.
    """
    appointment = conversation.meeting.appointment
    if appointment is None:
        raise NotScheduled
    entry = _entry(conversation.id, appointment, locale, at)
    entry.add("organizer", _address(employee))
    entry.add("attendee", _address(employee, PARTSTAT="ACCEPTED"))
    if partner is not None:
        entry.add("attendee", _address(partner, PARTSTAT="NEEDS-ACTION", RSVP="TRUE"))
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


def _address(contact: Contact, **parameters: str) -> vCalAddress:
    address = vCalAddress(f"mailto:{contact.email}")
    for name, value in {"CN": contact.name, **parameters}.items():
        address.params[name] = vText(value)
    return address
