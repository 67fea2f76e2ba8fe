"""Access tokens: what a good one says, what is wrong with any, and the development issuer."""

from __future__ import annotations

import base64
import json
import re
import time
from collections.abc import Collection
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any, Literal, Protocol, TypeGuard

import msgspec
from joserfc import jwt
from joserfc.errors import ExpiredTokenError, JoseError
from joserfc.jwk import Key, OKPKey
from joserfc.jws import JWSRegistry
from joserfc.jwt import JWTClaimsRegistry

from shared.principal import AT_THE_TERMINAL, ROLES

ISSUER = "cairn-development"
AUDIENCE = "cairn"
_ALGORITHMS = ["Ed25519"]
_TYPE = "at+jwt"
_LONGEST = 8_192
_AHEAD_SECONDS = 60
_BROUGHT_ALONG = frozenset({"jwk", "jku", "x5u", "x5c", "crit", "zip", "enc"})
"""Header parameters that bring a key or a meaning of their own; nobody's token may."""
_BAD = (JoseError, ValueError, TypeError, KeyError, RecursionError)
_PLAIN_NAME = r"[A-Za-z0-9._+-]{1,128}"
_PERSON = r"[A-Za-z0-9._@+-]{1,128}"


Why = Literal[
    "missing", "malformed", "issuer", "audience", "type", "signature", "expired", "claims",
    "id-token", "tenant", "person", "roles", "api-key",
]  # fmt: skip
"""What is wrong with a token, for the log alone: nothing of the token, and nothing in the answer."""


class BadToken(Exception):
    """The access token is missing, expired or not from an issuer that is trusted here."""

    def __init__(self, why: Why = "malformed") -> None:
        super().__init__(why)
        self.why = why


@dataclass(frozen=True)
class Claims:
    """What a good token says; `until` is the moment (seconds since 1970) that it ends.

    `machine` is whether a client speaks for itself, as far as anybody knows, and no human through it.
    """

    tenant: str
    roles: frozenset[str]
    name: str
    person: str | None
    until: float
    machine: bool = False


class Verifier(Protocol):
    """Knows the tokens of one kind of issuer."""

    async def verify(self, token: str) -> Claims | None:
        """What a good token says, or None for one of another kind; raises `BadToken`."""
        ...


class Issuer:
    """The development issuer's key pair, kept in a file of the data directory."""

    def __init__(self, key: OKPKey) -> None:
        self._key = key
        self._expected = expected(ISSUER, AUDIENCE)

    @classmethod
    def of_file(cls, path: Path) -> Issuer:
        return cls(OKPKey.import_key(msgspec.json.decode(path.read_bytes())))

    def issue(self, tenant: str, roles: list[str], person: str | None, seconds: int) -> str:
        """Sign a token; `seconds` is how long it lasts."""
        now = int(time.time())
        claims: dict[str, Any] = {
            "iss": ISSUER,
            "aud": AUDIENCE,
            "sub": person or "-".join(sorted(roles)),
            "iat": now,
            "exp": now + seconds,
            "tenant": tenant,
            "roles": roles,
        }
        if person is not None:
            claims["person"] = person
        header = {"alg": "Ed25519", "typ": _TYPE}
        return jwt.encode(header, claims, self._key, algorithms=_ALGORITHMS)

    async def verify(self, token: str) -> Claims:
        """Check a token wholly."""
        claims = checked(token, [self._key], _ALGORITHMS, [_TYPE], self._expected)
        tenant, roles, person = claims.get("tenant"), claims.get("roles"), claims.get("person")
        if not isinstance(tenant, str) or not isinstance(roles, list):
            raise BadToken("claims")
        if not all(isinstance(role, str) and role in ROLES for role in roles):
            raise BadToken("roles")
        if person is not None and not is_person(person):
            raise BadToken("person")
        return Claims(tenant, frozenset(roles), name_of(claims), person, claims["exp"])


def unverified(token: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """A token's header and claims, believed to nobody yet; raises `BadToken` where there are none."""
    parts = token.split(".")
    if len(token) > _LONGEST or len(parts) != 3:
        raise BadToken
    header, claims = _part(parts[0]), _part(parts[1])
    if _BROUGHT_ALONG & set(header):
        raise BadToken
    return header, claims


def expected(issuer: str, audience: str) -> JWTClaimsRegistry:
    """What the registered claims must say; an issuer's clock may be ahead by a minute."""
    return JWTClaimsRegistry(
        leeway=_AHEAD_SECONDS,
        iss={"essential": True, "value": issuer},
        aud={"essential": True, "value": audience},
        sub={"essential": True},
        exp={"essential": True},
        iat={"essential": True},
    )


def checked(
    token: str,
    keys: Collection[Key],
    algorithms: Collection[str],
    types: Collection[str],
    expectation: JWTClaimsRegistry,
) -> dict[str, Any]:
    """A token's claims, once one of the keys has signed it and they say what they must."""
    header, _ = unverified(token)
    if str(header.get("typ", "")).lower().removeprefix("application/") not in types:
        raise BadToken("type")
    registry = JWSRegistry(algorithms=algorithms, strict_check_header=False)
    for key in keys:
        try:
            claims = jwt.decode(token, key, algorithms=algorithms, registry=registry).claims
        except _BAD:
            continue
        return _held_against(expectation, claims)
    raise BadToken("signature")


def _held_against(expectation: JWTClaimsRegistry, claims: dict[str, Any]) -> dict[str, Any]:
    try:
        expectation.validate(claims)
    except ExpiredTokenError:
        raise BadToken("expired") from None
    except _BAD:
        raise BadToken("claims") from None
    if claims["exp"] <= time.time():  # no leeway at the end
        raise BadToken("expired")
    return claims


def is_person(claim: object) -> TypeGuard[str]:
    """Whether a claim can be a customer's id of a person."""
    return isinstance(claim, str) and re.fullmatch(_PERSON, claim) is not None


def name_of(claims: dict[str, Any]) -> str:
    """How the record names a client: its `sub` where that is a plain id, else a hash of it."""
    subject = str(claims["sub"])
    if re.fullmatch(_PLAIN_NAME, subject) and subject not in AT_THE_TERMINAL:
        return subject
    return sha256(f"{claims['iss']} {subject}".encode()).hexdigest()[:16]


def _part(text: str) -> dict[str, Any]:
    try:
        found = json.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
    except (ValueError, RecursionError):
        raise BadToken from None
    if not isinstance(found, dict):
        raise BadToken
    return found
