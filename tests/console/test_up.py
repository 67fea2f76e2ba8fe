"""`cairn up` as its user meets it: real processes, killed, starved and started again."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx2
import pytest

from console.embedded.children import free_port
from console.up import _NICENESS

ROOT = Path(__file__).parents[2]
CAIRN = [sys.executable, "-m", "console.cli"]
FAST = {
    "cadence": "PT6S",
    "follow_up_after": "PT6S",
    "check_in_every": "PT3S",
    "answer_nudges": ["PT30S"],
    "partner_nudges": [],
    "plan_within": "PT60S",
}
AFTER_A_LOSS = 120
"""Seconds for a cycle to go on after Temporal or a worker was killed: what the workflow was deciding is
given out again after 10 s, a step after 20, each maybe more than once, and Temporal has to start."""


class Running:
    """One `cairn up` on a data directory of its own."""

    def __init__(self, folder: Path, **settings: str) -> None:
        self.folder = folder
        self.settings = settings
        self.process: subprocess.Popen[str] | None = None

    def start(self, *more: str) -> Running:
        ports = ("--port", "0", "--temporal-port", "0", "--ui-port", "0")
        self.process = subprocess.Popen(
            [*CAIRN, "up", "--data-dir", str(self.folder), *(more or ports)],
            stderr=subprocess.PIPE,
            text=True,
            cwd=ROOT,
            env=clean() | self.settings,
        )
        ready = self.folder / "cairn.json"
        until(lambda: ready.exists() or self.process.poll() is not None, 120)
        return self

    @property
    def state(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads((self.folder / "cairn.json").read_text())
        return found

    def kill_everything(self) -> None:
        for pid in set(self.state["pids"].values()):
            os.kill(pid, signal.SIGKILL)
        assert self.process is not None
        self.process.wait()
        (self.folder / "cairn.json").unlink()

    def stop(self) -> str:
        assert self.process is not None
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)
        talk: str = self.process.communicate(timeout=120)[1]
        return talk

    def command(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        command = [*CAIRN, *arguments, "--data-dir", str(self.folder)]
        environment = clean() | self.settings
        return subprocess.run(
            command, capture_output=True, text=True, check=False, cwd=ROOT, env=environment
        )

    def temporal(self, *arguments: str) -> str:
        """What Temporal's own command says."""
        cli = str(Path(sys.executable).with_name("temporal"))
        command = [cli, *arguments, "--address", self.state["temporal_address"]]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        return done.stdout

    def runs(self, query: str) -> list[Any]:
        """The runs that Temporal finds."""
        found = self.temporal("workflow", "list", "-o", "json", "--query", query)
        listed: list[Any] = json.loads(found or "[]")
        return listed

    def caller(self, tenant: str, role: str, person: str | None = None) -> httpx2.Client:
        who = ["--person", person] if person else []
        token = self.command("token", "--tenant", tenant, "--role", role, *who)
        assert token.returncode == 0, token.stderr
        headers = {"Authorization": f"Bearer {token.stdout.strip()}"}
        return httpx2.Client(
            base_url=self.state["api_url"],
            headers=headers,
            timeout=20,
            event_hooks={
                "request": [lambda r: r.headers.setdefault("Idempotency-Key", uuid4().hex)]
            },
        )

    def began(self, tenant: str, **times: str) -> tuple[httpx2.Client, httpx2.Client, str]:
        """A platform, an employee, and her cycle, with a policy in seconds."""
        platform = self.caller(tenant, "platform")
        platform.put("/v1/policy", json=FAST | times).raise_for_status()
        for person, partner in (("ben", None), ("ana", "ben")):
            body = {"name": person.title(), "email": f"{person}@example.com", "partner": partner}
            platform.put(f"/v1/people/{person}", json=body).raise_for_status()
        cycle = platform.post("/v1/cycles", json={"person": "ana"}).raise_for_status().json()["id"]
        return platform, self.caller(tenant, "employee", "ana"), cycle

    def opened(self, tenant: str, person: str) -> tuple[httpx2.Client, str]:
        """A new employee, and the path of the conversation that is open for them."""
        platform = self.caller(tenant, "platform")
        body = {"name": person.title(), "email": f"{person}@example.com"}
        platform.put(f"/v1/people/{person}", json=body).raise_for_status()
        cycle = platform.post("/v1/cycles", json={"person": person}).raise_for_status().json()["id"]
        conversation = until(lambda: cycle_of(platform, cycle)["conversation"])
        return self.caller(tenant, "employee", person), f"/v1/conversations/{conversation}"

    def roster(self, tenant: str, people: Sequence[str], **more: str) -> list[dict[str, Any]]:
        """Import these people, all with the same more about them; the result of each line."""
        lines = [{"person": p, "name": p, "email": f"{p}@mail.example"} | more for p in people]
        answer = self.caller(tenant, "platform").post(
            "/v1/people:import",
            content="\n".join(map(json.dumps, lines)),
            headers={"Content-Type": "application/x-ndjson"},
            timeout=300,
        )
        found = [json.loads(line) for line in answer.raise_for_status().text.splitlines()]
        assert [each["person"] for each in found] == list(people)
        return found


