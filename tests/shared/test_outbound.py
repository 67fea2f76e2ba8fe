"""Requests to addresses that customers name: none ever reaches the inside."""

from __future__ import annotations

import asyncio
import ipaddress
import socket
import threading
import time
from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from shared import outbound
from shared.outbound import Failed, Guard, Outbound, UrlRefused, is_public
from tests.shared.receiver import OK, Receiver, certificate, status

NAME = "hooks.example.com"

HOSTILE = [
    "http://127.0.0.1/",
    "http://127.0.0.1:{port}/",
    "https://127.0.0.1:{port}/",
    "https://127.1:{port}/",
    "https://127.0.1:{port}/",
    "https://2130706433:{port}/",
    "https://0x7f000001:{port}/",
    "https://0x7f.0.0.1:{port}/",
    "https://0177.0.0.1:{port}/",
    "https://017700000001:{port}/",
    "https://0:{port}/",
    "https://0.0.0.0:{port}/",
    "https://[::1]:{port}/",
    "https://[::]:{port}/",
    "https://[0:0:0:0:0:0:0:1]:{port}/",
    "https://[::ffff:127.0.0.1]:{port}/",
    "https://[::ffff:7f00:1]:{port}/",
    "https://[::127.0.0.1]:{port}/",
    "https://[64:ff9b::7f00:1]:{port}/",
    "https://[64:ff9b:1::7f00:1]:{port}/",
    "https://[2002:7f00:1::]:{port}/",
    "https://[2001:0:7f00:1::]:{port}/",
    "https://[fe80::1%25lo]:{port}/",
    "https://[fc00::1]/",
    "https://[fd00:ec2::254]/latest/meta-data/",
    "https://[ff02::1]/",
    "http://localhost:{port}/",
    "https://localhost:{port}/",
    "https://LOCALHOST:{port}/",
    "https://localhost.:{port}/",
    "https://anything.localhost:{port}/",
    "https://localhost.localdomain:{port}/",
    "http://169.254.169.254/latest/meta-data/",
    "https://169.254.169.254/latest/meta-data/",
    "https://168.63.129.16/metadata",
    "https://metadata.google.internal/computeMetadata/v1/",
    "https://instance-data.ec2.internal/",
    "https://kubernetes.default.svc.cluster.local/",
    "https://postgres.intranet/",
    "https://router.lan/",
    "https://printer.local/",
    "https://db/",
    "https://10.0.0.1/",
    "https://172.16.0.1/",
    "https://192.168.0.1/",
    "https://100.64.0.1/",
    "https://198.18.0.1/",
    "https://224.0.0.1/",
    "https://255.255.255.255/",
    "https://user:password@hooks.example.com/",
    "https://127.0.0.1:{port}@hooks.example.com/",
    "https://hooks.example.com@127.0.0.1:{port}/",
    "https://hooks.example.com#@127.0.0.1:{port}/",
    "https://hooks.example.com\\@127.0.0.1:{port}/",
    "https:\\\\127.0.0.1:{port}/",
    "https://hooks.example.com:22/",
    "https://hooks.example.com:25/",
    "https://hooks.example.com:0/",
    "https://hooks.example.com:99999/",
    "https://hooks.example.com:{port}:80/",
    "https://①②⑦.⓪.⓪.①:{port}/",
    "https://hooks.example.com/\r\nHost: 127.0.0.1",
    "https://hooks.example.com/ HTTP/1.1",
    "https://",
    "https:///etc/passwd",
    "//127.0.0.1:{port}/",
    "127.0.0.1:{port}",
    "file:///etc/passwd",
    "gopher://127.0.0.1:{port}/_GET",
    "ftp://hooks.example.com/",
    "javascript:alert(1)",
    "https://" + "a" * 3_000 + ".example.com/",
    "",
]

INSIDE_NAMES = {
    "loopback": ["127.0.0.1"],
    "loopback in IPv6": ["::1"],
    "private": ["10.1.2.3"],
    "carrier grade": ["100.100.100.200"],
    "metadata": ["169.254.169.254"],
    "metadata in IPv6": ["fd00:ec2::254"],
    "mapped": ["::ffff:127.0.0.1"],
    "NAT64": ["64:ff9b::7f00:1"],
    "local NAT64": ["64:ff9b:1::7f00:1"],
    "6to4": ["2002:7f00:1::"],
    "Teredo": ["2001:0:4136:e378:8000:63bf:3fff:fdd2"],
    "compatible": ["::7f00:1"],
    "link-local": ["fe80::1"],
    "site-local": ["fec0::1"],
    "multicast": ["224.0.0.1"],
    "multicast in IPv6": ["ff0e::1"],
    "unspecified": ["0.0.0.0"],
    "reserved": ["240.0.0.1"],
    "Azure's host": ["168.63.129.16"],
    "a public one and an inside one": ["93.184.216.34", "127.0.0.1"],
    "an inside one last of many": [*(f"93.184.216.{n}" for n in range(9)), "10.0.0.1"],
    "nonsense": ["not an address"],
}


