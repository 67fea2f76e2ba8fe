"""For HR: how far the offer reaches and where practice differs. Counts of groups, never of somebody."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Annotated, Any, Literal

from fastapi import APIRouter
from fastapi.responses import HTMLResponse

from console.pages.charts import Piece, stacked
from console.pages.frame import Page, show
from console.pages.reader import Reading
from services.insights.application import Insights
from services.insights.standing import BUCKETS, DIMENSIONS, Dimension
from shared.http import given

router = APIRouter()
Asked = Annotated[Insights, given(Insights)]
Window = Literal["P6M", "P12M", "P2Y"]
WINDOWS: tuple[Window, ...] = ("P6M", "P12M", "P2Y")
METHODS = ("job_enrichment", "stretch_assignment", "mentoring", "coaching", "other")
PROMISES = ("kept", "open", "carried_over", "released", "broken")
_WENT = ("concluded", "ended_otherwise", "going_on")


@dataclass(frozen=True)
class Line:
    """A group: its bar and its figures, or that it is too small for either."""

    group: str | None
    suppressed: bool
    figures: dict[str, Any]
    bar: tuple[Piece, ...] = ()
    whole: bool = False


@dataclass(frozen=True, kw_only=True)
class InsightPage(Page):
    """What was asked for, since when it is counted, from how many people on, and what else there is."""

    by: Dimension
    since: date
    least: int
    dimensions: tuple[Dimension, ...] = DIMENSIONS
    windows: tuple[Window, ...] = ()


@dataclass(frozen=True, kw_only=True)
class CoveragePage(InsightPage):
    """Everybody of the roster, in five buckets: what HR sees of each person too, so over any window."""

    lines: tuple[Line, ...]
    window: Window
    windows: tuple[Window, ...] = WINDOWS
    buckets: tuple[str, ...] = BUCKETS


@dataclass(frozen=True, kw_only=True)
class PracticePage(InsightPage):
    """How conversations went, with which methods people develop, and what became of promises."""

    went: tuple[Line, ...]
    methods: tuple[Line, ...]
    promises: tuple[Line, ...]
    kinds: tuple[str, ...] = METHODS
    became: tuple[str, ...] = PROMISES


@router.get("/coverage", name="coverage")
async def coverage(
    reader: Reading, insights: Asked, by: Dimension = "department", window: Window = "P12M"
) -> HTMLResponse:
    """Read how far the offer reaches."""
    found = await insights.coverage(reader.by, by, window)
    page = CoveragePage(
        frame=reader.frame,
        by=by,
        window=window,
        since=date.fromisoformat(found["since"]),
        least=found["min_group"],
        lines=tuple(_line(each, BUCKETS, "people") for each in _all(found)),
    )
    return show("coverage.html", page)


@router.get("/practice", name="practice")
async def practice(reader: Reading, insights: Asked, by: Dimension = "department") -> HTMLResponse:
    """Read where practice differs, over the last year."""
    went = await insights.consistency(reader.by, by)
    methods = await insights.opportunity(reader.by, by)
    promises = await insights.promises(reader.by, by)
    page = PracticePage(
        frame=reader.frame,
        by=by,
        since=date.fromisoformat(went["since"]),
        least=went["min_group"],
        went=tuple(_line(_with_the_rest(each), _WENT, "offers") for each in _all(went)),
        methods=tuple(_line(each, (), "people") for each in _all(methods)),
        promises=tuple(_line(each, PROMISES, "promised") for each in _all(promises)),
    )
    return show("practice.html", page)


def _all(found: dict[str, Any]) -> list[dict[str, Any]]:
    """The groups, and all of them together at the end."""
    total = found["total"]
    whole = {"group": None, "suppressed": total is None, "whole": True} | (total or {})
    return [*found["groups"], whole] if found["groups"] else []


def _with_the_rest(figures: dict[str, Any]) -> dict[str, Any]:
    if figures["suppressed"]:
        return figures
    ended = figures["concluded"] + figures["ended_otherwise"]
    return figures | {"going_on": figures["offers"] - ended}


def _line(figures: dict[str, Any], parts: tuple[str, ...], of: str) -> Line:
    hidden = figures["suppressed"]
    bar = {} if hidden else {name: figures[name] for name in parts}
    return Line(
        group=figures["group"],
        suppressed=hidden,
        figures=figures,
        bar=stacked(bar, figures.get(of) or 0),
        whole=figures.get("whole", False),
    )