def clean() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if not name.startswith("CAIRN_")}


def until(so: Callable[[], Any], seconds: float = 120, every: float = 0.05) -> Any:
    deadline = time.monotonic() + seconds
    while not (found := so()):
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(every)
    return found


def left_over(folder: Path) -> list[str]:
    """Processes that still work on this data directory."""
    found = []
    for process in Path("/proc").iterdir():
        if process.name.isdigit() and int(process.name) != os.getpid():
            try:
                words = (process / "cmdline").read_text() + (process / "environ").read_text()
            except OSError:
                continue
            if str(folder) in words:
                found.append(words.replace("\0", " ")[:120])
    return found


def nothing_left(folder: Path, seconds: float = 20) -> None:
    deadline = time.monotonic() + seconds
    while (left := left_over(folder)) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert left == []


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    started = Running(tmp_path_factory.mktemp("up")).start()
    assert (started.folder / "cairn.json").exists(), started.stop()
    yield started
    started.stop()
    nothing_left(started.folder)


def cycle_of(client: httpx2.Client, cycle: str) -> dict[str, Any]:
    found: dict[str, Any] = client.get(f"/v1/cycles/{cycle}").raise_for_status().json()
    return found


def test_the_example_plays_a_whole_cycle(running: Running) -> None:
    example = ROOT / "examples" / "whole_cycle.py"
    done = subprocess.run(
        [sys.executable, str(example), "--data-dir", str(running.folder), "--tenant", "example"],
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
        cwd=ROOT,
        env=clean(),
    )
    assert done.returncode == 0, done.stderr
    assert "Round 2 began" in done.stdout
    assert "The question 'energy' was set aside." in done.stdout
    assert "The answer to 'challenge' was revised." in done.stdout


@pytest.mark.timeout(500)
def test_answers_are_accepted_while_temporal_is_away_and_the_cycle_catches_up(
    running: Running,
) -> None:
    _, ana, cycle = running.began("outage")
    id_ = until(lambda: cycle_of(ana, cycle)["conversation"])
    at = f"/v1/conversations/{id_}"
    until(lambda: running.runs('CairnTenant="outage" AND CairnStage="conversation"'))
    temporal = running.state["pids"]["temporal"]
    os.kill(temporal, signal.SIGSTOP)
    try:
        for number in range(30):
            answer = ana.put(f"{at}/answers/impact", json={"text": f"answer {number}"})
            assert answer.status_code == 200
        ana.put(f"{at}/direction", json={"direction": "deepen"}).raise_for_status()
        ana.post(f"{at}:conclude", json={"meeting": "waived"}).raise_for_status()
        assert cycle_of(ana, cycle)["plan"] is None
    finally:
        os.kill(temporal, signal.SIGCONT)
    assert until(lambda: cycle_of(ana, cycle)["plan"], AFTER_A_LOSS)
    os.kill(temporal, signal.SIGKILL)
    plan = f"/v1/plans/{cycle_of(ana, cycle)['plan']}"
    assert ana.post(f"{plan}:close").status_code == 200
    assert until(lambda: cycle_of(ana, cycle)["state"] in {"steady", "follow_up"}, AFTER_A_LOSS)


