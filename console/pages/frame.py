"""What stands around every page, and how a page becomes HTML."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any
from urllib.parse import unquote

from fastapi.responses import HTMLResponse
from jinja2 import Environment, PackageLoader, StrictUndefined

from console.pages.assets import assets
from console.pages.codes import told
from console.pages.language import LANGUAGES, Manner, in_language, translations
from console.pages.places import Group, Place, beside, groups_of

EPOCH = datetime.fromtimestamp(0, UTC)


@dataclass(frozen=True)
class Problem:
    """What keeps a form from being taken: the field it is at, and a sentence that says what to do.

    `name` is whoever is named in the sentence, where somebody is.
    """

    field: str
    sentence: str
    name: str | None = None


@dataclass(frozen=True)
class Frame:
    """Who reads, in which manner, where they may go, and what they were just told.

    `partner` is the random key of whoever is their conversation partner today, empty without one.
    """

    manner: Manner
    path: str
    name: str | None = None
    partner: str = ""
    places: tuple[str, ...] = ()
    key: Callable[[], str] = str
    done: str = ""
    development: bool = False
    now: datetime = EPOCH
    kept: str = ""
    sent_to: str = ""

    def is_of_kept(self, action: str) -> bool:
        """Whether a form is again the kept one that was just sent: it lets go of it once it is taken."""
        sent_to = f"{unquote(self.sent_to)}/"
        return bool(self.kept) and sent_to.startswith(f"{unquote(action)}/")

    def when(self, moment: datetime) -> str:
        """A day that is to come; with its time where that is within a day."""
        soon = moment - self.now < timedelta(days=1)
        return self.manner.moment(moment) if soon else self.manner.day(moment)

    @property
    def bare(self) -> str:
        """The path without what was asked there."""
        return self.path.partition("?")[0]

    @property
    def groups(self) -> tuple[Group, ...]:
        """What the header holds."""
        return tuple(groups_of(self.places))

    @property
    def beside(self) -> tuple[Place, ...]:
        """The places of the same kind as this one, where it is one."""
        return beside(self.places, self.bare)

    @property
    def languages(self) -> tuple[str, ...]:
        return tuple(each for each in LANGUAGES if each != self.manner.language)


@dataclass(frozen=True, kw_only=True)
class Page:
    """One page; what a template shows comes from here alone."""

    frame: Frame
    problems: tuple[Problem, ...] = field(default=())

    @property
    def unsaved(self) -> bool:
        """Whether it holds what somebody wrote and nobody keeps: then nobody leaves it unasked."""
        return bool(self.problems)

    def problem_at(self, name: str) -> str:
        """The sentence at a field, or nothing."""
        return next((p.sentence for p in self.problems if p.field == name), "")


def show(template: str, page: Page, status: int = 200) -> HTMLResponse:
    """Answer with a page; what people wrote is never kept by anything on the way."""
    environment = _environment(page.frame.manner.language)
    html = environment.get_template(template).render(page=page)
    return HTMLResponse(html, status, {"Cache-Control": "no-store"})


@cache
def _environment(language: str) -> Environment:
    made = Environment(
        loader=PackageLoader("console"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        extensions=["jinja2.ext.i18n", "jinja2.ext.do"],
    )
    i18n: Any = made
    i18n.install_gettext_translations(translations(language), newstyle=True)
    made.filters["said"] = lambda texts: in_language(texts, language)
    made.filters["translated"] = translations(language).gettext  # and escaped, unlike `_`
    made.filters["told"] = told
    made.globals["static"] = lambda name: assets()[name].path
    return made
