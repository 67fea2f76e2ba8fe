"""A plan as its reader may see it, typed."""

from __future__ import annotations

from datetime import date, datetime
from typing import Literal
from uuid import UUID

import msgspec

from console.pages.language import Texts
from console.pages.stated import Stated

Owner = Literal["employee", "partner", "organisation"]
Side = Literal["employee", "partner"]
State = Literal["draft", "proposed", "active", "under_review", "completed", "closed"]


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


class InForce(msgspec.Struct, frozen=True):
    """The revision that both have agreed to, where a newer one waits for that."""

    revision: int
    goals: dict[str, Goal]
    actions: dict[str, Action]

    def serving(self, goal: str) -> list[tuple[str, Action]]:
        """What was agreed on for a goal."""
        return [(id_, a) for id_, a in self.actions.items() if a.serves == goal]


class Wish(msgspec.Struct, frozen=True):
    """The changes that one side asked for."""

    by: Side
    at: datetime
    comment: str | None = None


class CheckIn(msgspec.Struct, frozen=True):
    """How it went, at the last check-in."""

    state: Literal["on_track", "changed", "blocked"]
    at: datetime
    by: Side | None = None
    comment: str | None = None


class Planned(msgspec.Struct, frozen=True):
    """A plan as its reader may see it.

    Without a `state` the reader sees what is promised in it, and no more. `shared` says that the
    conversation partner of today may read all of it. `people` are the names of those who are in it
    by their ids, and `you` the reader's id among them.
    """

    id: UUID
    version: int
    state: State | None = None
    revision: int = 0
    in_force: int | None = None
    in_force_plan: InForce | None = None
    shared: bool = False
    changes_requested: Wish | None = None
    last_check_in: CheckIn | None = None
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
        """Whether what it says now is what both have agreed to, and nobody asks for changes."""
        return self.in_force is not None and self.in_force == self.revision and not self.wish

    @property
    def wish(self) -> Wish | None:
        """What one side asked to have changed, unless they have agreed since."""
        asked = self.changes_requested
        return asked if asked and not self.agreed(asked.by) else None

    def agreed_at(self, revision: int | None) -> datetime | None:
        """When whoever was the partner agreed to a revision."""
        return self.agreements.get(str(revision), {}).get("partner")

    def agreed(self, side: Side) -> bool:
        """Whether a side has agreed to the present revision."""
        return side in self.agreements.get(str(self.revision), {})

    @property
    def is_answered(self) -> bool:
        """Whether the partner has agreed to what it says now, or asked to have it changed."""
        return self.agreed("partner") or (self.wish is not None and self.wish.by == "partner")

    @property
    def waits_for_employee(self) -> bool:
        """Whether the employee is to look at what it says now."""
        has_asked = self.wish is not None and self.wish.by == "employee"
        is_theirs = self.agreed("employee") or (has_asked and not self.agreed("partner"))
        return self.goes_on and not self.is_in_force and not is_theirs

    def serving(self, goal: str) -> list[tuple[str, Action]]:
        """The actions for a goal, without those that were dropped."""
        found = self.actions.items()
        return [(id_, a) for id_, a in found if a.serves == goal and a.state != "dropped"]
