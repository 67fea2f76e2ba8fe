"""Builds the HTTP application: routes, the one table of failures, health and metrics."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from fastapi import APIRouter, FastAPI, Request
from fastapi.responses import JSONResponse, Response
from fastapi.telemetry import TelemetryConfig
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from starlette.middleware.body_limit import RequestBodyLimitMiddleware

from console.bootstrap import House, build
from console.version import VERSION
from console.watched import watched
from services.audit.api import router as audit
from services.audit.application import Audit
from services.audit.readmodel import Timeline
from services.conversation.api import router as conversation
from services.conversation.application import Conversations
from services.conversation.readmodel import ConversationList
from services.cycles.api import router as cycles
from services.cycles.application import Cycles
from services.cycles.readmodel import CycleList
from services.people.api import router as people
from services.people.application import People
from services.people.readmodel import Roster
from services.permission import Permission
from services.planning.api import router as planning
from services.planning.application import Plans
from services.planning.readmodel import PlanList
from shared.database import LOST
from shared.errors import NotAllowed
from shared.eventstore.keys import Vault
from shared.eventstore.ledger import Ledger
from shared.eventstore.record import Record
from shared.http import authenticate
from shared.problems import SizeLimit, install, problem
from shared.settings import Settings
from shared.telemetry.asgi import Seen
from shared.tokens import Issuer

SERVICES = {
    "people": people,
    "cycles": cycles,
    "conversation": conversation,
    "planning": planning,
    "audit": audit,
}
LOOPBACK = ("127.0.0.1", "localhost", "::1")
_LARGEST_BODY = 512 * 1024
_NONE_BY_ITSELF = TelemetryConfig(tracing=False, metrics=False, logs=False, auto_configure=False)

health = APIRouter(include_in_schema=False)


def create_app(settings: Settings, services: tuple[str, ...] | None = None) -> FastAPI:
    """The application with all services, or with the chosen ones."""

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        async with watched("api", settings) as seen:
            try:
                house = await build(settings)
            except Exception as failure:
                app.state.failure = failure
                raise
            app.state.given = provide(house, Issuer.of_file(settings.issuer_path))
            seen.begin(house)
            yield
            await house.close()

    app = FastAPI(
        title="Cairn",
        version=VERSION,
        summary="Career conversations that happen, lead to a plan, and stay on record",
        lifespan=lifespan,
        strict_content_type=False,
        telemetry=_NONE_BY_ITSELF,  # it would tell paths and texts; `Seen` tells codes
    )
    app.state.settings = settings
    install(app)
    app.add_middleware(RequestBodyLimitMiddleware, max_body_size=_LARGEST_BODY)
    app.add_middleware(SizeLimit, largest=_LARGEST_BODY)
    app.add_middleware(Seen)
    app.include_router(health)
    for name in services or SERVICES:
        app.include_router(SERVICES[name])
    return app


def provide(house: House, issuer: Issuer) -> dict[type, Any]:
    """What routes ask for, by its class."""
    return {
        Issuer: issuer,
        Record: house.record,
        Vault: house.record.vault,
        Permission: house.permission,
        People: house.people,
        Cycles: house.cycles,
        Conversations: house.conversations,
        Plans: house.plans,
        Audit: house.audit,
        Roster: house.roster,
        CycleList: house.cycle_list,
        ConversationList: house.conversation_list,
        PlanList: house.plan_list,
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
        return problem(503, "not-ready", "The database can't be reached.")
    return JSONResponse({"status": "ready"})


@health.get("/metrics")
async def metrics(request: Request) -> Response:
    """What Prometheus scrapes; beyond this machine it needs a token with the role ops.

    A deployment scrapes the port of its own that CAIRN_METRICS_PORT opens.
    """
    if request.app.state.settings.api_host not in LOOPBACK:
        given = request.app.state.given
        if not (await authenticate(request, given[Issuer], given[Vault])).has("ops"):
            raise NotAllowed
    return Response(generate_latest(), media_type=CONTENT_TYPE_LATEST)
