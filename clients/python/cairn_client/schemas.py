"""What operations take and answer. Made by generate.py of docs/openapi.json."""

from __future__ import annotations

from typing import Any, Literal, NotRequired, TypedDict


class Action(TypedDict):
    """An action, and what became of it."""

    method: Literal["job_enrichment", "stretch_assignment", "mentoring", "coaching", "other"]
    title: NotRequired[str]
    serves: str
    """the goal"""
    success: NotRequired[str]
    """by what one sees that it worked"""
    owner: Literal["employee", "partner", "organisation"]
    by: str | None
    mentor: NotRequired[str | None]
    adds: NotRequired[str | None]
    varies: NotRequired[str | None]
    skill: NotRequired[str | None]
    support: NotRequired[str | None]
    risk: NotRequired[str | None]
    rhythm: NotRequired[str | None]
    until: NotRequired[str | None]
    coach: NotRequired[str | None]
    aim: NotRequired[str | None]
    sessions: NotRequired[int | None]
    state: Literal["planned", "started", "done", "not_done", "blocked", "carried_over", "dropped"]
    comment: NotRequired[str | None]
    blocked_by: Literal["employee", "partner", "organisation"] | None
    reported_by: Literal["employee", "partner", "nobody"] | None
    reported_at: str | None
    agreed: bool
    """whether both have agreed to it as it is"""
    carried_from: str | None
    """the plan that it came from"""
    missing: list[str]
    """fields that one might still talk about"""


class AgreedPlan(TypedDict):
    """The revision in force, where a newer one waits for an agreement."""

    revision: int
    goals: dict[str, Goal]
    actions: dict[str, PlannedAction]


class AnswerChange(TypedDict):
    """The answers to one question then and now."""

    question: str
    """a code that stays the same"""
    change: Literal["new", "same", "changed", "withdrawn"]
    before: str | None
    now: str | None


class AnswerReceipt(TypedDict):
    """What recording an answer answers."""

    id: str
    version: int
    """counts the changes; it is the ETag"""
    question: str
    """a code that stays the same"""
    state: Literal["answered"]
    revision: int


class AnsweredQuestion(TypedDict):
    """A question with its answer, as far as the caller may see it."""

    id: str
    """a code that stays the same"""
    purpose: dict[str, str]
    """by language, such as `en`"""
    text: dict[str, str]
    """by language, such as `en`"""
    optional: bool
    state: Literal["open", "answered", "set_aside", "declined"]
    answer: str | None
    revision: NotRequired[int]
    version: NotRequired[int]
    until: NotRequired[str | None]
    """set aside until then"""
    shared: NotRequired[bool]
    earlier: EarlierAnswer | None


class ApprovalBody(TypedDict):
    """For which legal entity, and which paper says so."""

    legal_entity: str
    reference: NotRequired[str | None]


class ApprovalReceipt(TypedDict):
    """Where a version may be used now."""

    guide: str
    """a code that stays the same"""
    version: int
    approved_for: list[str]
    """the legal entities with an approval on record"""


class AskedQuestion(TypedDict):
    """One question of a guide."""

    id: str
    """a code that stays the same"""
    purpose: dict[str, str]
    """by language, such as `en`"""
    text: dict[str, str]
    """by language, such as `en`"""
    optional: bool


class Batch(TypedDict):
    """How far a batch has come; a dry run counts what it would do."""

    id: str
    version: int
    """counts the changes; it is the ETag"""
    state: Literal["running", "finished", "cancelled"]
    dry_run: bool
    total: int
    """how many people were named, or let through"""
    started: int
    existing: int
    """had an open cycle already"""
    excluded: int
    reasons: dict[str, int]
    """how many were left out, by reason"""
    waiting: int
    """whose turn is still to come"""
    spread_over: str | None
    exclusions: list[Exclusion]
    """10,000 at most; `GET /v1/batches/{id}/exclusions` has them all"""


class BatchBody(TypedDict):
    """For whom cycles are to start: `people` by their ids, or a `filter` over the roster.

    `spread_over` is the time over which they start, in an order that is fixed for each person.
    """

    people: NotRequired[list[str] | None]
    filter: NotRequired[FilterBody | None]
    exclude: NotRequired[list[str]]
    dry_run: NotRequired[bool]
    spread_over: NotRequired[str | None]
    timezone: NotRequired[str]


class BatchReceipt(TypedDict):
    """What a request for many people answers."""

    id: str
    version: int
    """counts the changes; it is the ETag"""
    state: Literal["running", "finished", "cancelled"]
    dry_run: bool
    total: int
    """how many people were named, or let through"""


class Before(TypedDict):
    """The conversation before this one."""

    conversation: str
    round: int
    kind: Literal["conversation", "follow_up"]
    questions: list[EarlierText]
    facets: dict[str, Facet]
    """by the code that was chosen for it"""
    direction: Literal["expand", "deepen", "redirect", "undecided"] | None
    direction_comment: str | None


class BlockBody(TypedDict):
    """Who could get it going again."""

    comment: NotRequired[str | None]
    blocked_by: Literal["employee", "partner", "organisation"]


class BundleLine(TypedDict):
    """A line of a bundle: the manifest, an earlier head, leaves, or an event (docs/audit-
    bundle.md).
    """

    format: NotRequired[str]
    tenant: NotRequired[str]
    origin: NotRequired[str]
    selection: NotRequired[dict[str, Any]]
    events: NotRequired[int]
    checkpoint: NotRequired[str]
    keys: NotRequired[list[str]]
    head: NotRequired[str]
    tile: NotRequired[int]
    leaves: NotRequired[str]
    position: NotRequired[int]
    stream: NotRequired[str]
    version: NotRequired[int]
    type: NotRequired[str]
    """a code that stays the same"""
    schema_version: NotRequired[int]
    at: NotRequired[str]
    recorded_at: NotRequired[str]
    event_id: NotRequired[str]
    meta: NotRequired[str]
    facts: NotRequired[str]
    leaf: NotRequired[str]
    key_id: NotRequired[str]
    words: NotRequired[str]
    words_hash: NotRequired[str]
    previous: NotRequired[str]
    proof: NotRequired[list[str]]


class Case(TypedDict):
    """A case: whose cycle, why, who asked and who agreed, and until when it opens anything."""

    id: str
    version: int
    """counts the changes; it is the ETag"""
    state: Literal["requested", "granted", "refused", "revoked"]
    person: str | None
    """null once your id was deleted"""
    cycle: str
    reason: str
    """a code that stays the same"""
    hours: int
    asked_by: str | None
    """the auditor: a person's id, or client:… for a machine"""
    requested_at: str
    approved_as: list[str]
    """the roles of those who agreed"""
    granted_at: str | None
    until: str | None
    open: bool
    """whether it opens anything at this moment"""


