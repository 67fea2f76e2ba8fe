"""Growth (S9): the same figures in companies of different size with years behind them, side by side.

Each company has a server of its own and the API in front of it; they take turns. Nothing follows the
record meanwhile: what is measured are the append, an answer over HTTP, a load and a question of HR.
"""

from __future__ import annotations

import asyncio
import os
import random
import statistics
import subprocess
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from uuid import UUID

from pydantic import SecretStr

from bench.answers import Call, listening, repeat
from bench.companies.__main__ import TENANT, fill
from bench.record import Answers, rate
from bench.whole import CAIRN, ROOT, Line
from console.bootstrap import House, build
from console.embedded.children import free_port
from console.embedded.postgres import Postgres
from console.migrations import migrate
from console.secrets import ensure_secrets
from services.conversation.domain import Conversation
from services.people.employment import Profile
from shared.eventstore.record import Command
from shared.principal import Principal
from shared.settings import Settings
from shared.tokens import Issuer
from workflows.messages import CycleRun

ROUNDS, PEOPLE, LOADED, ASKED, SETTLED_SECONDS = 5, 64, 400, 10, 5
WRITERS, CLIENTS = 64, 16


@dataclass(frozen=True)
class Size:
    """How many people a company has, and for how many years."""

    people: int
    years: int

    @classmethod
    def of(cls, text: str) -> Size:
        """Read `100000x10`."""
        people, _, years = text.partition("x")
        return cls(int(people), int(years or 10))

    def __str__(self) -> str:
        return f"{self.people:,} people, {self.years} year{'s' * (self.years > 1)}"


@dataclass
class Company:
    """One company that is served, and what was measured in it."""

    size: Size
    events: int
    house: House
    calls: list[Call]
    streams: list[UUID]
    writers: list[Answers]
    found: dict[str, list[float]] = field(default_factory=dict)

    async def take_turn(self) -> None:
        """One round of all four."""
        self.note("append", 1 / await rate([each.write for each in self.writers]))
        alone: list[float] = []
        await repeat(iter(self.calls), [])
        await repeat(iter(self.calls), alone)
        self.note("alone", statistics.median(alone))
        together: list[float] = []
        left = iter(self.calls * 4)
        began = time.perf_counter()
        await asyncio.gather(*(repeat(left, together) for _ in range(CLIENTS)))
        self.note("together", (time.perf_counter() - began) / len(together))
        self.note("load", await _median(self._load, LOADED))
        self.note("coverage", await _median(self._ask, ASKED))

    def note(self, what: str, value: float) -> None:
        self.found.setdefault(what, []).append(value)

    async def _load(self) -> None:
        stream = random.choice(self.streams)
        assert await self.house.record.load(Conversation, TENANT, stream)

    async def _ask(self) -> None:
        by = Principal(TENANT, frozenset({"hr"}), "hr")
        told = await self.house.insights.coverage(by, "department", "P12M")
        assert told["total"] is not None


def figures(sizes: list[Size]) -> list[Line]:
    """Make the companies, and measure them in turns."""
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        return asyncio.run(measure(Path(folder), sizes))


async def measure(folder: Path, sizes: list[Size]) -> list[Line]:
    async with AsyncExitStack() as running:
        companies = []
        for size in sizes:
            where = folder / f"{size.people}x{size.years}"
            companies.append(await running.enter_async_context(company(where, size)))
        await asyncio.sleep(SETTLED_SECONDS)
        for _ in range(ROUNDS):
            for each in companies:
                await each.take_turn()
    smallest, *others = companies
    return [line for other in others for line in told(smallest, other)]


