"""What the routes of the roster answer, for the documentation."""

from __future__ import annotations

from typing import Annotated, Any, Literal, NotRequired

from pydantic import Field
from typing_extensions import TypedDict

from shared.documented import Answered, Day, Page, Person, Version


class PersonReceipt(TypedDict):
    """What a change of a person answers."""

    version: Version
    status: Literal["active", "inactive"]


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
    version: Version


class PersonView(ListedPerson):
    """A person's profile."""

    start_date: Day | None
    end_date: Day | None


class ImportedLine(TypedDict):
    """What became of one line; each line of the answer is such an object."""

    line: Annotated[int | None, Field(description="its number in the file; null for `stopped`")]
    person: Annotated[Person | None, Field(description="null where the line names nobody")]
    status: Annotated[
        Literal["created", "updated", "unchanged", "refused", "stopped"],
        Field(description="`stopped` is the last line where the service went away: send it again"),
    ]
    version: NotRequired[Annotated[int, Field(description="of the person, unless refused")]]
    problem: NotRequired[Annotated[dict[str, Any], Field(description="a Problem, where refused")]]


ANSWERS: dict[str, Any] = {
    "put_person": Answered(PersonReceipt, (200, 201)),
    "list_people": Page[ListedPerson],
    "get_person": PersonView,
    "import_people": Answered(ImportedLine, media_type="application/x-ndjson"),
}
