"""The Python client: made of the document, patient, and exact about what it sends."""

from __future__ import annotations

import asyncio
import json
import os
import runpy
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, TypeVar

import httpx2
import pytest
from cairn_client import BadSignature, Cairn, Refused, Unreachable, calling, verified
from standardwebhooks import Webhook as Signer

from tests.shared.receiver import Receiver

T = TypeVar("T")
ROOT = Path(__file__).parents[2]
CLIENT = ROOT / "clients" / "python"


@pytest.fixture
async def service() -> AsyncIterator[Receiver]:
    """A service that answers as it is told."""
    started = await Receiver().start()
    yield started
    await started.stop()


def told(status: int, body: Any, *more: str, kind: str = "application/json") -> bytes:
    content = json.dumps(body).encode()
    lines = [f"HTTP/1.1 {status} Told", f"Content-Type: {kind}", f"Content-Length: {len(content)}"]
    return "\r\n".join([*lines, *more, "", ""]).encode() + content


def refused(status: int, code: str, *more: str, **extra: Any) -> bytes:
    problem = {"type": f"/problems/{code}", "title": code, "status": status, "detail": "No."}
    return told(status, problem | extra, *more, kind="application/problem+json")


def script(service: Receiver, *answers: bytes | None) -> None:
    """Give these answers, one for each request, and the last one to all others."""
    service.answer = lambda got: answers[min(got.number, len(answers) - 1)]


async def call(service: Receiver, ask: Callable[[Cairn], T], **options: Any) -> T:
    """Ask in a thread, as a program without an event loop does."""

    def run() -> T:
        url = service.url.removesuffix("/hook")
        with Cairn(url, options.pop("token", "secret"), **options) as cairn:
            return ask(cairn)

    return await asyncio.to_thread(run)


def test_it_is_made_of_the_document(tmp_path: Path) -> None:
    """What is committed is what generate.py makes of docs/openapi.json."""
    sys.path.insert(0, str(CLIENT))
    try:
        from generate import DOCUMENT, PACKAGE, generated
    finally:
        sys.path.remove(str(CLIENT))
    for name, text in generated(json.loads(DOCUMENT.read_text())).items():
        if os.environ.get("CAIRN_WRITE_GOLDEN"):
            (PACKAGE / name).write_text(text)
        assert (PACKAGE / name).read_text() == text, f"{name} is behind; run generate.py"


async def test_a_write_is_sent_again_with_the_same_key_until_it_is_answered(
    service: Receiver,
) -> None:
    again = refused(503, "unavailable", "Retry-After: 0")
    script(service, None, again, refused(429, "too-many-requests"), told(201, {"id": "c-1"}))
    body = {"person": "ana"}
    cycle = await call(service, lambda cairn: cairn.cycles.start_cycle({"person": "ana"}))
    assert cycle["id"] == "c-1"
    assert len(service.got) == 4
    assert len({got.headers["idempotency-key"] for got in service.got}) == 1
    assert [json.loads(got.body) for got in service.got] == [body] * 4


async def test_lines_of_an_answer_end_at_line_feeds_and_nowhere_else(service: Receiver) -> None:
    lines = [
        {"line": n, "status": "refused", "problem": {"detail": "\u2028\u2029\x85"}} for n in (1, 2)
    ]
    content = "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines).encode()
    head = (
        f"HTTP/1.1 200 Told\r\nContent-Type: application/x-ndjson\r\nContent-Length: {len(content)}"
    )
    script(service, head.encode() + b"\r\n\r\n" + content)
    assert await call(service, lambda cairn: cairn.people.import_people(b"")) == lines


