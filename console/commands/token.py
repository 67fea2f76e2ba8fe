"""Development tokens."""

from __future__ import annotations

import re

import isodate

from console.bootstrap import build
from shared.errors import Invalid, RuleBroken
from shared.http import CUSTOMER_ID
from shared.principal import ROLES
from shared.settings import Settings
from shared.tokens import Issuer


class RealIssuer(RuleBroken):
    """Tokens come from the configured issuer here; make the tenant with `cairn tenant create`."""


async def issue_token(
    settings: Settings, tenant: str, roles: list[str], person: str | None, ttl: str
) -> str:
    """Make the tenant if it isn't there, and sign a token for it."""
    if settings.issuers_file is not None:
        raise RealIssuer
    _check(tenant, roles, person)
    seconds = _seconds(ttl)
    house = await build(settings)
    try:
        await house.record.vault.create_tenant(tenant)
    finally:
        await house.close()
    return Issuer.of_file(settings.issuer_path).issue(tenant, roles, person, seconds)


def check_ids(*names: str) -> None:
    """Raise unless each can be an id that a customer chooses."""
    for name in names:
        if not re.fullmatch(CUSTOMER_ID, name):
            raise Invalid(f"{name!r} is not an id: 1 to 128 characters of A-Z a-z 0-9 . _ @ + -")


def _check(tenant: str, roles: list[str], person: str | None) -> None:
    check_ids(tenant, person or "x")
    if unknown := set(roles) - set(ROLES):
        raise Invalid(f"there is no role {sorted(unknown)[0]!r}; there are {', '.join(ROLES)}")
    if {"employee", "partner"} & set(roles) and person is None:
        raise Invalid("the roles employee and partner belong to a human: add --person")


def _seconds(ttl: str) -> int:
    try:
        seconds = int(isodate.parse_duration(ttl).total_seconds())
    except (isodate.ISO8601Error, AttributeError, ValueError):
        seconds = 0
    if seconds <= 0:
        raise Invalid(f"--ttl {ttl!r} is not a time such as PT12H")
    return seconds
