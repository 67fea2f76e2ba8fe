"""Access tokens: what they must look like, and the development issuer for one machine."""

from __future__ import annotations

import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import OKPKey

from shared.principal import ROLES

ISSUER = "cairn-development"
AUDIENCE = "cairn"
_ALGORITHMS = ["Ed25519"]
_TYPE = "at+jwt"
_LONGEST = 4_096
_CLAIMS = jwt.JWTClaimsRegistry(
    iss={"essential": True, "value": ISSUER},
    aud={"essential": True, "value": AUDIENCE},
    sub={"essential": True},
    exp={"essential": True},
    iat={"essential": True},
)


class BadToken(Exception):
    """The access token is missing, expired or not from an issuer that is trusted here."""


@dataclass(frozen=True)
class Claims:
    """What a good token says."""

    tenant: str
    roles: frozenset[str]
    name: str
    person: str | None


class Issuer:
    """The development issuer's key pair, kept in a file of the data directory."""

    def __init__(self, key: OKPKey) -> None:
        self._key = key

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

    def verify(self, token: str) -> Claims:
        """Check a token wholly; raises `BadToken`."""
        if len(token) > _LONGEST:
            raise BadToken
        try:
            decoded = jwt.decode(token, self._key, algorithms=_ALGORITHMS)
            _CLAIMS.validate(decoded.claims)
        except (JoseError, ValueError, TypeError, KeyError) as bad:
            raise BadToken from bad
        if decoded.header.get("typ") != _TYPE:
            raise BadToken
        return _claims(decoded.claims)


def _claims(claims: dict[str, Any]) -> Claims:
    tenant, roles, person = claims.get("tenant"), claims.get("roles"), claims.get("person")
    if not isinstance(tenant, str) or not isinstance(roles, list) or not set(roles) <= set(ROLES):
        raise BadToken
    if person is not None and not isinstance(person, str):
        raise BadToken
    return Claims(tenant, frozenset(roles), str(claims["sub"]), person)
