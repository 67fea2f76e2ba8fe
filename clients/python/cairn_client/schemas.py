"""What operations take and answer. Made by generate.py of docs/openapi.json."""

from __future__ import annotations

from typing import Any, Literal, NotRequired, TypedDict


class Action(TypedDict):
    """What is done for a goal."""

    method: Literal["job_enrichment", "stretch_assignment", "mentoring", "coaching", "other"]
    title: str
    serves: str
    """the goal"""
    success: str
    """by what one sees that it worked"""
    owner: Literal["employee", "partner", "organisation"]
    by: str | None
    mentor: str | None
    state: Literal["planned", "started", "done", "not_done", "blocked", "dropped"]
    comment: str | None
    blocked_by: Literal["employee", "partner", "organisation"] | None


class ActionBody(TypedDict):
    """One thing to do: the method, the goal that it serves, how success shows, whose promise it
    is.
    """

    method: Literal["job_enrichment", "stretch_assignment", "mentoring", "coaching", "other"]
    title: str
    serves: str
    success: str
    owner: Literal["employee", "partner", "organisation"]
    by: NotRequired[str | None]
    mentor: NotRequired[str | None]


class AnswerBody(TypedDict):
    """An answer in the employee's own words."""

    text: str


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
    text: dict[str, str]
    """by language, such as `en`"""
    purpose: dict[str, str]
    """by language, such as `en`"""
    state: Literal["open", "answered", "set_aside", "declined"]
    answer: str | None
    revision: NotRequired[int]
    version: NotRequired[int]
    until: NotRequired[str | None]
    shared: NotRequired[bool]


class AskedQuestion(TypedDict):
    """One question of a guide."""

    id: str
    """a code that stays the same"""
    purpose: dict[str, str]
    """by language, such as `en`"""
    text: dict[str, str]
    """by language, such as `en`"""
    optional: bool


class BlockBody(TypedDict):
    """Who could get it going again."""

    comment: NotRequired[str | None]
    blocked_by: Literal["employee", "partner", "organisation"]


class CheckInBody(TypedDict):
    """How it goes, in two clicks."""

    comment: NotRequired[str | None]
    state: Literal["on_track", "changed", "blocked"]


class Checkpoint(TypedDict):
    """The signed head of the tenant's tree."""

    size: int
    root: str
    """SHA-256, in hexadecimal"""
    note: str
    """a C2SP checkpoint"""
    keys: list[str]
    """C2SP verifier keys, newest first"""


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


class CommentBody(TypedDict):
    """A comment, if there is something to say."""

    comment: NotRequired[str | None]


class ConcludeBody(TypedDict):
    """Whether the meeting was held or waived: the employee's word."""

    meeting: Literal["held", "waived"]
    held_on: NotRequired[str | None]


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
    resting_until: str | None


class ConversationReceipt(TypedDict):
    """What a change of a conversation answers."""

    id: str
    version: int
    """counts the changes; it is the ETag"""
    state: Literal["open", "paused", "concluded", "declined", "closed"]


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


class DirectionBody(TypedDict):
    """Where it should go; no value is better than another."""

    direction: Literal["expand", "deepen", "redirect", "undecided"]
    comment: NotRequired[str | None]


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


class Facet(TypedDict):
    """Something the employee has found out about themselves."""

    kind: Literal["value", "skill", "interest", "goal"]
    text: str | None


class FacetBody(TypedDict):
    """Something about the whole person, in their words."""

    kind: Literal["value", "skill", "interest", "goal"]
    text: str


class Goal(TypedDict):
    """Where somebody wants to get."""

    text: str
    horizon: str | None
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


class GuidePage(TypedDict):
    """One page of a list."""

    items: list[Guide]
    next: str | None
    """`cursor` of the next page; null on the last"""


class HeldBody(TypedDict):
    """The day on which the meeting took place."""

    held_on: str


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
    problem: NotRequired[dict[str, Any]]
    """a Problem, where refused"""


class Key(TypedDict):
    """A live key, and when it was last used."""

    number: int
    expires_at: str
    last_used_at: str | None


class KeyReceipt(TypedDict):
    """A key without its secret."""

    number: int
    expires_at: str


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


class Meeting(TypedDict):
    """Whether the two have met: claimed by the partner, held or waived by the employee's word."""

    state: Literal["claimed", "held", "waived"] | None
    held_on: str | None


class OverlapBody(TypedDict):
    """How long deliveries are signed with the secret before as well."""

    overlap: NotRequired[str]


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
    version: int
    """counts the changes; it is the ETag"""
    start_date: str | None
    end_date: str | None


class PersonReceipt(TypedDict):
    """What a change of a person answers."""

    version: int
    """counts the changes; it is the ETag"""
    status: Literal["active", "inactive"]


class Plan(TypedDict):
    """A plan with its goals, actions and agreements."""

    id: str
    cycle: str
    round: int
    state: Literal["draft", "proposed", "active", "under_review", "completed", "closed"]
    version: int
    """counts the changes; it is the ETag"""
    conversation: str
    revision: int
    in_force: int | None
    """the revision that both have agreed to"""
    goals: dict[str, Goal]
    """by the codes chosen for them"""
    actions: dict[str, Action]
    """by the codes chosen for them"""
    unserved_goals: list[str]
    agreements: dict[str, dict[str, str]]
    """by revision: which side agreed when"""


class PlanReceipt(TypedDict):
    """What a change of a plan answers."""

    id: str
    version: int
    """counts the changes; it is the ETag"""
    state: Literal["draft", "proposed", "active", "under_review", "completed", "closed"]
    revision: int
    in_force: int | None


class Policy(TypedDict):
    """All times of a cycle."""

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
    min_group: int


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
    min_group: NotRequired[int]


class ProfileBody(TypedDict):
    """A person's whole profile; only `partner` stays as it is when absent, and null releases it."""

    name: str
    email: str
    partner: NotRequired[str | None]
    department: NotRequired[str | None]
    location: NotRequired[str | None]
    legal_entity: NotRequired[str | None]
    timezone: NotRequired[str]
    locale: NotRequired[str]
    start_date: NotRequired[str | None]
    end_date: NotRequired[str | None]
    status: NotRequired[Literal["active", "inactive"]]


class Proof(TypedDict):
    """The hashes of an RFC 6962 proof, in their order."""

    hashes: list[str]


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


class RotateBody(TypedDict):
    """How long the key before goes on, and the end of the new one."""

    overlap: NotRequired[str]
    expires_at: NotRequired[str | None]


class ShareBody(TypedDict):
    """What to share or unshare; nothing named means everything."""

    questions: NotRequired[list[str] | None]
    facets: NotRequired[list[str] | None]
    direction: NotRequired[bool | None]


class Sharing(TypedDict):
    """What the partner may see."""

    everything: bool
    questions: list[str]
    facets: list[str]
    direction: bool


class StartBody(TypedDict):
    """Whose cycle is to start."""

    person: str


class SteerBody(TypedDict):
    """Why, as a code, and until when."""

    reason: NotRequired[str]
    """a code, such as by_hand"""
    until: NotRequired[str | None]


class Suspension(TypedDict):
    """Why the clocks stand still, and until when."""

    reason: str
    """a code that stays the same"""
    until: str | None


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
