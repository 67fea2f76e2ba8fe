"""What the routes of the roster answer, for the documentation."""

from __future__ import annotations

from typing import Annotated, Any, Literal, NotRequired

from pydantic import Field
from typing_extensions import TypedDict

from shared.documented import Answered, Code, CorrectionView, Day, Id, Moment, Page, Person, Version

Noted = Annotated[
    Literal["partner-has-gone"],
    Field(
        description="all was taken but the partner: who is named has left or was forgotten, and whoever"
        " was the partner stays"
    ),
]


class PersonReceipt(TypedDict):
    """What a change of a person answers."""

    version: Version
    status: Literal["active", "inactive"]


class PutReceipt(PersonReceipt):
    """What registering somebody or replacing the profile answers."""

    noted: NotRequired[Noted]


class ListedPerson(TypedDict):
    """A person as the roster lists them."""

    person: Person
    name: str
    email: str
    partner: Annotated[Person | None, Field(description="today's conversation partner")]
    department: str | None
    location: str | None
    legal_entity: str | None
    timezone: str
    locale: str
    status: Literal["active", "inactive"]
    left_on: Annotated[Day | None, Field(description="the last day, once it has passed")]
    version: Version


class Leave(TypedDict):
    """A long leave: from a moment up to another, as far as it is known."""

    since: Moment
    until: Moment | None


class PersonView(ListedPerson):
    """A person's profile."""

    start_date: Day | None
    end_date: Day | None
    proposed_partner: Annotated[
        Person | None,
        Field(description="whom they would like; for the person, hr, dpo, admin and platform"),
    ]
    leaves: list[Leave]
    corrections: Annotated[
        list[CorrectionView],
        Field(description="what the person says is wrong in it; for the person, hr, dpo and admin"),
    ]


class FeedView(TypedDict):
    """A legal entity whose feed waits for a person."""

    legal_entity: Annotated[str | None, Field(description="null: everybody who has none")]
    stopped_on: Day
    closings: Annotated[int, Field(description="how many were closed that day before it stopped")]
    people: Annotated[int, Field(description="of how many")]


class FeedReceipt(TypedDict):
    """What letting a feed go on answers."""

    legal_entity: str | None
    version: Version
    stopped: bool


class HandoverView(TypedDict):
    """What the present partner was handed over of what was before them."""

    partner: Person | None
    choice: Annotated[
        Literal["nothing", "plan", "plan_and_answers"] | None, Field(description="null: none yet")
    ]
    answers: Annotated[list[str], Field(description="as conversation/question/its code")]
    chosen_at: Moment | None
    version: Version


class MentoringView(TypedDict):
    """In what somebody has offered to mentor, and how many people at once."""

    person: Person
    skills: list[Code]
    capacity: int
    version: Version


class ImportedLine(TypedDict):
    """What became of one line; each line of the answer is such an object."""

    line: Annotated[int | None, Field(description="its number in the file; null for `stopped`")]
    person: Annotated[Person | None, Field(description="null where the line names nobody")]
    status: Annotated[
        Literal["created", "updated", "unchanged", "refused", "stopped"],
        Field(description="`stopped` is the last line where the service went away: send it again"),
    ]
    version: NotRequired[Annotated[int, Field(description="of the person, unless refused")]]
    noted: NotRequired[Noted]
    problem: NotRequired[Annotated[dict[str, Any], Field(description="a Problem, where refused")]]


class CopyView(TypedDict):
    """Where a copy was, and what became of it."""

    where: Code
    state: Code
    until: Moment | None
    ids: Annotated[list[Id], Field(description="of bundles: those that were written before")]


class Certificate(PersonReceipt):
    """The certificate of an erasure."""

    subject: Annotated[Id, Field(description="the random key by which the record knew the person")]
    depth: Literal["words", "link"]
    erased_at: Moment
    copies: list[CopyView]
    note: Annotated[str, Field(description="the same, signed by the ledger's key")]


class HoldView(TypedDict):
    """A record that is kept for a legal reason."""

    person: Person | None
    reason: Code
    owner: Annotated[Person | None, Field(description="who answers for it")]
    since: Moment
    review: Day | None
    due: Annotated[bool, Field(description="whether that day has come")]


class OverView(TypedDict):
    """How many people of a legal entity are over the time of a kind."""

    legal_entity: str | None
    kind: Literal["words", "link"]
    left_by: Annotated[Day, Field(description="whoever left on that day or before is over")]
    over: int
    held: Annotated[int, Field(description="those of whom a hold keeps the record")]


class RetentionView(Page[OverView]):
    """What a run of retention would come to now."""

    on: Annotated[bool, Field(description="false: it is only counted")]


ANSWERS: dict[str, Any] = {
    "erase_person": Certificate,
    "list_holds": Page[HoldView],
    "preview_retention": RetentionView,
    "put_person": Answered(PutReceipt, (200, 201)),
    "list_people": Page[ListedPerson],
    "get_person": PersonView,
    "start_leave": PersonReceipt,
    "end_leave": PersonReceipt,
    "place_hold": PersonReceipt,
    "release_hold": PersonReceipt,
    "propose_partner": PersonReceipt,
    "list_stopped_feeds": Page[FeedView],
    "release_feed": FeedReceipt,
    "get_handover": HandoverView,
    "choose_handover": PersonReceipt,
    "get_mentoring": MentoringView,
    "offer_mentoring": PersonReceipt,
    "withdraw_mentoring": PersonReceipt,
    "import_people": Answered(ImportedLine, media_type="application/x-ndjson"),
}
