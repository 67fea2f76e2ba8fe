"""Every alert fires by its real cause: a real Prometheus watches real processes that really fail."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

import asyncpg
import httpx2
import pytest
from aiosmtpd.controller import Controller
from pydantic import SecretStr
from temporalio.client import WorkflowFailureError

from console.embedded.children import free_port
from console.generations import GENERATION
from shared.settings import Settings
from tests.console.test_up import ROOT, Running, answers, clean, cycle_of, until
from tests.faults.server import children_of
from tests.observability.dashboards import expressions
from tests.observability.prometheus import Prometheus, rules
from tests.shared.test_mail import Sink
from workflows.messages import KEEPING_QUEUE, TASK_QUEUE, CycleRun, ExportRun
from workflows.worker import open_client

SOON = {"answer_nudges": ["PT4S", "PT6S", "PT8S"], "cadence": "PT60S", "follow_up_after": "PT60S"}
FIRED: set[str] = set()


class MailServer:
    """Takes everything, as long as it runs."""

    def __init__(self) -> None:
        self.port = free_port()

    def start(self) -> None:
        self._controller = Controller(Sink(), hostname="127.0.0.1", port=self.port)
        self._controller.start()

    def stop(self) -> None:
        self._controller.stop()


@pytest.fixture(scope="module")
def mail() -> Iterator[MailServer]:
    made = MailServer()
    made.start()
    yield made
    made.stop()


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory, mail: MailServer) -> Iterator[Running]:
    settings = {
        "CAIRN_SMTP_HOST": "127.0.0.1",
        "CAIRN_SMTP_PORT": str(mail.port),
        "CAIRN_SMTP_TLS": "none",
        "CAIRN_WEBHOOKS_ON_LOOPBACK": "true",
    }
    made = Running(tmp_path_factory.mktemp("alerts"), **settings).start()
    assert (made.folder / "cairn.json").exists(), made.stop()
    yield made
    made.stop()


@pytest.fixture(scope="module")
async def prometheus(
    running: Running, fast: str, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Prometheus]:
    urls = running.state["metrics_urls"] | {"clock": fast}
    jobs = {
        f"cairn-{role}": [url.removeprefix("http://").removesuffix("/metrics")]
        for role, url in urls.items()
    }
    made = Prometheus(tmp_path_factory.mktemp("prometheus"), jobs)
    made.start()
    yield made
    await made.stop()


@pytest.fixture(scope="module")
def fast(running: Running, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Another relay, on a machine whose clock is an hour ahead; where it tells its metrics."""
    library = tmp_path_factory.mktemp("clock") / "clock.so"
    source = ROOT / "tests" / "faults" / "clock.c"
    subprocess.run(["cc", "-shared", "-fPIC", "-o", library, source, "-ldl"], check=True)
    port = free_port()
    relay = subprocess.Popen(
        [sys.executable, "-m", "console.cli", "serve", "relay"],
        cwd=ROOT,
        env=clean()
        | {
            "LD_PRELOAD": str(library),
            "CLOCK_IS_WRONG_BY": "3600",
            "CAIRN_DATA_DIR": str(running.folder),
            "CAIRN_DATABASE_URL": running.state["database_url"],
            "CAIRN_TEMPORAL_ADDRESS": running.state["temporal_address"],
            "CAIRN_METRICS_PORT": str(port),
        },
        stderr=subprocess.DEVNULL,
    )
    yield f"http://127.0.0.1:{port}"
    relay.kill()
    relay.wait()


@contextmanager
def frozen(*processes: int) -> Iterator[None]:
    """Processes that hang."""
    for pid in processes:
        os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        for pid in processes:
            os.kill(pid, signal.SIGCONT)


def fires(prometheus: Prometheus, name: str, **labels: str) -> None:
    alert = prometheus.until_firing(name, **labels)
    page = ROOT / alert["annotations"]["runbook"]
    assert page.exists(), page
    FIRED.add(name)


def settings_of(running: Running) -> Settings:
    return Settings(
        data_dir=running.folder,
        database_url=SecretStr(running.state["database_url"]),
        temporal_address=running.state["temporal_address"],
    )


def test_nothing_fires_while_all_is_well(prometheus: Prometheus) -> None:
    until(lambda: len(prometheus.ask("up == 1")) == 4)
    quiet = [rule["alert"] for rule in rules() if rule["alert"] != "CairnClockOff"]
    prometheus.until_quiet(*quiet)


