"""What the routes of cases answer, for the documentation."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field
from typing_extensions import TypedDict

from shared.documented import Answered, Code, Id, Moment, Page, Person, Receipt


class CaseReceipt(Receipt):
    """What a change of a case answers."""

    state: Literal["requested", "granted", "refused", "revoked"]


class CaseView(CaseReceipt):
    """A case: whose cycle, why, who asked and who agreed, and until when it opens anything."""

    person: Annotated[Person | None, Field(description="null once your id was deleted")]
    cycle: Id
    reason: Code
    hours: int
    asked_by: Annotated[
        str | None, Field(description="the auditor: a person's id, or client:… for a machine")
    ]
    requested_at: Moment
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
    guide: Code
    guide_version: int
    answers: Annotated[dict[str, str], Field(description="by question")]
    facets: dict[str, FacetWords]
    direction: Code | None
    direction_comment: str | None


ANSWERS: dict[str, Any] = {
    "request_case": CaseReceipt,
    "find_cases": Page[CaseView],
    "get_case": CaseView,
    "approve_case": CaseReceipt,
    "refuse_case": CaseReceipt,
    "revoke_case": CaseReceipt,
    "read_words": Answered(Page[CaseWords], refused=(409,)),
    "list_cases": Page[CaseView],
}
