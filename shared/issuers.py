"""The customers' identity providers: whose tokens are trusted, for which tenant, and what they mean."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import msgspec

from shared.jwks import KeySource
from shared.principal import EVERYBODY, ROLES, Role
from shared.tokens import (
    BadToken,
    Claims,
    Why,
    checked,
    expected,
    is_person,
    name_of,
    unverified,
)

PUBLIC_KEY_ALGORITHMS = frozenset(
    {"RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512"}
    | {"EdDSA", "Ed25519"}
)
TYPES = frozenset({"at+jwt", "jwt", ""})
_OF_ID_TOKENS = frozenset({"nonce", "at_hash", "c_hash", "s_hash"})
_OF_ACCESS_TOKENS = frozenset({"scope", "scp", "client_id", "cid", "appid", "azp"})
_OF_ENTRA = frozenset({"oid", "tid"})


class Trust(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One entry of the issuers file: an issuer's access tokens for one audience are one tenant's.

    `jwks_url` is found by discovery where it is left out. `types` are the values of the header `typ`
    that access tokens have there, "" for none. Claims may be named by a path, as
    `realm_access.roles`. `roles` says which role each value of the roles claim gives; `everybody`
    is what each human has besides.
    """

    tenant: str
    issuer: str
    audience: str
    jwks_url: str | None = None
    algorithms: tuple[str, ...] = ("RS256", "ES256")
    types: tuple[str, ...] = ("at+jwt",)
    person_claim: str = "person"
    roles_claim: str = "roles"
    roles: dict[str, Role] = msgspec.field(default_factory=lambda: {role: role for role in ROLES})
    everybody: tuple[Role, ...] = EVERYBODY


class TrustedIssuers:
    """Verifies the access tokens of all identity providers that the configuration names."""

    def __init__(self, trusts: Sequence[Trust]) -> None:
        sources = {(t.issuer, t.jwks_url): KeySource(t.issuer, t.jwks_url) for t in trusts}
        self._trusted = [
            (t, sources[t.issuer, t.jwks_url], expected(t.issuer, t.audience)) for t in trusts
        ]

    async def verify(self, token: str) -> Claims | None:
        """What a good token says; raises `BadToken`, and `Unavailable` while no key is known yet."""
        header, claimed = unverified(token)
        for trust, source, expectation in self._trusted:
            if not _is_for(trust, claimed):
                continue
            keys = await source.keys_for(header.get("kid"))
            types = [kind.lower() for kind in trust.types]
            claims = checked(token, keys, trust.algorithms, types, expectation)
            if not _is_for_access(header, claims):
                raise BadToken("id-token")
            return _meaning(trust, claims)
        raise BadToken(self._unknown(claimed))

    def _unknown(self, claimed: dict[str, Any]) -> Why:
        issuers = {trust.issuer for trust, _, _ in self._trusted}
        return "audience" if str(claimed.get("iss")) in issuers else "issuer"


def _is_for(trust: Trust, claimed: dict[str, Any]) -> bool:
    audience = claimed.get("aud")
    audiences = audience if isinstance(audience, list) else [audience]
    return claimed.get("iss") == trust.issuer and trust.audience in audiences


def _is_for_access(header: dict[str, Any], claims: dict[str, Any]) -> bool:
    """No ID token, which tells who logged in and opens nothing; few providers say so in `typ`."""
    if _OF_ID_TOKENS & set(claims) or claims.get("typ") == "ID":
        return False
    typed = "at+jwt" in str(header.get("typ", "")).lower()
    return typed or bool(_OF_ACCESS_TOKENS & set(claims))


def _meaning(trust: Trust, claims: dict[str, Any]) -> Claims:
    """Who it is by this issuer's own claims; a token that names another tenant is refused.

    A human is who is named as a person: whatever else came by a token is a machine.
    """
    if claims.get("tenant", trust.tenant) != trust.tenant:
        raise BadToken("tenant")
    person = None if _is_of_client(claims) else _claim(claims, trust.person_claim)
    if person is not None and not is_person(person):
        raise BadToken("person")
    roles = {
        trust.roles[value] for value in _values(claims, trust.roles_claim) if value in trust.roles
    }
    if person is not None:
        roles |= set(trust.everybody)
    name, machine = name_of(claims), person is None
    return Claims(trust.tenant, frozenset(roles), name, person, claims["exp"], machine)


def _is_of_client(claims: dict[str, Any]) -> bool:
    """Client credentials: the token is about the client itself, as each provider says it.

    RFC 9068 and Okta: by its subject. Auth0: `<client>@clients`, and by `gty`. Keycloak: by the name of
    the client's account. Entra ID: by `idtyp`, which is optional, and by the scope that a human's has.
    """
    clients = {str(claims[n]) for n in ("client_id", "azp", "appid", "cid") if n in claims}
    return (
        str(claims["sub"]).removesuffix("@clients") in clients
        or claims.get("gty") == "client-credentials"
        or str(claims.get("preferred_username")).startswith("service-account-")
        or claims.get("idtyp") == "app"
        or (claims.keys() >= _OF_ENTRA and "scp" not in claims)
    )


def _claim(claims: dict[str, Any], path: str) -> object:
    """A claim of this very name, or what the path leads to."""
    found: Any = claims
    if path in claims:
        return claims[path]
    for name in path.split("."):
        found = found.get(name) if isinstance(found, dict) else None
    return found


def _values(claims: dict[str, Any], path: str) -> Iterable[str]:
    found = _claim(claims, path)
    if isinstance(found, str):
        return found.split()
    return [value for value in found if isinstance(value, str)] if isinstance(found, list) else []
