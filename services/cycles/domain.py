"""A person's cycle: the rounds of conversation, plan and follow-up, for as long as they work here.

Each method records one step. A step that was taken before is passed over in silence, so that a
workflow may repeat itself.
"""

from __future__ import annotations

from datetime import datetime
from typing import Literal, Self
from uuid import UUID, uuid5

from eventsourcing.domain import event

from services.cycles.policy import Terms
from shared.errors import RuleBroken
from shared.eventstore.events import Aggregate, Created, Event

State = Literal["conversation", "planning", "developing", "follow_up", "steady", "closed"]


class AlreadyClosed(RuleBroken):
    """The cycle is closed; a rehire or a new start begins another one."""


class NotSuspended(RuleBroken):
    """The cycle isn't suspended."""


class OutOfTurn(RuleBroken):
    """The cycle is at another step by now."""


class Cycle(Aggregate):
    """One open one per person; its id stays the same through all rounds."""

    TOPIC = "cycles"

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

    class Nudged(Event, frozen=True, kw_only=True):
        TOPIC = "cycles.nudged"
        conversation: UUID
        number: int

    class NudgeWithheld(Event, frozen=True, kw_only=True):
        TOPIC = "cycles.nudge_withheld"
        conversation: UUID
        number: int
        why: str

    class PartnerNudged(Event, frozen=True, kw_only=True):
        TOPIC = "cycles.partner_nudged"
        turn: datetime
        number: int

    class Escalated(Event, frozen=True, kw_only=True):
        TOPIC = "cycles.escalated"
        turn: datetime

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

    class FollowUpOpened(Event, frozen=True, kw_only=True):
        TOPIC = "cycles.follow_up_opened"
        conversation: UUID
        guide: str
        guide_version: int

    class Suspended(Event, frozen=True, kw_only=True):
        TOPIC = "cycles.suspended"
        reason: str
        until: datetime | None = None

    class Resumed(Event, frozen=True, kw_only=True):
        TOPIC = "cycles.resumed"

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

    state: State

    @classmethod
    def start(cls, *, tenant: str, person: UUID, number: int, through: str, at: datetime) -> Self:
        """Start a person's cycle."""
        return cls.begin(
            cycle_id(person, number), at, person=person, number=number, through=through
        )

    @event(Started)
    def __init__(self, person: UUID, number: int) -> None:
        self.person = person
        self.number = number
        self.state = "conversation"
        self.round = 0
        self.conversations: list[UUID] = []
        self.plans: list[UUID] = []
        self.nudges = 0
        self.partner_nudges = (self.created_on, 0)
        self.escalated: datetime | None = None
        self.check_ins = 0
        self.completed = 0
        self.suspension: tuple[str, datetime | None] | None = None

    def open_conversation(
        self, round: int, conversation: UUID, guide: str, version: int, policy: int, terms: Terms
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
    ) -> None:
        self.state = "conversation"
        self.round = round
        self.conversations.append(conversation)
        self.nudges = 0
        self.check_ins = 0

    def nudge(self, number: int, withheld: str | None = None) -> None:
        """Remind the employee gently, or record why not."""
        self._must_be("conversation", "follow_up")
        if number <= self.nudges:
            return
        where = self.conversations[-1]
        if withheld:
            self._withhold_nudge(conversation=where, number=number, why=withheld)
        else:
            self._nudge(conversation=where, number=number)

    @event(Nudged)
    def _nudge(self, conversation: UUID, number: int) -> None:
        self.nudges = number

    @event(NudgeWithheld)
    def _withhold_nudge(self, conversation: UUID, number: int, why: str) -> None:
        self.nudges = number

    def nudge_partner(self, turn: datetime, number: int) -> None:
        """Remind the partner, whose turn it has been since `turn`."""
        self._must_be("conversation", "planning", "follow_up")
        if (turn, number) > self.partner_nudges:
            self._nudge_partner(turn=turn, number=number)

    @event(PartnerNudged)
    def _nudge_partner(self, turn: datetime, number: int) -> None:
        self.partner_nudges = (turn, number)

    def escalate(self, turn: datetime) -> None:
        """Tell HR that it has been the partner's turn for long."""
        self._must_be("conversation", "planning", "follow_up")
        if self.escalated != turn:
            self._escalate(turn=turn)

    @event(Escalated)
    def _escalate(self, turn: datetime) -> None:
        self.escalated = turn

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

    def ask_check_in(self, number: int) -> None:
        """Ask how the plan is going."""
        self._must_be("developing")
        if number > self.check_ins:
            self._ask_check_in(number=number)

    @event(CheckInAsked)
    def _ask_check_in(self, number: int) -> None:
        self.check_ins = number

    def open_follow_up(self, conversation: UUID, guide: str, version: int) -> None:
        """Come back to it."""
        if conversation in self.conversations:
            return
        self._must_be("developing", "steady")
        self._open_follow_up(conversation=conversation, guide=guide, guide_version=version)

    @event(FollowUpOpened)
    def _open_follow_up(self, conversation: UUID, guide: str, guide_version: int) -> None:
        self.state = "follow_up"
        self.conversations.append(conversation)
        self.nudges = 0

    def rest(self, why: str, anchor: datetime) -> None:
        """Let it be until the follow-up: a full outcome, not a failure."""
        if self.state == "steady":
            return
        self._must_be("conversation", "planning")
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
        if self.suspension != (reason, until):
            self._suspend(reason=reason, until=until)

    @event(Suspended)
    def _suspend(self, reason: str, until: datetime | None) -> None:
        self.suspension = (reason, until)

    def resume(self) -> None:
        """Let the clocks go on from where they stood."""
        self._must_be_open()
        if self.suspension is None:
            raise NotSuspended
        self._resume()

    @event(Resumed)
    def _resume(self) -> None:
        self.suspension = None

    def close(self, why: str) -> None:
        """End the cycle for good."""
        if self.state != "closed":
            self._close(why=why)

    @event(Closed)
    def _close(self, why: str) -> None:
        self.state = "closed"
        self.suspension = None

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


def cycle_id(person: UUID, number: int) -> UUID:
    """The id of a person's first, second … cycle; another one begins when the one before is closed."""
    return uuid5(person, f"cycle/{number}")
