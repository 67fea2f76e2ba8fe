"""The kinds of failure that a use case may raise; a concrete one's docstring is what a person reads."""

from __future__ import annotations

from typing import Any


class Refusal(Exception):
    """Something was asked for that can't be done."""

    def __init__(self, detail: str | None = None, **more: Any) -> None:
        super().__init__(detail or " ".join((type(self).__doc__ or "").split()))
        self.more = more
        """Further members of the problem, for whoever asked."""

    @property
    def detail(self) -> str:
        """A sentence that says what was wrong and what to do."""
        return str(self)


class NotFound(Refusal):
    """There is nothing of that id that you may see."""


class NotAllowed(Refusal):
    """Your role doesn't allow this."""


class RuleBroken(Refusal):
    """A rule refuses this in the present state."""


class Invalid(Refusal):
    """What was sent can't be used as it is."""


class Stale(Refusal):
    """It was changed in between; load it again and repeat your change."""


class Unavailable(Refusal):
    """The service can't do this at the moment; nothing was lost, try again shortly."""
