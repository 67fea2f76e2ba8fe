"""A setting that can't be used is told at the start by its variable, not by what it breaks."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from shared.settings import Settings

UNUSABLE = {
    "CAIRN_SESSION_LONGEST": "P1M",  # how long that is depends on the month
    "CAIRN_SESSION_IDLE": "2h",
    "CAIRN_BACKUPS_KEPT": "35d",
    "CAIRN_CHECKPOINT_EVERY": "-PT1H",
    "CAIRN_LOG_LEVEL": "verbose",
    "CAIRN_WEBHOOK_NETWORKS": "10.20.0.0/99",
}


def test_a_level_of_the_log_is_taken_in_capitals_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CAIRN_LOG_LEVEL", "WARNING")
    assert Settings().log_level == "warning"


@pytest.mark.parametrize(("variable", "value"), UNUSABLE.items())
def test_what_cant_be_used_is_named_at_the_start(variable: str, value: str) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "console.cli", "serve", "worker"],
        env=os.environ | {variable: value},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.returncode == 2, done.stderr
    assert done.stderr.startswith(f"{variable} can't be used: ")
    assert done.stderr.count("\n") == 1
