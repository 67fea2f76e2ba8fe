"""A conversation: answers in the employee's words, patience, sharing, and the employee's last word."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Literal, Self
from uuid import UUID, uuid5

from eventsourcing.domain import event

from services.conversation.guides import Guide, guide_of
from shared.errors import Invalid, NotFound, RuleBroken
from shared.eventstore.events import Aggregate, Created, Event, Words

Kind = Literal["conversation", "follow_up"]
State = Literal["open", "paused", "concluded", "declined", "closed"]
Direction = Literal["expand", "deepen", "redirect", "undecided"]
FacetKind = Literal["value", "skill", "interest", "goal"]
Meeting = Literal["held", "waived"]


class NotOpen(RuleBroken):
    """The conversation has ended; what was said stays as it is. A new round brings a new one."""


class NotPaused(RuleBroken):
    """The conversation isn't paused."""


class QuestionUnknown(NotFound):
    """The conversation's guide has no such question."""


class FacetUnknown(NotFound):
    """There is no such facet in this conversation."""


class NoDirection(RuleBroken):
    """Concluding needs a direction: expand, deepen, redirect or undecided, each as good as another."""


class MeetingInTheFuture(Invalid):
    """A meeting that was held has a day that isn't in the future."""


@dataclass
class Answer:
    """What became of one question."""

    state: Literal["answered", "set_aside", "declined"]
    text: str | None = None
    revision: int = 0
    version: int = 0
    until: datetime | None = None


@dataclass
class Facet:
    """A value, skill, interest or goal, in the employee's words."""

    kind: str
    text: str


@dataclass
class Sharing:
    """What the employee has let the partner see; `everything` includes what comes later."""

    everything: bool = False
    questions: set[str] = field(default_factory=set)
    facets: set[str] = field(default_factory=set)
    direction: bool = False

    @property
    def something(self) -> bool:
        return self.everything or self.direction or bool(self.questions or self.facets)


