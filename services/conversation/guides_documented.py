"""What the routes of guides answer, for the documentation."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field
from typing_extensions import TypedDict

from shared.documented import ByLanguage, Code, Page

Kind = Literal["conversation", "follow_up"]
Entities = Annotated[list[str], Field(description="the legal entities with an approval on record")]


class AskedQuestion(TypedDict):
    """One question of a guide."""

    id: Code
    purpose: ByLanguage
    text: ByLanguage
    optional: bool


class GuideView(TypedDict):
    """One version of a guide; it never changes."""

    guide: Code
    version: int
    kind: Kind
    title: ByLanguage
    questions: list[AskedQuestion]
    needs_approval: Annotated[bool, Field(description="in a legal entity that has to approve it")]


class ListedGuide(GuideView):
    """A guide as it is listed."""

    approved_for: Entities


class GuideReceipt(TypedDict):
    """Which version was published."""

    guide: Code
    version: int
    kind: Kind


class ApprovalReceipt(TypedDict):
    """Where a version may be used now."""

    guide: Code
    version: int
    approved_for: Entities


GUIDES: dict[str, Any] = {
    "list_guides": Page[ListedGuide],
    "get_guide": GuideView,
    "publish_guide": GuideReceipt,
    "approve_guide": ApprovalReceipt,
    "withdraw_approval": ApprovalReceipt,
}
