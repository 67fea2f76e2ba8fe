"""Runs one role until it is told to stop."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import signal
import socket
from collections.abc import Awaitable, Sequence
from typing import Any

import structlog
import uvloop
from temporalio.worker import Worker

from console.bootstrap import House, build
from console.embedded.children import CannotStart
from console.watched import watched
from shared.database import LOST
from shared.errors import Invalid
from shared.settings import Settings
from shared.telemetry import set_up

_RETRY_SECONDS = 1.0
_STOP_SECONDS = 9
log = structlog.get_logger("cairn.serving")


def serve(
    role: str,
    settings: Settings,
    services: tuple[str, ...] | None = None,
    queues: tuple[str, ...] = (),
) -> None:
    """Serve `api`, `console`, `worker` or `relay`; returns after SIGTERM or SIGINT."""
    set_up(role, settings.log_level)
    if role == "api":
        serve_http(settings, services, settings.api_port)
    elif role == "console":
        serve_http(settings, ("console",), settings.console_port)
    else:
        uvloop.run(serve_worker(settings, queues) if role == "worker" else serve_relay(settings))


def serve_http(settings: Settings, services: tuple[str, ...] | None, port: int) -> None:
    """Serve HTTP; raises what kept it from starting."""
    import uvicorn

    from console.app import create_app

    app = create_app(settings, services)
    _settle()
    config = uvicorn.Config(
        app,
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,  # nothing here depends on the caller's address
        timeout_graceful_shutdown=5,
        loop="uvloop",
        http="httptools",
    )
    server = uvicorn.Server(config)
    with contextlib.suppress(SystemExit):  # what it exits with says less than the failure itself
        server.run(sockets=[_listen(settings.api_host, port)])
    if not server.started:
        raise app.state.failure


def _listen(host: str, port: int) -> socket.socket:
    try:
        return socket.create_server((host, port), backlog=2048)
    except OSError as busy:
        raise CannotStart(
            f"Port {port} of {host} can't be used ({busy.strerror}); set CAIRN_API_PORT, or"
            " CAIRN_CONSOLE_PORT for the console, to another.",
            code=4,
        ) from None


async def serve_worker(settings: Settings, queues: Sequence[str] = ()) -> None:
    """Run workflows and activities: of cycles, mail, batches and webhooks, or of these queues alone."""
    from workflows.keeping import schedule_checkpointing, schedule_retention
    from workflows.reconciler import schedule
    from workflows.webhook_activities import delivery_worker
    from workflows.worker import connect, prepare, run, workers

    async with watched("worker", settings) as seen:
        house = await _build(settings)
        try:
            client = await connect(settings, house.record.vault.root, seen.runtime)
            await prepare(client)
            await schedule(client)
            await schedule_checkpointing(client, settings.checkpoint_every)
            await schedule_retention(client)
            versioned, rate = settings.worker_versioning, settings.batch_rate
            made = workers(client, house.hands(client), versioned=versioned, batch_rate=rate)
            deliveries = delivery_worker(client, house.delivery_activities())
            chosen = _chosen([*made, deliveries], queues)
            seen.begin(house)
            await _until_stopped(run(chosen))
        finally:
            await house.close()


def _chosen(made: Sequence[Worker], queues: Sequence[str]) -> Sequence[Worker]:
    """The workers of these task queues, all of them without any."""
    there = {each.task_queue: each for each in made}
    if unknown := sorted(set(queues) - set(there)):
        raise Invalid(f"there is no queue {unknown[0]!r}: they are {', '.join(there)}")
    return [there[queue] for queue in queues] or made


async def serve_relay(settings: Settings) -> None:
    """Follow the record: wake the workflows, and keep the lists up to date."""
    from workflows.relay import Relay
    from workflows.webhook_relay import WebhookRelay
    from workflows.worker import connect

    async with watched("relay", settings) as seen:
        house = await _build(settings)
        seen.begin(house, of_followers=True)
        try:
            followers = [asyncio.create_task(each.run()) for each in house.followers()]
            client = await connect(settings, house.record.vault.root, seen.runtime)
            relay = Relay(house.record, client)
            webhooks = WebhookRelay(house.record, client, house.feed)
            await _until_stopped(asyncio.gather(*followers, relay.follower.run(), webhooks.run()))
        finally:
            await house.close()


async def _build(settings: Settings) -> House:
    """Build the services; waits for a database that isn't there yet."""
    while True:
        try:
            house = await build(settings)
        except LOST:
            log.warning("waits for the database")
            await asyncio.sleep(_RETRY_SECONDS)
        else:
            _settle()
            return house


def _settle() -> None:
    """Keep what was imported and built out of later collections: each would hold up all requests."""
    gc.collect()
    gc.freeze()


async def _until_stopped(work: Awaitable[Any]) -> None:
    stopped = asyncio.Event()

    def stop() -> None:
        signal.alarm(_STOP_SECONDS)  # whatever hangs, the process ends
        stopped.set()

    for each in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(each, stop)
    running = asyncio.ensure_future(work)
    waiting = asyncio.create_task(stopped.wait())
    await asyncio.wait({running, waiting}, return_when=asyncio.FIRST_COMPLETED)
    waiting.cancel()
    if running.done():
        running.result()
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
