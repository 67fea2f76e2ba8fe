"""compose.yaml: valid, hardened, whole, and about roles and settings that exist."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from console.embedded.children import free_port
from console.issuers import read_issuers
from console.login.providers import read_providers
from shared.settings import Settings
from tests.tools import found

ROOT = Path(__file__).parents[2]
DEPLOY = ROOT / "deploy"
DOCKERFILE = (DEPLOY / "Dockerfile").read_text()
ROLES = {"api", "worker", "relay", "console"}
COMMANDS = {"migrate", "deploy", "serve"}


def compose() -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load((DEPLOY / "compose.yaml").read_text())
    return found


def services() -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = compose()["services"]
    return found


def ours() -> dict[str, dict[str, Any]]:
    return {name: each for name, each in services().items() if "build" in each}


def test_it_is_valid_by_the_specification() -> None:
    program = Path(sys.executable).with_name("check-jsonschema")
    schema = ["--builtin-schema", "vendor.compose-spec"]
    done = subprocess.run(
        [program, *schema, DEPLOY / "compose.yaml"], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout


def test_everything_that_the_deployment_needs_is_there() -> None:
    assert set(services()) >= {
        "balancer", "api-1", "api-2", "console", "worker", "relay", "migrate", "prepare-temporal",
        "postgres", "postgres-temporal", "temporal", "temporal-ui", "mail", "prometheus", "grafana",
    }  # fmt: skip
    for role in ("worker", "relay"):
        assert services()[role]["deploy"]["replicas"] == 2


@pytest.mark.parametrize("name", ours())
def test_our_processes_may_do_nothing_that_they_need_not(name: str) -> None:
    service = ours()[name]
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert "privileged" not in service
    assert service["command"][0] in COMMANDS
    if service["command"][0] == "serve":
        assert service["command"][1] in ROLES


def test_only_what_migrates_knows_the_owner() -> None:
    knowing = {name for name, each in services().items() if "owner_url" in each.get("secrets", [])}
    assert knowing == {"migrate"}
    root = {name for name, each in services().items() if "root.key" in each.get("secrets", [])}
    assert root == {"api-1", "api-2", "console", "worker", "relay"}


def test_what_writes_bundles_and_what_hands_them_out_share_a_folder_of_theirs() -> None:
    made = re.search(r"^COPY --from=build --chown=10001:10001 \S+ (\S+)$", DOCKERFILE, re.MULTILINE)
    assert made, "an empty volume takes over whose the folder of the image is"
    for name in ("api-1", "api-2", "console", "worker"):
        folder = services()[name]["environment"]["CAIRN_EXPORTS_DIR"]
        assert f"exports:{folder}" in services()[name]["volumes"], name
        assert folder.rpartition("/")[0] == made[1]
    assert "exports" in compose()["volumes"]


def test_every_variable_is_a_setting() -> None:
    known = set(Settings.model_fields)
    for service in ours().values():
        for name in service["environment"]:
            assert name.removeprefix("CAIRN_").lower() in known, name


def test_no_secret_stands_in_the_file() -> None:
    for name, service in services().items():
        for variable, value in (service.get("environment") or {}).items():
            secret = re.search(r"PASSWORD|SECRET|TOKEN|_PWD", variable)
            assert not secret or variable.endswith(("_FILE", "__FILE")), (name, variable, value)


def test_ports_are_open_on_this_machine_alone_unless_asked_for() -> None:
    for name, service in services().items():
        for port in service.get("ports", []):
            assert port.startswith(("127.0.0.1:", "${CAIRN_BIND:-127.0.0.1}:")), name


def test_every_file_and_every_secret_is_there(secrets: Path) -> None:
    for name, service in services().items():
        for volume in service.get("volumes", []):
            source = volume.split(":")[0]
            if source.startswith("."):
                assert (DEPLOY / source).exists(), (name, source)
    for name, secret in compose()["secrets"].items():
        assert (secrets / Path(secret["file"]).name).stat().st_size > 0, name


def test_images_have_a_version() -> None:
    for name, service in services().items():
        image = service["image"]
        assert "build" in service or re.search(r":v?\d", image), (name, image)
        assert not image.endswith(":latest"), name


@pytest.fixture
def secrets(tmp_path: Path) -> Path:
    for name in ("make-secrets", "issuers.example.toml", "logins.example.toml"):
        shutil.copy(DEPLOY / name, tmp_path)
    subprocess.run([tmp_path / "make-secrets"], check=True, capture_output=True)
    return tmp_path / "secrets"


def test_secrets_are_made_once_for_nobody_else_to_enter(secrets: Path) -> None:
    before = {file.name: file.read_text() for file in secrets.iterdir()}
    assert re.fullmatch(r"[0-9a-f]{64}", before["root.key"])
    assert before["serving_password"] in before["serving_url"]
    assert len(set(before.values())) == len(before)
    assert secrets.stat().st_mode & 0o077 == 0
    subprocess.run([secrets.parent / "make-secrets"], check=True, capture_output=True)
    assert {file.name: file.read_text() for file in secrets.iterdir()} == before


def test_the_examples_of_who_may_come_in_can_be_used() -> None:
    [trust] = read_issuers(DEPLOY / "issuers.example.toml")
    login = read_providers(DEPLOY / "logins.example.toml")["acme"]
    assert (trust.tenant, trust.issuer) == (login.tenant, login.issuer)


def test_the_balancer_takes_its_configuration() -> None:
    ports = {"CAIRN_BIND": free_port(), "CAIRN_API_1": 1, "CAIRN_API_2": 2}
    places = {name: f"127.0.0.1:{port}" for name, port in ports.items()}
    program = found("haproxy")
    assert program, "there is no haproxy: python -m tests.tools"
    done = subprocess.run(
        [program, "-c", "-f", DEPLOY / "haproxy" / "haproxy.cfg"],
        env=os.environ | places,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr


def test_prometheus_scrapes_every_role_that_is_served() -> None:
    config = yaml.safe_load((DEPLOY / "prometheus" / "prometheus.yml").read_text())
    named = {
        name
        for job in config["scrape_configs"]
        for discovery in job.get("dns_sd_configs", [])
        for name in discovery["names"]
    }
    serving = {name for name, each in ours().items() if each["command"][0] == "serve"}
    assert named == serving
