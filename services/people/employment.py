"""What the roster knows of a person: a profile, and who is whose conversation partner since when."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from shared.periods import local_day


@dataclass(frozen=True)
class Profile:
    """What an HR system knows of a person, whole each time."""

    name: str
    email: str
    department: str | None = None
    location: str | None = None
    legal_entity: str | None = None
    timezone: str = "UTC"
    locale: str = "en"
    start_date: date | None = None
    end_date: date | None = None
    status: str = "active"

    def has_ended(self, moment: datetime) -> bool:
        """Whether the last day has passed, by the calendar where the person is."""
        return self.end_date is not None and local_day(moment, self.timezone) > self.end_date


@dataclass(frozen=True)
class Hold:
    """A legal hold: why, as a class, when it is looked at again, who answers for it, since when."""

    reason: str
    review: date | None
    owner: UUID | None
    since: datetime


@dataclass(frozen=True)
class Handover:
    """What the person hands over to a new partner: `nothing`, `plan` or `plan_and_answers`.

    `by_person` says that they chose it themselves, and it didn't come by itself.
    """

    choice: str
    answers: tuple[str, ...]
    at: datetime
    by_person: bool = False


@dataclass(frozen=True)
class Offer:
    """Willing to mentor in these skills, so many people at once."""

    skills: tuple[str, ...]
    capacity: int


@dataclass
class Relation:
    """One conversation partner for a time; `until` is None while it lasts.

    `since` and `until` are when it was recorded, between which it opens anything; `valid_from` and
    `valid_until` are the days that HR says, which may lie before. `employed_since` is when the person
    was taken in again before it.
    """

    partner: UUID
    since: datetime
    until: datetime | None = None
    valid_from: datetime | None = None
    valid_until: datetime | None = None
    handover: Handover | None = None
    employed_since: datetime | None = None

    def lasts_at(self, moment: datetime) -> bool:
        return self.since <= moment and (self.until is None or moment < self.until)
