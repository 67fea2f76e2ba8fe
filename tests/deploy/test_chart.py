"""The chart: rendered by helm itself, valid for Kubernetes, hardened, and it holds no secret."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml

from shared.settings import Settings
from tests.deploy.test_compose import ROLES
from tests.tools import HELM

CHART = Path(__file__).parents[2] / "deploy" / "helm" / "cairn"
EVERYTHING = (
    "keda.enabled=true",
    "monitoring.enabled=true",
    "backup.enabled=true",
    "exports.claim=cairn-exports",
    "ingress.enabled=true",
    "ingress.tlsSecret=names",
    "temporal.tlsSecret=temporal",
    "temporal.apiKeySecret=temporal-key",
    "temporal.tls=true",
    "mail.passwordSecret=mail",
    "traces.endpoint=https://collector.example.com/v1/traces",
    "image.digest=sha256:0123",
    "env.CAIRN_LOG_LEVEL=warning",
)
FOREIGN = {"PodMonitor", "PrometheusRule", "ScaledObject"}
VERSIONS = ("1.30", "1.35")


@cache
def rendered(*values: str) -> tuple[str, list[dict[str, Any]]]:
    assert HELM.exists(), "there is no helm: python -m tests.tools"
    done = render(*values)
    assert done.returncode == 0, done.stderr
    return done.stdout, [each for each in yaml.safe_load_all(done.stdout) if each]


def render(*values: str) -> subprocess.CompletedProcess[str]:
    more = [word for value in values for word in ("--set", value)]
    return subprocess.run(
        [HELM, "template", "cairn", CHART, *more], capture_output=True, text=True, check=False
    )


def of_kind(kind: str, *values: str) -> list[dict[str, Any]]:
    return [each for each in rendered(*values)[1] if each["kind"] == kind]


def pods(*values: str) -> Iterator[tuple[str, dict[str, Any]]]:
    for each in rendered(*values)[1]:
        spec = each.get("spec", {})
        template = spec.get("jobTemplate", {}).get("spec", spec).get("template")
        if template:
            yield each["metadata"]["name"], template


def test_helm_finds_nothing_to_say() -> None:
    done = subprocess.run(
        [HELM, "lint", "--strict", CHART], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("values", [(), EVERYTHING], ids=["as it comes", "everything on"])
def test_kubernetes_takes_all_of_it(tmp_path: Path, version: str, values: tuple[str, ...]) -> None:
    known = [each for each in rendered(*values)[1] if each["kind"] not in FOREIGN]
    file = tmp_path / "chart.yaml"
    file.write_text(yaml.safe_dump_all(known))
    program = Path(sys.executable).with_name("kubernetes-validate")
    done = subprocess.run(
        [program, "--strict", "-k", version, file], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert len(known) >= 15


@pytest.mark.parametrize("values", [(), EVERYTHING], ids=["as it comes", "everything on"])
def test_every_pod_may_do_nothing_that_it_need_not(values: tuple[str, ...]) -> None:
    for name, template in pods(*values):
        spec = template["spec"]
        assert spec["automountServiceAccountToken"] is False, name
        assert spec["securityContext"]["runAsNonRoot"] is True, name
        assert spec["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}, name
        for container in spec["containers"]:
            security = container["securityContext"]
            assert security["readOnlyRootFilesystem"] is True, name
            assert security["allowPrivilegeEscalation"] is False, name
            assert security["capabilities"] == {"drop": ["ALL"]}, name
            assert container["resources"]["limits"]["memory"], name
            assert not container["image"].endswith(":latest"), name


def test_it_holds_no_secret_but_names_them() -> None:
    text, made = rendered(*EVERYTHING)
    assert [each for each in made if each["kind"] == "Secret"] == []
    for name, template in pods(*EVERYTHING):
        for container in template["spec"]["containers"]:
            for variable in container.get("env", []):
                assert not variable["name"].endswith(("PASSWORD", "DATABASE_URL")), name
    assert "postgresql://" not in text


def test_only_what_migrates_knows_the_owner_and_only_who_serves_the_root_key() -> None:
    owning, opening = set(), set()
    for name, template in pods(*EVERYTHING):
        mounted = {v["secret"]["secretName"] for v in template["spec"]["volumes"] if "secret" in v}
        owning |= {name} if "cairn-database-owner" in mounted else set()
        opening |= {name} if "cairn-root-key" in mounted else set()
    assert owning == {"cairn-migrate"}
    assert opening == {"cairn-api", "cairn-console", "cairn-relay", "cairn-worker-career"}


def test_roles_and_variables_exist() -> None:
    known = {f"CAIRN_{name.upper()}" for name in Settings.model_fields}
    for name, template in pods(*EVERYTHING):
        for container in template["spec"]["containers"]:
            if container["args"][0] == "serve":
                assert container["args"][1] in ROLES, name
            assert {variable["name"] for variable in container["env"]} <= known, name


def test_what_writes_bundles_and_what_hands_them_out_share_a_claim() -> None:
    mounting = set()
    for name, template in pods(*EVERYTHING):
        volumes = {v["name"]: v for v in template["spec"]["volumes"]}
        if claim := volumes.get("exports", {}).get("persistentVolumeClaim"):
            assert claim == {"claimName": "cairn-exports"}
            [container] = template["spec"]["containers"]
            [place] = [m["mountPath"] for m in container["volumeMounts"] if m["name"] == "exports"]
            assert {"name": "CAIRN_EXPORTS_DIR", "value": place} in container["env"], name
            mounting.add(name)
    assert mounting == {"cairn-api", "cairn-console", "cairn-worker-career"}


def test_a_backup_leaves_no_keys_that_a_certificate_says_are_gone(tmp_path: Path) -> None:
    """The job's own script, with a `cairn` that can't save, or that does; what it left is no matter."""
    [script] = [
        container["args"][0].replace("/backups", str(tmp_path))
        for name, template in pods(*EVERYTHING)
        if name == "cairn-backup"
        for container in template["spec"]["containers"]
    ]
    days = (datetime.now(UTC) - timedelta(days=days) for days in (29, 31, 400))
    young, old, older = (f"{day:%Y%m%dT%H%M%SZ}" for day in days)
    saves = tmp_path / "cairn"
    for fate in ("false", "true"):
        for folder in (young, f"{young}.part", old, f"{old}.part", older, "lost+found"):
            (tmp_path / "keys" / folder / "inside").mkdir(parents=True, exist_ok=True)
        for folder in (older, f"{young}.part"):
            (tmp_path / "record" / folder).mkdir(parents=True, exist_ok=True)
        saves.write_text(f"#!/bin/sh\n{fate}\n")
        saves.chmod(0o755)
        path = {"PATH": f"{tmp_path}:{os.environ['PATH']}"}
        done = subprocess.run(["/bin/sh", "-ec", script], env=path, check=False)
        assert (done.returncode == 0) is (fate == "true")
        assert {each.name for each in (tmp_path / "keys").iterdir()} == {young, "lost+found"}
        assert {each.name for each in (tmp_path / "record").iterdir()} == {older}


def test_certificates_promise_what_the_job_deletes() -> None:
    """Whoever wants the keys gone sooner says so once."""
    keeps = ("backup.keysKeptDays=7", "backup.keysPromisedDays=12")
    script = str(of_kind("CronJob", *EVERYTHING, *keeps))
    assert '"7 days ago"' in script
    assert '"30 days ago"' not in script
    for kind in ("Deployment", "Job"):
        promised = [
            variable["value"]
            for each in of_kind(kind, *EVERYTHING, *keeps)
            for container in each["spec"]["template"]["spec"]["containers"]
            for variable in container["env"]
            if variable["name"] == "CAIRN_BACKUPS_KEPT"
        ]
        assert promised
        assert set(promised) == {"P12D"}
    for wrong in ("env.CAIRN_BACKUPS_KEPT=P7D", "backup.keysKeptDays=35"):
        assert "backup.keysPromisedDays" in render(*EVERYTHING, wrong).stderr
    assert render("backup.enabled=true", "env=null").returncode == 0


def test_who_was_erased_is_listed_every_hour_apart_from_what_it_is_for() -> None:
    jobs = {each["metadata"]["name"]: each["spec"] for each in of_kind("CronJob", *EVERYTHING)}
    assert jobs["cairn-erasures"]["schedule"] == "20 * * * *"
    claims = {
        name: {
            volume["persistentVolumeClaim"]["claimName"]
            for volume in job["jobTemplate"]["spec"]["template"]["spec"]["volumes"]
            if "persistentVolumeClaim" in volume
        }
        for name, job in jobs.items()
    }
    assert claims == {
        "cairn-backup": {"cairn-backup-record", "cairn-backup-keys"},
        "cairn-erasures": {"cairn-backup-erasures"},
    }


def test_every_role_is_probed_and_stays_while_nodes_are_emptied() -> None:
    deployments = of_kind("Deployment")
    assert len(deployments) == 4
    budgets = [each["spec"]["selector"]["matchLabels"] for each in of_kind("PodDisruptionBudget")]
    for deployment in deployments:
        container = deployment["spec"]["template"]["spec"]["containers"][0]
        assert container["livenessProbe"]["httpGet"]["path"] == "/healthz"
        assert container["readinessProbe"]["httpGet"]["path"] == "/readyz"
        assert deployment["spec"]["selector"]["matchLabels"] in budgets
        assert deployment["spec"]["strategy"]["rollingUpdate"]["maxUnavailable"] == 0


@pytest.mark.parametrize("values", [(), EVERYTHING], ids=["by CPU", "by Temporal's backlog"])
def test_what_is_scaled_has_no_fixed_number_and_exists(values: tuple[str, ...]) -> None:
    deployments = {each["metadata"]["name"]: each for each in of_kind("Deployment", *values)}
    scalers = of_kind("HorizontalPodAutoscaler", *values) + of_kind("ScaledObject", *values)
    scaled = {each["spec"]["scaleTargetRef"]["name"] for each in scalers}
    assert scaled == {"cairn-api", "cairn-worker-career"}
    for name, deployment in deployments.items():
        assert ("replicas" in deployment["spec"]) is (name not in scaled), name


def test_workers_are_scaled_by_the_backlog_of_a_queue_that_exists() -> None:
    from workflows import messages

    queues = {value for name, value in vars(messages).items() if name.endswith("QUEUE")}
    for each in of_kind("ScaledObject", *EVERYTHING):
        for trigger in each["spec"]["triggers"]:
            assert trigger["type"] == "temporal"
            assert trigger["metadata"]["taskQueue"] in queues


def test_api_and_pages_have_hosts_of_their_own() -> None:
    rules = of_kind("Ingress", *EVERYTHING)[0]["spec"]["rules"]
    assert len({rule["host"] for rule in rules}) == len(rules) == 2
    paths = [path["path"] for path in rules[0]["http"]["paths"]]
    assert "/metrics" not in paths
    assert "/" not in paths
    assert {"/mail", "/runbook"} <= set(paths), "mail leads here where no pages are served"


def test_nobody_reaches_a_pod_but_by_a_policy() -> None:
    policies = {each["metadata"]["name"]: each["spec"] for each in of_kind("NetworkPolicy")}
    assert policies["cairn"]["policyTypes"] == ["Ingress", "Egress"]
    outside = policies["cairn-outside"]["podSelector"]["matchExpressions"][0]["values"]
    assert "relay" not in outside
    for name, template in pods():
        labels = template["metadata"]["labels"]
        assert policies["cairn"]["podSelector"]["matchLabels"].items() <= labels.items(), name


def test_migrations_run_before_anything_of_the_release() -> None:
    jobs = {each["metadata"]["name"]: each["metadata"]["annotations"] for each in of_kind("Job")}
    assert set(jobs) == {"cairn-migrate", "cairn-prepare-temporal"}
    for hook in jobs.values():
        assert hook["helm.sh/hook"] == "pre-install,pre-upgrade"


def test_alerts_and_dashboards_are_those_of_the_deployment() -> None:
    rules, backups = (each["spec"]["groups"] for each in of_kind("PrometheusRule", *EVERYTHING))
    assert rules == yaml.safe_load((CHART / "files" / "alerts.yml").read_text())["groups"]
    assert backups == yaml.safe_load((CHART / "files" / "backups.yml").read_text())["groups"]
    asked = {name for rule in backups[0]["rules"] for name in re.findall(r'="(.+?)"', rule["expr"])}
    assert asked == {each["metadata"]["name"] for each in of_kind("CronJob", *EVERYTHING)}
    dashboards = of_kind("ConfigMap", *EVERYTHING)[0]["data"]
    assert set(dashboards) == {path.name for path in (CHART / "files" / "dashboards").iterdir()}
    jobs = {
        template["metadata"]["labels"].get("cairn-job") for _, template in pods(*EVERYTHING)
    } - {None}
    assert jobs == {"cairn-api", "cairn-console", "cairn-relay", "cairn-worker"}
