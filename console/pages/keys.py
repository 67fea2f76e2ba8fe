"""The keys of forms: each shows that the form was rendered for this session."""

from __future__ import annotations

import hmac
import secrets
from hashlib import sha256


class FormKeys:
    """Makes and checks them, with a secret that nobody else has."""

    def __init__(self, secret: bytes) -> None:
        self._secret = secret

    def fresh(self, session: bytes) -> str:
        nonce = secrets.token_urlsafe(12)
        return f"{nonce}.{self._seal(session, nonce)}"

    def is_good(self, session: bytes, key: str) -> bool:
        nonce, _, seal = key.partition(".")
        return hmac.compare_digest(seal.encode(), self._seal(session, nonce).encode())

    def _seal(self, session: bytes, nonce: str) -> str:
        return hmac.digest(self._secret, session + nonce.encode(), sha256).hex()[:32]
