"""What an identity provider keeps of a person, by SCIM; the roster takes its part of it."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Self
from uuid import UUID, uuid5

from eventsourcing.domain import event

from shared.eventstore.events import ERASED, Aggregate, Created, Event, Words


class Account(Aggregate):
    """One per person: the user as the provider sees it, as JSON in the person's own words' keeping."""

    TOPIC = "accounts"

    class Linked(Created, frozen=True, kw_only=True):
        TOPIC = "accounts.linked"
        person: UUID
        user: Words

    class Changed(Event, frozen=True, kw_only=True):
        TOPIC = "accounts.changed"
        user: Words

    class Unlinked(Event, frozen=True, kw_only=True):
        TOPIC = "accounts.unlinked"

    @classmethod
    def link(cls, person: UUID, at: datetime, user: str) -> Self:
        """Let a provider keep a person's profile."""
        return cls.begin(account_stream(person), at, person=person, user=user)

    @event(Linked)
    def __init__(self, person: UUID, user: str) -> None:
        self.person = person
        self.user = user
        self.linked = True

    def change(self, user: str) -> None:
        """Take the provider's newer view; also of a person who was given up before."""
        if not self.linked or user != self.user:
            self._change(user=user)

    @event(Changed)
    def _change(self, user: str) -> None:
        self.user = user
        self.linked = True

    def unlink(self) -> None:
        """The provider gives the person up; what the roster knows stays."""
        if self.linked:
            self._unlink()

    @event(Unlinked)
    def _unlink(self) -> None:
        self.linked = False

    @property
    def is_kept(self) -> bool:
        """Whether a provider keeps the person, whose words weren't erased."""
        return self.linked and self.user != ERASED

    @property
    def subject(self) -> UUID:
        return self.person

    def receipt(self) -> dict[str, Any]:
        return {"version": self.version}


def account_stream(person: UUID) -> UUID:
    """The id of a person's account."""
    return uuid5(person, "account")
