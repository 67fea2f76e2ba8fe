"""A step of a cycle: what it does by itself, and when."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

import msgspec

StepName = Literal[
    "open_conversation",
    "end_pause",
    "announce_meeting",
    "call_off_meeting",
    "nudge",
    "nudge_partner",
    "escalate",
    "open_planning",
    "begin_development",
    "ask_check_in",
    "open_follow_up",
    "rest",
    "complete_round",
    "ask_handover",
    "hand_over",
    "suspend",
    "resume",
    "settle_employment",
    "close",
]


class Step(msgspec.Struct, frozen=True):
    """Something that the cycle does by itself; `number` counts its occurrences, `why` is a code.

    `gently` is whether the mail that it causes gives way to another one of the same day.
    """

    name: StepName
    due: datetime
    number: int = 1
    why: str | None = None
    until: datetime | None = None
    gently: bool = True
