"""Server-side sessions: the browser holds a random secret, the database its hash and who it is."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any
from uuid import UUID

import isodate

from shared.database import statements, within
from shared.eventstore.record import Record
from shared.periods import rfc3339
from shared.principal import Principal

SQL = statements(__package__, "sessions.sql")
_TOUCH_AFTER = timedelta(minutes=1)
_LINK_LASTS = timedelta(days=1)
_REMEMBERED = timedelta(days=30)


@dataclass(frozen=True)
class Limits:
    """How long a session lasts: without a sign of life, and in all."""

    idle: timedelta
    absolute: timedelta

    @classmethod
    def of(cls, idle: str, absolute: str) -> Limits:
        return cls(isodate.parse_duration(idle), isodate.parse_duration(absolute))


@dataclass(frozen=True)
class Session:
    """One browser of somebody. One that no longer `lasts` opens nothing, but still tells who it was."""

    id: bytes
    by: Principal
    seen: datetime
    lasts: bool


class Sessions:
    """Begins, finds and ends sessions."""

    def __init__(self, record: Record, limits: Limits) -> None:
        self._record = record
        self._limits = limits

    async def begin(self, by: Principal) -> str:
        """Begin a session; answers the secret for the browser's cookie."""
        return await self._begin(by, self._record.clock.now())

    async def make_link(self, by: Principal) -> str:
        """Make a session that begins when its link is opened, once and within a day."""
        return await self._begin(by, None)

    async def _begin(self, by: Principal, opened: datetime | None) -> str:
        secret, id_ = _fresh(by.tenant)
        now = self._record.clock.now()
        row = (by.tenant, id_, by.subject, by.name, sorted(by.roles), now, opened)
        async with within(self._record.pool, by.tenant) as connection:
            await connection.execute(SQL["forget_old"], by.tenant, now - _REMEMBERED)
            await connection.execute(SQL["begin"], *row)
        return secret

    async def open_link(self, link: str) -> str | None:
        """The secret of the session that a link begins; None where it was used or is too old."""
        tenant, id_ = _read(link)
        secret, fresh = _fresh(tenant)
        now = self._record.clock.now()
        async with within(self._record.pool, tenant) as connection:
            row = await connection.fetchrow(
                SQL["open_link"], tenant, id_, fresh, now, now - _LINK_LASTS
            )
        return secret if row else None

    async def find(self, secret: str, *, is_sign_of_life: bool = True) -> Session | None:
        """The session of a cookie, whether it lasts or not; None for one that was never there.

        A sign of life puts off its end by idleness.
        """
        tenant, id_ = _read(secret)
        now = self._record.clock.now()
        async with within(self._record.pool, tenant) as connection:
            row = await connection.fetchrow(SQL["find"], tenant, id_)
            if row is None:
                return None
            found = self._session(tenant, row, now)
            if is_sign_of_life and found.lasts and now - found.seen > _TOUCH_AFTER:
                await connection.execute(SQL["touch"], tenant, id_, now)
        return found

    async def end(self, session: Session) -> None:
        """End a session."""
        async with within(self._record.pool, session.by.tenant) as connection:
            await connection.execute(SQL["end"], session.by.tenant, session.id)

    async def end_all(self, tenant: str, person: UUID) -> None:
        """End every session of somebody, and forget that there were any."""
        async with within(self._record.pool, tenant) as connection:
            await connection.execute(SQL["end_all"], tenant, person)

    async def held_of(self, tenant: str, person: UUID, _: Sequence[UUID]) -> list[dict[str, Any]]:
        """When somebody's browsers were logged in, as which roles, to take along."""
        async with within(self._record.pool, tenant) as connection:
            rows = await connection.fetch(SQL["held_of"], tenant, person)
        return [
            {"began": rfc3339(row["began"]), "seen": rfc3339(row["seen"]), "roles": row["roles"]}
            for row in rows
        ]

    def _session(self, tenant: str, row: Any, now: datetime) -> Session:
        limits = self._limits
        lasts = now - row["seen"] < limits.idle and now - row["began"] < limits.absolute
        by = Principal(tenant, frozenset(row["roles"]), row["name"], row["subject"])
        return Session(row["id"], by, row["seen"], lasts)


def _fresh(tenant: str) -> tuple[str, bytes]:
    """A new `secret~tenant`, and the id by which the database knows it."""
    secret = secrets.token_urlsafe(32)
    return f"{secret}~{tenant}", sha256(secret.encode()).digest()


def _read(secret: str) -> tuple[str, bytes]:
    own, _, tenant = secret.partition("~")
    return tenant, sha256(own.encode()).digest()
