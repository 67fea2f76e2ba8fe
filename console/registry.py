"""The closed list of everything that the record may hold."""

from __future__ import annotations

from services.clients.domain import ApiClient
from services.conversation.domain import Conversation
from services.cycles.domain import Cycle
from services.cycles.policy import Policy
from services.integration.domain import Webhook
from services.people.accounts import Account
from services.people.domain import Person
from services.people.intake import Intake
from services.planning.domain import Plan
from shared.eventstore.events import Registry

AGGREGATES = (Person, Policy, Cycle, Conversation, Plan, ApiClient, Webhook, Account, Intake)
REGISTRY = Registry(AGGREGATES)