def test_ops_find_the_cycles_by_whose_turn_it_is(running: Running) -> None:
    _, ana, cycle = running.began("watched", cadence="PT1H")
    until(lambda: cycle_of(ana, cycle)["conversation"])
    at = f"/v1/conversations/{cycle_of(ana, cycle)['conversation']}"
    ana.post(f"{at}:share", json={"questions": ["impact"]}).raise_for_status()

    def found(query: str) -> list[Any]:
        return running.runs(f'CairnTenant="watched" AND {query}')

    until(lambda: found('CairnWaitingFor="partner" AND CairnStage="conversation" AND CairnRound=1'))
    assert found('CairnWaitingFor="employee"') == []


def test_ops_read_and_steer_a_cycle_with_temporals_own_command(running: Running) -> None:
    _, ana, cycle = running.began("steered")
    until(lambda: cycle_of(ana, cycle)["conversation"])
    codec = ("--codec-endpoint", f"{running.state['api_url']}/temporal")
    listed = until(lambda: running.runs('CairnTenant="steered" AND CairnStage="conversation"'))
    which = ("-w", listed[0]["execution"]["workflowId"], *codec)
    ask = ("--name", "hold_nudges", "--input", '{"by":"kim"}')
    assert "on record" in running.temporal("workflow", "update", "execute", *which, *ask)
    until(lambda: "Reminders are held back" in running.temporal("workflow", "metadata", *which))
    timeline = running.command("audit", "timeline", "--tenant", "steered", "--json")
    held = [i for i in json.loads(timeline.stdout)["items"] if i["type"] == "cycles.nudges_held"]
    assert [item["actor"] for item in held] == ["client:ops:kim"]


def test_the_codec_server_lets_the_temporal_ui_read_and_nobody_else(running: Running) -> None:
    state = running.state
    url = f"{state['api_url']}/temporal/decode"
    ours = {"Origin": state["temporal_ui_url"], "Access-Control-Request-Method": "POST"}
    allowed = httpx2.options(url, headers=ours)
    assert allowed.headers["access-control-allow-origin"] == state["temporal_ui_url"]
    strange = httpx2.options(url, headers=ours | {"Origin": "https://evil.example"})
    assert "access-control-allow-origin" not in strange.headers
    assert httpx2.post(url, content=b"{").status_code == 422
    assert "Runbook of the cycles" in httpx2.get(f"{state['api_url']}/runbook").text


def test_reconciling_finds_nothing_and_rebuilding_is_harmless_while_all_runs(
    running: Running,
) -> None:
    running.began("wiped")
    found = running.command("reconcile", "--tenant", "wiped", "--json")
    assert found.returncode == 0, found.stderr
    assert json.loads(found.stdout) == {"items": [{"tenant": "wiped", "found": {}}]}
    assert "no difference" in running.command("reconcile", "--tenant", "wiped").stdout
    typo = running.command("reconcile", "--tenant", "wipde")
    assert (typo.returncode, typo.stdout) == (3, "")
    again = running.command("rebuild", "workflows")
    assert again.returncode == 0, again.stderr
    assert "workflows run" in again.stderr


def test_a_worker_works_on_the_queues_that_it_is_given(running: Running) -> None:
    state = running.state

    def pollers(queue: str) -> str:
        return running.temporal("task-queue", "describe", "--task-queue", queue, "-o", "json")

    given = {
        "CAIRN_DATA_DIR": str(running.folder),
        "CAIRN_DATABASE_URL": state["database_url"],
        "CAIRN_TEMPORAL_ADDRESS": state["temporal_address"],
    }
    command = [*CAIRN, "serve", "worker", "--queues"]
    environment = clean() | given
    with subprocess.Popen([*command, "mail"], cwd=ROOT, env=environment) as worker:
        until(lambda: f'"{worker.pid}@' in pollers("mail"))
        assert f'"{worker.pid}@' not in pollers("career")
        worker.terminate()
    wrong = subprocess.run(
        [*command, "post"], cwd=ROOT, env=environment, capture_output=True, text=True, check=False
    )
    assert wrong.returncode == 2
    assert (
        "there is no queue 'post': they are career, mail, batch, keeping, webhooks" in wrong.stderr
    )


def told_until(process: subprocess.Popen[str], mark: str) -> list[str]:
    """What a process says until it has said this."""
    assert process.stderr is not None
    told: list[str] = []
    while not told or mark not in told[-1]:
        told.append(process.stderr.readline())
        assert told[-1], f"it ended before, and told {told}"
    return told


