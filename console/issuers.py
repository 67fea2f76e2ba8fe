"""Whose tokens this process trusts: the issuers file, or on loopback the development issuer."""

from __future__ import annotations

import tomllib
from pathlib import Path

import msgspec

from shared.errors import Invalid, RuleBroken
from shared.issuers import PUBLIC_KEY_ALGORITHMS, TYPES, Trust, TrustedIssuers
from shared.jwks import SAFE_URLS
from shared.settings import LOOPBACK, Settings
from shared.tokens import Issuer, Verifier


class BadIssuers(Invalid):
    """The file of trusted issuers can't be used."""


class NoIssuer(RuleBroken):
    """No issuer is configured: set CAIRN_ISSUERS_FILE; development tokens are `cairn up`'s alone."""


def issuer_of(settings: Settings) -> Verifier:
    """What verifies tokens here; the development issuer only on loopback, and never beside others."""
    if settings.issuers_file is not None:
        return TrustedIssuers(read_issuers(settings.issuers_file))
    if settings.api_host not in LOOPBACK or not settings.issuer_path.exists():
        raise NoIssuer
    return Issuer.of_file(settings.issuer_path)


def read_issuers(path: Path) -> list[Trust]:
    """The entries `[[issuers]]` of a TOML file; raises `BadIssuers` with a sentence."""
    try:
        document = tomllib.loads(path.read_text())
        trusts = msgspec.convert(document.get("issuers", []), list[Trust])
    except OSError as missing:
        raise BadIssuers(f"{path} can't be read ({missing.strerror}).") from None
    except (tomllib.TOMLDecodeError, msgspec.ValidationError, UnicodeDecodeError) as bad:
        raise BadIssuers(f"{path} can't be used: {bad}.") from None
    if not trusts:
        raise BadIssuers(f"{path} names no [[issuers]].")
    for trust in trusts:
        _check(trust, f"{path}, issuer {trust.issuer}")
    return trusts


def _check(trust: Trust, where: str) -> None:
    if unsafe := set(trust.algorithms) - PUBLIC_KEY_ALGORITHMS:
        raise BadIssuers(f"{where}: {min(unsafe)} is no algorithm with a public key.")
    if strange := {kind.lower() for kind in trust.types} - TYPES:
        raise BadIssuers(f"{where}: {min(strange)!r} is no type of an access token.")
    for url in (trust.issuer, trust.jwks_url or trust.issuer):
        if not url.startswith(SAFE_URLS):
            raise BadIssuers(f"{where}: {url} must begin with https://.")
