"""Real servers for the tests: one PostgreSQL for all of them, a tenant of its own for each."""

from __future__ import annotations

import os
import secrets
import sys
from collections.abc import AsyncIterator, Callable, Iterator
from typing import Any
from uuid import UUID, uuid4

import httpx2
import hypothesis
import pytest
import structlog

from console.app import create_app, provide
from console.bootstrap import House, build
from shared.settings import Settings
from shared.telemetry.logs import Listed
from shared.tokens import Issuer
from tests.clock import MovableClock
from tests.database import database
from tests.documented import Documented
from tests.proving import LONG, Line, Proof, write_page

Client = httpx2.AsyncClient
Door = Callable[..., Client]

LONGEST = ("tests/faults", "tests/topology", "tests/model", "tests/workflows")

# No example fails for being slow. The suite tries the same ones each time, so that no run fails by one
# that nobody has seen before; the long forms go on looking for new ones.
hypothesis.settings.register_profile(
    "cairn",
    deadline=None,
    derandomize=not LONG,
    suppress_health_check=[hypothesis.HealthCheck.too_slow],
)
hypothesis.settings.load_profile("cairn")


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers() -> int:
    """One more than there are cores, since tests of faults wait for most of their time."""
    return (os.cpu_count() or 1) + 1


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with what takes longest, so that no process works on it alone at the end."""
    items.sort(key=lambda item: not item.nodeid.startswith(LONGEST))


@pytest.fixture(autouse=True)
def _strict_logs() -> None:
    """What logs may not tell raises here, instead of being left out, whatever was set up before."""
    structlog.reset_defaults()
    structlog.configure(
        processors=[
            structlog.stdlib.add_log_level,
            Listed(strict=True),
            structlog.dev.ConsoleRenderer(colors=False),
        ],
        logger_factory=lambda *_: structlog.PrintLogger(sys.stderr),  # where data never goes
        cache_logger_on_first_use=False,
    )


@pytest.fixture(scope="session")
async def settings(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Settings]:
    """A migrated database on a real server, with keys of its own."""
    async with database(tmp_path_factory.mktemp("cairn")) as made:
        yield made


@pytest.fixture(scope="session")
async def house(settings: Settings) -> AsyncIterator[House]:
    built = await build(settings)
    yield built
    await built.close()


@pytest.fixture
def clock(house: House, monkeypatch: pytest.MonkeyPatch) -> MovableClock:
    """The record's clock, which the test may move on."""
    made = MovableClock(house.record.clock)
    monkeypatch.setattr(house.record, "clock", made)
    return made


@pytest.fixture
async def tenant(house: House) -> str:
    name = f"t-{uuid4().hex[:12]}"
    await house.record.vault.create_tenant(name)
    return name


@pytest.fixture(scope="session")
def issuer(settings: Settings) -> Issuer:
    return Issuer.of_file(settings.issuer_path)


@pytest.fixture(scope="session")
def app(settings: Settings, house: House, issuer: Issuer) -> Any:
    made = create_app(settings)
    made.state.given = provide(house, issuer, settings)
    return made


@pytest.fixture(scope="session")
def documented(app: Any) -> Documented:
    return Documented(app)


@pytest.fixture
async def door(
    app: Any, issuer: Issuer, tenant: str, documented: Documented
) -> AsyncIterator[Door]:
    """Opens the API for somebody: door("employee", "ana"); platforms get keys by themselves.

    Every answer is held against the documentation.
    """
    opened: list[Client] = []

    def open_(role: str = "", person: str | None = None, **changes: Any) -> Client:
        token = issuer.issue(changes.get("tenant", tenant), [role] if role else [], person, 600)
        client = Client(
            transport=httpx2.ASGITransport(app=app, raise_app_exceptions=False),
            base_url="http://cairn",
            headers={"Authorization": f"Bearer {token}"} if role else {},
            event_hooks={
                "request": [_with_key] if role == "platform" else [],
                "response": [documented.check],
            },
        )
        opened.append(client)
        return client

    yield open_
    for client in opened:
        await client.aclose()


async def _with_key(request: httpx2.Request) -> None:
    if request.method != "GET":
        request.headers.setdefault("Idempotency-Key", secrets.token_hex(8))


