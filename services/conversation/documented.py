"""What the routes of conversations and guides answer, for the documentation."""

from __future__ import annotations

from typing import Annotated, Any, Literal, NotRequired

from pydantic import Field
from typing_extensions import TypedDict

from shared.documented import ByLanguage, Code, Day, Id, Moment, Page, Receipt, Version

State = Literal["open", "paused", "concluded", "declined", "closed"]


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
    kind: Literal["conversation", "follow_up"]
    title: ByLanguage
    questions: list[AskedQuestion]


class ListedConversation(TypedDict):
    """A conversation as it is listed."""

    id: Id
    cycle: Id
    round: int
    kind: Literal["conversation", "follow_up"]
    state: State
    version: Version


class AnsweredQuestion(TypedDict):
    """A question with its answer, as far as the caller may see it."""

    id: Code
    text: ByLanguage
    purpose: ByLanguage
    state: Literal["open", "answered", "set_aside", "declined"]
    answer: str | None
    revision: NotRequired[int]
    version: NotRequired[int]
    until: NotRequired[Moment | None]
    shared: NotRequired[bool]


class FacetView(TypedDict):
    """Something the employee has found out about themselves."""

    kind: Literal["value", "skill", "interest", "goal"]
    text: str | None


class Sharing(TypedDict):
    """What the partner may see."""

    everything: bool
    questions: list[Code]
    facets: list[Code]
    direction: bool


class MeetingView(TypedDict):
    """Whether the two have met: claimed by the partner, held or waived by the employee's word."""

    state: Literal["claimed", "held", "waived"] | None
    held_on: Day | None


class ConversationView(ListedConversation):
    """A conversation with what the caller may see of it."""

    guide: Code
    guide_version: int
    questions: list[AnsweredQuestion]
    facets: Annotated[dict[str, FacetView], Field(description="by the code that was chosen for it")]
    direction: Literal["expand", "deepen", "redirect", "undecided"] | None
    direction_comment: str | None
    shared: Sharing
    meeting: MeetingView
    resting_until: Moment | None


class ConversationReceipt(Receipt):
    """What a change of a conversation answers."""

    state: State


class AnswerReceipt(Receipt):
    """What recording an answer answers."""

    question: Code
    state: Literal["answered"]
    revision: int


ANSWERS: dict[str, Any] = {
    "list_guides": Page[GuideView],
    "get_guide": GuideView,
    "list_conversations": Page[ListedConversation],
    "get_conversation": ConversationView,
    "record_answer": AnswerReceipt,
    "set_aside": ConversationReceipt,
    "decline_question": ConversationReceipt,
    "note_facet": ConversationReceipt,
    "withdraw_facet": ConversationReceipt,
    "state_direction": ConversationReceipt,
    "share": ConversationReceipt,
    "unshare": ConversationReceipt,
    "pause": ConversationReceipt,
    "resume": ConversationReceipt,
    "decline": ConversationReceipt,
    "claim_held": ConversationReceipt,
    "conclude": ConversationReceipt,
}