def test_a_worker_that_hangs(running: Running, prometheus: Prometheus) -> None:
    platform = running.caller("hangs", "platform")
    platform.put("/v1/policy", json=SOON).raise_for_status()
    platform.put("/v1/people/ana", json={"name": "Ana", "email": "ana@example.com"})
    cycle = platform.post("/v1/cycles", json={"person": "ana"}).json()["id"]
    until(lambda: cycle_of(platform, cycle)["conversation"])
    with frozen(running.state["pids"]["worker"]):
        fires(prometheus, "CairnRoleGone", job="cairn-worker")
        fires(prometheus, "CairnProcessDown", job="cairn-worker")
        fires(prometheus, "CairnStepsOverdue")
    prometheus.until_quiet("CairnRoleGone", "CairnStepsOverdue")


def test_a_relay_that_hangs(running: Running, prometheus: Prometheus, fast: str) -> None:
    """The other relay, in reserve, can't take over what the hanging one still holds."""
    with frozen(running.state["pids"]["relay"]):
        fires(prometheus, "CairnNobodyFollows", follower="relay")
    prometheus.until_quiet("CairnNobodyFollows")


async def test_a_table_that_somebody_keeps_locked(running: Running, prometheus: Prometheus) -> None:
    admin = await asyncpg.connect(running.state["database_url"])
    async with admin.transaction():
        await admin.execute(f"LOCK TABLE {GENERATION}.person IN ACCESS EXCLUSIVE MODE")
        await asyncio.to_thread(running.began, "locked")
        await asyncio.to_thread(fires, prometheus, "CairnFollowerLag", follower=GENERATION)
    await admin.close()


def test_a_temporal_that_hangs(running: Running, prometheus: Prometheus) -> None:
    with frozen(running.state["pids"]["temporal"]):
        platform = running.caller("wakes", "platform")
        platform.put("/v1/people/ana", json={"name": "Ana", "email": "ana@example.com"})
        platform.post("/v1/cycles", json={"person": "ana"}).raise_for_status()
        fires(prometheus, "CairnWakesLate")
    prometheus.until_quiet("CairnWakesLate")


async def test_a_log_with_a_gap(running: Running, prometheus: Prometheus) -> None:
    await asyncio.to_thread(running.began, "gap")
    admin = await asyncpg.connect(running.state["database_url"])
    await admin.execute("UPDATE record.tenant SET log_size = log_size + 1 WHERE tenant = 'gap'")
    await admin.close()
    platform = await asyncio.to_thread(running.caller, "gap", "platform")
    body = {"name": "Eve", "email": "eve@example.com"}
    (await asyncio.to_thread(platform.put, "/v1/people/eve", json=body)).raise_for_status()
    await asyncio.to_thread(fires, prometheus, "CairnHalted")


async def test_a_transaction_that_stays_open(running: Running, prometheus: Prometheus) -> None:
    platform = await asyncio.to_thread(running.caller, "slow", "platform")
    admin = await asyncpg.connect(running.state["database_url"])
    for number in range(3):
        async with admin.transaction():
            await admin.execute("SELECT 1 FROM record.tenant WHERE tenant = 'slow' FOR UPDATE")
            body = {"name": str(number), "email": "one@example.com"}
            saving = asyncio.create_task(
                asyncio.to_thread(platform.put, "/v1/people/one", json=body)
            )
            await asyncio.sleep(1)
        assert (await saving).is_success
    await admin.close()
    await asyncio.to_thread(fires, prometheus, "CairnAppendsSlow")


def test_a_database_that_is_killed(running: Running, prometheus: Prometheus) -> None:
    """Twice: of a kind of error that was never there before, the first ones are no increase yet."""
    platform = running.caller("killed", "platform")
    for again in (False, True):
        postgres = running.state["pids"]["postgres"]
        for pid in [*children_of(postgres), postgres]:
            with_suppressed_kill(pid)
        assert 503 in [platform.get("/v1/people").status_code for _ in range(20)]
        until(lambda: prometheus.ask('cairn_http_requests_total{status="503"}'))
        if again:
            fires(prometheus, "CairnErrors")
        until(lambda at=postgres: running.state["pids"]["postgres"] != at)
        until(lambda: answers(f"{running.state['api_url']}/readyz"))


async def test_code_that_does_not_know_a_workflow(running: Running, prometheus: Prometheus) -> None:
    client = await open_client(settings_of(running))
    handle = await client.start_workflow("OfAnotherRelease", id="other", task_queue=TASK_QUEUE)
    await asyncio.to_thread(fires, prometheus, "CairnWorkflowTasksFail")
    await handle.terminate()


