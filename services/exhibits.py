"""What of a person's somebody might see, thing by thing, so that it can be asked who did."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from services.access import Resource


@dataclass(frozen=True)
class Exhibit:
    """One thing: where it is, what it is called there, and how permission judges it."""

    artefact: str
    id: UUID
    part: str
    thing: Resource


Exhibits = Callable[[str, UUID, datetime], Awaitable[list[Exhibit]]]
"""Answers what of a tenant's stream there was at a moment; nothing where it hadn't begun."""
