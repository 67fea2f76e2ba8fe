"""Requests to addresses that customers name: never to the inside, and never for long.

A name is resolved, each of its addresses is checked, and the connection goes to a checked one, so
that a name which answers differently the next time gains nothing. There are no redirects and no
proxies, and of an answer only its status counts.
"""

from __future__ import annotations

import asyncio
import ipaddress
import re
import socket
import ssl
import time
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from typing import Any, cast
from urllib.parse import SplitResult, urlsplit

import httpcore2

from shared.errors import Invalid

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Network = ipaddress.IPv4Network | ipaddress.IPv6Network
Resolve = Callable[[str, int], Awaitable[Sequence[str]]]
"""Answers the addresses of a name; raises `OSError` where it has none."""

_LONGEST_URL = 2_048
_SECONDS = 15.0
_RESOLVE_SECONDS = 5.0
_NAMES_AT_ONCE = 500
"""A name server that hangs holds a thread for longer than anybody waits for it."""
_DRAINED = 64 * 1024
_DRAIN_SECONDS = 1.0
_ADDRESSES_TRIED = 3
_PLAIN = r"https?://[\x21\x23-\x5b\x5d-\x7e]+"
_NAME = r"([a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?\.)+[a-z][a-z0-9-]{0,61}[a-z0-9]\.?"
_INSIDE = (
    r"(^|\.)(localhost|localdomain|local|internal|intranet|lan|corp|home|private|arpa|onion)\.?$"
)
_LOOPBACK_NAMES = ("127.0.0.1", "localhost", "::1")

_MAPPED = ipaddress.ip_network("::ffff:0:0/96")
_NAT64 = ipaddress.ip_network("64:ff9b::/96")
_UNICAST = ipaddress.ip_network("2000::/3")
_NEVER = tuple(
    ipaddress.ip_network(network)
    for network in (
        "168.63.129.16/32",  # Azure's host, from inside its machines
        "192.88.99.0/24",  # 6to4 relays
        "2001::/23",  # Teredo, ORCHID and other protocols' own
        "2001:db8::/32",  # documentation
        "2002::/16",  # 6to4: any IPv4 address inside
        "3fff::/20",  # documentation
    )
)


class UrlRefused(Invalid):
    """This address can't be called: take https on a public host, without a user or a fragment.

    Development on one machine may set CAIRN_WEBHOOKS_ON_LOOPBACK=true.
    """


class Failed(Exception):
    """A request that got no answer; `code` says why, without a word of the other side's."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True)
class Answered:
    """What came back: the status, how long to wait where it said so, and how long it took."""

    status: int
    retry_after: int | None
    milliseconds: int


class SystemResolver:
    """Asks the machine's own resolver, in threads of its own: one name that hangs holds up no other."""

    def __init__(self) -> None:
        self._threads = ThreadPoolExecutor(_NAMES_AT_ONCE, "resolver")

    async def __call__(self, host: str, port: int) -> Sequence[str]:
        asked = partial(socket.getaddrinfo, host, port, type=socket.SOCK_STREAM)
        found = await asyncio.get_running_loop().run_in_executor(self._threads, asked)
        return [cast("str", where[0]) for *_, where in found]


class Guard:
    """Says which addresses may be called.

    `loopback` lets http to this very machine through, for development. `networks` are the inside
    addresses that the operator has opened, where receivers stand in the same network.
    """

    def __init__(
        self,
        *,
        loopback: bool = False,
        networks: Iterable[Network] = (),
        resolve: Resolve | None = None,
    ) -> None:
        self._loopback = loopback
        self._networks = tuple(networks)
        self._resolve = resolve or SystemResolver()

    def check_url(self, url: str) -> SplitResult:
        """Take a URL apart; raises `UrlRefused` for one that could never be called."""
        if len(url) > _LONGEST_URL or not re.fullmatch(_PLAIN, url, re.IGNORECASE):
            raise UrlRefused
        try:
            parts = urlsplit(url)
            host, port = parts.hostname or "", parts.port
        except ValueError:
            raise UrlRefused from None
        if "@" in parts.netloc or "#" in url or (port is not None and not _is_usual(port)):
            raise UrlRefused
        if self._loopback and host in _LOOPBACK_NAMES:
            return parts
        if parts.scheme.lower() != "https" or not re.fullmatch(_NAME, host):
            raise UrlRefused
        if not self._networks and re.search(_INSIDE, host):
            raise UrlRefused
        return parts

    async def check(self, url: str) -> None:
        """Refuse a URL that leads inside today; a name that nobody knows yet may be known later."""
        parts = self.check_url(url)
        try:
            await self.addresses(parts.hostname or "", parts.port or 443)
        except Failed as failed:
            if failed.code == "address-refused":
                raise UrlRefused from None

    async def addresses(self, host: str, port: int) -> list[str]:
        """The addresses of a host, all of them checked; raises `Failed`."""
        try:
            async with asyncio.timeout(_RESOLVE_SECONDS):
                found = list(dict.fromkeys(await self._resolve(host, port)))
        except (OSError, UnicodeError):
            raise Failed("name-unknown") from None
        if not found:
            raise Failed("name-unknown")
        if not all(self._is_allowed(address) for address in found):
            raise Failed("address-refused")
        return found

    def _is_allowed(self, text: str) -> bool:
        try:
            address = _unwrapped(ipaddress.ip_address(text))
        except ValueError:
            return False
        if self._loopback and address.is_loopback:
            return True
        return is_public(address) or any(address in network for network in self._networks)


