"""Characters and numbers that the database doesn't take: a page like that of any other bad address."""

from __future__ import annotations

from collections.abc import AsyncIterator

import httpx2
import pytest

from tests.conftest import Story
from tests.console.pages.conftest import Site

FAR = str(2**63)


@pytest.fixture
async def dpo(story: Story, site: Site, tenant: str) -> AsyncIterator[httpx2.AsyncClient]:
    """Somebody who may open all of these pages."""
    secret = await site.cookie(tenant, "ana", "dpo", "employee")
    async with httpx2.AsyncClient(base_url=site.url, cookies={"cairn": secret}) as client:
        yield client


@pytest.mark.parametrize(
    "path",
    [
        "/timeline?person=%00",
        "/people?after=%00",
        "/login/link/x~%00",
        f"/history/readers?before={FAR}",
        f"/erasures?before={FAR}",
        f"/timeline?after={FAR}",
    ],
)
async def test_what_no_column_can_hold_leads_nowhere(dpo: httpx2.AsyncClient, path: str) -> None:
    answer = await dpo.get(path)
    assert answer.status_code == 404, path
    assert "There is nothing here" in answer.text


async def test_a_cookie_that_no_session_can_have_is_none(story: Story, site: Site) -> None:
    async with httpx2.AsyncClient(base_url=site.url) as somebody:
        answer = await somebody.get("/", headers={"Cookie": 'cairn="x~\\000"'})
    assert answer.status_code == 303
    assert answer.headers["location"].startswith("/login")
