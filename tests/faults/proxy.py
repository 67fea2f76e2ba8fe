"""A TCP proxy before PostgreSQL that cuts a connection exactly after the COMMIT of an append.

The answer to an append reaches the proxy once the transaction is on disk (ReadyForQuery follows the
commit); the client never hears of it.
"""

from __future__ import annotations

import asyncio
import struct
from contextlib import suppress
from urllib.parse import urlsplit

_APPEND = b"record.append("


class Proxy:
    """Forwards to a server; `cuts` says how many of the next appends lose their answer."""

    def __init__(self, url: str) -> None:
        self._target = urlsplit(url)
        self._server: asyncio.Server | None = None
        self._hole = asyncio.Event()
        self._hole.set()
        self.cuts = 0
        self.made = 0

    async def start(self) -> str:
        """Listen; answer the URL through the proxy."""
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        port = self._server.sockets[0].getsockname()[1]
        user = f"{self._target.username}:{self._target.password}"
        return f"postgresql://{user}@127.0.0.1:{port}{self._target.path}?sslmode=disable"

    async def stop(self) -> None:
        if self._server is not None:
            self._server.close()

    async def swallow(self, seconds: float) -> None:
        """Be a black hole: nothing is forwarded in either direction, nothing is closed."""
        self._hole.clear()
        await asyncio.sleep(seconds)
        self._hole.set()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(OSError, asyncio.IncompleteReadError):
            host, port = self._target.hostname, self._target.port
            upstream_reader, upstream = await asyncio.open_connection(host, port)
            link = _Link()
            there = asyncio.create_task(self._there(reader, upstream, link))
            back = asyncio.create_task(self._back(upstream_reader, writer, link))
            await asyncio.wait({there, back}, return_when=asyncio.FIRST_COMPLETED)
            for task in (there, back):
                task.cancel()
            await asyncio.gather(there, back, return_exceptions=True)
            upstream.close()
        writer.close()

    async def _there(
        self, reader: asyncio.StreamReader, upstream: asyncio.StreamWriter, link: _Link
    ) -> None:
        length = struct.unpack("!I", await reader.readexactly(4))[0]
        upstream.write(struct.pack("!I", length) + await reader.readexactly(length - 4))
        while True:
            kind, body = await _message(reader)
            link.sent(kind, body)
            await self._hole.wait()
            upstream.write(kind + struct.pack("!I", len(body) + 4) + body)
            await upstream.drain()

    async def _back(
        self, upstream: asyncio.StreamReader, writer: asyncio.StreamWriter, link: _Link
    ) -> None:
        held = b""
        while True:
            kind, body = await _message(upstream)
            held += kind + struct.pack("!I", len(body) + 4) + body
            if link.append and self.cuts > 0 and kind not in b"ZE":
                continue  # until it is known to be on disk
            if kind == b"E":
                link.append = False  # nothing was committed
            if kind == b"Z":
                answered, link.append = link.append, False
                if answered and self.cuts > 0 and body == b"I":
                    self.cuts -= 1
                    self.made += 1
                    return
            await self._hole.wait()
            writer.write(held)
            await writer.drain()
            held = b""


class _Link:
    """What one connection is about to hear: whether its next answer is to an append."""

    def __init__(self) -> None:
        self._statements: set[bytes] = set()
        self.append = False

    def sent(self, kind: bytes, body: bytes) -> None:
        if kind == b"P":
            name, _, query = body.partition(b"\0")
            if _APPEND in query:
                self._statements.add(name)
        elif kind == b"B":
            name = body.split(b"\0", 2)[1]
            self.append = self.append or name in self._statements


async def _message(reader: asyncio.StreamReader) -> tuple[bytes, bytes]:
    head = await reader.readexactly(5)
    return head[:1], await reader.readexactly(struct.unpack("!I", head[1:])[0] - 4)
