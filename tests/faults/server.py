"""A PostgreSQL that can be killed, frozen, cut off, and whose disk can fail, fill up or be slow."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import asyncpg

from console.embedded.children import CannotStart
from console.embedded.postgres import Postgres

SOURCE = Path(__file__).with_name("disk.c")


class FaultyServer(Postgres):
    """The server of `cairn up`, on a disk that obeys `disk`."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        folder.mkdir(parents=True, exist_ok=True)
        folder.chmod(0o755)
        self._library = folder / "disk.so"
        self._says = folder / "disk"
        compiler = ["cc", "-shared", "-fPIC", "-O2", "-o", str(self._library), str(SOURCE), "-ldl"]
        subprocess.run(compiler, check=True)
        self.disk("ok")

    def disk(self, says: str) -> None:
        """`ok`, `slow N` (microseconds a flush), `broken` or `full`."""
        fresh = self._says.with_suffix(".new")
        fresh.write_text(says)
        fresh.chmod(0o644)
        fresh.replace(self._says)

    async def restart(self) -> None:
        with environment(LD_PRELOAD=str(self._library), CAIRN_DISK=str(self._says)):
            await super().restart()

    async def revive(self) -> None:
        """Start it again where it ended, and wait until it answers."""
        for _ in range(1_200):
            try:
                if self.child.poll() is not None:
                    await self.restart()
                connection = await asyncpg.connect(self.url, timeout=5)
                await connection.close()
                return
            except (CannotStart, OSError, asyncpg.PostgresError):
                await asyncio.sleep(0.1)
        raise AssertionError("PostgreSQL doesn't come back")

    async def kill(self) -> None:
        """kill -9 of the whole server, and start it again."""
        self.child.kill()
        self.child.wait()
        await self.revive()

    async def freeze(self, seconds: float) -> None:
        """Stop every process of the server for a while."""
        family = [self.child.pid, *children_of(self.child.pid)]
        for pid in family:
            send(pid, signal.SIGSTOP)
        await asyncio.sleep(seconds)
        for pid in family:
            send(pid, signal.SIGCONT)

    async def cut(self) -> int:
        """End every connection of the processes under test; answer how many there were."""
        connection = await asyncpg.connect(self.url, timeout=10)
        ended: int = await connection.fetchval(
            "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity"
            " WHERE application_name = 'cairn'"
        )
        await connection.close()
        return ended

    async def fail_disk(self, how: str, seconds: float) -> None:
        """Let the disk be `broken` or `full` for a while; start the server again if that ended it."""
        self.disk(how)
        await asyncio.sleep(seconds)
        self.disk("ok")
        await self.revive()


def children_of(pid: int) -> list[int]:
    try:
        return [int(each) for each in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    except OSError:
        return []


def send(pid: int, what: signal.Signals) -> None:
    try:
        os.kill(pid, what)
    except ProcessLookupError:
        return  # it ended by itself


@contextmanager
def environment(**variables: str) -> Iterator[None]:
    before = {name: os.environ.get(name) for name in variables}
    os.environ.update(variables)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value
