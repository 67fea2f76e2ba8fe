"""Where the real world is chosen: database, keys, clock, and the services built on them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import asyncpg

from console.generations import GENERATION
from console.registry import REGISTRY
from services.audit.application import Audit
from services.audit.readmodel import Timeline
from services.conversation.application import Conversations
from services.conversation.readmodel import ConversationList
from services.cycles.application import Cycles
from services.cycles.readmodel import CycleList
from services.people.application import People, Relationships
from services.people.readmodel import Roster
from services.permission import Permission
from services.planning.application import Plans
from services.planning.readmodel import PlanList
from shared.database import Pool, open_pool
from shared.eventstore.clock import Clock, RecordClock
from shared.eventstore.durability import Unsafe, check
from shared.eventstore.follower import Follower
from shared.eventstore.keys import FileRootKey, NoRootKey, RootKey, Vault
from shared.eventstore.ledger import Ledger
from shared.eventstore.record import Record
from shared.settings import Settings
from workflows.activities import Activities


@dataclass(frozen=True)
class House:
    """Everything that is built once in a process and passed down."""

    record: Record
    permission: Permission
    people: People
    cycles: Cycles
    conversations: Conversations
    plans: Plans
    audit: Audit
    roster: Roster
    cycle_list: CycleList
    conversation_list: ConversationList
    plan_list: PlanList
    timeline: Timeline
    ledger: Ledger

    def activities(self) -> Activities:
        """What a worker does."""
        return Activities(self.record, self.cycles, self.conversations, self.plans)

    @property
    def follower_names(self) -> list[str]:
        """Everything that reads behind the record, the relay included."""
        return [*(follower.name for follower in self.followers()), "relay"]

    def followers(self) -> list[Follower]:
        """What keeps the lists up to date, and the ledger."""
        return [self.readmodels(), Follower(self.record, "ledger", apply=[self.ledger.apply])]

    def readmodels(self, name: str = GENERATION) -> Follower:
        """What keeps the lists up to date."""
        lists = (
            self.roster,
            self.cycle_list,
            self.conversation_list,
            self.plan_list,
            self.timeline,
        )
        return Follower(self.record, name, apply=[kept.apply for kept in lists])

    async def close(self) -> None:
        await self.record.close()


async def build(
    settings: Settings,
    clock: Clock | None = None,
    read_models: str = GENERATION,
    *,
    restoring: bool = False,
) -> House:
    """Open the database and build the services; raises what asyncpg and the key file raise.

    Raises `Unsafe` for a database that would not keep what it acknowledges, or not apart.
    """
    url = settings.required_database_url()
    pool = await open_pool(url, size=settings.pool_size, read_models=read_models)
    try:
        await check(pool, restoring=restoring)
        root = FileRootKey(bytes.fromhex(settings.root_key_path.read_text().strip()))
        return await _house(pool, root, clock)
    except (OSError, ValueError, Unsafe, asyncpg.PostgresError):
        await pool.close()
        raise


async def build_reader(database_url: str) -> House:
    """The same for what reads facts alone: without the root key nobody's words can be read."""
    return await _house(await open_pool(database_url, read_models=GENERATION), NoRootKey(), None)


async def _house(pool: Pool, root: RootKey, clock: Clock | None) -> House:
    now: datetime = await pool.fetchval("SELECT clock_timestamp()")
    return furnish(Record(pool, Vault(pool, root), clock or RecordClock(now), REGISTRY))


def furnish(record: Record) -> House:
    """Build the services on a record."""
    permission = Permission(Relationships(record).relations_of)
    return House(
        record=record,
        permission=permission,
        people=People(record, permission),
        cycles=Cycles(record, permission),
        conversations=Conversations(record, permission),
        plans=Plans(record, permission),
        audit=Audit(record, permission),
        roster=Roster(record),
        cycle_list=CycleList(record),
        conversation_list=ConversationList(record),
        plan_list=PlanList(record),
        timeline=Timeline(record),
        ledger=Ledger(record),
    )