class CaseBody(TypedDict):
    """Which cycle, why, and for how many hours once it is granted."""

    cycle: str
    reason: Literal["complaint", "litigation", "audit", "works_council", "security", "other"]
    hours: NotRequired[int]


class CasePage(TypedDict):
    """One page of a list."""

    items: list[Case]
    next: str | None
    """`cursor` of the next page; null on the last"""


class CaseReceipt(TypedDict):
    """What a change of a case answers."""

    id: str
    version: int
    """counts the changes; it is the ETag"""
    state: Literal["requested", "granted", "refused", "revoked"]


class CaseWords(TypedDict):
    """What was shared of one conversation."""

    id: str
    round: int
    kind: Literal["conversation", "follow_up"]
    guide: str
    """a code that stays the same"""
    guide_version: int
    answers: dict[str, str]
    """by question"""
    facets: dict[str, FacetWords]
    direction: str | None
    direction_comment: str | None


class CaseWordsPage(TypedDict):
    """One page of a list."""

    items: list[CaseWords]
    next: str | None
    """`cursor` of the next page; null on the last"""


class Certificate(TypedDict):
    """The certificate of an erasure."""

    version: int
    """counts the changes; it is the ETag"""
    status: Literal["active", "inactive"]
    subject: str
    """the random key by which the record knew the person"""
    depth: Literal["words", "link"]
    erased_at: str
    copies: list[Copy]
    note: str
    """the same, signed by the ledger's key"""


class ChangedField(TypedDict):
    """One field before and now."""

    before: Any
    now: Any


class ChangedItem(TypedDict):
    """A goal, an action or the plan itself, where it differs."""

    item: Literal["goal", "action", "plan"]
    id: str
    change: Literal["added", "removed", "changed"]
    fields: dict[str, ChangedField]
    by: str | None
    """who changed it last"""
    version: int | None
    at: str | None


class CheckIn(TypedDict):
    """How it went, at the last check-in."""

    state: Literal["on_track", "changed", "blocked"]
    by: Literal["employee", "partner"] | None
    comment: str | None
    at: str


class CheckInBody(TypedDict):
    """How it goes, in two clicks."""

    comment: NotRequired[str | None]
    state: Literal["on_track", "changed", "blocked"]


class Checkpoint(TypedDict):
    """The signed head of the tenant's tree."""

    size: int
    root: str
    """of the tree of RFC 6962, in base64"""
    note: str
    """a C2SP checkpoint"""
    keys: list[str]
    """C2SP verifier keys, oldest first"""


class Client(TypedDict):
    """A machine with its live keys."""

    id: str
    """a code that stays the same"""
    version: int
    """counts the changes; it is the ETag"""
    roles: list[str]
    removed: bool
    keys: list[Key]
    created_at: str


class ClientBody(TypedDict):
    """A machine: its name, what it may do, and the end of its first key."""

    name: str
    roles: list[Literal["platform", "employee", "partner", "hr", "auditor", "dpo", "ops", "admin"]]
    expires_at: NotRequired[str | None]


class ClientPage(TypedDict):
    """One page of a list."""

    items: list[Client]
    next: str | None
    """`cursor` of the next page; null on the last"""


class ClientReceipt(TypedDict):
    """What a change of a machine answers."""

    id: str
    """a code that stays the same"""
    version: int
    """counts the changes; it is the ETag"""
    roles: list[str]
    keys: list[KeyReceipt]
    key: NotRequired[str]
    """the key; only ever in this one answer"""


class CloudEvent(TypedDict):
    """What happened, as a CloudEvent 1.0: ids, codes and dates, never words."""

    specversion: Literal["1.0"]
    id: str
    """the same wherever and whenever it is told again"""
    source: str
    """the tenant, as /tenants/acme"""
    type: str
    """a code that stays the same"""
    subject: str | None
    """what it is about, as cycles/…"""
    time: str
    datacontenttype: Literal["application/json"]
    position: int
    """in the tenant's feed, without gaps"""
    data: dict[str, Any]
    """see the event's type under webhooks"""


class CloudEventPage(TypedDict):
    """One page of a list."""

    items: list[CloudEvent]
    next: str | None
    """`cursor` of the next page; null on the last"""


class CoachingBody(TypedDict):
    """Coaching: by whom, to what end, how many sessions."""

    title: str
    serves: str
    success: str
    owner: Literal["employee", "partner", "organisation"]
    by: NotRequired[str | None]
    method: Literal["coaching"]
    coach: NotRequired[str | None]
    aim: NotRequired[str | None]
    sessions: NotRequired[int | None]


class CommentBody(TypedDict):
    """A comment, if there is something to say."""

    comment: NotRequired[str | None]


class Comparison(TypedDict):
    """Two conversations side by side, as far as the caller may see both."""

    before: Place
    now: Place
    direction: DirectionChange | None
    """null where it isn't shown"""
    goals: list[FacetChange]
    facets: list[FacetChange]
    answers: list[AnswerChange]


class ConceptBody(TypedDict):
    """A place in a public vocabulary, such as ESCO, O*NET or SFIA."""

    scheme: str
    uri: str
    version: NotRequired[str | None]
    label: NotRequired[str | None]


class ConcludeBody(TypedDict):
    """Whether the meeting was held or waived: the employee's word."""

    meeting: Literal["held", "waived"]
    held_on: NotRequired[str | None]


class ConsistencyFigures(TypedDict):
    """How conversations that were offered within the last year went."""

    people: int | None
    """null where it would say too much of one person"""
    offers: int | None
    """null where it would say too much of one person"""
    on_time: int | None
    """null where it would say too much of one person"""
    concluded: int | None
    """null where it would say too much of one person"""
    ended_otherwise: int | None
    """declined, rested or closed"""
    met: int | None
    """null with `without_meeting`, below three of either"""
    without_meeting: int | None
    """null where it would say too much of one person"""
    days_to_conversation: int | None
    """the median, from offer to conclusion; null below three"""
    guides: list[str] | None
    """guide and version, such as own/2"""
    forgotten: int | None
    """people whom nothing was offered in time"""


class ConsistencyGroup(TypedDict):
    """One group's practice."""

    group: str | None
    """null is those who are in none"""
    suppressed: bool
    """too few people or partners, or a neighbour of such"""
    people: int | None
    """null where it would say too much of one person"""
    offers: int | None
    """null where it would say too much of one person"""
    on_time: int | None
    """null where it would say too much of one person"""
    concluded: int | None
    """null where it would say too much of one person"""
    ended_otherwise: int | None
    """declined, rested or closed"""
    met: int | None
    """null with `without_meeting`, below three of either"""
    without_meeting: int | None
    """null where it would say too much of one person"""
    days_to_conversation: int | None
    """the median, from offer to conclusion; null below three"""
    guides: list[str] | None
    """guide and version, such as own/2"""
    forgotten: int | None
    """people whom nothing was offered in time"""


