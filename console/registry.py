"""The closed list of everything that the record may hold."""

from __future__ import annotations

from services.audit.exports import Export
from services.batches.domain import Batch
from services.clients.domain import ApiClient
from services.conversation.domain import Conversation
from services.conversation.shelf import GuideShelf
from services.correction import Corrections
from services.cycles.domain import Cycle
from services.cycles.policy import Policy
from services.disclosure import Disclosure
from services.integration.domain import Webhook
from services.notices.domain import Day
from services.people.accounts import Account
from services.people.domain import Person
from services.people.intake import Intake
from services.people.retention import RetentionRun
from services.people.roster_feed import Feed
from services.planning.domain import Plan
from services.privacy.cases import Case
from services.privacy.requests import AccessRequest
from shared.eventstore.events import Registry

AGGREGATES = (
    Person, Account, Intake, Feed, Policy, GuideShelf, Cycle, Conversation, Plan, Disclosure, Batch, Day,
    ApiClient, Webhook, Export, Case, AccessRequest, Corrections,
    RetentionRun,
)  # fmt: skip
REGISTRY = Registry(AGGREGATES)
