"""A webhook receiver on loopback that answers as it is told, and remembers what it got."""

from __future__ import annotations

import asyncio
import contextlib
import datetime
import ssl
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

Answer = Callable[["Got"], "bytes | None"]
"""What to answer to a request; None closes the connection without a word."""

OK = b"HTTP/1.1 204 No Content\r\n\r\n"


@dataclass
class Got:
    """One request as it came in."""

    path: str
    headers: dict[str, str]
    body: bytes
    number: int


def status(code: int, *more: str) -> bytes:
    lines = [f"HTTP/1.1 {code} Told", "Content-Length: 0", *more]
    return "\r\n".join([*lines, "", ""]).encode()


@dataclass
class Receiver:
    """A server; `answer` decides what each request gets; `meanwhile` happens before the first does."""

    answer: Answer = lambda _: OK
    context: ssl.SSLContext | None = None
    got: list[Got] = field(default_factory=list)
    connections: int = 0
    stall: float = 0.0
    meanwhile: list[Callable[[], Awaitable[None]]] = field(default_factory=list)
    drip: bytes = b""
    _open: set[asyncio.StreamWriter] = field(default_factory=set)

    async def start(self, port: int = 0) -> Receiver:
        self._server = await asyncio.start_server(
            self._serve, "127.0.0.1", port, ssl=self.context, limit=2**22
        )
        self.port: int = self._server.sockets[0].getsockname()[1]
        self.url = f"{'https' if self.context else 'http'}://127.0.0.1:{self.port}/hook"
        return self

    async def stop(self) -> None:
        self._server.close()
        for writer in list(self._open):
            writer.transport.abort()
        await self._server.wait_closed()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        self._open.add(writer)
        with contextlib.suppress(OSError, asyncio.IncompleteReadError):
            while await self._one(reader, writer):
                pass
        writer.close()
        self._open.discard(writer)

    async def _one(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        head = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
        headers = {n.lower(): v for n, _, v in (line.partition(": ") for line in head[1:] if line)}
        body = await reader.readexactly(int(headers.get("content-length", "0")))
        got = Got(head[0].split(" ")[1], headers, body, len(self.got))
        self.got.append(got)
        await asyncio.sleep(self.stall)
        while self.meanwhile:
            await self.meanwhile.pop()()
        told = self.answer(got)
        if told is None:
            return False
        writer.write(told)
        await writer.drain()
        while self.drip:
            writer.write(self.drip)
            await writer.drain()
            await asyncio.sleep(0)
        return b" 204 " in told or b"Content-Length: 0" in told


def certificate(folder: Path, name: str) -> tuple[ssl.SSLContext, ssl.SSLContext]:
    """A server's context with a certificate for `name`, and a client's that trusts it."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = datetime.datetime.now(datetime.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(hours=1))
        .not_valid_after(now + datetime.timedelta(hours=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    file = folder / f"{name}.pem"
    private: Any = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    file.write_bytes(private + made.public_bytes(serialization.Encoding.PEM))
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(file)
    client = ssl.create_default_context(cafile=str(file))
    return server, client
