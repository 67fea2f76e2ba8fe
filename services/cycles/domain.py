"""A person's cycle: the rounds of conversation, plan and follow-up, for as long as they work here.

Each method records one step. A step that was taken before is passed over in silence, so that a
workflow may repeat itself.
"""

from __future__ import annotations

from datetime import datetime
from typing import Literal, Self
from uuid import UUID, uuid5

from eventsourcing.domain import event

from services.cycles import events
from services.cycles.policy import Terms
from shared.errors import RuleBroken
from shared.eventstore.events import Aggregate

State = Literal["conversation", "planning", "developing", "follow_up", "steady", "closed"]


class AlreadyClosed(RuleBroken):
    """The cycle is closed; a rehire or a new start begins another one."""


class NotSuspended(RuleBroken):
    """The cycle isn't suspended."""


class SuspendedByItself(RuleBroken):
    """The cycle is suspended for a reason that ends by itself: record the return from the leave, make
    the person active, name a partner, release the hold, or let the roster feed go on."""


class OutOfTurn(RuleBroken):
    """The cycle is at another step by now."""


class StandsStill(RuleBroken):
    """The cycle is suspended: nothing happens by itself and nothing is sent."""


Tells = tuple[str, ...]
"""To whom mail goes because of a step: employee, partner, hr."""

_BY_HAND = ""
_WITHOUT_A_PLAN = {"no_plan", "plan_not_agreed"}
"""Why a cycle rests whose conversation was concluded."""


