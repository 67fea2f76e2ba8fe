"""Who owns the record: a superuser, or a role that was made for it as the operations page says."""

from __future__ import annotations

import re
import subprocess
from collections.abc import AsyncIterator
from pathlib import Path

import asyncpg
import pytest
from pydantic import SecretStr

from console.bootstrap import build
from console.commands.keeping import restore_backup
from console.embedded.postgres import Postgres, _binaries
from console.keeping.backup import back_up
from console.keeping.erasures import extend_list
from console.keeping.restore import bring_back
from console.migrations import NoOwner, migrate
from console.rebuild import rebuild_read_models
from console.secrets import ensure_secrets
from shared.settings import Settings
from tests.console.test_rebuild import live

ROOT = Path(__file__).parents[3]
LOGINS = ROOT / "deploy" / "postgres" / "logins.sql"
OPERATIONS = ROOT / "docs" / "operations.md"


@pytest.fixture
async def server(tmp_path: Path) -> AsyncIterator[Postgres]:
    """Roles belong to a server: one where nobody has made any of Cairn's yet."""
    for above in (tmp_path, *tmp_path.parents[:2]):
        above.chmod(0o755)
    made = Postgres(tmp_path / "data")
    await made.start()
    yield made
    await made.stop()


def make_owner(server: Postgres) -> None:
    """As the page says it, and a second database."""
    found = re.search(r"```sql\n(.*?)```", OPERATIONS.read_text(), re.DOTALL)
    assert found
    text = f"DROP DATABASE cairn; {found[1]} CREATE DATABASE restored OWNER cairn_owner;"
    done = psql(server.url.removesuffix("/cairn") + "/postgres", text.replace("…", "owner"))
    assert (done.returncode, done.stderr) == (0, "")


def psql(url: str, text: str) -> subprocess.CompletedProcess[str]:
    argv = [_binaries() / "psql", "-q", "-v", "serving=serving", "-v", "backup=backup", url]
    return subprocess.run(argv, input=text, capture_output=True, text=True, check=False, cwd="/")


async def test_a_role_that_may_make_roles_and_see_all_rows_is_enough(
    server: Postgres, tmp_path: Path
) -> None:
    """From the logins to a restore, with nobody at work who is a superuser."""
    make_owner(server)
    place = server.url.rpartition("@")[2].partition("/")[0]

    def settings(login: str, database: str) -> Settings:
        url = SecretStr(f"postgresql://{login}:{login.rpartition('_')[2]}@{place}/{database}")
        return Settings(data_dir=tmp_path / "data", database_url=url)

    owner = settings("cairn_owner", "cairn")
    ensure_secrets(owner)
    done = psql(owner.required_database_url(), LOGINS.read_text())
    assert done.returncode == 0, done.stderr
    again = psql(owner.required_database_url(), LOGINS.read_text())
    assert again.returncode != 0  # it ends where it fails
    await migrate(owner.required_database_url())
    house = await build(settings("cairn_serving", "cairn"))
    await live(house, "one", 1)
    await house.close()
    await rebuild_read_models(owner, lambda *_: None)
    url = settings("cairn_backup", "cairn").required_database_url()
    record, keys, erasures = (tmp_path / name for name in ("record", "keys", "erasures"))
    await back_up(url, record, keys)
    await extend_list(url, erasures)
    there = settings("cairn_owner", "restored")
    assert await restore_backup(there, record, keys, [erasures], []) == 0
    await (await build(settings("cairn_serving", "restored"))).close()


async def test_a_role_that_may_less_is_refused_before_anything_is_made(
    settings: Settings, tmp_path: Path
) -> None:
    admin = await asyncpg.connect(settings.required_database_url())
    await admin.execute("CREATE ROLE less LOGIN PASSWORD 'less' CREATEROLE")
    await admin.execute("CREATE DATABASE bare OWNER less")
    place = settings.required_database_url().rpartition("@")[2].partition("/")[0]
    url = f"postgresql://less:less@{place}/bare"
    less = settings.model_copy(update={"database_url": SecretStr(url)})
    await back_up(settings.required_database_url(), tmp_path / "record", tmp_path / "keys")
    try:
        with pytest.raises(NoOwner):
            await migrate(url)
        await admin.execute("ALTER ROLE less NOCREATEROLE BYPASSRLS")
        with pytest.raises(NoOwner):
            await bring_back(less, tmp_path / "record", tmp_path / "keys", lambda _: None)
    finally:
        await admin.execute("DROP DATABASE bare WITH (FORCE)")
        await admin.execute("DROP ROLE less")
        await admin.close()
