"""docs/operations.md, "As plain processes": its blocks are run as they stand, one after the other."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from console.embedded.children import claim_port, free_port
from console.embedded.postgres import _USER, Postgres, _binaries

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "operations.md"
AS_POSTGRES = "# as the user postgres\n"


def blocks() -> list[str]:
    """As they stand, but for the ports, since others may listen on those."""
    section = PAGE.read_text().split("### As plain processes")[1].split("\n## ")[0]
    found = "\0".join(re.findall(r"^```sh\n(.*?)^```", section, re.MULTILINE | re.DOTALL))
    ports = {port: str(free_port()) for port in ("5441", "5442", "7443", "8443", "8080")}
    tens = {ten: free_ten() for ten in ("801", "946", "947", "948")}
    found = re.sub(r"\b(5441|5442|7443|8443|8080)\b", lambda match: ports[match[1]], found)
    found = re.sub(r"\b(801|946|947|948)(?=\$n\b|[12]\b)", lambda match: tens[match[1]], found)
    return found.split("\0")


def free_ten() -> str:
    """The first digits of two ports, …1 and …2, that nobody listens on."""
    while True:
        ten = str(free_port())[:-1]
        if claim_port(int(f"{ten}1")) and claim_port(int(f"{ten}2")):
            return ten


@pytest.fixture
def trial(tmp_path: Path) -> Iterator[Path]:
    """A folder that PostgreSQL's user can enter, with what it reads; nothing is left running."""
    folder = tmp_path / "trial"
    Postgres(folder)._prepare_owner(_binaries())  # makes the user, and the way to its programs
    for opened in (folder, tmp_path):
        opened.chmod(0o777)
    shutil.copytree(ROOT / "deploy", folder / "repository" / "deploy", symlinks=True)
    yield folder
    for file in folder.rglob("*.pid"):
        for line in file.read_text().split()[:1]:
            with suppress(ProcessLookupError, ValueError):
                os.kill(int(line), signal.SIGKILL)


def run(block: str, trial: Path) -> str:
    mine = Path(sys.executable).parent
    environment = {name: v for name, v in os.environ.items() if not name.startswith("CAIRN_")}
    environment |= {
        "TRIAL": str(trial),
        "REPOSITORY": str(trial / "repository"),
        "PATH": f"{mine}:{_binaries()}:{os.environ['PATH']}:/usr/sbin",
    }
    output = trial / "output"
    with output.open("wb") as file:  # not a pipe: what a block leaves running would hold it open
        done = subprocess.run(
            ["bash", "-euo", "pipefail", "-c", block],
            env=environment,
            cwd=trial,
            stdout=file,
            stderr=file,
            user=_USER if os.geteuid() == 0 and block.startswith(AS_POSTGRES) else None,
            timeout=200,
            check=False,
        )
    said = output.read_text()
    assert done.returncode == 0, f"{block}\n{said}"
    return said


@pytest.mark.timeout(500)
def test_a_newcomer_brings_up_the_topology_word_by_word(trial: Path) -> None:
    record, temporal, roles, use, failing, going_on, stop, stop_record = blocks()
    run(record, trial)
    run(temporal, trial)
    assert re.search(r"workers +[12] on career, [12] on mail, ", run(roles, trial).splitlines()[-1])
    assert '"state":"conversation"' in run(use, trial)
    run(failing, trial)
    assert json.loads(run(going_on, trial))["person"] == "ana"
    run(stop, trial)
    run(stop_record, trial)


def test_each_command_that_the_page_names_exists() -> None:
    from console.cli import app

    known = {name for name in app if not name.startswith("-")} | {"client"}
    named = set(re.findall(r"`cairn ([a-z]+)", PAGE.read_text()))
    assert named <= known, named - known


def test_each_variable_that_the_page_names_is_a_setting() -> None:
    from shared.settings import Settings

    own = {"CAIRN_BIND", "CAIRN_API_1", "CAIRN_API_2", "CAIRN_TEMPORAL_CLI"}
    known = {f"CAIRN_{name.upper()}" for name in Settings.model_fields} | own
    named = set(re.findall(r"\bCAIRN_[A-Z0-9_]*[A-Z0-9]\b", PAGE.read_text()))
    assert named <= known, named - known
