"""Access tokens of customers' identity providers: good ones open, every other gets the same calm 401."""

from __future__ import annotations

import base64
import json
import re
import time
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any, get_args

import httpx2
import msgspec
import pytest
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from joserfc import jwt
from joserfc.jwk import ECKey, OctKey, RSAKey
from structlog.testing import capture_logs

from console.app import create_app, provide
from console.bootstrap import House
from console.issuers import read_issuers
from shared import jwks
from shared.authentication import Authentication
from shared.errors import Unavailable
from shared.issuers import Trust, TrustedIssuers
from shared.settings import Settings
from shared.tokens import BadToken, Claims, Issuer, Why
from tests.shared.provider import AUDIENCE, Provider

OTHER = RSAKey.generate_key(2048, {"kid": "rsa"})
ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
async def provider() -> AsyncIterator[Provider]:
    made = Provider()
    await made.start()
    yield made
    await made.stop()


@pytest.fixture
async def foreign() -> AsyncIterator[Provider]:
    """Another tenant's provider."""
    made = Provider()
    await made.start()
    yield made
    await made.stop()


def trust(provider: Provider, tenant: str = "acme", **changes: Any) -> Trust:
    return Trust(tenant=tenant, issuer=provider.issuer, audience=AUDIENCE, **changes)


async def verified(provider: Provider, token: str, **changes: Any) -> Claims:
    claims = await TrustedIssuers([trust(provider, **changes)]).verify(token)
    assert claims is not None
    return claims


async def test_a_persons_token_gives_the_roles_that_everybody_has(provider: Provider) -> None:
    claims = await verified(provider, provider.sign(provider.claims()))
    assert (claims.tenant, claims.person) == ("acme", "ana")
    assert claims.roles == {"employee", "partner"}


@pytest.mark.parametrize(("key", "alg"), [("rsa", "RS256"), ("ec", "ES256")])
async def test_allowed_algorithms_open(provider: Provider, key: str, alg: str) -> None:
    assert (await verified(provider, provider.sign(provider.claims(), key, alg))).person == "ana"


async def test_a_token_without_a_key_id_is_tried_with_every_key(provider: Provider) -> None:
    token = provider.sign(provider.claims(), "ec", "ES256", kid=None)
    assert (await verified(provider, token)).person == "ana"


async def test_a_machine_is_told_by_its_subject_and_has_no_person(provider: Provider) -> None:
    token = provider.sign(provider.claims(sub="workday", client_id="workday", roles=["platform"]))
    claims = await verified(provider, token)
    assert (claims.person, claims.name, claims.roles) == (None, "workday", {"platform"})
    assert claims.machine
    assert not (await verified(provider, provider.sign(provider.claims()))).machine


ENTRA = {"client_id": None, "azp": "4d1e", "tid": "8d3f", "ver": "2.0"}
OF_CLIENTS: dict[str, dict[str, Any]] = {
    "RFC 9068": {"sub": "workday", "client_id": "workday"},
    "Okta": {"client_id": None, "sub": "0oa1", "cid": "0oa1", "scp": ["cairn.platform"]},
    "Keycloak": {
        "client_id": None,
        "sub": "d952cf23-bf92-4c8f-a3ff-4972b4f2bc5b",
        "azp": "Workday",
        "typ": "Bearer",
        "scope": "profile email",
        "preferred_username": "service-account-workday",
    },
    "Entra ID": ENTRA | {"sub": "0b7c", "oid": "0b7c", "roles": ["platform"]},
    "Entra ID, which says so": ENTRA | {"sub": "0b7c", "idtyp": "app"},
    "Auth0": {
        "client_id": None,
        "sub": "k3Jx@clients",
        "azp": "k3Jx",
        "gty": "client-credentials",
        "scope": "read",
    },
    "Auth0 before it said so": {"client_id": None, "sub": "k3Jx@clients", "azp": "k3Jx"},
    "a provider that says nothing": {"sub": "0b7c", "person": None},
}
OF_HUMANS: dict[str, dict[str, Any]] = {
    "Okta": {"client_id": None, "sub": "ana@example.com", "cid": "0oa1", "scp": ["openid"]},
    "Keycloak": {
        "client_id": None,
        "sub": "d952cf23-bf92-4c8f-a3ff-4972b4f2bc5b",
        "azp": "portal",
        "typ": "Bearer",
        "scope": "openid profile",
        "preferred_username": "ana.silva",
    },
    "Entra ID": ENTRA | {"sub": "pairwise", "oid": "0b7c", "scp": "access"},
    "Auth0": {"client_id": None, "sub": "auth0|17", "azp": "k3Jx", "scope": "openid"},
}


