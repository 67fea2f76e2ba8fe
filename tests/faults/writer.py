"""One writer process: many actors, each of which writes down what it sends and what it hears.

    python -m tests.faults.writer DATA_DIR DATABASE_URL NAME TENANTS ACTORS

The journal DATA_DIR/journal-NAME gets a line before each request (`sent`) and after each answer
(`heard`), or `conflict` and `unknown`. A killed writer that is started again first settles what it
had sent and not heard.
"""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from uuid import NAMESPACE_URL, UUID, uuid5

import asyncpg
import structlog
from pydantic import SecretStr

from console.bootstrap import House, build
from services.conversation.domain import Conversation, conversation_id
from services.conversation.guides import FIRST_CONVERSATION
from shared.database import LOST, Connection
from shared.errors import Stale, Unavailable
from shared.eventstore.follower import Follower
from shared.eventstore.record import Answer, Asked, Command, KeyUsed, Record, Recorded
from shared.principal import Principal
from shared.settings import Settings

LENGTH = 20
"""Events of one stream, then a new one begins."""

TRIED = (*LOST, asyncpg.PostgresError, Unavailable)


class Journal:
    """Lines that are in the file as soon as `write` returns, whatever kills the process next."""

    def __init__(self, path: Path) -> None:
        self._file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)

    def write(self, *words: object) -> None:
        os.write(self._file, (" ".join(str(word) for word in words) + "\n").encode())


class Actor:
    """Opens streams of its own and appends to them, one request after the other."""

    def __init__(self, record: Record, tenant: str, name: str, journal: Journal) -> None:
        self._record = record
        self._tenant = tenant
        self._name = name
        self._journal = journal
        self._known: Conversation | None = None
        self._subject: UUID | None = None

    async def run(self, number: int) -> None:
        while True:
            key = f"{self._tenant}/{self._name}/{number}"
            self._journal.write("sent", key)
            answer = await self._insist(key, number)
            self._journal.write("heard", key, answer.body["id"], answer.body["version"])
            number += 1

    async def _insist(self, key: str, number: int) -> Answer:
        while True:
            try:
                return await self._try(key, number)
            except KeyUsed:
                continue
            except Stale:
                self._journal.write("conflict", key)
            except TRIED as failure:
                self._journal.write("unknown", key, type(failure).__name__)
                await asyncio.sleep(0.05)
            self._known = None

    async def _try(self, key: str, number: int) -> Answer:
        by = Principal(self._tenant, frozenset({"employee"}), self._name)
        asked = Asked(self._name, key, b"the same each time")
        command = Command(by=by, at=self._record.clock.now(), cause=key, asked=asked)
        if (answer := await self._record.answered(command)) is not None:
            self._known = None
            return answer
        cycle = uuid5(NAMESPACE_URL, f"{self._tenant}/{self._name}/{number // LENGTH}")
        conversation = await self._conversation(cycle, command)
        if conversation.version > 1 or number % LENGTH:
            conversation.record_answer("impact", f"answer {number}")
        return await self._record.save(conversation, command)

    async def _conversation(self, cycle: UUID, command: Command) -> Conversation:
        """The one in memory, or the one on record, or a new one."""
        stream = conversation_id(cycle, 1, FIRST_CONVERSATION.kind)
        if self._known is None or self._known.id != stream:
            self._known = await self._record.load(Conversation, self._tenant, stream)
        if self._known is None:
            vault = self._record.vault
            self._subject = self._subject or await vault.assign_subject(self._tenant, self._name)
            self._known = Conversation.open(
                person=self._subject, cycle=cycle, round=1, guide=FIRST_CONVERSATION, at=command.at
            )
        self._known.at = command.at
        return self._known


async def see(to: Connection, tenant: str, events: Sequence[Recorded]) -> None:
    """A follower that can't bear to see an event twice."""
    await to.executemany(
        "INSERT INTO faults.seen VALUES ($1, $2)",
        [(tenant, recorded.row.position) for recorded in events],
    )


async def main(folder: Path, url: str, name: str, tenants: int, actors: int) -> None:
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(50))
    house = await patiently(Settings(data_dir=folder, database_url=SecretStr(url)))
    path = folder / f"journal-{name}"
    numbers = next_numbers(path)
    journal = Journal(path)
    async with asyncio.TaskGroup() as work:
        for shard in range(2):
            follower = Follower(house.record, "seen", apply=[see], shard=(shard, 2))
            work.create_task(follower.run())
        for number in range(actors):
            tenant = f"tenant-{number % tenants}"
            actor = f"{name}.{number}"
            begin = numbers.get(f"{tenant}/{actor}", 0)
            work.create_task(Actor(house.record, tenant, actor, journal).run(begin))


async def patiently(settings: Settings) -> House:
    while True:
        try:
            return await build(settings)
        except TRIED:
            await asyncio.sleep(0.1)


def next_numbers(path: Path) -> dict[str, int]:
    """Where each actor was: the last number that it sent, heard or not."""
    found: dict[str, int] = {}
    for line in path.read_text().splitlines() if path.exists() else []:
        if line.startswith("sent "):
            actor, _, number = line[5:].rpartition("/")
            found[actor] = int(number)
    return found


if __name__ == "__main__":
    _, data_dir, database_url, own_name, how_many_tenants, how_many_actors = sys.argv
    asyncio.run(
        main(Path(data_dir), database_url, own_name, int(how_many_tenants), int(how_many_actors))
    )
