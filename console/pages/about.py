"""A page about one person, and its forms: each leads back to it, done or with what is wrong."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Awaitable, Callable
from typing import ClassVar

from fastapi.responses import HTMLResponse, Response

from console.pages.forms import Posted
from console.pages.frame import Page, show
from console.pages.reader import Reader, leads_to
from shared.eventstore.record import Answer, Command


class AboutSomebody(ABC):
    """Whatever an office has to do with one person."""

    TEMPLATE: ClassVar[str]
    AT: ClassVar[str] = ""
    """Where it is, below the person's own page."""

    @abstractmethod
    async def page(self, reader: Reader, person: str, form: Posted | None = None) -> Page:
        """What the reader may see; with a form also what is wrong in it."""

    async def shown(self, reader: Reader, person: str) -> HTMLResponse:
        return show(self.TEMPLATE, await self.page(reader, person))

    async def sent(
        self,
        form: Posted,
        person: str,
        act: Callable[[Command], Awaitable[Answer]],
        then: str = "",
        done: str = "noted",
    ) -> Response:
        """Do what a form asks for once, and go back, or on to another page."""
        if form.is_good and await form.once(act):
            return leads_to(then or f"/people/{person}{self.AT}", done)
        return show(self.TEMPLATE, await self.page(form.reader, person, form), 422)
