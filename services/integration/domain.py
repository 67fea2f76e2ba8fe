"""A webhook: where events are delivered to, which ones, and what people asked of its deliveries."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal, Self
from uuid import UUID

from eventsourcing.domain import event

from shared.errors import Invalid, RuleBroken
from shared.eventstore.events import Aggregate, Created, Event

Why = Literal["failing", "gone", "by_hand"]


class WebhookRemoved(RuleBroken):
    """This webhook was removed; register another one."""


class WebhookDisabled(RuleBroken):
    """This webhook is switched off; enable it first, and it goes on where it stopped."""


class TypeUnknown(Invalid):
    """There is no event of this type outside; GET /v1/events/types lists those that there are."""

    @classmethod
    def of(cls, type_: str) -> Self:
        """Name the type that there isn't."""
        return cls(f"{type_!r} is told nowhere outside; GET /v1/events/types lists what is.")


class Webhook(Aggregate):
    """One endpoint of a customer.

    Its address may hold a token: address and secrets are kept sealed, and the record has their keys.
    """

    TOPIC = "webhooks"

    class Registered(Created, frozen=True, kw_only=True):
        TOPIC = "webhooks.registered"
        host: str
        types: tuple[str, ...]
        after: int
        address: str
        secret: str

    class Changed(Event, frozen=True, kw_only=True):
        TOPIC = "webhooks.changed"
        host: str
        types: tuple[str, ...]
        address: str

    class SecretRotated(Event, frozen=True, kw_only=True):
        TOPIC = "webhooks.secret_rotated"
        secret: str
        before_until: datetime
        before: str | None = None

    class ReplayAsked(Event, frozen=True, kw_only=True):
        TOPIC = "webhooks.replay_asked"
        after: int

    class RetryAsked(Event, frozen=True, kw_only=True):
        TOPIC = "webhooks.retry_asked"
        position: int

    class DeliverySkipped(Event, frozen=True, kw_only=True):
        TOPIC = "webhooks.delivery_skipped"
        position: int

    class Disabled(Event, frozen=True, kw_only=True):
        TOPIC = "webhooks.disabled"
        why: str

    class Enabled(Event, frozen=True, kw_only=True):
        TOPIC = "webhooks.enabled"

    class Removed(Event, frozen=True, kw_only=True):
        TOPIC = "webhooks.removed"

    @classmethod
    def register(
        cls,
        webhook: UUID,
        at: datetime,
        *,
        host: str,
        types: tuple[str, ...],
        after: int,
        address: str,
        secret: str,
    ) -> Self:
        """Deliver what comes after a position of the feed; no types are all types."""
        return cls.begin(
            webhook, at, host=host, types=types, after=after, address=address, secret=secret
        )

    @event(Registered)
    def __init__(self, host: str, types: tuple[str, ...], address: str, secret: str) -> None:
        self.host = host
        self.types = types
        self.address = address
        self.secrets: list[tuple[str, datetime | None]] = [(secret, None)]
        self.disabled: str | None = None
        self.removed = False
        self.asked: list[tuple[int, str, int]] = []

    def change(self, host: str, types: tuple[str, ...], address: str) -> None:
        """Deliver to another address, where everything is tried afresh, or other types."""
        self._must_be_there()
        self._change(host=host, types=types, address=address)

    @event(Changed)
    def _change(self, host: str, types: tuple[str, ...], address: str) -> None:
        if address != self.address:
            self.asked.append((self.version + 1, "move", 0))
        self.host = host
        self.types = types
        self.address = address

    def rotate_secret(self, secret: str, before_until: datetime) -> None:
        """Sign with a new secret, and until then with the one before as well; never with three.

        Where one from before still signs, the last answer may have been lost: that one goes on, to its
        own end at most, and the secret of that answer is replaced.
        """
        self._must_be_there()
        before, until = self._live()[0]
        end = before_until if until is None else min(until, before_until)
        self._rotate_secret(secret=secret, before_until=end, before=before)

    @event(SecretRotated)
    def _rotate_secret(self, secret: str, before_until: datetime, before: str | None) -> None:
        kept = before or self.secrets[-1][0]  # it once was the newest always, and wasn't told
        self.secrets = [(kept, before_until), (secret, None)]

    def replay(self, after: int) -> None:
        """Deliver once more everything after a position of the feed."""
        self._must_be_active()
        self._replay(after=after)

    @event(ReplayAsked)
    def _replay(self, after: int) -> None:
        self.asked.append((self.version + 1, "replay", after))

    def retry(self, position: int) -> None:
        """Deliver one event once more, and at once."""
        self._must_be_active()
        self._retry(position=position)

    @event(RetryAsked)
    def _retry(self, position: int) -> None:
        self.asked.append((self.version + 1, "retry", position))

    def skip(self, position: int) -> None:
        """Give one event up, so that those behind it can go."""
        self._must_be_there()
        self._skip(position=position)

    @event(DeliverySkipped)
    def _skip(self, position: int) -> None:
        self.asked.append((self.version + 1, "skip", position))

    def disable(self, why: Why) -> None:
        """Deliver nothing until it is enabled; nothing is lost meanwhile."""
        self._must_be_there()
        if self.disabled is None:
            self._disable(why=why)

    @event(Disabled)
    def _disable(self, why: str) -> None:
        self.disabled = why

    def enable(self) -> None:
        """Go on where it stopped."""
        self._must_be_there()
        if self.disabled is not None:
            self._enable()

    @event(Enabled)
    def _enable(self) -> None:
        self.disabled = None
        self.asked.append((self.version + 1, "enable", 0))

    def remove(self) -> None:
        """Deliver nothing any more; asked again, it is nothing new."""
        if not self.removed:
            self._remove()

    @event(Removed)
    def _remove(self) -> None:
        self.removed = True

    def live_secrets(self) -> list[str]:
        """The keys of the secrets that sign now."""
        return [key for key, _ in self._live()]

    def _live(self) -> list[tuple[str, datetime | None]]:
        return [each for each in self.secrets if each[1] is None or each[1] > self.at]

    @property
    def is_active(self) -> bool:
        return not self.removed and self.disabled is None

    @property
    def subject(self) -> None:
        return None

    def receipt(self) -> dict[str, Any]:
        state = "removed" if self.removed else "disabled" if self.disabled else "active"
        return {"id": str(self.id), "version": self.version, "state": state}

    def _must_be_there(self) -> None:
        if self.removed:
            raise WebhookRemoved

    def _must_be_active(self) -> None:
        self._must_be_there()
        if self.disabled is not None:
            raise WebhookDisabled