@pytest.mark.parametrize("changes", OF_CLIENTS.values(), ids=OF_CLIENTS.keys())
async def test_client_credentials_of_any_provider_are_a_machines(
    provider: Provider, changes: dict[str, Any]
) -> None:
    claims = await verified(provider, provider.sign(provider.claims(**changes)))
    assert (claims.machine, claims.person) == (True, None)
    assert not claims.roles & {"employee", "partner"}


@pytest.mark.parametrize("changes", OF_HUMANS.values(), ids=OF_HUMANS.keys())
async def test_who_comes_by_any_provider_is_a_human(
    provider: Provider, changes: dict[str, Any]
) -> None:
    claims = await verified(provider, provider.sign(provider.claims(**changes)))
    assert (claims.machine, claims.person) == (False, "ana")


HEADERS: dict[str, str | None] = {"Keycloak": "JWT", "Entra ID": "JWT", "Okta": None}
"""What the header of an access token says there."""


@pytest.mark.parametrize("name", HEADERS)
async def test_the_documented_entries_take_the_tokens_of_their_providers(
    provider: Provider, tmp_path: Path, name: str
) -> None:
    page = (ROOT / "docs" / "issuers.md").read_text()
    [entry] = re.findall(rf"^## {name}$.*?```toml\n(.*?)```", page, re.MULTILINE | re.DOTALL)
    file = tmp_path / "issuers.toml"
    file.write_text(entry)
    [documented] = read_issuers(file)
    here = msgspec.structs.replace(documented, issuer=provider.issuer)
    value, role = next(iter(documented.roles.items()))
    changes: dict[str, Any] = OF_HUMANS[name] | {"aud": documented.audience, "person": None}
    path, _, last = documented.roles_claim.rpartition(".")
    changes |= {path: {last: [value]}} if path else {last: [value]}
    if documented.person_claim != "sub":
        changes |= {documented.person_claim: "ana@example.com"}
    token = provider.sign(provider.claims(**changes), typ=HEADERS[name])
    claims = await TrustedIssuers([here]).verify(token)
    assert claims is not None
    assert (claims.person, claims.machine) == ("ana@example.com", False)
    assert claims.roles == {role, "employee", "partner"}


def test_every_field_of_an_entry_is_documented() -> None:
    page = (ROOT / "docs" / "issuers.md").read_text()
    assert re.findall(r"^\| `(\w+)` \|", page, re.MULTILINE) == list(Trust.__struct_fields__)


async def test_roles_are_named_by_the_customer(provider: Provider) -> None:
    claims = provider.claims(
        realm={"groups": ["Cairn HR", "Everybody else"]}, employee_number="p-7"
    )
    found = await verified(
        provider,
        provider.sign(claims),
        roles_claim="realm.groups",
        roles={"Cairn HR": "hr"},
        person_claim="employee_number",
        everybody=("employee",),
    )
    assert (found.person, found.roles) == ("p-7", {"hr", "employee"})


async def test_scopes_are_roles_where_the_customer_says_so(provider: Provider) -> None:
    claims = provider.claims(sub="hub", client_id="hub", scope="openid cairn.platform")
    found = await verified(
        provider, provider.sign(claims), roles_claim="scope", roles={"cairn.platform": "platform"}
    )
    assert found.roles == {"platform"}


@pytest.mark.parametrize("subject", ["ana.silva@example.com", "console", "restore"])
async def test_a_subject_that_says_who_it_is_or_is_the_terminals_is_hashed(
    provider: Provider, subject: str
) -> None:
    token = provider.sign(provider.claims(sub=subject, person=None))
    name = (await verified(provider, token)).name
    assert subject[:3] not in name
    assert len(name) == 16


