"""The meeting: scheduled by either side, claimed by the partner, settled by the employee's word."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Literal
from uuid import UUID

from eventsourcing.domain import event

from services.conversation.content import Appointment, NotADuration, Side
from services.conversation.opening import Opening
from shared.errors import Invalid, RuleBroken
from shared.eventstore.events import Event, Words

_SHORTEST, _LONGEST = timedelta(minutes=5), timedelta(hours=24)
_FURTHEST_EAST = timedelta(hours=14)


class MeetingInThePast(Invalid):
    """A meeting begins at a moment that is still to come."""


class MeetingInTheFuture(Invalid):
    """A meeting that was held has a day that isn't in the future."""


class NotScheduled(RuleBroken):
    """No meeting is scheduled; schedule one with a time and a duration."""


class MeetingUp(Opening):
    """Schedule, call off, claim, confirm or waive a meeting."""

    class MeetingScheduled(Event, frozen=True, kw_only=True):
        """`sequence` counts what calendars were told; `partner` is with whom it is."""

        TOPIC = "conversation.meeting_scheduled"
        by: str
        partner: UUID | None = None
        starts_at: datetime
        duration: str
        sequence: int
        place: Words | None = None

    class MeetingUnscheduled(Event, frozen=True, kw_only=True):
        TOPIC = "conversation.meeting_unscheduled"
        by: str
        sequence: int

    class MeetingClaimed(Event, frozen=True, kw_only=True):
        TOPIC = "conversation.meeting_claimed"
        held_on: date

    class MeetingConfirmed(Event, frozen=True, kw_only=True):
        TOPIC = "conversation.meeting_confirmed"
        held_on: date

    class MeetingWaived(Event, frozen=True, kw_only=True):
        TOPIC = "conversation.meeting_waived"

    def schedule(
        self, by: Side, partner: UUID | None, starts_at: datetime, duration: str, place: str | None
    ) -> None:
        """Set when and where to meet, or set it anew; the same again is nothing new.

        One with somebody else that is still to come is called off first, for that one's calendar.
        """
        self.must_be_open_to(by)
        if starts_at <= self.at:
            raise MeetingInThePast
        known = self.meeting.appointment
        wanted = Appointment(starts_at, duration, place, by, partner, self.meeting.next_sequence)
        if not _SHORTEST <= wanted.lasts <= _LONGEST:
            raise NotADuration
        if known is not None and known.is_as(wanted):
            return
        if known is not None and known.partner not in {None, partner}:
            self.call_off(by)
        self._schedule(
            by=by,
            partner=partner,
            starts_at=starts_at,
            duration=duration,
            sequence=self.meeting.next_sequence,
            place=place,
        )

    @event(MeetingScheduled)
    def _schedule(
        self,
        by: str,
        partner: UUID | None,
        starts_at: datetime,
        duration: str,
        sequence: int,
        place: str | None,
    ) -> None:
        self.meeting.appoint(Appointment(starts_at, duration, place, by, partner, sequence))

    def unschedule(self, by: Side | Literal["nobody"]) -> None:
        """Call the meeting off, so that calendars take it out again."""
        if not self.meeting.is_scheduled:
            raise NotScheduled
        self._unschedule(by=by, sequence=self.meeting.next_sequence)

    @event(MeetingUnscheduled)
    def _unschedule(self, by: str, sequence: int) -> None:
        assert self.meeting.appointment is not None
        self.meeting.appointment = replace(
            self.meeting.appointment, sequence=sequence, cancelled=True
        )

    def call_off(self, by: Side | Literal["nobody"]) -> None:
        """Call off what is still to come, where the conversation ends without it."""
        appointment = self.meeting.appointment
        if appointment and not appointment.cancelled and appointment.starts_at > self.at:
            self.unschedule(by)

    def claim_held(self, held_on: date) -> None:
        """The partner says that the meeting took place; only the employee's word makes it so."""
        self.must_be_open_to("partner")
        self._must_be_past(held_on)
        if self.meeting.claimed_on != held_on:
            self._claim_held(held_on=held_on)

    @event(MeetingClaimed)
    def _claim_held(self, held_on: date) -> None:
        self.meeting.claimed_on = held_on

    def confirm_or_waive(self, held: bool, held_on: date | None, today: date) -> None:
        """Settle whether there was a meeting, and on which day; by default the one that was claimed,
        or the employee's own today."""
        if not held:
            self._waive_meeting()
            return
        day = held_on or self.meeting.claimed_on or today
        self._must_be_past(day)
        self._confirm_meeting(held_on=day)

    @event(MeetingConfirmed)
    def _confirm_meeting(self, held_on: date) -> None:
        self.meeting.outcome = "held"
        self.meeting.held_on = held_on

    @event(MeetingWaived)
    def _waive_meeting(self) -> None:
        self.meeting.outcome = "waived"

    def _must_be_past(self, held_on: date) -> None:
        """Refuse a day that hasn't begun anywhere on earth."""
        if held_on > (self.at + _FURTHEST_EAST).date():
            raise MeetingInTheFuture
