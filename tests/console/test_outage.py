"""While the database is away: a clear answer that says when to come back, and nothing lost."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx2
import pytest
from pydantic import SecretStr

from console.app import create_app, provide
from console.bootstrap import build
from console.migrations import migrate
from console.secrets import ensure_secrets
from shared.settings import Settings
from shared.tokens import Issuer
from tests.faults.server import FaultyServer

ANA = {"name": "Ana Silva", "email": "ana@example.com"}


@pytest.fixture
async def server(tmp_path: Path) -> AsyncIterator[FaultyServer]:
    server = FaultyServer(tmp_path / "data")
    await server.start()
    yield server
    await server.stop()


async def test_writes_and_reads_are_503_with_retry_after_and_go_on_when_it_is_back(
    server: FaultyServer, tmp_path: Path
) -> None:
    await migrate(server.url)
    settings = Settings(data_dir=tmp_path / "data", database_url=SecretStr(server.url))
    ensure_secrets(settings)
    house = await build(settings)
    await house.record.vault.create_tenant("acme")
    issuer = Issuer.of_file(settings.issuer_path)
    app: Any = create_app(settings)
    app.state.given = provide(house, issuer, settings)
    async with httpx2.AsyncClient(
        transport=httpx2.ASGITransport(app=app, raise_app_exceptions=False),
        base_url="http://cairn",
        headers={"Authorization": f"Bearer {issuer.issue('acme', ['platform'], None, 600)}"},
    ) as platform:

        async def put(key: str) -> httpx2.Response:
            return await platform.put("/v1/people/ana", json=ANA, headers={"Idempotency-Key": key})

        assert (await put("before")).status_code == 201
        server.child.kill()
        server.child.wait()
        away = [await put("during"), await platform.get("/v1/people/ana")]
        for answer in away:
            assert answer.status_code == 503, answer.text
            assert answer.headers["retry-after"] == "1"
            assert answer.json()["type"].endswith("/unavailable")
        provider = await platform.get("/scim/v2/Users")
        assert (provider.status_code, provider.headers["retry-after"]) == (503, "1")
        assert (await platform.get("/readyz")).status_code == 503
        await server.revive()
        assert (await put("during")).status_code == 200
        assert (await platform.get("/v1/people/ana")).json()["version"] == 1
    await house.close()