class ConsistencyInsight(TypedDict):
    """Where practice differs."""

    by: str
    since: str
    """the first of a month"""
    min_group: int
    total: ConsistencyFigures | None
    groups: list[ConsistencyGroup]


class Conversation(TypedDict):
    """A conversation with what the caller may see of it."""

    id: str
    cycle: str
    round: int
    kind: Literal["conversation", "follow_up"]
    state: Literal["open", "paused", "concluded", "declined", "closed"]
    version: int
    """counts the changes; it is the ETag"""
    guide: str
    """a code that stays the same"""
    guide_version: int
    questions: list[AnsweredQuestion]
    facets: dict[str, Facet]
    """by the code that was chosen for it"""
    direction: Literal["expand", "deepen", "redirect", "undecided"] | None
    direction_comment: str | None
    shared: Sharing
    meeting: Meeting
    notes: list[Note]
    notice: str
    """that a note about a person is that person's data"""
    corrections: list[Correction]
    """what the person says is wrong"""
    before: Before | None
    resting: bool
    """nobody is reminded for now"""
    resting_until: str | None


class ConversationReceipt(TypedDict):
    """What a change of a conversation answers."""

    id: str
    version: int
    """counts the changes; it is the ETag"""
    state: Literal["open", "paused", "concluded", "declined", "closed"]


class Copy(TypedDict):
    """Where a copy was, and what became of it."""

    where: str
    """a code that stays the same"""
    state: str
    """a code that stays the same"""
    until: str | None
    ids: list[str]
    """of bundles: those that were written before"""


class Correction(TypedDict):
    """What a person says is wrong on record about them, beside the original."""

    correction: int
    """its number"""
    about: str
    """a code that stays the same"""
    id: str
    """what it is about"""
    version: int | None
    """one event of it"""
    part: str | None
    """such as question/impact"""
    text: str
    at: str


class CorrectionBody(TypedDict):
    """What is wrong, and what you say of it; `version` is one event of it, `part` as
    question/impact.
    """

    about: Literal["profile", "conversation", "plan", "cycle", "case"]
    id: NotRequired[str | None]
    version: NotRequired[int | None]
    part: NotRequired[str | None]
    text: str


class CorrectionPage(TypedDict):
    """One page of a list."""

    items: list[Correction]
    next: str | None
    """`cursor` of the next page; null on the last"""


class CorrectionReceipt(TypedDict):
    """What a change of a correction answers."""

    correction: int
    version: int
    """counts the changes; it is the ETag"""


class CoverageFigures(TypedDict):
    """Each person is in one of five: not offered, offered, under way, resting, concluded."""

    people: int | None
    """null where it would say too much of one person"""
    not_offered: int | None
    """never, or what ended before the window"""
    offered: int | None
    """null where it would say too much of one person"""
    under_way: int | None
    """null where it would say too much of one person"""
    resting: int | None
    """asked for time, left it out, or is away"""
    concluded: int | None
    """null where it would say too much of one person"""
    concluded_within: int | None
    """talked within the window, since or again"""


class CoverageGroup(TypedDict):
    """One group's coverage."""

    group: str | None
    """null is those who are in none"""
    suppressed: bool
    """too few people or partners, or a neighbour of such"""
    people: int | None
    """null where it would say too much of one person"""
    not_offered: int | None
    """never, or what ended before the window"""
    offered: int | None
    """null where it would say too much of one person"""
    under_way: int | None
    """null where it would say too much of one person"""
    resting: int | None
    """asked for time, left it out, or is away"""
    concluded: int | None
    """null where it would say too much of one person"""
    concluded_within: int | None
    """talked within the window, since or again"""


class CoverageInsight(TypedDict):
    """How far the offer reaches."""

    by: str
    since: str
    """the first of a month"""
    min_group: int
    total: CoverageFigures | None
    groups: list[CoverageGroup]


class Cycle(TypedDict):
    """Where a cycle stands."""

    id: str
    """the same through all rounds"""
    person: str | None
    """null once the person was forgotten"""
    version: int
    """counts the changes; it is the ETag"""
    round: int
    state: Literal["conversation", "planning", "developing", "follow_up", "steady", "closed"]
    waiting_for: Literal["employee", "partner", "organisation", "nobody"]
    since: str | None
    """since when it is their turn"""
    suspended: Suspension | None
    conversation: str | None
    """the present one"""
    plan: str | None
    """the present one"""
    conversations: list[str]
    """of all rounds, oldest first"""
    plans: list[str]
    """of all rounds, oldest first"""
    due: str | None
    """when Cairn takes its next step"""
    next: str | None
    """that step"""
    started_at: str


class CyclePage(TypedDict):
    """One page of a list."""

    items: list[Cycle]
    next: str | None
    """`cursor` of the next page; null on the last"""


class Delivery(TypedDict):
    """What became of one event at one webhook."""

    id: str
    position: int
    """in the tenant's feed"""
    event: str
    type: str
    """a code that stays the same"""
    state: Literal["waiting", "delivered", "skipped"]
    attempts: int
    next_attempt_at: str | None
    failing_since: str | None
    last_attempt_at: str | None
    last_status: int | None
    """what the receiver answered"""
    last_failure: str | None
    """why there was no answer"""
    milliseconds: int | None


class DeliveryPage(TypedDict):
    """One page of a list."""

    items: list[Delivery]
    next: str | None
    """`cursor` of the next page; null on the last"""


Diff = TypedDict(
    "Diff",
    {
        "from": "DiffEnd",
        "to": "DiffEnd",
        "added": "dict[str, Any]",
        "changed": "dict[str, dict[str, Any]]",
        "removed": "dict[str, Any]",
        "events": "list[TimelineItem]",
    },
)


class DiffEnd(TypedDict):
    """One side of a difference."""

    id: str
    version: int
    """counts the changes; it is the ETag"""
    at: str
    recorded_at: str


Difference = TypedDict("Difference", {"from": "int", "to": "int", "changes": "list[ChangedItem]"})


class DirectionBody(TypedDict):
    """Where it should go; no value is better than another."""

    direction: Literal["expand", "deepen", "redirect", "undecided"]
    comment: NotRequired[str | None]


class DirectionChange(TypedDict):
    """The direction then and now."""

    change: Literal["new", "same", "changed", "withdrawn"]
    before: StatedDirection | None
    now: StatedDirection | None


class Disclosure(TypedDict):
    """Who read what about a person, in which hour, and on what ground."""

    position: int
    """in the tenant's log"""
    reader: str | None
    """a person's id, or such as client:workday"""
    artefact: str
    """a code that stays the same"""
    id: str
    ground: str
    """a code that stays the same"""
    hour: str


class DisclosurePage(TypedDict):
    """One page of a list."""

    items: list[Disclosure]
    next: str | None
    """`cursor` of the next page; null on the last"""