@pytest.fixture
async def inside() -> AsyncIterator[Receiver]:
    """Something inside that must never be reached."""
    made = await Receiver().start()
    yield made
    await made.stop()


@pytest.mark.parametrize("url", HOSTILE)
async def test_a_hostile_address_is_refused_and_never_called(url: str, inside: Receiver) -> None:
    hostile = url.replace("{port}", str(inside.port))
    guard = Guard()
    with pytest.raises(UrlRefused):
        await guard.check(hostile)
    sender = Outbound(guard)
    with pytest.raises(Failed) as failed:
        await sender.post(hostile, {}, b"{}")
    assert failed.value.code == "address-refused"
    assert inside.connections == 0


@pytest.mark.parametrize("addresses", INSIDE_NAMES.values(), ids=INSIDE_NAMES.keys())
async def test_a_name_that_leads_inside_is_refused_and_never_called(
    addresses: list[str], inside: Receiver
) -> None:
    async def resolve(_: str, __: int) -> Sequence[str]:
        return addresses

    guard = Guard(resolve=resolve)
    url = f"https://{NAME}:{inside.port}/"
    with pytest.raises(UrlRefused):
        await guard.check(url)
    with pytest.raises(Failed, match="address-refused"):
        await Outbound(guard).post(url, {}, b"{}")
    assert inside.connections == 0


async def test_a_name_that_changes_its_mind_after_it_was_checked_gains_nothing(
    inside: Receiver,
) -> None:
    answers = iter([["93.184.216.34"], ["127.0.0.1"], ["127.0.0.1"]])

    async def rebinding(_: str, __: int) -> Sequence[str]:
        return next(answers)

    guard = Guard(resolve=rebinding)
    url = f"https://{NAME}:{inside.port}/"
    await guard.check(url)
    for _ in range(2):
        with pytest.raises(Failed, match="address-refused"):
            await Outbound(guard).post(url, {}, b"{}")
    assert inside.connections == 0


class Nearby:
    """A receiver with a certificate, in a network that the operator has opened."""

    def __init__(self, folder: Path) -> None:
        server, self.trusting = certificate(folder, NAME)
        self.receiver = Receiver(context=server)
        self.asked = 0

    async def resolve(self, _: str, __: int) -> Sequence[str]:
        self.asked += 1
        return ["127.0.0.1"]

    @property
    def url(self) -> str:
        return f"https://{NAME}:{self.receiver.port}/hook?token=1"

    def sender(self) -> Outbound:
        networks = [ipaddress.ip_network("127.0.0.0/8")]
        return Outbound(Guard(networks=networks, resolve=self.resolve), context=self.trusting)


@pytest.fixture
async def nearby(tmp_path: Path) -> AsyncIterator[Nearby]:
    made = Nearby(tmp_path)
    await made.receiver.start()
    yield made
    await made.receiver.stop()


async def test_the_checked_address_is_called_under_its_name_and_asked_for_once(
    nearby: Nearby,
) -> None:
    sender = nearby.sender()
    for _ in range(3):
        answered = await sender.post(nearby.url, {"webhook-id": "1"}, b'{"a": 1}')
        assert answered.status == 204
    await sender.close()
    got = nearby.receiver.got[0]
    assert (got.path, got.headers["host"]) == ("/hook?token=1", f"{NAME}:{nearby.receiver.port}")
    assert (got.headers["webhook-id"], got.body) == ("1", b'{"a": 1}')
    assert (nearby.asked, nearby.receiver.connections) == (1, 1)


async def test_a_certificate_of_another_name_is_refused(nearby: Nearby) -> None:
    url = nearby.url.replace("hooks", "other")
    with pytest.raises(Failed, match="certificate-refused"):
        await nearby.sender().post(url, {}, b"{}")
    assert nearby.receiver.got == []


async def test_a_redirect_to_the_inside_is_not_followed(nearby: Nearby, inside: Receiver) -> None:
    moved = status(307, f"Location: http://127.0.0.1:{inside.port}/")
    nearby.receiver.answer = lambda _: moved
    assert (await nearby.sender().post(nearby.url, {}, b"{}")).status == 307
    assert inside.connections == 0


async def test_proxies_of_the_environment_are_not_asked(
    nearby: Nearby, inside: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "https_proxy", "all_proxy"):
        monkeypatch.setenv(name, f"http://127.0.0.1:{inside.port}")
    assert (await nearby.sender().post(nearby.url, {}, b"{}")).status == 204
    assert inside.connections == 0


async def test_a_receiver_that_hangs_is_given_up(
    nearby: Nearby, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outbound, "_SECONDS", 0.3)
    nearby.receiver.stall = 30
    with pytest.raises(Failed, match="timed-out"):
        await nearby.sender().post(nearby.url, {}, b"{}")


