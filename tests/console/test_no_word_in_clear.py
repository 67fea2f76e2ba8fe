"""P6: what people write stands in clear nowhere but in an answer to whoever may read it.

People write canaries everywhere that one can write; then everything that the servers keep or tell is
searched for them: heap files and WAL, a backup, Temporal's database, logs, metrics, webhooks, the feed,
refusals, bundles, the auditor's timeline, mail.
"""

from __future__ import annotations

import asyncio
import gzip
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from uuid import uuid4

import asyncpg
import httpx2
import pytest

from shared.tokens import Issuer
from tests.console.test_up import FAST, Running, cycle_of, nothing_left, until
from tests.proving import LONG, Proof, told

PEOPLE = 50 if LONG else 1
EACH, AT_ONCE = 20, 4


class Words:
    """Canaries, and for control a code in clear that a search must find.

    All texts begin alike, and all names: one look finds whichever it is, also the beginning of one.
    """

    def __init__(self) -> None:
        self.texts, self.names = f"canary-{uuid4().hex[:16]}-", f"songster-{uuid4().hex[:16]}-"
        self.written: list[str] = []
        self.code = f"code{uuid4().hex}"

    def text(self) -> str:
        return self._noted(self.texts)

    def name(self) -> str:
        return self._noted(self.names)

    def _noted(self, beginning: str) -> str:
        word = f"{beginning}{uuid4().hex}"
        self.written.append(word)
        return word

    @property
    def count(self) -> int:
        return len(set(self.written))

    def found_in(self, content: bytes, *, of_mail: bool = False) -> int:
        """How often one stands in it; a mail names whom it goes to."""
        names = 0 if of_mail else content.count(self.names.encode())
        return content.count(self.texts.encode()) + names


class Told(BaseHTTPRequestHandler):
    """A receiver of webhooks that keeps what it is told."""

    bodies: list[bytes] = []  # noqa: RUF012 - one receiver

    def do_POST(self) -> None:
        length = int(self.headers["Content-Length"])
        self.bodies.append(str(self.headers).encode() + self.rfile.read(length))
        self.send_response(204)
        self.end_headers()

    def log_message(self, *_: Any) -> None:
        pass


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    started = Running(tmp_path_factory.mktemp("clear"), CAIRN_WEBHOOKS_ON_LOOPBACK="true").start()
    assert (started.folder / "cairn.json").exists(), started.stop()
    yield started
    started.stop()
    nothing_left(started.folder)


@pytest.fixture
def receiver() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Told)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/hook"
    server.shutdown()


def caller(running: Running, role: str, person: str) -> httpx2.Client:
    """As `Running.caller`, without a process for each of many tokens."""
    issuer = Issuer.of_file(running.folder / "secrets" / "issuer.json")
    return httpx2.Client(
        base_url=running.state["api_url"],
        headers={"Authorization": f"Bearer {issuer.issue('clear', [role], person, 3_600)}"},
        timeout=60,
    )


def write(running: Running, platform: httpx2.Client, person: str, words: Words) -> list[bytes]:
    """Write something everywhere; answers what writes and refusals were answered."""
    heard: list[bytes] = []

    def send(client: httpx2.Client, method: str, path: str, body: Any = None) -> None:
        heard.append(client.request(method, path, json=body).content)

    profile = {"name": words.name(), "email": f"{words.name()}@example.com", "partner": "ben"}
    send(platform, "PUT", f"/v1/people/{person}", profile | {"department": words.code})
    own, ben = caller(running, "employee", person), caller(running, "partner", "ben")
    cycle = platform.post("/v1/cycles", json={"person": person}).raise_for_status().json()["id"]
    at = f"/v1/conversations/{until(lambda: cycle_of(own, cycle)['conversation'])}"
    for question in ("impact", "energy", "peak", "impact"):
        send(own, "PUT", f"{at}/answers/{question}", {"text": words.text()})
    send(own, "PUT", f"{at}/drafts/ideal", {"text": words.text()})
    send(own, "PUT", f"{at}/facets/f", {"kind": "skill", "text": words.text()})
    send(own, "PUT", f"{at}/direction", {"direction": "expand", "comment": words.text()})
    for client, shared in ((own, False), (ben, False), (ben, True)):
        send(client, "POST", f"{at}/notes", {"text": words.text(), "shared": shared})
    meeting = {"starts_at": "2199-03-04T10:00:00Z", "duration": "PT1H", "place": words.text()}
    send(own, "POST", f"{at}:schedule", meeting)
    wrong = {"about": "profile", "text": words.text()}
    send(own, "POST", f"/v1/people/{person}/corrections", wrong)
    send(own, "PUT", f"{at}/answers/ideal", {"text": words.text(), "surprise": words.text()})
    send(own, "PUT", f"{at}/answers/{words.text()}", {"text": "x"})
    send(own, "POST", f"{at}:share")
    send(own, "POST", f"{at}:conclude", {"meeting": "waived"})
    plan = f"/v1/plans/{until(lambda: cycle_of(own, cycle)['plan'])}"
    send(own, "PUT", f"{plan}/goals/g", {"text": words.text()})
    action = {"method": "other", "title": words.text(), "serves": "g", "success": words.text()}
    send(own, "PUT", f"{plan}/actions/a", action | {"owner": "employee"})
    send(own, "POST", f"{plan}:propose")
    send(ben, "POST", f"{plan}:agree")
    send(own, "POST", f"{plan}:check-in", {"state": "changed", "comment": words.text()})
    shown = own.get(at).content + own.get(plan).content
    assert words.found_in(shown) >= 10  # who may read them does
    own.close()
    ben.close()
    return heard


