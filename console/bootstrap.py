"""Where the real world is chosen: database, keys, clock, and the services built on them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import asyncpg
from temporalio.client import Client

from console.generations import GENERATION
from console.outside import guard_of, mail_of
from console.oversight import Oversight, copies_of, oversee
from console.registry import REGISTRY
from services.audit.readmodel import Timeline
from services.batches.application import Batches
from services.batches.readmodel import Candidates
from services.clients.application import Clients
from services.clients.readmodel import ClientList
from services.conversation.application import Conversations
from services.conversation.both_sides import BothSides
from services.conversation.drafts import Drafts
from services.conversation.library import Library
from services.conversation.reading import ConversationReader
from services.conversation.readmodel import ConversationList
from services.correction_book import CorrectionBook
from services.cycles.application import Cycles
from services.cycles.readmodel import CycleList
from services.disclosure import Disclosures
from services.insights.application import Insights
from services.insights.application import Limits as InsightLimits
from services.insights.readmodel import Figures
from services.integration.application import Webhooks
from services.integration.deliveries import Deliveries
from services.integration.feed import Feed
from services.integration.sender import Sender
from services.notices.application import Notices
from services.people.application import People
from services.people.breaker import Breaker, Limits, LimitsOf
from services.people.choices import Choices
from services.people.contacts import ContactBook
from services.people.imports import Imports
from services.people.keeping import Keeping
from services.people.readmodel import Roster
from services.people.relations import Relationships
from services.permission import Permission
from services.planning.application import Plans
from services.planning.reading import PlanReader
from services.planning.readmodel import PlanList
from shared.database import Pool, open_pool
from shared.eventstore.clock import Clock, RecordClock
from shared.eventstore.durability import Unsafe, check, check_root
from shared.eventstore.follower import Follower
from shared.eventstore.keys import Vault
from shared.eventstore.ledger import Ledger
from shared.eventstore.record import Record
from shared.eventstore.rootkeys import FileRootKey, NoRootKey, RootKey
from shared.outbound import Guard, Outbound
from shared.periods import after
from shared.settings import Settings
from workflows.activities import Activities
from workflows.batching import Batching
from workflows.keeping import Keeping as KeepingActivities
from workflows.posting import Posting
from workflows.reconciler import Reconciler
from workflows.steps import Steps
from workflows.telling import Telling
from workflows.webhook_activities import DeliveryActivities
from workflows.worker import Hands


@dataclass(frozen=True)
class House:
    """Everything that is built once in a process and passed down."""

    record: Record
    permission: Permission
    people: People
    choices: Choices
    contacts: ContactBook
    imports: Imports
    cycles: Cycles
    library: Library
    drafts: Drafts
    conversations: Conversations
    both_sides: BothSides
    conversation_reader: ConversationReader
    plans: Plans
    batches: Batches
    notices: Notices
    plan_reader: PlanReader
    insights: Insights
    oversight: Oversight
    clients: Clients
    webhooks: Webhooks
    roster: Roster
    cycle_list: CycleList
    conversation_list: ConversationList
    plan_list: PlanList
    candidates: Candidates
    client_list: ClientList
    feed: Feed
    deliveries: Deliveries
    ledger: Ledger
    runbook: str
    guard: Guard

    def activities(self) -> Activities:
        """What the workflow of a cycle does in the world."""
        steps = Steps(
            self.record,
            self.people,
            self.choices,
            self.cycles,
            self.conversations,
            self.plans,
            self._telling,
        )
        return Activities(self.record, self.cycles, steps, self.runbook)

    def posting(self) -> Posting:
        """What sends mail."""
        return Posting(
            self.record,
            self.people,
            self.cycles,
            self.cycle_list,
            self.conversations,
            self.contacts.contacts_of,
            self.notices,
            self._telling,
        )

    def reconciler(self, client: Client) -> Reconciler:
        """What compares roster, record and workflows."""
        return Reconciler(
            self.record,
            client,
            self.roster,
            self.people,
            self.cycles,
            self.cycle_list,
            self.candidates,
            Keeping(self.record),
            self.oversight.timeline,
            self.deliveries,
        )

    def hands(self, client: Client) -> Hands:
        """Everything that workflows do in the world."""
        batching = Batching(self.record, self.batches, self.cycles)
        keeping = KeepingActivities(
            self.record, self.ledger, self.oversight.exports, self.people, self.oversight.retention
        )
        reconciler = self.reconciler(client)
        return Hands(self.activities(), self.posting(), batching, reconciler, keeping)

    @property
    def _telling(self) -> Telling:
        return Telling(self.people, self.cycles, self.notices)

    def delivery_activities(self) -> DeliveryActivities:
        """What delivers webhooks."""
        sender = Sender(self.record, self.feed, self.deliveries, Outbound(self.guard))
        return DeliveryActivities(self.record, sender, self.webhooks)

    @property
    def follower_names(self) -> list[str]:
        """Everything that reads behind the record, the relays included."""
        return [*(follower.name for follower in self.followers()), "relay", "webhooks"]

    def followers(self) -> list[Follower]:
        """What keeps the lists up to date, the ledger and the feed."""
        return [
            self.readmodels(),
            Follower(self.record, "ledger", apply=[self.ledger.apply]),
            self.publishing(),
        ]

    def publishing(self) -> Follower:
        """What numbers the events that concern the outside."""
        return Follower(self.record, "feed", apply=[self.feed.apply])

    def readmodels(self) -> Follower:
        """What keeps the lists up to date."""
        return readmodels(self.record)

    async def close(self) -> None:
        await self.drafts.settled()
        await self.record.close()


async def build(
    settings: Settings,
    clock: Clock | None = None,
    *,
    restoring: bool = False,
) -> House:
    """Open the database and build the services; raises what asyncpg and the key file raise.

    Raises `Unsafe` for a database that would not keep what it acknowledges, or not apart.
    """
    url = settings.required_database_url()
    pool = await open_pool(url, size=settings.pool_size, read_models=GENERATION)
    try:
        await check(pool, restoring=restoring)
        root = FileRootKey.of_file(settings.root_key_path)
        await check_root(pool, root)
        return furnish(await _record(pool, root, clock), settings)
    except (OSError, ValueError, Unsafe, asyncpg.PostgresError):
        await pool.close()
        raise


_LISTS = (
    Roster, ContactBook, CycleList, Candidates, ConversationList, PlanList, ClientList, Figures,
    Timeline, Keeping,
)  # fmt: skip


def readmodels(record: Record, name: str = GENERATION) -> Follower:
    """What keeps the lists of one generation up to date."""
    return Follower(record, name, apply=[kept(record).apply for kept in _LISTS])


async def open_facts(database_url: str, read_models: str = GENERATION) -> Record:
    """The record for whom facts are enough: without the root key nobody's words can be read."""
    return await _record(await open_pool(database_url, read_models=read_models), NoRootKey(), None)


