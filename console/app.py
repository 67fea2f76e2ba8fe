"""Builds the HTTP application: routes, the one table of failures, health and metrics."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from typing import Any

from fastapi import APIRouter, FastAPI, Request
from fastapi.responses import JSONResponse, Response
from fastapi.telemetry import TelemetryConfig
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from starlette.types import Receive, Scope, Send

from console.bootstrap import House, build
from console.documentation.pages import router as documentation
from console.issuers import issuer_of
from console.mail import links, mailbox
from console.ops import FromTheUi, codec_server, runbook
from console.pages.site import create_site, provide_pages
from console.version import VERSION
from console.watched import watched
from services.audit.api import router as audit
from services.audit.bundles import router as bundles
from services.batches.api import BATCH, LARGEST_BATCH
from services.batches.api import router as batches
from services.batches.application import Batches
from services.clients.api import router as clients
from services.clients.application import Clients
from services.clients.readmodel import ClientList
from services.clients.verifier import ApiKeys
from services.conversation.api import router as conversation
from services.conversation.application import Conversations
from services.conversation.both_sides import BothSides
from services.conversation.library import Library
from services.conversation.reading import ConversationReader
from services.conversation.readmodel import ConversationList
from services.cycles.api import router as cycles
from services.cycles.application import Cycles
from services.cycles.readmodel import CycleList
from services.insights.api import router as insights
from services.insights.application import Insights
from services.integration.api import router as integration
from services.integration.application import Webhooks
from services.integration.feed import Feed
from services.notices.application import Notices
from services.people.api import router as people
from services.people.application import People
from services.people.choices import Choices
from services.people.choosing import router as choosing
from services.people.holding import router as holding
from services.people.importing import LARGEST, PATH
from services.people.importing import router as importing
from services.people.imports import Imports
from services.people.provisioning import router as provisioning
from services.people.readmodel import Roster
from services.permission import Permission
from services.planning.api import router as planning
from services.planning.application import Plans
from services.planning.reading import PlanReader
from services.planning.readmodel import PlanList
from services.privacy.api import router as privacy
from services.privacy.taking import router as taking
from shared.authentication import Authentication
from shared.database import LOST
from shared.errors import NotAllowed
from shared.eventstore.keys import Vault
from shared.eventstore.ledger import Ledger
from shared.eventstore.record import Record
from shared.habits import Habits, SizeLimit
from shared.http import authenticate
from shared.limits import Limits
from shared.mail import FolderMail
from shared.news import News
from shared.problems import NOT_READY, install, problem
from shared.settings import LOOPBACK, Settings
from shared.telemetry.asgi import Seen
from shared.tokens import Verifier
from workflows.codec import Codec

SERVICES = {  # in the order in which routes are looked for: the busiest first
    "conversation": conversation,
    "planning": planning,
    "people": people,
    "choosing": choosing,
    "cycles": cycles,
    "batches": batches,
    "bundles": bundles,
    "privacy": privacy,
    "taking": taking,
    "holding": holding,
    "audit": audit,
    "insights": insights,
    "clients": clients,
    "integration": integration,
    "importing": importing,
    "provisioning": provisioning,
}
CONSOLE = "console"
_LARGEST_BODY = 512 * 1024
_OF_THE_API = ("/v1/", "/scim/", "/docs", "/problems", "/openapi.json")
_LARGER_BODIES = {PATH: LARGEST, BATCH: LARGEST_BATCH}
_NONE_BY_ITSELF = TelemetryConfig(tracing=False, metrics=False, logs=False, auto_configure=False)

health = APIRouter(include_in_schema=False)


def create_app(settings: Settings, services: tuple[str, ...] | None = None) -> FastAPI:
    """The application with all services of the API, or with the chosen parts.

    `console` is the pages, `all` is everything.
    """
    parts = services or tuple(SERVICES)
    if "all" in parts:
        parts = (*SERVICES, CONSOLE)

    app = FastAPI(
        title="Cairn",
        version=VERSION,
        summary="Career conversations that happen, lead to a plan, and stay on record",
        lifespan=partial(_lifespan, settings, parts),
        strict_content_type=False,
        openapi_url=None,
        telemetry=_NONE_BY_ITSELF,  # it would tell paths and texts; `Seen` tells codes
    )
    app.state.settings = settings
    app.state.public_url = settings.public_url.rstrip("/")
    install(app)
    app.add_middleware(SizeLimit, largest=_LARGEST_BODY, larger=_LARGER_BODIES)
    app.add_middleware(Habits)
    app.add_middleware(Seen)
    _add_routes(app, settings, parts)
    if CONSOLE in parts:
        _add_pages(app, create_site(settings))
    return app


def _add_routes(app: FastAPI, settings: Settings, parts: tuple[str, ...]) -> None:
    """Add what every process answers, what a machine of one's own answers besides, and the parts."""
    app.include_router(health)
    app.include_router(documentation)
    app.include_router(links)
    app.include_router(runbook)
    if settings.api_host in LOOPBACK:
        app.include_router(codec_server)
        app.add_middleware(FromTheUi, origin=settings.temporal_ui_url)
        if settings.smtp_host is None:
            app.include_router(mailbox)
    for name in parts:
        if name in SERVICES:
            app.include_router(SERVICES[name])