def test_the_pages_are_served_beside_the_api_and_by_themselves(running: Running) -> None:
    both = running.state["console_url"]
    assert "Come in" in httpx2.get(both, follow_redirects=True).text
    assert httpx2.get(f"{both}/v1/people").status_code == 401
    port = free_port()
    alone = clean() | {
        "CAIRN_DATABASE_URL": running.state["database_url"],
        "CAIRN_CONSOLE_PORT": str(port),
        "CAIRN_CONSOLE_URL": f"http://127.0.0.1:{port}",
    }
    command = [*CAIRN, "serve", "console", "--data-dir", str(running.folder)]
    serving = subprocess.Popen(command, stderr=subprocess.DEVNULL, cwd=ROOT, env=alone)
    try:
        url = f"http://127.0.0.1:{port}"
        until(lambda: answers(f"{url}/readyz"))
        assert "Come in" in httpx2.get(url, follow_redirects=True).text
        assert httpx2.get(f"{url}/v1/people").status_code == 404
    finally:
        serving.terminate()
        assert serving.wait(20) in {0, -signal.SIGTERM}


@pytest.mark.timeout(500)
def test_the_demo_fills_a_company_once(tmp_path: Path) -> None:
    running = Running(tmp_path / "data")
    for _ in range(2):
        ports = ["--port", "0", "--temporal-port", "0", "--ui-port", "0"]
        command = [*CAIRN, "demo", "--data-dir", str(running.folder), *ports]
        running.process = subprocess.Popen(
            command, stderr=subprocess.PIPE, text=True, cwd=ROOT, env=clean()
        )
        told = told_until(running.process, "Auditor")
        link = next(line.split()[-1] for line in told if "/login/link/" in line)
        with httpx2.Client(follow_redirects=True) as visitor:
            assert "Your career conversation" in visitor.get(link).text
            assert "This link has been used" in httpx2.get(link, follow_redirects=True).text
        with running.caller("demo", "hr") as hr:
            until(lambda at=hr: len(at.get("/v1/cycles?limit=200").json()["items"]) == 21)
            assert len(hr.get("/v1/people?limit=200").json()["items"]) == 24
            (case,) = until(lambda at=hr: at.get("/v1/audit/cases?undecided=true").json()["items"])
            assert (case["person"], case["reason"]) == ("mira", "works_council")
        running.stop()
    nothing_left(running.folder)


def test_servers_that_are_given_are_used_instead(running: Running, tmp_path: Path) -> None:
    servers = {
        "CAIRN_DATABASE_URL": running.state["database_url"].replace("/cairn", "/postgres"),
        "CAIRN_TEMPORAL_ADDRESS": running.state["temporal_address"],
    }
    command = [*CAIRN, "up", "--data-dir", str(tmp_path), "--port", "0"]
    up = subprocess.Popen(
        command, stderr=subprocess.PIPE, text=True, cwd=ROOT, env=clean() | servers
    )
    until(lambda: (tmp_path / "cairn.json").exists() or up.poll() is not None, 120)
    state = json.loads((tmp_path / "cairn.json").read_text())
    assert set(state["pids"]) == {"supervisor", "api", "console", "worker", "relay"}
    assert state["database_url"] == servers["CAIRN_DATABASE_URL"]
    up.send_signal(signal.SIGTERM)
    assert "given by CAIRN_DATABASE_URL" in up.communicate(timeout=30)[1]
    assert up.returncode == 0


def test_a_role_that_is_killed_is_started_again(running: Running) -> None:
    for role in ("api", "worker", "relay"):
        before = running.state["pids"][role]
        os.kill(before, signal.SIGKILL)
        until(lambda was=before, name=role: running.state["pids"][name] != was)  # type: ignore[misc]
    until(lambda: answers(running.state["api_url"] + "/readyz"))


def test_whoever_waits_for_an_answer_comes_before_what_is_due(running: Running) -> None:
    pids = running.state["pids"]
    stands_back = {role: os.getpriority(os.PRIO_PROCESS, pid) for role, pid in pids.items()}
    assert stands_back["api"] == stands_back["postgres"] < stands_back["relay"]
    assert stands_back["relay"] < stands_back["worker"] == stands_back["temporal"]
    for role, pid in pids.items():
        threads = [int(each.name) for each in Path(f"/proc/{pid}/task").glob("*")]
        for each in threads:
            with contextlib.suppress(ProcessLookupError):  # it has ended meanwhile
                assert os.getpriority(os.PRIO_PROCESS, each) == stands_back[role]
        group = Path(f"/proc/{pid}/autogroup")
        if group.exists() and role in _NICENESS:
            assert group.read_text().split()[-1] == str(_NICENESS[role])


