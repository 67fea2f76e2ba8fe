"""How a command ends: one sentence, and the exit code of the contract."""

from __future__ import annotations

import asyncio
import socket
import ssl
from collections.abc import Callable
from pathlib import Path

import asyncpg
import pytest

from console.embedded.children import free_port
from console.exits import DONE, FAILED, NOT_FOUND, REFUSED, UNREACHABLE, USAGE, GaveUp, guarded
from shared.errors import Invalid, NotFound, RuleBroken, Unavailable
from shared.settings import Settings


def ends(capsys: pytest.CaptureFixture[str], run: Callable[[], object]) -> tuple[int, str]:
    code = guarded(run)
    said = capsys.readouterr().err
    assert said.count("\n") == (code != DONE)
    return code, said


async def read(url: str) -> None:
    connection = await asyncpg.connect(url)
    await connection.execute("TABLE record.tenant")


@pytest.mark.parametrize(
    ("failure", "code"),
    [
        (Invalid, USAGE),
        (NotFound, NOT_FOUND),
        (RuleBroken, REFUSED),
        (Unavailable, UNREACHABLE),
        (GaveUp, FAILED),
    ],
)
def test_each_kind_of_failure_has_its_code(
    capsys: pytest.CaptureFixture[str], failure: type[Exception], code: int
) -> None:
    def run() -> None:
        raise failure("Why it is so.")

    assert ends(capsys, run) == (code, "Why it is so.\n")


def test_a_file_that_cant_be_used_is_no_server(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    missing = tmp_path / "no" / "bundle"
    code, said = ends(capsys, lambda: missing.write_text(""))
    assert (code, said) == (NOT_FOUND, f"{missing}: No such file or directory\n")
    code, said = ends(capsys, lambda: tmp_path.write_text(""))
    assert (code, said) == (FAILED, f"{tmp_path}: Is a directory\n")
    full = Path("/dev/full")
    assert ends(capsys, lambda: full.write_text("x")) == (FAILED, "No space left on device\n")


def test_a_server_that_is_away_is_said_to_be(capsys: pytest.CaptureFixture[str]) -> None:
    code, said = ends(capsys, lambda: socket.create_connection(("127.0.0.1", free_port())))
    assert code == UNREACHABLE
    assert "cairn up" in said


@pytest.mark.parametrize(
    "failure",
    [
        asyncpg.CannotConnectNowError,
        asyncpg.TooManyConnectionsError,
        asyncpg.ReadOnlySQLTransactionError,
        asyncpg.LockNotAvailableError,
        asyncpg.InterfaceError,
    ],
)
def test_a_database_that_cant_answer_now_is_away(
    capsys: pytest.CaptureFixture[str], failure: type[Exception]
) -> None:
    def run() -> None:
        raise failure("the reason")

    assert ends(capsys, run)[0] == UNREACHABLE


@pytest.mark.parametrize(
    ("login", "said"),
    [("nobody:wrong", "refuses this login"), ("limited:known", "may not do that")],
)
async def test_a_login_that_may_not_is_refused_in_a_sentence(
    capsys: pytest.CaptureFixture[str], settings: Settings, login: str, said: str
) -> None:
    place = settings.required_database_url().rpartition("@")[2]
    url = f"postgresql://{login}@{place}"
    admin = await asyncpg.connect(settings.required_database_url())
    await admin.execute("CREATE ROLE limited LOGIN PASSWORD 'known'")
    try:
        code, told = await asyncio.to_thread(ends, capsys, lambda: asyncio.run(read(url)))
    finally:
        await admin.execute("DROP ROLE limited")
        await admin.close()
    assert code == REFUSED
    assert said in told


def test_a_connection_that_broke_off_is_no_file(capsys: pytest.CaptureFixture[str]) -> None:
    def run() -> None:
        raise ssl.SSLSyscallError(ssl.SSL_ERROR_SYSCALL, "Some I/O error occurred")

    assert ends(capsys, run)[0] == UNREACHABLE
