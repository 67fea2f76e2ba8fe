"""The sentences of the OpenAPI document that no route says of itself."""

from __future__ import annotations

DESCRIPTION = """\
Cairn makes sure that every employee has a real career conversation, that it leads to a plan, and that
somebody comes back to it, for years.

**Who is calling.** Every request but those for this documentation carries `Authorization: Bearer …`:
an access token of the tenant's identity provider, or an API key of `POST /v1/clients`.

**Writes.** Send a fresh `Idempotency-Key` with each new write (platforms must). The same key with
the same body gets the first answer again, with `Idempotency-Replayed: true`, for ever. A resource's
version is its `ETag`; a write with `If-Match` that is behind gets 412. Answers to writes hold ids,
codes and versions.

**Lists.** `{"items": […], "next": …}`: pass `next` as `cursor` for the page after; it is null on the
last one.

**Problems.** Everything that is refused is `application/problem+json` with a `type` that leads to a
page about it, and a `detail` that says what to do.

**Formats.** JSON in UTF-8. Times are RFC 3339 in UTC, dates ISO, durations ISO 8601 such as `P6M` or
`PT2S`. Answers may get more fields in time; pass over those that you don't know."""

TAGS = {
    "people": "The roster: who there is, and who is whose conversation partner.",
    "provisioning": "SCIM 2.0, for identity providers that keep the roster in step.",
    "cycles": "A person's cycle: started once, it goes on round after round for years.",
    "batches": "Cycles for many people at once, or spread over weeks.",
    "policy": "All times of a cycle.",
    "guides": "The questions that conversations follow.",
    "conversations": "The career conversation: the employee's own, shared as far as they choose.",
    "plans": "The development plan that both sides agree to.",
    "events": "The change feed: what happened that concerns other systems.",
    "webhooks": "The same, delivered: signed, in order for each person, at least once.",
    "clients": "Machines that are let in with API keys.",
    "insights": "Counts of groups: how far the offer reaches, and where practice differs.",
    "audit": "What happened, when, by whom and why, with proofs.",
}

PARAMETERS = {
    "Idempotency-Key": "A fresh one for each new request; the same one for the same request again.",
    "If-Match": "The `ETag` that you saw; 412 where the resource was changed since.",
    "Accept-Language": "The languages of the reader, for sentences: `de-CH, en;q=0.8`.",
    "id": "An id that Cairn chose.",
    "person": "Only what is about this person.",
    "partner": "Only the people of this conversation partner.",
    "department": "Only this department.",
    "status": "Only people with this status.",
    "state": "Only what is in this state.",
    "undecided": "Only what waits for a decision.",
    "waiting_for": "Only where it is their turn.",
    "cycle": "Only what belongs to this cycle.",
    "actor": "Only what this one did, such as `person:ana` or `client:workday`.",
    "since": "From this moment on.",
    "until": "Before this moment.",
    "guide": "The guide's name.",
    "version": "Which version.",
    "at": "As it stood at this moment.",
    "kind": "What it is; in the timeline a type, or all of one kind of stream.",
    "question": "A question of the guide.",
    "facet": "A code that you choose.",
    "goal": "A code that you choose.",
    "action": "A code that you choose.",
    "owner": "Only what this side has promised.",
    "outcome": "Only what waits, or only what was refused for good.",
    "after": "The last position that you have handled; 0 for everything.",
    "type": "Only these types; may be given several times.",
    "wait": "How long to wait for news where there is none: up to `PT30S`.",
    "position": "The event's place in the tenant's log.",
    "size": "The size of the tree; by default that of the newest signed head.",
    "from": "The size of the older tree; of a difference, the older version or moment.",
    "to": "The newer size (by default the newest signed head's), version or moment (today's).",
}

HEADERS = {
    "ETag": ("The version of the resource, for `If-Match`.", '"7"'),
    "X-Request-ID": ("Yours, or one of ours: name it when you ask us.", "6f1d2c"),
    "RateLimit-Limit": ("How many requests you may send in ten seconds.", "10000"),
    "RateLimit-Remaining": ("How many are left.", "9998"),
    "RateLimit-Reset": ("In how many seconds you may send all of them again.", "1"),
    "Idempotency-Replayed": ("`true` where this answer was given before.", "true"),
    "Retry-After": ("In how many seconds it is worth trying again.", "1"),
}

RESPONSES = {
    400: ("BadRequest", "The request can't be read."),
    401: ("Unauthenticated", "The bearer token is missing or no good."),
    403: ("NotAllowed", "Your role doesn't allow this."),
    404: ("NotFound", "There is nothing of that id that you may see."),
    409: ("RuleBroken", "A rule refuses this in the present state."),
    412: ("Stale", "The resource was changed since the version in `If-Match`."),
    413: ("TooLarge", "The body is too large."),
    415: ("OtherMediaType", "The body is of another kind than this route takes."),
    422: ("Invalid", "What was sent can't be used as it is."),
    429: ("TooManyRequests", "The rate limit is reached."),
    500: ("InternalError", "Something failed on our side."),
    503: ("Unavailable", "The service can't do this at the moment; nothing was lost."),
}

DELIVERED = (
    "Answer with any 2xx within fifteen seconds; everything else is tried again for three days."
)
SIGNATURE = {
    "webhook-id": "The event's id, the same at each attempt: pass over one that you have had.",
    "webhook-timestamp": "When this attempt was signed, in seconds since 1970; refuse old ones.",
    "webhook-signature": "One or two signatures, as `v1,…`, of `id.timestamp.body` (Standard Webhooks).",
}
