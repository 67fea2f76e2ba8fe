"""A conversation, put together from its chapters, and the employee's last word on it."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, Self
from uuid import UUID, uuid5

from eventsourcing.domain import event

from services.conversation.answering import Answering
from services.conversation.content import Outcome
from services.conversation.guides import Guide
from services.conversation.meeting import MeetingUp
from services.conversation.notes import NoteTaking
from services.conversation.sharing import Sharing
from services.conversation.whole_person import WholePerson
from shared.errors import RuleBroken
from shared.eventstore.events import Aggregate, Event
from shared.periods import local_day


class NoDirection(RuleBroken):
    """Concluding needs a direction: expand, deepen, redirect or undecided, each as good as another."""


class Conversation(Answering, WholePerson, Sharing, NoteTaking, MeetingUp, Aggregate):
    """One conversation of one round; the employee owns it."""

    TOPIC = "conversation"

    class Concluded(Event, frozen=True, kw_only=True):
        TOPIC = "conversation.concluded"

    class Closed(Event, frozen=True, kw_only=True):
        TOPIC = "conversation.closed"

    @classmethod
    def open(
        cls,
        *,
        person: UUID,
        cycle: UUID,
        round: int,
        guide: Guide,
        at: datetime,
        before: Conversation | None = None,
        **terms: str,
    ) -> Self:
        """Open a round's conversation; facets go on from the one before, a follow-up's direction too.

        `terms` are the policy's `pause_default` and `pause_longest`, which the round keeps.
        """
        return cls.begin(
            conversation_id(cycle, round, guide.kind),
            at,
            person=person,
            cycle=cycle,
            round=round,
            kind=guide.kind,
            guide=guide.guide,
            guide_version=guide.version,
            questions=guide.asks,
            direction=before.direction if before and guide.kind == "follow_up" else None,
            facets=before.facets if before and before.facets else None,
            **terms,
        )

    def decline(self) -> None:
        """Decline the whole conversation of this round; no reason is asked, and nobody meets for it."""
        if self.state in {"open", "paused"}:
            self.call_off("employee")
        super().decline()

    def conclude(self, meeting: Outcome, held_on: date | None, zone: str = "UTC") -> None:
        """The employee, whose `zone` it is, ends the conversation, with a meeting held or waived.

        One that is to come on a later day than they met is off.
        """
        if self.state == "concluded":
            return
        self.must_be_open()
        if self.direction is None:
            raise NoDirection
        self.confirm_or_waive(meeting == "held", held_on, local_day(self.at, zone))
        if meeting == "waived" or self.meeting.is_later_than_held(zone):
            self.call_off("employee")
        self._conclude(timestamp=self.at)

    @event(Concluded)
    def _conclude(self, timestamp: datetime) -> None:
        self.state = "concluded"
        self.resting = False
        self.paused_until = None
        self.concluded_at = timestamp

    def close(self) -> None:
        """End it without a conclusion, when its cycle has ended or something newer takes its place."""
        if self.state in {"open", "paused", "declined"}:
            self.call_off("nobody")
            self._close()

    @event(Closed)
    def _close(self) -> None:
        self.state = "closed"
        self.resting = False
        self.paused_until = None

    @property
    def subject(self) -> UUID:
        return self.person

    @property
    def correlation(self) -> UUID:
        return self.cycle

    def receipt(self) -> dict[str, Any]:
        return {"id": str(self.id), "version": self.version, "state": self.state}


def conversation_id(cycle: UUID, round: int, kind: str) -> UUID:
    """The id of a round's conversation, or of its follow-up."""
    return uuid5(cycle, f"{kind}/{round}")