class Draft(TypedDict):
    """A half-written thought of the caller, outside the record."""

    question: str
    """`note` for the draft of a note"""
    text: str
    version: int
    """counts the changes; it is the ETag"""
    saved_at: str


class DraftPage(TypedDict):
    """One page of a list."""

    items: list[Draft]
    next: str | None
    """`cursor` of the next page; null on the last"""


class DraftReceipt(TypedDict):
    """Which draft was kept."""

    question: str
    """a code that stays the same"""
    version: int
    """counts the changes; it is the ETag"""


class DraftThrownAway(TypedDict):
    """Which draft was deleted."""

    question: str
    """a code that stays the same"""


class EarlierAnswer(TypedDict):
    """What was last answered to the same question."""

    conversation: str
    round: int
    kind: Literal["conversation", "follow_up"]
    answer: str
    at: str | None


class EarlierText(TypedDict):
    """A question of the conversation before, and its answer."""

    id: str
    """a code that stays the same"""
    text: dict[str, str]
    """by language, such as `en`"""
    answer: str | None


class EnrichmentBody(TypedDict):
    """Job enrichment: what is added to the present job, or varied in it."""

    title: str
    serves: str
    success: str
    owner: Literal["employee", "partner", "organisation"]
    by: NotRequired[str | None]
    method: Literal["job_enrichment"]
    adds: NotRequired[str | None]
    varies: NotRequired[str | None]


class EntityBody(TypedDict):
    """For which legal entity, as the roster calls it."""

    legal_entity: str


class EraseBody(TypedDict):
    """How deeply: the words, or the link between your id and the record too, for ever."""

    depth: NotRequired[Literal["words", "link"]]


class EventType(TypedDict):
    """A type of events: what it means, and the names of what it carries."""

    type: str
    """a code that stays the same"""
    sentence: str
    data: list[str]


class EventTypePage(TypedDict):
    """One page of a list."""

    items: list[EventType]
    next: str | None
    """`cursor` of the next page; null on the last"""


class Exclusion(TypedDict):
    """Who was left out, and why; a line that names nobody is told by its place."""

    index: int | None
    """in `people` as it was sent, from 0"""
    person: str | None
    reason: str
    """`left_out`, `left`, `inactive`, `not_started`, `unknown`, `twice`, `malformed` or `failed`"""


class ExclusionPage(TypedDict):
    """One page of a list."""

    items: list[Exclusion]
    next: str | None
    """`cursor` of the next page; null on the last"""


class Export(TypedDict):
    """How far a bundle is, and what is in it."""

    id: str
    version: int
    """counts the changes; it is the ETag"""
    state: Literal["requested", "written", "removed"]
    events: int | None
    size: int | None
    """of the tree whose head is in it"""
    length: int
    """bytes; grows while it is written"""
    sha256: str | None
    bundle: str | None
    """where it is taken along, once it is written"""


class ExportBody(TypedDict):
    """What to export: of a person, a cycle, recorded in a period; nothing named is everything."""

    person: NotRequired[str | None]
    cycle: NotRequired[str | None]
    since: NotRequired[str | None]
    until: NotRequired[str | None]


class ExportReceipt(TypedDict):
    """What a change of an export answers."""

    id: str
    version: int
    """counts the changes; it is the ETag"""
    state: Literal["requested", "written", "removed"]


class Facet(TypedDict):
    """Something the employee has found out about themselves."""

    kind: Literal["value", "skill", "interest", "goal"]
    text: str | None
    vocabulary: Vocabulary | None


class FacetBody(TypedDict):
    """Something about the whole person, in their words; a link to a vocabulary, if they like."""

    kind: Literal["value", "skill", "interest", "goal"]
    text: str
    vocabulary: NotRequired[ConceptBody | None]


class FacetChange(TypedDict):
    """A facet then and now."""

    facet: str
    """a code that stays the same"""
    change: Literal["new", "same", "changed", "withdrawn"]
    before: Facet | None
    now: Facet | None


class FacetWords(TypedDict):
    """A facet that was shared."""

    kind: str
    """a code that stays the same"""
    text: str


class Feed(TypedDict):
    """A legal entity whose feed waits for a person."""

    legal_entity: str | None
    """null: everybody who has none"""
    stopped_on: str
    closings: int
    """how many were closed that day before it stopped"""
    people: int
    """of how many"""


class FeedBody(TypedDict):
    """Whose feed; null is everybody without a legal entity."""

    legal_entity: NotRequired[str | None]


class FeedPage(TypedDict):
    """One page of a list."""

    items: list[Feed]
    next: str | None
    """`cursor` of the next page; null on the last"""


class FeedReceipt(TypedDict):
    """What letting a feed go on answers."""

    legal_entity: str | None
    version: int
    """counts the changes; it is the ETag"""
    stopped: bool


class FilterBody(TypedDict):
    """Which part of the roster; nothing named is everybody."""

    department: NotRequired[str | None]
    location: NotRequired[str | None]
    legal_entity: NotRequired[str | None]


class Goal(TypedDict):
    """Where somebody wants to get."""

    text: NotRequired[str]
    horizon: NotRequired[str | None]
    facet: str | None


class GoalBody(TypedDict):
    """What the employee wants to reach."""

    text: str
    horizon: NotRequired[str | None]
    facet: NotRequired[str | None]


class Guide(TypedDict):
    """One version of a guide; it never changes."""

    guide: str
    """a code that stays the same"""
    version: int
    kind: Literal["conversation", "follow_up"]
    title: dict[str, str]
    """by language, such as `en`"""
    questions: list[AskedQuestion]
    needs_approval: bool
    """in a legal entity that has to approve it"""


class GuideBody(TypedDict):
    """A guide; `needs_approval` keeps it from a legal entity until an approval is on record."""

    title: str | dict[str, Any]
    kind: Literal["conversation", "follow_up"]
    questions: list[QuestionBody]
    needs_approval: NotRequired[bool]


class GuideReceipt(TypedDict):
    """Which version was published."""

    guide: str
    """a code that stays the same"""
    version: int
    kind: Literal["conversation", "follow_up"]


class Handover(TypedDict):
    """What the present partner was handed over of what was before them."""

    partner: str | None
    choice: Literal["nothing", "plan", "plan_and_answers"] | None
    """null: none yet"""
    answers: list[str]
    """as conversation/question/its code"""
    chosen_at: str | None
    version: int
    """counts the changes; it is the ETag"""


class HandoverBody(TypedDict):
    """What a new partner gets of what was before them; answers are named one by one."""

    choice: Literal["nothing", "plan", "plan_and_answers"]
    answers: NotRequired[list[PartsBody]]


class HeldBody(TypedDict):
    """The day on which the meeting took place."""

    held_on: str


class Hold(TypedDict):
    """A record that is kept for a legal reason."""

    person: str | None
    reason: str
    """a code that stays the same"""
    owner: str | None
    """who answers for it"""
    since: str
    review: str | None
    due: bool
    """whether that day has come"""