def test_whoever_is_started_under_nice_lets_its_own_stand_back_further() -> None:
    code = (
        "import asyncio, os, subprocess; from console.embedded.children import stand_back;"
        "os.nice(3); child = subprocess.Popen(['sleep', '60']); asyncio.run(stand_back(child, 5));"
        "print(os.getpriority(os.PRIO_PROCESS, child.pid)); child.kill()"
    )
    ours = os.getpriority(os.PRIO_PROCESS, 0)
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, cwd=ROOT, check=True)
    assert int(said.stdout) == min(19, ours + 3 + 5)


def test_a_data_directory_in_use_is_a_sentence(running: Running) -> None:
    second = Running(running.folder)
    done = second.command("up")
    assert done.returncode == 4
    assert "is in use by process" in done.stderr
    assert "--data-dir" in done.stderr


def test_the_commands_have_their_exit_codes(running: Running) -> None:
    assert running.command("token", "--tenant", "a b", "--role", "hr").returncode == 2
    assert running.command("token", "--tenant", "a", "--role", "king").returncode == 2
    assert running.command("nonsense").returncode == 2
    timeline = running.command("audit", "timeline", "--tenant", "example", "--json")
    assert timeline.returncode == 0
    items = json.loads(timeline.stdout)["items"]
    assert [item["position"] for item in items] == list(range(1, len(items) + 1))
    unknown = ("audit", "timeline", "--tenant", "example", "--person", "zoe")
    assert running.command(*unknown).returncode == 3
    conversation = next(i["stream"] for i in items if i["type"] == "conversation.opened")
    replay = ("audit", "replay", "conversation", conversation, "--tenant", "example")
    assert "was answered" in running.command(*replay).stdout
    assert running.command(*replay, "--version", "2", "--json").returncode == 0
    for nonsense in ("yesterday", "0001-01-01T00:00:00+02:00"):
        assert running.command(*replay, "--at", nonsense).returncode == 2


def test_an_auditor_takes_the_record_along_and_checks_it_elsewhere(
    running: Running, tmp_path: Path
) -> None:
    running.began("taken")
    bundle, key = tmp_path / "bundle", tmp_path / "key"
    exported = running.command("audit", "export", "--tenant", "taken", "-o", str(bundle))
    assert exported.returncode == 0, exported.stderr

    def verify(*more: str) -> subprocess.CompletedProcess[str]:
        command = [*CAIRN, "audit", "verify", str(bundle), *more]
        environment = clean()
        return subprocess.run(
            command, capture_output=True, text=True, check=False, cwd=ROOT, env=environment
        )

    assert "the key in the bundle" in verify().stderr
    rotated = running.command("keys", "rotate", "--tenant", "taken")
    key.write_text(rotated.stdout)
    assert verify("--public-key", str(key)).returncode == 1  # signed before that key began
    running.command("audit", "export", "--tenant", "taken", "-o", str(bundle))
    checked = verify("--public-key", str(key), "--json")
    assert checked.returncode == 0
    assert json.loads(checked.stdout)["whole"] is True

    altered = bundle.read_text().replace('"position":3,', '"position":4,')
    bundle.write_text(altered)
    found = verify("--json")
    assert found.returncode == 1
    assert json.loads(found.stdout)["position"] == 3
    assert "NOT VERIFIED at position 3" in found.stderr
    bundle.unlink()
    assert verify().returncode == 3
    person = running.command(
        "audit", "export", "--tenant", "taken", "--person", "ana", "-o", str(bundle)
    )
    assert person.returncode == 0
    assert "a selection of a log" in verify().stderr
    since = "2026-01-01T00:00:00+01:00"
    running.command("audit", "export", "--tenant", "taken", "--since", since, "-o", str(bundle))
    assert verify().returncode == 0
    nobody = running.command("audit", "export", "--tenant", "none", "-o", str(bundle))
    assert nobody.returncode == 3


