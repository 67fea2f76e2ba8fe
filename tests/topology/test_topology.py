"""A deployment of many processes: a rolling upgrade, and a fail-over, both while people write.

The short form has some seconds of load in each; `make prove` goes on for minutes.
"""

from __future__ import annotations

import asyncio
import sys
import time
from collections.abc import AsyncIterator
from pathlib import Path

import asyncpg
import httpx2
import pytest

from console.keeping.backup import back_up
from tests.proving import LONG, Proof, told
from tests.topology.house import HERE, House
from tests.topology.release import install, previous
from tests.topology.traffic import PATIENCE, TENANT

PEOPLE, ANSWERS = (32, 10_000) if LONG else (8, 150)
pytestmark = pytest.mark.timeout(3600 if LONG else 600)


@pytest.fixture(scope="module")
async def house(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[House]:
    """The topology with the release before this one."""
    folder = tmp_path_factory.mktemp("topology")
    before = await asyncio.to_thread(install, previous(), tmp_path_factory.mktemp("before"))
    made = House(folder)
    try:
        await made.start(before)
        yield made
    finally:
        await made.stop()


async def test_an_upgrade_one_process_after_the_other_loses_and_doubles_nothing(
    house: House, proof: Proof, capsys: pytest.CaptureFixture[str]
) -> None:
    traffic = house.traffic(PEOPLE)
    await traffic.start()
    await traffic.go_on(ANSWERS)
    house.run(HERE, "migrate")
    for name in house.names[4:] + house.names[2:4] + house.names[:2]:  # readers before writers
        await house.replace(name)
        await traffic.go_on(ANSWERS)
    await traffic.stop()
    verdict, twice = await house.judge(house.pair.primary.url)
    silence = traffic.longest_silence()
    report(
        proof,
        capsys,
        f"rolling upgrade from {previous()[:8]}, old and new side by side",
        f"{len(house.names)} processes replaced while {PEOPLE} people write",
        f"{told(vars(verdict))}, steps doubled {len(twice)}, longest silence {silence:.2f} s,"
        f" answers refused meanwhile {told(dict(traffic.refused)) or 'none'}",
    )
    assert verdict.acknowledged >= 7 * ANSWERS
    assert verdict.faults == {}
    assert twice == []


async def test_a_fail_over_to_the_standby_loses_nothing_that_was_acknowledged(
    house: House, proof: Proof, capsys: pytest.CaptureFixture[str]
) -> None:
    traffic = house.traffic(PEOPLE)
    await traffic.start()
    await traffic.go_on(ANSWERS)
    began = time.monotonic()
    house.pair.kill_primary()
    await asyncio.sleep(1)  # until somebody is sure that it is gone
    await house.pair.promote()
    promoted = time.monotonic() - began
    await traffic.go_on(2 * ANSWERS)
    await traffic.stop()
    verdict, twice = await house.judge(house.pair.standby.url)
    silence = traffic.longest_silence(since=began - 1)
    report(
        proof,
        capsys,
        "fail-over to the synchronous standby",
        f"the primary killed while {PEOPLE} people write, the standby promoted after {promoted:.1f} s",
        f"{told(vars(verdict))}, steps doubled {len(twice)}, unavailable {silence:.1f} s,"
        f" answers refused meanwhile {told(dict(traffic.refused)) or 'none'}",
    )
    assert verdict.faults == {}
    assert twice == []


async def test_lists_and_workflows_go_on_after_the_fail_over(house: House) -> None:
    traffic = house.traffic(1)
    await traffic.start()
    await traffic.stop()
    async with traffic.client("hr") as hr:
        deadline = time.monotonic() + PATIENCE
        while True:
            listed = await hr.get("/v1/cycles?limit=200")
            ids = [item["id"] for item in listed.json()["items"]]
            if set(traffic.cycles) <= set(ids):
                return
            assert time.monotonic() < deadline, "the lists stand still"
            await asyncio.sleep(0.2)


@pytest.mark.parametrize(
    "lengths",
    [
        "Content-Length: 3\r\nContent-Length: 30\r\n",
        "Content-Length: 3\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n",
        "Content-Length: -3\r\n",
        "Transfer-Encoding: xchunked\r\n",
    ],
    ids=[
        "two lengths",
        "length and encodings",
        "a length below nought",
        "an encoding that is none",
    ],
)
async def test_a_request_that_two_readers_would_cut_differently_is_refused(
    house: House, lengths: str
) -> None:
    for port in (house.balancer_port, house.ports["api-1"]):
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        head = f"POST /v1/cycles HTTP/1.1\r\nHost: cairn\r\n{lengths}\r\n"
        writer.write(f"{head}0\r\n\r\nGET /v1/people HTTP/1.1\r\nHost: cairn\r\n\r\n".encode())
        answer = await asyncio.wait_for(reader.read(), timeout=20)
        writer.close()
        assert answer.startswith(b"HTTP/1.1 4"), answer[:80]
        assert answer.count(b"HTTP/1.1 ") == 1, "what followed was taken for a request of its own"


async def test_the_login_that_backs_up_reads_everything_and_writes_nothing(
    house: House, tmp_path: Path
) -> None:
    url = house.pair.url("cairn_backup:backup")
    manifest, _ = await back_up(url, tmp_path / "record", tmp_path / "keys")
    assert manifest.sizes[TENANT] > 0
    connection = await asyncpg.connect(url)
    for change in ("DELETE FROM keys.subject_key", "UPDATE record.tenant SET log_size = 0"):
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await connection.execute(change)
    await connection.close()


def report(proof: Proof, capsys: pytest.CaptureFixture[str], *line: str) -> None:
    """Print the figures, and note them where the long form is run."""
    with capsys.disabled():
        sys.stdout.write("\n  " + " · ".join(line) + "\n")
    proof(*line)


def test_the_balancer_tells_nobody_the_metrics(house: House) -> None:
    assert httpx2.get(f"{house.url}/metrics").status_code == 404
    assert httpx2.get(f"{house.url}/readyz").json() == {"status": "ready"}