class Cycle(Aggregate):
    """One open one per person; its id stays the same through all rounds."""

    TOPIC = "cycles"

    Started = events.Started
    ConversationOpened = events.ConversationOpened
    Nudged = events.Nudged
    NudgeWithheld = events.NudgeWithheld
    PartnerNudged = events.PartnerNudged
    PartnerNudgeWithheld = events.PartnerNudgeWithheld
    Escalated = events.Escalated
    NudgesHeld = events.NudgesHeld
    NudgesReleased = events.NudgesReleased
    PlanningOpened = events.PlanningOpened
    DevelopmentBegan = events.DevelopmentBegan
    CheckInAsked = events.CheckInAsked
    FollowUpOpened = events.FollowUpOpened
    MeetingAnnounced = events.MeetingAnnounced
    HandoverAsked = events.HandoverAsked
    Suspended = events.Suspended
    Resumed = events.Resumed
    Rested = events.Rested
    RoundCompleted = events.RoundCompleted
    Closed = events.Closed
    NoticeSent = events.NoticeSent
    NoticeRefused = events.NoticeRefused
    WakeAsked = events.WakeAsked
    Interrupted = events.Interrupted

    state: State

    @classmethod
    def start(cls, *, tenant: str, person: UUID, number: int, through: str, at: datetime) -> Self:
        """Start a person's cycle."""
        return cls.begin(
            cycle_id(person, number), at, person=person, number=number, through=through
        )

    @event(Started)
    def __init__(self, person: UUID, number: int, through: str) -> None:
        self.person = person
        self.number = number
        self.through = through
        self.state = "conversation"
        self.round = 0
        self.conversations: list[UUID] = []
        self.plans: list[UUID] = []
        self.nudges = 0
        self.partner_nudges = (self.created_on, 0)
        self.escalated: datetime | None = None
        self.nudges_held = False
        self.check_ins = 0
        self.completed = 0
        self.announced: dict[UUID, int] = {}
        self.handover_asked: tuple[UUID, datetime] | None = None
        self.suspensions: dict[str, tuple[str, datetime | None, datetime | None]] = {}
        self.noticed: set[tuple[UUID, str]] = set()

    def open_conversation(
        self,
        round: int,
        conversation: UUID,
        guide: str,
        version: int,
        policy: int,
        terms: Terms,
        tells: Tells = (),
    ) -> None:
        """Begin a round with its conversation, under the policy and guide of today."""
        if round <= self.round:
            return
        self._must_be("conversation", "steady")
        if round != self.completed + 1:
            raise OutOfTurn
        self._open_conversation(
            round=round,
            conversation=conversation,
            guide=guide,
            guide_version=version,
            policy_version=policy,
            terms=terms,
            tells=tells,
        )

    @event(ConversationOpened)
    def _open_conversation(
        self,
        round: int,
        conversation: UUID,
        guide: str,
        guide_version: int,
        policy_version: int,
        terms: Terms,
        tells: Tells,
    ) -> None:
        self.state = "conversation"
        self.round = round
        self.conversations.append(conversation)
        self.nudges = 0
        self.check_ins = 0

    def nudge(self, number: int, withheld: str | None = None, tells: Tells = ()) -> None:
        """Remind the employee gently, or record why not."""
        self._must_be("conversation", "follow_up", "steady")
        if number <= self.nudges:
            return
        where = self.conversations[-1]
        if withheld:
            self._withhold_nudge(conversation=where, number=number, why=withheld)
        else:
            self._nudge(conversation=where, number=number, tells=tells)

    @event(Nudged)
    def _nudge(self, conversation: UUID, number: int, tells: Tells) -> None:
        self.nudges = number

    @event(NudgeWithheld)
    def _withhold_nudge(self, conversation: UUID, number: int, why: str) -> None:
        self.nudges = number

    def nudge_partner(
        self, turn: datetime, number: int, withheld: str | None = None, tells: Tells = ()
    ) -> None:
        """Remind the partner, whose turn it has been since `turn`, or record why not."""
        self._must_be("conversation", "planning", "developing", "follow_up", "steady")
        if (turn, number) <= self.partner_nudges:
            return
        if withheld:
            self._withhold_partner_nudge(turn=turn, number=number, why=withheld)
        else:
            self._nudge_partner(turn=turn, number=number, tells=tells)

    @event(PartnerNudged)
    def _nudge_partner(self, turn: datetime, number: int, tells: Tells) -> None:
        self.partner_nudges = (turn, number)

    @event(PartnerNudgeWithheld)
    def _withhold_partner_nudge(self, turn: datetime, number: int, why: str) -> None:
        self.partner_nudges = (turn, number)

    def escalate(self, turn: datetime, tells: Tells = ()) -> None:
        """Tell HR that it has been the partner's turn for long."""
        self._must_be("conversation", "planning", "developing", "follow_up", "steady")
        if self.escalated != turn:
            self._escalate(turn=turn, tells=tells)

    @event(Escalated)
    def _escalate(self, turn: datetime, tells: Tells) -> None:
        self.escalated = turn

    def hold_nudges(self) -> None:
        """Hold back all reminders of this cycle until they are released."""
        self._must_be_open()
        if not self.nudges_held:
            self._hold_nudges()

    @event(NudgesHeld)
    def _hold_nudges(self) -> None:
        self.nudges_held = True

    def release_nudges(self) -> None:
        """Let reminders go out again."""
        self._must_be_open()
        if self.nudges_held:
            self._release_nudges()

    @event(NudgesReleased)
    def _release_nudges(self) -> None:
        self.nudges_held = False

    def open_planning(self, plan: UUID) -> None:
        """Go on to the plan, once the conversation is concluded."""
        if plan in self.plans:
            return
        self._must_be("conversation", "steady")
        self._open_planning(plan=plan)

    @event(PlanningOpened)
    def _open_planning(self, plan: UUID) -> None:
        self.state = "planning"
        self.plans.append(plan)

    def begin_development(self, plan: UUID, anchor: datetime) -> None:
        """Both have agreed: the anchor of the round is that moment."""
        if self.state == "developing":
            return
        self._must_be("planning", "steady")
        self._begin_development(plan=plan, anchor=anchor)

    @event(DevelopmentBegan)
    def _begin_development(self, plan: UUID, anchor: datetime) -> None:
        self.state = "developing"

    def ask_check_in(self, number: int, tells: Tells = ()) -> None:
        """Ask how the plan is going."""
        self._must_be("developing")
        if number > self.check_ins:
            self._ask_check_in(number=number, tells=tells)

    @event(CheckInAsked)
    def _ask_check_in(self, number: int, tells: Tells) -> None:
        self.check_ins = number

    def open_follow_up(
        self, conversation: UUID, guide: str, version: int, tells: Tells = ()
    ) -> None:
        """Come back to it."""
        if conversation in self.conversations:
            return
        self._must_be("developing", "steady")
        self._open_follow_up(
            conversation=conversation, guide=guide, guide_version=version, tells=tells
        )

    @event(FollowUpOpened)
    def _open_follow_up(
        self, conversation: UUID, guide: str, guide_version: int, tells: Tells
    ) -> None:
        self.state = "follow_up"
        self.conversations.append(conversation)
        self.nudges = 0

    def announce_meeting(self, conversation: UUID, sequence: int, tells: Tells = ()) -> None:
        """Send both the invitation to a meeting, or call it off, also after the cycle was closed."""
        if sequence > self.announced.get(conversation, -1):
            self._announce_meeting(conversation=conversation, sequence=sequence, tells=tells)

    @event(MeetingAnnounced)
    def _announce_meeting(self, conversation: UUID, sequence: int, tells: Tells) -> None:
        self.announced[conversation] = sequence

    def ask_handover(self, partner: UUID, named_at: datetime, tells: Tells = ()) -> None:
        """Ask the employee what a new partner gets to see, also one who has come back."""
        self._must_be_open()
        if self.handover_asked != (partner, named_at):
            self._ask_handover(partner=partner, named_at=named_at, tells=tells)

    @event(HandoverAsked)
    def _ask_handover(self, partner: UUID, named_at: datetime, tells: Tells) -> None:
        self.handover_asked = partner, named_at

    def rest(self, why: str, anchor: datetime) -> None:
        """Let it be until the follow-up: a full outcome, not a failure."""
        if self.state == "steady":
            return
        self._must_be("planning" if why in _WITHOUT_A_PLAN else "conversation")
        self._rest(why=why, anchor=anchor)

    @event(Rested)
    def _rest(self, why: str, anchor: datetime) -> None:
        self.state = "steady"

    def complete_round(self, round: int) -> None:
        """End a round after its follow-up; the next one comes by itself."""
        if round <= self.completed:
            return
        self._must_be("follow_up")
        self._complete_round(round=round)

    @event(RoundCompleted)
    def _complete_round(self, round: int) -> None:
        self.state = "steady"
        self.completed = round

    def suspend(self, reason: str, until: datetime | None) -> None:
        """Let all personal clocks stand still; nothing is sent."""
        self._must_be_open()
        if self.suspensions.get(_BY_HAND) != (reason, until, None):
            self._suspend(reason=reason, until=until, since=None, own=False, tells=())

    def suspend_for(
        self, reason: str, since: datetime, until: datetime | None, tells: Tells = ()
    ) -> None:
        """Stand still for a reason that the cycle sees by itself: leave, hold, nobody to talk with."""
        self._must_be_open()
        if self.suspensions.get(reason) != (reason, until, since):
            self._suspend(reason=reason, until=until, since=since, own=True, tells=tells)

    @event(Suspended)
    def _suspend(
        self,
        reason: str,
        until: datetime | None,
        since: datetime | None,
        own: bool,
        tells: Tells,
    ) -> None:
        self.suspensions[reason if own else _BY_HAND] = (reason, until, since)

    def resume(self) -> None:
        """Let the clocks go on from where they stood."""
        self._must_be_open()
        if _BY_HAND in self.suspensions:
            self._resume(reason=None, since=None)
        else:
            raise SuspendedByItself if self.suspensions else NotSuspended

    def resume_from(self, reason: str | None, since: datetime) -> None:
        """End a suspension whose time has come, None the one by hand; the clocks count from `since`."""
        self._must_be_open()
        known = self.suspensions.get(reason or _BY_HAND)
        if known is None:
            return
        _, until, began = known
        if since == until if began is None else since >= began:  # else it is about an earlier one
            self._resume(reason=reason, since=since)

    @event(Resumed)
    def _resume(self, reason: str | None, since: datetime | None) -> None:
        self.suspensions.pop(reason or _BY_HAND, None)

    def close(self, why: str, tells: Tells = ()) -> None:
        """End the cycle for good."""
        if self.state != "closed":
            self._close(why=why, tells=tells)

    @event(Closed)
    def _close(self, why: str, tells: Tells) -> None:
        self.state = "closed"
        self.suspensions = {}

    def note_sent(self, notice: UUID, to: str) -> None:
        """A mail server took the mail; also after the cycle was closed."""
        if (notice, to) not in self.noticed:
            self._note_sent(notice=notice, to=to)

    @event(NoticeSent)
    def _note_sent(self, notice: UUID, to: str) -> None:
        self.noticed.add((notice, to))

    def note_refused(self, notice: UUID, to: str, why: str) -> None:
        """The mail will not reach anybody."""
        if (notice, to) not in self.noticed:
            self._note_refused(notice=notice, to=to, why=why)

    @event(NoticeRefused)
    def _note_refused(self, notice: UUID, to: str, why: str) -> None:
        self.noticed.add((notice, to))

    def note_wake(self, verb: str) -> None:
        """Put it on record that ops asked the workflow to look again."""
        self._must_be_open()
        self._note_wake(verb=verb)

    @event(WakeAsked)
    def _note_wake(self, verb: str) -> None:
        pass

    def interrupt(self) -> None:
        """Put it on record that the workflow was cancelled; the cycle goes on with the next one."""
        if self.state != "closed":
            self._interrupt()

    @event(Interrupted)
    def _interrupt(self) -> None:
        pass

    @property
    def subject(self) -> UUID:
        return self.person

    @property
    def correlation(self) -> UUID:
        return self.id

    def _must_be_open(self) -> None:
        if self.state == "closed":
            raise AlreadyClosed

    def _must_be(self, *states: State) -> None:
        self._must_be_open()
        if self.state not in states:
            raise OutOfTurn
        if self.suspensions:
            raise StandsStill


def cycle_id(person: UUID, number: int) -> UUID:
    """The id of a person's first, second … cycle; another one begins when the one before is closed."""
    return uuid5(person, f"cycle/{number}")
