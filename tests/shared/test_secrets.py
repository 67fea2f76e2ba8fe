"""A secret comes by a file or the environment, and goes nowhere: no repr, no log, no error tells it."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest
from pydantic import SecretStr

from shared.settings import Settings
from tests.console.test_up import until

ROOT = Path(__file__).parents[2]
CANARY = "canary-of-a-password"
AWAY = f"postgresql://cairn:{CANARY}@127.0.0.1:1/cairn"


def told(folder: Path, *arguments: str, **environment: str) -> str:
    """Everything that a command says until it ends, or a moment after it began to speak."""
    log = folder / "said"
    with log.open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "console.cli", *arguments],
            cwd=ROOT,
            env=os.environ | {"CAIRN_DATA_DIR": str(folder)} | environment,
            stdout=output,
            stderr=output,
        )
    until(lambda: process.poll() is not None or log.stat().st_size, seconds=30)
    if process.poll() is None:
        time.sleep(0.3)
        process.kill()
        process.wait()
    return log.read_text()


def test_a_url_is_read_from_its_file(tmp_path: Path) -> None:
    file = tmp_path / "url"
    file.write_text(f"{AWAY}\n")
    assert Settings(database_url_file=file).required_database_url() == AWAY


def test_the_variable_comes_before_the_file(tmp_path: Path) -> None:
    file = tmp_path / "url"
    file.write_text("postgresql://elsewhere")
    given = Settings(database_url=SecretStr(AWAY), database_url_file=file)
    assert given.required_database_url() == AWAY


def test_settings_show_no_secret() -> None:
    settings = Settings(database_url=SecretStr(AWAY))
    for shown in (repr(settings), str(settings), settings.model_dump_json()):
        assert CANARY not in shown


def test_every_setting_that_holds_a_secret_is_a_file_or_hidden() -> None:
    for name, field in Settings.model_fields.items():
        if any(word in name for word in ("password", "secret", "key", "token", "database_url")):
            hidden = field.annotation in (SecretStr, SecretStr | None)
            assert hidden or name.endswith("_file"), name


@pytest.mark.parametrize(
    "command",
    [
        ("serve", "relay"),
        ("serve", "api"),
        ("migrate",),
        ("doctor",),
        ("backup", "--erasures-to", "nowhere"),
        ("token", "--tenant", "t", "--role", "platform"),
    ],
    ids=" ".join,
)
@pytest.mark.parametrize("url", [AWAY, f"postgresql://cairn:{CANARY}@[bad/cairn", CANARY])
def test_nothing_tells_it_when_the_server_is_away_or_the_url_is_none(
    tmp_path: Path, command: tuple[str, ...], url: str
) -> None:
    (tmp_path / "secrets").mkdir()
    (tmp_path / "secrets" / "root.key").write_text(CANARY)
    said = told(tmp_path, *command, CAIRN_DATABASE_URL=url, CAIRN_TEMPORAL_ADDRESS="127.0.0.1:1")
    assert said, "a failure says something"
    assert CANARY not in said


def test_a_value_that_is_no_setting_is_refused_without_being_told(tmp_path: Path) -> None:
    said = told(tmp_path, "doctor", CAIRN_POOL_SIZE=CANARY)
    assert "CAIRN_POOL_SIZE" in said
    assert CANARY not in said
