"""A machine with API keys: what it may do, which of its keys are live, and until when."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Self
from uuid import UUID, uuid5

from eventsourcing.domain import event

from shared.errors import Invalid, RuleBroken
from shared.eventstore.events import Aggregate, Created, Event
from shared.principal import AT_THE_TERMINAL

MACHINE_ROLES = frozenset({"platform", "hr", "auditor", "ops", "admin"})
LONGEST = timedelta(days=366)
DEFAULT_LIFE = timedelta(days=365)
_CLIENTS = UUID("0d9f7b52-3f0e-5a63-9b4e-6a4c0f6f3b11")


class ClientNameUsed(RuleBroken):
    """There is, or was, a client of this name; a name means one client for ever, so take another."""


class ClientRemoved(RuleBroken):
    """This client was removed and its keys are worthless; register another one."""


class NameOfTheTerminal(Invalid):
    """The record calls whoever sits at the terminal by this name; give the client another one."""


class RoleOfPeople(Invalid):
    """A machine can't have this role: employee, partner and dpo belong to people."""


class EndNotPossible(Invalid):
    """A key ends in the future, within a year; leave `expires_at` out for a year from now."""


@dataclass
class ApiKey:
    """One key: the SHA-256 of its secret, and the moment at which it ends."""

    number: int
    digest: str
    expires_at: datetime

    def is_live_at(self, moment: datetime) -> bool:
        return moment < self.expires_at


class ApiClient(Aggregate):
    """One machine. Its name is its id: chosen by the customer, and never used for another."""

    TOPIC = "clients"

    class Registered(Created, frozen=True, kw_only=True):
        TOPIC = "clients.registered"
        name: str
        roles: tuple[str, ...]
        digest: str
        expires_at: datetime

    class KeyAdded(Event, frozen=True, kw_only=True):
        TOPIC = "clients.key_added"
        number: int
        digest: str
        expires_at: datetime

    class KeyShortened(Event, frozen=True, kw_only=True):
        """An older key ends sooner, since there is a newer one."""

        TOPIC = "clients.key_shortened"
        number: int
        expires_at: datetime

    class Removed(Event, frozen=True, kw_only=True):
        TOPIC = "clients.removed"

    @classmethod
    def register(
        cls,
        tenant: str,
        name: str,
        at: datetime,
        *,
        roles: tuple[str, ...],
        digest: str,
        expires_at: datetime,
    ) -> Self:
        """Let a machine in, with its first key."""
        if name in AT_THE_TERMINAL:
            raise NameOfTheTerminal
        if not set(roles) <= MACHINE_ROLES:
            raise RoleOfPeople
        _must_be_near(expires_at, at)
        stream = client_stream(tenant, name)
        return cls.begin(stream, at, name=name, roles=roles, digest=digest, expires_at=expires_at)

    @event(Registered)
    def __init__(
        self, name: str, roles: tuple[str, ...], digest: str, expires_at: datetime
    ) -> None:
        self.name = name
        self.roles = roles
        self.keys = [ApiKey(1, digest, expires_at)]
        self.removed = False

    def rotate(
        self, digest: str, expires_at: datetime, overlap: timedelta, *, unused: bool = False
    ) -> None:
        """Add a key; the one in use goes on for `overlap`, or to its own end where that is sooner.

        Never more than two are live: any other ends now. In use is the newest, unless it is `unused`,
        as where the answer with it was lost, and an older one still lives.
        """
        self._must_be_there()
        _must_be_near(expires_at, self.at)
        live = self.live_keys()
        for key in live:
            kept = overlap if key is live[0 if unused else -1] else timedelta()
            if (end := self.at + kept) < key.expires_at:
                self._shorten_key(number=key.number, expires_at=end)
        self._add_key(
            number=self.newest_number + 1, digest=digest, expires_at=expires_at, timestamp=self.at
        )

    @event(KeyAdded)
    def _add_key(self, number: int, digest: str, expires_at: datetime, timestamp: datetime) -> None:
        live = [key for key in self.keys if key.is_live_at(timestamp)]
        self.keys = [*live, ApiKey(number, digest, expires_at)]

    @event(KeyShortened)
    def _shorten_key(self, number: int, expires_at: datetime) -> None:
        for key in self.keys:
            if key.number == number:
                key.expires_at = expires_at

    def remove(self) -> None:
        """Take all its keys away, for ever; asked again, it is nothing new."""
        if not self.removed:
            self._remove()

    @event(Removed)
    def _remove(self) -> None:
        self.removed = True
        self.keys = []

    def live_keys(self) -> list[ApiKey]:
        """The keys that open something now."""
        return [key for key in self.keys if key.is_live_at(self.at)]

    @property
    def newest_number(self) -> int:
        return self.keys[-1].number if self.keys else 0

    @property
    def subject(self) -> None:
        return None

    def receipt(self) -> dict[str, Any]:
        return {
            "id": self.name,
            "version": self.version,
            "roles": list(self.roles),
            "keys": [key_view(key) for key in self.live_keys()],
        }

    def _must_be_there(self) -> None:
        if self.removed:
            raise ClientRemoved


def client_stream(tenant: str, name: str) -> UUID:
    """The id of a client's stream."""
    return uuid5(_CLIENTS, f"{tenant}/{name}")


def key_view(key: ApiKey) -> dict[str, Any]:
    """What may be said of a key: its number and its end."""
    return {"number": key.number, "expires_at": key.expires_at.isoformat().replace("+00:00", "Z")}


def _must_be_near(expires_at: datetime, at: datetime) -> None:
    if not at < expires_at <= at + LONGEST:
        raise EndNotPossible
