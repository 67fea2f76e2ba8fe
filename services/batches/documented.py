"""What the routes of batches answer, for the documentation."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field
from typing_extensions import TypedDict

from shared.documented import Code, Page, Period, Person, Receipt


class BatchReceipt(Receipt):
    """What a request for many people answers."""

    state: Literal["running", "finished", "cancelled"]
    dry_run: bool
    total: Annotated[int, Field(description="how many people were named, or let through")]


class Exclusion(TypedDict):
    """Who was left out, and why; a line that names nobody is told by its place."""

    index: Annotated[int | None, Field(description="in `people` as it was sent, from 0")]
    person: Person | None
    reason: Annotated[
        Code,
        Field(
            description="`left_out`, `left`, `inactive`, `not_started`, `unknown`, `twice`,"
            " `malformed` or `failed`"
        ),
    ]


class BatchView(BatchReceipt):
    """How far a batch has come; a dry run counts what it would do."""

    started: int
    existing: Annotated[int, Field(description="had an open cycle already")]
    excluded: int
    reasons: Annotated[dict[str, int], Field(description="how many were left out, by reason")]
    waiting: Annotated[int, Field(description="whose turn is still to come")]
    spread_over: Period | None
    exclusions: Annotated[
        list[Exclusion],
        Field(description="10,000 at most; `GET /v1/batches/{id}/exclusions` has them all"),
    ]


ANSWERS: dict[str, Any] = {
    "request_batch": BatchReceipt,
    "get_batch": BatchView,
    "list_exclusions": Page[Exclusion],
    "cancel_batch": BatchReceipt,
}
