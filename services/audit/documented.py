"""What the routes of the audit answer, for the documentation."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import Field
from typing_extensions import TypedDict

from shared.documented import Code, Id, Moment, Page, Version

Hash = Annotated[str, Field(description="SHA-256, in hexadecimal")]


class TimelineItem(TypedDict):
    """One event: who did what when, and the hash of its words."""

    position: Annotated[int, Field(ge=1, description="in the tenant's log, without gaps")]
    type: Code
    stream: Id
    version: Annotated[int, Field(ge=1, description="in its stream, without gaps")]
    at: Moment
    recorded_at: Moment
    actor: Annotated[str, Field(description="such as person:ana, client:workday")]
    on_behalf_of: str | None
    cause: Annotated[str | None, Field(description="the request's id, or the workflow's step")]
    person: Annotated[str | None, Field(description="whom it is about")]
    cycle: Id | None
    event_id: Id
    facts: dict[str, Any]
    words_sha256: Annotated[Hash | None, Field(description="null for an event without words")]
    sentence: Annotated[str, Field(description="the same for a person to read")]


class ReplayView(TypedDict):
    """A conversation, plan or cycle as it stood."""

    id: Id
    version: Version
    at: Moment
    recorded_at: Moment
    state: Annotated[dict[str, Any], Field(description="the latest of each thing, texts as hashes")]
    events: list[TimelineItem]


class CheckpointView(TypedDict):
    """The signed head of the tenant's tree."""

    size: int
    root: Hash
    note: Annotated[str, Field(description="a C2SP checkpoint")]
    keys: Annotated[list[str], Field(description="C2SP verifier keys, newest first")]


class ProofView(TypedDict):
    """The hashes of an RFC 6962 proof, in their order."""

    hashes: list[Hash]


class DisclosureView(TypedDict):
    """Who read what about a person, in which hour, and on what ground."""

    position: Annotated[int, Field(ge=1, description="in the tenant's log")]
    reader: Annotated[str | None, Field(description="a person's id, or such as client:workday")]
    artefact: Code
    id: Id
    ground: Code
    hour: Moment


ANSWERS: dict[str, Any] = {
    "list_disclosures": Page[DisclosureView],
    "timeline": Page[TimelineItem],
    "checkpoint": CheckpointView,
    "proveInclusion": ProofView,
    "proveConsistency": ProofView,
    "replay": ReplayView,
}
