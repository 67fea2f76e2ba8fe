"""The whole person beside the answers: values, skills, interests, goals, and where it should go."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

import msgspec
from eventsourcing.domain import event

from services.conversation.content import Concept, Direction, Facet, FacetKind, Part
from services.conversation.patience import Patience
from shared.errors import NotFound
from shared.eventstore.events import Event, Words

ConceptInWords = Annotated[Concept, msgspec.Meta(extra={"words": True, "erased": None})]
"""A link to a vocabulary says as much as the words do."""


class FacetUnknown(NotFound):
    """There is no such facet in this conversation."""


class WholePerson(Patience):
    """Facets and the direction, in the employee's words."""

    class FacetNoted(Event, frozen=True, kw_only=True):
        TOPIC = "conversation.facet_noted"
        facet: str
        kind: str
        text: Words
        vocabulary: ConceptInWords | None = None

    class FacetWithdrawn(Event, frozen=True, kw_only=True):
        TOPIC = "conversation.facet_withdrawn"
        facet: str

    class DirectionStated(Event, frozen=True, kw_only=True):
        TOPIC = "conversation.direction_stated"
        direction: Words
        comment: Words | None = None

    def note_facet(
        self, facet: str, kind: FacetKind, text: str, vocabulary: Concept | None = None
    ) -> None:
        """Note a value, skill, interest or goal, or word it anew."""
        self.must_be_open()
        if self.facets.get(facet) != Facet(kind, text, vocabulary):
            self.come_back()
            self._note_facet(facet=facet, kind=kind, text=text, vocabulary=vocabulary)

    @event(FacetNoted)
    def _note_facet(self, facet: str, kind: str, text: str, vocabulary: Concept | None) -> None:
        self.facets[facet] = Facet(kind, text, vocabulary)

    def withdraw_facet(self, facet: str) -> None:
        """Take a facet back."""
        self.must_be_open()
        if facet not in self.facets:
            raise FacetUnknown
        self.come_back()
        self._withdraw_facet(facet=facet, timestamp=self.at)

    @event(FacetWithdrawn)
    def _withdraw_facet(self, facet: str, timestamp: datetime) -> None:
        del self.facets[facet]
        self.sharing.take_back([Part("facet", facet)], timestamp)

    def state_direction(self, direction: Direction, comment: str | None) -> None:
        """Say where it should go, or change it: expand, deepen, redirect or undecided."""
        self.must_be_open()
        if (direction, comment) != (self.direction, self.comment):
            self.come_back()
            self._state_direction(direction=direction, comment=comment)

    @event(DirectionStated)
    def _state_direction(self, direction: str, comment: str | None) -> None:
        self.direction = direction
        self.comment = comment