class Conversation(Aggregate):
    """One conversation of one round; the employee owns it."""

    TOPIC = "conversation"

    class Opened(Created, frozen=True, kw_only=True):
        TOPIC = "conversation.opened"
        person: UUID
        cycle: UUID
        round: int
        kind: str
        guide: str
        guide_version: int
        direction: Words | None = None

    class AnswerRecorded(Event, frozen=True, kw_only=True):
        TOPIC = "conversation.answer_recorded"
        question: str
        text: Words

    class AnswerRevised(Event, frozen=True, kw_only=True):
        TOPIC = "conversation.answer_revised"
        question: str
        text: Words

    class QuestionSetAside(Event, frozen=True, kw_only=True):
        TOPIC = "conversation.question_set_aside"
        question: str
        until: datetime | None = None

    class QuestionDeclined(Event, frozen=True, kw_only=True):
        TOPIC = "conversation.question_declined"
        question: str

    class FacetNoted(Event, frozen=True, kw_only=True):
        TOPIC = "conversation.facet_noted"
        facet: str
        kind: str
        text: Words

    class FacetWithdrawn(Event, frozen=True, kw_only=True):
        TOPIC = "conversation.facet_withdrawn"
        facet: str

    class DirectionStated(Event, frozen=True, kw_only=True):
        TOPIC = "conversation.direction_stated"
        direction: Words
        comment: Words | None = None

    class Shared(Event, frozen=True, kw_only=True):
        TOPIC = "conversation.shared"
        everything: bool
        questions: tuple[str, ...] = ()
        facets: tuple[str, ...] = ()
        direction: bool = False

    class Unshared(Event, frozen=True, kw_only=True):
        TOPIC = "conversation.unshared"
        everything: bool
        questions: tuple[str, ...] = ()
        facets: tuple[str, ...] = ()
        direction: bool = False

    class MeetingClaimed(Event, frozen=True, kw_only=True):
        TOPIC = "conversation.meeting_claimed"
        held_on: date

    class MeetingConfirmed(Event, frozen=True, kw_only=True):
        TOPIC = "conversation.meeting_confirmed"
        held_on: date

    class MeetingWaived(Event, frozen=True, kw_only=True):
        TOPIC = "conversation.meeting_waived"

    class Paused(Event, frozen=True, kw_only=True):
        TOPIC = "conversation.paused"
        until: datetime

    class Resumed(Event, frozen=True, kw_only=True):
        TOPIC = "conversation.resumed"

    class Concluded(Event, frozen=True, kw_only=True):
        TOPIC = "conversation.concluded"

    class Declined(Event, frozen=True, kw_only=True):
        TOPIC = "conversation.declined"

    class Closed(Event, frozen=True, kw_only=True):
        TOPIC = "conversation.closed"

    state: State

    @classmethod
    def open(
        cls,
        *,
        person: UUID,
        cycle: UUID,
        round: int,
        guide: Guide,
        at: datetime,
        direction: str | None = None,
    ) -> Self:
        """Open the round's conversation; a follow-up begins with the direction stated before."""
        return cls.begin(
            conversation_id(cycle, round, guide.kind),
            at,
            person=person,
            cycle=cycle,
            round=round,
            kind=guide.kind,
            guide=guide.guide,
            guide_version=guide.version,
            direction=direction,
        )

    @event(Opened)
    def __init__(
        self,
        person: UUID,
        cycle: UUID,
        round: int,
        kind: str,
        guide: str,
        guide_version: int,
        direction: str | None,
    ) -> None:
        self.person = person
        self.cycle = cycle
        self.round = round
        self.kind = kind
        self.guide = guide_of(guide, guide_version)
        self.state = "open"
        self.direction = direction
        self.comment: str | None = None
        self.answers: dict[str, Answer] = {}
        self.facets: dict[str, Facet] = {}
        self.sharing = Sharing()
        self.paused_until: datetime | None = None
        self.claimed_on: date | None = None
        self.meeting: Meeting | None = None
        self.held_on: date | None = None
        self.concluded_at: datetime | None = None

    def record_answer(self, question: str, text: str) -> None:
        """Record an answer, or a revision of it; the same text again is nothing new."""
        self._must_be_open(question)
        present = self.answers.get(question)
        if present is None or present.revision == 0:
            self._record_answer(question=question, text=text)
        elif present.text != text or present.state != "answered":
            self._revise_answer(question=question, text=text)

    @event(AnswerRecorded)
    def _record_answer(self, question: str, text: str) -> None:
        self.answers[question] = Answer("answered", text, 1, self.version + 1)

    @event(AnswerRevised)
    def _revise_answer(self, question: str, text: str) -> None:
        revision = self.answers[question].revision + 1
        self.answers[question] = Answer("answered", text, revision, self.version + 1)

    def set_aside(self, question: str, until: datetime | None) -> None:
        """Take your time: leave a question for later, with a day or without, as often as wanted."""
        self._must_be_open(question)
        self._set_aside(question=question, until=until)

    @event(QuestionSetAside)
    def _set_aside(self, question: str, until: datetime | None) -> None:
        self._mark(question, "set_aside", until)

    def decline_question(self, question: str) -> None:
        """Leave a question unanswered for good; no reason is asked."""
        self._must_be_open(question)
        present = self.answers.get(question)
        if present is None or present.state != "declined":
            self._decline_question(question=question)

    @event(QuestionDeclined)
    def _decline_question(self, question: str) -> None:
        self._mark(question, "declined", None)

    def note_facet(self, facet: str, kind: FacetKind, text: str) -> None:
        """Note a value, skill, interest or goal, or word it anew."""
        self._must_be_open()
        if self.facets.get(facet) != Facet(kind, text):
            self._note_facet(facet=facet, kind=kind, text=text)

    @event(FacetNoted)
    def _note_facet(self, facet: str, kind: str, text: str) -> None:
        self.facets[facet] = Facet(kind, text)

    def withdraw_facet(self, facet: str) -> None:
        """Take a facet back."""
        self._must_be_open()
        if facet not in self.facets:
            raise FacetUnknown
        self._withdraw_facet(facet=facet)

    @event(FacetWithdrawn)
    def _withdraw_facet(self, facet: str) -> None:
        del self.facets[facet]
        self.sharing.facets.discard(facet)

    def state_direction(self, direction: Direction, comment: str | None) -> None:
        """Say where it should go, or change it: expand, deepen, redirect or undecided."""
        self._must_be_open()
        if (direction, comment) != (self.direction, self.comment):
            self._state_direction(direction=direction, comment=comment)

    @event(DirectionStated)
    def _state_direction(self, direction: str, comment: str | None) -> None:
        self.direction = direction
        self.comment = comment

    def share(
        self,
        questions: Collection[str] | None = None,
        facets: Collection[str] | None = None,
        direction: bool | None = None,
    ) -> None:
        """Let the partner see everything, or only what is named, and its later revisions."""
        self._must_be_open(*(questions or ()))
        self._share(**self._selection(questions, facets, direction))

    @event(Shared)
    def _share(
        self, everything: bool, questions: tuple[str, ...], facets: tuple[str, ...], direction: bool
    ) -> None:
        self.sharing.everything = self.sharing.everything or everything
        self.sharing.questions |= set(questions)
        self.sharing.facets |= set(facets)
        self.sharing.direction = self.sharing.direction or direction

    def unshare(
        self,
        questions: Collection[str] | None = None,
        facets: Collection[str] | None = None,
        direction: bool | None = None,
    ) -> None:
        """End the partner's access to everything, or to what is named; also after the conclusion."""
        self._unshare(**self._selection(questions, facets, direction))

    @event(Unshared)
    def _unshare(
        self, everything: bool, questions: tuple[str, ...], facets: tuple[str, ...], direction: bool
    ) -> None:
        if everything:
            self.sharing = Sharing()
            return
        if self.sharing.everything:
            self.sharing = Sharing(False, set(self.answers), set(self.facets), True)
        self.sharing.questions -= set(questions)
        self.sharing.facets -= set(facets)
        self.sharing.direction = self.sharing.direction and not direction

    def claim_held(self, held_on: date) -> None:
        """The partner says that the meeting took place; only the employee's word makes it so."""
        self._must_be_open()
        self._must_be_past(held_on)
        if self.claimed_on != held_on:
            self._claim_held(held_on=held_on)

    @event(MeetingClaimed)
    def _claim_held(self, held_on: date) -> None:
        self.claimed_on = held_on

    def conclude(self, meeting: Meeting, held_on: date | None) -> None:
        """The employee ends the conversation, with a meeting held or waived."""
        if self.state == "concluded":
            return
        self._must_be_open()
        if self.direction is None:
            raise NoDirection
        if meeting == "held":
            day = held_on or self.claimed_on or self.at.date()
            self._must_be_past(day)
            self._confirm_meeting(held_on=day)
        else:
            self._waive_meeting()
        self._conclude(timestamp=self.at)

    @event(MeetingConfirmed)
    def _confirm_meeting(self, held_on: date) -> None:
        self.meeting = "held"
        self.held_on = held_on

    @event(MeetingWaived)
    def _waive_meeting(self) -> None:
        self.meeting = "waived"

    @event(Concluded)
    def _conclude(self, timestamp: datetime) -> None:
        self.state = "concluded"
        self.concluded_at = timestamp

    def pause(self, until: datetime) -> None:
        """Rest until a day; nothing is asked and nobody is reminded."""
        self._must_be_open()
        self._pause(until=until)

    @event(Paused)
    def _pause(self, until: datetime) -> None:
        self.state = "paused"
        self.paused_until = until

    def resume(self) -> None:
        """Go on after a pause."""
        if self.state != "paused":
            raise NotPaused
        self._resume()

    @event(Resumed)
    def _resume(self) -> None:
        self.state = "open"
        self.paused_until = None

    def decline(self) -> None:
        """Decline the whole conversation of this round; no reason is asked."""
        if self.state != "declined":
            self._must_be_open()
            self._decline()

    @event(Declined)
    def _decline(self) -> None:
        self.state = "declined"

    def close(self) -> None:
        """End it without a conclusion, when its cycle has ended."""
        if self.state in {"open", "paused"}:
            self._close()

    @event(Closed)
    def _close(self) -> None:
        self.state = "closed"

    @property
    def subject(self) -> UUID:
        return self.person

    @property
    def correlation(self) -> UUID:
        return self.cycle

    @property
    def resting_until(self) -> datetime | None:
        """Until when the employee asked for time with a day, paused or set aside."""
        days = [a.until for a in self.answers.values() if a.state == "set_aside" and a.until]
        return max([*days, *([self.paused_until] if self.paused_until else [])], default=None)

    @property
    def asked_for_time(self) -> bool:
        """Whether the employee has set something aside, or paused, and that still holds."""
        if self.state == "paused":
            return True
        aside = [a for a in self.answers.values() if a.state == "set_aside"]
        return any(a.until is None or a.until > self.at for a in aside)

    def is_shared(self, question: str) -> bool:
        return self.sharing.everything or question in self.sharing.questions

    def receipt(self) -> dict[str, Any]:
        return {"id": str(self.id), "version": self.version, "state": self.state}

    def _mark(self, question: str, state: Literal["set_aside", "declined"], until: Any) -> None:
        present = self.answers.setdefault(question, Answer(state))
        present.state = state
        present.until = until
        present.version = self.version + 1

    def _selection(
        self,
        questions: Collection[str] | None,
        facets: Collection[str] | None,
        direction: bool | None,
    ) -> dict[str, Any]:
        everything = questions is None and facets is None and direction is None
        for question in questions or ():
            self._must_know(question)
        for facet in facets or ():
            if facet not in self.facets:
                raise FacetUnknown
        return {
            "everything": everything,
            "questions": tuple(questions or ()),
            "facets": tuple(facets or ()),
            "direction": bool(direction),
        }

    def _must_be_open(self, *questions: str) -> None:
        if self.state not in {"open", "paused"}:
            raise NotOpen
        for question in questions:
            self._must_know(question)

    def _must_know(self, question: str) -> None:
        if not self.guide.has(question):
            known = ", ".join(known.id for known in self.guide.questions)
            raise QuestionUnknown(f"The guide has no question {question!r}; it asks {known}.")

    def _must_be_past(self, held_on: date) -> None:
        if held_on > self.at.date():
            raise MeetingInTheFuture


def conversation_id(cycle: UUID, round: int, kind: str) -> UUID:
    """The id of a round's conversation, or of its follow-up."""
    return uuid5(cycle, f"{kind}/{round}")