async def _record(pool: Pool, root: RootKey, clock: Clock | None) -> Record:
    now: datetime = await pool.fetchval("SELECT clock_timestamp()")
    return Record(pool, Vault(pool, root), clock or RecordClock(now), REGISTRY)


def furnish(record: Record, settings: Settings) -> House:
    """Build the services on a record."""
    permission = Permission(Relationships(record).ties_of)
    roster, candidates, cycles = Roster(record), Candidates(record), Cycles(record, permission)
    contacts, disclosures, drafts = ContactBook(record), Disclosures(record), Drafts(record)
    library, plan_list, sender = Library(record, permission), PlanList(record), settings.mail_from
    breaker, book = Breaker(record, roster, _limits(cycles)), CorrectionBook(record, disclosures)
    mentors, named, stated = contacts.mentors_for, contacts.contacts_of, book.stated_by
    reader = ConversationReader(record, permission, library, disclosures, named, stated, sender)
    plan_reader = PlanReader(record, permission, disclosures, plan_list, mentors, named, stated)
    feed, deliveries, guard = Feed(record), Deliveries(record), guard_of(settings)
    people = People(record, permission, roster, breaker, copies_of(record, settings))
    return House(
        record=record,
        permission=permission,
        people=people,
        choices=Choices(record, permission),
        contacts=contacts,
        imports=Imports(record, permission, people),
        cycles=cycles,
        library=library,
        drafts=drafts,
        conversations=Conversations(record, permission, library, drafts, named),
        both_sides=BothSides(record, permission, drafts),
        conversation_reader=reader,
        plans=Plans(record, permission, plan_reader),
        plan_reader=plan_reader,
        batches=Batches(record, permission, candidates),
        notices=Notices(record, mail_of(settings), sender, settings.pages_url),
        oversight=oversee(record, permission, reader, plan_reader, people, cycles, book, settings),
        insights=_insights(record, permission, cycles),
        clients=Clients(record, permission),
        webhooks=Webhooks(record, permission, feed, deliveries, guard),
        roster=roster,
        cycle_list=CycleList(record),
        conversation_list=ConversationList(record),
        plan_list=plan_list,
        candidates=candidates,
        client_list=ClientList(record),
        feed=feed,
        deliveries=deliveries,
        guard=guard,
        ledger=Ledger(record),
        runbook=settings.runbook,
    )


def _limits(cycles: Cycles) -> LimitsOf:
    async def limits_of(tenant: str) -> Limits:
        terms, _ = await cycles.policy_of(tenant)
        return Limits(terms.closing_percent, terms.closing_floor)

    return limits_of


def _insights(record: Record, permission: Permission, cycles: Cycles) -> Insights:
    async def limits_of(tenant: str) -> InsightLimits:
        terms, _ = await cycles.policy_of(tenant)
        now = record.clock.now()
        return InsightLimits(terms.min_group, after(now, [terms.cadence], "UTC") - now)

    return Insights(Figures(record), permission, record.clock, limits_of)