def test_the_example_sends_its_roster_again_where_the_import_was_stopped(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.syspath_prepend(str(ROOT / "examples" / "platform"))
    monkeypatch.setattr(time, "sleep", lambda _: None)
    example = runpy.run_path(str(ROOT / "examples" / "platform" / "__main__.py"))
    taken = {"line": 1, "person": "ben", "status": "created"}
    stopped = {"line": None, "person": None, "status": "stopped", "problem": {"detail": "No."}}
    answers = [[stopped], [taken, stopped], [taken]]

    class People:
        def import_people(self, content: bytes, media_type: str) -> Any:
            return answers.pop(0)

    class Service:
        people = People()

    assert len(example["import_roster"](Service())) > 0
    assert answers == []


async def test_two_writes_have_two_keys_and_a_read_has_none(service: Receiver) -> None:
    script(service, told(200, {}))

    def ask(cairn: Cairn) -> None:
        cairn.cycles.resume_cycle("c-1")
        cairn.cycles.resume_cycle("c-1", idempotency_key="mine")
        cairn.cycles.get_cycle("c-1")

    await call(service, ask)
    first, second, third = (got.headers.get("idempotency-key") for got in service.got)
    assert len(first or "") == 36
    assert (second, third) == ("mine", None)


async def test_it_waits_for_as_long_as_the_service_asks(service: Receiver) -> None:
    script(service, refused(429, "too-many-requests", "Retry-After: 1"), told(200, {"version": 1}))
    began = time.monotonic()
    await call(service, lambda cairn: cairn.policy.get_policy())
    assert time.monotonic() - began >= 1


async def test_a_refusal_is_not_tried_again_and_says_what_was_wrong(service: Receiver) -> None:
    errors = [{"pointer": "/email", "detail": "not an address"}]
    script(service, refused(422, "invalid-request", errors=errors))
    with pytest.raises(Refused, match="not an address") as caught:
        await call(service, lambda cairn: cairn.people.get_person("ana"))
    assert (caught.value.status, caught.value.code) == (422, "invalid-request")
    assert caught.value.errors == errors
    assert len(service.got) == 1


async def test_a_refusal_by_something_in_between_is_one_too(service: Receiver) -> None:
    script(service, b"HTTP/1.1 407 Proxy\r\nContent-Length: 2\r\n\r\nno")
    with pytest.raises(Refused) as caught:
        await call(service, lambda cairn: cairn.people.get_person("ana"))
    assert (caught.value.status, caught.value.code) == (407, "")


class OnlyWaits:
    """A clock of a machine on which nothing takes time but waiting."""

    def __init__(self) -> None:
        self.seconds = 0.0

    def monotonic(self) -> float:
        return self.seconds

    def sleep(self, seconds: float) -> None:
        self.seconds += seconds


LOST = refused(502, "bad-gateway")
AWAY = refused(503, "unavailable")
BUSY = refused(429, "too-many-requests")


@pytest.mark.parametrize(
    ("answers", "error", "code"),
    [
        ([None], Unreachable, None),
        ([LOST, AWAY], Unreachable, "unavailable"),
        ([LOST, BUSY], Unreachable, "too-many-requests"),
        ([BUSY], Refused, "too-many-requests"),
    ],
)
async def test_when_patience_has_ended_the_error_has_the_key_and_says_whether_it_may_be_done(
    service: Receiver,
    answers: list[bytes | None],
    error: Any,
    code: str | None,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    script(service, *answers)
    monkeypatch.setattr(calling, "time", OnlyWaits())
    with pytest.raises(error) as caught:
        await call(service, lambda cairn: cairn.cycles.start_cycle({"person": "ana"}), patience=0.5)
    assert {got.headers["idempotency-key"] for got in service.got} == {caught.value.idempotency_key}
    last = caught.value.answered if isinstance(caught.value, Unreachable) else caught.value
    assert (last and last.code) == code


async def test_a_token_may_be_given_afresh_each_time(service: Receiver) -> None:
    script(service, refused(503, "unavailable"), told(200, {}))
    tokens = iter(["old", "new"])
    await call(service, lambda cairn: cairn.policy.get_policy(), token=lambda: next(tokens))
    assert [got.headers["authorization"] for got in service.got] == ["Bearer old", "Bearer new"]


async def test_the_version_that_was_seen_is_sent_as_an_etag(service: Receiver) -> None:
    script(service, told(200, {}))
    await call(service, lambda cairn: cairn.cycles.resume_cycle("c-1", if_match=7))
    assert service.got[0].headers["if-match"] == '"7"'


async def test_ids_are_one_part_of_a_path_whatever_is_in_them(service: Receiver) -> None:
    script(service, told(200, {}))
    await call(service, lambda cairn: cairn.people.get_person("../v1/a b?c#d@e"))
    assert service.got[0].path == "/v1/people/..%2Fv1%2Fa%20b%3Fc%23d@e"


async def test_all_pages_of_a_list_are_gone_through(service: Receiver) -> None:
    pages = [
        told(200, {"items": [{"person": "ana"}, {"person": "ben"}], "next": "abc="}),
        told(200, {"items": [{"person": "cem"}], "next": None}),
    ]
    script(service, *pages)
    found = await call(service, lambda cairn: list(cairn.people.all_people(department="it")))
    assert [each["person"] for each in found] == ["ana", "ben", "cem"]
    queries = [httpx2.URL(got.path).params for got in service.got]
    assert [dict(query) for query in queries] == [
        {"department": "it", "limit": "200"},
        {"department": "it", "limit": "200", "cursor": "abc="},
    ]


async def test_a_file_is_sent_as_it_is_and_answered_line_by_line(service: Receiver) -> None:
    lines = b'{"line":2,"person":"ana","status":"created","version":1}\n'
    head = f"HTTP/1.1 200 OK\r\nContent-Type: application/x-ndjson\r\nContent-Length: {len(lines)}"
    script(service, head.encode() + b"\r\n\r\n" + lines)
    content = b"person,name\nana,Ana\n"
    found = await call(service, lambda cairn: cairn.people.import_people(content, "text/csv"))
    assert found[0]["status"] == "created"
    assert service.got[0].body == content
    assert service.got[0].headers["content-type"] == "text/csv"


async def test_what_is_a_text_is_answered_as_it_is(service: Receiver) -> None:
    invite = b"BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n"
    head = f"HTTP/1.1 200 OK\r\nContent-Type: text/calendar\r\nContent-Length: {len(invite)}"
    script(service, head.encode() + b"\r\n\r\n" + invite)
    assert await call(service, lambda c: c.conversations.get_invite("c-1")) == invite.decode()


SECRET, OTHER = "whsec_" + "a" * 43 + "=", "whsec_" + "b" * 43 + "="
EVENT = b'{"type":"cycles.started","position":4}'


def signed(secret: str, at: datetime, body: bytes = EVENT) -> dict[str, str]:
    return {
        "Webhook-Id": "e-1",
        "Webhook-Timestamp": str(int(at.timestamp())),
        "Webhook-Signature": Signer(secret).sign("e-1", at, body.decode()),
    }


@pytest.mark.parametrize("secrets", [[SECRET], [OTHER, SECRET]], ids=["one", "while rotating"])
def test_a_delivery_is_verified_by_any_of_our_secrets(secrets: list[str]) -> None:
    assert verified(EVENT, signed(SECRET, datetime.now(UTC)), secrets)["position"] == 4


def test_a_delivery_that_is_signed_with_two_secrets_is_verified_by_either() -> None:
    now = datetime.now(UTC)
    both = signed(SECRET, now)["Webhook-Signature"] + " " + signed(OTHER, now)["Webhook-Signature"]
    headers = signed(SECRET, now) | {"Webhook-Signature": both}
    assert verified(EVENT, headers, [OTHER])["type"] == "cycles.started"


NOW = datetime.now
BAD = {
    "another secret": lambda: (EVENT, signed(OTHER, NOW(UTC))),
    "another body": lambda: (EVENT + b" ", signed(SECRET, NOW(UTC))),
    "another id": lambda: (EVENT, signed(SECRET, NOW(UTC)) | {"Webhook-Id": "e-2"}),
    "an old one": lambda: (EVENT, signed(SECRET, NOW(UTC) - timedelta(minutes=6))),
    "one of the future": lambda: (EVENT, signed(SECRET, NOW(UTC) + timedelta(minutes=6))),
    "a time that is none": lambda: (EVENT, signed(SECRET, NOW(UTC)) | {"Webhook-Timestamp": "x"}),
    "no headers": lambda: (EVENT, {}),
    "no signature": lambda: (EVENT, signed(SECRET, NOW(UTC)) | {"Webhook-Signature": ""}),
    "another version": lambda: (
        EVENT,
        signed(SECRET, NOW(UTC))
        | {"Webhook-Signature": signed(SECRET, NOW(UTC))["Webhook-Signature"].replace("v1", "v0")},
    ),
    "a signature with signs from elsewhere": lambda: (
        EVENT, signed(SECRET, NOW(UTC)) | {"Webhook-Signature": "v1,ü"}
    ),
}  # fmt: skip


@pytest.mark.parametrize("make", BAD.values(), ids=BAD.keys())
def test_a_delivery_by_somebody_else_is_not_verified(
    make: Callable[[], tuple[bytes, dict[str, str]]],
) -> None:
    with pytest.raises(BadSignature):
        verified(*make(), [SECRET])


@pytest.mark.timeout(420)
def test_the_examples_are_typed() -> None:
    """Whoever copies from them gets what a type checker knows."""
    for folder, files in (
        (ROOT / "examples", ["whole_cycle.py"]),
        (ROOT / "examples" / "platform", ["__main__.py", "store.py", "receiver.py"]),
    ):
        done = subprocess.run(
            [sys.executable, "-m", "mypy", "--strict", *files],
            cwd=folder,
            env=os.environ | {"MYPYPATH": str(CLIENT)},
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stdout
