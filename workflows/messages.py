"""Everything that crosses Temporal: ids, codes and dates, never anybody's words."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from temporalio.common import SearchAttributeKey

TASK_QUEUE = "career"
MAIL_QUEUE = "mail"
BATCH_QUEUE = "batch"
KEEPING_QUEUE = "keeping"
WAKE = "wake"
CHECKPOINT = "checkpoint"

TENANT = SearchAttributeKey.for_keyword("CairnTenant")
STAGE = SearchAttributeKey.for_keyword("CairnStage")
WAITING_FOR = SearchAttributeKey.for_keyword("CairnWaitingFor")
SUSPENDED = SearchAttributeKey.for_keyword("CairnSuspended")
BLOCKED = SearchAttributeKey.for_keyword("CairnBlocked")
ROUND = SearchAttributeKey.for_int("CairnRound")
DUE = SearchAttributeKey.for_datetime("CairnDue")
SEARCH_ATTRIBUTES = (TENANT, STAGE, WAITING_FOR, SUSPENDED, BLOCKED, ROUND, DUE)


@dataclass(frozen=True)
class CycleRun:
    """The input of one run: whose cycle, and the round that the run is about (0: not known yet)."""

    tenant: str
    person: str
    round: int = 0


@dataclass(frozen=True)
class Due:
    """A step that the cycle takes by itself, and the instant (UTC) at which it does."""

    name: str
    at: datetime
    number: int
    why: str | None
    summary: str
    until: datetime | None = None
    gently: bool = True


@dataclass(frozen=True)
class Mail:
    """A mail that has to go out because of an event of a cycle, to one side.

    Histories of before it was told lack `cycle`: it is the one that the situation is about.
    """

    event: str
    kind: str
    to: str
    cycle: str | None = field(default=None, compare=False)


@dataclass(frozen=True)
class Situation:
    """Where a cycle stands by the record: what the workflow goes by, and what ops read."""

    cycle: str | None
    stage: str
    round: int
    waiting_for: str
    suspended: str
    now: datetime
    step: Due | None
    details: str = ""
    mails: list[Mail] = field(default_factory=list)

    @property
    def is_over(self) -> bool:
        return self.cycle is None or self.stage == "closed"

    @property
    def step_is_due(self) -> bool:
        return self.step is not None and self.step.at <= self.now


@dataclass(frozen=True)
class TakeStep:
    """What a step's activity needs: the run, the cycle and the step as it was due."""

    run: CycleRun
    cycle: str
    round: int
    step: Due = field()


@dataclass(frozen=True)
class Post:
    """Mails of a cycle, and of those before it, that are due."""

    tenant: str
    cycle: str
    mails: list[Mail]


@dataclass(frozen=True)
class Ask:
    """What ops ask for; `by` is who asks, as they name themselves (a login, never an address)."""

    by: str


@dataclass(frozen=True)
class Steer:
    """One verb of ops for one cycle; `id` is the Update's, so that a repetition is recognised."""

    run: CycleRun
    cycle: str
    verb: str
    by: str
    id: str


@dataclass(frozen=True)
class Uncounted:
    """What a batch has come to after `since`, the place up to which it is on record: ids and codes."""

    since: int
    reached: int
    started: int = 0
    existing: int = 0
    excluded: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class BatchRun:
    """The input of a batch's run: which one, and how far it has come (the place of the last person)."""

    tenant: str
    batch: str
    reached: int = -1
    uncounted: Uncounted | None = None


@dataclass(frozen=True)
class BatchStep:
    """Up to where a batch has come, when it goes on, and whether there is anything left."""

    reached: int
    now: datetime
    next_at: datetime | None
    details: str
    uncounted: Uncounted | None = None


@dataclass(frozen=True)
class Differences:
    """What the reconciler found in a tenant, by kind; zero everywhere is the steady state."""

    tenant: str
    found: dict[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class ExportRun:
    """The input of the run that writes a bundle."""

    tenant: str
    export: str


@dataclass(frozen=True)
class ErasureRun:
    """The input of the run that does what a tombstone says."""

    tenant: str
    subject: str


def workflow_id(tenant: str, person: str) -> str:
    """The id of the workflow of a person, who is named by their random key."""
    return f"career/{tenant}/{person}"


def parts_of(id_: str) -> tuple[str, str]:
    """The inverse of `workflow_id`: tenant and person."""
    _, tenant, person = id_.split("/")
    return tenant, person


def batch_id(tenant: str, batch: str) -> str:
    """The id of the workflow of a batch."""
    return f"batch/{tenant}/{batch}"


def export_id(tenant: str, export: str) -> str:
    """The id of the workflow of an export."""
    return f"export/{tenant}/{export}"


def erasure_id(tenant: str, subject: str) -> str:
    """The id of the workflow of an erasure."""
    return f"erasure/{tenant}/{subject}"
