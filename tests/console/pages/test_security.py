"""What pages are sent with, which writes they take, and what text from outside can't do."""

from __future__ import annotations

from typing import Any

import httpx2
import pytest

from console.bootstrap import House
from console.pages.keys import FormKeys
from shared.settings import Settings
from shared.tokens import Issuer
from tests.conftest import Story
from tests.console.pages.conftest import Site, Visitor, site_with


@pytest.fixture
async def ana(story: Story, site: Site, tenant: str) -> Any:
    secret = await site.cookie(tenant, "ana", "employee")
    async with httpx2.AsyncClient(base_url=site.url, cookies={"cairn": secret}) as client:
        yield client


async def test_every_page_is_sent_with_its_guards(ana: httpx2.AsyncClient) -> None:
    for path in ("/", "/login", "/nowhere", "/partner/nobody"):
        headers = (await ana.get(path)).headers
        assert headers["content-security-policy"].startswith("default-src 'none'")
        assert "unsafe" not in headers["content-security-policy"]
        assert "frame-ancestors 'none'" in headers["content-security-policy"]
        assert headers["referrer-policy"] == "same-origin"
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["cache-control"] == "no-store"
        assert "strict-transport-security" not in headers


async def test_behind_tls_the_cookie_and_the_transport_are_guarded(
    settings: Settings, house: House, issuer: Issuer, tenant: str
) -> None:
    changes = {"console_url": "https://localhost", "issuers_file": None}
    async with (
        site_with(settings, house, issuer, **changes) as site,
        httpx2.AsyncClient(base_url=site.url) as client,
    ):
        token = issuer.issue(tenant, ["hr"], None, 60)
        answer = await client.post(
            "/login/person", data={"token": token}, headers={"Sec-Fetch-Site": "same-origin"}
        )
        cookie = answer.headers["set-cookie"]
        assert cookie.startswith("__Host-cairn=")
        for attribute in ("Secure", "HttpOnly", "SameSite=lax", "Path=/"):
            assert attribute in cookie
        assert "max-age=63072000" in answer.headers["strict-transport-security"]


FOREIGN: dict[str, dict[str, str]] = {
    "another site": {"Sec-Fetch-Site": "cross-site"},
    "another host of the same site": {"Sec-Fetch-Site": "same-site"},
    "an old browser on another site": {"Origin": "https://evil.example"},
    "no browser": {},
    "a sandboxed frame": {"Origin": "null"},
}


@pytest.mark.parametrize("headers", FOREIGN.values(), ids=FOREIGN)
async def test_a_form_from_elsewhere_is_refused(
    story: Story, site: Site, ana: httpx2.AsyncClient, headers: dict[str, str]
) -> None:
    path = f"{story.conversation.removeprefix('/v1')}/leave-out"
    assert (await ana.post(path, data={}, headers=headers)).status_code == 403
    assert (await story.ana.get(story.conversation)).json()["state"] == "open"


async def test_an_old_browser_on_our_own_page_may_send_forms(
    story: Story, site: Site, ana: httpx2.AsyncClient
) -> None:
    answer = await ana.post("/logout", headers={"Origin": site.url})
    assert answer.status_code == 303


@pytest.mark.parametrize("key", ["", "made-up.key", "ключ"])
async def test_a_form_without_a_key_of_this_session_changes_nothing(
    story: Story, ana: httpx2.AsyncClient, key: str
) -> None:
    path = f"{story.conversation.removeprefix('/v1')}/questions/energy"
    headers = {"Sec-Fetch-Site": "same-origin"}
    answer = await ana.post(path, data={"key": key, "text": "words"}, headers=headers)
    assert answer.status_code == 409
    assert ">words</textarea>" in answer.text
    shown = (await story.ana.get(story.conversation)).json()
    assert all(question["answer"] is None for question in shown["questions"])


async def test_a_key_of_one_session_is_no_good_in_another(site: Site) -> None:
    keys: FormKeys = site.given[FormKeys]
    assert keys.is_good(b"one", keys.fresh(b"one"))
    assert not keys.is_good(b"other", keys.fresh(b"one"))


async def test_what_somebody_asks_for_never_becomes_markup(story: Story, visitor: Visitor) -> None:
    ana = await visitor("ana")
    await ana.go("/?done=<b>x</b>")
    await ana.go("/login?problem=<b>x</b>&next=/<b>x</b>&tenant=<b>x</b>")
    assert await ana.page.locator("b", has_text="x").count() == 0


async def test_a_name_that_looks_like_markup_appears_as_text(
    story: Story, visitor: Visitor
) -> None:
    name = "<img src=x onerror=alert(1)> %(partner)s {{ 7*7 }}"
    ben = {"name": name, "email": "ben@example.com"}
    await story.platform.put("/v1/people/ben", json=ben)
    ana = await visitor("ana")
    await ana.go("/")
    assert f"A conversation with {name} about" in await ana.text()
    assert await ana.page.locator("main img").count() == 0


async def test_nobody_opens_the_pages_of_somebody_else(
    story: Story, site: Site, tenant: str
) -> None:
    at = story.conversation.removeprefix("/v1")
    for person, role in (("ben", "partner"), (None, "hr"), (None, "auditor"), (None, "admin")):
        secret = await site.cookie(tenant, person, role)
        async with httpx2.AsyncClient(base_url=site.url, cookies={"cairn": secret}) as client:
            for path in (at, f"{at}/questions/energy", f"{at}/share", f"{at}/conclude"):
                assert (await client.get(path)).status_code == 404, (role, path)


async def test_an_unknown_address_of_the_api_stays_a_problem(site: Site) -> None:
    async with httpx2.AsyncClient(base_url=site.url) as client:
        answer = await client.get("/v1/nothing")
        assert answer.headers["content-type"] == "application/problem+json"
        page = await client.get("/nothing")
        assert (page.status_code, page.headers["content-type"]) == (404, "text/html; charset=utf-8")


async def test_nothing_that_somebody_wrote_is_in_an_address_or_a_header(
    story: Story, visitor: Visitor
) -> None:
    ana = await visitor("ana")
    addresses: list[str] = []
    ana.page.on("request", lambda request: addresses.append(request.url + str(request.headers)))
    await ana.go(f"{story.conversation.removeprefix('/v1')}/questions/energy")
    await ana.page.fill("#text", "canary-words")
    await ana.press("Save")
    assert addresses
    assert not any("canary" in address for address in addresses)
