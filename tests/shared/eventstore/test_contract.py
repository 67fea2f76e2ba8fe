"""The event sourcing library's own contract for recorders, kept by our store through an adapter."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Coroutine, Iterator, Sequence
from concurrent.futures import Future
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import pytest
from eventsourcing.persistence import (
    ApplicationRecorder,
    IntegrityError,
    Notification,
    StoredEvent,
    Subscription,
)
from eventsourcing.tests.persistence import ApplicationRecorderTestCase

from console.migrations import migrate
from shared.database import Pool, open_pool, within
from shared.eventstore.clock import RecordClock
from shared.eventstore.committer import Append, Committer, Conflict
from shared.eventstore.sealing import NO_LEAF, Row, Unsealed, seal
from shared.settings import Settings

NOW = datetime(2026, 3, 2, tzinfo=UTC)


class Loop:
    """An event loop in a thread of its own, for callers that know nothing of any."""

    def __init__(self) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()

    def run(self, work: Coroutine[Any, Any, Any]) -> Any:
        done: Future[Any] = asyncio.run_coroutine_threadsafe(work, self._loop)
        return done.result(60)

    def close(self) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()


class Recorder(ApplicationRecorder):
    """One tenant's log as the library sees a recorder; its versions begin at 0, ours at 1."""

    def __init__(self, loop: Loop, pool: Pool, tenant: str) -> None:
        super().__init__()
        self._run = loop.run
        self._pool = pool
        self._tenant = tenant
        self._committer = Committer(pool, RecordClock(NOW))

    def insert_events(self, stored_events: Sequence[StoredEvent], **_: Any) -> Sequence[int] | None:
        rows = tuple(self._row(stored) for stored in stored_events)
        try:
            self._run(self._append(rows))
        except Conflict as conflict:
            raise IntegrityError from conflict
        ids = [row.event_id for row in rows]
        placed = self._run(self._fetch("event_id = ANY($2::uuid[]) ORDER BY position", ids))
        return [record["position"] for record in placed]

    def select_events(
        self,
        originator_id: UUID | str,
        *,
        gt: int | None = None,
        lte: int | None = None,
        desc: bool = False,
        limit: int | None = None,
    ) -> Sequence[StoredEvent]:
        order = "DESC" if desc else "ASC"
        found = self._run(
            self._fetch(
                f"stream = $2 AND version > $3 AND version <= $4 ORDER BY version {order} LIMIT $5",
                originator_id,
                -1 if gt is None else gt + 1,
                2**31 - 1 if lte is None else lte + 1,
                limit,
            )
        )
        return [_stored(record) for record in found]

    def select_notifications(
        self,
        start: int | None,
        limit: int,
        stop: int | None = None,
        topics: Sequence[str] = (),
        *,
        inclusive_of_start: bool = True,
    ) -> Sequence[Notification]:
        first = (start or 0) if inclusive_of_start or start is None else start + 1
        found = self._run(
            self._fetch(
                "position >= $2 AND position <= $3 AND ($4::text[] IS NULL OR"
                " convert_from(meta, 'UTF8') = ANY ($4)) ORDER BY position LIMIT $5",
                first,
                2**62 if stop is None else stop,
                list(topics) or None,
                limit,
            )
        )
        return [_notification(record) for record in found]

    def max_notification_id(self) -> int | None:
        found = self._run(self._fetch("true ORDER BY position DESC LIMIT 1"))
        return found[0]["position"] if found else None

    def subscribe(
        self, gt: int | None = None, topics: Sequence[str] = ()
    ) -> Subscription[ApplicationRecorder]:
        raise NotImplementedError("our followers are asynchronous; see test_follower.py")

    async def _append(self, rows: tuple[Row, ...]) -> None:
        await self._committer.append(Append(rows))

    async def _fetch(self, where: str, *arguments: Any) -> list[asyncpg.Record]:
        query = f"SELECT * FROM record.event WHERE tenant = $1 AND {where}"
        async with within(self._pool, self._tenant) as connection:
            return await connection.fetch(query, self._tenant, *arguments)

    def _row(self, stored: StoredEvent) -> Row:
        assert isinstance(stored.originator_id, UUID)
        unsealed = Unsealed(
            tenant=self._tenant,
            stream=stored.originator_id,
            version=stored.originator_version + 1,
            type="test.stored",
            schema_version=1,
            at=NOW,
            recorded_at=NOW,
            event_id=uuid4(),
            key_id=None,
            meta=stored.topic.encode(),
            facts=stored.state,
        )
        return seal(unsealed, None, None, NO_LEAF)


def _stored(record: asyncpg.Record) -> StoredEvent:
    return StoredEvent(**_fields(record))


def _notification(record: asyncpg.Record) -> Notification:
    return Notification(id=record["position"], **_fields(record))


def _fields(record: asyncpg.Record) -> dict[str, Any]:
    return {
        "originator_id": record["stream"],
        "originator_version": record["version"] - 1,
        "topic": record["meta"].decode(),
        "state": record["facts"],
    }


@pytest.fixture(scope="module")
def recorders(settings: Settings) -> Iterator[Callable[[], Recorder]]:
    loop = Loop()
    server = settings.required_database_url()
    loop.run(_execute(server, "CREATE DATABASE contract"))  # its rows are no events of ours
    url = server.rpartition("/")[0] + "/contract"
    loop.run(migrate(url))
    pool = loop.run(open_pool(url))

    def make() -> Recorder:
        tenant = f"contract-{uuid4().hex}"
        loop.run(pool.execute("SELECT record.create_tenant($1)", tenant))
        return Recorder(loop, pool, tenant)

    yield make
    loop.run(pool.close())
    loop.run(_execute(server, "DROP DATABASE contract"))
    loop.close()


async def _execute(url: str, statement: str) -> None:
    connection = await asyncpg.connect(url)
    await connection.execute(statement)
    await connection.close()


class TestOurStore(ApplicationRecorderTestCase[Recorder]):
    @pytest.fixture(autouse=True)
    def _given(self, recorders: Callable[[], Recorder]) -> None:
        self.create_recorder = recorders  # type: ignore[method-assign]

    def create_recorder(self) -> Recorder:
        raise NotImplementedError
