"""Everything on one machine, started in order, watched, and stopped without a trace."""

from __future__ import annotations

import asyncio
import contextlib
import os
import shutil
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path

from console.embedded.children import (
    CannotStart,
    choose_port,
    free_port,
    last_line,
    spawn,
    stand_back,
    stop,
)
from console.embedded.postgres import Postgres
from console.embedded.temporal import Temporal
from console.secrets import ensure_secrets
from console.state import held, remove_state, write_state
from shared.settings import LOOPBACK, Settings

_ROLES = ("api", "worker", "relay")
_NICENESS = {"worker": 10, "temporal": 10, "relay": 5}
"""Whoever waits for an answer goes first; what is due within months can wait for a moment."""
_READY_SECONDS = 60
_LONGEST_BACKOFF = 30.0
_STEADY_SECONDS = 60.0


@dataclass
class Wanted:
    """What the command line asked for; port 0 is any free one, `tenant` whom the next command is for."""

    host: str = "127.0.0.1"
    port: int = 8000
    temporal_port: int = 7233
    ui_port: int = 8233
    tenant: str = "acme"


@dataclass
class Watched:
    """A child, how it is started again, and how often it had to be."""

    name: str
    restart: Callable[[], Awaitable[subprocess.Popen[bytes]]]
    child: subprocess.Popen[bytes]
    started: float = field(default_factory=time.monotonic)
    backoff: float = 1.0


def say(text: str) -> None:
    """Talk goes to standard error; data never does."""
    print(text, file=sys.stderr, flush=True)  # noqa: T201 - this is the talk