def is_public(address: Address) -> bool:
    """Whether an address belongs to the internet at large, and not to any inside."""
    if any(address in network for network in _NEVER):
        return False
    if isinstance(address, ipaddress.IPv6Address):
        return address in _UNICAST and address.is_global
    return address.is_global and not address.is_multicast and not address.is_reserved


class Outbound:
    """Posts to what a guard lets through; connections are kept for the next request.

    There is no limit of connections: whoever waited for one would be late by no fault of its receiver.
    """

    def __init__(self, guard: Guard, *, context: ssl.SSLContext | None = None) -> None:
        self._pool = httpcore2.AsyncConnectionPool(
            ssl_context=context or httpcore2.default_ssl_context(),
            max_connections=None,
            max_keepalive_connections=20,
            keepalive_expiry=30.0,
            network_backend=_Pinned(guard),
        )
        self._guard = guard

    async def post(self, url: str, headers: Mapping[str, str], body: bytes) -> Answered:
        """Send a body; raises `Failed` where no answer came within fifteen seconds."""
        began = time.monotonic()
        try:
            self._guard.check_url(url)
            async with asyncio.timeout(_SECONDS):
                return await self._post(url, headers, body, began)
        except UrlRefused:
            raise Failed("address-refused") from None
        except TimeoutError:
            raise Failed("timed-out") from None
        except _FAILURES as failure:
            raise Failed(_code(failure)) from None

    async def close(self) -> None:
        await self._pool.aclose()

    async def _post(
        self, url: str, headers: Mapping[str, str], body: bytes, began: float
    ) -> Answered:
        fields = [(name, value) for name, value in headers.items()]
        async with self._pool.stream("POST", url, headers=fields, content=body) as answer:
            took = int((time.monotonic() - began) * 1000)
            await _drain(answer)
            return Answered(answer.status, _retry_after(answer.headers), took)


class _Pinned(httpcore2.AsyncNetworkBackend):
    """Connects to addresses that were checked just now; TLS still asks for the name."""

    def __init__(self, guard: Guard) -> None:
        self._guard = guard
        self._network = httpcore2.AnyIOBackend()

    async def connect_tcp(
        self, host: str, port: int, *args: Any, **options: Any
    ) -> httpcore2.AsyncNetworkStream:
        failure: Exception = Failed("name-unknown")
        for address in (await self._guard.addresses(host, port))[:_ADDRESSES_TRIED]:
            try:
                return await self._network.connect_tcp(address, port, *args, **options)
            except httpcore2.ConnectError as refused:
                failure = refused
        raise failure

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)


def _unwrapped(address: Address) -> Address:
    """The IPv4 address inside one that only carries it to where it is meant for."""
    if isinstance(address, ipaddress.IPv6Address) and (address in _MAPPED or address in _NAT64):
        return ipaddress.IPv4Address(int(address) & 0xFFFF_FFFF)
    return address


def _is_usual(port: int) -> bool:
    return port == 443 or 1_024 <= port <= 65_535


async def _drain(answer: httpcore2.Response) -> None:
    """Read a short body, so that the connection can be used again; a long one is cut off."""
    size = 0
    try:
        async with asyncio.timeout(_DRAIN_SECONDS):
            async for chunk in answer.aiter_stream():
                size += len(chunk)
                if size > _DRAINED:
                    return
    except (TimeoutError, *_FAILURES):
        return  # its status has been heard, and that is all that counts


def _retry_after(headers: Iterable[tuple[bytes, bytes]]) -> int | None:
    for name, value in headers:
        if name.lower() == b"retry-after" and re.fullmatch(rb"\d{1,6}", value):
            return int(value)
    return None


def _code(failure: Exception) -> str:
    if isinstance(failure, Failed):
        return failure.code
    if isinstance(failure, httpcore2.TimeoutException):
        return "timed-out"
    if isinstance(failure, httpcore2.ConnectError):
        cause = failure.__cause__ or failure.__context__
        return "certificate-refused" if isinstance(cause, ssl.SSLError) else "no-connection"
    return "broken-off"


_FAILURES = (
    Failed,
    httpcore2.NetworkError,
    httpcore2.TimeoutException,
    httpcore2.ProtocolError,
    httpcore2.UnsupportedProtocol,
    OSError,
    ValueError,
)