async def test_many_that_hang_hold_up_no_other(
    inside: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    hanging = await Receiver(stall=30).start()
    sender = Outbound(Guard(loopback=True))
    posts = [asyncio.create_task(sender.post(hanging.url, {}, b"{}")) for _ in range(120)]
    while hanging.connections < 100:
        await asyncio.sleep(0.01)
    monkeypatch.setattr(outbound, "_SECONDS", 12.0)
    assert (await sender.post(inside.url, {}, b"{}")).status == 204
    for post in posts:
        post.cancel()
    await asyncio.wait(posts)
    await hanging.stop()


async def test_a_receiver_whose_answer_drips_is_given_up(
    nearby: Nearby, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outbound, "_SECONDS", 0.5)
    nearby.receiver.answer = lambda _: b"HTTP/1.1 200 OK\r\n"
    nearby.receiver.drip = b"X-Slow: 1\r\n"
    with pytest.raises(Failed, match=r"timed-out|broken-off"):
        await nearby.sender().post(nearby.url, {}, b"{}")


async def test_of_a_hundred_megabytes_only_the_status_is_read(nearby: Nearby) -> None:
    nearby.receiver.answer = lambda _: b"HTTP/1.1 200 OK\r\nContent-Length: 104857600\r\n\r\n"
    nearby.receiver.drip = b"x" * 65_536
    began = time.monotonic()
    assert (await nearby.sender().post(nearby.url, {}, b"{}")).status == 200
    assert time.monotonic() - began < 12


@pytest.mark.parametrize("answer", [None, b"nonsense\r\n\r\n", b"HTTP/1.1 999999 Huge\r\n\r\n"])
async def test_an_answer_that_is_none_is_a_failure(nearby: Nearby, answer: bytes | None) -> None:
    nearby.receiver.answer = lambda _: answer
    with pytest.raises(Failed, match="broken-off"):
        await nearby.sender().post(nearby.url, {}, b"{}")


async def test_nobody_there_is_a_failure(nearby: Nearby) -> None:
    await nearby.receiver.stop()
    with pytest.raises(Failed, match="no-connection"):
        await nearby.sender().post(nearby.url, {}, b"{}")


async def test_a_name_that_nobody_knows_may_be_named_but_not_called() -> None:
    async def unknown(_: str, __: int) -> Sequence[str]:
        raise OSError("Name or service not known")

    guard = Guard(resolve=unknown)
    await guard.check("https://hooks.example.com/cairn")
    with pytest.raises(Failed, match="name-unknown"):
        await Outbound(guard).post("https://hooks.example.com/cairn", {}, b"{}")


async def test_a_resolver_that_hangs_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    async def hanging(_: str, __: int) -> Sequence[str]:
        await asyncio.sleep(30)
        return []

    monkeypatch.setattr(outbound, "_RESOLVE_SECONDS", 0.1)
    with pytest.raises(Failed, match="name-unknown"):
        await Guard(resolve=hanging).addresses(NAME, 443)


async def test_names_that_hang_hold_up_no_other(monkeypatch: pytest.MonkeyPatch) -> None:
    answer, hang = socket.getaddrinfo, threading.Event()

    def ask(host: str, *more: Any, **options: Any) -> Any:
        if host == NAME:
            hang.wait(30)
        return answer("127.0.0.1", *more, **options)

    monkeypatch.setattr(socket, "getaddrinfo", ask)
    guard = Guard(loopback=True)
    asked = [asyncio.create_task(guard.addresses(NAME, 443)) for _ in range(60)]
    await asyncio.sleep(0)
    try:
        async with asyncio.timeout(20):
            assert await guard.addresses("other.example.com", 443) == ["127.0.0.1"]
    finally:
        hang.set()
        await asyncio.wait(asked)


async def test_development_on_loopback_is_switched_on_by_hand(inside: Receiver) -> None:
    sender = Outbound(Guard(loopback=True))
    assert (await sender.post(inside.url, {}, b"{}")).status == 204
    for url in ("http://10.0.0.1:8080/", "http://hooks.example.com/", "https://10.0.0.1/"):
        with pytest.raises(Failed, match="address-refused"):
            await sender.post(url, {}, b"{}")


PUBLIC = ["8.8.8.8", "93.184.216.34", "1.1.1.1", "2606:4700:4700::1111", "2a00:1450:4001::1"]


@pytest.mark.parametrize("address", PUBLIC)
def test_the_internet_at_large_is_public(address: str) -> None:
    assert is_public(ipaddress.ip_address(address))


async def test_a_wait_that_the_receiver_asks_for_is_heard(nearby: Nearby) -> None:
    nearby.receiver.answer = lambda _: status(429, "Retry-After: 120")
    assert (await nearby.sender().post(nearby.url, {}, b"{}")).retry_after == 120
    nearby.receiver.answer = lambda _: OK
