"""What requests about plans hold: for each method of an action its own fields."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import Body, Path
from pydantic import BaseModel, ConfigDict, Field

from services.planning.content import (
    Action,
    Coaching,
    Details,
    JobEnrichment,
    Mentoring,
    Owner,
    StretchAssignment,
)
from shared.http import CUSTOMER_ID, Day
from shared.texts import Line, Text

Code = Annotated[str, Path(pattern=CUSTOMER_ID)]
CodeField = Annotated[str, Field(pattern=CUSTOMER_ID)]
Horizon = Annotated[Line, Field(max_length=64)]


class _Body(BaseModel):
    model_config = ConfigDict(extra="forbid")


class GoalBody(_Body):
    """What the employee wants to reach."""

    text: Text
    horizon: Horizon | None = None
    facet: CodeField | None = None


class _Planned(_Body):
    title: Line
    serves: CodeField
    success: Text
    owner: Owner
    by: Day | None = None


class EnrichmentBody(_Planned):
    """Job enrichment: what is added to the present job, or varied in it."""

    method: Literal["job_enrichment"]
    adds: Text | None = None
    varies: Text | None = None


class StretchBody(_Planned):
    """A stretch assignment: which skill it builds, with what support, at what risk."""

    method: Literal["stretch_assignment"]
    skill: Text | None = None
    support: Text | None = None
    risk: Text | None = None


class MentoringBody(_Planned):
    """Mentoring: who (an id of the roster), in which rhythm, until when."""

    method: Literal["mentoring"]
    mentor: CodeField | None = None
    rhythm: Line | None = None
    until: Day | None = None


class CoachingBody(_Planned):
    """Coaching: by whom, to what end, how many sessions."""

    method: Literal["coaching"]
    coach: Line | None = None
    aim: Text | None = None
    sessions: Annotated[int, Field(ge=1, le=100)] | None = None


class OtherBody(_Planned):
    """Anything else that serves a goal."""

    method: Literal["other"]


ActionBody = Annotated[
    EnrichmentBody | StretchBody | MentoringBody | CoachingBody | OtherBody,
    Field(discriminator="method"),
]


class CommentBody(_Body):
    """A comment, if there is something to say."""

    comment: Text | None = None


class BlockBody(CommentBody):
    """Who could get it going again."""

    blocked_by: Owner


class CheckInBody(CommentBody):
    """How it goes, in two clicks."""

    state: Literal["on_track", "changed", "blocked"]


Comment = Annotated[CommentBody, Body(default_factory=CommentBody)]


def action_of(body: ActionBody) -> Action:
    """One thing to do: the method, the goal that it serves, how success shows, whose promise it is."""
    return Action(
        method=body.method,
        title=body.title,
        serves=body.serves,
        success=body.success,
        owner=body.owner,
        by=body.by,
        mentor=body.mentor if isinstance(body, MentoringBody) else None,
        details=_details_of(body),
    )


def _details_of(body: ActionBody) -> Details | None:
    match body:
        case EnrichmentBody():
            return JobEnrichment(adds=body.adds, varies=body.varies)
        case StretchBody():
            return StretchAssignment(skill=body.skill, support=body.support, risk=body.risk)
        case MentoringBody():
            return Mentoring(rhythm=body.rhythm, until=body.until)
        case CoachingBody():
            return Coaching(coach=body.coach, aim=body.aim, sessions=body.sessions)
        case OtherBody():
            return None
