"""What can happen to a person of the roster."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from shared.eventstore.events import Created, Event, Words


class Registered(Created, frozen=True, kw_only=True):
    TOPIC = "people.registered"
    name: Words
    email: Words
    department: str | None = None
    location: str | None = None
    legal_entity: str | None = None
    timezone: str
    locale: str
    start_date: date | None = None
    end_date: date | None = None
    status: str


class ProfileChanged(Event, frozen=True, kw_only=True):
    TOPIC = "people.profile_changed"
    name: Words
    email: Words
    department: str | None = None
    location: str | None = None
    legal_entity: str | None = None
    timezone: str
    locale: str
    start_date: date | None = None
    end_date: date | None = None
    status: str


class PartnerAssigned(Event, frozen=True, kw_only=True):
    TOPIC = "people.partner_assigned"
    partner: UUID
    since: datetime


class PartnerReleased(Event, frozen=True, kw_only=True):
    TOPIC = "people.partner_released"
    partner: UUID
    until: datetime


class PartnerProposed(Event, frozen=True, kw_only=True):
    TOPIC = "people.partner_proposed"
    partner: UUID


class HandoverChosen(Event, frozen=True, kw_only=True):
    """`answers` names answers, facets and directions of earlier conversations, by ids.

    `by_person` says that it is their own word; it isn't known of what was recorded before that was told.
    """

    TOPIC = "people.handover_chosen"
    partner: UUID
    choice: str
    answers: tuple[str, ...] = ()
    by_person: bool = False


class MentoringOffered(Event, frozen=True, kw_only=True):
    """Skills are codes that the company uses, so that they can be looked for."""

    TOPIC = "people.mentoring_offered"
    skills: tuple[str, ...]
    capacity: int


class MentoringWithdrawn(Event, frozen=True, kw_only=True):
    TOPIC = "people.mentoring_withdrawn"


class LeaveStarted(Event, frozen=True, kw_only=True):
    TOPIC = "people.leave_started"
    since: datetime
    until: datetime | None = None


class LeaveEnded(Event, frozen=True, kw_only=True):
    TOPIC = "people.leave_ended"
    until: datetime


class Left(Event, frozen=True, kw_only=True):
    TOPIC = "people.left"
    on: date


class Rejoined(Event, frozen=True, kw_only=True):
    TOPIC = "people.rejoined"


class HoldPlaced(Event, frozen=True, kw_only=True):
    """Why, as a class; who answers for it, and when it is looked at again."""

    TOPIC = "people.hold_placed"
    reason: str
    review: date | None = None
    owner: UUID | None = None


class HoldReleased(Event, frozen=True, kw_only=True):
    TOPIC = "people.hold_released"


class RemindersDeclined(Event, frozen=True, kw_only=True):
    """No gentle reminders by mail any more; what concerns the person directly still goes out."""

    TOPIC = "people.reminders_declined"


class RemindersWanted(Event, frozen=True, kw_only=True):
    TOPIC = "people.reminders_wanted"


class Erased(Event, frozen=True, kw_only=True):
    """The tombstone that covers every body of this person's words before it.

    `depth` says whether the link between the customer's id and the random key goes too.
    """

    TOPIC = "people.erased"
    depth: str = "words"
