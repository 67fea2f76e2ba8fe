"""P3 over HTTP: one Idempotency-Key has one effect, whichever connection dies after the COMMIT."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID, uuid4

import httpx2
import pytest
import uvicorn
from pydantic import SecretStr

from console.app import create_app, provide
from console.bootstrap import House, build
from services.conversation.domain import Conversation
from services.conversation.guides import FIRST_CONVERSATION
from shared.settings import Settings
from shared.tokens import Issuer
from tests.faults.proxy import Proxy
from tests.faults.test_idempotency import effects_of
from tests.proving import LONG, Proof, told
from tests.shared.eventstore.test_record import command

KEYS, CUTS = (20_000, 1_000) if LONG else (400, 40)
EACH = 20
AT_ONCE = 8


@dataclass
class Cutter:
    """Stands between callers and the API, and swallows answers: the caller never hears."""

    port: int
    cuts: int = 0
    made: int = 0
    _open: set[asyncio.StreamWriter] = field(default_factory=set)

    async def start(self) -> str:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        return f"http://127.0.0.1:{self._server.sockets[0].getsockname()[1]}"

    async def stop(self) -> None:
        self._server.close()
        for writer in self._open:
            writer.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._open.add(writer)
        with suppress(OSError):
            back, there = await asyncio.open_connection("127.0.0.1", self.port)
            forward = asyncio.create_task(_forward(reader, there))
            while data := await back.read(65_536):
                if self.cuts > 0:
                    self.cuts -= 1
                    self.made += 1
                    break
                writer.write(data)
                await writer.drain()
            forward.cancel()
            there.close()
        writer.close()
        self._open.discard(writer)


async def _forward(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with suppress(OSError):
        while data := await reader.read(65_536):
            writer.write(data)
            await writer.drain()


@asynccontextmanager
async def served(settings: Settings, house: House) -> AsyncIterator[int]:
    """The API on a port of its own."""
    app = create_app(settings)
    given = provide(house, Issuer.of_file(settings.issuer_path), settings)

    async def plain(scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] != "lifespan":
            app.state.given = given
            await app(scope, receive, send)

    server = uvicorn.Server(
        uvicorn.Config(plain, port=0, log_config=None, lifespan="off", access_log=False)
    )
    serving = asyncio.create_task(server.serve())
    while not server.started:
        await asyncio.sleep(0.01)
    yield server.servers[0].sockets[0].getsockname()[1]
    server.should_exit = True
    await serving


async def opened(house: House, tenant: str) -> UUID:
    """A conversation of Ana's."""
    person = await house.record.vault.assign_subject(tenant, "ana")
    at = house.record.clock.now()
    conversation = Conversation.open(
        person=person, cycle=uuid4(), round=1, guide=FIRST_CONVERSATION, at=at
    )
    await house.record.save(conversation, command(house, tenant))
    return conversation.id


@pytest.mark.timeout(3600 if LONG else 600)
async def test_a_key_has_one_effect_over_http_with_three_at_once_and_cuts(
    settings: Settings, tenant: str, proof: Proof
) -> None:
    proxy = Proxy(settings.required_database_url())
    url = SecretStr(await proxy.start())
    house = await build(settings.model_copy(update={"database_url": url}))
    different, refused = 0, 0

    async with served(settings, house) as port:
        cutter = Cutter(port)
        token = Issuer.of_file(settings.issuer_path).issue(tenant, ["employee"], "ana", 36_000)
        headers = {"Authorization": f"Bearer {token}"}
        limits = httpx2.Limits(max_connections=3 * AT_ONCE)
        http = httpx2.AsyncClient(
            base_url=await cutter.start(), headers=headers, limits=limits, timeout=30
        )

        async def ask(path: str, key: str) -> httpx2.Response:
            """Send it until it is answered, as a caller does that doesn't know."""
            nonlocal refused
            given = {"Idempotency-Key": key, "X-Request-ID": key}
            while True:
                with suppress(httpx2.TransportError):
                    answer = await http.put(path, json={"text": f"of {key}"}, headers=given)
                    if answer.is_success:
                        return answer
                    refused += answer.status_code != 503

        async def converse(places: asyncio.Semaphore) -> None:
            nonlocal different
            async with places:
                path = f"/v1/conversations/{await opened(house, tenant)}/answers/impact"
                for _ in range(EACH):
                    key = uuid4().hex
                    answers = await asyncio.gather(*(ask(path, key) for _ in range(3)))
                    different += len({answer.text for answer in answers}) > 1
                    replayed = [a for a in answers if "idempotency-replayed" in a.headers]
                    different += len(replayed) < 2

        async def cut() -> None:
            while proxy.made < CUTS or cutter.made < CUTS:
                proxy.cuts = max(proxy.cuts, int(proxy.made < CUTS))
                cutter.cuts = max(cutter.cuts, int(cutter.made < CUTS))
                await asyncio.sleep(0.02)

        cutting, places = asyncio.create_task(cut()), asyncio.Semaphore(AT_ONCE)
        await asyncio.gather(*(converse(places) for _ in range(KEYS // EACH)))
        cutting.cancel()
        await http.aclose()
        await cutter.stop()
    effects, distinct = await effects_of(house, tenant)
    figures = {"doubled": effects - distinct, "refused": refused, "different_answers": different}
    done = (
        f"{KEYS:,} keys over HTTP, each sent by 3 at once; {proxy.made:,} cuts before the database"
        f" and {cutter.made:,} before the API, all after COMMIT"
    )
    proof("P3 one key, one effect", done, told(figures))
    await house.close()
    await proxy.stop()
    assert min(proxy.made, cutter.made) >= CUTS
    assert distinct == KEYS
    assert set(figures.values()) == {0}
