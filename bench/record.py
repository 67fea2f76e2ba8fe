"""Appends to the record (S1, S2), each beside what it is compared with, on two disks."""

from __future__ import annotations

import asyncio
import statistics
import time
from collections.abc import Awaitable, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import count
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID, uuid4

import asyncpg
import msgspec
from eventsourcing.application import Application
from eventsourcing.cryptography import AESCipher
from eventsourcing.domain import Aggregate as LibraryAggregate
from eventsourcing.domain import event as library_event
from eventsourcing.persistence import StoredEvent
from eventsourcing.postgres import PostgresApplicationRecorder, PostgresDatastore
from pydantic import SecretStr
from uuid_utils.compat import uuid7

from bench import reads
from console.bootstrap import House, build
from console.migrations import migrate
from console.secrets import ensure_secrets
from services.conversation.domain import Conversation
from services.conversation.guides import FIRST_CONVERSATION
from shared.eventstore.record import Asked, Command
from shared.principal import Principal
from shared.settings import Settings
from tests.faults.server import FaultyServer

WRITERS = (1, 16, 64)
SECONDS = 0.8
ROUNDS = 3
TEXT = "x" * 300
AGAINST = {
    "bare": ("S1", "bare INSERT"),
    "library": ("S2", "library's application"),
    "recorder": ("S2", "library's recorder alone"),
}
"""What an append is compared with: as it is meant to be used, and the recorder given ready rows."""

Write = Callable[[], Awaitable[None]]
Line = tuple[str, str, str, str]

BARE = """
CREATE SCHEMA bench;
CREATE TABLE bench.event (
  tenant text COLLATE "C" NOT NULL, position bigint NOT NULL, stream uuid NOT NULL,
  version int NOT NULL, type text NOT NULL, schema_version smallint NOT NULL,
  at timestamptz NOT NULL, recorded_at timestamptz NOT NULL, event_id uuid NOT NULL, key_id uuid,
  meta bytea NOT NULL, facts bytea NOT NULL, words bytea, words_hash bytea NOT NULL,
  leaf bytea NOT NULL, PRIMARY KEY (tenant, stream, version));
CREATE UNIQUE INDEX ON bench.event (tenant, position);
CREATE UNIQUE INDEX ON bench.event (tenant, event_id);
"""
INSERT = f"INSERT INTO bench.event VALUES ({', '.join(f'${n}' for n in range(1, 16))})"


async def measure(folder: Path, disk: str) -> list[Line]:
    """All figures on a server of its own whose disk is `ok` or `slow N`."""
    server = FaultyServer(folder)
    await server.start()
    server.disk(disk)
    await migrate(server.url)
    settings = Settings(data_dir=folder, database_url=SecretStr(server.url), pool_size=16)
    ensure_secrets(settings)
    house = await build(settings)
    try:
        rows = await appends(house, server.url)
        if disk == "ok":
            rows += await reads.measure(house, settings, await conversation_of_20(house))
        return rows
    finally:
        await house.close()
        await server.stop()


async def appends(house: House, url: str) -> list[Line]:
    """S1 and S2: how many single events a second, at so many writers at once."""
    tenants = [f"tenant-{number}" for number in range(32)]
    for tenant in tenants:
        await house.record.vault.create_tenant(tenant)
    bare_pool = await asyncpg.create_pool(url, min_size=16, max_size=16)
    await bare_pool.execute(BARE)
    library, application = Library(url), LibraryApplication(url)
    sample = await sample_row(house)
    rows: list[Line] = []
    for writers in WRITERS:
        one = [Answers(house, tenants[0]) for _ in range(writers)]
        many = [Answers(house, tenants[n % 32]) for n in range(writers)]
        found: dict[str, list[float]] = {name: [] for name in ("one", "many", *AGAINST)}
        for _ in range(ROUNDS):
            found["bare"].append(await rate([bare(bare_pool, sample)] * writers))
            found["one"].append(await rate([each.write for each in one]))
            found["many"].append(await rate([each.write for each in many]))
            found["recorder"].append(await asyncio.to_thread(library.rate, writers))
            found["library"].append(await asyncio.to_thread(application.rate, writers))
        rows += told(writers, found)
    library.close()
    application.close()
    await bare_pool.close()
    return rows


def told(writers: int, found: dict[str, list[float]]) -> list[Line]:
    middle = {name: statistics.median(rates) for name, rates in found.items()}
    rows = []
    for name, tenants in (("one", "one tenant"), ("many", "32 tenants")):
        what = f"append, {writers} writers, {tenants}"
        ours = f"{middle[name]:,.0f} /s"
        for against, (goal, meant) in AGAINST.items():
            ratio = statistics.median(
                a / b for a, b in zip(found[name], found[against], strict=True)
            )
            theirs = f"{meant} {middle[against]:,.0f} /s"
            rows.append((f"{goal} {what}", ours, theirs, f"{ratio:.2f} ×"))
    return rows