class HoldBody(TypedDict):
    """Why the record is kept, as a class; who answers for it, and when it is looked at again."""

    reason: str
    review: NotRequired[str | None]
    owner: NotRequired[str | None]


class HoldPage(TypedDict):
    """One page of a list."""

    items: list[Hold]
    next: str | None
    """`cursor` of the next page; null on the last"""


class ImportedLine(TypedDict):
    """What became of one line; each line of the answer is such an object."""

    line: int | None
    """its number in the file; null for `stopped`"""
    person: str | None
    """null where the line names nobody"""
    status: Literal["created", "updated", "unchanged", "refused", "stopped"]
    """`stopped` is the last line where the service went away: send it again"""
    version: NotRequired[int]
    """of the person, unless refused"""
    noted: NotRequired[Literal["partner-has-gone"]]
    """all was taken but the partner: who is named has left or was forgotten, and whoever was the
    partner stays
    """
    problem: NotRequired[dict[str, Any]]
    """a Problem, where refused"""


class Inclusion(TypedDict):
    """The proof of an event, and the leaf that it begins with."""

    size: int
    """of the tree"""
    root: str
    """of the tree of RFC 6962, in base64"""
    hashes: list[str]
    leaf: str
    """of the tree of RFC 6962, in base64"""


class Kept(TypedDict):
    """For how long after somebody's last day."""

    words: str
    """what was said, names and addresses"""
    link: str
    """whose it was"""


class KeptBody(TypedDict):
    """For how long after somebody's last day: what was said, and whose it was."""

    words: NotRequired[str]
    link: NotRequired[str]


class Key(TypedDict):
    """A live key, and when it was last used."""

    number: int
    expires_at: str
    last_used_at: str | None


class KeyReceipt(TypedDict):
    """A key without its secret."""

    number: int
    expires_at: str


class Leave(TypedDict):
    """A long leave: from a moment up to another, as far as it is known."""

    since: str
    until: str | None


LeaveBody = TypedDict("LeaveBody", {"from": "str", "until": "NotRequired[str | None]"})


class ListedConversation(TypedDict):
    """A conversation as it is listed."""

    id: str
    cycle: str
    round: int
    kind: Literal["conversation", "follow_up"]
    state: Literal["open", "paused", "concluded", "declined", "closed"]
    version: int
    """counts the changes; it is the ETag"""


class ListedConversationPage(TypedDict):
    """One page of a list."""

    items: list[ListedConversation]
    next: str | None
    """`cursor` of the next page; null on the last"""


class ListedGuide(TypedDict):
    """A guide as it is listed."""

    guide: str
    """a code that stays the same"""
    version: int
    kind: Literal["conversation", "follow_up"]
    title: dict[str, str]
    """by language, such as `en`"""
    questions: list[AskedQuestion]
    needs_approval: bool
    """in a legal entity that has to approve it"""
    approved_for: list[str]
    """the legal entities with an approval on record"""


class ListedGuidePage(TypedDict):
    """One page of a list."""

    items: list[ListedGuide]
    next: str | None
    """`cursor` of the next page; null on the last"""


class ListedPerson(TypedDict):
    """A person as the roster lists them."""

    person: str
    """the person's id as you chose it"""
    name: str
    email: str
    partner: str | None
    """today's conversation partner"""
    department: str | None
    location: str | None
    legal_entity: str | None
    timezone: str
    locale: str
    status: Literal["active", "inactive"]
    left_on: str | None
    """the last day, once it has passed"""
    version: int
    """counts the changes; it is the ETag"""


class ListedPersonPage(TypedDict):
    """One page of a list."""

    items: list[ListedPerson]
    next: str | None
    """`cursor` of the next page; null on the last"""


class ListedPlan(TypedDict):
    """A plan as it is listed."""

    id: str
    cycle: str
    round: int
    state: Literal["draft", "proposed", "active", "under_review", "completed", "closed"]
    version: int
    """counts the changes; it is the ETag"""


class ListedPlanPage(TypedDict):
    """One page of a list."""

    items: list[ListedPlan]
    next: str | None
    """`cursor` of the next page; null on the last"""


class ListedPromise(TypedDict):
    """A promise as it is listed."""

    plan: str
    action: str
    """a code that stays the same"""
    person: str | None
    owner: Literal["partner", "organisation"]
    promised_by: str | None
    since: str
    by: str | None
    method: Literal["job_enrichment", "stretch_assignment", "mentoring", "coaching", "other"]
    state: Literal["open", "kept", "broken", "released", "carried_over"]


class ListedPromisePage(TypedDict):
    """One page of a list."""

    items: list[ListedPromise]
    next: str | None
    """`cursor` of the next page; null on the last"""


class Meeting(TypedDict):
    """When the two meet, or whether they have: the employee's word makes it held or waived."""

    state: Literal["scheduled", "claimed", "held", "waived"] | None
    held_on: str | None
    starts_at: str | None
    duration: str | None
    place: str | None


class MeetingReceipt(TypedDict):
    """What changing a meeting answers."""

    id: str
    version: int
    """counts the changes; it is the ETag"""
    state: Literal["open", "paused", "concluded", "declined", "closed"]
    sequence: int
    """counts what calendars were told"""


class Mentor(TypedDict):
    """Somebody who offers to pass a skill on."""

    person: str
    """the person's id as you chose it"""
    name: str


class Mentoring(TypedDict):
    """In what somebody has offered to mentor, and how many people at once."""

    person: str
    """the person's id as you chose it"""
    skills: list[str]
    capacity: int
    version: int
    """counts the changes; it is the ETag"""


class MentoringBody(TypedDict):
    """Mentoring: who (an id of the roster), in which rhythm, until when."""

    title: str
    serves: str
    success: str
    owner: Literal["employee", "partner", "organisation"]
    by: NotRequired[str | None]
    method: Literal["mentoring"]
    mentor: NotRequired[str | None]
    rhythm: NotRequired[str | None]
    until: NotRequired[str | None]


class Note(TypedDict):
    """A note; the caller's own, or one that was shared with them."""

    note: int
    """counted within the conversation"""
    by: Literal["employee", "partner"]
    author: str | None
    shared: bool
    question: str | None
    text: str | None
    at: str


class NoteBody(TypedDict):
    """A note, for its author alone or shared; about one question or the whole."""

    text: str
    shared: bool
    question: NotRequired[str | None]


class NoteDecision(TypedDict):
    """A note that somebody else wrote for themselves, and what was decided on it."""

    conversation: str
    note: int
    at: str
    decision: Literal["release", "withhold"] | None
    reason: str | None
    """null while it wasn't looked at"""


class NotePage(TypedDict):
    """The notes of a conversation."""

    items: list[Note]
    next: str | None
    """`cursor` of the next page; null on the last"""
    notice: str
    """that a note about a person is that person's data"""


