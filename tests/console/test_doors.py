"""Who is let in: the issuers file, the development issuer, tenants and clients from the terminal."""

from __future__ import annotations

from pathlib import Path
from uuid import uuid4

import pytest

from console.app import create_app
from console.bootstrap import House
from console.commands.doors import create_client, create_tenant
from console.commands.token import RealIssuer, issue_token
from console.issuers import BadIssuers, NoIssuer, issuer_of, read_issuers
from services.clients.verifier import ApiKeys
from shared.errors import Invalid, NotFound
from shared.issuers import TrustedIssuers
from shared.settings import Settings
from shared.tokens import Issuer

ISSUERS = """
[[issuers]]
tenant = "acme"
issuer = "https://login.acme.example"
audience = "https://cairn.acme.example"
algorithms = ["RS256", "ES256"]
person_claim = "employee_number"
roles_claim = "groups"
roles = { "Cairn HR" = "hr", "Cairn admins" = "admin" }

[[issuers]]
tenant = "globex"
issuer = "https://globex.example/oidc"
audience = "cairn"
jwks_url = "https://globex.example/keys"
types = ["JWT", ""]
"""


def written(folder: Path, text: str) -> Path:
    file = folder / "issuers.toml"
    file.write_text(text)
    return file


def test_an_issuers_file_says_what_tokens_mean(tmp_path: Path) -> None:
    acme, globex = read_issuers(written(tmp_path, ISSUERS))
    assert (acme.tenant, acme.roles["Cairn HR"]) == ("acme", "hr")
    assert (globex.jwks_url, globex.types) == ("https://globex.example/keys", ("JWT", ""))


BAD = {
    "no TOML": "[[",
    "no issuers": "tenant = 'acme'",
    "a spelling mistake": ISSUERS.replace("audience", "audiance"),
    "a role that isn't ours": ISSUERS.replace('"hr"', '"boss"'),
    "a symmetric algorithm": ISSUERS.replace('"RS256"', '"HS256"'),
    "no algorithm": ISSUERS.replace('"RS256"', '"none"'),
    "keys over plain http": ISSUERS.replace("https://globex.example/keys", "http://globex.example"),
    "an issuer over plain http": ISSUERS.replace("https://login", "http://login"),
    "an unknown type": ISSUERS.replace('"JWT"', '"id_token"'),
}


@pytest.mark.parametrize("text", BAD.values(), ids=BAD.keys())
def test_a_bad_issuers_file_is_told_before_anything_is_served(tmp_path: Path, text: str) -> None:
    with pytest.raises(BadIssuers, match=r"issuers\.toml.*\.$"):
        read_issuers(written(tmp_path, text))
    with pytest.raises(BadIssuers, match="can't be read"):
        read_issuers(tmp_path / "elsewhere.toml")


def test_a_real_issuer_leaves_no_room_for_the_development_issuer(
    settings: Settings, tmp_path: Path
) -> None:
    file = written(tmp_path, ISSUERS)
    real = settings.model_copy(update={"issuers_file": file})
    assert isinstance(issuer_of(settings), Issuer)
    assert isinstance(issuer_of(real), TrustedIssuers)


@pytest.mark.parametrize("host", ["0.0.0.0", "192.168.1.7", "::", "cairn.example.com"])
async def test_the_development_issuer_is_for_loopback_only(settings: Settings, host: str) -> None:
    app = create_app(settings.model_copy(update={"api_host": host}))
    with pytest.raises(NoIssuer, match="CAIRN_ISSUERS_FILE"):
        async with app.router.lifespan_context(app):
            raise AssertionError("it has started")


async def test_no_development_token_is_issued_where_an_issuer_is_configured(
    settings: Settings, tmp_path: Path
) -> None:
    real = settings.model_copy(update={"issuers_file": written(tmp_path, ISSUERS)})
    with pytest.raises(RealIssuer, match="cairn tenant create"):
        await issue_token(real, "acme", ["hr"], None, "PT1H")


async def test_a_tenant_and_its_first_client_come_from_the_terminal(
    settings: Settings, house: House
) -> None:
    tenant = f"t-{uuid4().hex[:12]}"
    with pytest.raises(NotFound, match="cairn tenant create"):
        await create_client(settings, tenant, "workday", ["platform"])
    await create_tenant(settings, tenant)
    await create_tenant(settings, tenant)
    key = await create_client(settings, tenant, "workday", ["platform"])
    claims = await ApiKeys(house.record).verify(key)
    assert claims is not None
    assert (claims.tenant, claims.name, claims.roles) == (tenant, "workday", {"platform"})


async def test_what_cant_be_an_id_or_a_machines_role_is_told_so(settings: Settings) -> None:
    with pytest.raises(Invalid, match="is not an id"):
        await create_tenant(settings, "a b")
    with pytest.raises(Invalid, match="can't be 'dpo'"):
        await create_client(settings, "acme", "workday", ["dpo"])
