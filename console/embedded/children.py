"""Child processes that never outlive their parent."""

from __future__ import annotations

import asyncio
import contextlib
import ctypes
import os
import secrets
import signal
import socket
import subprocess
import sys
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

_PR_SET_PDEATHSIG = 1
_UNASSIGNED = range(20_000, 32_000)
_CLAIMS: deque[socket.socket] = deque(maxlen=64)


class CannotStart(Exception):
    """A server can't be started; the sentence says why and what to do. `code` is the exit code."""

    def __init__(self, sentence: str, code: int = 5) -> None:
        super().__init__(sentence)
        self.code = code


def spawn(
    argv: Sequence[str | Path],
    log: Path,
    *,
    user: str | None = None,
    environment: Mapping[str, str] | None = None,
    end_with: signal.Signals = signal.SIGTERM,
) -> subprocess.Popen[bytes]:
    """Start a child that writes to `log`, and gets `end_with` when this process is killed."""
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("ab") as output:
        return subprocess.Popen(
            [str(part) for part in argv],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            env=environment,
            user=user,
            start_new_session=True,
            preexec_fn=_prepared(end_with),  # noqa: PLW1509 - a single thread forks
        )


async def stand_back(child: subprocess.Popen[bytes], niceness: int) -> None:
    """Let a child give way to this process when both want the same cores: by 1 to 19 (nice(2)).

    Linux has it for each thread; and where it shares the cores among sessions first (autogroups,
    sched(7)), only the session's counts, which a user who isn't root may set ten times a second.
    """
    process = Path(f"/proc/{child.pid}")
    behind = min(19, os.getpriority(os.PRIO_PROCESS, 0) + niceness)
    threads = [*(process / "task").glob("*")] or [Path(str(child.pid))]
    for thread in threads:
        with contextlib.suppress(ProcessLookupError):  # it has ended meanwhile
            os.setpriority(os.PRIO_PROCESS, int(thread.name), behind)
    for _ in range(10):
        try:
            (process / "autogroup").write_text(str(niceness))
        except BlockingIOError:
            await asyncio.sleep(0.1)
        except OSError:
            return
        else:
            return


async def stop(child: subprocess.Popen[bytes], how: signal.Signals, seconds: float) -> None:
    """Ask a child to end, and end it for good when it takes longer than `seconds`."""
    if child.poll() is None:
        child.send_signal(how)
    for _ in range(int(seconds * 20)):
        if child.poll() is not None:
            return
        await asyncio.sleep(0.05)
    child.kill()
    child.wait()


def free_port(host: str = "127.0.0.1") -> int:
    """A port that nobody listens on, below those that systems hand out to whoever asks for any."""
    while not claim_port(port := secrets.choice(_UNASSIGNED), host):
        pass
    return port


def claim_port(port: int, host: str = "127.0.0.1") -> bool:
    """Whether nobody listens on a port, and nobody has claimed it; it is claimed from now on.

    Its UDP twin stays bound as the claim, so that nobody else who asks here chooses the same one
    before a server listens on it.
    """
    claim = socket.socket(type=socket.SOCK_DGRAM)
    with socket.socket() as probe, contextlib.suppress(OSError):
        claim.bind((host, port))
        probe.bind((host, port))
        _CLAIMS.append(claim)
        return True
    claim.close()
    return False


def choose_port(host: str, port: int, what: str, option: str) -> int:
    """The port itself when it is free, any free one for 0; `CannotStart` when it is busy."""
    if port == 0:
        return free_port(host)
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as busy:
            raise CannotStart(
                f"Port {port} for {what} can't be used ({busy.strerror});"
                f" choose another with {option}, or {option} 0 for any free one.",
                code=4,
            ) from None
    return port


def last_line(log: Path, *marks: str) -> str:
    """The last line of a log that holds one of the marks, to tell why a server gave up."""
    lines = log.read_text(errors="replace").splitlines() if log.exists() else []
    found = [line for line in lines[-200:] if any(mark in line for mark in marks)]
    return found[-1].strip() if found else "it said nothing"


def _prepared(end_with: signal.Signals) -> Callable[[], None] | None:
    """What a child does before its program begins: nobody else can, without its process id."""
    if sys.platform != "linux":
        return None
    libc = ctypes.CDLL(None, use_errno=True)
    return lambda: libc.prctl(_PR_SET_PDEATHSIG, int(end_with))
