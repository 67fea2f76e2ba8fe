"""Coming in: through an identity provider by code and PKCE; on loopback by a link, a name or a token."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx2
import pytest
from joserfc.jwk import RSAKey

from console.bootstrap import House
from console.embedded.children import free_port
from console.login.providers import read_providers
from console.login.sessions import Sessions
from console.pages.reader import inward
from shared.eventstore.record import Command
from shared.principal import Principal
from shared.settings import Settings
from shared.tokens import Issuer
from tests.conftest import Story
from tests.console.pages.conftest import Site, Visitor, serving, site_with
from tests.console.pages.provider import CLIENT, SECRET, Provider

FROM_US = {"Sec-Fetch-Site": "same-origin"}


@pytest.fixture
async def provider() -> AsyncIterator[Provider]:
    made = Provider(f"http://127.0.0.1:{free_port()}")
    async with serving(made.application(), int(made.url.rpartition(":")[2])):
        yield made


@pytest.fixture
async def trusting(
    provider: Provider,
    settings: Settings,
    house: House,
    issuer: Issuer,
    tmp_path: Path,
    tenant: str,
) -> AsyncIterator[Site]:
    """A site whose people log in with the provider."""
    (tmp_path / "secret").write_text(SECRET)
    (tmp_path / "logins.toml").write_text(f"""
[login.acme]
tenant = "{tenant}"
name = "Acme"
issuer = "{provider.url}"
client_id = "{CLIENT}"
client_secret_file = "{tmp_path}/secret"
everybody = ["employee", "partner"]
roles = {{ staff = "hr" }}
""")
    changes = {"logins_file": tmp_path / "logins.toml"}
    async with site_with(settings, house, issuer, **changes) as served:
        yield served


def browser_of(site: Site) -> httpx2.AsyncClient:
    return httpx2.AsyncClient(base_url=site.url, follow_redirects=False, timeout=20)


async def come_in(site: Site, client: httpx2.AsyncClient, next_: str = "/") -> httpx2.Response:
    """Go to the provider and come back; the answer is the one to coming back."""
    away = await client.get("/login/acme/start", params={"next": next_})
    assert away.status_code == 302
    back = await client.get(away.headers["location"], headers={"Accept": "application/json"})
    return await client.get(back.headers["location"])


async def test_somebody_logs_in_with_their_provider_and_arrives_where_they_wanted(
    story: Story, trusting: Site, visitor: Visitor, provider: Provider
) -> None:
    ana = await visitor()
    ana.site = trusting
    await ana.go("/history")
    assert "/login?next=/history" in ana.page.url
    await ana.follow("Log in with Acme")
    await ana.follow("Yes, it is me")
    assert ana.page.url == f"{trusting.url}/history"
    cookie = next(c for c in await ana.context.cookies() if c["name"] == "cairn")
    assert (cookie["httpOnly"], cookie["sameSite"], cookie["path"]) == (True, "Lax", "/")
    ana.elsewhere = [url for url in ana.elsewhere if not url.startswith(provider.url)]


async def test_roles_come_from_the_claims(story: Story, trusting: Site) -> None:
    async with browser_of(trusting) as client:
        await come_in(trusting, client)
        assert (await client.get("/people")).status_code == 200
        assert (await client.get("/timeline")).status_code == 403


MISBEHAVIOURS: dict[str, dict[str, Any]] = {
    "another nonce": {"claims": {"nonce": "another"}},
    "another audience": {"claims": {"aud": "another"}},
    "several audiences without ours": {"claims": {"aud": ["a", "b"]}},
    "another issuer": {"claims": {"iss": "http://127.0.0.1:1"}},
    "expired": {"claims": {"exp": 1}},
    "another key": {"signs_with": RSAKey.generate_key(2048)},
    "somebody who said no": {"says_no": True},
    "another authorized party": {"claims": {"azp": "another"}},
}


@pytest.mark.parametrize("how", MISBEHAVIOURS.values(), ids=MISBEHAVIOURS)
async def test_a_provider_that_misbehaves_lets_nobody_in(
    story: Story, trusting: Site, provider: Provider, how: dict[str, Any]
) -> None:
    vars(provider).update(how)
    async with browser_of(trusting) as client:
        back = await come_in(trusting, client)
        assert back.headers["location"] == "/login?problem=failed"
        assert "cairn" not in client.cookies
        shown = await client.get(back.headers["location"])
        assert "That login didn&#39;t work. Nothing was changed" in shown.text


async def test_an_answer_that_this_browser_never_asked_for_lets_nobody_in(
    story: Story, trusting: Site
) -> None:
    async with browser_of(trusting) as one, browser_of(trusting) as other:
        away = await one.get("/login/acme/start")
        back = await one.get(away.headers["location"], headers={"Accept": "application/json"})
        stolen = await other.get(back.headers["location"])
        assert stolen.headers["location"] == "/login?problem=failed"


async def test_a_provider_that_calls_itself_another_lets_nobody_in(
    story: Story, trusting: Site, provider: Provider
) -> None:
    provider.calls_itself = "https://id.acme.example"
    async with browser_of(trusting) as client:
        away = await client.get("/login/acme/start")
        assert away.headers["location"] == "/login?problem=failed"


async def test_somebody_whom_the_roster_does_not_know_is_told_so(
    story: Story, trusting: Site, provider: Provider
) -> None:
    provider.person = "stranger"
    async with browser_of(trusting) as client:
        back = await come_in(trusting, client)
        assert back.headers["location"] == "/login?problem=nobody"


async def test_a_provider_that_is_away_is_told_calmly(
    settings: Settings, house: House, issuer: Issuer, tmp_path: Path
) -> None:
    (tmp_path / "logins.toml").write_text("""