async def test_an_untyped_token_of_a_provider_that_doesnt_say_opens_when_it_is_for_access(
    provider: Provider,
) -> None:
    token = provider.sign(provider.claims(client_id=None, scp="read"), typ="JWT")
    assert (await verified(provider, token, types=("JWT",))).person == "ana"
    without = provider.sign(provider.claims(client_id=None, scp="read"), typ=None)
    assert (await verified(provider, without, types=("",))).person == "ana"


def tampered(token: str) -> str:
    head, payload, signature = token.split(".")
    claims = json.loads(base64.urlsafe_b64decode(payload + "=="))
    return f"{head}.{part(claims | {'roles': ['admin']})}.{signature}"


def part(content: dict[str, Any]) -> str:
    return base64.urlsafe_b64encode(json.dumps(content).encode()).decode().rstrip("=")


def unsigned(provider: Provider, alg: str) -> str:
    return f"{part({'alg': alg, 'typ': 'at+jwt'})}.{part(provider.claims())}."


def signed_with_the_public_key(provider: Provider) -> str:
    """The classic: HS256 with the RSA public key's PEM as the secret."""
    pem = provider.keys["rsa"].public_key.public_bytes(
        Encoding.PEM, PublicFormat.SubjectPublicKeyInfo
    )
    secret = OctKey.import_key(base64.b64encode(pem))
    header = {"alg": "HS256", "typ": "at+jwt", "kid": "rsa"}
    return jwt.encode(header, provider.claims(), secret, algorithms=["HS256"])


def signed_by(key: Any, provider: Provider, alg: str = "RS256", **header: Any) -> str:
    wanted = {"alg": alg, "typ": "at+jwt", "kid": "rsa"} | header
    return jwt.encode(wanted, provider.claims(), key, algorithms=[alg])


def nested(provider: Provider) -> str:
    deep = base64.urlsafe_b64encode(b"[" * 2_500).decode().rstrip("=")
    return f"{deep}.{part(provider.claims())}.x"


Make = Callable[[Provider], str]
WRONG: dict[str, Make] = {
    "algorithm none": lambda p: unsigned(p, "none"),
    "algorithm None": lambda p: unsigned(p, "None"),
    "HS256 with the public key": signed_with_the_public_key,
    "an algorithm that isn't allowed": lambda p: p.sign(p.claims(), "rsa", "PS512"),
    "another algorithm than the key's": lambda p: p.sign(p.claims(), "rsa", "RS256", kid="ec"),
    "another key under a known key id": lambda p: signed_by(OTHER, p),
    "a key that comes with the token": lambda p: signed_by(
        OTHER, p, jwk=OTHER.as_dict(private=False)
    ),
    "an address of a key": lambda p: signed_by(OTHER, p, jku=f"{p.issuer}/keys"),
    "an address of a certificate": lambda p: signed_by(OTHER, p, x5u="https://evil.example/cert"),
    "a certificate that comes with the token": lambda p: signed_by(OTHER, p, x5c=["MIIB"]),
    "an unknown key id": lambda p: signed_by(OTHER, p, kid="never-heard-of"),
    "a key id that is a path": lambda p: signed_by(OTHER, p, kid="../../dev/null"),
    "a key id that is SQL": lambda p: signed_by(OTHER, p, kid="' OR 1=1 --"),
    "another curve": lambda p: signed_by(
        ECKey.generate_key("P-384", {"kid": "ec"}), p, "ES384", kid="ec"
    ),
    "something critical that nobody knows": lambda p: unsigned_header(p, crit=["exp"], exp=1),
    "a tampered payload": lambda p: tampered(p.sign(p.claims())),
    "a tampered signature": lambda p: p.sign(p.claims())[:-6] + "AAAAAA",
    "no signature": lambda p: p.sign(p.claims()).rpartition(".")[0] + ".",
    "two parts": lambda p: p.sign(p.claims()).rpartition(".")[0],
    "five parts": lambda p: p.sign(p.claims()) + ".a.b",
    "expired": lambda p: p.sign(p.claims(exp=time.time() - 1)),
    "without an end": lambda p: p.sign(p.claims(exp=None)),
    "an end that is no number": lambda p: p.sign(p.claims(exp="tomorrow")),
    "an end that is true": lambda p: p.sign(p.claims(exp=True)),
    "not yet": lambda p: p.sign(p.claims(nbf=time.time() + 120)),
    "from the future": lambda p: p.sign(p.claims(iat=time.time() + 3_600)),
    "without a beginning": lambda p: p.sign(p.claims(iat=None)),
    "without a subject": lambda p: p.sign(p.claims(sub=None)),
    "another audience": lambda p: p.sign(p.claims(aud="https://payroll.example.com")),
    "a list of other audiences": lambda p: p.sign(p.claims(aud=["a", "b"])),
    "without an audience": lambda p: p.sign(p.claims(aud=None)),
    "another issuer": lambda p: p.sign(p.claims(iss="https://login.example.com")),
    "an issuer that only looks like it": lambda p: p.sign(p.claims(iss=p.issuer + "/")),
    "a list of issuers": lambda p: p.sign(p.claims(iss=[p.issuer])),
    "an ID token by its type": lambda p: p.sign(p.claims(), typ="JWT"),
    "an ID token by its nonce": lambda p: p.sign(p.claims(nonce="n-17")),
    "an ID token by its hash": lambda p: p.sign(p.claims(at_hash="abc")),
    "no type": lambda p: p.sign(p.claims(), typ=None),
    "a type that is a number": lambda p: p.sign(p.claims(), typ="17"),
    "another tenant's name": lambda p: p.sign(p.claims(tenant="globex")),
    "a person that is no id": lambda p: p.sign(p.claims(person="Ana Silva; DROP TABLE")),
    "a person that is a list": lambda p: p.sign(p.claims(person=["ana"])),
    "huge": lambda p: p.sign(p.claims(padding="x" * 20_000)),
    "nested without end": nested,
    "no JSON": lambda p: "bm8.bm8.bm8",
    "a header that is a list": lambda p: "W10.e30.x",
    "not base64": lambda p: "§§.§§.§§",
    "empty": lambda p: "",
    "only dots": lambda p: "..",
    "null": lambda p: "null",
    "a password": lambda p: "YWRtaW46YWRtaW4=",
}


