"""One reader before one conversation: what of it may be seen, by `services/permission.py` alone."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any
from uuid import UUID

from services.access import Artefact
from services.conversation.content import Answer, Appointment, Facet, Note, Part
from services.conversation.domain import Conversation
from services.conversation.sharing import DIRECTION
from services.correction import Statement
from services.exhibits import Exhibit
from services.permission import Resource, Sight, present
from services.showing import reaches_partner


@dataclass
class Look:
    """Hands out what the reader may see, and remembers whose words went out and on what ground.

    `sight` holds the person's ties, whoever looks; `read` names the artefacts of which somebody else's
    words were handed out, for the disclosure that is recorded before they leave.
    """

    conversation: Conversation
    sight: Sight
    read: dict[Artefact, str] = field(default_factory=dict)

    @property
    def is_own(self) -> bool:
        """Whether the employee looks at what is theirs."""
        return self._patience == "all" and self.sight.by.subject == self.conversation.person

    @property
    def tells_patience(self) -> bool:
        """Whether "declined" and "set aside" may be told in so many words."""
        return self._patience == "all"

    @property
    def partner(self) -> UUID | None:
        """The conversation partner of today; nobody, of a conversation from before a new employment."""
        now = present(self.sight.ties, self.sight.at)
        if now is None or not now.is_of_employment_at(self.conversation.created_on):
            return None
        return now.partner

    def answer(self, question: str) -> Answer | None:
        """The answer that may be read; the employee also reads one that was taken back."""
        answer = self.conversation.answers.get(question)
        if answer is None or not (self.is_own or answer.stands):
            return None
        thing = thing_of(self.conversation, Part("question", question))
        return answer if self._reads(thing) else None

    def text(self, question: str) -> str | None:
        """The text of an answer that stands, where it may be read."""
        answer = self.answer(question)
        return answer.text if answer is not None and answer.stands else None

    def facets(self) -> dict[str, Facet]:
        """The facets that may be read, by id."""
        known = self.conversation
        found = known.facets.items()
        return {n: f for n, f in found if self._reads(thing_of(known, Part("facet", n)))}

    def direction(self) -> tuple[str | None, str | None]:
        """The direction and its comment, where they may be read."""
        known = self.conversation
        if known.direction is None or not self._reads(thing_of(known, DIRECTION)):
            return None, None
        return known.direction, known.comment

    def notes(self) -> list[Note]:
        """The notes that may be read: one's own, and those shared with the reader."""
        known = self.conversation
        return [note for note in known.notes if self._reads(thing_of_note(known, note))]

    def appointment(self) -> Appointment | None:
        """The meeting as calendars hold it, also once it was called off.

        One with an earlier partner isn't the present one's, and holds no longer for the employee.
        """
        found = self.conversation.meeting.appointment
        if found is None or found.partner not in {None, self.partner}:
            return None
        if found.place and found.by != "partner" and not self.is_own:
            self.read.setdefault("meeting", "partner")
        return found

    def corrections(self, stated: Iterable[Statement]) -> list[dict[str, Any]]:
        """What the person says is wrong: it goes where the original goes."""
        mine = [one for one in stated if one.about.stream == self.conversation.id]
        seen = [one for one in mine if self._shows(one.about.part)]
        if seen and not self.is_own:
            self.read.setdefault("conversation", "correction")
        return [one.view() for one in seen]

    def _shows(self, part: str | None) -> bool:
        """Whether the reader sees what a statement is about.

        What names no part may be about anything in it, so that only the employee reads it.
        """
        kind, _, name = (part or "").partition("/")
        if kind == "note":
            return name in {str(note.number) for note in self.notes()}
        is_part = kind in {"question", "facet", "direction"}
        return self.is_own or (is_part and self.sees(Part(kind, name)))  # type: ignore[arg-type]

    def sees(self, part: Part) -> bool:
        """Whether a part may be seen, without handing it out."""
        return self.sight.sees(thing_of(self.conversation, part))

    def is_shared(self, part: Part) -> bool:
        """Whether the conversation partner of today sees it."""
        thing = thing_of(self.conversation, part)
        return reaches_partner(thing, self.sight.ties, self.sight.at)

    @cached_property
    def _patience(self) -> str:
        return self.sight.fields(Resource("patience", self.conversation.person))

    def _reads(self, thing: Resource) -> bool:
        decision = self.sight.decide("read", thing)
        seen = decision.fields == "all"
        by_themselves = thing.author is not None and thing.author == self.sight.by.subject
        if seen and not self.is_own and not by_themselves:
            self.read.setdefault("conversation", decision.reason)
        return seen


def thing_of(known: Conversation, part: Part) -> Resource:
    """A part of a conversation as permission judges it."""
    return Resource(
        "answer",
        known.person,
        shown=known.sharing.moments(part),
        name=part.named(known.id),
        taken_back=known.sharing.taken_back.get(part),
    )


def thing_of_note(known: Conversation, note: Note) -> Resource:
    """A note as permission judges it."""
    shown = (note.at,) if note.shared else ()
    return Resource("note", known.person, shown=shown, author=note.author)


def exhibits_of(known: Conversation) -> list[Exhibit]:
    """Everything in it that somebody might see."""
    parts = [(p.named(known.id).partition("/")[2], thing_of(known, p)) for p in known.recorded]
    notes = [(f"note/{note.number}", thing_of_note(known, note)) for note in known.notes]
    found = [*parts, *notes]
    return [Exhibit("conversation", known.id, name, thing, known.cycle) for name, thing in found]
