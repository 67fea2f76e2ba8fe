"""Recording an answer over HTTP: everything on, against a bare route (S3) and a Django service (S4)."""

from __future__ import annotations

import asyncio
import json
import os
import re
import secrets
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from uuid import uuid4

import asyncpg
import httpx2
from joserfc import jwt
from joserfc.jwk import OctKey

from bench.whole import ROOT, Line, everything, token
from console.embedded.children import free_port

PEERS = Path(__file__).with_name("peers")
ROUNDS = 5
SEQUENTIAL = 40
CLIENTS = (16, 64)
EACH = 2
PEOPLE = 256
SETTLED_SECONDS = 5


@dataclass(frozen=True)
class Call:
    """One person's request: where it goes, and by whose token."""

    url: str
    token: str = ""


@dataclass
class Side:
    """One of the three services: the calls of its people, and what was measured."""

    calls: list[Call]
    alone: list[float] = field(default_factory=list)
    rates: dict[int, list[float]] = field(default_factory=lambda: {n: [] for n in CLIENTS})
    times: dict[int, list[float]] = field(default_factory=lambda: {n: [] for n in CLIENTS})


def figures() -> list[Line]:
    """Start all three on one database server, and let them take turns."""
    with everything() as (where, state):
        return asyncio.run(compare(where, state))


async def compare(where: Path, state: dict[str, Any]) -> list[Line]:
    """Measure in turns, so that a drifting machine drifts for all."""
    with ExitStack() as running:
        sides = {
            "ours": Side(await our_calls(where, state["api_url"])),
            "bare": Side(await bare_calls(running, state)),
            "django": Side(await django_calls(running, where, state)),
        }
        await asyncio.sleep(SETTLED_SECONDS)
        for _ in range(ROUNDS):
            for side in sides.values():
                await take_turn(side)
    return told(sides)


async def take_turn(side: Side) -> None:
    """One round; first a few requests that count for nothing, since nobody called for a while."""
    await repeat(iter(side.calls[:SEQUENTIAL]), [])
    alone: list[float] = []
    await repeat(iter(side.calls[-SEQUENTIAL:]), alone)
    side.alone.append(statistics.median(alone))
    for clients in CLIENTS:
        left = iter(side.calls * EACH)
        took: list[float] = []
        began = time.perf_counter()
        await asyncio.gather(*(repeat(left, took) for _ in range(clients)))
        side.rates[clients].append(len(took) / (time.perf_counter() - began))
        side.times[clients] += took


class Caller:
    """One client on a connection of its own, which calls again as soon as it was answered.

    It speaks HTTP by hand: a whole client would take more of the machine than what it measures.
    """

    line: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def send(self, call: Call) -> tuple[bytes, bytes]:
        """Record an answer; answer with the head and the body of what came back."""
        address = urlsplit(call.url)
        self.line = self.line or await asyncio.open_connection(address.hostname, address.port)
        body = json.dumps({"text": uuid4().hex * 10}).encode()
        head = (
            f"PUT {address.path} HTTP/1.1\r\nHost: 127.0.0.1\r\nIdempotency-Key: {uuid4().hex}\r\n"
            f"Authorization: Bearer {call.token}\r\nContent-Type: application/json\r\n"
            f"Content-Length: {len(body)}\r\n\r\n"
        )
        self.line[1].write(head.encode() + body)
        answer = await self.line[0].readuntil(b"\r\n\r\n")
        length = re.search(rb"(?i)content-length: (\d+)", answer)
        assert length is not None, answer
        return answer, await self.line[0].readexactly(int(length[1]))

    def close(self) -> None:
        if self.line is not None:
            self.line[1].close()


async def repeat(left: Iterator[Call], took: list[float]) -> None:
    """Make all calls that are left, and note the milliseconds of each."""
    caller = Caller()
    for call in left:
        began = time.perf_counter()
        head, body = await caller.send(call)
        took.append((time.perf_counter() - began) * 1_000)
        assert head.startswith(b"HTTP/1.1 200 "), (head, body)
    caller.close()


async def our_calls(where: Path, url: str) -> list[Call]:
    """Each employee answers in their own conversation, as they do."""
    hr = {"Authorization": f"Bearer {token(where, 'hr')}"}
    async with httpx2.AsyncClient(timeout=60, base_url=url, headers=hr) as http:
        cycles = []
        for number in range(PEOPLE):
            body = {"name": f"e{number}", "email": f"e{number}@example.com"}
            await http.put(f"/v1/people/e{number}", json=body)
            made = await http.post("/v1/cycles", json={"person": f"e{number}"})
            cycles.append(made.raise_for_status().json()["id"])
        open_ = [await conversation_of(http, made_cycle) for made_cycle in cycles]
    return [
        Call(
            f"{url}/v1/conversations/{conversation}/answers/impact",
            token(where, "employee", f"e{number}"),
        )
        for number, conversation in enumerate(open_)
    ]


