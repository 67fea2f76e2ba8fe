"""What the routes of cycles and of the policy answer, for the documentation."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field
from typing_extensions import TypedDict

from shared.documented import Answered, Code, Id, Moment, Page, Period, Person, Receipt, Version


class Suspension(TypedDict):
    """Why the clocks stand still, and until when."""

    reason: Code
    until: Moment | None


class CycleView(TypedDict):
    """Where a cycle stands."""

    id: Annotated[Id, Field(description="the same through all rounds")]
    person: Annotated[Person | None, Field(description="null once the person was forgotten")]
    version: Version
    round: Annotated[int, Field(ge=1)]
    state: Literal["conversation", "planning", "developing", "follow_up", "steady", "closed"]
    waiting_for: Literal["employee", "partner", "organisation", "nobody"]
    since: Annotated[Moment | None, Field(description="since when it is their turn")]
    suspended: Suspension | None
    conversation: Annotated[Id | None, Field(description="the present one")]
    plan: Annotated[Id | None, Field(description="the present one")]
    conversations: Annotated[list[Id], Field(description="of all rounds, oldest first")]
    plans: Annotated[list[Id], Field(description="of all rounds, oldest first")]
    due: Annotated[Moment | None, Field(description="when Cairn takes its next step")]
    next: Annotated[Code | None, Field(description="that step")]
    started_at: Moment


class NoticeView(TypedDict):
    """A mail that waits to be sent, or will not reach anybody."""

    notice: Id
    cycle: Id
    person: Annotated[Person | None, Field(description="whose cycle it is about")]
    to: Annotated[str, Field(description="employee, partner or hr")]
    kind: Annotated[Code, Field(description="the event that gave rise to it")]
    at: Moment
    outcome: Annotated[Code, Field(description="`waiting`, or why it was refused")]


class KeptView(TypedDict):
    """For how long after somebody's last day."""

    words: Annotated[Period, Field(description="what was said, names and addresses")]
    link: Annotated[Period, Field(description="whose it was")]


class PolicyReceipt(TypedDict):
    """All times of a cycle, and what else the company has settled."""

    version: Version
    cadence: Period
    follow_up_after: Period
    answer_nudges: list[Period]
    partner_nudges: list[Period]
    plan_within: Period
    check_in_every: Period
    pause_default: Period
    pause_longest: Period
    return_grace: Annotated[Period, Field(description="after a long leave, before clocks go on")]
    handover_within: Annotated[Period, Field(description="to choose what a new partner gets")]
    partner_wanted_after: Annotated[
        Period, Field(description="without a partner, before HR is told")
    ]
    hold_nudges: Annotated[bool, Field(description="nobody is reminded for now")]
    closing_percent: Annotated[
        int, Field(description="of a legal entity that a feed may close a day")
    ]
    closing_floor: Annotated[int, Field(description="how many people a feed may always close")]
    min_group: int
    retention_on: Annotated[bool, Field(description="false: it is only counted what is over")]
    retention: KeptView
    retention_by_entity: dict[str, KeptView]
    bundles_kept: Period


class PolicyView(PolicyReceipt):
    """The policy as it is read."""

    hr_partner: Annotated[Person | None, Field(description="whom HR's own notices go to")]


ANSWERS: dict[str, Any] = {
    "start_cycle": Answered(CycleView, (200, 201)),
    "list_cycles": Page[CycleView],
    "get_cycle": CycleView,
    "suspend_cycle": Receipt,
    "resume_cycle": Receipt,
    "close_cycle": Receipt,
    "list_notices": Page[NoticeView],
    "get_policy": PolicyView,
    "put_policy": Answered(PolicyReceipt, (200, 201)),
}