class NoteReceipt(TypedDict):
    """Which note was written."""

    id: str
    version: int
    """counts the changes; it is the ETag"""
    state: Literal["open", "paused", "concluded", "declined", "closed"]
    note: int
    notice: str
    """that a note about a person is that person's data"""


class NoteToReview(TypedDict):
    """The same with what it says, for data protection."""

    conversation: str
    note: int
    at: str
    decision: Literal["release", "withhold"] | None
    reason: str | None
    """null while it wasn't looked at"""
    text: str


class NoteToReviewPage(TypedDict):
    """One page of a list."""

    items: list[NoteToReview]
    next: str | None
    """`cursor` of the next page; null on the last"""


class Notice(TypedDict):
    """A mail that waits to be sent, or will not reach anybody."""

    notice: str
    cycle: str
    person: str | None
    """whose cycle it is about"""
    to: str
    """employee, partner or hr"""
    kind: str
    """the event that gave rise to it"""
    at: str
    outcome: str
    """`waiting`, or why it was refused"""


class NoticePage(TypedDict):
    """One page of a list."""

    items: list[Notice]
    next: str | None
    """`cursor` of the next page; null on the last"""


class OfferBody(TypedDict):
    """Skills as codes that the company uses (goals and facets of others are found by them)."""

    skills: list[str]
    capacity: int


class OpportunityFigures(TypedDict):
    """How many people work with which method; null below three, from all but two on, or what would
    tell of such.
    """

    people: int | None
    """null where it would say too much of one person"""
    job_enrichment: int | None
    """null where it would say too much of one person"""
    stretch_assignment: int | None
    """null where it would say too much of one person"""
    mentoring: int | None
    """null where it would say too much of one person"""
    coaching: int | None
    """null where it would say too much of one person"""
    other: int | None
    """null where it would say too much of one person"""
    with_a_mentor: int | None
    """null where it would say too much of one person"""


class OpportunityGroup(TypedDict):
    """One group's methods."""

    group: str | None
    """null is those who are in none"""
    suppressed: bool
    """too few people or partners, or a neighbour of such"""
    people: int | None
    """null where it would say too much of one person"""
    job_enrichment: int | None
    """null where it would say too much of one person"""
    stretch_assignment: int | None
    """null where it would say too much of one person"""
    mentoring: int | None
    """null where it would say too much of one person"""
    coaching: int | None
    """null where it would say too much of one person"""
    other: int | None
    """null where it would say too much of one person"""
    with_a_mentor: int | None
    """null where it would say too much of one person"""


class OpportunityInsight(TypedDict):
    """With which methods people develop."""

    by: str
    since: str
    """the first of a month"""
    min_group: int
    total: OpportunityFigures | None
    groups: list[OpportunityGroup]


class OtherBody(TypedDict):
    """Anything else that serves a goal."""

    title: str
    serves: str
    success: str
    owner: Literal["employee", "partner", "organisation"]
    by: NotRequired[str | None]
    method: Literal["other"]


class OverlapBody(TypedDict):
    """How long deliveries are signed with the secret before as well."""

    overlap: NotRequired[str]


class PackageReceipt(TypedDict):
    """What a change of a request answers."""

    version: int
    """counts the changes; it is the ETag"""


class PackageRequest(TypedDict):
    """When a person asked for what is held about them."""

    person: str
    """the person's id as you chose it"""
    requested_at: str | None
    until: str | None
    """when the month ends that the law gives"""
    open: bool
    through: Literal["person", "data_protection"] | None
    notes: list[NoteDecision]


class PartnerBody(TypedDict):
    """With whom the person would like to talk."""

    partner: str


class PartnerThen(TypedDict):
    """A conversation partner of that day."""

    partner: str | None
    since: str
    until: str | None


class PartnersThen(TypedDict):
    """By the record of that day, and by today's."""

    known_then: list[PartnerThen]
    known_now: list[PartnerThen]


class Parts(TypedDict):
    """Parts of a conversation."""

    questions: list[str]
    facets: list[str]
    direction: bool


class PartsBody(TypedDict):
    """Parts of an earlier conversation."""

    conversation: str
    questions: NotRequired[list[str]]
    facets: NotRequired[list[str]]
    direction: NotRequired[bool]


class Person(TypedDict):
    """A person's profile."""

    person: str
    """the person's id as you chose it"""
    name: str
    email: str
    partner: str | None
    """today's conversation partner"""
    department: str | None
    location: str | None
    legal_entity: str | None
    timezone: str
    locale: str
    status: Literal["active", "inactive"]
    left_on: str | None
    """the last day, once it has passed"""
    version: int
    """counts the changes; it is the ETag"""
    start_date: str | None
    end_date: str | None
    proposed_partner: str | None
    """whom they would like; for the person, hr, dpo, admin and platform"""
    leaves: list[Leave]
    corrections: list[Correction]
    """what the person says is wrong in it; for the person, hr, dpo and admin"""


class PersonReceipt(TypedDict):
    """What a change of a person answers."""

    version: int
    """counts the changes; it is the ETag"""
    status: Literal["active", "inactive"]


class Place(TypedDict):
    """Which conversation of which round."""

    conversation: str
    round: int
    kind: Literal["conversation", "follow_up"]


class Plan(TypedDict):
    """A plan with its goals, actions and agreements, as far as the caller may see it."""

    id: str
    version: int
    """counts the changes; it is the ETag"""
    cycle: NotRequired[str]
    round: NotRequired[int]
    state: NotRequired[
        Literal["draft", "proposed", "active", "under_review", "completed", "closed"]
    ]
    revision: NotRequired[int]
    in_force: NotRequired[int | None]
    """the revision that both have agreed to"""
    conversation: NotRequired[str]
    goals: NotRequired[dict[str, Goal]]
    """by the codes chosen for them"""
    actions: NotRequired[dict[str, Action]]
    """by the codes chosen for them"""
    unserved_goals: NotRequired[list[str]]
    agreements: NotRequired[dict[str, dict[str, str]]]
    """by revision: which side agreed when"""
    in_force_plan: NotRequired[AgreedPlan | None]
    shared: NotRequired[bool]
    """whether the conversation partner of today may read it"""
    corrections: NotRequired[list[Correction]]
    changes_requested: NotRequired[Wish | None]
    last_check_in: NotRequired[CheckIn | None]
    promises: dict[str, Promise]
    """by the codes of their actions"""


class PlanReceipt(TypedDict):
    """What a change of a plan answers."""

    id: str
    version: int
    """counts the changes; it is the ETag"""
    state: Literal["draft", "proposed", "active", "under_review", "completed", "closed"]
    revision: int
    in_force: int | None


