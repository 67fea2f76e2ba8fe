"""Where somebody stands, folded from what happened to them: enough to be counted, and no word."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any, Literal, get_args
from uuid import UUID

import msgspec

from services.insights.asked import Asked
from shared.intervals import Interval, ended, overlaid
from shared.periods import after, midnight

Bucket = Literal["not_offered", "offered", "under_way", "resting", "concluded"]
BUCKETS: tuple[Bucket, ...] = get_args(Bucket)
Dimension = Literal["department", "location", "legal_entity"]
DIMENSIONS: tuple[Dimension, ...] = get_args(Dimension)
Tallied = tuple[str | None, str | None, str | None, Bucket, date | None, date | None]
"""Under what somebody is counted: place, bucket, and the months in which it ended and was concluded."""
Facts = dict[str, Any]
Change = Callable[["Standing", datetime, Facts], None]
_ALLOWANCE = timedelta(days=7)
"""An offer is on time if it comes within a week of its day: weekends and holidays are no neglect."""


class Standing(msgspec.Struct, kw_only=True):
    """One person of the roster, and the last conversation that they were offered.

    `away` is when nothing could be offered to them, by reason: on leave, inactive, under a legal hold.
    `asked` is the time that they asked for in it.
    """

    person: UUID
    department: str | None = None
    location: str | None = None
    legal_entity: str | None = None
    zone: str = "UTC"
    partner: UUID | None = None
    employed: bool = True
    inactive: bool = False
    registered_at: datetime
    first_day: date | None = None
    cadence: str = "P6M"
    follow_up_after: str = "P6M"
    anchor: datetime | None = None
    completed_at: datetime | None = None
    away: dict[str, list[Interval]] = {}
    still: set[str] = set()
    still_since: datetime | None = None
    stood: timedelta = timedelta()
    offer: UUID | None = None
    on_time: bool = True
    state: str = ""
    asked: Asked = msgspec.field(default_factory=Asked)
    spoke: bool = False
    ended_at: datetime | None = None
    concluded_at: datetime | None = None

    @property
    def joined_at(self) -> datetime:
        """From when on an offer is owed: not before we knew of them, nor before their first day."""
        if self.first_day is None:
            return self.registered_at
        return max(self.registered_at, midnight(self.first_day, self.zone))

    @property
    def bucket(self) -> Bucket:
        """One of five; how long ago it was decides whoever counts."""
        if self.offer is None:
            return "not_offered"
        if self.state == "concluded":
            return "concluded"
        if self.still or self.inactive or self.asked.aside or self.state != "open":
            return "resting"
        return "under_way" if self.spoke else "offered"

    @property
    def tallied(self) -> Tallied | None:
        """What this person is counted under; None for whoever isn't in the roster any more."""
        if not self.employed:
            return None
        place = (self.department, self.location, self.legal_entity)
        return (*place, self.bucket, _month(self.ended_at), _month(self.concluded_at))

    @property
    def absences(self) -> list[Interval]:
        """For how long nothing could be offered to them, whatever the reason."""
        return [each for stretches in self.away.values() for each in stretches]

    def due(self, kind: str, at: datetime) -> datetime:
        """When the organisation owed what it offers at a moment: what it had to wait for isn't counted,
        nor what it was asked for; the time for a first offer begins anew with a return."""
        if self.anchor is None:
            returns = [min(each.until or at, at) for each in self.absences if each.since < at]
            owed_since = max([self.joined_at, *returns])
            return after(owed_since, [self.cadence], self.zone) + self.stood
        periods = [self.follow_up_after] if kind == "follow_up" else [
            self.follow_up_after, self.cadence
        ]  # fmt: skip
        due = after(self.anchor, periods, self.zone) + self.stood
        waits = [self.asked.until, None if kind == "follow_up" else self.completed_at]
        return max([due, *(until for until in waits if until)])

    def is_on_time(self, kind: str, at: datetime) -> bool:
        return at <= self.due(kind, at) + _ALLOWANCE


def evolve(standing: Standing, topic: str, at: datetime, facts: Facts, stream: UUID) -> None:
    """Take one more event into account; of conversations only those of the last one offered."""
    if topic.startswith("conversation.") and stream != standing.offer:
        return
    if change := CHANGES.get(topic):
        change(standing, at, facts)


