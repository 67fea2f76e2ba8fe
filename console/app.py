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
from starlette.middleware.body_limit import RequestBodyLimitMiddleware
from starlette.types import Receive, Scope, Send

from console.bootstrap import House, build
from console.mail import links, mailbox
from console.ops import FromTheUi, codec_server, runbook
from console.pages.site import create_site, provide_pages
from console.version import VERSION
from console.watched import watched
from services.audit.api import router as audit
from services.audit.application import Audit
from services.audit.readmodel import Timeline
from services.batches.api import router as batches
from services.batches.application import Batches
from services.conversation.api import router as conversation
from services.conversation.application import Conversations
from services.conversation.both_sides import BothSides
from services.conversation.library import Library
from services.conversation.reading import ConversationReader
from services.conversation.readmodel import ConversationList
from services.cycles.api import router as cycles
from services.cycles.application import Cycles
from services.cycles.readmodel import CycleList
from services.notices.application import Notices
from services.people.api import router as people
from services.people.application import People
from services.people.choices import Choices
from services.people.readmodel import Roster
from services.permission import Permission
from services.planning.api import router as planning
from services.planning.application import Plans
from services.planning.reading import PlanReader
from services.planning.readmodel import PlanList
from shared.database import LOST
from shared.errors import NotAllowed
from shared.eventstore.keys import Vault
from shared.eventstore.ledger import Ledger
from shared.eventstore.record import Record
from shared.http import authenticate
from shared.mail import FolderMail
from shared.problems import SizeLimit, install, problem
from shared.settings import Settings
from shared.telemetry.asgi import Seen
from shared.tokens import Issuer
from workflows.codec import Codec

SERVICES = {
    "people": people,
    "cycles": cycles,
    "batches": batches,
    "conversation": conversation,
    "planning": planning,
    "audit": audit,
}
LOOPBACK = ("127.0.0.1", "localhost", "::1")
CONSOLE = "console"
_LARGEST_BODY = 512 * 1024
_OF_THE_API = ("/v1/", "/scim/", "/docs", "/openapi.json")
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
        telemetry=_NONE_BY_ITSELF,  # it would tell paths and texts; `Seen` tells codes
    )
    app.state.settings = settings
    install(app)
    app.add_middleware(RequestBodyLimitMiddleware, max_body_size=_LARGEST_BODY)
    app.add_middleware(SizeLimit, largest=_LARGEST_BODY)
    app.add_middleware(Seen)
    app.include_router(health)
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
    if CONSOLE in parts:
        _add_pages(app, create_site(settings))
    return app


@asynccontextmanager
async def _lifespan(
    settings: Settings, parts: tuple[str, ...], app: FastAPI
) -> AsyncIterator[None]:
    async with watched("console" if parts == (CONSOLE,) else "api", settings) as seen:
        try:
            house = await build(settings)
        except Exception as failure:
            app.state.failure = failure
            raise
        issuer = Issuer.of_file(settings.issuer_path)
        app.state.given = provide(house, issuer, settings)
        if CONSOLE in parts:
            app.state.given |= provide_pages(house, settings, issuer)
        seen.begin(house)
        yield
        await house.close()


def _add_pages(app: FastAPI, site: FastAPI) -> None:
    """Let the pages answer whatever the API doesn't know, but for addresses that would be its own."""
    site.state = app.state
    unknown_to_the_api = app.router.default

    async def otherwise(scope: Scope, receive: Receive, send: Send) -> None:
        of_the_api = scope["type"] != "http" or scope["path"].startswith(_OF_THE_API)
        await (unknown_to_the_api if of_the_api else site)(scope, receive, send)

    app.router.default = otherwise


def provide(house: House, issuer: Issuer, settings: Settings) -> dict[type, Any]:
    """What routes ask for, by its class."""
    return {
        Codec: Codec(house.record.vault.root),
        FolderMail: FolderMail(settings.mail_dir),
        Issuer: issuer,
        Record: house.record,
        Vault: house.record.vault,
        Permission: house.permission,
        People: house.people,
        Choices: house.choices,
        Cycles: house.cycles,
        Library: house.library,
        Conversations: house.conversations,
        BothSides: house.both_sides,
        ConversationReader: house.conversation_reader,
        Plans: house.plans,
        Batches: house.batches,
        Notices: house.notices,
        PlanReader: house.plan_reader,
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
