"""The routes of insights: counts of groups, for HR."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Query

from services.insights.application import Insights
from services.insights.standing import Dimension
from shared.http import Caller, given

router = APIRouter(prefix="/v1/insights", tags=["insights"])
Service = Annotated[Insights, given(Insights)]
By = Annotated[Dimension, Query(description="by which groups people are counted")]
Window = Annotated[str, Query(max_length=16, description="months or years, such as P12M or P2Y")]


@router.get("/coverage", operation_id="coverage")
async def coverage(
    by_: Caller,
    insights: Service,
    by: By = "department",
    window: Window = "P12M",
) -> dict[str, Any]:
    """How far the offer reaches, over the whole roster, and how many talked within the window."""
    return await insights.coverage(by_, by, window)


@router.get("/consistency", operation_id="consistency")
async def consistency(by_: Caller, insights: Service, by: By = "department") -> dict[str, Any]:
    """Where practice differs: offers on time, time to the conversation, whether people met.

    Always over the last year.
    """
    return await insights.consistency(by_, by)


@router.get("/opportunity", operation_id="opportunity")
async def opportunity(by_: Caller, insights: Service, by: By = "department") -> dict[str, Any]:
    """With which methods people develop, and how many have a mentor, over the last year."""
    return await insights.opportunity(by_, by)


@router.get("/promises", operation_id="promise_insights")
async def promise_insights(by_: Caller, insights: Service, by: By = "department") -> dict[str, Any]:
    """What became of the promises of partners and organisation in plans of the last year."""
    return await insights.promises(by_, by)