class Up:
    """One run of `cairn up`."""

    def __init__(self, settings: Settings, wanted: Wanted) -> None:
        self._settings = settings
        self._dir = settings.data_dir.resolve()
        self._wanted = wanted
        self._stopping = asyncio.Event()
        self._watched: dict[str, Watched] = {}
        self._postgres: Postgres | None = None
        self._temporal: Temporal | None = None
        self._metrics_ports: dict[str, int] = {}

    async def run(self, when_ready: Callable[[str], Awaitable[None]] | None = None) -> None:
        """Start, serve until told to stop, and stop; raises `CannotStart` with a sentence.

        `when_ready` gets the API's URL once everything answers.
        """
        with held(self._dir):
            self._listen_for_signals()
            try:
                await self._start()
                self._write_state()
                self._say_what_next()
                if when_ready is not None:
                    await when_ready(self._api_url)
                await self._watch()
            finally:
                await self._stop()

    async def _start(self) -> None:
        began = time.monotonic()
        if self._wanted.host not in LOOPBACK:
            raise CannotStart(
                "`cairn up` trusts its own development tokens and so listens on this machine only;"
                " take --host 127.0.0.1, or see docs/operations.md.",
                code=4,
            )
        self._choose_ports()
        ensure_secrets(self._settings)
        await asyncio.gather(self._start_postgres(), self._start_temporal())
        await self._migrate()
        for role in _ROLES:
            self._watched[role] = Watched(role, self._restarter(role), self._spawn(role))
        await self._wait_until_ready()
        for each in self._watched.values():
            await self._stand_back(each)
        say(f"  everything answers after {time.monotonic() - began:.1f} s")

    def _choose_ports(self) -> None:
        wanted = self._wanted
        wanted.port = choose_port(wanted.host, wanted.port, "the API", "--port")
        if "CAIRN_TEMPORAL_ADDRESS" not in os.environ:
            for name, what, option in (
                ("temporal_port", "Temporal", "--temporal-port"),
                ("ui_port", "Temporal's Web UI", "--ui-port"),
            ):
                port = choose_port("127.0.0.1", getattr(wanted, name), what, option)
                setattr(wanted, name, port)
        self._metrics_ports = {role: free_port() for role in _ROLES if role != "api"}

    async def _start_postgres(self) -> None:
        if self._settings.database_url is not None:
            say("  PostgreSQL   given by CAIRN_DATABASE_URL")
            return
        self._postgres = server = Postgres(self._dir)
        say("  PostgreSQL   starting")
        await server.start()
        say("  PostgreSQL   ready")

        async def restart() -> subprocess.Popen[bytes]:
            await server.restart()
            return server.child

        self._watched["postgres"] = Watched("postgres", restart, server.child)

    async def _start_temporal(self) -> None:
        if "CAIRN_TEMPORAL_ADDRESS" in os.environ:
            say("  Temporal     given by CAIRN_TEMPORAL_ADDRESS")
            return
        wanted = self._wanted
        codec = f"{self._api_url}/temporal"
        self._temporal = server = Temporal(self._dir, wanted.temporal_port, wanted.ui_port, codec)
        say("  Temporal     starting")
        await server.start()
        say("  Temporal     ready")

        async def restart() -> subprocess.Popen[bytes]:
            await server.restart()
            return server.child

        self._watched["temporal"] = Watched("temporal", restart, server.child)

    async def _migrate(self) -> None:
        log = self._dir / "logs" / "migrate.log"
        child = spawn([*_CAIRN, "migrate"], log, environment=self._environment())
        while child.poll() is None:
            await asyncio.sleep(0.02)
        if child.returncode != 0:
            raise CannotStart(
                f"The database can't be brought up to date: {last_line(log, ' ')}. See {log}.",
                code=1,
            )

    def _spawn(self, role: str) -> subprocess.Popen[bytes]:
        log = self._dir / "logs" / f"{role}.log"
        environment = self._environment()
        if role in self._metrics_ports:  # the API serves its own beside /v1
            environment["CAIRN_METRICS_PORT"] = str(self._metrics_ports[role])
        parts = ["--services", "all"] if role == "api" else []
        return spawn([*_CAIRN, "serve", role, *parts], log, environment=environment)

    def _restarter(self, role: str) -> Callable[[], Awaitable[subprocess.Popen[bytes]]]:
        async def restart() -> subprocess.Popen[bytes]:
            return self._spawn(role)

        return restart

    async def _wait_until_ready(self) -> None:
        waiting = dict(self._urls)
        for _ in range(_READY_SECONDS * 20):
            for role in _ROLES:
                if self._watched[role].child.poll() is not None:
                    log = self._dir / "logs" / f"{role}.log"
                    raise CannotStart(
                        f"The {role} can't start: {last_line(log, ' ')}. See {log}.", 1
                    )
            if self._stopping.is_set():
                raise CannotStart("Stopped before everything answered.", code=1)
            for role, url in tuple(waiting.items()):
                if await asyncio.to_thread(_answers, f"{url}/readyz"):
                    del waiting[role]
            if not waiting:
                return
            await asyncio.sleep(0.05)
        role, url = waiting.popitem()
        raise CannotStart(f"The {role} doesn't answer at {url}; see {self._dir}/logs.")

    async def _watch(self) -> None:
        while not self._stopping.is_set():
            for watched in list(self._watched.values()):
                if watched.child.poll() is not None:
                    await self._revive(watched)
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._stopping.wait(), 0.2)

    async def _revive(self, watched: Watched) -> None:
        """Start a child again that ended by itself, after a while that doubles each time."""
        if time.monotonic() - watched.started > _STEADY_SECONDS:
            watched.backoff = 1.0
        say(f"{watched.name} ended by itself; it is started again in {watched.backoff:.0f} s")
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._stopping.wait(), watched.backoff)
        if self._stopping.is_set():
            return
        watched.backoff = min(watched.backoff * 2, _LONGEST_BACKOFF)
        watched.started = time.monotonic()
        try:
            watched.child = await watched.restart()
        except CannotStart as reason:
            if watched.backoff >= _LONGEST_BACKOFF:
                raise
            say(str(reason))
        await self._stand_back(watched)
        self._write_state()

    async def _stand_back(self, watched: Watched) -> None:
        """Only now that it has started: on a busy machine it would hardly come to an end."""
        if niceness := _NICENESS.get(watched.name):
            await stand_back(watched.child, niceness)

    async def _stop(self) -> None:
        say("Stopping …")
        for role in _ROLES:
            if role in self._watched:
                self._watched[role].child.terminate()
        for role in _ROLES:
            if role in self._watched:
                await stop(self._watched[role].child, signal.SIGTERM, seconds=10)
        servers = [server.stop() for server in (self._temporal, self._postgres) if server]
        await asyncio.gather(*servers)
        remove_state(self._dir)
        say("Stopped; everything is kept in " + str(self._dir))

    def _listen_for_signals(self) -> None:
        loop = asyncio.get_running_loop()
        for each in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(each, self._stopping.set)

    def _environment(self) -> dict[str, str]:
        return os.environ | {
            "CAIRN_DATA_DIR": str(self._dir),
            "CAIRN_DATABASE_URL": self._database_url,
            "CAIRN_TEMPORAL_ADDRESS": self._temporal_address,
            "CAIRN_TEMPORAL_UI_URL": self._ui_url,
            "CAIRN_API_HOST": self._wanted.host,
            "CAIRN_API_PORT": str(self._wanted.port),
            "CAIRN_PUBLIC_URL": self._api_url,
            "CAIRN_CONSOLE_URL": self._api_url,
        }

    @property
    def _api_url(self) -> str:
        return f"http://{self._wanted.host}:{self._wanted.port}"

    @property
    def _urls(self) -> dict[str, str]:
        """Where each role answers /readyz and /metrics; the API serves them beside /v1."""
        own = {role: f"http://127.0.0.1:{port}" for role, port in self._metrics_ports.items()}
        return {"api": self._api_url} | own

    @property
    def _database_url(self) -> str:
        return self._postgres.url if self._postgres else self._settings.required_database_url()

    @property
    def _temporal_address(self) -> str:
        return self._temporal.address if self._temporal else self._settings.temporal_address

    @property
    def _ui_url(self) -> str:
        return self._temporal.ui_url if self._temporal else self._settings.temporal_ui_url

    @property
    def _mail(self) -> str:
        smtp = self._settings.smtp_host
        return f"sent by {smtp}" if smtp else f"{self._api_url}/mailbox"

    def _write_state(self) -> None:
        pids = {name: watched.child.pid for name, watched in self._watched.items()}
        state = {
            "api_url": self._api_url,
            "console_url": self._api_url,
            "temporal_address": self._temporal_address,
            "temporal_ui_url": self._ui_url,
            "database_url": self._database_url,
            "metrics_urls": {role: f"{url}/metrics" for role, url in self._urls.items()},
            "pids": {"supervisor": os.getpid()} | pids | {"console": pids["api"]},
        }
        write_state(self._dir, state)

    def _say_what_next(self) -> None:
        where = "" if self._settings.data_dir == Path(".cairn") else f" --data-dir {self._dir}"
        say(f"""
  Console        {self._api_url}
  API            {self._api_url}/docs
  Temporal       {self._ui_url}
  Mail           {self._mail}
  Data           {self._dir}

  Next           {command_line()} token --tenant {self._wanted.tenant} --role platform{where}
  Stop           Ctrl-C
""")


_CAIRN = (sys.executable, "-m", "console.cli")


def command_line() -> str:
    """How this `cairn` is called from where the user stands."""
    beside = Path(sys.executable).with_name("cairn")
    return "cairn" if shutil.which("cairn") else os.path.relpath(beside)


def _answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=2) as response:  # noqa: S310 - our own address
            return bool(response.status == 200)
    except OSError:
        return False