def unsigned_header(provider: Provider, **header: Any) -> str:
    token = provider.sign(provider.claims())
    _, payload, signature = token.split(".")
    return f"{part({'alg': 'RS256', 'typ': 'at+jwt', 'kid': 'rsa'} | header)}.{payload}.{signature}"


@pytest.fixture(scope="module")
async def guarded(
    settings: Settings, house: House, provider: Provider
) -> AsyncIterator[httpx2.AsyncClient]:
    """The API of a tenant whose tokens come from the provider."""
    await house.record.vault.create_tenant("acme")
    await house.record.vault.create_tenant("globex")
    app = create_app(settings)
    app.state.given = provide(house, TrustedIssuers([trust(provider)]), settings)
    transport = httpx2.ASGITransport(app=app, raise_app_exceptions=False)
    async with httpx2.AsyncClient(transport=transport, base_url="http://cairn") as client:
        yield client


@pytest.mark.parametrize("make", WRONG.values(), ids=WRONG.keys())
async def test_every_wrong_token_gets_the_same_calm_answer(
    guarded: httpx2.AsyncClient, provider: Provider, make: Make
) -> None:
    headers = {"Authorization": f"Bearer {make(provider)}".encode()}
    answer = await guarded.get("/v1/guides", headers=headers)
    nothing = await guarded.get("/v1/guides")
    assert answer.status_code == nothing.status_code == 401
    assert answer.content == nothing.content
    assert answer.headers["www-authenticate"] == "Bearer"


TOLD = {
    "algorithm none": "signature",
    "another key under a known key id": "signature",
    "a key that comes with the token": "malformed",
    "expired": "expired",
    "not yet": "claims",
    "without a subject": "claims",
    "another audience": "audience",
    "another issuer": "issuer",
    "an ID token by its type": "type",
    "an ID token by its nonce": "id-token",
    "another tenant's name": "tenant",
    "a person that is no id": "person",
    "huge": "malformed",
}


