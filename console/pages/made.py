"""What a form has made, also where the other click of two has made it."""

from __future__ import annotations

from collections.abc import Awaitable

from console.pages.forms import Posted
from shared.eventstore.record import Answer


class Made:
    """Remembers the answer of a use case, or finds the one that was given before."""

    def __init__(self) -> None:
        self._answer: Answer | None = None

    async def by(self, request: Awaitable[Answer]) -> Answer:
        self._answer = await request
        return self._answer

    async def id(self, form: Posted) -> str:
        """The id of what was made."""
        answer = self._answer or await form.record.answered(form.command())
        assert answer is not None
        return str(answer.body["id"])
