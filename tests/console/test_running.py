"""One `cairn up`, met by others' programs: SCIM's tester, schemathesis, an HR platform."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx2
import pytest
from scim2_client.engines.httpx2 import SyncSCIMClient
from scim2_tester import Status, check_server

from shared.settings import Settings
from shared.tokens import Issuer
from tests.console.test_up import ROOT, Running, clean, nothing_left, until
from tests.proving import LONG, Proof, told

SEED, EXAMPLES, SECONDS = (0, 100, 900) if LONG else (1, 5, 30)
OTHERWISE = (
    "positive_data_acceptance",  # a rule may refuse what no schema can tell
    "use_after_free",  # what was removed can still be read: the record stays
    "unsupported_method",  # `answers/ideal:decline` reads like the answer to a question, too
    "allow_header_conformance",  # for the same reason
)
EVERYTHING = ["employee", "partner", "hr", "auditor", "admin"]


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    started = Running(
        tmp_path_factory.mktemp("running"),
        CAIRN_WEBHOOKS_ON_LOOPBACK="true",
        CAIRN_LIMIT_PEOPLE="0",
    ).start()
    assert (started.folder / "cairn.json").exists(), started.stop()
    yield started
    started.stop()
    nothing_left(started.folder)


def play(running: Running, store: Path, *more: str) -> tuple[list[list[str]], str]:
    """The example platform's evening: the events that it knows at the end, and its talk."""
    done = subprocess.run(
        [
            sys.executable,
            "examples/platform",
            "--data-dir",
            running.folder,
            "--store",
            store,
            *more,
        ],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
        cwd=ROOT,
        env=clean(),
    )
    assert done.returncode == 0, done.stderr
    return [line.split() for line in done.stdout.splitlines()], done.stderr


def test_the_example_platform_is_told_everything_by_webhooks(
    running: Running, tmp_path: Path
) -> None:
    events, talk = play(running, tmp_path / "platform.db", "--tenant", "by-webhook")
    assert "line 10 is refused: An id of 1 to 128 characters" in talk
    assert "8 people are in the roster" in talk
    assert "of 8, 7 would get a cycle, 0 have one" in talk
    assert "'van der Berg' would be left out: malformed" in talk
    assert "7 cycles are under way" in talk
    assert [int(position) for position, *_ in events] == list(range(1, len(events) + 1))
    assert sum(type_ == "cycles.conversation_opened" for _, type_, _ in events) == 7
    assert f"knows {len(events)} events: {len(events)} by webhook" in talk


def test_a_platform_that_was_down_is_told_by_the_feed_and_nothing_twice(
    running: Running, tmp_path: Path
) -> None:
    store = tmp_path / "platform.db"
    first, talk = play(running, store, "--tenant", "by-feed", "--deaf")
    assert f"knows {len(first)} events: {len(first)} by feed" in talk
    again, talk = play(running, store, "--tenant", "by-feed")
    assert again == first
    assert "by webhook" not in talk


def test_scim2_tester_finds_nothing_to_complain_of(running: Running) -> None:
    running.caller("scim", "admin").put("/v1/policy", json={"closing_floor": 1_000})
    token = running.command("token", "--tenant", "scim", "--role", "platform").stdout.strip()
    http = httpx2.Client(
        base_url=running.state["api_url"] + "/scim/v2",
        headers={"Authorization": f"Bearer {token}"},
        timeout=20,
    )
    results = check_server(SyncSCIMClient(http))
    assert len(results) > 50
    others = [(r.status, r.title, r.reason) for r in results if r.status is not Status.SUCCESS]
    assert others == []


@pytest.mark.timeout(2 * SECONDS + 450)
def test_schemathesis_finds_no_failure_and_no_answer_outside_the_document(
    running: Running, tmp_path: Path, proof: Proof
) -> None:
    platform, _, cycle = running.began("schemathesis")
    at = f"/v1/cycles/{cycle}"
    until(lambda: platform.get(at).json()["conversation"])
    document = platform.get("/openapi.json").json()
    (tmp_path / "openapi.json").write_text(json.dumps(linked(document)))
    tested = f"Tested: {sum(map(len, document['paths'].values()))}"
    said = explored(running, tmp_path, SECONDS)
    if tested not in said:  # a slow machine hasn't come to all of it in that time
        said = explored(running, tmp_path, SECONDS + 150)
    found = re.search(r"(\d+) generated, (\d+) passed", said)
    assert found is not None, said
    assert tested in said
    log = (running.folder / "logs" / "api.log").read_text()
    assert "unexpected" not in log
    proof("the API's document", "schemathesis, stateful", told({"requests": int(found[1])}))


def explored(running: Running, folder: Path, seconds: int) -> str:
    """What schemathesis says after so many seconds with the document in this folder."""
    settings = Settings(data_dir=running.folder)
    token = Issuer.of_file(settings.issuer_path).issue("schemathesis", EVERYTHING, "ana", 36_000)
    done = subprocess.run(
        [
            *(sys.executable, "-m", "schemathesis.cli", "run", "openapi.json"),
            *("--url", running.state["api_url"], "--header", f"Authorization: Bearer {token}"),
            *("--max-examples", str(EXAMPLES), "--seed", str(SEED), "--max-time", str(seconds)),
            # One worker: ast.parse fails at times in several threads of Python 3.11 (gh-106905).
            *("--request-timeout", "45", "--workers", "1", "--no-color"),
            *("--exclude-checks", ",".join(OTHERWISE)),
        ],
        capture_output=True,
        text=True,
        check=False,
        cwd=folder,
        env=clean() | {"SCHEMATHESIS_HOOKS": "tests.console.lines", "PYTHONPATH": str(ROOT)},
    )
    assert done.returncode == 0, done.stdout[-20_000:] + done.stderr
    return done.stdout


def linked(document: dict[str, Any]) -> dict[str, Any]:
    """The document with links from whatever answers an id to whatever takes it."""
    schemas = document["components"]["schemas"]
    for path, item in document["paths"].items():
        for operation in item.values():
            for status, answer in operation["responses"].items():
                content = answer.get("content", {}).get("application/json", {})
                named = content.get("schema", {}).get("$ref")
                if status.startswith("2") and path.startswith("/v1/") and named:
                    schema = schemas[named.rpartition("/")[2]]
                    answer["links"] = _links(document, path, schema["properties"])
    return document


def _links(document: dict[str, Any], path: str, answered: dict[str, Any]) -> dict[str, Any]:
    kind = path.split("/")[2].partition(":")[0]
    names = {kind: "id", "conversations": "conversation", "plans": "plan"} | {kind: "id"}
    found = {}
    for other, item in document["paths"].items():
        parts = other.split("/")
        name = names.get(parts[2], "")
        if len(parts) > 3 and parts[3].partition(":")[0] == "{id}" and name in answered:
            for operation in item.values():
                parameters = {"id": f"$response.body#/{name}"}
                to = operation["operationId"]
                found[to] = {"operationId": to, "parameters": parameters}
    return found
