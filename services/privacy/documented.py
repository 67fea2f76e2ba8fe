"""What the routes of cases answer, for the documentation."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field
from typing_extensions import TypedDict

from shared.documented import (
    Answered,
    Code,
    CorrectionView,
    Id,
    Moment,
    Page,
    Person,
    Receipt,
    Version,
    Zip,
)


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


class CorrectionReceipt(TypedDict):
    """What a change of a correction answers."""

    correction: int
    version: Version


class PackageReceipt(TypedDict):
    """What a change of a request answers."""

    version: Version


class NoteDecision(TypedDict):
    """A note that somebody else wrote for themselves, and what was decided on it."""

    conversation: Id
    note: int
    at: Moment
    decision: Literal["release", "withhold"] | None
    reason: Annotated[Code | None, Field(description="null while it wasn't looked at")]


class NoteToReview(NoteDecision):
    """The same with what it says, for data protection."""

    text: str


class PackageRequestView(TypedDict):
    """When a person asked for what is held about them."""

    person: Person
    requested_at: Moment | None
    until: Annotated[Moment | None, Field(description="when the month ends that the law gives")]
    open: bool
    through: Literal["person", "data_protection"] | None
    notes: list[NoteDecision]


ANSWERS: dict[str, Any] = {
    "request_case": CaseReceipt,
    "find_cases": Page[CaseView],
    "get_case": CaseView,
    "approve_case": CaseReceipt,
    "refuse_case": CaseReceipt,
    "revoke_case": CaseReceipt,
    "read_words": Answered(Page[CaseWords], refused=(409,)),
    "list_cases": Page[CaseView],
    "state_correction": CorrectionReceipt,
    "list_corrections": Page[CorrectionView],
    "withdraw_correction": CorrectionReceipt,
    "fetch_package": Answered(Zip, media_type="application/zip", refused=(409,)),
    "get_package_request": PackageRequestView,
    "request_package": Answered(PackageReceipt, statuses=(200, 201)),
    "notes_to_review": Answered(Page[NoteToReview], refused=(409,)),
    "review_note": PackageReceipt,
}