async def conversation_of(http: httpx2.AsyncClient, made_cycle: str) -> str:
    while True:
        shown: dict[str, Any] = (await http.get(f"/v1/cycles/{made_cycle}")).json()
        if shown["conversation"]:
            return str(shown["conversation"])
        await asyncio.sleep(0.05)


async def bare_calls(running: ExitStack, state: dict[str, Any]) -> list[Call]:
    port = free_port()
    command = [sys.executable, "-m", "bench.bare", str(port)]
    running.enter_context(process(command, CAIRN_DATABASE_URL=state["database_url"]))
    await listening(port)
    return [Call(f"http://127.0.0.1:{port}/impact")] * PEOPLE


async def django_calls(running: ExitStack, where: Path, state: dict[str, Any]) -> list[Call]:
    """The peer in an environment of its own, on a database of its own in the same server."""
    python, port, secret = await installed(where.parent), free_port(), secrets.token_hex(32)
    connection = await asyncpg.connect(state["database_url"])
    await connection.execute("CREATE DATABASE django_answers")
    await connection.close()
    settings = {
        "CAIRN_DATABASE_URL": state["database_url"],
        "DJANGO_SETTINGS_MODULE": "django_answers.settings",
        "DJANGO_SECRET_KEY": secret,
    }
    prepare = [python, "-m", "django_answers.prepare", str(PEOPLE)]
    subprocess.run(prepare, check=True, cwd=PEERS, env=os.environ | settings)
    serve = [python, "-m", "gunicorn", "--workers", "1", "--threads", "16", "--keep-alive", "75"]
    serve += ["--bind", f"127.0.0.1:{port}", "--log-level", "error"]
    serve += ["django.core.wsgi:get_wsgi_application()"]
    running.enter_context(process(serve, PEERS, **settings))
    await listening(port)
    until, key = int(time.time()) + 3_600, OctKey.import_key(secret)
    return [
        Call(
            f"http://127.0.0.1:{port}/{number + 1}/answers/impact",
            jwt.encode(
                {"alg": "HS256"}, {"sub": f"e{number}", "aud": "answers", "exp": until}, key
            ),
        )
        for number in range(PEOPLE)
    ]


async def installed(folder: Path) -> str:
    """The Python of a fresh environment with what the peer needs."""
    python = str(folder / "peer" / "bin" / "python")
    subprocess.run([sys.executable, "-m", "venv", folder / "peer"], check=True)
    lock = str(PEERS / "requirements.lock")
    pip = [python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    subprocess.run([*pip, "--require-hashes", "--no-deps", "-r", lock], check=True)
    return python


@contextmanager
def process(command: list[str], folder: Path = ROOT, **settings: str) -> Iterator[None]:
    started = subprocess.Popen(command, cwd=folder, env=os.environ | settings)
    try:
        yield
    finally:
        started.terminate()
        started.wait(30)


async def listening(port: int) -> None:
    """Wait until a service takes connections."""
    for _ in range(200):
        try:
            _, line = await asyncio.open_connection("127.0.0.1", port)
        except OSError:
            await asyncio.sleep(0.1)
        else:
            line.close()
            return
    raise TimeoutError(f"nobody listens on {port}")


def told(sides: dict[str, Side]) -> list[Line]:
    """The figures as lines of the table."""
    ours, bare, django = sides["ours"], sides["bare"], sides["django"]
    lines = [
        (
            "S3 recording an answer, p50, one client",
            f"{statistics.median(ours.alone):.1f} ms",
            f"bare route {statistics.median(bare.alone):.1f} ms",
            f"{ratio(ours.alone, bare.alone):.2f} × (goal ≤ 2.5)",
        )
    ]
    for n in CLIENTS:
        for id_, name, peer, goal in (
            ("S3", "bare route", bare, "goal ≥ 0.45"),
            ("S4", "Django", django, "goal ≥ 3"),
        ):
            lines.append(
                (
                    f"{id_} the same, {n} clients: answers/s (p50, p99 ms)",
                    rate_of(ours, n),
                    f"{name} {rate_of(peer, n)}",
                    f"{ratio(ours.rates[n], peer.rates[n]):.2f} × ({goal})",
                )
            )
    return lines


def rate_of(side: Side, clients: int) -> str:
    p50, p99 = (statistics.quantiles(side.times[clients], n=100)[n] for n in (49, 98))
    return f"{statistics.median(side.rates[clients]):.0f}/s ({p50:.0f}, {p99:.0f})"


def ratio(ours: list[float], others: list[float]) -> float:
    """The median of the rounds' own ratios."""
    return statistics.median(o / b for o, b in zip(ours, others, strict=True))


if __name__ == "__main__":
    for line in figures():
        print(" | ".join(line))