def tell(running: Running, auditor: httpx2.Client) -> list[bytes]:
    """What is told to those who may know but not read: platforms, auditors, HR, and what watches."""
    others = {role: running.caller("clear", role) for role in ("platform", "hr", "ops", "admin")}
    paths = ["/v1/events?limit=200", "/v1/notices", "/v1/cycles", "/v1/policy", "/v1/feeds"]
    heard = [client.get(path).content for client in others.values() for path in paths]
    heard += [
        auditor.get(p).content for p in ("/v1/audit/timeline?limit=200", "/v1/audit/checkpoint")
    ]
    export = auditor.post("/v1/audit/exports", json={}).raise_for_status().json()["id"]
    here = f"/v1/audit/exports/{export}"
    until(lambda: auditor.get(here).json()["state"] == "written")
    heard.append(auditor.get(f"{here}/bundle").content)
    heard += [httpx2.get(url).content for url in running.state["metrics_urls"].values()]
    for command in (("audit", "timeline", "--tenant", "clear"), ("doctor",)):
        done = running.command(*command)
        heard.append((done.stdout + done.stderr).encode())
    for client in others.values():
        client.close()
    return heard


def kept(running: Running, backup: Path) -> dict[str, bytes]:
    """Every file of the machine, once the database has written its pages, and of a backup."""

    async def flush() -> None:
        admin = await asyncpg.connect(running.state["database_url"])
        await admin.execute("CHECKPOINT")
        await admin.close()

    asyncio.run(flush())
    halves = ("--to", str(backup / "record"), "--keys-to", str(backup / "keys"))
    made = running.command("backup", *halves)
    assert made.returncode == 0, made.stderr
    files = [file for file in running.folder.rglob("*") if file.is_file()]
    found = {str(file.relative_to(running.folder)): bytes_of(file) for file in files}
    packed = backup.rglob("*.gz")
    return found | {f"backup/{file.name}": gzip.decompress(file.read_bytes()) for file in packed}


def bytes_of(file: Path) -> bytes:
    """What stands in a file; nothing where a server has just taken it away."""
    try:
        return file.read_bytes()
    except FileNotFoundError:
        return b""


@pytest.mark.timeout(1200 if LONG else 420)
def test_what_was_written_stands_in_clear_nowhere(
    running: Running, receiver: str, tmp_path: Path, proof: Proof
) -> None:
    words = Words()
    platform = running.caller("clear", "platform")
    platform.put("/v1/policy", json=FAST).raise_for_status()
    ben = {"name": "Ben Okoro", "email": "ben@example.com"}
    platform.put("/v1/people/ben", json=ben).raise_for_status()
    platform.post("/v1/webhooks", json={"url": receiver, "types": []}).raise_for_status()
    with ThreadPoolExecutor(AT_ONCE) as writers:
        people = [f"p{n}" for n in range(PEOPLE)]
        written = writers.map(lambda person: write(running, platform, person, words), people)
        answers = [answer for each in written for answer in each]
    until(lambda: len(Told.bodies) >= 3 * PEOPLE)
    heard = [*answers, *tell(running, running.caller("clear", "auditor"))]
    files = kept(running, tmp_path)
    logs = {"logs/api.log", "logs/worker.log", "logs/relay.log", "logs/postgres.log", "temporal.db"}
    assert logs <= files.keys()
    assert any(name.startswith("mail/") for name in files)
    assert any("/pg_wal/" in name for name in files)
    with_code = [name for name, content in files.items() if words.code.encode() in content]
    assert any("/base/" in name for name in with_code)  # a search would find them
    assert any(name.startswith("backup/") for name in with_code)

    in_files = {
        name: found
        for name, content in files.items()
        if (found := words.found_in(content, of_mail=name.startswith("mail/")))
    }
    hits = {
        "in_files": sum(in_files.values()),
        "in_answers_and_refusals": sum(map(words.found_in, heard)),
        "in_webhooks": sum(map(words.found_in, Told.bodies)),
    }
    what = (
        f"{words.count:,} canaries; heap files, WAL, a backup, Temporal's database, logs, mail, metrics,"
        f" {len(Told.bodies):,} webhooks, feed, timeline, bundle, refusals"
    )
    proof("P6 words stand in clear nowhere", what, told(hits))
    assert in_files == {}
    assert [answer for answer in heard if words.found_in(answer)] == []
    assert set(hits.values()) == {0}
    assert words.count >= PEOPLE * EACH
