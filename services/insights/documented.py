"""What the routes of insights answer, for the documentation."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import Field
from typing_extensions import TypedDict

from shared.documented import Day

Count = Annotated[int | None, Field(description="null where it would say too much of one person")]


class CoverageFigures(TypedDict):
    """Each person is in one of five: not offered, offered, under way, resting, concluded."""

    people: Count
    not_offered: Annotated[Count, Field(description="never, or what ended before the window")]
    offered: Count
    under_way: Count
    resting: Annotated[Count, Field(description="asked for time, left it out, or is away")]
    concluded: Count
    concluded_within: Annotated[
        Count, Field(description="talked within the window, since or again")
    ]


class ConsistencyFigures(TypedDict):
    """How conversations that were offered within the last year went."""

    people: Count
    offers: Count
    on_time: Count
    concluded: Count
    ended_otherwise: Annotated[Count, Field(description="declined, rested or closed")]
    met: Annotated[Count, Field(description="null with `without_meeting`, below three of either")]
    without_meeting: Count
    days_to_conversation: Annotated[
        Count, Field(description="the median, from offer to conclusion; null below three")
    ]
    guides: Annotated[list[str] | None, Field(description="guide and version, such as own/2")]
    forgotten: Annotated[Count, Field(description="people whom nothing was offered in time")]


class OpportunityFigures(TypedDict):
    """How many people work with which method; null below three, from all but two on, or what would tell
    of such."""

    people: Count
    job_enrichment: Count
    stretch_assignment: Count
    mentoring: Count
    coaching: Count
    other: Count
    with_a_mentor: Count


class PromiseFigures(TypedDict):
    """What became of what partners and organisation promised in plans of the last year."""

    people: Count
    promised: Count
    open: Count
    kept: Count
    broken: Count
    released: Count
    carried_over: Count


class _Group(TypedDict):
    group: Annotated[str | None, Field(description="null is those who are in none")]
    suppressed: Annotated[
        bool, Field(description="too few people or partners, or a neighbour of such")
    ]


class CoverageGroup(_Group, CoverageFigures):
    """One group's coverage."""


class ConsistencyGroup(_Group, ConsistencyFigures):
    """One group's practice."""


class OpportunityGroup(_Group, OpportunityFigures):
    """One group's methods."""


class PromiseGroup(_Group, PromiseFigures):
    """One group's promises."""


class _Insight(TypedDict):
    by: str
    since: Annotated[Day, Field(description="the first of a month")]
    min_group: int


class CoverageInsight(_Insight):
    """How far the offer reaches."""

    total: CoverageFigures | None
    groups: list[CoverageGroup]


class ConsistencyInsight(_Insight):
    """Where practice differs."""

    total: ConsistencyFigures | None
    groups: list[ConsistencyGroup]


class OpportunityInsight(_Insight):
    """With which methods people develop."""

    total: OpportunityFigures | None
    groups: list[OpportunityGroup]


class PromiseInsight(_Insight):
    """What became of promises."""

    total: PromiseFigures | None
    groups: list[PromiseGroup]


ANSWERS: dict[str, Any] = {
    "coverage": CoverageInsight,
    "consistency": ConsistencyInsight,
    "opportunity": OpportunityInsight,
    "promise_insights": PromiseInsight,
}
