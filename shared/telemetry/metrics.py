"""What is counted and measured in every process, for Prometheus; docs/metrics.md lists it all.

Labels are codes of a closed list, never a tenant, a person or anything that somebody typed.
"""

from __future__ import annotations

from prometheus_client import Counter, Gauge, Histogram

_FAST = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)

BUILD = Gauge("cairn_build_info", "1 for the release that runs here.", ["role", "version"])
READY = Gauge("cairn_ready", "1 while this process can do its work, 0 while it waits.")
CLOCK_OFFSET = Gauge(
    "cairn_clock_offset_seconds", "This machine's clock less the database's; nothing depends on it."
)
LOG_FIELDS_DROPPED = Counter(
    "cairn_log_fields_dropped_total", "Fields that were left out of logs, being on no list."
)
SPANS_DROPPED = Counter(
    "cairn_span_attributes_dropped_total", "Attributes left out of traces, being on no list."
)

HTTP_REQUESTS = Counter(
    "cairn_http_requests_total", "Requests answered.", ["method", "route", "status"]
)
HTTP_SECONDS = Histogram(
    "cairn_http_seconds", "From a request's arrival to its answer.", ["route"], buckets=_FAST
)
AUTH_FAILURES = Counter("cairn_auth_failures_total", "Requests without a good token.")
REFUSED = Counter("cairn_refused_total", "Requests that were understood and not allowed.")

APPEND_SECONDS = Histogram(
    "cairn_append_seconds", "From wanting to record to being on disk.", buckets=_FAST
)
APPEND_BATCH = Histogram(
    "cairn_append_batch_size",
    "Requests that share one commit.",
    buckets=(1, 2, 4, 8, 16, 32, 64, 128, 256, 512),
)
APPEND_WAITING = Gauge("cairn_append_waiting", "Requests that wait to be recorded.")
APPEND_CONFLICTS = Counter(
    "cairn_append_conflicts_total", "Appends that somebody else was faster than."
)
APPEND_RESENT = Counter(
    "cairn_append_resent_total", "Batches sent again, since their outcome was unknown."
)
APPEND_UNAVAILABLE = Counter(
    "cairn_append_unavailable_total", "Appends refused: no database, or no room in the queue."
)
EVENTS = Counter("cairn_events_recorded_total", "Events recorded by this process.", ["type"])
WEBHOOK_ATTEMPTS = Counter(
    "cairn_webhook_attempts_total", "Attempts to deliver an event to a webhook.", ["outcome"]
)

FOLLOWER_ACTIVE = Gauge(
    "cairn_follower_active", "1 where the follower reads, 0 where it is in reserve.", ["follower"]
)
FOLLOWER_LAG_EVENTS = Gauge(
    "cairn_follower_lag_events",
    "Events that a follower hasn't read yet, all tenants.",
    ["follower"],
)
FOLLOWER_LAG_SECONDS = Gauge(
    "cairn_follower_lag_seconds",
    "Age of the oldest event that a follower hasn't read.",
    ["follower"],
)
FOLLOWER_READ = Counter("cairn_follower_events_total", "Events read by a follower.", ["follower"])
HALTED = Gauge(
    "cairn_halted_tenants",
    "Tenants that a follower can't read on; its log says which.",
    ["follower"],
)
POOL = Gauge("cairn_pool_connections", "Connections to the database.", ["state"])
