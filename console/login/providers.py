"""The customers' identity providers, as far as people log in with them: entries of a TOML file."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import msgspec

from shared.http import CUSTOMER_ID
from shared.principal import ROLES, Role


class Provider(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Whose people log in where, and what the ID token's claims mean.

    Claims may be named by a path, as `realm_access.roles`. `roles` says which role each value of the
    roles claim gives; `everybody` is what each of them has besides. `name` stands on the button.
    """

    tenant: str
    name: str
    issuer: str
    client_id: str
    client_secret_file: str | None = None
    scope: str = "openid profile"
    algorithms: tuple[str, ...] = ("RS256", "ES256")
    person_claim: str = "preferred_username"
    roles_claim: str = "roles"
    roles: dict[str, Role] = msgspec.field(default_factory=lambda: {role: role for role in ROLES})
    everybody: tuple[Role, ...] = ("employee", "partner")

    @property
    def secret(self) -> str | None:
        file = self.client_secret_file
        return Path(file).read_text().strip() if file else None

    def person_of(self, claims: dict[str, Any]) -> str | None:
        """The customer's id of whoever logged in; None where the claim holds none."""
        person = _claim(claims, self.person_claim)
        return person if isinstance(person, str) and re.fullmatch(CUSTOMER_ID, person) else None

    def roles_of(self, claims: dict[str, Any]) -> frozenset[str]:
        named = _values(_claim(claims, self.roles_claim))
        return frozenset({*self.everybody, *(self.roles[v] for v in named if v in self.roles)})


class _File(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    login: dict[str, Provider]


def read_providers(file: Path | None) -> dict[str, Provider]:
    """The providers by their key, `[login.KEY]` in the file; `LookupError` says what is wrong."""
    if file is None:
        return {}
    try:
        return msgspec.toml.decode(file.read_bytes(), type=_File).login
    except (OSError, msgspec.MsgspecError) as wrong:
        raise LookupError(f"the logins file can't be used: {wrong}") from None


def _claim(claims: dict[str, Any], path: str) -> object:
    if path in claims:
        return claims[path]
    found: Any = claims
    for name in path.split("."):
        found = found.get(name) if isinstance(found, dict) else None
    return found


def _values(claim: object) -> Iterable[str]:
    if isinstance(claim, str):
        return claim.split()
    return [value for value in claim if isinstance(value, str)] if isinstance(claim, list) else []