class PlannedAction(TypedDict):
    """What is to be done for a goal, with the fields of its method; texts for who may read them."""

    method: Literal["job_enrichment", "stretch_assignment", "mentoring", "coaching", "other"]
    title: NotRequired[str]
    serves: str
    """the goal"""
    success: NotRequired[str]
    """by what one sees that it worked"""
    owner: Literal["employee", "partner", "organisation"]
    by: str | None
    mentor: NotRequired[str | None]
    adds: NotRequired[str | None]
    varies: NotRequired[str | None]
    skill: NotRequired[str | None]
    support: NotRequired[str | None]
    risk: NotRequired[str | None]
    rhythm: NotRequired[str | None]
    until: NotRequired[str | None]
    coach: NotRequired[str | None]
    aim: NotRequired[str | None]
    sessions: NotRequired[int | None]


class Policy(TypedDict):
    """The policy as it is read."""

    version: int
    """counts the changes; it is the ETag"""
    cadence: str
    """an ISO 8601 duration, such as P6M"""
    follow_up_after: str
    """an ISO 8601 duration, such as P6M"""
    answer_nudges: list[str]
    partner_nudges: list[str]
    plan_within: str
    """an ISO 8601 duration, such as P6M"""
    check_in_every: str
    """an ISO 8601 duration, such as P6M"""
    pause_default: str
    """an ISO 8601 duration, such as P6M"""
    pause_longest: str
    """an ISO 8601 duration, such as P6M"""
    return_grace: str
    """after a long leave, before clocks go on"""
    handover_within: str
    """to choose what a new partner gets"""
    partner_wanted_after: str
    """without a partner, before HR is told"""
    hold_nudges: bool
    """nobody is reminded for now"""
    closing_percent: int
    """of a legal entity that a feed may close a day"""
    closing_floor: int
    """how many people a feed may always close"""
    min_group: int
    retention_on: bool
    """false: it is only counted what is over"""
    retention: Kept
    retention_by_entity: dict[str, Kept]
    bundles_kept: str
    """an ISO 8601 duration, such as P6M"""
    hr_partner: str | None
    """whom HR's own notices go to"""


class PolicyBody(TypedDict):
    """All times of a cycle, as ISO 8601 durations; what is left out is what we recommend."""

    cadence: NotRequired[str]
    follow_up_after: NotRequired[str]
    answer_nudges: NotRequired[list[str]]
    partner_nudges: NotRequired[list[str]]
    plan_within: NotRequired[str]
    check_in_every: NotRequired[str]
    pause_default: NotRequired[str]
    pause_longest: NotRequired[str]
    return_grace: NotRequired[str]
    handover_within: NotRequired[str]
    partner_wanted_after: NotRequired[str]
    hold_nudges: NotRequired[bool]
    hr_partner: NotRequired[str | None]
    closing_percent: NotRequired[int]
    closing_floor: NotRequired[int]
    min_group: NotRequired[int]
    retention_on: NotRequired[bool]
    retention: NotRequired[KeptBody]
    retention_by_entity: NotRequired[dict[str, KeptBody]]
    bundles_kept: NotRequired[str]


class PolicyReceipt(TypedDict):
    """All times of a cycle, and what else the company has settled."""

    version: int
    """counts the changes; it is the ETag"""
    cadence: str
    """an ISO 8601 duration, such as P6M"""
    follow_up_after: str
    """an ISO 8601 duration, such as P6M"""
    answer_nudges: list[str]
    partner_nudges: list[str]
    plan_within: str
    """an ISO 8601 duration, such as P6M"""
    check_in_every: str
    """an ISO 8601 duration, such as P6M"""
    pause_default: str
    """an ISO 8601 duration, such as P6M"""
    pause_longest: str
    """an ISO 8601 duration, such as P6M"""
    return_grace: str
    """after a long leave, before clocks go on"""
    handover_within: str
    """to choose what a new partner gets"""
    partner_wanted_after: str
    """without a partner, before HR is told"""
    hold_nudges: bool
    """nobody is reminded for now"""
    closing_percent: int
    """of a legal entity that a feed may close a day"""
    closing_floor: int
    """how many people a feed may always close"""
    min_group: int
    retention_on: bool
    """false: it is only counted what is over"""
    retention: Kept
    retention_by_entity: dict[str, Kept]
    bundles_kept: str
    """an ISO 8601 duration, such as P6M"""


class ProfileBody(TypedDict):
    """A person's whole profile; only `partner` stays as it is when absent, and null releases it."""

    name: str
    email: str
    partner: NotRequired[str | None]
    partner_since: NotRequired[str | None]
    department: NotRequired[str | None]
    location: NotRequired[str | None]
    legal_entity: NotRequired[str | None]
    timezone: NotRequired[str]
    locale: NotRequired[str]
    start_date: NotRequired[str | None]
    end_date: NotRequired[str | None]
    status: NotRequired[Literal["active", "inactive"]]


class Promise(TypedDict):
    """What partner or organisation have promised, and what became of it."""

    owner: Literal["partner", "organisation"]
    promised_by: str | None
    since: str
    state: Literal["open", "kept", "broken", "released", "carried_over"]
    method: Literal["job_enrichment", "stretch_assignment", "mentoring", "coaching", "other"]
    by: str | None
    title: NotRequired[str]


class PromiseFigures(TypedDict):
    """What became of what partners and organisation promised in plans of the last year."""

    people: int | None
    """null where it would say too much of one person"""
    promised: int | None
    """null where it would say too much of one person"""
    open: int | None
    """null where it would say too much of one person"""
    kept: int | None
    """null where it would say too much of one person"""
    broken: int | None
    """null where it would say too much of one person"""
    released: int | None
    """null where it would say too much of one person"""
    carried_over: int | None
    """null where it would say too much of one person"""


class PromiseGroup(TypedDict):
    """One group's promises."""

    group: str | None
    """null is those who are in none"""
    suppressed: bool
    """too few people or partners, or a neighbour of such"""
    people: int | None
    """null where it would say too much of one person"""
    promised: int | None
    """null where it would say too much of one person"""
    open: int | None
    """null where it would say too much of one person"""
    kept: int | None
    """null where it would say too much of one person"""
    broken: int | None
    """null where it would say too much of one person"""
    released: int | None
    """null where it would say too much of one person"""
    carried_over: int | None
    """null where it would say too much of one person"""


class PromiseInsight(TypedDict):
    """What became of promises."""

    by: str
    since: str
    """the first of a month"""
    min_group: int
    total: PromiseFigures | None
    groups: list[PromiseGroup]


class Proof(TypedDict):
    """The hashes of an RFC 6962 proof, in their order, and what they lead to."""

    size: int
    """of the tree"""
    root: str
    """of the tree of RFC 6962, in base64"""
    hashes: list[str]


class PutReceipt(TypedDict):
    """What registering somebody or replacing the profile answers."""

    version: int
    """counts the changes; it is the ETag"""
    status: Literal["active", "inactive"]
    noted: NotRequired[Literal["partner-has-gone"]]
    """all was taken but the partner: who is named has left or was forgotten, and whoever was the
    partner stays
    """


