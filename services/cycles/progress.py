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
    """What calendars have to be told of a meeting, and with whom it is; `sequence` rises each time.

    `starts_at` is None in what older releases kept.
    """

    sequence: int
    at: datetime
    partner: UUID | None = None
    cancelled: bool = False
    starts_at: datetime | None = None

    def is_to_come(self, now: datetime) -> bool:
        """Whether it can still be called off."""
        return not self.cancelled and (self.starts_at is None or self.starts_at > now)


class Progress(msgspec.Struct, kw_only=True):
    """The facts of one cycle, its round at hand, and its person.

    `called_off` are the meetings with partners of before whose calendars don't know it yet. `shown_to`
    says to whom each part of the conversation was shown, `handed` what of it the partner was handed
    over, and `partner_asked` whether something shown waits for them. `came_back` is whether it was
    brought back after it rested or was left out. `plan_with` is who has yet to agree to the plan, or to
    a change of it; `in_force` is its revision that both have agreed to. `proposed_to` are those to whom
    the employee proposed it, and `plan_handed` is whether the partner was handed over all of it.
    `checked_in` is the check-in that was answered last. What was put before nobody (None) is for whoever
    is named next.
    """

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
    called_off: list[Meeting] = []
    announced: int = -1
    nudges: int = 0
    partner_nudges: int = 0
    partner_nudged_at: datetime | None = None
    escalated: bool = False
    shown_to: dict[str, list[UUID | None]] = {}
    handed: list[str] = []
    partner_asked: bool = False
    came_back: bool = False
    plans: list[UUID] = []
    plan_state: str | None = None
    plan_with: str | None = None
    in_force: int | None = None
    proposed_to: list[UUID | None] = []
    plan_handed: bool = False
    planning_at: datetime | None = None
    activated_at: datetime | None = None
    check_ins: int = 0
    checked_in: int = 0
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
        return self.plans[-1] if self.planning_at else None

    @property
    def earlier_plans(self) -> list[UUID]:
        """The plans of the rounds before."""
        return self.plans[:-1] if self.planning_at else self.plans

    @property
    def talks(self) -> bool:
        """Whether the conversation goes on: in its own time, or brought back while the cycle rests."""
        back = self.state == "steady" and self.turn != NOBODY
        return back or self.state in {"conversation", "follow_up"}

    @property
    def sees(self) -> bool:
        """Whether the partner can read anything of the conversation."""
        return bool(self.handed) or any(self.partner in whom for whom in self.shown_to.values())

    @property
    def wanted(self) -> str | None:
        """Who has something to do with what was shown or proposed; where the partner can't read it, that
        is the employee, who may put it before them."""
        if self.state in {"planning", "developing"}:
            asked, reads = self.plan_with, self.plan_handed or self.partner in self.proposed_to
        else:
            asked, reads = PARTNER if self.partner_asked else None, self.sees
        unread = asked == PARTNER and self.partner is not None and not reads
        return EMPLOYEE if unread else asked

    @property
    def owes_check_in(self) -> bool:
        """Whether the employee was asked how the plan goes, and hasn't said so yet."""
        is_due = self.state == "developing" and self.plan_state == "active"
        return is_due and self.checked_in < self.check_ins

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

    def given_time(self, due: datetime, now: datetime) -> datetime:
        """When the conversation may end: not before a day until which the employee asked for time."""
        if self.conversation_state not in {"open", "paused"}:
            return due
        return max(due, self.resting_until(now) or due, self.not_before or due)

    @property
    def untold_meeting(self) -> Meeting | None:
        """The first one that calendars have to be told of."""
        known = [*self.called_off, *([self.meeting] if self.meeting else [])]
        return next((each for each in known if each.sequence > self.announced), None)

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

    def unasked(self) -> Progress:
        """Where it would stand if the employee hadn't asked for time."""
        paused, waited = self.conversation_state == "paused", self.undisturbed_since > self.since
        return msgspec.structs.replace(
            self,
            conversation_state="open" if paused else self.conversation_state,
            paused_until=None,
            aside={},
            not_before=None,
            asked_until=None,
            partner_nudged_at=None if waited else self.partner_nudged_at,
        )

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
        self.asked_until = self.partner_nudged_at = None
        self.partner_nudges = 0
        self.escalated = False
