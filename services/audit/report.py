"""A company's year as one page for its auditor: what happened how often, and a line for each cycle."""

from __future__ import annotations

import re
import tomllib
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache
from importlib import resources
from itertools import islice
from typing import Any
from uuid import UUID

import msgspec
from jinja2 import Environment, PackageLoader

from services.audit.readmodel import Timeline, Wanted
from services.audit.sentences import TEMPLATES
from shared.eventstore.ledger import Checkpoint
from shared.eventstore.record import Record, Recorded

_ENVIRONMENT = Environment(
    loader=PackageLoader("services.audit", "texts"),
    autoescape=True,
    trim_blocks=True,
    lstrip_blocks=True,
)
_STATES = {
    "cycles.started": "conversation",
    "cycles.conversation_opened": "conversation",
    "cycles.planning_opened": "planning",
    "cycles.development_began": "developing",
    "cycles.follow_up_opened": "follow_up",
    "cycles.rested": "steady",
    "cycles.round_completed": "steady",
    "cycles.closed": "closed",
}
_PAGE = 500
Show = Callable[[int, int | None], None]
"""Is told how many events were read, and of how many."""


@dataclass(slots=True)
class Line:
    """One cycle: whose, since when, where it stood at the end, and what happened in the year."""

    person: UUID | None
    started_at: datetime
    state: str = "conversation"
    round: int = 0
    counts: Counter[str] = field(default_factory=Counter)


@dataclass
class Year:
    """Folds a company's events up to the end of a year; holds a line a cycle, and no words."""

    number: int
    counts: Counter[str] = field(default_factory=Counter)
    cycles: dict[UUID, Line] = field(default_factory=dict)

    @property
    def begin(self) -> datetime:
        return datetime(self.number, 1, 1, tzinfo=UTC)

    @property
    def end(self) -> datetime:
        return datetime(self.number + 1, 1, 1, tzinfo=UTC)

    def take(self, recorded: Recorded) -> None:
        """Take the next event into account."""
        row, meta = recorded.row, recorded.meta
        within = row.at >= self.begin
        self.counts[row.type] += within
        if row.type == "cycles.started":
            self.cycles[row.stream] = Line(meta.subject, row.at)
        if meta.correlation is None or (line := self.cycles.get(meta.correlation)) is None:
            return
        line.counts[row.type] += within
        line.state = _STATES.get(row.type, line.state)
        if row.type == "cycles.conversation_opened":
            line.round = msgspec.json.decode(row.facts)["round"]
        if line.state == "closed" and not within:
            self.cycles.pop(meta.correlation)  # it ended before this year


class Reports:
    """Writes the page of a year, part by part."""

    def __init__(
        self, record: Record, timeline: Timeline, wording: Callable[[str], Callable[[str], str]]
    ) -> None:
        self._record = record
        self._timeline = timeline
        self._wording = wording

    async def year(
        self, tenant: str, number: int, head: Checkpoint, languages: str, show: Show
    ) -> AsyncIterator[str]:
        """The page, for whoever accepts these languages; its lines are written as they are made."""
        year, read = Year(number), 0
        async for page in self._timeline.pages(tenant, Wanted(until=year.end)):
            for recorded in page:
                year.take(recorded)
            read += len(page)
            show(read, head.size)
        texts = texts_of(languages)
        translate = self._wording(languages)
        template = _ENVIRONMENT.get_template("year.html")
        told: dict[str, Any] = {
            "t": texts["page"], "codes": texts["codes"], "language": texts["locale"], "tenant": tenant,
            "year": number, "head": head, "happened": list(_happened(year.counts, translate)),
            "cycles": len(year.cycles), "states": Counter(c.state for c in year.cycles.values()),
        }  # fmt: skip
        yield template.render(told | {"part": "head"})
        async for rows in self._rows(tenant, year):
            yield template.render(told | {"part": "rows", "rows": rows})
        yield template.render(told | {"part": "foot"})

    async def _rows(self, tenant: str, year: Year) -> AsyncIterator[list[dict[str, Any]]]:
        lines = iter(year.cycles.items())
        while some := list(islice(lines, _PAGE)):
            people = {line.person for _, line in some if line.person}
            names = await self._record.vault.people_of(tenant, people)
            yield [_row(cycle, line, names) for cycle, line in some]


COLUMNS: dict[str, Sequence[str]] = {
    "opened": ("cycles.conversation_opened", "cycles.follow_up_opened"),
    "shared": ("conversation.shared",),
    "concluded": ("conversation.concluded",),
    "declined": ("conversation.declined",),
    "met": ("conversation.meeting_confirmed",),
    "agreed": ("plan.activated",),
    "completed": ("plan.completed",),
    "reminded": ("cycles.nudged", "cycles.partner_nudged"),
    "withheld": ("cycles.nudge_withheld", "cycles.partner_nudge_withheld"),
}
"""What is counted of each cycle, and of which events."""


def _row(cycle: UUID, line: Line, names: dict[UUID, str]) -> dict[str, Any]:
    return {
        "person": names.get(line.person) if line.person else None,
        "cycle": str(cycle),
        "started": f"{line.started_at:%Y-%m-%d}",
        "state": line.state,
        "round": line.round,
        "counts": [sum(line.counts[topic] for topic in topics) for topics in COLUMNS.values()],
    }


def _happened(
    counts: Counter[str], translate: Callable[[str], str]
) -> Iterator[tuple[str, str, int]]:
    """How often each kind of event happened, with its sentence without its facts."""
    for topic, template in TEMPLATES.items():
        if counts[topic]:
            yield topic, re.sub(r"\{\w+\}", "…", translate(template)), counts[topic]


def texts_of(languages: str) -> dict[str, Any]:
    """What the page says in the first of these languages that there is."""
    tags = [part.strip()[:2].lower() for part in languages.split(",")]
    return _texts(next((tag for tag in tags if tag in ("en", "de")), "en"))


@cache
def _texts(language: str) -> dict[str, Any]:
    file = resources.files("services.audit") / "texts" / f"{language}.toml"
    return tomllib.loads(file.read_text()) | {"locale": language}
