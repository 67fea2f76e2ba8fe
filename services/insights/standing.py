"""Where somebody stands, folded from what happened to them: enough to be counted, and no word."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any, Literal, get_args
from uuid import UUID

import msgspec

from shared.periods import after, midnight

Bucket = Literal["not_offered", "offered", "under_way", "resting", "concluded"]
BUCKETS: tuple[Bucket, ...] = get_args(Bucket)
Dimension = Literal["department", "location", "legal_entity"]
DIMENSIONS: tuple[Dimension, ...] = get_args(Dimension)
Tallied = tuple[str | None, str | None, str | None, Bucket, date | None, date | None]
"""Under what somebody is counted: place, bucket, and the months in which it ended and was concluded."""
Facts = dict[str, Any]
Change = Callable[["Standing", datetime, Facts], None]
_SPOKEN = "conversation."
_ALLOWANCE = timedelta(days=7)
"""An offer is on time if it comes within a week of its day: weekends and holidays are no neglect."""


class Standing(msgspec.Struct, kw_only=True):
    """One person of the roster, and the last conversation that they were offered."""

    person: UUID
    department: str | None = None
    location: str | None = None
    legal_entity: str | None = None
    zone: str = "UTC"
    partner: UUID | None = None
    employed: bool = True
    inactive: bool = False
    joined_at: datetime
    cadence: str = "P6M"
    follow_up_after: str = "P6M"
    anchor: datetime | None = None
    still: set[str] = set()
    still_since: datetime | None = None
    stood: timedelta = timedelta()
    offer: UUID | None = None
    state: str = ""
    aside: set[str] = set()
    spoke: bool = False
    ended_at: datetime | None = None
    concluded_at: datetime | None = None

    @property
    def bucket(self) -> Bucket:
        """One of five; how long ago it was decides whoever counts."""
        if self.offer is None:
            return "not_offered"
        if self.state == "concluded":
            return "concluded"
        if self.still or self.inactive or self.aside or self.state != "open":
            return "resting"
        return "under_way" if self.spoke else "offered"

    @property
    def tallied(self) -> Tallied | None:
        """What this person is counted under; None for whoever isn't in the roster any more."""
        if not self.employed:
            return None
        place = (self.department, self.location, self.legal_entity)
        return (*place, self.bucket, _month(self.ended_at), _month(self.concluded_at))

    def due(self, kind: str) -> datetime:
        """When the organisation owed the next offer: what it had to wait for isn't counted."""
        if self.anchor is None:
            return after(self.joined_at, [self.cadence], self.zone) + self.stood
        periods = [self.follow_up_after] if kind == "follow_up" else [
            self.follow_up_after, self.cadence
        ]  # fmt: skip
        return after(self.anchor, periods, self.zone) + self.stood

    def is_on_time(self, kind: str, offered_at: datetime) -> bool:
        return offered_at <= self.due(kind) + _ALLOWANCE


def evolve(standing: Standing, topic: str, at: datetime, facts: Facts) -> None:
    """Take one more event into account."""
    if change := CHANGES.get(topic):
        change(standing, at, facts)


def _profile(s: Standing, _: datetime, facts: Facts) -> None:
    s.department, s.location, s.legal_entity = (
        facts.get(name) for name in ("department", "location", "legal_entity")
    )
    s.zone = facts["timezone"]
    s.inactive = facts["status"] == "inactive"
    if first := facts.get("start_date"):
        s.joined_at = max(s.joined_at, midnight(date.fromisoformat(first), s.zone))


def _partner(s: Standing, _: datetime, facts: Facts) -> None:
    s.partner = UUID(facts["partner"]) if facts.get("partner") else None


def _released(s: Standing, _: datetime, __: Facts) -> None:
    s.partner = None


def _left(s: Standing, _: datetime, __: Facts) -> None:
    s.employed = False


def _rejoined(s: Standing, at: datetime, _: Facts) -> None:
    """A new employment owes a first offer again."""
    s.employed = True
    s.joined_at = at
    s.anchor = s.offer = s.still_since = s.ended_at = s.concluded_at = None
    s.still, s.stood = set(), timedelta()


def _offered(s: Standing, _: datetime, facts: Facts) -> None:
    if terms := facts.get("terms"):
        s.cadence, s.follow_up_after = terms["cadence"], terms["follow_up_after"]
    s.offer = UUID(facts["conversation"])
    s.state, s.spoke, s.aside, s.ended_at = "open", False, set(), None


def _anchored(s: Standing, _: datetime, facts: Facts) -> None:
    s.anchor = datetime.fromisoformat(facts["anchor"])
    s.stood = timedelta()


def _suspended(s: Standing, at: datetime, facts: Facts) -> None:
    since = _moment(facts.get("since")) or at
    s.still_since = min(since, s.still_since or since)
    s.still = s.still | {facts["reason"] if facts.get("own") else ""}


def _resumed(s: Standing, at: datetime, facts: Facts) -> None:
    s.still = s.still - {facts.get("reason") or ""}
    if not s.still and s.still_since is not None:
        s.stood += max((_moment(facts.get("since")) or at) - s.still_since, timedelta())
        s.still_since = None


def _cycle_closed(s: Standing, at: datetime, _: Facts) -> None:
    s.still, s.still_since = set(), None
    if s.state in {"open", "paused"}:
        s.state, s.ended_at = "closed", at


def _said(s: Standing, _: datetime, facts: Facts) -> None:
    s.spoke = True
    s.aside = s.aside - {facts.get("question", "")}


def _set_aside(s: Standing, _: datetime, facts: Facts) -> None:
    s.aside = s.aside | {facts["question"]}


def _is(state: str) -> Change:
    def change(s: Standing, _: datetime, __: Facts) -> None:
        s.state, s.ended_at = state, None

    return change


def _ended(state: str) -> Change:
    def change(s: Standing, at: datetime, _: Facts) -> None:
        s.state, s.ended_at, s.aside = state, at, set()
        if state == "concluded":
            s.concluded_at = at

    return change


def _moment(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None


def _month(moment: datetime | None) -> date | None:
    return moment.date().replace(day=1) if moment else None


CHANGES: dict[str, Change] = {
    "people.registered": _profile,
    "people.profile_changed": _profile,
    "people.partner_assigned": _partner,
    "people.partner_released": _released,
    "people.left": _left,
    "people.rejoined": _rejoined,
    "cycles.conversation_opened": _offered,
    "cycles.follow_up_opened": _offered,
    "cycles.development_began": _anchored,
    "cycles.rested": _anchored,
    "cycles.suspended": _suspended,
    "cycles.resumed": _resumed,
    "cycles.closed": _cycle_closed,
    "conversation.answer_recorded": _said,
    "conversation.answer_revised": _said,
    "conversation.question_declined": _said,
    "conversation.facet_noted": _said,
    "conversation.direction_stated": _said,
    "conversation.shared": _said,
    "conversation.meeting_scheduled": _said,
    "conversation.question_set_aside": _set_aside,
    "conversation.paused": _is("paused"),
    "conversation.resumed": _is("open"),
    "conversation.reopened": _is("open"),
    "conversation.concluded": _ended("concluded"),
    "conversation.declined": _ended("declined"),
    "conversation.rested": _ended("rested"),
    "conversation.closed": _ended("closed"),
}
