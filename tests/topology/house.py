"""The topology of a deployment as plain processes on one machine.

Two PostgreSQL, Temporal, two of each role, and the balancer that deploy/ ships before the API.
"""

from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any
from urllib.request import urlopen

import asyncpg
from pydantic import SecretStr

from console.embedded.children import free_port, spawn, stop
from console.embedded.postgres import _binaries
from console.embedded.temporal import Temporal
from console.secrets import ensure_secrets
from shared.settings import Settings
from shared.tokens import Issuer
from tests.faults.oracle import Verdict, judge
from tests.tools import found
from tests.topology.pair import Pair
from tests.topology.traffic import PATIENCE, TENANT, Traffic

ROOT = Path(__file__).parents[2]
HERE = Path(sys.executable)
BALANCER = ROOT / "deploy" / "haproxy" / "haproxy.cfg"
LOGINS = ROOT / "deploy" / "postgres" / "logins.sql"
ROLES = ("api", "worker", "relay")
SERVING = "cairn_serving:serving"


class House:
    """`names` are `api-1`, `api-2`, `worker-1` and so on; each may run another release."""

    def __init__(self, folder: Path, **settings: str) -> None:
        folder.chmod(0o755)
        self.folder = folder
        self._more = settings
        self.pair = Pair(folder / "postgres")
        self.temporal = Temporal(folder, free_port(), free_port())
        self.names = [f"{role}-{number}" for role in ROLES for number in (1, 2)]
        self.ports = {name: free_port() for name in self.names}
        self.balancer_port = free_port()
        self.children: dict[str, subprocess.Popen[bytes]] = {}

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.balancer_port}"

    @property
    def owner_url(self) -> str:
        """For migrations: the owner's login."""
        return self.pair.url(self.pair.primary.url.partition("//")[2].rpartition("@")[0])

    @property
    def settings(self) -> Settings:
        return Settings(data_dir=self.folder, database_url=SecretStr(self.pair.url(SERVING)))

    @property
    def issuer(self) -> Issuer:
        return Issuer.of_file(self.settings.issuer_path)

    async def start(self, python: Path = HERE) -> None:
        """Start everything with the release that this Python runs."""
        ensure_secrets(Settings(data_dir=self.folder))
        await asyncio.gather(self.pair.start(), self.temporal.start())
        self.run(python, "deploy", "prepare-temporal")
        self.run(python, "migrate")
        self._logins()
        self.run(python, "token", "--tenant", TENANT, "--role", "platform")
        for name in self.names:
            self.serve(name, python)
        self._balance()
        await self.until_ready()

    def run(self, python: Path, *arguments: str) -> str:
        """One command of a release, as the database's owner; deploy is this release's alone."""
        release = HERE if arguments[0] == "deploy" else python
        done = subprocess.run(
            [release, "-m", "console.cli", *arguments],
            env=self.environment | {"CAIRN_DATABASE_URL": self.owner_url},
            cwd=self.folder,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    def serve(self, name: str, python: Path = HERE) -> None:
        """Start one process of a role."""
        own = {"CAIRN_API_PORT": str(self.ports[name])}
        if not name.startswith("api"):
            own = {"CAIRN_METRICS_PORT": str(self.ports[name])}
        argv = [python, "-m", "console.cli", "serve", name.partition("-")[0]]
        log = self.folder / "logs" / f"{name}.log"
        os.chdir(self.folder)  # so that a release finds its own modules, and not those beside it
        try:
            self.children[name] = spawn(argv, log, environment=self.environment | own)
        finally:
            os.chdir(ROOT)

    async def replace(self, name: str, python: Path = HERE) -> None:
        """Stop one process as a rollout does, start another in its place, wait until it is ready."""
        await stop(self.children[name], signal.SIGTERM, seconds=15)
        self.serve(name, python)
        await self.until_ready(name)

    async def until_ready(self, *names: str) -> None:
        urls = [f"http://127.0.0.1:{self.ports[name]}/readyz" for name in names or self.names]
        urls += [] if names else [f"{self.url}/readyz"]
        deadline = time.monotonic() + PATIENCE
        for url in urls:
            while not await asyncio.to_thread(_answers, url):
                assert time.monotonic() < deadline, f"{url} doesn't answer"
                await asyncio.sleep(0.1)

    async def stop(self) -> None:
        for child in self.children.values():
            child.terminate()
        for child in self.children.values():
            await stop(child, signal.SIGTERM, seconds=12)
        await asyncio.gather(self.temporal.stop(), self.pair.stop())

    async def judge(self, url: str) -> tuple[Verdict, list[str]]:
        """What was lost or doubled by the journals, and which steps of cycles are there twice."""
        verdict = await judge(url, self.folder)
        admin = await asyncpg.connect(url)
        twice = await admin.fetch(_TWICE)
        await admin.close()
        return verdict, [json.dumps(dict(row), default=str) for row in twice]

    def traffic(self, people: int) -> Traffic:
        return Traffic(self.url, self.issuer, self.folder, people)

    @property
    def environment(self) -> dict[str, str]:
        foreign = {k: v for k, v in os.environ.items() if not k.startswith("CAIRN_")}
        return (
            foreign
            | self._more
            | {
                "CAIRN_DATA_DIR": str(self.folder),
                "CAIRN_DATABASE_URL": self.pair.url(SERVING),
                "CAIRN_TEMPORAL_ADDRESS": self.temporal.address,
            }
        )

    def _logins(self) -> None:
        """The login that serves: it may do what the role cairn_app may, and nothing else."""
        argv = [_binaries() / "psql", "-v", "ON_ERROR_STOP=1", "-v", "serving=serving"]
        argv += ["-v", "backup=backup", "-f", str(LOGINS), self.pair.primary.url]
        subprocess.run([str(word) for word in argv], check=True, stdout=subprocess.DEVNULL)

    def _balance(self) -> None:
        program = found("haproxy")
        assert program, "there is no haproxy: python -m tests.tools"
        places: dict[str, Any] = {
            "CAIRN_BIND": f"127.0.0.1:{self.balancer_port}",
            "CAIRN_API_1": f"127.0.0.1:{self.ports['api-1']}",
            "CAIRN_API_2": f"127.0.0.1:{self.ports['api-2']}",
        }
        log = self.folder / "logs" / "haproxy.log"
        argv = [program, "-db", "-f", str(BALANCER)]
        self.children["haproxy"] = spawn(argv, log, environment=os.environ | places)


def _answers(url: str) -> bool:
    try:
        with urlopen(url, timeout=2) as response:
            return bool(response.status == 200)
    except OSError:
        return False


_TWICE = """
SELECT stream::text, type, convert_from(facts, 'UTF8') AS facts, count(*) FROM record.event
 WHERE type IN ('cycles.started', 'cycles.conversation_opened', 'cycles.planning_opened',
                'cycles.development_began', 'cycles.follow_up_opened', 'cycles.round_completed')
 GROUP BY 1, 2, 3 HAVING count(*) > 1
"""
