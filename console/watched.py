"""A process as others may look at it: its own /metrics, /healthz and /readyz, and its traces."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime

from temporalio.runtime import (
    LogForwardingConfig,
    LoggingConfig,
    PrometheusConfig,
    Runtime,
    TelemetryConfig,
    TelemetryFilter,
)

from console.bootstrap import House
from console.embedded.children import CannotStart, free_port
from console.version import VERSION
from shared.eventstore.watching import Look, database, followers, watch
from shared.settings import Settings
from shared.telemetry import traces
from shared.telemetry.exposition import Exposition
from shared.telemetry.metrics import BUILD, READY
from workflows.metrics import MAIL_WAITING, STEP_OVERDUE, WEBHOOK_WAITING


class Watched:
    """One role of this process; `runtime` is for Temporal's clients, whose metrics are passed on."""

    def __init__(self, exposition: Exposition | None, runtime: Runtime) -> None:
        self._exposition = exposition
        self._looks: asyncio.Task[None] | None = None
        self.runtime = runtime

    def begin(self, house: House, *, of_followers: bool = False) -> None:
        """Everything is there that the role needs: say so, and keep looking at the record."""
        READY.set(1)
        if self._exposition is not None:
            self._exposition.ready = True
        looks = [database(house.record)]
        if of_followers:
            looks += [followers(house.record, house.follower_names), overdue(house)]
        self._looks = asyncio.create_task(watch(*looks))

    def close(self) -> None:
        READY.set(0)
        if self._looks is not None:
            self._looks.cancel()
        if self._exposition is not None:
            self._exposition.close()
        traces.TRACING.close()


@asynccontextmanager
async def watched(role: str, settings: Settings) -> AsyncIterator[Watched]:
    """Let others look at this process as long as it runs."""
    BUILD.labels(role, VERSION).set(1)
    traces.set_up(role, VERSION, settings.otlp_endpoint, settings.trace_share)
    seen = Watched(*_opened(settings))
    try:
        yield seen
    finally:
        seen.close()


def overdue(house: House) -> Look:
    """Measures how old the oldest is of what is due: a step, a mail, a delivery to a webhook.

    It takes at most a twentieth of the time, however many tenants there are.
    """
    rests_until = 0.0

    async def look() -> None:
        nonlocal rests_until
        began = time.monotonic()
        if began < rests_until:
            return
        tenants = await house.record.pool.fetch("SELECT tenant FROM record.tenants()")
        now, names = house.record.clock.now(), [row["tenant"] for row in tenants]
        for gauge, earliest in (
            (STEP_OVERDUE, house.cycle_list.earliest_due),
            (MAIL_WAITING, house.cycle_list.earliest_unsent),
            (WEBHOOK_WAITING, house.deliveries.earliest_waiting),
        ):
            gauge.set(_longest(now, [await earliest(tenant) for tenant in names]))
        rests_until = began + 20 * (time.monotonic() - began)

    return look


def _longest(now: datetime, since: list[datetime | None]) -> float:
    return max([0.0, *((now - moment).total_seconds() for moment in since if moment)])


def _opened(settings: Settings) -> tuple[Exposition | None, Runtime]:
    if settings.metrics_port is None:
        return None, _runtime(None)
    inner = f"127.0.0.1:{free_port()}"
    host, port = settings.metrics_host, settings.metrics_port
    try:
        exposition = Exposition(host, port, also=f"http://{inner}/metrics")
    except OSError as busy:
        raise CannotStart(
            f"Port {port} of {host} can't be used ({busy.strerror}); set CAIRN_METRICS_PORT to"
            " another, or leave it out.",
            code=4,
        ) from None
    exposition.start()
    return exposition, _runtime(PrometheusConfig(bind_address=inner, durations_as_seconds=True))


def _runtime(metrics: PrometheusConfig | None) -> Runtime:
    """What Temporal's core says goes the way of all logs."""
    forwarding = LogForwardingConfig(
        logger=logging.getLogger("temporalio.core"),
        prepend_target_on_message=False,
        append_log_fields_to_message=False,
    )
    said = LoggingConfig(TelemetryFilter("WARN", "ERROR"), forwarding=forwarding)
    return Runtime(telemetry=TelemetryConfig(logging=said, metrics=metrics))