@pytest.mark.parametrize("name", WRONG)
async def test_why_a_token_is_refused_is_a_code(provider: Provider, name: str) -> None:
    with pytest.raises(BadToken) as refused:
        await TrustedIssuers([trust(provider)]).verify(WRONG[name](provider))
    assert refused.value.why in get_args(Why)
    assert refused.value.why == TOLD.get(name, refused.value.why)


async def test_the_log_says_why_and_nothing_of_the_token(
    guarded: httpx2.AsyncClient, provider: Provider
) -> None:
    wrong = {"Authorization": f"Bearer {provider.sign(provider.claims(), typ='JWT')}"}
    with capture_logs() as lines:
        for path, headers in (("/v1/guides", wrong), ("/scim/v2/Users", wrong), ("/v1/guides", {})):
            assert (await guarded.get(path, headers=headers)).status_code == 401
    told = [line for line in lines if line["event"] == "no good token"]
    assert [line["why"] for line in told] == ["type", "type", "missing"]
    assert {frozenset(line) for line in told} == {
        frozenset({"event", "log_level", "method", "route", "status", "why"})
    }


def test_every_code_is_in_the_runbook() -> None:
    page = (ROOT / "docs" / "runbooks" / "tokens-refused.md").read_text()
    told = re.findall(r"^\| (`.+`) \|", page, re.MULTILINE)
    assert sorted(re.findall(r"`([a-z-]+)`", " ".join(told[1:]))) == sorted(get_args(Why))


async def test_a_good_token_opens_what_the_wrong_ones_didnt(
    guarded: httpx2.AsyncClient, provider: Provider
) -> None:
    headers = {"Authorization": f"Bearer {provider.sign(provider.claims())}"}
    assert (await guarded.get("/v1/guides", headers=headers)).status_code == 200


async def test_two_authorization_headers_are_none(
    guarded: httpx2.AsyncClient, provider: Provider
) -> None:
    good = f"Bearer {provider.sign(provider.claims())}"
    headers = [("Authorization", good), ("Authorization", good)]
    assert (await guarded.get("/v1/guides", headers=headers)).status_code == 401


async def test_an_issuers_tokens_are_one_tenants_only(
    provider: Provider, foreign: Provider
) -> None:
    both = TrustedIssuers([trust(provider, "acme"), trust(foreign, "globex")])
    mine, theirs = provider.sign(provider.claims()), foreign.sign(foreign.claims())
    assert [(await both.verify(token)).tenant for token in (mine, theirs)] == ["acme", "globex"]
    with pytest.raises(BadToken):
        await both.verify(foreign.sign(foreign.claims(iss=provider.issuer)))


async def test_the_development_issuer_is_unknown_beside_a_real_one(
    guarded: httpx2.AsyncClient, issuer: Issuer
) -> None:
    headers = {"Authorization": f"Bearer {issuer.issue('acme', ['admin'], None, 60)}"}
    assert (await guarded.get("/v1/guides", headers=headers)).status_code == 401


async def test_rotated_keys_are_found_within_a_minute_and_asked_for_once(
    foreign: Provider, monkeypatch: pytest.MonkeyPatch
) -> None:
    issuers = TrustedIssuers([trust(foreign, algorithms=("RS256", "Ed25519"))])
    await issuers.verify(foreign.sign(foreign.claims()))
    foreign.rotate()
    fresh = foreign.sign(foreign.claims(), "new", "Ed25519")
    for _ in range(20):
        with pytest.raises(BadToken):
            await issuers.verify(fresh)
    assert foreign.fetches == 1
    monkeypatch.setattr(jwks, "_AGAIN_SECONDS", 0.0)
    assert (await issuers.verify(fresh)).person == "ana"
    assert foreign.fetches == 2


async def test_ten_thousand_unknown_key_ids_cost_the_provider_nothing(foreign: Provider) -> None:
    issuers = TrustedIssuers([trust(foreign)])
    good = foreign.sign(foreign.claims())
    await issuers.verify(good)
    _, payload, signature = good.split(".")
    for number in range(10_000):
        header = part({"alg": "RS256", "typ": "at+jwt", "kid": f"k{number}"})
        with pytest.raises(BadToken):
            await issuers.verify(f"{header}.{payload}.{signature}")
    assert foreign.fetches == 1