@asynccontextmanager
async def _lifespan(
    settings: Settings, parts: tuple[str, ...], app: FastAPI
) -> AsyncIterator[None]:
    async with watched("console" if parts == (CONSOLE,) else "api", settings) as seen:
        try:
            of_the_api = any(part in SERVICES for part in parts)
            issuer = issuer_of(settings) if of_the_api else None
            house = await build(settings)
        except Exception as failure:
            app.state.failure = failure
            raise
        app.state.given = provide(house, issuer, settings)
        if CONSOLE in parts:
            app.state.given |= provide_pages(house, settings)
        seen.begin(house)
        yield
        await app.state.given[News].close()
        await house.close()


def _add_pages(app: FastAPI, site: FastAPI) -> None:
    """Let the pages answer whatever the API doesn't know, but for addresses that would be its own."""
    site.state = app.state
    unknown_to_the_api = app.router.default

    async def otherwise(scope: Scope, receive: Receive, send: Send) -> None:
        of_the_api = scope["type"] != "http" or scope["path"].startswith(_OF_THE_API)
        await (unknown_to_the_api if of_the_api else site)(scope, receive, send)

    app.router.default = otherwise


def provide(house: House, issuer: Verifier | None, settings: Settings) -> dict[type, Any]:
    """What routes ask for, by its class."""
    verifiers = [ApiKeys(house.record), *([issuer] if issuer else [])]
    return {
        Authentication: Authentication(verifiers, house.record.vault),
        Codec: Codec(house.record.vault.root),
        FolderMail: FolderMail(settings.mail_dir),
        Limits: Limits(settings.limit_people, settings.limit_machines),
        Record: house.record,
        Vault: house.record.vault,
        Permission: house.permission,
        People: house.people,
        Choices: house.choices,
        Imports: house.imports,
        Cycles: house.cycles,
        Library: house.library,
        Conversations: house.conversations,
        BothSides: house.both_sides,
        ConversationReader: house.conversation_reader,
        Plans: house.plans,
        Batches: house.batches,
        Notices: house.notices,
        PlanReader: house.plan_reader,
        Insights: house.insights,
        Clients: house.clients,
        Webhooks: house.webhooks,
        Feed: house.feed,
        News: News(house.record.pool, "cairn_feed"),
        Roster: house.roster,
        CycleList: house.cycle_list,
        ConversationList: house.conversation_list,
        PlanList: house.plan_list,
        ClientList: house.client_list,
        Ledger: house.ledger,
    } | house.oversight.given()


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
async def metrics(request: Request) -> Response:
    """What Prometheus scrapes; beyond this machine it needs a token with the role ops.

    A deployment scrapes the port of its own that CAIRN_METRICS_PORT opens.
    """
    is_open = request.app.state.settings.api_host in LOOPBACK
    if not is_open and not (await authenticate(request)).has("ops"):
        raise NotAllowed
    return Response(generate_latest(), media_type=CONTENT_TYPE_LATEST)