[login.acme]
tenant = "acme"
name = "Acme"
issuer = "http://127.0.0.1:9"
client_id = "cairn"
""")
    changes = {"logins_file": tmp_path / "logins.toml"}
    async with site_with(settings, house, issuer, **changes) as away, browser_of(away) as client:
        answer = await client.get("/login/acme/start")
        assert answer.status_code == 503
        assert "Please try again in a moment" in answer.text
        assert (await client.get("/login/nobody/start")).status_code == 404


async def test_where_a_provider_is_named_there_are_no_development_logins(
    story: Story, trusting: Site, tenant: str
) -> None:
    by = Principal(tenant, frozenset({"employee"}), "ana")
    link = await trusting.given[Sessions].make_link(by)
    async with browser_of(trusting) as client:
        posted = await client.post(
            "/login/person", data={"person": "ana", "tenant": tenant}, headers=FROM_US
        )
        assert posted.status_code == 404
        assert (await client.get(f"/login/link/{link}")).headers["location"] == (
            "/login?problem=used"
        )
        assert "development set-up" not in (await client.get("/login")).text


async def test_where_nobody_can_be_chosen_the_page_asks_for_a_token(site: Site) -> None:
    async with browser_of(site) as client:
        page = (await client.get("/login?tenant=nobody-there")).text
    assert "come in with a token" in page
    assert "Or with a token" not in page


async def test_a_link_is_good_once(story: Story, site: Site, tenant: str) -> None:
    subject = await story.house.record.vault.subject_of(tenant, "ana")
    by = Principal(tenant, frozenset({"employee"}), "ana", subject)
    link = await site.given[Sessions].make_link(by)
    async with browser_of(site) as client:
        client.cookies.set("cairn", link)
        assert (await client.get("/")).headers["location"].startswith("/login")
        client.cookies.clear()
        assert (await client.get(f"/login/link/{link}")).headers["location"] == "/"
        assert "Your career conversation" in (await client.get("/")).text
    async with browser_of(site) as client:
        assert (await client.get(f"/login/link/{link}")).headers["location"] == (
            "/login?problem=used"
        )


async def test_a_token_of_the_command_line_lets_in(
    story: Story, site: Site, issuer: Issuer, tenant: str
) -> None:
    token = issuer.issue(tenant, ["employee"], "ana", 60)
    async with browser_of(site) as client:
        answer = await client.post("/login/person", data={"token": token}, headers=FROM_US)
        assert answer.headers["location"] == "/"
        assert "Your career conversation" in (await client.get("/")).text
        answer = await client.post("/login/person", data={"token": "no"}, headers=FROM_US)
        assert answer.headers["location"] == "/login?problem=token"


async def test_after_logging_out_the_cookie_opens_nothing(
    story: Story, site: Site, tenant: str
) -> None:
    secret = await site.cookie(tenant, "ana", "employee")
    async with browser_of(site) as client:
        client.cookies.set("cairn", secret)
        out = await client.post("/logout", headers=FROM_US)
        assert out.headers["clear-site-data"] == '"cache", "storage"'
        client.cookies.set("cairn", secret)
        assert (await client.get("/")).headers["location"] == "/login?next=/"


async def test_logging_out_is_one_click_on_every_page(
    story: Story, site: Site, tenant: str
) -> None:
    secret = await site.cookie(tenant, "ana", "employee")
    async with browser_of(site) as client:
        client.cookies.set("cairn", secret)
        for path in ("/", "/history", "/history/readers", story.conversation.removeprefix("/v1")):
            assert 'action="/logout"' in (await client.get(path)).text, path


async def test_whoever_was_erased_is_nobody_here(story: Story, site: Site, tenant: str) -> None:
    secret = await site.cookie(tenant, "ana", "employee")
    dpo = Principal(tenant, frozenset({"dpo"}), "dpo")
    await story.house.people.erase_person(Command(dpo, story.house.record.clock.now()), "ana")
    async with browser_of(site) as client:
        client.cookies.set("cairn", secret)
        assert (await client.get("/")).headers["location"] == "/login?next=/"


async def test_the_database_knows_no_secret(site: Site, tenant: str) -> None:
    secret = await site.cookie(tenant, None, "hr")
    pool = site.given[Sessions]._record.pool
    async with pool.acquire() as connection, connection.transaction():
        await connection.execute("SELECT set_config('cairn.tenant', $1, true)", tenant)
        rows = await connection.fetch("SELECT s::text AS row FROM console.session s")
    assert rows
    assert not any(secret.partition("~")[0] in row["row"] for row in rows)


@pytest.mark.parametrize(
    "path",
    ["//evil.example", "/\\evil.example", "https://evil.example", "/\n/evil", "evil", "/login"],
)
def test_after_login_nobody_is_led_elsewhere(path: str) -> None:
    assert inward(path) == "/"


def test_a_logins_file_with_a_mistake_says_which(tmp_path: Path) -> None:
    file = tmp_path / "logins.toml"
    file.write_text('[login.acme]\ntenant = "acme"\nnam = "Acme"\n')
    with pytest.raises(LookupError, match=re.escape("$.login[...]")):
        read_providers(file)