class Answers:
    """One employee's client: appends to streams of 20 events, each with its idempotency key."""

    def __init__(self, house: House, tenant: str) -> None:
        self._house = house
        self._tenant = tenant
        self._by = Principal(tenant, frozenset({"employee"}), "bench")
        self._name = uuid4().hex
        self._count = count()
        self._conversation: Conversation | None = None

    @property
    def stream(self) -> UUID:
        """The conversation that is being written."""
        assert self._conversation is not None
        return self._conversation.id

    async def write(self) -> None:
        record = self._house.record
        number = next(self._count)
        key = Asked(self._name, f"{self._name}-{number}", b"fingerprint")
        command = Command(by=self._by, at=record.clock.now(), asked=key)
        if self._conversation is None or self._conversation.version >= 20:
            person = await record.vault.assign_subject(self._tenant, self._name)
            self._conversation = Conversation.open(
                person=person, cycle=uuid4(), round=1, guide=FIRST_CONVERSATION, at=command.at
            )
        else:
            self._conversation.at = command.at
            self._conversation.record_answer("impact", f"{TEXT}{number}")
        await record.save(self._conversation, command)


async def conversation_of_20(house: House) -> UUID:
    """One conversation more, for a load of 20 events."""
    client = Answers(house, reads.TENANT)
    for _ in range(20):
        await client.write()
    return client.stream


async def sample_row(house: House) -> list[Any]:
    """The columns of a row as the record has them, for the bare INSERT of the same bytes."""
    answers = Answers(house, "tenant-0")
    await answers.write()
    await answers.write()
    row = (await house.record.rows("tenant-0", answers.stream))[-1]
    return list(msgspec.structs.astuple(row))


def bare(pool: Any, sample: list[Any]) -> Write:
    counter = iter(range(1, 10**9))
    base = uuid4().int >> 66

    async def write() -> None:
        values = list(sample)
        values[1], values[2], values[8] = base + next(counter), uuid4(), uuid7()
        await pool.execute(INSERT, *values)

    return write


async def rate(writes: list[Write]) -> float:
    """Writes a second of so many clients, each with one under way at any time."""
    deadline = time.perf_counter() + SECONDS
    done = 0

    async def client(write: Write) -> None:
        nonlocal done
        while time.perf_counter() < deadline:
            await write()
            done += 1

    began = time.perf_counter()
    await asyncio.gather(*(client(write) for write in writes))
    return done / (time.perf_counter() - began)


class Library:
    """The eventsourcing library's own PostgreSQL recorder, called from threads as it is meant to be."""

    def __init__(self, url: str) -> None:
        self._store = PostgresDatastore(
            **named(url), pool_size=16, max_overflow=48, connect_timeout=10
        )
        self._recorder = PostgresApplicationRecorder(self._store, events_table_name="bench_events")
        self._recorder.create_table()

    def rate(self, writers: int) -> float:
        state = TEXT.encode()

        def client() -> Iterator[None]:
            while True:
                self._recorder.insert_events([StoredEvent(uuid4(), 1, "topic", state)])
                yield

        return rate_of_threads(client, writers)

    def close(self) -> None:
        self._store.close()


class Note(LibraryAggregate):
    """What the library's application saves: one text after another, as in a conversation."""

    @library_event("Answered")
    def answer(self, text: str) -> None:
        self.text = text


class LibraryApplication:
    """The whole of the library: aggregate, JSON, AES-GCM and its recorder, from threads."""

    def __init__(self, url: str) -> None:
        key = AESCipher.create_key(32)
        server = {f"POSTGRES_{name.upper()}": value for name, value in named(url).items()}
        environment = server | {
            "PERSISTENCE_MODULE": "eventsourcing.postgres",
            "POSTGRES_POOL_SIZE": "16",
            "POSTGRES_MAX_OVERFLOW": "48",
            "CIPHER_TOPIC": "eventsourcing.cryptography:AESCipher",
            "CIPHER_KEY": key,
        }
        self._application = Application[UUID](environment)

    def rate(self, writers: int) -> float:
        def client() -> Iterator[None]:
            while True:
                note = Note()
                for number in range(19):
                    self._application.save(note)
                    yield
                    note.answer(f"{TEXT}{number}")

        return rate_of_threads(client, writers)

    def close(self) -> None:
        self._application.close()


def named(url: str) -> dict[str, str]:
    """A database's URL as the library wants it."""
    parts = urlsplit(url)
    return {
        "dbname": parts.path.strip("/"),
        "host": str(parts.hostname),
        "port": str(parts.port),
        "user": str(parts.username),
        "password": str(parts.password),
    }


def rate_of_threads(client: Callable[[], Iterator[None]], writers: int) -> float:
    """Steps a second of so many clients, each in a thread of its own."""
    deadline = time.perf_counter() + SECONDS

    def run() -> int:
        done = 0
        for _ in client():
            done += 1
            if time.perf_counter() >= deadline:
                break
        return done

    began = time.perf_counter()
    with ThreadPoolExecutor(writers) as threads:
        counts = [future.result() for future in [threads.submit(run) for _ in range(writers)]]
    return sum(counts) / (time.perf_counter() - began)