@pytest.fixture
async def story(door: Door, house: House, tenant: str) -> Story:
    """Ana and her partner Ben, registered, with a cycle whose conversation is open."""
    return await Story(door, house, tenant).begin()


class Story:
    """Plays the people and, for the cycle's own steps, the worker's activities, without Temporal."""

    def __init__(self, door: Door, house: House, tenant: str) -> None:
        self.house = house
        self.tenant = tenant
        self.door = door
        self.platform = door("platform")
        self.ana = door("employee", "ana")
        self.ben = door("partner", "ben")
        self.auditor = door("auditor")
        self.dpo = door("dpo")
        self.hr = door("hr")
        self.admin = door("admin")
        self.conversation = self.plan = self.cycle = ""

    async def begin(self) -> Story:
        ben = {"name": "Ben Okoro", "email": "ben@example.com"}
        ana = {"name": "Ana Silva", "email": "ana@example.com", "partner": "ben"}
        assert (await self.platform.put("/v1/people/ben", json=ben)).status_code == 201
        assert (await self.platform.put("/v1/people/ana", json=ana)).status_code == 201
        started = await self.platform.post("/v1/cycles", json={"person": "ana"})
        assert started.status_code == 201, started.text
        self.cycle = started.json()["id"]
        await self.advance()
        self.conversation = f"/v1/conversations/{(await self.state())['conversation']}"
        return self

    async def state(self) -> dict[str, Any]:
        found: dict[str, Any] = (await self.platform.get(f"/v1/cycles/{self.cycle}")).json()
        return found

    async def advance(self, person: str = "ana") -> None:
        """Take the steps that are due, as the worker would."""
        from workflows.messages import CycleRun

        subject = await self.house.record.vault.subject_of(self.tenant, person)
        await self.house.activities().advance(CycleRun(self.tenant, str(subject)))

    async def begin_for_dan(self) -> dict[str, Any]:
        """Somebody else of Ben's, whose first round begins now; his profile."""
        dan = {"name": "Dan", "email": "dan@example.com", "partner": "ben"}
        await self.platform.put("/v1/people/dan", json=dan)
        await self.platform.post("/v1/cycles", json={"person": "dan"})
        await self.advance("dan")
        return dan

    async def begin_alone(self) -> UUID:
        """Cleo, whose conversation stands still, since nobody is named; her cycle."""
        await self.platform.put("/v1/policy", json={"partner_wanted_after": "PT0.01S"})
        cleo = {"name": "Cleo", "email": "c@example.com"}
        await self.platform.put("/v1/people/cleo", json=cleo)
        cycle = (await self.platform.post("/v1/cycles", json={"person": "cleo"})).json()["id"]
        while (await self.hr.get(f"/v1/cycles/{cycle}")).json()["suspended"] is None:
            await self.advance("cleo")
        return UUID(cycle)

    async def conclude(self) -> None:
        await self.ana.put(f"{self.conversation}/direction", json={"direction": "expand"})
        answer = await self.ana.post(f"{self.conversation}:conclude", json={"meeting": "waived"})
        assert answer.status_code == 200, answer.text
        await self.advance()
        self.plan = f"/v1/plans/{(await self.state())['plan']}"

    async def happened(self, *contexts: str) -> list[str]:
        """What the record says, in order, as far as it belongs to these contexts (all without any)."""
        rows = await self.house.record.pool.fetch(
            "SELECT type FROM record.read_log($1, 0, 100000)", self.tenant
        )
        return [row["type"] for row in rows if row["type"].startswith(contexts or ("",))]

    async def read_models(self) -> None:
        """Let the lists catch up with the record."""
        follower = self.house.readmodels()
        while await follower.catch_up():
            pass


@pytest.fixture
async def years(door: Door, house: House, tenant: str, clock: MovableClock) -> Any:
    """The same in fast time, with Eve beside Ben."""
    from tests.years import Years

    return await Years(door, house, tenant, clock).begin()


@pytest.fixture
def proof(request: pytest.FixtureRequest) -> Iterator[Proof]:
    """Notes the figures of a proof; the long form writes them down."""
    lines: list[Line] = []
    yield lambda *line: lines.append(line)
    if LONG and lines:
        write_page(request.node.nodeid, lines)
