"""What a plan is made of: goals, actions by their methods, what became of them, what was promised."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal
from uuid import UUID

import msgspec

State = Literal["draft", "proposed", "active", "under_review", "completed", "closed"]
Side = Literal["employee", "partner"]
Decider = Literal["employee", "partner", "nobody"]
Method = Literal["job_enrichment", "stretch_assignment", "mentoring", "coaching", "other"]
Owner = Literal["employee", "partner", "organisation"]
Outcome = Literal["planned", "started", "done", "not_done", "blocked", "dropped", "carried_over"]
PromiseState = Literal["open", "kept", "broken", "released", "carried_over"]
ENDED: frozenset[Outcome] = frozenset({"done", "not_done", "dropped", "carried_over"})


class Aspect(msgspec.Struct, frozen=True):
    """A facet of the whole person, as the conversation left it."""

    kind: str
    text: str


class JobEnrichment(msgspec.Struct, frozen=True, kw_only=True, tag="job_enrichment"):
    """More responsibility or variety in the present job: what is added, what is varied."""

    adds: str | None = None
    varies: str | None = None


class StretchAssignment(msgspec.Struct, frozen=True, kw_only=True, tag="stretch_assignment"):
    """A demanding project that builds a skill: which, with what support, at what risk."""

    skill: str | None = None
    support: str | None = None
    risk: str | None = None


class Mentoring(msgspec.Struct, frozen=True, kw_only=True, tag="mentoring"):
    """A pairing with an experienced person: how often, and until when."""

    rhythm: str | None = None
    until: date | None = None


class Coaching(msgspec.Struct, frozen=True, kw_only=True, tag="coaching"):
    """Help in setting goals and reaching them: by whom, to what end, how many sessions."""

    coach: str | None = None
    aim: str | None = None
    sessions: int | None = None


Details = JobEnrichment | StretchAssignment | Mentoring | Coaching


@dataclass(frozen=True)
class Goal:
    """What the employee wants to reach, and by when roughly; `facet` is where it comes from."""

    text: str
    horizon: str | None = None
    facet: str | None = None


@dataclass(frozen=True)
class Report:
    """What became of an action, and who said so."""

    state: Outcome
    side: Decider | None = None
    comment: str | None = None
    blocked_by: str | None = None
    at: datetime | None = None


@dataclass(frozen=True)
class Action:
    """One thing to do: which method, which goal it serves, how success shows, whose promise it is.

    `mentored_by` is the mentor's random key where they are of the roster. `dropped` says who took it
    out of the plan, `carried_from` from which plan it came.
    """

    method: Method
    title: str
    serves: str
    success: str
    owner: Owner
    by: date | None = None
    mentor: str | None = None
    details: Details | None = None
    mentored_by: UUID | None = None
    carried_from: UUID | None = None
    dropped: Report | None = None


@dataclass(frozen=True)
class Promise:
    """What partner or organisation have promised by agreeing; `by` is the partner who did."""

    owner: Owner
    by: UUID | None
    since: datetime


@dataclass(frozen=True)
class Wish:
    """Which changes one side asked for, to which revision."""

    by: Side
    revision: int
    comment: str | None
    at: datetime


@dataclass(frozen=True)
class CheckIn:
    """How it went, and which side said so."""

    state: str
    by: Side | None
    comment: str | None
    at: datetime


@dataclass(frozen=True)
class Agreement:
    """One side's agreement to one revision; `who` is the partner of that moment."""

    at: datetime
    who: UUID | None = None
