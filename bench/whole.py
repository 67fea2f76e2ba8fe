"""Everything that `cairn up` runs: start-up, resident memory, and an answer against a bare route."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable
from itertools import cycle
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx2

from console.embedded.children import free_port
from shared.tokens import Issuer

ROOT = Path(__file__).parents[1]
CAIRN = [sys.executable, "-m", "console.cli"]
ROUNDS = 5
SEQUENTIAL = 200
CONCURRENT = 16
EACH = 8
PEOPLE = 64
Call = Callable[[], Awaitable[None]]
Line = tuple[str, str, str, str]


def figures() -> list[Line]:
    """Start it twice, and measure the second."""
    with tempfile.TemporaryDirectory() as folder:
        where = Path(folder) / "data"
        first, up = start(where)
        stop(up)
        second, up = start(where)
        try:
            time.sleep(5)
            memory = resident(where)
            make_tenant(where)
            state = json.loads((where / "cairn.json").read_text())
            speed = asyncio.run(compare(where, state))
        finally:
            stop(up)
    return told(first, second, memory, speed)


def start(where: Path) -> tuple[float, subprocess.Popen[bytes]]:
    """Start everything; answer the seconds until /readyz said 200."""
    began = time.monotonic()
    ports = ["--port", "0", "--temporal-port", "0", "--ui-port", "0"]
    up = subprocess.Popen(
        [*CAIRN, "up", "--data-dir", str(where), *ports], stderr=subprocess.DEVNULL, cwd=ROOT
    )
    while not (where / "cairn.json").exists():
        if up.poll() is not None:
            sys.exit(f"cairn up ended with {up.returncode}")
        time.sleep(0.02)
    return time.monotonic() - began, up


def make_tenant(where: Path) -> None:
    command = [*CAIRN, "token", "--data-dir", str(where), "--tenant", "bench", "--role", "hr"]
    subprocess.run(command, check=True, cwd=ROOT, stdout=subprocess.DEVNULL)


def stop(up: subprocess.Popen[bytes]) -> None:
    up.send_signal(signal.SIGINT)
    up.wait(60)


def resident(where: Path) -> dict[str, float]:
    """Proportional resident memory (PSS, shared pages counted once) of each process, in MB."""
    pids: dict[str, int] = json.loads((where / "cairn.json").read_text())["pids"]
    found = {name: _memory(pid) for name, pid in pids.items()}
    found["postgres"] += sum(_memory(child) for child in _children(pids["postgres"]))
    return found


def _children(pid: int) -> list[int]:
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def _memory(pid: int) -> float:
    for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
        if line.startswith("Pss:"):
            return int(line.split()[1]) / 1000
    return 0.0


async def compare(where: Path, state: dict[str, Any]) -> dict[str, float]:
    """Record answers over HTTP, everything on, in turns with the bare route."""
    port = free_port()
    environment = os.environ | {"CAIRN_DATABASE_URL": state["database_url"]}
    bare = subprocess.Popen(
        [sys.executable, "-m", "bench.bare", str(port)], cwd=ROOT, env=environment
    )
    try:
        async with httpx2.AsyncClient(timeout=30) as http:
            one = await bare_call(http, f"http://127.0.0.1:{port}")
            ours, calls = await our_calls(http, where, state["api_url"])
            return await measure(ours, one, calls)
    finally:
        bare.terminate()
        bare.wait()


async def bare_call(http: httpx2.AsyncClient, url: str) -> Call:
    async def call() -> None:
        answer = await http.put(f"{url}/impact", json={"text": uuid4().hex * 10})
        answer.raise_for_status()

    for _ in range(100):
        try:
            await call()
            break
        except httpx2.HTTPError:
            await asyncio.sleep(0.1)
    return call


async def our_calls(http: httpx2.AsyncClient, where: Path, url: str) -> tuple[Call, list[Call]]:
    """Calls of many employees, whose conversations stay as short as real ones: in turn, and all."""
    people = [await employee(http, where, url, f"e{number}") for number in range(PEOPLE)]
    turn = cycle(people)

    async def call() -> None:
        await next(turn)()

    return call, [people[number] for number in range(PEOPLE)]


async def employee(http: httpx2.AsyncClient, where: Path, url: str, person: str) -> Call:
    hr = {"Authorization": f"Bearer {token(where, 'hr')}"}
    own = {"Authorization": f"Bearer {token(where, 'employee', person)}"}
    profile = {"name": person, "email": f"{person}@example.com"}
    (await http.put(f"{url}/v1/people/{person}", json=profile, headers=hr)).raise_for_status()
    started = await http.post(f"{url}/v1/cycles", json={"person": person}, headers=hr)
    while True:
        shown = (await http.get(f"{url}/v1/cycles/{started.json()['id']}", headers=own)).json()
        if shown["conversation"]:
            break
        await asyncio.sleep(0.05)
    path = f"{url}/v1/conversations/{shown['conversation']}/answers/impact"

    async def call() -> None:
        headers = own | {"Idempotency-Key": uuid4().hex}
        body = {"text": uuid4().hex * 10}
        (await http.put(path, json=body, headers=headers)).raise_for_status()

    return call


def token(where: Path, role: str, person: str | None = None) -> str:
    return Issuer.of_file(where / "secrets" / "issuer.json").issue("bench", [role], person, 3600)


async def measure(ours: Call, bare: Call, people: list[Call]) -> dict[str, float]:
    """Medians over rounds in turn, so that a drifting machine drifts for both."""
    ours_ms: list[float] = []
    bare_ms: list[float] = []
    ours_rate: list[float] = []
    bare_rate: list[float] = []
    for _ in range(ROUNDS):
        bare_ms.append(await median_ms(bare))
        ours_ms.append(await median_ms(ours))
        bare_rate.append(await rate([bare] * PEOPLE))
        ours_rate.append(await rate(people))
    return {
        "ours_p50": statistics.median(ours_ms),
        "bare_p50": statistics.median(bare_ms),
        "p50_ratio": statistics.median(o / b for o, b in zip(ours_ms, bare_ms, strict=True)),
        "ours_rate": statistics.median(ours_rate),
        "bare_rate": statistics.median(bare_rate),
        "rate_ratio": statistics.median(o / b for o, b in zip(ours_rate, bare_rate, strict=True)),
    }


async def median_ms(call: Call) -> float:
    times = []
    for _ in range(SEQUENTIAL // ROUNDS):
        began = time.perf_counter()
        await call()
        times.append((time.perf_counter() - began) * 1000)
    return statistics.median(times)


async def rate(calls: list[Call]) -> float:
    """Calls a second with `CONCURRENT` of them under way at any time."""
    places = asyncio.Semaphore(CONCURRENT)

    async def repeat(call: Call) -> None:
        for _ in range(EACH):
            async with places:
                await call()

    began = time.perf_counter()
    await asyncio.gather(*(repeat(call) for call in calls))
    return len(calls) * EACH / (time.perf_counter() - began)


def told(
    first: float, second: float, memory: dict[str, float], speed: dict[str, float]
) -> list[Line]:
    """The figures as lines of the table."""
    total = sum(memory.values())
    each = ", ".join(f"{name} {size:.0f}" for name, size in memory.items())
    return [
        ("start-up on an empty data directory", f"{first:.1f} s", "-", "-"),
        ("start-up on one with data", f"{second:.1f} s", "-", "goal < 15 s"),
        ("memory of everything when idle", f"{total:.0f} MB ({each})", "-", "goal ≤ 700 MB"),
        (
            "S3 recording an answer, p50, one client",
            f"{speed['ours_p50']:.1f} ms",
            f"bare route {speed['bare_p50']:.1f} ms",
            f"{speed['p50_ratio']:.2f} × (goal ≤ 2.5)",
        ),
        (
            f"S3 the same, {CONCURRENT} clients",
            f"{speed['ours_rate']:.0f} /s",
            f"bare route {speed['bare_rate']:.0f} /s",
            f"{speed['rate_ratio']:.2f} × (goal ≥ 0.45)",
        ),
    ]
