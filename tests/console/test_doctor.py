"""`cairn doctor` finds what is wrong and says what mends it; what it says is what then helps."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import asyncpg
import pytest
from aiosmtpd.controller import Controller
from pydantic import SecretStr

from console.bootstrap import build
from console.doctor.database import look_at_database, place_of
from console.doctor.findings import Finding, Findings
from console.doctor.mail import look_at_mail
from console.doctor.record import look_at_record
from console.embedded.children import free_port
from console.generations import GENERATION, create_lists
from console.migrations import migrate
from shared.eventstore.durability import Unsafe
from shared.settings import Settings
from tests.console.test_generations import OTHER, other_release
from tests.console.test_rebuild import apart
from tests.console.test_up import AFTER_A_LOSS, CAIRN, ROOT, Running, clean, until
from tests.shared.test_mail import Sink
from workflows.version import build_id

__all__ = ["apart"]


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    made = Running(tmp_path_factory.mktemp("doctor")).start()
    assert (made.folder / "cairn.json").exists(), made.stop()
    made.caller("acme", "platform").close()
    until(lambda: made.command("doctor").returncode == 0)
    yield made
    made.stop()


def examined(running: Running, *more: str, **environment: str) -> tuple[int, list[dict[str, Any]]]:
    running.settings = environment
    done = running.command("doctor", "--json", *more)
    assert done.stdout, done.stderr
    return done.returncode, json.loads(done.stdout)["findings"]


async def all_of(findings: Findings) -> list[Finding]:
    return [finding async for finding in findings]


def wrong(findings: list[Finding]) -> list[Finding]:
    return [finding for finding in findings if finding.state != "fine"]


def test_a_sound_deployment_has_no_finding_but_fine(running: Running) -> None:
    code, findings = examined(running)
    assert code == 0
    assert {finding["state"] for finding in findings} == {"fine"}
    about = {finding["about"] for finding in findings}
    assert about == {
        "clock", "database", "durability", "followers", "keys", "mail", "migrations", "temporal",
        "workers",
    }  # fmt: skip


def test_a_person_reads_a_line_a_finding(running: Running) -> None:
    done = running.command("doctor")
    assert done.returncode == 0
    assert done.stdout.splitlines()[0].startswith("ok       database    PostgreSQL 18")


def test_a_server_that_is_away_is_exit_code_5_and_nothing_tells_its_password(
    running: Running,
) -> None:
    away = "postgresql://cairn:canary@127.0.0.1:1/cairn"
    code, findings = examined(
        running, CAIRN_DATABASE_URL=away, CAIRN_TEMPORAL_ADDRESS="127.0.0.1:1"
    )
    assert code == 5
    states = [(finding["about"], finding["state"]) for finding in findings]
    assert states == [("database", "unreachable"), ("mail", "fine"), ("temporal", "unreachable")]
    assert "127.0.0.1:1/cairn" in findings[0]["what"]
    assert "canary" not in json.dumps(findings)


def test_a_namespace_that_is_not_there_is_made_by_the_command_that_it_names(
    running: Running,
) -> None:
    code, findings = examined(running, CAIRN_TEMPORAL_NAMESPACE="elsewhere")
    assert code == 1
    assert findings[-1]["mend"] == "cairn deploy prepare-temporal"
    done = running.command("deploy", "prepare-temporal", "--retention", "P7D")
    assert done.returncode == 0, done.stderr
    assert "CairnDue" in done.stderr
    again = running.command("deploy", "prepare-temporal", "--retention", "P7D")
    assert again.stderr.strip() == "nothing to do"
    code, findings = examined(running, CAIRN_TEMPORAL_NAMESPACE="elsewhere")
    assert [f["mend"] for f in findings if f["state"] == "wrong"] == ["cairn serve worker"]
    assert findings[-1]["what"].endswith(": career, mail, batch, keeping, webhooks")
    waits = running.command("reconcile")  # where nobody would ever do it
    assert waits.returncode == 1
    assert "nobody works on the queue career" in waits.stderr


def test_a_queue_that_nobody_works_on_is_found(running: Running) -> None:
    """A worker that works on some of them may be there, and the one for the others gone."""
    running.settings = {"CAIRN_TEMPORAL_NAMESPACE": "split"}
    done = running.command("deploy", "prepare-temporal")
    assert done.returncode == 0, done.stderr
    state = running.state
    environment = clean() | {
        "CAIRN_DATA_DIR": str(running.folder),
        "CAIRN_DATABASE_URL": state["database_url"],
        "CAIRN_TEMPORAL_ADDRESS": state["temporal_address"],
        "CAIRN_TEMPORAL_NAMESPACE": "split",
    }

    def told() -> str:
        _, findings = examined(running, CAIRN_TEMPORAL_NAMESPACE="split")
        what: str = findings[-1]["what"]
        return what

    command = [*CAIRN, "serve", "worker", "--queues", "career,mail,batch,keeping"]
    with subprocess.Popen(command, cwd=ROOT, env=environment) as worker:
        try:
            until(lambda: told() == "nobody works on these queues: webhooks")
        finally:
            worker.terminate()


def test_where_workers_are_versioned_the_first_version_is_made_current_once(
    running: Running,
) -> None:
    running.settings = {
        "CAIRN_TEMPORAL_NAMESPACE": "versioned",
        "CAIRN_WORKER_VERSIONING": "true",
    }
    first = running.command("deploy", "prepare-temporal")
    assert f"new runs go to workers of version {build_id()}" in first.stderr
    again = running.command("deploy", "prepare-temporal")
    assert again.stderr == "nothing to do\n"


def test_a_retention_that_is_none_is_wrong_usage(running: Running) -> None:
    done = running.command("deploy", "prepare-temporal", "--retention", "P6M")
    assert done.returncode == 2
    assert "P30D" in done.stderr


async def test_a_mail_server_that_is_away_is_found() -> None:
    away = Settings(smtp_host="127.0.0.1", smtp_port=free_port(), smtp_tls="none")
    [finding] = await all_of(look_at_mail(away))
    assert (finding.about, finding.state) == ("mail", "wrong")
    assert "SMTPConnectError" in finding.what


async def test_a_mail_server_that_takes_mail_is_fine_and_gets_none() -> None:
    sink = Sink()
    controller = Controller(sink, hostname="127.0.0.1", port=free_port())
    await asyncio.to_thread(controller.start)
    there = Settings(smtp_host="127.0.0.1", smtp_port=controller.port, smtp_tls="none")
    [finding] = await all_of(look_at_mail(there))
    await asyncio.to_thread(controller.stop)
    assert finding.state == "fine"
    assert sink.taken == []


@pytest.mark.parametrize(("host", "state"), [("127.0.0.1", "fine"), ("0.0.0.0", "warning")])
async def test_without_a_mail_server_nobody_else_gets_mail(host: str, state: str) -> None:
    [finding] = await all_of(look_at_mail(Settings(api_host=host)))
    assert finding.state == state


async def test_a_password_file_that_is_not_there_is_found() -> None:
    unset = Settings(smtp_host="127.0.0.1", smtp_password_file=Path("/nowhere"))
    [finding] = await all_of(look_at_mail(unset))
    assert finding.mend == "set CAIRN_SMTP_PASSWORD_FILE"


@pytest.mark.timeout(420)
def test_a_relay_that_is_gone_is_found(running: Running) -> None:
    """It is started again, each time later; the doctor may need several tries to come in between."""

    def found() -> list[str | None]:
        _, findings = examined(running)
        return [f["mend"] for f in findings if f["about"] == "followers" and f["mend"]]

    def found_gone() -> bool:
        with contextlib.suppress(ProcessLookupError):
            os.kill(running.state["pids"]["relay"], signal.SIGKILL)
        return "cairn serve relay" in found()

    until(found_gone, AFTER_A_LOSS)
    until(lambda: found() == [], AFTER_A_LOSS)


async def test_a_database_that_was_never_migrated_needs_it(
    settings: Settings, apart: Settings
) -> None:
    admin = await asyncpg.connect(settings.required_database_url())
    await admin.execute("CREATE DATABASE bare")
    url = settings.required_database_url().rpartition("/")[0] + "/bare"
    found = wrong(await all_of(look_at_database(url)))
    await admin.execute("DROP DATABASE bare WITH (FORCE)")
    await admin.close()
    assert [finding.mend for finding in found] == ["cairn migrate"]


async def test_lists_of_another_release_are_a_warning(apart: Settings) -> None:
    admin = await asyncpg.connect(apart.required_database_url())
    await other_release(admin)
    found = wrong(await all_of(look_at_database(apart.required_database_url())))
    await admin.close()
    assert [finding.state for finding in found] == ["warning"]
    assert OTHER in found[0].what
    assert (found[0].mend or "").startswith("cairn migrate --drop-old")


async def test_lists_that_are_gone_need_a_migration(apart: Settings) -> None:
    admin = await asyncpg.connect(apart.required_database_url())
    await admin.execute(f"DROP SCHEMA {GENERATION} CASCADE")
    await admin.close()
    found = wrong(await all_of(look_at_database(apart.required_database_url())))
    assert [finding.mend for finding in found] == ["cairn migrate"]


async def test_a_migration_that_broke_off_is_to_be_run_again(apart: Settings) -> None:
    """The lists are there already, and neither filled nor indexed."""
    url = apart.required_database_url()
    admin = await asyncpg.connect(url)
    await admin.execute(f"DROP SCHEMA {GENERATION} CASCADE")
    async with admin.transaction():
        await create_lists(admin, GENERATION)
    await admin.close()
    with pytest.raises(Unsafe, match="to its end"):
        await build(apart)
    found = wrong(await all_of(look_at_database(url)))
    assert [finding.mend for finding in found] == ["cairn migrate"]
    await migrate(url)
    assert wrong(await all_of(look_at_database(url))) == []
    await (await build(apart)).close()


async def test_what_start_up_refuses_is_a_finding(apart: Settings) -> None:
    admin = await asyncpg.connect(apart.required_database_url())
    await admin.execute("ALTER DATABASE rebuilt SET synchronous_commit = off")
    found = wrong(await all_of(look_at_database(apart.required_database_url())))
    await admin.close()
    assert [(finding.about, finding.state) for finding in found] == [("durability", "wrong")]
    assert found[0].mend == "set synchronous_commit = on"


@pytest.mark.parametrize(
    ("content", "what"),
    [("", "64 hexadecimal"), ("xyz", "64 hexadecimal"), (None, "can't be read")],
)
async def test_a_root_key_that_is_none_is_found(
    apart: Settings, tmp_path: Path, content: str | None, what: str
) -> None:
    file = tmp_path / "root.key"
    if content is not None:
        file.write_text(content)
    found = await all_of(look_at_record(apart.model_copy(update={"root_key_file": file})))
    assert [finding.state for finding in found] == ["wrong"]
    assert what in found[0].what


async def test_another_root_key_is_found(house: Any, settings: Settings, tmp_path: Path) -> None:
    await house.record.vault.create_tenant("keyed")
    file = tmp_path / "root.key"
    file.write_text("00" * 32)
    file.chmod(0o600)
    found = await all_of(look_at_record(settings.model_copy(update={"root_key_file": file})))
    assert [f.state for f in found if f.about == "keys"] == ["fine", "wrong"]
    assert "written with" in (found[1].mend or "")


async def test_a_root_key_that_was_replaced_since_is_found(apart: Settings, tmp_path: Path) -> None:
    """On a host whose file is the one before."""
    (tmp_path / "root.key").write_text("00" * 32)
    (tmp_path / "root.key").chmod(0o600)
    admin = await asyncpg.connect(apart.required_database_url())
    await admin.execute("INSERT INTO keys.root (name, since) VALUES (repeat('f', 16), now())")
    await admin.close()
    changed = apart.model_copy(update={"root_key_file": tmp_path / "root.key"})
    found = await all_of(look_at_record(changed))
    assert [f.state for f in found] == ["fine", "wrong"]
    assert "under another root key since" in found[1].what
    assert "CAIRN_ROOT_KEY_FILE" in (found[1].mend or "")


async def test_a_root_key_that_waits_is_a_warning(apart: Settings, tmp_path: Path) -> None:
    for name in ("root.key", "root.key.next"):
        (tmp_path / name).write_text(apart.root_key_path.read_text())
        (tmp_path / name).chmod(0o600)
    changed = apart.model_copy(update={"root_key_file": tmp_path / "root.key"})
    found = await all_of(look_at_record(changed))
    assert (found[0].state, found[0].mend) == ("warning", "cairn keys replace-root")


async def test_a_root_key_that_others_can_read_is_a_warning(
    apart: Settings, tmp_path: Path
) -> None:
    file = tmp_path / "root.key"
    file.write_text(apart.root_key_path.read_text())
    file.chmod(0o644)
    found = await all_of(look_at_record(apart.model_copy(update={"root_key_file": file})))
    assert (found[0].state, found[0].mend) == ("warning", f"chmod 600 {file}")


def test_a_place_tells_neither_user_nor_password() -> None:
    url = SecretStr("postgresql://cairn:canary@db.example:5432/cairn?sslmode=verify-full")
    assert place_of(url.get_secret_value()) == "db.example:5432/cairn"
