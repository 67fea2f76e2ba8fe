"""What the routes of cases answer, for the documentation."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field
from typing_extensions import TypedDict

from shared.documented import Answered, Code, Id, Moment, Page, Receipt


class CaseReceipt(Receipt):
    """What a change of a case answers."""

    state: Literal["requested", "granted", "refused", "revoked"]


class CaseView(CaseReceipt):
    """A case: which cycle, why, who agreed, and until when it opens anything."""

    cycle: Id
    reason: Code
    hours: int
    approved_as: Annotated[list[Code], Field(description="the roles of those who agreed")]
    granted_at: Moment | None
    until: Moment | None
    open: Annotated[bool, Field(description="whether it opens anything at this moment")]


class FacetWords(TypedDict):
    """A facet that was shared."""

    kind: Code
    text: str


class CaseWords(TypedDict):
    """What was shared of one conversation."""

    id: Id
    round: int
    kind: Literal["conversation", "follow_up"]
    answers: Annotated[dict[str, str], Field(description="by question")]
    facets: dict[str, FacetWords]
    direction: Code | None
    direction_comment: str | None


ANSWERS: dict[str, Any] = {
    "request_case": CaseReceipt,
    "get_case": CaseView,
    "approve_case": CaseReceipt,
    "refuse_case": CaseReceipt,
    "revoke_case": CaseReceipt,
    "read_words": Answered(Page[CaseWords], refused=(409,)),
    "list_cases": Page[CaseView],
}
