"""Builds the HTTP application: routes, the one table of failures, health and metrics."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from fastapi import APIRouter, FastAPI, Request
from fastapi.responses import JSONResponse, Response
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from console.bootstrap import House, build
from console.documentation.pages import router as documentation
from console.issuers import issuer_of
from services.audit.api import router as audit
from services.audit.application import Audit
from services.audit.readmodel import Timeline
from services.clients.api import router as clients
from services.clients.application import Clients
from services.clients.readmodel import ClientList
from services.clients.verifier import ApiKeys
from services.conversation.api import router as conversation
from services.conversation.application import Conversations
from services.conversation.readmodel import ConversationList
from services.cycles.api import router as cycles
from services.cycles.application import Cycles
from services.cycles.readmodel import CycleList
from services.integration.api import router as integration
from services.integration.application import Webhooks
from services.integration.feed import Feed
from services.people.api import router as people
from services.people.application import People
from services.people.importing import LARGEST, PATH
from services.people.importing import router as importing
from services.people.imports import Imports
from services.people.provisioning import router as provisioning
from services.people.readmodel import Roster
from services.permission import Permission
from services.planning.api import router as planning
from services.planning.application import Plans
from services.planning.readmodel import PlanList
from shared.authentication import Authentication
from shared.database import LOST
from shared.eventstore.keys import Vault
from shared.eventstore.ledger import Ledger
from shared.eventstore.record import Record
from shared.habits import Habits, SizeLimit
from shared.limits import Limits
from shared.news import News
from shared.problems import NOT_READY, install, problem
from shared.settings import Settings
from shared.tokens import Verifier

SERVICES = {
    "people": people,
    "cycles": cycles,
    "conversation": conversation,
    "planning": planning,
    "audit": audit,
    "clients": clients,
    "integration": integration,
    "importing": importing,
    "provisioning": provisioning,
}
_LARGEST_BODY = 512 * 1024
_LARGER_BODIES = {PATH: LARGEST}

health = APIRouter(include_in_schema=False)


def create_app(settings: Settings, services: tuple[str, ...] | None = None) -> FastAPI:
    """The application with all services, or with the chosen ones."""

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        try:
            issuer = issuer_of(settings)
            house = await build(settings)
        except Exception as failure:
            app.state.failure = failure
            raise
        app.state.given = provide(
            house, issuer, Limits(settings.limit_people, settings.limit_machines)
        )
        yield
        await app.state.given[News].close()
        await house.close()

    app = FastAPI(
        title="Cairn",
        version="0.1.0",
        summary="Career conversations that happen, lead to a plan, and stay on record",
        lifespan=lifespan,
        strict_content_type=False,
        openapi_url=None,
    )
    app.state.public_url = settings.public_url.rstrip("/")
    install(app)
    app.add_middleware(SizeLimit, largest=_LARGEST_BODY, larger=_LARGER_BODIES)
    app.add_middleware(Habits)
    app.include_router(health)
    app.include_router(documentation)
    for name in services or SERVICES:
        app.include_router(SERVICES[name])
    return app


def provide(house: House, issuer: Verifier, limits: Limits | None = None) -> dict[type, Any]:
    """What routes ask for, by its class."""
    return {
        Authentication: Authentication([ApiKeys(house.record), issuer], house.record.vault),
        Limits: limits or Limits(0, 0),
        Record: house.record,
        Vault: house.record.vault,
        Permission: house.permission,
        People: house.people,
        Imports: house.imports,
        Cycles: house.cycles,
        Conversations: house.conversations,
        Plans: house.plans,
        Audit: house.audit,
        Clients: house.clients,
        Webhooks: house.webhooks,
        Feed: house.feed,
        News: News(house.record.pool, "cairn_feed"),
        Roster: house.roster,
        CycleList: house.cycle_list,
        ConversationList: house.conversation_list,
        PlanList: house.plan_list,
        ClientList: house.client_list,
        Timeline: house.timeline,
        Ledger: house.ledger,
    }


@health.get("/healthz")
async def healthz() -> dict[str, str]:
    """Whether the process lives."""
    return {"status": "ok"}


@health.get("/readyz")
async def readyz(request: Request) -> Response:
    """Whether it can do its work: the database answers."""
    record: Record = request.app.state.given[Record]
    try:
        await record.pool.fetchval("SELECT 1", timeout=2)
    except LOST:
        return problem(*NOT_READY)
    return JSONResponse({"status": "ready"})


@health.get("/metrics")
async def metrics() -> Response:
    """What Prometheus scrapes."""
    return Response(generate_latest(), media_type=CONTENT_TYPE_LATEST)
