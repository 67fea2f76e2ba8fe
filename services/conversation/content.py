"""What a conversation is made of: answers, facets, notes, a meeting, and what of it was shown when."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import Literal, NamedTuple
from uuid import UUID

import isodate
import msgspec

from shared.errors import Invalid
from shared.periods import local_day

Kind = Literal["conversation", "follow_up"]
State = Literal["open", "paused", "concluded", "declined", "closed"]
Side = Literal["employee", "partner"]
Direction = Literal["expand", "deepen", "redirect", "undecided"]
FacetKind = Literal["value", "skill", "interest", "goal"]
Outcome = Literal["held", "waived"]


@dataclass
class Answer:
    """What became of one question; `at` is when its text was last recorded."""

    state: Literal["answered", "set_aside", "declined"]
    text: str | None = None
    revision: int = 0
    version: int = 0
    until: datetime | None = None
    at: datetime | None = None

    @property
    def stands(self) -> bool:
        """Whether there is a text that wasn't taken back by declining the question."""
        return self.revision > 0 and self.state != "declined"


class Concept(msgspec.Struct, frozen=True, kw_only=True):
    """A place in a public vocabulary, such as ESCO, O*NET or SFIA, as it was called at the time."""

    scheme: str
    uri: str
    version: str | None = None
    label: str | None = None


class Facet(msgspec.Struct, frozen=True):
    """A value, skill, interest or goal, in the employee's words."""

    kind: str
    text: str
    vocabulary: Concept | None = None


@dataclass(frozen=True)
class Note:
    """What one side wrote down beside the conversation, for itself or for both."""

    number: int
    by: Side
    author: UUID
    shared: bool
    question: str | None
    text: str
    at: datetime


class Part(NamedTuple):
    """Something of a conversation that can be shared by itself."""

    kind: Literal["question", "facet", "direction"]
    id: str = ""

    def named(self, conversation: UUID) -> str:
        """How a hand-over calls it."""
        return "/".join((str(conversation), self.kind, self.id)).rstrip("/")


@dataclass
class Shown:
    """When each part was shared without having been taken back since, and when it last was taken back.

    Dates, so that they can be laid beside the dated relations of conversation partners.
    """

    shared: dict[Part, tuple[datetime, ...]] = field(default_factory=dict)
    taken_back: dict[Part, datetime] = field(default_factory=dict)

    def share(self, parts: Iterable[Part], at: datetime) -> None:
        for part in parts:
            self.shared[part] = (*self.shared.get(part, ()), at)

    def take_back(self, parts: Iterable[Part], at: datetime) -> None:
        for part in parts:
            self.shared.pop(part, None)
            self.taken_back[part] = at

    def moments(self, part: Part) -> tuple[datetime, ...]:
        """When it was shown; nothing is, before its author shares it."""
        return self.shared.get(part, ())


class NotADuration(Invalid):
    """A meeting's duration is an ISO 8601 time from PT5M to PT24H, such as PT1H or PT90M."""


@dataclass(frozen=True)
class Appointment:
    """When, where and with whom; `sequence` rises with everything that calendars are told."""

    starts_at: datetime
    duration: str
    place: str | None
    by: str
    partner: UUID | None
    sequence: int
    cancelled: bool = False

    @property
    def lasts(self) -> timedelta:
        """Its duration; raises `NotADuration`."""
        try:
            parsed = isodate.parse_duration(self.duration)
        except (isodate.ISO8601Error, ValueError, ArithmeticError):
            raise NotADuration from None
        if not isinstance(parsed, timedelta):
            raise NotADuration
        return parsed

    def is_as(self, other: Appointment) -> bool:
        """Whether calendars would learn nothing new from the other one."""
        return replace(other, by=self.by, sequence=self.sequence) == self


@dataclass
class Meeting:
    """What is on record of it: the appointment, the partner's claim, the employee's word.

    `earlier` are those with somebody else, before the present one.
    """

    appointment: Appointment | None = None
    earlier: list[Appointment] = field(default_factory=list)
    claimed_on: date | None = None
    outcome: Outcome | None = None
    held_on: date | None = None

    @property
    def is_scheduled(self) -> bool:
        return self.appointment is not None and not self.appointment.cancelled

    def appoint(self, appointment: Appointment) -> None:
        """Let an appointment take the place of the one before, which is off with whom it was with."""
        before = self.appointment
        if before is not None and before.partner != appointment.partner:
            self.earlier.append(replace(before, cancelled=True))
        self.appointment = appointment

    def told_as(self, sequence: int) -> Appointment | None:
        """How the appointment that calendars were told of by that sequence stands now."""
        later = (each for each in self.earlier if each.sequence >= sequence)
        return next(later, self.appointment)

    def called_off(self, since: int) -> list[Appointment]:
        """What was called off, for each with whom it was, after calendars were told that sequence."""
        known = [*self.earlier, *([self.appointment] if self.appointment else [])]
        return [each for each in known if each.cancelled and each.sequence > since]

    def is_later_than_held(self, zone: str) -> bool:
        """Whether the appointment is on a later day in that zone than the one that was held."""
        known, met = self.appointment, self.held_on
        return bool(known and met and local_day(known.starts_at, zone) > met)

    @property
    def next_sequence(self) -> int:
        return self.appointment.sequence + 1 if self.appointment else 0

    @property
    def state(self) -> str | None:
        """`scheduled`, `claimed`, `held` or `waived`; None while nothing is known of one."""
        claimed = "claimed" if self.claimed_on else None
        return self.outcome or claimed or ("scheduled" if self.is_scheduled else None)
