"""What is counted of the workflows; Temporal's own SDK metrics stand beside these at /metrics."""

from __future__ import annotations

from datetime import datetime

from prometheus_client import Counter, Gauge, Histogram

_SECONDS = (0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 1800, 7200)

WAKES = Counter("cairn_wakes_total", "Workflows that were woken.")
WAKE_SECONDS = Histogram(
    "cairn_wake_seconds", "From being recorded to the workflow being woken.", buckets=_SECONDS
)
STEPS = Counter("cairn_steps_total", "Steps that cycles took.", ["step", "outcome"])
STEP_LATENESS = Histogram(
    "cairn_step_lateness_seconds",
    "From when a step was due to when it was taken.",
    ["step"],
    buckets=_SECONDS,
)
STEP_OVERDUE = Gauge(
    "cairn_step_overdue_seconds", "For how long the longest due step of any cycle wasn't taken."
)


DIFFERENCES = Counter(
    "cairn_differences_total", "What the reconciler found out of step, and mended.", ["kind"]
)
for kind in (
    "last_day_passed", "partner_has_left", "without_workflow", "without_cycle", "late", "unsent_mail",
    "batch_without_workflow", "erasure_without_workflow", "export_without_workflow",
    "webhook_without_workflow",
):  # fmt: skip
    DIFFERENCES.labels(kind)  # from zero, so that the first one is seen as an increase
MAILS = Counter("cairn_mails_total", "Mails of cycles that were sent, or not.", ["outcome"])
MAIL_WAITING = Gauge(
    "cairn_mail_waiting_seconds", "For how long the mail that has waited longest wasn't sent."
)
WEBHOOK_WAITING = Gauge(
    "cairn_webhook_waiting_seconds", "Age of the oldest event that a webhook hasn't taken yet."
)


def note_wake(recorded: datetime, woken: datetime) -> None:
    """Count a wake, and how long after the record it came."""
    WAKES.inc()
    WAKE_SECONDS.observe(max(0.0, (woken - recorded).total_seconds()))


def note_step(step: str, due: datetime, taken: datetime, outcome: str) -> None:
    """Count a step that was taken, passed over since the cycle had moved on, or failed."""
    STEPS.labels(step, outcome).inc()
    STEP_LATENESS.labels(step).observe(max(0.0, (taken - due).total_seconds()))
