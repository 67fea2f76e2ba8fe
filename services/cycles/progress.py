"""Where a cycle stands: the facts that decide whose turn it is and what is due when.

`fold.py` derives them from events. No words are needed; the read model keeps them, and the workflow
reads them afresh at each wake-up.
"""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

import msgspec

from services.cycles.policy import Terms
from shared.intervals import Interval
from shared.periods import after

EMPLOYEE, PARTNER, ORGANISATION, NOBODY = "employee", "partner", "organisation", "nobody"
LEAVE, INACTIVE, HOLD = "leave", "inactive", "hold"
NO_PARTNER, FEED_STOPPED = "no_partner", "feed_stopped"
BY_HAND = ""


class Suspension(msgspec.Struct):
    """Why the clocks stand still, since when and until when."""

    reason: str
    since: datetime
    until: datetime | None = None


class Handover(msgspec.Struct):
    """A new partner, about whom the employee hasn't said yet what they get to see.

    `since` moves with the clocks, `named_at` doesn't.
    """

    partner: UUID
    named_at: datetime
    since: datetime
    asked: bool = False


class Meeting(msgspec.Struct):
    """What calendars have to be told of a meeting, and with whom it is; `sequence` rises each time."""

    sequence: int
    at: datetime
    partner: UUID | None = None
    cancelled: bool = False


class Progress(msgspec.Struct, kw_only=True):
    """The facts of one cycle, its round at hand, and its person."""

    cycle: UUID
    person: UUID
    tenant: str
    version: int = 1
    state: str = "conversation"
    round: int = 0
    completed: int = 0
    terms: Terms = Terms()
    turn: str = NOBODY
    since: datetime
    started_at: datetime
    opened_at: datetime | None = None
    conversations: list[UUID] = []
    conversation_state: str | None = None
    ended_at: datetime | None = None
    aside: dict[str, datetime | None] = {}
    not_before: datetime | None = None
    asked_until: datetime | None = None
    paused_until: datetime | None = None
    meeting: Meeting | None = None
    announced: int = -1
    nudges: int = 0
    partner_nudges: int = 0
    escalated: bool = False
    shown: list[str] = []
    plans: list[UUID] = []
    plan_state: str | None = None
    planning_at: datetime | None = None
    activated_at: datetime | None = None
    check_ins: int = 0
    anchor: datetime | None = None

    zone: str = "UTC"
    department: str | None = None
    legal_entity: str | None = None
    inactive: Interval | None = None
    profile_at: datetime | None = None
    end_date: date | None = None
    gone: tuple[str, datetime] | None = None
    partner: UUID | None = None
    partner_at: datetime | None = None
    last_partner: UUID | None = None
    alone: Interval | None = None
    handover: Handover | None = None
    leaves: list[Interval] = []
    hold: Interval | None = None

    nudges_held: bool = False
    tenant_holds_nudges: bool = False
    suspensions: dict[str, Suspension] = {}
    stops: int = 0
    standing_since: datetime | None = None

    @property
    def conversation(self) -> UUID | None:
        return self.conversations[-1] if self.conversations else None

    @property
    def plan(self) -> UUID | None:
        return self.plans[-1] if self.plan_state else None

    @property
    def suspension(self) -> Suspension | None:
        """The reason that lasts longest, by hand before others; None while the clocks go."""
        for key in (BY_HAND, HOLD, LEAVE, INACTIVE, FEED_STOPPED, NO_PARTNER):
            if found := self.suspensions.get(key):
                stretch = self.away() if key == LEAVE else None
                until = stretch.until if stretch else found.until
                return Suspension(found.reason, found.since, until)
        return None

    def resting_until(self, now: datetime) -> datetime | None:
        """Until when the employee asked for time, where that has a day."""
        days = [day for day in (*self.aside.values(), self.paused_until) if day and day > now]
        return max(days, default=None)

    @property
    def undisturbed_since(self) -> datetime:
        """From when the partner's time counts: since it is their turn, but not before a day until which
        the employee asked for time meanwhile, also where they came back earlier."""
        days = [day for day in (*self.aside.values(), self.asked_until) if day]
        return max((self.since, *days))

    def withheld(self, now: datetime) -> str | None:
        """Why the employee is not to be reminded: held, paused, set_aside, or None."""
        held = self.nudges_held or self.tenant_holds_nudges
        return "held" if held else self.asked_for_time(now)

    def asked_for_time(self, now: datetime) -> str | None:
        """How the employee asked for time that isn't over: paused, set_aside, or None."""
        if self.conversation_state == "paused" and (
            not self.paused_until or self.paused_until > now
        ):
            return "paused"
        if any(until is None or until > now for until in self.aside.values()):
            return "set_aside"
        return None

    def away(self) -> Interval | None:
        """The stretch for which the clocks stand still because of leave: the one that is on record as
        begun, or else the next. Leaves that follow each other before the clocks go on are one."""
        on_record = self.suspensions.get(LEAVE)
        stretches = self._stretches()
        if on_record is not None:
            return next((s for s in stretches if s.holds(on_record.since)), None)
        return next((s for s in stretches if not s.until or s.until > self.started_at), None)

    def _stretches(self) -> list[Interval]:
        found: list[Interval] = []
        for leave in self.leaves:
            again = (
                after(leave.until, [self.terms.return_grace], self.zone) if leave.until else None
            )
            stretch = Interval(max(leave.since, self.started_at), again)
            if found and (found[-1].until is None or stretch.since <= found[-1].until):
                stretch = found.pop().merged(stretch)
            found.append(stretch)
        return found

    def hand(self, turn: str, at: datetime) -> None:
        """Make it somebody's turn; the same one's again changes nothing."""
        if turn != self.turn:
            self.turn = turn
            self.begin_turn(at)

    def begin_turn(self, at: datetime) -> None:
        """Let the time of whoever's turn it is count from a moment on."""
        self.since = at
        self.asked_until = None
        self.partner_nudges = 0
        self.escalated = False
