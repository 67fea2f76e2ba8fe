"""The answers to the guide's questions: recorded, revised, set aside, declined, as often as wanted."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from eventsourcing.domain import event

from services.conversation.content import Answer, Part
from services.conversation.patience import Patience
from shared.eventstore.events import Event, Words


class Answering(Patience):
    """One question after another, in any order."""

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

    def record_answer(self, question: str, text: str) -> None:
        """Record an answer, or a revision of it; the same text again is nothing new."""
        self.must_be_open(question)
        present = self.answers.get(question)
        if present is None or present.revision == 0:
            self.come_back()
            self._record_answer(question=question, text=text, timestamp=self.at)
        elif present.text != text or present.state != "answered":
            self.come_back()
            self._revise_answer(question=question, text=text, timestamp=self.at)

    @event(AnswerRecorded)
    def _record_answer(self, question: str, text: str, timestamp: datetime) -> None:
        version = self.version + 1
        self.answers[question] = Answer("answered", text, 1, version, at=timestamp)

    @event(AnswerRevised)
    def _revise_answer(self, question: str, text: str, timestamp: datetime) -> None:
        revision, version = self.answers[question].revision + 1, self.version + 1
        self.answers[question] = Answer("answered", text, revision, version, at=timestamp)

    def set_aside(self, question: str, until: datetime | None) -> None:
        """Take your time: leave a question for later, with a day or without, as often as wanted."""
        self.must_be_open(question)
        self.come_back()
        self._set_aside(question=question, until=until)

    @event(QuestionSetAside)
    def _set_aside(self, question: str, until: datetime | None) -> None:
        self._mark(question, "set_aside", until)

    def decline_question(self, question: str) -> None:
        """Leave a question unanswered for good, and take back what was answered; no reason is asked."""
        self.must_be_open(question)
        present = self.answers.get(question)
        if present is None or present.state != "declined":
            self.come_back()
            self._decline_question(question=question, timestamp=self.at)

    @event(QuestionDeclined)
    def _decline_question(self, question: str, timestamp: datetime) -> None:
        self._mark(question, "declined", None)
        self.sharing.take_back([Part("question", question)], timestamp)

    @property
    def asked_for_time(self) -> bool:
        """Whether the employee has set something aside, or paused, and that still holds."""
        return any(until is None or until > self.at for until in self._waits)

    @property
    def resting_until(self) -> datetime | None:
        """Until when the employee asked for time with a day, paused or set aside."""
        return max((until for until in self._waits if until and until > self.at), default=None)

    @property
    def _waits(self) -> list[datetime | None]:
        aside = [a.until for a in self.answers.values() if a.state == "set_aside"]
        return [*aside, *([self.paused_until] if self.state == "paused" else [])]

    def _mark(
        self, question: str, state: Literal["set_aside", "declined"], until: datetime | None
    ) -> None:
        present = self.answers.setdefault(question, Answer(state))
        present.state = state
        present.until = until
        present.version = self.version + 1
