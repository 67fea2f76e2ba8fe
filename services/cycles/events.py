"""What can happen to a cycle. `tells` says to whom mail goes because of it: employee, partner, hr."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from services.cycles.policy import Terms
from shared.eventstore.events import Created, Event


class Started(Created, frozen=True, kw_only=True):
    TOPIC = "cycles.started"
    person: UUID
    number: int
    through: str


class ConversationOpened(Event, frozen=True, kw_only=True):
    TOPIC = "cycles.conversation_opened"
    round: int
    conversation: UUID
    guide: str
    guide_version: int
    policy_version: int
    terms: Terms
    tells: tuple[str, ...] = ()


class Nudged(Event, frozen=True, kw_only=True):
    TOPIC = "cycles.nudged"
    conversation: UUID
    number: int
    tells: tuple[str, ...] = ()


class NudgeWithheld(Event, frozen=True, kw_only=True):
    TOPIC = "cycles.nudge_withheld"
    conversation: UUID
    number: int
    why: str


class PartnerNudged(Event, frozen=True, kw_only=True):
    TOPIC = "cycles.partner_nudged"
    turn: datetime
    number: int
    tells: tuple[str, ...] = ()


class PartnerNudgeWithheld(Event, frozen=True, kw_only=True):
    TOPIC = "cycles.partner_nudge_withheld"
    turn: datetime
    number: int
    why: str


class Escalated(Event, frozen=True, kw_only=True):
    TOPIC = "cycles.escalated"
    turn: datetime
    tells: tuple[str, ...] = ()


class NudgesHeld(Event, frozen=True, kw_only=True):
    """Ops hold back the reminders of this cycle."""

    TOPIC = "cycles.nudges_held"


class NudgesReleased(Event, frozen=True, kw_only=True):
    TOPIC = "cycles.nudges_released"


class PlanningOpened(Event, frozen=True, kw_only=True):
    TOPIC = "cycles.planning_opened"
    plan: UUID


class DevelopmentBegan(Event, frozen=True, kw_only=True):
    TOPIC = "cycles.development_began"
    plan: UUID
    anchor: datetime


class CheckInAsked(Event, frozen=True, kw_only=True):
    TOPIC = "cycles.check_in_asked"
    number: int
    tells: tuple[str, ...] = ()


class FollowUpOpened(Event, frozen=True, kw_only=True):
    TOPIC = "cycles.follow_up_opened"
    conversation: UUID
    guide: str
    guide_version: int
    tells: tuple[str, ...] = ()


class MeetingAnnounced(Event, frozen=True, kw_only=True):
    """The invitation of this sequence goes to both, or the one before is called off."""

    TOPIC = "cycles.meeting_announced"
    conversation: UUID
    sequence: int
    tells: tuple[str, ...] = ()


class HandoverAsked(Event, frozen=True, kw_only=True):
    """The employee is asked what a partner who was named at that moment gets to see."""

    TOPIC = "cycles.handover_asked"
    partner: UUID
    named_at: datetime
    tells: tuple[str, ...] = ()


class Suspended(Event, frozen=True, kw_only=True):
    """The clocks stand still from `since`; `own` is what the cycle does and ends by itself."""

    TOPIC = "cycles.suspended"
    reason: str
    until: datetime | None = None
    since: datetime | None = None
    own: bool = False
    tells: tuple[str, ...] = ()


class Resumed(Event, frozen=True, kw_only=True):
    """The clocks go on from `since`; `reason` is which of its own suspensions has ended."""

    TOPIC = "cycles.resumed"
    reason: str | None = None
    since: datetime | None = None


class Rested(Event, frozen=True, kw_only=True):
    TOPIC = "cycles.rested"
    why: str
    anchor: datetime


class RoundCompleted(Event, frozen=True, kw_only=True):
    TOPIC = "cycles.round_completed"
    round: int


class Closed(Event, frozen=True, kw_only=True):
    TOPIC = "cycles.closed"
    why: str
    tells: tuple[str, ...] = ()


class NoticeSent(Event, frozen=True, kw_only=True):
    """A mail server took the mail that `notice` (an event of this cycle) gave rise to."""

    TOPIC = "cycles.notice_sent"
    notice: UUID
    to: str


class NoticeRefused(Event, frozen=True, kw_only=True):
    """It will not reach anybody: refused for good, or nobody to write to. `why` is a code."""

    TOPIC = "cycles.notice_refused"
    notice: UUID
    to: str
    why: str


class WakeAsked(Event, frozen=True, kw_only=True):
    """Ops let the cycle's workflow look again, or try again what had given up."""

    TOPIC = "cycles.wake_asked"
    verb: str


class Interrupted(Event, frozen=True, kw_only=True):
    """The cycle's workflow was cancelled in Temporal; the cycle itself goes on."""

    TOPIC = "cycles.interrupted"
