"""How a conversation begins, and what later steps ask of it first."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated
from uuid import UUID

import msgspec
from eventsourcing.domain import event

from services.conversation.content import Answer, Facet, Kind, Meeting, Note, Shown, Side, State
from services.conversation.guides import asked_before
from shared.errors import NotFound, RuleBroken
from shared.eventstore.events import Chapter, Created, Words

FacetsInWords = Annotated[dict[str, Facet], msgspec.Meta(extra={"words": True, "erased": None})]


class NotOpen(RuleBroken):
    """The conversation has ended; what was said stays as it is. A new round brings a new one."""


class Resting(RuleBroken):
    """The conversation rests for now; it goes on when the employee likes."""


class QuestionUnknown(NotFound):
    """The conversation's guide has no such question."""


class Opening(Chapter):
    """Whose conversation it is, what it asks, and on which terms."""

    class Opened(Created, frozen=True, kw_only=True):
        """Facets go on from the conversation before, and so does the direction of a follow-up."""

        TOPIC = "conversation.opened"
        person: UUID
        cycle: UUID
        round: int
        kind: str
        guide: str
        guide_version: int
        direction: Words | None = None
        questions: tuple[str, ...] = ()
        pause_default: str = "P30D"
        pause_longest: str = "P180D"
        facets: FacetsInWords | None = None

    @event(Opened)
    def __init__(
        self,
        person: UUID,
        cycle: UUID,
        round: int,
        kind: Kind,
        guide: str,
        guide_version: int,
        direction: str | None,
        questions: tuple[str, ...],
        pause_default: str,
        pause_longest: str,
        facets: dict[str, Facet] | None,
    ) -> None:
        self.person = person
        self.cycle = cycle
        self.round = round
        self.kind = kind
        self.guide = guide
        self.guide_version = guide_version
        self.questions = questions or asked_before(guide)
        self.pause_default = pause_default
        self.pause_longest = pause_longest
        self.state: State = "open"
        self.resting = False
        self.paused_until: datetime | None = None
        self.concluded_at: datetime | None = None
        self.direction = direction
        self.comment: str | None = None
        self.answers: dict[str, Answer] = {}
        self.facets = dict(facets or {})
        self.sharing = Shown()
        self.notes: list[Note] = []
        self.meeting = Meeting()

    def must_know(self, *questions: str) -> None:
        """Refuse a question that the guide doesn't ask."""
        for question in questions:
            if question not in self.questions:
                known = ", ".join(self.questions)
                raise QuestionUnknown(f"The guide doesn't ask that; it asks {known}.")

    def must_be_open(self, *questions: str) -> None:
        """Refuse what can only be done before the end."""
        if self.state not in {"open", "paused"}:
            raise NotOpen
        self.must_know(*questions)

    def must_be_open_to(self, side: Side) -> None:
        """Refuse what isn't possible at the moment; a partner isn't told whether it was declined."""
        if side == "partner" and self.state in {"paused", "declined"}:
            raise Resting
        self.must_be_open()

    def must_not_be(self, *states: State) -> None:
        """Refuse what is possible in all other states."""
        if self.state in states:
            raise NotOpen
