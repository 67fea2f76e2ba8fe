"""Nobody is rushed: a conversation may pause, rest or be declined, and comes back with one click."""

from __future__ import annotations

from datetime import datetime

from eventsourcing.domain import event

from services.conversation.opening import Opening
from shared.errors import RuleBroken
from shared.eventstore.events import Event


class NotPaused(RuleBroken):
    """The conversation isn't paused, and doesn't rest."""


class Patience(Opening):
    """Pause, rest, resume, decline."""

    class Paused(Event, frozen=True, kw_only=True):
        TOPIC = "conversation.paused"
        until: datetime

    class Resumed(Event, frozen=True, kw_only=True):
        TOPIC = "conversation.resumed"

    class Rested(Event, frozen=True, kw_only=True):
        """Nobody is reminded any more; one click, or simply going on, brings it back."""

        TOPIC = "conversation.rested"

    class Reopened(Event, frozen=True, kw_only=True):
        TOPIC = "conversation.reopened"

    class Declined(Event, frozen=True, kw_only=True):
        TOPIC = "conversation.declined"

    def pause(self, until: datetime) -> None:
        """Rest until a day; nothing is asked and nobody is reminded."""
        self.must_be_open()
        self.come_back()
        self._pause(until=until)

    @event(Paused)
    def _pause(self, until: datetime) -> None:
        self.state = "paused"
        self.paused_until = until

    def rest(self) -> None:
        """Let it be, after the last gentle reminder; nothing is lost."""
        if self.state == "open" and not self.resting:
            self._rest()

    @event(Rested)
    def _rest(self) -> None:
        self.resting = True

    def resume(self) -> None:
        """Come back with one click from wherever it is quiet: paused, resting or declined."""
        if self.state == "paused":
            self._resume()
        elif self.state == "declined" or self.resting:
            self._reopen()
        else:
            raise NotPaused

    @event(Resumed)
    def _resume(self) -> None:
        self.state = "open"
        self.resting = False
        self.paused_until = None

    @event(Reopened)
    def _reopen(self) -> None:
        self.state = "open"
        self.resting = False

    def come_back(self) -> None:
        """Bring a conversation back that rests: what whoever goes on in it does."""
        if self.resting:
            self._reopen()

    def decline(self) -> None:
        """Decline the whole conversation of this round; no reason is asked."""
        if self.state != "declined":
            self.must_be_open()
            self._decline()

    @event(Declined)
    def _decline(self) -> None:
        self.state = "declined"
        self.resting = False
        self.paused_until = None
