"""Asks a legal entity's feed before anybody in it is closed, and lets a person release it."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from uuid import UUID

from services.people.readmodel import Roster
from services.people.roster_feed import Feed, FeedNotStopped, FeedStopped, feed_stream
from shared.errors import Stale
from shared.eventstore.record import Answer, Command, Record


@dataclass(frozen=True)
class Limits:
    """How many people of a legal entity a feed may close in a day: a share, but never under a floor."""

    percent: int = 5
    floor: int = 5


LimitsOf = Callable[[str], Awaitable[Limits]]
"""Answers a tenant's present limits."""

_ATTEMPTS = 50


class Breaker:
    """One for all feeds of a process."""

    def __init__(self, record: Record, roster: Roster, limits: LimitsOf) -> None:
        self._record = record
        self._roster = roster
        self._limits = limits
        self._turns: defaultdict[UUID, asyncio.Lock] = defaultdict(asyncio.Lock)

    async def require(
        self, command: Command, legal_entity: str | None, person: UUID, *, later: bool = False
    ) -> None:
        """Count somebody's closing; raises `FeedStopped` when it is too many.

        `later` remembers the refused one, for the release.
        """
        stream = feed_stream(command.tenant, legal_entity)
        plain = replace(command, asked=None, if_version=None, step=None)
        async with self._turns[stream]:
            for attempt in range(_ATTEMPTS):
                try:
                    allowed = await self._count(plain, stream, legal_entity, person, later)
                    break
                except Stale:
                    if attempt == _ATTEMPTS - 1:
                        raise
        if not allowed:
            raise FeedStopped(" ".join((FeedStopped.__doc__ or "").split()))

    async def release(
        self, command: Command, legal_entity: str | None
    ) -> tuple[list[UUID], Answer]:
        """Let a feed go on; answers whose leaving was refused meanwhile."""
        waiting: list[UUID] = []

        def decide(feed: Feed) -> None:
            waiting[:] = feed.refused
            feed.release()

        stream = feed_stream(command.tenant, legal_entity)
        if await self._record.load(Feed, command.tenant, stream) is None:
            raise FeedNotStopped
        return waiting, await self._record.change(Feed, stream, command, decide)

    async def _count(
        self, command: Command, stream: UUID, legal_entity: str | None, person: UUID, later: bool
    ) -> bool:
        feed = await self._record.load(Feed, command.tenant, stream)
        if feed is None:
            feed = Feed.watch(command.tenant, legal_entity, command.at)
        limits = await self._limits(command.tenant)
        people = await self._roster.count_active(command.tenant, legal_entity)
        allowed = feed.allows(person, people, limits.percent, limits.floor)
        if later and not allowed:
            feed.note_refused(person)
        await self._record.save(feed, command)
        return allowed
