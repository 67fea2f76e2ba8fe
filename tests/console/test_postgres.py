"""The PostgreSQL that `cairn up` runs, after one before it was killed."""

from __future__ import annotations

import asyncio
import os
import signal
from pathlib import Path

import asyncpg
import pytest

from console.embedded.postgres import Postgres


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for above in (tmp_path, *tmp_path.parents[:2]):
        above.chmod(0o755)
    return tmp_path / "data"


async def test_whoever_starts_it_waits_for_what_a_killed_one_left(folder: Path) -> None:
    """For its children, and for itself until somebody has reaped it."""
    killed = Postgres(folder)
    await killed.start()
    children = Path(f"/proc/{killed.child.pid}/task/{killed.child.pid}/children").read_text()
    left = int(children.split()[0])
    os.kill(left, signal.SIGSTOP)  # so that it notices later than a new one is started
    killed.child.kill()
    server = Postgres(folder)
    starting = asyncio.create_task(server.start())
    try:
        await asyncio.wait([starting], timeout=1)
        assert not starting.done()
        killed.child.wait()
        await asyncio.wait([starting], timeout=2)
        assert not starting.done()
    finally:
        os.kill(left, signal.SIGCONT)
    await starting
    connection = await asyncpg.connect(server.url)
    assert await connection.fetchval("SELECT 1") == 1
    await connection.close()
    await server.stop()
