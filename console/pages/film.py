"""For auditors: a conversation, plan or cycle as it stood at any version, and what differs."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import APIRouter
from fastapi.responses import HTMLResponse

from console.pages.frame import Page, show
from console.pages.reader import Reading
from services.audit.application import Audit
from shared.http import Id, given

router = APIRouter()
Kind = Literal["conversations", "plans", "cycles"]
_CONTEXTS = {"conversations": "conversation", "plans": "plan", "cycles": "cycles"}
_PARTS = ("questions", "facets", "notes", "goals", "actions")
Change = Literal["", "new", "changed"]


@dataclass(frozen=True)
class Thing:
    """One thing as it stood: what was last said of it, when and by whom; a hash stands for words."""

    part: str
    name: str
    type: str
    facts: dict[str, Any]
    version: int
    at: datetime
    by: str
    words_sha256: str | None
    change: Change


@dataclass(frozen=True, kw_only=True)
class FilmPage(Page):
    """A stream as it stood at one version, beside what it was at another."""

    kind: Kind
    stream: UUID
    version: int
    last: int
    against: int
    at: datetime
    things: tuple[Thing, ...]
    gone: tuple[str, ...]
    steps: tuple[Thing, ...]

    @property
    def path(self) -> str:
        return f"/film/{self.kind}/{self.stream}"

    def of(self, part: str) -> list[Thing]:
        return [thing for thing in self.things if thing.part == part]

    @property
    def parts(self) -> list[str]:
        """The parts that there are, what isn't named first."""
        return [part for part in ("", *_PARTS) if self.of(part)]


@router.get("/film/{kind}/{id}", name="film")
async def film(
    reader: Reading,
    kind: Kind,
    id_: Id,
    audit: Annotated[Audit, given(Audit)],
    version: int | None = None,
    against: int | None = None,
) -> HTMLResponse:
    """See it as it stood, and what differs from the version before, or from another."""
    whole = await audit.replay(reader.by, _CONTEXTS[kind], id_)
    last: int = whole["version"]
    chosen = min(max(version or last, 1), last)
    other = min(max(against if against is not None else chosen - 1, 0), last)
    stood = whole if chosen == last else await audit.replay(reader.by, _CONTEXTS[kind], id_, chosen)
    before = await audit.replay(reader.by, _CONTEXTS[kind], id_, other) if other else {"state": {}}
    known = {(thing.part, thing.name): thing for thing in _things(before["state"], kind)}
    now = list(_things(stood["state"], kind, known))
    gone = [name for part, name in known if (part, name) not in {(t.part, t.name) for t in now}]
    page = FilmPage(
        frame=reader.frame,
        kind=kind,
        stream=id_,
        version=chosen,
        last=last,
        against=other,
        at=datetime.fromisoformat(stood["at"]),
        things=tuple(now),
        gone=tuple(gone) if other < chosen else (),
        steps=tuple(_step(item) for item in stood["events"]),
    )
    return show("film.html", page)


def _things(
    state: dict[str, Any], kind: Kind, known: dict[tuple[str, str], Thing] | None = None
) -> Iterator[Thing]:
    """Everything in a state, each compared with what is known of it."""
    for name, entry in state.items():
        if name in _PARTS:
            for part, one in entry.items():
                yield _thing(kind, name, part, one, known)
        else:
            yield _thing(kind, "", name, entry, known)


def _thing(
    kind: Kind,
    part: str,
    name: str,
    entry: dict[str, Any],
    known: dict[tuple[str, str], Thing] | None,
) -> Thing:
    named = {part.removesuffix("s"): name} if part else {}
    before = known.get((part, name)) if known is not None else None
    change: Change = "changed" if before and before.version != entry["version"] else ""
    if known is not None and before is None:
        change = "new"
    return Thing(
        part=part,
        name=name,
        type=f"{_CONTEXTS[kind]}.{entry['event']}",
        facts=entry | named,
        version=entry["version"],
        at=datetime.fromisoformat(entry["at"]),
        by=entry["by"],
        words_sha256=entry.get("words_sha256"),
        change=change,
    )


def _step(item: dict[str, Any]) -> Thing:
    return Thing(
        part="",
        name="",
        type=item["type"],
        facts=item["facts"],
        version=item["version"],
        at=datetime.fromisoformat(item["at"]),
        by=item["actor"],
        words_sha256=item["words_sha256"],
        change="",
    )
