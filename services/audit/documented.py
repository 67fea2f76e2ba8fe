"""What the routes of the audit answer, for the documentation."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field
from typing_extensions import TypedDict

from shared.documented import Answered, Code, Id, Moment, Page, Receipt, Version

Hash = Annotated[str, Field(description="SHA-256, in hexadecimal")]
Node = Annotated[str, Field(description="of the tree of RFC 6962, in base64")]


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
    leaf: Node
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
    root: Node
    note: Annotated[str, Field(description="a C2SP checkpoint")]
    keys: Annotated[list[str], Field(description="C2SP verifier keys, oldest first")]


class ProofView(TypedDict):
    """The hashes of an RFC 6962 proof, in their order, and what they lead to."""

    size: Annotated[int, Field(description="of the tree")]
    root: Node
    hashes: list[Node]


class InclusionView(ProofView):
    """The proof of an event, and the leaf that it begins with."""

    leaf: Node


class DiffEnd(TypedDict):
    """One side of a difference."""

    id: Id
    version: Version
    at: Moment
    recorded_at: Moment


DiffView = TypedDict(
    "DiffView",
    {
        "from": DiffEnd,
        "to": DiffEnd,
        "added": Annotated[dict[str, Any], Field(description="by name, as questions/impact")],
        "changed": Annotated[dict[str, dict[str, Any]], Field(description="each with from and to")],
        "removed": dict[str, Any],
        "events": list[TimelineItem],
    },
)


class SeenBy(TypedDict):
    """Who could see something, how much of it, and on what ground."""

    who: Annotated[
        str | None, Field(description="a person or client:workday; null for a whole role")
    ]
    standing: Code
    fields: Code
    ground: Code


class SeenThing(TypedDict):
    """Something of a person's, with those who could see something of it."""

    artefact: Literal["conversation", "plan", "corrections"]
    id: Id
    part: Annotated[
        str, Field(description="as question/impact, direction, note/1, plan, correction/1")
    ]
    known_then: list[SeenBy]
    known_now: list[SeenBy]


class PartnerThen(TypedDict):
    """A conversation partner of that day."""

    partner: str | None
    since: Moment
    until: Moment | None


class PartnersThen(TypedDict):
    """By the record of that day, and by today's."""

    known_then: list[PartnerThen]
    known_now: list[PartnerThen]


class VisibilityView(TypedDict):
    """Who could see what on that day, as it was known then and as it is known now."""

    person: str
    at: Moment
    partners: PartnersThen
    things: list[SeenThing]


class ExportReceipt(Receipt):
    """What a change of an export answers."""

    state: Literal["requested", "written", "removed"]


class ExportView(ExportReceipt):
    """How far a bundle is, and what is in it."""

    events: int | None
    size: Annotated[int | None, Field(description="of the tree whose head is in it")]
    length: Annotated[int, Field(description="bytes; grows while it is written")]
    sha256: Hash | None
    bundle: Annotated[str | None, Field(description="where it is taken along, once it is written")]


class DisclosureView(TypedDict):
    """Who read what about a person, in which hour, and on what ground."""

    position: Annotated[int, Field(ge=1, description="in the tenant's log")]
    reader: Annotated[str | None, Field(description="a person's id, or such as client:workday")]
    artefact: Code
    id: Id
    ground: Code
    hour: Moment


class BundleLine(TypedDict, total=False):
    """A line of a bundle: the manifest, an earlier head, leaves, or an event (docs/audit-bundle.md)."""

    format: str
    tenant: str
    origin: str
    selection: dict[str, Any]
    events: int
    checkpoint: str
    keys: list[str]
    head: str
    tile: int
    leaves: str
    position: int
    stream: Id
    version: int
    type: Code
    schema_version: int
    at: Moment
    recorded_at: Moment
    event_id: Id
    meta: str
    facts: str
    leaf: str
    key_id: Id
    words: str
    words_hash: str
    previous: str
    proof: list[str]


ANSWERS: dict[str, Any] = {
    "list_disclosures": Page[DisclosureView],
    "timeline": Answered(Page[TimelineItem], as_text="text/csv"),
    "visibility": VisibilityView,
    "checkpoint": CheckpointView,
    "proveInclusion": InclusionView,
    "proveConsistency": ProofView,
    "request_export": ExportReceipt,
    "get_export": ExportView,
    "fetch_bundle": Answered(BundleLine, media_type="application/x-ndjson"),
    "replay": ReplayView,
    "diff": DiffView,
}