async def test_a_provider_that_is_away_is_used_on_from_memory_for_a_day(
    foreign: Provider, monkeypatch: pytest.MonkeyPatch
) -> None:
    issuers = TrustedIssuers([trust(foreign)])
    token = foreign.sign(foreign.claims())
    await issuers.verify(token)
    await foreign.stop()
    monkeypatch.setattr(jwks, "_FRESH_SECONDS", 0.0)
    monkeypatch.setattr(jwks, "_AGAIN_SECONDS", 0.0)
    for _ in range(3):
        assert (await issuers.verify(token)).person == "ana"
    monkeypatch.setattr(jwks, "_STALE_SECONDS", 0.0)
    with pytest.raises(Unavailable):
        await issuers.verify(token)


async def test_before_the_first_keys_a_token_is_neither_good_nor_bad(foreign: Provider) -> None:
    issuers = TrustedIssuers([trust(foreign)])
    token = foreign.sign(foreign.claims())
    await foreign.stop()
    with pytest.raises(Unavailable):
        await issuers.verify(token)


BAD_KEYS = {
    "no JSON": b"<html>",
    "too large": b'{"keys": [' + b" " * 300_000 + b"]}",
    "no keys": b'{"keys": []}',
    "a secret": b'{"keys": [{"kty": "oct", "k": "c2VjcmV0", "kid": "rsa"}]}',
    "keys for encryption": b'{"keys": [{"kty": "RSA", "use": "enc", "n": "AQAB", "e": "AQAB"}]}',
    "nonsense": b'{"keys": [17, {}, {"kty": "RSA"}]}',
}


@pytest.mark.parametrize("answer", BAD_KEYS.values(), ids=BAD_KEYS.keys())
async def test_bad_keys_replace_no_good_ones(
    foreign: Provider, monkeypatch: pytest.MonkeyPatch, answer: bytes
) -> None:
    issuers = TrustedIssuers([trust(foreign)])
    token = foreign.sign(foreign.claims())
    await issuers.verify(token)
    foreign.answer = answer
    monkeypatch.setattr(jwks, "_AGAIN_SECONDS", 0.0)
    with pytest.raises(BadToken):
        await issuers.verify(signed_by(OTHER, foreign, kid="another"))
    assert foreign.fetches == 2
    assert (await issuers.verify(token)).person == "ana"


async def test_a_provider_that_is_slow_holds_nobody_up_for_long(
    foreign: Provider, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(jwks, "_FETCH_SECONDS", 0.2)
    foreign.delay = 5
    began = time.monotonic()
    with pytest.raises(Unavailable):
        await TrustedIssuers([trust(foreign)]).verify(foreign.sign(foreign.claims()))
    assert time.monotonic() - began < 4.5


async def test_a_verified_token_is_remembered_but_not_beyond_its_end(
    house: House, foreign: Provider
) -> None:
    await house.record.vault.create_tenant("acme")
    asked = Counting(TrustedIssuers([trust(foreign)]))
    authentication = Authentication([asked], house.record.vault)
    for seconds in (300, 3):  # the first one has the keys fetched
        token = foreign.sign(foreign.claims(person=None, exp=time.time() + seconds))
        await authentication.principal_of(token)
        await authentication.principal_of(token)
    assert asked.times == 2
    time.sleep(3.1)
    with pytest.raises(BadToken):
        await authentication.principal_of(token)


class Counting:
    """A verifier that counts how often it is asked."""

    def __init__(self, verifier: TrustedIssuers) -> None:
        self._verifier = verifier
        self.times = 0

    async def verify(self, token: str) -> Claims | None:
        self.times += 1
        return await self._verifier.verify(token)


async def test_somebody_who_is_registered_later_is_known_at_once(
    house: House, tenant: str, foreign: Provider
) -> None:
    authentication = Authentication([TrustedIssuers([trust(foreign, tenant)])], house.record.vault)
    token = foreign.sign(foreign.claims(person="newcomer"))
    assert (await authentication.principal_of(token)).subject is None
    subject = await house.record.vault.assign_subject(tenant, "newcomer")
    assert (await authentication.principal_of(token)).subject == subject
