"""What the services ask of the roster about somebody whom they know by their random key."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection
from dataclasses import dataclass
from uuid import UUID


@dataclass(frozen=True)
class Contact:
    """How somebody is addressed: the customer's id, name, e-mail, language and time zone."""

    person: str
    name: str
    email: str
    locale: str
    timezone: str


@dataclass(frozen=True)
class Mentor:
    """Somebody who offered to mentor: in what, and how many people at once."""

    subject: UUID
    skills: tuple[str, ...]
    capacity: int


Contacts = Callable[[str, Collection[UUID]], Awaitable[dict[UUID, Contact]]]
"""Answers the contacts of people of a tenant; whoever was forgotten is missing in it."""

Mentors = Callable[[str, Collection[str]], Awaitable[list[Mentor]]]
"""Answers who of a tenant offered to mentor in one of these skills."""

Offering = Callable[[str, Collection[UUID]], Awaitable[set[UUID]]]
"""Answers which of these people of a tenant offered to mentor."""
