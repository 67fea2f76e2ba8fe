"""What an API key looks like.

    cairn_<tenant/client/number in base64url>.<256 random bits in base64url>

Only the SHA-256 of the secret is recorded; of that many random bits it can't be guessed backwards.
"""

from __future__ import annotations

import base64
import re
import secrets
from dataclasses import dataclass
from hashlib import sha256

from shared.http import CUSTOMER_ID

PREFIX = "cairn_"
_SECRET_BYTES = 32


@dataclass(frozen=True)
class Presented:
    """What a key says of itself."""

    tenant: str
    client: str
    number: int
    digest: str


def new_key(tenant: str, client: str, number: int) -> tuple[str, str]:
    """A fresh key, to be shown once, and the digest by which it is known from then on."""
    secret = secrets.token_bytes(_SECRET_BYTES)
    name = f"{tenant}/{client}/{number}".encode()
    return f"{PREFIX}{_encode(name)}.{_encode(secret)}", sha256(secret).hexdigest()


def read_key(token: str) -> Presented:
    """The parts of a key; raises `ValueError` for what can't be one."""
    name, _, secret = token.removeprefix(PREFIX).partition(".")
    tenant, client, number = _decode(name).decode("ascii").split("/")
    if not (re.fullmatch(CUSTOMER_ID, tenant) and re.fullmatch(CUSTOMER_ID, client)):
        raise ValueError
    return Presented(tenant, client, int(number), sha256(_decode(secret)).hexdigest())


def _encode(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


def _decode(text: str) -> bytes:
    return base64.b64decode(text + "=" * (-len(text) % 4), b"-_", validate=True)
