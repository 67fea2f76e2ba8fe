"""Nothing is visible before its author shares it; what was shared can be taken back at any time."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime
from typing import Any

from eventsourcing.domain import event

from services.conversation.content import Part
from services.conversation.patience import Patience
from services.conversation.whole_person import FacetUnknown
from shared.eventstore.events import Event

DIRECTION = Part("direction")
Names = Collection[str] | None


class Sharing(Patience):
    """Share with the partner, all or single parts, and take it back."""

    class Shared(Event, frozen=True, kw_only=True):
        """`everything` is what was recorded by then; its later revisions are shared with it.

        Its parts are named as well; they weren't at first.
        """

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

    def share(
        self, questions: Names = None, facets: Names = None, direction: bool | None = None
    ) -> None:
        """Let the partner see what is recorded by now, or only what is named; also after the end.

        With nothing to share nothing happens, and it stays whose turn it is.
        """
        self.must_not_be("declined", "closed")
        selection = self._selection(questions, facets, direction)
        names = _names(self.recorded) if selection["everything"] else selection
        if names["questions"] or names["facets"] or names["direction"]:
            self.come_back()
            self._share(**selection | names, timestamp=self.at)

    @event(Shared)
    def _share(
        self,
        everything: bool,
        questions: tuple[str, ...],
        facets: tuple[str, ...],
        direction: bool,
        timestamp: datetime,
    ) -> None:
        parts = self.recorded if everything else _parts(questions, facets, direction)
        self.sharing.share(parts, timestamp)

    def unshare(
        self, questions: Names = None, facets: Names = None, direction: bool | None = None
    ) -> None:
        """End the partner's access to everything, or to what is named; also after the end."""
        self._unshare(**self._selection(questions, facets, direction), timestamp=self.at)

    @event(Unshared)
    def _unshare(
        self,
        everything: bool,
        questions: tuple[str, ...],
        facets: tuple[str, ...],
        direction: bool,
        timestamp: datetime,
    ) -> None:
        every = {*self.recorded, *self.sharing.shared}
        parts = every if everything else _parts(questions, facets, direction)
        self.sharing.take_back(parts, timestamp)

    @property
    def recorded(self) -> list[Part]:
        """Everything that there is to share by now."""
        answered = [question for question, answer in self.answers.items() if answer.stands]
        return _parts(answered, self.facets, self.direction is not None)

    def _selection(self, questions: Names, facets: Names, direction: bool | None) -> dict[str, Any]:
        self.must_know(*(questions or ()))
        if not set(facets or ()) <= self.facets.keys():
            raise FacetUnknown
        return {
            "everything": questions is None and facets is None and direction is None,
            "questions": tuple(questions or ()),
            "facets": tuple(facets or ()),
            "direction": bool(direction),
        }


def _parts(questions: Iterable[str], facets: Iterable[str], direction: bool) -> list[Part]:
    return [
        *(Part("question", question) for question in questions),
        *(Part("facet", facet) for facet in facets),
        *([DIRECTION] if direction else []),
    ]


def _names(parts: Collection[Part]) -> dict[str, Any]:
    """The names of parts, as events carry them."""
    return {
        "questions": tuple(part.id for part in parts if part.kind == "question"),
        "facets": tuple(part.id for part in parts if part.kind == "facet"),
        "direction": DIRECTION in parts,
    }