class QuestionBody(TypedDict):
    """One question, why it is asked, and its wording by language."""

    id: str
    purpose: str | dict[str, Any]
    text: str | dict[str, Any]
    optional: NotRequired[bool]


class Receipt(TypedDict):
    """What a write answers."""

    id: str
    version: int
    """counts the changes; it is the ETag"""


class Replay(TypedDict):
    """A conversation, plan or cycle as it stood."""

    id: str
    version: int
    """counts the changes; it is the ETag"""
    at: str
    recorded_at: str
    state: dict[str, Any]
    """the latest of each thing, texts as hashes"""
    events: list[TimelineItem]


class ReplayBody(TypedDict):
    """From which position of the feed, that one not included."""

    after: int


class Retention(TypedDict):
    """What a run of retention would come to now."""

    items: list[Any]
    next: str | None
    """`cursor` of the next page; null on the last"""
    on: bool
    """false: it is only counted"""


ReturnBody = TypedDict("ReturnBody", {"from": "NotRequired[str | None]"})


class ReviewBody(TypedDict):
    """Which note of somebody else, whether the person gets it, and why."""

    conversation: str
    note: int
    decision: Literal["release", "withhold"]
    reason: (
        Literal["no_third_party", "third_party_agreed", "outweighs"]
        | Literal["third_party", "confidence", "legal_claim", "other_reason"]
    )


class RotateBody(TypedDict):
    """How long the key before goes on, and the end of the new one."""

    overlap: NotRequired[str]
    expires_at: NotRequired[str | None]


class ScheduleBody(TypedDict):
    """When to meet, for how long (ISO 8601, such as PT1H), and where."""

    starts_at: str
    duration: str
    place: NotRequired[str | None]


class SeenBy(TypedDict):
    """Who could see something, how much of it, and on what ground."""

    who: str | None
    """a person or client:workday; null for a whole role"""
    standing: str
    """a code that stays the same"""
    fields: str
    """a code that stays the same"""
    ground: str
    """a code that stays the same"""


class SeenThing(TypedDict):
    """Something of a person's, with those who could see something of it."""

    artefact: Literal["conversation", "plan", "corrections"]
    id: str
    part: str
    """as question/impact, direction, note/1, plan, correction/1"""
    known_then: list[SeenBy]
    known_now: list[SeenBy]


class ShareBody(TypedDict):
    """What to share or unshare; nothing named means everything that is recorded by now."""

    questions: NotRequired[list[str] | None]
    facets: NotRequired[list[str] | None]
    direction: NotRequired[bool | None]


class Sharing(TypedDict):
    """What the partner of today may see; for the employee also what an earlier one alone was
    shown.
    """

    questions: list[str]
    facets: list[str]
    direction: bool
    everything: bool
    before: Parts


class StartBody(TypedDict):
    """Whose cycle is to start."""

    person: str


class StatedDirection(TypedDict):
    """A direction with its comment."""

    direction: Literal["expand", "deepen", "redirect", "undecided"]
    comment: str | None


class SteerBody(TypedDict):
    """Why, as a code, and until when."""

    reason: NotRequired[str]
    """a code, such as by_hand"""
    until: NotRequired[str | None]


class StretchBody(TypedDict):
    """A stretch assignment: which skill it builds, with what support, at what risk."""

    title: str
    serves: str
    success: str
    owner: Literal["employee", "partner", "organisation"]
    by: NotRequired[str | None]
    method: Literal["stretch_assignment"]
    skill: NotRequired[str | None]
    support: NotRequired[str | None]
    risk: NotRequired[str | None]


class Suggestion(TypedDict):
    """A method that might fit, and why."""

    method: Literal["job_enrichment", "stretch_assignment", "mentoring", "coaching", "other"]
    goal: str | None
    reason: str
    """a code that stays the same"""
    why: dict[str, str]
    """by language, such as `en`"""
    follows_from: str | None
    """a goal, a facet or `direction`"""
    mentors: list[Mentor]


class Suggestions(TypedDict):
    """Where a plan could go on."""

    unserved_goals: list[str]
    suggestions: list[Suggestion]


class Suspension(TypedDict):
    """Why the clocks stand still, and until when."""

    reason: str
    """a code that stays the same"""
    until: str | None


class TextBody(TypedDict):
    """Somebody's own words."""

    text: str


class TimelineItem(TypedDict):
    """One event: who did what when, and the hash of its words."""

    position: int
    """in the tenant's log, without gaps"""
    type: str
    """a code that stays the same"""
    stream: str
    version: int
    """in its stream, without gaps"""
    at: str
    recorded_at: str
    actor: str
    """such as person:ana, client:workday"""
    on_behalf_of: str | None
    cause: str | None
    """the request's id, or the workflow's step"""
    person: str | None
    """whom it is about"""
    cycle: str | None
    event_id: str
    facts: dict[str, Any]
    words_sha256: str | None
    """null for an event without words"""
    leaf: str
    """of the tree of RFC 6962, in base64"""
    sentence: str
    """the same for a person to read"""


class TimelineItemPage(TypedDict):
    """One page of a list."""

    items: list[TimelineItem]
    next: str | None
    """`cursor` of the next page; null on the last"""


class UntilBody(TypedDict):
    """Until when; without it, as long as it takes."""

    until: NotRequired[str | None]


class Visibility(TypedDict):
    """Who could see what on that day, as it was known then and as it is known now."""

    person: str
    at: str
    partners: PartnersThen
    things: list[SeenThing]


class Vocabulary(TypedDict):
    """A place in a public vocabulary, such as ESCO."""

    scheme: str
    uri: str
    version: str | None
    label: str | None


class Webhook(TypedDict):
    """A webhook: where it leads and how it stands."""

    id: str
    version: int
    """counts the changes; it is the ETag"""
    state: Literal["active", "disabled", "removed"]
    secret: NotRequired[str]
    """the secret; only ever in this one answer"""
    url: str
    types: list[str]
    """none means all"""
    disabled: str | None
    """why it is switched off, or null"""
    secrets: int
    """how many it signs with: two while rotating"""
    waiting: int
    """how many events wait for delivery"""
    failing_since: str | None


class WebhookBody(TypedDict):
    """Where to deliver, and which types; none named means all."""

    url: str
    types: NotRequired[list[str]]


class WebhookPage(TypedDict):
    """One page of a list."""

    items: list[Webhook]
    next: str | None
    """`cursor` of the next page; null on the last"""


class WebhookReceipt(TypedDict):
    """What a change of a webhook answers."""

    id: str
    version: int
    """counts the changes; it is the ETag"""
    state: Literal["active", "disabled", "removed"]
    secret: NotRequired[str]
    """the secret; only ever in this one answer"""


class Wish(TypedDict):
    """The changes that were last asked for."""

    by: Literal["employee", "partner"]
    comment: str | None
    at: str
