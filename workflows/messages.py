"""Everything that crosses Temporal: ids, codes and dates, never anybody's words."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from temporalio.common import SearchAttributeKey

TASK_QUEUE = "career"
WAKE = "wake"

TENANT = SearchAttributeKey.for_keyword("CairnTenant")
STAGE = SearchAttributeKey.for_keyword("CairnStage")
WAITING_FOR = SearchAttributeKey.for_keyword("CairnWaitingFor")
SUSPENDED = SearchAttributeKey.for_keyword("CairnSuspended")
ROUND = SearchAttributeKey.for_int("CairnRound")
DUE = SearchAttributeKey.for_datetime("CairnDue")
SEARCH_ATTRIBUTES = (TENANT, STAGE, WAITING_FOR, SUSPENDED, ROUND, DUE)


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


def workflow_id(tenant: str, person: str) -> str:
    """The id of the workflow of a person, who is named by their random key."""
    return f"career/{tenant}/{person}"


def parts_of(id_: str) -> tuple[str, str]:
    """The inverse of `workflow_id`: tenant and person."""
    _, tenant, person = id_.split("/")
    return tenant, person