def _profile(s: Standing, at: datetime, facts: Facts) -> None:
    s.department, s.location, s.legal_entity = (
        facts.get(name) for name in ("department", "location", "legal_entity")
    )
    s.zone = facts["timezone"]
    is_inactive = facts["status"] == "inactive"
    if is_inactive and not s.inactive:
        _goes(s, "inactive", Interval(at))
    elif s.inactive and not is_inactive:
        _comes_back(s, "inactive", at)
    s.inactive = is_inactive
    first = facts.get("start_date")
    s.first_day = date.fromisoformat(first) if first else None


def _partner(s: Standing, _: datetime, facts: Facts) -> None:
    s.partner = UUID(facts["partner"]) if facts.get("partner") else None


def _released(s: Standing, _: datetime, __: Facts) -> None:
    s.partner = None


def _left(s: Standing, _: datetime, __: Facts) -> None:
    s.employed = False
    s.away.pop("leave", None)


def _rejoined(s: Standing, at: datetime, _: Facts) -> None:
    """A new employment owes a first offer again."""
    s.employed = True
    s.registered_at = at
    s.anchor = s.completed_at = s.offer = s.still_since = s.ended_at = s.concluded_at = None
    s.still, s.stood = set(), timedelta()


def _offered(kind: str) -> Change:
    """A first offer is judged by its own terms, a later one by those under which it was owed."""

    def change(s: Standing, at: datetime, facts: Facts) -> None:
        terms = facts.get("terms")
        if terms and s.anchor is None:
            s.cadence = terms["cadence"]
        s.on_time = s.is_on_time(kind, at)
        if terms:
            s.cadence, s.follow_up_after = terms["cadence"], terms["follow_up_after"]
        s.offer = UUID(facts["conversation"])
        s.state, s.spoke, s.asked, s.ended_at = "open", False, Asked(), None

    return change


def _completed(s: Standing, at: datetime, _: Facts) -> None:
    s.completed_at = at


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
    s.asked.end(at)
    if s.state in {"open", "paused"}:
        s.state, s.ended_at = "closed", at


def _said(s: Standing, _: datetime, facts: Facts) -> None:
    s.spoke = True
    s.asked.come_back(facts.get("question"))


def _set_aside(s: Standing, at: datetime, facts: Facts) -> None:
    s.asked.set_aside(facts["question"], _moment(facts.get("until")), at)


def _paused(s: Standing, at: datetime, facts: Facts) -> None:
    s.state, s.ended_at = "paused", None
    s.asked.pause(_moment(facts.get("until")), at)


def _opens(s: Standing, at: datetime, _: Facts) -> None:
    s.state, s.ended_at = "open", None
    s.asked.go_on(at)


def _ended(state: str) -> Change:
    """What rests, or is closed for the next offer, doesn't end the wait for a day."""

    def change(s: Standing, at: datetime, _: Facts) -> None:
        s.state, s.ended_at = state, at
        if state in {"concluded", "declined"}:
            s.asked.end(at)
        if state == "concluded":
            s.concluded_at = at

    return change


def _leave_started(s: Standing, _: datetime, facts: Facts) -> None:
    _goes(s, "leave", Interval(datetime.fromisoformat(facts["since"]), _moment(facts.get("until"))))


def _leave_ended(s: Standing, _: datetime, facts: Facts) -> None:
    _comes_back(s, "leave", datetime.fromisoformat(facts["until"]))


def _held(s: Standing, at: datetime, _: Facts) -> None:
    _goes(s, "hold", Interval(at))


def _released_hold(s: Standing, at: datetime, _: Facts) -> None:
    _comes_back(s, "hold", at)


def _goes(s: Standing, why: str, stretch: Interval) -> None:
    s.away = s.away | {why: overlaid(s.away.get(why, []), stretch)}


def _comes_back(s: Standing, why: str, at: datetime) -> None:
    s.away = s.away | {why: ended(s.away.get(why, []), at)}


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
    "people.leave_started": _leave_started,
    "people.leave_ended": _leave_ended,
    "people.hold_placed": _held,
    "people.hold_released": _released_hold,
    "cycles.conversation_opened": _offered("conversation"),
    "cycles.follow_up_opened": _offered("follow_up"),
    "cycles.development_began": _anchored,
    "cycles.rested": _anchored,
    "cycles.round_completed": _completed,
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
    "conversation.paused": _paused,
    "conversation.resumed": _opens,
    "conversation.reopened": _opens,
    "conversation.concluded": _ended("concluded"),
    "conversation.declined": _ended("declined"),
    "conversation.rested": _ended("rested"),
    "conversation.closed": _ended("closed"),
}