def test_lists_are_rebuilt_while_everything_runs(running: Running) -> None:
    platform, _, cycle = running.began("rebuilt")
    until(lambda: platform.get("/v1/cycles").json()["items"])
    done = running.command("rebuild", "readmodels")
    assert done.returncode == 0, done.stderr
    assert "the new lists are served" in done.stderr
    assert [item["id"] for item in platform.get("/v1/cycles").json()["items"]] == [cycle]


@pytest.mark.timeout(500)
def test_everything_killed_at_once_goes_on_where_it_stood(tmp_path: Path) -> None:
    running = Running(tmp_path / "data").start()
    _, ana, cycle = running.began("killed")
    id_ = until(lambda: cycle_of(ana, cycle)["conversation"])
    at = f"/v1/conversations/{id_}"
    ana.put(f"{at}/answers/impact", json={"text": "kept"}).raise_for_status()
    ana.put(f"{at}/direction", json={"direction": "deepen"}).raise_for_status()
    ana.post(f"{at}:conclude", json={"meeting": "waived"}).raise_for_status()
    running.kill_everything()
    nothing_left(running.folder)

    running.start()
    ana = running.caller("killed", "employee", "ana")
    assert ana.get(at).json()["questions"][0]["answer"] == "kept"
    plan = until(lambda: cycle_of(ana, cycle)["plan"], AFTER_A_LOSS)
    assert ana.post(f"/v1/plans/{plan}:close").status_code == 200
    until(lambda: cycle_of(ana, cycle)["state"] == "follow_up", AFTER_A_LOSS)
    follow_up = f"/v1/conversations/{cycle_of(ana, cycle)['conversation']}"
    ana.post(f"{follow_up}:conclude", json={"meeting": "waived"}).raise_for_status()
    until(lambda: cycle_of(ana, cycle)["round"] == 2, AFTER_A_LOSS)
    timeline = running.command("audit", "timeline", "--tenant", "killed", "--json")
    steps = [
        item["type"]
        for item in json.loads(timeline.stdout)["items"]
        if item["type"].startswith("cycles.") and not item["type"].startswith("cycles.notice_")
    ]
    assert steps == [
        "cycles.started",
        "cycles.conversation_opened",
        "cycles.planning_opened",
        "cycles.rested",
        "cycles.follow_up_opened",
        "cycles.round_completed",
        "cycles.conversation_opened",
    ]
    running.stop()
    nothing_left(running.folder)


def test_nothing_is_left_when_only_the_supervisor_is_killed(tmp_path: Path) -> None:
    running = Running(tmp_path / "data").start()
    assert running.process is not None
    running.process.kill()
    running.process.wait()
    nothing_left(running.folder)


def test_a_busy_port_is_a_sentence_and_nothing_is_started(tmp_path: Path) -> None:
    with socket.socket() as busy:
        busy.bind(("127.0.0.1", 0))
        busy.listen()
        port = str(busy.getsockname()[1])
        running = Running(tmp_path / "data")
        options = ("--port", port, "--temporal-port", "0", "--ui-port", "0")
        talk = running.start(*options).stop()
    assert running.process is not None
    assert running.process.returncode == 4
    assert f"Port {port}" in talk
    assert "--port" in talk
    assert not (tmp_path / "data" / "postgres").exists()


def test_a_broken_database_is_a_sentence(tmp_path: Path) -> None:
    running = Running(tmp_path / "data").start()
    running.stop()
    (running.folder / "postgres" / "global" / "pg_control").write_bytes(b"broken")
    talk = running.start().stop()
    assert running.process is not None
    assert running.process.returncode == 1
    assert "PostgreSQL can't start" in talk
    assert "--data-dir" in talk
    assert "Traceback" not in talk


def test_only_this_machine_may_be_listened_on(tmp_path: Path) -> None:
    done = Running(tmp_path / "data").command("up", "--host", "0.0.0.0", "--port", "0")
    assert done.returncode == 4
    assert "127.0.0.1" in done.stderr


def test_without_servers_a_command_says_so(tmp_path: Path) -> None:
    done = Running(tmp_path).command("token", "--tenant", "a", "--role", "hr")
    assert done.returncode == 5
    assert "cairn up" in done.stderr


def answers(url: str) -> bool:
    try:
        return httpx2.get(url).status_code == 200
    except httpx2.HTTPError:
        return False
