"""What of a person's somebody might see, thing by thing, so that it can be asked who did."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from services.access import Exemption, Kind, Resource, Standing


@dataclass(frozen=True)
class Exhibit:
    """One thing: where it is, what it is called there, and how permission judges it.

    What is of no cycle is opened by no case.
    """

    artefact: str
    id: UUID
    part: str
    thing: Resource
    cycle: UUID | None = None


@dataclass(frozen=True)
class Opening:
    """An exception, in what standing it let somebody see more, and of what: None is of everything."""

    exemption: Exemption
    standing: Standing
    cycle: UUID | None = None
    kind: Kind | None = None
    part: tuple[UUID, str] | None = None

    def covers(self, exhibit: Exhibit) -> bool:
        """Whether it is about this thing."""
        place = exhibit.id, exhibit.part
        wanted, found = (
            (self.cycle, self.kind, self.part),
            (exhibit.cycle, exhibit.thing.kind, place),
        )
        return all(one in {None, other} for one, other in zip(wanted, found, strict=True))


Exhibits = Callable[[str, UUID, datetime], Awaitable[list[Exhibit]]]
"""Answers what of a tenant's stream there was at a moment; nothing where it hadn't begun."""

Openings = Callable[[str, UUID, datetime], Awaitable[list[Opening]]]
"""Answers what a tenant's stream stood open for at a moment, as it was on record then."""
