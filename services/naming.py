"""Which events name somebody beside whom they are about, and by which of their facts.

Whoever asks what is held about them gets their own line of these too (docs/adr/0040-access-packages.md).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple
from uuid import UUID

NAMES: dict[str, tuple[str, ...]] = {
    "people.partner_assigned": ("partner",),
    "people.partner_released": ("partner",),
    "people.partner_proposed": ("partner",),
    "people.handover_chosen": ("partner",),
    "people.hold_placed": ("owner",),
    "cycles.handover_asked": ("partner",),
    "conversation.meeting_scheduled": ("partner",),
    "plan.action_planned": ("mentored_by",),
    "plan.action_revised": ("mentored_by",),
    "plan.agreed": ("partner",),
    "feed.closing_counted": ("person",),
    "feed.closing_refused": ("person",),
    "batches.requested": ("people", "left_out"),
    "batches.progressed": ("excluded",),
}
"""By topic. What somebody did themselves is found by the actor.

What of it is its author's alone, `OPEN_IF` of services/privacy/elsewhere.py says.
"""


class Named(NamedTuple):
    """Somebody whom an event names: by which fact, and the code that it gives for it."""

    who: UUID
    fact: str
    reason: str | None = None


def named_in(topic: str, event: Any) -> Iterator[Named]:
    """Everybody whom an event names beside whom it is about."""
    for fact in NAMES.get(topic, ()):
        found = getattr(event, fact)
        for each in found if isinstance(found, tuple) else (found,):
            if isinstance(each, tuple):
                yield Named(each[0], fact, each[1])
            elif each is not None:
                yield Named(each, fact)
