"""The door of a role that has none: metrics, whether it lives, whether it is ready."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from threading import Event

import httpx2
import pytest

from shared.telemetry import exposition
from shared.telemetry.exposition import Exposition


@pytest.fixture
async def opened() -> AsyncIterator[Exposition]:
    made = Exposition("127.0.0.1", 0, also="http://127.0.0.1:9/metrics")
    made.start()
    yield made
    made.close()


async def get(opened: Exposition, path: str) -> httpx2.Response:
    async with httpx2.AsyncClient(base_url=f"http://127.0.0.1:{opened.port}") as client:
        return await client.get(path)


async def test_metrics_are_told_also_when_those_of_the_sdk_are_not_there_yet(
    opened: Exposition,
) -> None:
    answer = await get(opened, "/metrics")
    assert answer.status_code == 200
    assert "cairn_append_seconds_bucket" in answer.text


async def test_it_is_ready_once_it_said_so(opened: Exposition) -> None:
    assert (await get(opened, "/readyz")).status_code == 503
    opened.ready = True
    assert (await get(opened, "/readyz")).json() == {"status": "ready"}


async def test_a_loop_that_hangs_is_told_from_outside(
    opened: Exposition, monkeypatch: pytest.MonkeyPatch
) -> None:
    answered = Event()

    def ask_while_it_hangs() -> int:
        time.sleep(0.9)
        try:
            return httpx2.get(f"http://127.0.0.1:{opened.port}/healthz").status_code
        finally:
            answered.set()

    assert (await get(opened, "/healthz")).status_code == 200
    monkeypatch.setattr(exposition, "_HANGS_SECONDS", 0.5)
    asking = asyncio.get_running_loop().run_in_executor(None, ask_while_it_hangs)
    answered.wait(30)
    assert await asking == 503


async def test_anything_else_is_not_there(opened: Exposition) -> None:
    assert (await get(opened, "/v1/people")).status_code == 404
