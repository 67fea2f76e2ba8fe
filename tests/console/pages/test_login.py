"""Coming in: through an identity provider by code and PKCE; on loopback by a link, a name or a token."""

from __future__ import annotations

import html
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx2
import pytest
from joserfc.jwk import RSAKey

from console.bootstrap import House
from console.embedded.children import free_port
from console.login import oidc
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
    "somebody who said no": {"refuses_with": "access_denied"},
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


@pytest.mark.parametrize("said", [b"<h1>Back soon</h1>", b"[]"])
async def test_a_provider_that_says_nothing_of_itself_is_as_good_as_away(
    story: Story, trusting: Site, provider: Provider, tenant: str, said: bytes
) -> None:
    provider.says_instead = said
    async with browser_of(trusting) as client:
        assert (await client.get("/login/acme/start")).status_code == 503
        client.cookies.set("cairn", await trusting.cookie(tenant, "ana", "employee"))
        assert "You are logged out." in await log_out(client)


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


async def log_out(client: httpx2.AsyncClient) -> str:
    """Log out; the page that follows."""
    out = await client.post("/logout", headers=FROM_US)
    return (await client.get(out.headers["location"])).text


@asynccontextmanager
async def logged_out(site: Site) -> AsyncIterator[httpx2.AsyncClient]:
    """A browser whose user came in by the provider, and has logged out."""
    async with browser_of(site) as client:
        await come_in(site, client)
        await log_out(client)
        yield client


async def asked_of(client: httpx2.AsyncClient) -> httpx2.QueryParams:
    """What the provider is asked for when somebody wants to come in."""
    away = await client.get("/login/acme/start")
    return httpx2.URL(away.headers["location"]).params


async def test_logging_out_is_confirmed(story: Story, site: Site, tenant: str) -> None:
    secret = await site.cookie(tenant, "ana", "employee")
    async with browser_of(site) as client:
        client.cookies.set("cairn", secret)
        assert "You are logged out." in await log_out(client)


async def test_whoever_comes_after_somebody_who_logged_out_is_asked_who_they_are(
    story: Story, trusting: Site
) -> None:
    async with browser_of(trusting) as client:
        await come_in(trusting, client)
        assert "prompt" not in await asked_of(client)
        assert "Log out at Acme" not in await log_out(client)
        assert (await asked_of(client))["prompt"] == "login"
        await come_in(trusting, client)
        assert "prompt" not in await asked_of(client)


async def test_a_browser_remembers_for_half_a_day_that_somebody_has_logged_out(
    story: Story, site: Site, tenant: str
) -> None:
    async with browser_of(site) as client:
        client.cookies.set("cairn", await site.cookie(tenant, "ana", "employee"))
        out = await client.post("/logout", headers=FROM_US)
    (left,) = (c for c in out.headers.get_list("set-cookie") if c.startswith("cairn-left="))
    assert "Max-Age=43200;" in left


async def test_a_provider_that_cannot_ask_again_is_asked_to_but_once(
    story: Story, trusting: Site, provider: Provider
) -> None:
    provider.cannot_ask_again = True
    async with logged_out(trusting) as client:
        back = await come_in(trusting, client)
        assert back.headers["location"] == "/login?problem=failed"
        assert (await come_in(trusting, client)).headers["location"] == "/"


async def test_whoever_was_asked_and_is_nobody_here_is_not_asked_again(
    story: Story, trusting: Site, provider: Provider
) -> None:
    async with logged_out(trusting) as client:
        provider.person = "stranger"
        await come_in(trusting, client)
        assert "prompt" not in await asked_of(client)


async def test_saying_no_at_the_provider_is_no_way_around_being_asked(
    story: Story, trusting: Site, provider: Provider
) -> None:
    async with logged_out(trusting) as client:
        provider.refuses_with = "access_denied"
        await come_in(trusting, client)
        assert (await asked_of(client))["prompt"] == "login"


@pytest.mark.parametrize("way", ["https://acme.example:no", "javascript:alert(1)", "/end", 7])
async def test_a_way_out_that_is_no_address_of_the_web_is_not_shown(
    story: Story, trusting: Site, provider: Provider, tenant: str, way: object
) -> None:
    provider.way_out = way
    async with browser_of(trusting) as client:
        client.cookies.set("cairn", await trusting.cookie(tenant, "ana", "employee"))
        page = await log_out(client)
    assert "You are logged out." in page
    assert "Log out at Acme" not in page


async def test_a_provider_that_hangs_does_not_hold_up_the_page_after_logging_out(
    story: Story,
    trusting: Site,
    provider: Provider,
    tenant: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(oidc, "_PATIENCE", 0.1)
    provider.hangs = True
    async with browser_of(trusting) as client:
        client.timeout = httpx2.Timeout(4)  # the provider's own is five seconds
        client.cookies.set("cairn", await trusting.cookie(tenant, "ana", "employee"))
        assert "You are logged out." in await log_out(client)


async def test_where_the_provider_ends_its_own_session_the_way_there_is_shown(
    story: Story, trusting: Site, provider: Provider
) -> None:
    provider.way_out = f"{provider.url}/end"
    async with browser_of(trusting) as client:
        await come_in(trusting, client)
        assert "Log out at Acme" not in (await client.get("/login")).text
        found = re.search(r'href="([^"]+)">Log out at Acme', await log_out(client))
    assert found is not None
    way = httpx2.URL(html.unescape(found[1]))
    assert str(way).partition("?")[0] == f"{provider.url}/end"
    back = f"{trusting.url}/login"
    assert dict(way.params) == {"client_id": CLIENT, "post_logout_redirect_uri": back}


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