async def test_an_activity_that_can_never_succeed(running: Running, prometheus: Prometheus) -> None:
    client = await open_client(settings_of(running))
    run = CycleRun("acme", "not a key")
    handle = await client.start_workflow("CareerCycle", run, id="broken", task_queue=TASK_QUEUE)
    await asyncio.to_thread(fires, prometheus, "CairnActivitiesFail", activity_type="advance")
    await handle.terminate()


async def test_a_run_that_gives_up(running: Running, prometheus: Prometheus) -> None:
    """As the nightly work does after eight attempts; here it is told not to try a second time."""
    client = await open_client(settings_of(running))
    handle = await client.start_workflow(
        "Export", ExportRun("acme", "not a key"), id="unwritten", task_queue=KEEPING_QUEUE
    )
    cli = Path(sys.executable).with_name("temporal")
    address = running.state["temporal_address"]
    once = ["--activity-id", "1", "--retry-maximum-attempts", "1", "--address", address]
    command = [cli, "activity", "update-options", "--workflow-id", handle.id, *once]

    def given_up() -> bool:
        return subprocess.run(command, capture_output=True, check=False).returncode == 0

    await asyncio.to_thread(until, given_up)
    with pytest.raises(WorkflowFailureError):
        await handle.result()
    await asyncio.to_thread(fires, prometheus, "CairnRunsFail", workflow_type="Export")


def test_a_mail_server_that_is_away(
    running: Running, prometheus: Prometheus, mail: MailServer
) -> None:
    """Each wait for another try is twice the one before: the last is as long as all before it."""
    mail.stop()
    stopped = time.monotonic()
    running.began("unsent")
    fires(prometheus, "CairnMailWaits")
    mail.start()
    prometheus.until_quiet("CairnMailWaits", seconds=120 + time.monotonic() - stopped)


def test_a_receiver_that_is_not_there(running: Running, prometheus: Prometheus) -> None:
    admin = running.caller("unheard", "admin")
    nowhere = {"url": f"http://127.0.0.1:{free_port()}/"}
    hook = admin.post("/v1/webhooks", json=nowhere).raise_for_status().json()["id"]
    running.began("unheard")
    fires(prometheus, "CairnWebhooksWait")
    admin.delete(f"/v1/webhooks/{hook}").raise_for_status()
    prometheus.until_quiet("CairnWebhooksWait")


async def test_a_run_that_somebody_terminated(running: Running, prometheus: Prometheus) -> None:
    client = await open_client(settings_of(running))
    query = 'WorkflowType="CareerCycle" AND CairnTenant="hangs" AND ExecutionStatus="Running"'
    runs = [each.id async for each in client.list_workflows(query)]
    assert len(runs) == 1
    await client.get_workflow_handle(runs[0]).terminate()

    def mended() -> bool:
        told = running.command("reconcile", "--tenant", "hangs")
        return "without workflow 1" in told.stdout

    await asyncio.to_thread(until, mended, 90)  # a cycle that is younger than a minute may be new
    await asyncio.to_thread(fires, prometheus, "CairnDifferences", kind="without_workflow")


def test_a_flood_of_bad_tokens(running: Running, prometheus: Prometheus) -> None:
    with httpx2.Client(base_url=running.state["api_url"], timeout=30) as client:

        def goes_on() -> object:
            for _ in range(20):
                bad = {"Authorization": f"Bearer {uuid4().hex}"}
                assert client.get("/v1/people", headers=bad).status_code == 401
            return prometheus.firing("CairnTokensRefused")

        until(goes_on, every=0)
    fires(prometheus, "CairnTokensRefused")


def test_a_machine_whose_clock_is_off(prometheus: Prometheus) -> None:
    fires(prometheus, "CairnClockOff")


def test_every_panel_of_the_dashboards_has_an_answer(prometheus: Prometheus) -> None:
    """Prometheus understands each, and has seen what it asks for in this very run."""
    rare = {"Clocks", "Left out of logs and traces"}
    empty = [
        title
        for title, expression in expressions("2m")
        if not prometheus.ask(f"last_over_time(({expression})[15m:5s])") and title not in rare
    ]
    assert empty == []


def test_every_alert_has_fired(prometheus: Prometheus) -> None:
    assert {rule["alert"] for rule in rules()} == FIRED


def with_suppressed_kill(pid: int) -> None:
    try:
        os.kill(pid, signal.SIGKILL)
    except ProcessLookupError:
        return
