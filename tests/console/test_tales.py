"""What the demo tells of its company, however far behind the lists are."""

from __future__ import annotations

from typing import Any

import httpx2
import pytest

from console import tales
from shared.tokens import Issuer
from tests.conftest import Story


async def test_an_auditor_asks_for_a_cycle_that_no_list_knows_yet(
    story: Story, app: Any, issuer: Issuer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tales, "TENANT", story.tenant)
    transport = httpx2.ASGITransport(app=app)
    async with httpx2.AsyncClient(transport=transport, base_url="http://cairn") as http:
        await tales.Company(http, issuer).ask_to_read("ana")
    await story.read_models()
    (asked,) = (await story.dpo.get("/v1/audit/cases?undecided=true")).json()["items"]
    assert asked["cycle"] == story.cycle
