"""A plan as its reader may see it, typed."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from hashlib import sha256
from typing import Literal
from uuid import UUID

import msgspec

from console.pages.language import Texts
from console.pages.stated import Stated

Owner = Literal["employee", "partner", "organisation"]


class Goal(msgspec.Struct, frozen=True):
    """What the employee wants to reach."""

    text: str = ""
    horizon: str | None = None
    facet: str | None = None

    @property
    def written(self) -> dict[str, str]:
        """What can be written of it, as a form has it."""
        return {"text": self.text, "horizon": self.horizon or ""}


class Action(msgspec.Struct, frozen=True):
    """One thing to do, and what became of it."""

    method: str
    serves: str
    owner: Owner
    title: str = ""
    success: str = ""
    by: date | None = None
    state: str = "planned"
    comment: str | None = None
    blocked_by: Owner | None = None
    reported_at: datetime | None = None
    agreed: bool = False
    adds: str | None = None
    varies: str | None = None
    skill: str | None = None
    support: str | None = None
    risk: str | None = None
    mentor: str | None = None
    rhythm: str | None = None
    until: date | None = None
    coach: str | None = None
    aim: str | None = None
    sessions: int | None = None

    @property
    def is_open(self) -> bool:
        return self.state in {"planned", "started", "blocked"}


class Promise(msgspec.Struct, frozen=True):
    """What partner or organisation have promised, and what became of it.

    `promised_by` is the id of the partner who did, where it is known.
    """

    owner: Owner
    promised_by: str | None
    state: Literal["open", "kept", "broken", "released", "carried_over"]
    method: str
    title: str = ""
    by: date | None = None


class Mentor(msgspec.Struct, frozen=True):
    """Somebody who has offered to pass something on."""

    person: str
    name: str


class Suggestion(msgspec.Struct, frozen=True):
    """A method that might fit, and why."""

    method: str
    why: Texts
    goal: str | None = None
    mentors: tuple[Mentor, ...] = ()


class Planned(msgspec.Struct, frozen=True):
    """A plan as its reader may see it.

    `people` are the names of those who are in it by their ids, and `you` the reader's id among them.
    """

    id: UUID
    version: int
    cycle: UUID
    round: int
    state: Literal["draft", "proposed", "active", "under_review", "completed", "closed"]
    revision: int
    in_force: int | None
    goals: dict[str, Goal] = {}
    actions: dict[str, Action] = {}
    unserved_goals: tuple[str, ...] = ()
    agreements: dict[str, dict[str, datetime]] = {}
    promises: dict[str, Promise] = {}
    corrections: tuple[Stated, ...] = ()
    people: dict[str, str] = {}
    you: str | None = None

    @property
    def path(self) -> str:
        return f"/plans/{self.id}"

    @property
    def goes_on(self) -> bool:
        return self.state not in {"completed", "closed"}

    @property
    def is_in_force(self) -> bool:
        """Whether what it says now is what both have agreed to."""
        return self.in_force is not None and self.in_force == self.revision

    def agreed(self, side: str) -> bool:
        """Whether a side has agreed to the present revision."""
        return side in self.agreements.get(str(self.revision), {})

    def serving(self, goal: str) -> list[tuple[str, Action]]:
        """The actions for a goal, without those that were dropped."""
        found = self.actions.items()
        return [(id_, a) for id_, a in found if a.serves == goal and a.state != "dropped"]


def print_of(written: Mapping[str, str]) -> str:
    """What a form began with, short enough to go along with it."""
    return sha256(msgspec.json.encode(written)).hexdigest()[:32]
