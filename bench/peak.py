"""The peak of a large company (S12): so many answers a second, for minutes, beside everything else.

Answers come when they come, whether earlier ones were answered or not; each is timed from the moment at
which it was due. What `cairn up` runs works meanwhile as always: lists, ledger, feed, worker, Temporal.
Everybody's cycle sleeps before the first answer comes, which takes longer than the answers do.
"""

from __future__ import annotations

import asyncio
import itertools
import os
import random
import statistics
import subprocess
import time
from collections import defaultdict
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import asyncpg
import httpx2
from pydantic import SecretStr

from bench.answers import Call, Caller
from bench.cycles import asleep
from bench.growth import opened
from bench.whole import CAIRN, ROOT, Line, everything
from console.bootstrap import build
from console.embedded.children import free_port
from shared.settings import Settings
from shared.tokens import Issuer

CONNECTIONS, SETTLED_SECONDS = 128, 10
EACH = 20
"""Answers of one person: a conversation has some dozens of events, not hundreds."""


@dataclass
class Heard:
    """The milliseconds of each answer, and how many calls weren't answered with 200."""

    took: list[float] = field(default_factory=list)
    errors: int = 0


def figures(rate: int, minutes: float, processes: int) -> list[Line]:
    """Start everything, with so many processes of the API, and let the answers come."""
    with everything() as (where, state), ExitStack() as running:
        urls = [state["api_url"]]
        urls += [running.enter_context(another(where, state)) for _ in range(processes - 1)]
        return asyncio.run(measure(where, state, urls, rate, minutes))


@contextmanager
def another(where: Path, state: dict[str, Any]) -> Iterator[str]:
    """One more process of the API, and its address."""
    port = free_port()
    environment = {
        **os.environ,
        "CAIRN_DATA_DIR": str(where),
        "CAIRN_DATABASE_URL": state["database_url"],
        "CAIRN_TEMPORAL_ADDRESS": state["temporal_address"],
        "CAIRN_API_PORT": str(port),
    }
    process = subprocess.Popen(
        [*CAIRN, "serve", "api"], env=environment, stderr=subprocess.DEVNULL, cwd=ROOT
    )
    url = f"http://127.0.0.1:{port}"
    try:
        while not ready(url):
            time.sleep(0.05)
        yield url
    finally:
        process.terminate()
        process.wait(60)


def ready(url: str) -> bool:
    """Whether a process of the API answers already."""
    try:
        return httpx2.get(f"{url}/readyz").status_code == httpx2.codes.OK
    except httpx2.TransportError:
        return False


async def measure(
    where: Path, state: dict[str, Any], urls: list[str], rate: int, minutes: float
) -> list[Line]:
    people = int(rate * minutes * 60 / EACH)
    calls = spread(await employees(where, state, people), urls)
    await asleep(state, people)
    await asyncio.sleep(SETTLED_SECONDS)
    heard, due = Heard(), asyncio.Queue[tuple[float, Call] | None]()
    callers = [asyncio.create_task(answer(due, heard)) for _ in range(CONNECTIONS)]
    began = time.perf_counter()
    await arrive(due, calls, rate, minutes * 60)
    await asyncio.gather(*callers)
    lasted = time.perf_counter() - began
    answered = len(heard.took) / lasted
    return told(rate, minutes, len(urls), answered, heard, await behind(state))


async def employees(where: Path, state: dict[str, Any], people: int) -> list[Call]:
    """People whose conversation is open, by the use cases and the activity that open it."""
    settings = Settings(data_dir=where, database_url=SecretStr(state["database_url"]))
    house = await build(settings)
    try:
        issuer = Issuer.of_file(settings.issuer_path)
        return await opened(house, issuer, "bench", people, state["api_url"])
    finally:
        await house.close()


def spread(calls: list[Call], urls: list[str]) -> list[Call]:
    """The same calls, in turn to each process."""
    there = itertools.cycle(urls)
    return [replace(call, url=next(there) + urlsplit(call.url).path) for call in calls]


async def arrive(
    due: asyncio.Queue[tuple[float, Call] | None], calls: list[Call], rate: int, seconds: float
) -> None:
    """Answers at random moments, so many a second on average; then the callers' end."""
    began = time.perf_counter()
    at = began
    for call in itertools.cycle(calls):
        at += random.expovariate(rate)
        if at > began + seconds:
            break
        await asyncio.sleep(max(0.0, at - time.perf_counter()))
        due.put_nowait((at, call))
    for _ in range(CONNECTIONS):
        due.put_nowait(None)


async def answer(due: asyncio.Queue[tuple[float, Call] | None], heard: Heard) -> None:
    """One connection to each process: take what is due next."""
    callers: defaultdict[str, Caller] = defaultdict(Caller)
    while (next_ := await due.get()) is not None:
        at, call = next_
        head, _ = await callers[urlsplit(call.url).netloc].send(call)
        heard.took.append((time.perf_counter() - at) * 1_000)
        heard.errors += not head.startswith(b"HTTP/1.1 200 ")
    for caller in callers.values():
        caller.close()


async def behind(state: dict[str, Any]) -> float:
    """How many seconds after the last answer everything that follows the record has read it all."""
    began = time.perf_counter()
    connection = await asyncpg.connect(state["database_url"])
    while await connection.fetchval(_BEHIND):
        await asyncio.sleep(0.05)
    await connection.close()
    return time.perf_counter() - began


def told(
    rate: int, minutes: float, processes: int, answered: float, heard: Heard, behind: float
) -> list[Line]:
    """The figures as lines of the table."""
    p50, p99 = (statistics.quantiles(heard.took, n=100)[n] for n in (49, 98))
    asked = f"{rate} answers/s for {minutes:g} min, API processes: {processes}"
    return [
        (
            f"S12 {asked}: answers/s (p50, p99, longest ms)",
            f"{answered:.0f}/s ({p50:.0f}, {p99:.0f}, {max(heard.took):.0f})",
            "-",
            "goal p99 < 100 ms",
        ),
        (f"S12 errors of {len(heard.took):,}", f"{heard.errors}", "-", "goal 0"),
        ("S12 after the last, all lists, ledger and feed were there", f"{behind:.1f} s", "-", "-"),
    ]


_BEHIND = """
SELECT EXISTS (
  SELECT FROM record.checkpoint c JOIN record.tenant t USING (tenant) WHERE c.position < t.log_size
)"""
