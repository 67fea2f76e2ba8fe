"""Notes beside the conversation, of either side; a note about a person is that person's data."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from eventsourcing.domain import event

from services.conversation.content import Note, Side
from services.conversation.opening import Opening
from shared.eventstore.events import Event, Words

NOTICE = (
    "A note about a person is that person's data: they get it when they ask what is held about them,"
    " also where it wasn't shared."
)


class NoteTaking(Opening):
    """Write down what is for oneself, or for both."""

    class NoteWritten(Event, frozen=True, kw_only=True):
        """The words are under the employee's key, whoever wrote them."""

        TOPIC = "conversation.note_written"
        note: int
        by: str
        author: UUID
        shared: bool
        question: str | None = None
        text: Words

    def write_note(
        self, by: Side, author: UUID, text: str, *, shared: bool, question: str | None = None
    ) -> None:
        """Write something down, for oneself or shared; about one question, or the whole."""
        self.must_not_be("closed")
        self.must_know(*([question] if question else []))
        self._write_note(
            note=len(self.notes) + 1,
            by=by,
            author=author,
            shared=shared,
            question=question,
            text=text,
            timestamp=self.at,
        )

    @event(NoteWritten)
    def _write_note(
        self,
        note: int,
        by: Side,
        author: UUID,
        shared: bool,
        question: str | None,
        text: str,
        timestamp: datetime,
    ) -> None:
        self.notes.append(Note(note, by, author, shared, question, text, timestamp))
