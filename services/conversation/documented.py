"""What the routes of conversations and guides answer, for the documentation."""

from __future__ import annotations

from typing import Annotated, Any, Literal, NotRequired

from pydantic import Field
from typing_extensions import TypedDict

from services.conversation.guides_documented import GUIDES, AskedQuestion, Kind
from shared.documented import (
    Answered,
    ByLanguage,
    Code,
    CorrectionView,
    Day,
    Id,
    Moment,
    Next,
    Page,
    Person,
    Receipt,
    Version,
)

State = Literal["open", "paused", "concluded", "declined", "closed"]
Direction = Literal["expand", "deepen", "redirect", "undecided"]
FacetKind = Literal["value", "skill", "interest", "goal"]
Notice = Annotated[str, Field(description="that a note about a person is that person's data")]


class ListedConversation(TypedDict):
    """A conversation as it is listed."""

    id: Id
    cycle: Id
    round: int
    kind: Kind
    state: State
    version: Version


class Place(TypedDict):
    """Which conversation of which round."""

    conversation: Id
    round: int
    kind: Kind


class EarlierAnswer(Place):
    """What was last answered to the same question."""

    answer: str
    at: Moment | None


class AnsweredQuestion(AskedQuestion):
    """A question with its answer, as far as the caller may see it."""

    state: Literal["open", "answered", "set_aside", "declined"]
    answer: str | None
    revision: NotRequired[int]
    version: NotRequired[int]
    until: NotRequired[Annotated[Moment | None, Field(description="set aside until then")]]
    shared: NotRequired[bool]
    earlier: EarlierAnswer | None


class Vocabulary(TypedDict):
    """A place in a public vocabulary, such as ESCO."""

    scheme: str
    uri: str
    version: str | None
    label: str | None


class FacetView(TypedDict):
    """Something the employee has found out about themselves."""

    kind: FacetKind
    text: str | None
    vocabulary: Vocabulary | None


Facets = Annotated[dict[str, FacetView], Field(description="by the code that was chosen for it")]


class Parts(TypedDict):
    """Parts of a conversation."""

    questions: list[Code]
    facets: list[Code]
    direction: bool


class Sharing(Parts):
    """What the partner of today may see; for the employee also what an earlier one alone was shown."""

    everything: bool
    before: Parts


class MeetingView(TypedDict):
    """When the two meet, or whether they have: the employee's word makes it held or waived."""

    state: Literal["scheduled", "claimed", "held", "waived"] | None
    held_on: Day | None
    starts_at: Moment | None
    duration: str | None
    place: str | None


class NoteView(TypedDict):
    """A note; the caller's own, or one that was shared with them."""

    note: Annotated[int, Field(description="counted within the conversation")]
    by: Literal["employee", "partner"]
    author: Person | None
    shared: bool
    question: Code | None
    text: str | None
    at: Moment


class NotePage(TypedDict):
    """The notes of a conversation."""

    items: list[NoteView]
    next: Next
    notice: Notice


class EarlierText(TypedDict):
    """A question of the conversation before, and its answer."""

    id: Code
    text: ByLanguage
    answer: str | None


class Before(Place):
    """The conversation before this one."""

    questions: list[EarlierText]
    facets: Facets
    direction: Direction | None
    direction_comment: str | None


class ConversationView(ListedConversation):
    """A conversation with what the caller may see of it."""

    guide: Code
    guide_version: int
    questions: list[AnsweredQuestion]
    facets: Facets
    direction: Direction | None
    direction_comment: str | None
    shared: Sharing
    meeting: MeetingView
    notes: list[NoteView]
    notice: Notice
    corrections: Annotated[list[CorrectionView], Field(description="what the person says is wrong")]
    before: Before | None
    resting: Annotated[bool, Field(description="nobody is reminded for now")]
    resting_until: Moment | None


Changed = Literal["new", "same", "changed", "withdrawn"]


class StatedDirection(TypedDict):
    """A direction with its comment."""

    direction: Direction
    comment: str | None


class DirectionChange(TypedDict):
    """The direction then and now."""

    change: Changed
    before: StatedDirection | None
    now: StatedDirection | None


class FacetChange(TypedDict):
    """A facet then and now."""

    facet: Code
    change: Changed
    before: FacetView | None
    now: FacetView | None


class AnswerChange(TypedDict):
    """The answers to one question then and now."""

    question: Code
    change: Changed
    before: str | None
    now: str | None


class Comparison(TypedDict):
    """Two conversations side by side, as far as the caller may see both."""

    before: Place
    now: Place
    direction: Annotated[DirectionChange | None, Field(description="null where it isn't shown")]
    goals: list[FacetChange]
    facets: list[FacetChange]
    answers: list[AnswerChange]


class DraftView(TypedDict):
    """A half-written thought of the caller, outside the record."""

    question: Annotated[Code, Field(description="`note` for the draft of a note")]
    text: str
    version: Version
    saved_at: Moment


class DraftReceipt(TypedDict):
    """Which draft was kept."""

    question: Code
    version: Version


class DraftThrownAway(TypedDict):
    """Which draft was deleted."""

    question: Code


class ConversationReceipt(Receipt):
    """What a change of a conversation answers."""

    state: State


class AnswerReceipt(Receipt):
    """What recording an answer answers."""

    question: Code
    state: Literal["answered"]
    revision: int


class NoteReceipt(ConversationReceipt):
    """Which note was written."""

    note: int
    notice: Notice


class MeetingReceipt(ConversationReceipt):
    """What changing a meeting answers."""

    sequence: Annotated[int, Field(description="counts what calendars were told")]


ANSWERS: dict[str, Any] = {
    **GUIDES,
    "list_conversations": Page[ListedConversation],
    "get_conversation": ConversationView,
    "compare_conversations": Comparison,
    "list_drafts": Page[DraftView],
    "get_draft": DraftView,
    "save_draft": DraftReceipt,
    "throw_away_draft": DraftThrownAway,
    "record_answer": AnswerReceipt,
    "set_aside": ConversationReceipt,
    "decline_question": ConversationReceipt,
    "note_facet": ConversationReceipt,
    "withdraw_facet": ConversationReceipt,
    "state_direction": ConversationReceipt,
    "share": ConversationReceipt,
    "unshare": ConversationReceipt,
    "list_notes": NotePage,
    "write_note": NoteReceipt,
    "schedule": MeetingReceipt,
    "unschedule": MeetingReceipt,
    "get_invite": Answered(str, media_type="text/calendar", refused=(409,)),
    "pause": ConversationReceipt,
    "resume": ConversationReceipt,
    "decline": ConversationReceipt,
    "claim_held": ConversationReceipt,
    "conclude": ConversationReceipt,
}
