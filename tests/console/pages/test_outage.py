"""While the database is away, a page says so and keeps what was written, to be saved when it is back."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from pathlib import Path
from uuid import uuid4

import httpx2
import pytest
from pydantic import SecretStr

from console.app import create_app, provide
from console.bootstrap import House, build
from console.login.sessions import Sessions
from console.migrations import migrate
from console.pages.site import provide_pages
from console.secrets import ensure_secrets
from services.people.domain import Profile
from shared.eventstore.record import Command
from shared.principal import Principal
from shared.settings import Settings
from shared.tokens import Issuer
from tests.faults.server import FaultyServer

FROM_US = {"Sec-Fetch-Site": "same-origin"}


@pytest.fixture
async def server(tmp_path: Path) -> AsyncIterator[FaultyServer]:
    server = FaultyServer(tmp_path / "data")
    await server.start()
    yield server
    await server.stop()


async def conversation_of(house: House) -> tuple[Principal, str]:
    """Ana with an open conversation, and her principal."""
    await house.record.vault.create_tenant("acme")
    hr = Command(by=Principal("acme", frozenset({"hr"}), "hr"), at=house.record.clock.now())
    await house.people.put_person(hr, "ana", Profile("Ana Silva", "ana@example.com"), None)
    subject = await house.record.vault.subject_of("acme", "ana")
    assert subject is not None
    opened = await house.conversations.open_conversation(
        hr, person=subject, cycle=uuid4(), round=1, kind="conversation"
    )
    by = Principal("acme", frozenset({"employee"}), "ana", subject)
    return by, f"/conversations/{opened.id}/questions/energy"


async def test_what_was_written_comes_back_and_is_saved_once_when_the_database_is_back(
    server: FaultyServer, tmp_path: Path
) -> None:
    await migrate(server.url)
    settings = Settings(data_dir=tmp_path / "data", database_url=SecretStr(server.url))
    ensure_secrets(settings)
    house = await build(settings)
    issuer = Issuer.of_file(settings.issuer_path)
    app = create_app(settings, ("all",))
    app.state.given = provide(house, issuer, settings) | provide_pages(house, settings)
    by, path = await conversation_of(house)
    cookie = await app.state.given[Sessions].begin(by)
    async with httpx2.AsyncClient(
        transport=httpx2.ASGITransport(app=app), base_url="http://cairn", cookies={"cairn": cookie}
    ) as ana:
        key = re.search(r'name="key" value="([^"]+)"', (await ana.get(path)).text)
        assert key is not None
        form = {"key": key[1], "seen": "0", "draft": "0", "text": "written in the dark"}
        server.child.kill()
        server.child.wait()
        away = await ana.post(path, data=form, headers=FROM_US)
        assert away.status_code == 503
        assert ">written in the dark</textarea>" in away.text
        assert f'value="{key[1]}"' in away.text
        await server.revive()
        for _ in range(2):
            assert (await ana.post(path, data=form, headers=FROM_US)).status_code == 303
        page = await ana.get(path)
        assert ">written in the dark</textarea>" in page.text
        assert 'name="seen" value="2"' in page.text
    await house.close()
