"""Two PostgreSQL servers: the record, and its synchronous standby."""

from __future__ import annotations

import asyncio
import os
import pwd
import shutil
import signal
import subprocess
from pathlib import Path

import asyncpg

from console.embedded.postgres import Postgres, _binaries
from tests.faults.server import children_of, send


class Pair:
    """What `url` names are both; whoever connects finds the one that writes."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True)
        folder.chmod(0o755)
        self._folder = folder
        self.primary = Postgres(folder / "primary")
        self.standby = Postgres(folder / "standby")

    async def start(self) -> None:
        """Start the record, copy it, and let the copy follow; a commit waits for both from then on."""
        await self.primary.start()
        await asyncio.to_thread(self._copy)
        await self.standby.start()
        admin = await asyncpg.connect(self.primary.url)
        await admin.execute("ALTER SYSTEM SET synchronous_standby_names = 'standby'")
        await admin.execute("SELECT pg_reload_conf()")
        while await admin.fetchval("SELECT sync_state FROM pg_stat_replication") != "sync":
            await asyncio.sleep(0.1)
        await admin.close()

    async def stop(self) -> None:
        await self.standby.stop()
        if self.primary.child.poll() is None:
            await self.primary.stop()

    def url(self, login: str) -> str:
        """For a login (`name:password`): both servers, and the wish for the one that writes."""
        hosts = ",".join(
            server.url.rpartition("@")[2].partition("/")[0]
            for server in (self.primary, self.standby)
        )
        return f"postgresql://{login}@{hosts}/cairn?target_session_attrs=primary&sslmode=disable"

    def kill_primary(self) -> None:
        """kill -9 of the record's server and all its processes: it doesn't come back."""
        for pid in [*children_of(self.primary.child.pid), self.primary.child.pid]:
            send(pid, signal.SIGKILL)
        self.primary.child.wait()

    async def promote(self) -> None:
        """What a fail-over manager does once it is sure that the primary is gone."""
        admin = await asyncpg.connect(self.standby.url)
        await admin.execute("SELECT pg_promote(true, 30)")
        await admin.close()

    def _copy(self) -> None:
        secrets = self._folder / "standby" / "secrets"
        secrets.mkdir(parents=True)
        shutil.copy(self._folder / "primary" / "secrets" / "postgres-password", secrets)
        target = self._folder / "standby" / "postgres"
        target.mkdir(mode=0o700)
        user = "embedded_postgres" if os.geteuid() == 0 else None
        if user is not None:
            owner = pwd.getpwnam(user)
            os.chown(target, owner.pw_uid, owner.pw_gid)
        source = f"{self.primary.url.rpartition('/')[0]}/postgres?application_name=standby"
        subprocess.run(
            [_binaries() / "pg_basebackup", "-d", source, "-D", target, "-R", "-c", "fast"],
            user=user,
            check=True,
            cwd="/",
        )
