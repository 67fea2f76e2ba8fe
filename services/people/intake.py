"""One import of a roster, on record: how many lines it had, and what became of them."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Self
from uuid import UUID

from eventsourcing.domain import event

from shared.eventstore.events import Aggregate, Created


class Intake(Aggregate):
    """One file that was taken in; each person's change is an event of theirs."""

    TOPIC = "imports"

    class Completed(Created, frozen=True, kw_only=True):
        TOPIC = "imports.completed"
        lines: int
        created: int
        updated: int
        unchanged: int
        refused: int

    @classmethod
    def complete(cls, intake: UUID, at: datetime, counts: dict[str, int]) -> Self:
        """Put it on record that a file was worked through."""
        return cls.begin(intake, at, lines=sum(counts.values()), **counts)

    @event(Completed)
    def __init__(self, lines: int) -> None:
        self.lines = lines

    @property
    def subject(self) -> None:
        return None

    def receipt(self) -> dict[str, Any]:
        return {"id": str(self.id), "version": self.version, "lines": self.lines}