@asynccontextmanager
async def company(folder: Path, size: Size) -> AsyncIterator[Company]:
    """Make a company where there is none yet, and serve it until the end."""
    folder.mkdir(parents=True, exist_ok=True)
    server = Postgres(folder)
    await server.start()
    await migrate(server.url)
    settings = Settings(data_dir=folder, database_url=SecretStr(server.url))
    ensure_secrets(settings)
    events = await fill(settings, size.people, size.years)
    house = await build(settings)
    port = free_port()
    environment = {"CAIRN_DATA_DIR": str(folder), "CAIRN_DATABASE_URL": server.url}
    environment |= {"CAIRN_API_PORT": str(port), "CAIRN_PUBLIC_URL": f"http://127.0.0.1:{port}"}
    serve = [*CAIRN, "serve", "api", "--services", "all"]
    api = subprocess.Popen(serve, cwd=ROOT, env=os.environ | environment, stderr=subprocess.DEVNULL)
    try:
        await listening(port)
        issuer, url = Issuer.of_file(settings.issuer_path), f"http://127.0.0.1:{port}"
        calls = await opened(house, issuer, TENANT, PEOPLE, url)
        writers = [Answers(house, TENANT) for _ in range(WRITERS)]
        await asyncio.gather(*(each.write() for each in writers))  # each has a person and a key
        yield Company(size, events, house, calls, await _conversations(house, events), writers)
    finally:
        api.terminate()
        api.wait(30)
        await house.close()
        await server.stop()


async def opened(house: House, issuer: Issuer, tenant: str, people: int, url: str) -> list[Call]:
    """New people whose conversation is open; each answers in their own."""
    by = Principal(tenant, frozenset({"platform"}), "bench")
    activities, places = house.activities(), asyncio.Semaphore(16)

    async def one(number: int) -> Call:
        person, now = f"new-{number}", house.record.clock.now
        profile = Profile(person, f"{person}@example.com")
        async with places:
            await house.people.put_person(Command(by=by, at=now()), person, profile, None)
            made = await house.cycles.start_cycle(Command(by=by, at=now()), person, "api")
            subject = await house.record.vault.subject_of(tenant, person)
            await activities.advance(CycleRun(tenant, str(subject)))
            progress = await house.cycles.progress_of(tenant, UUID(made.body["id"]))
        assert progress is not None
        where = f"{url}/v1/conversations/{progress.conversation}/answers/impact"
        return Call(where, issuer.issue(tenant, ["employee"], person, 7_200))

    return list(await asyncio.gather(*(one(number) for number in range(people))))


async def _conversations(house: House, events: int) -> list[UUID]:
    """Concluded conversations from all over the log."""
    chance = random.Random(events)
    places = [chance.randint(1, events) for _ in range(LOADED * 20)]
    async with house.record.pool.acquire() as connection, connection.transaction():
        await connection.execute("SELECT set_config('cairn.tenant', $1, true)", TENANT)
        found = await connection.fetch(_CONCLUDED, TENANT, places)
    return [row["stream"] for row in found]


async def _median(call: Callable[[], Awaitable[None]], times: int) -> float:
    took = []
    for _ in range(times):
        began = time.perf_counter()
        await call()
        took.append((time.perf_counter() - began) * 1_000)
    return statistics.median(took)


def told(small: Company, large: Company) -> list[Line]:
    """The figures of a company beside those of the smallest one: how many times longer it takes."""
    lines = []
    for what, (name, unit) in _FIGURES.items():
        pairs = zip(large.found[what], small.found[what], strict=True)
        ratio = statistics.median(a / b for a, b in pairs)
        middle, other = (statistics.median(each.found[what]) for each in (large, small))
        goal = " (goal < 100 ms at 1,000,000)" if what == "coverage" else " (goal ≤ 1.2)"
        size = f"{large.size}, {large.events:,} events"
        against = f"{small.size}: {_written(other, unit)}"
        lines.append(
            (f"S9 {name}: {size}", _written(middle, unit), against, f"{ratio:.2f} ×{goal}")
        )
    return lines


def _written(value: float, unit: str) -> str:
    return f"{1 / value:,.0f} /s" if unit == "/s" else f"{value:.2f} ms"


_FIGURES = {
    "append": (f"append, {WRITERS} writers", "/s"),
    "alone": ("an answer over HTTP, p50, one client", "ms"),
    "together": (f"answers over HTTP, {CLIENTS} clients", "/s"),
    "load": ("load of a conversation from anywhere in the log, p50", "ms"),
    "coverage": ("coverage by department, p50", "ms"),
}
_CONCLUDED = """
SELECT DISTINCT stream FROM record.event
 WHERE tenant = $1 AND position = ANY ($2::bigint[]) AND type LIKE 'conversation.%'
"""
