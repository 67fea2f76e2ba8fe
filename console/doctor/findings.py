"""What a check found."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Literal

State = Literal["fine", "warning", "wrong", "unreachable"]


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at; `mend` is the command or the setting that puts it right."""

    about: str
    state: State
    what: str
    mend: str | None = None


Findings = AsyncIterator[Finding]

LOOPBACK = ("127.0.0.1", "localhost", "::1")
