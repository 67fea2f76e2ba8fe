"""OpenID Connect: authorization code with PKCE, by authlib. Nothing is stored on the way.

What has to be remembered between leaving and coming back travels in a sealed cookie of ten minutes.
"""

from __future__ import annotations

import os
import time
from typing import Any

import httpx2
import msgspec
from authlib.integrations.base_client.errors import OAuthError
from authlib.integrations.starlette_client import OAuth
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from fastapi import Request
from fastapi.responses import RedirectResponse
from joserfc.errors import JoseError

from console.login.providers import Provider
from shared.errors import Unavailable

_SECONDS = 600
_NONCE = 12


class LoginFailed(Exception):
    """What came back from the identity provider can't be trusted, or nobody there said yes."""


class _Journey(msgspec.Struct, frozen=True):
    """What is remembered of somebody who has gone to log in."""

    provider: str
    next: str
    until: float
    state: dict[str, Any]


class Providers:
    """Sends people to their identity provider, and takes them back."""

    def __init__(self, known: dict[str, Provider], secret: bytes) -> None:
        self.known = known
        self._seal = AESGCM(secret)
        self._oauth = OAuth()
        for key, provider in known.items():
            self._oauth.register(
                key,
                client_id=provider.client_id,
                client_secret=provider.secret,
                server_metadata_url=f"{provider.issuer.rstrip('/')}/.well-known/openid-configuration",
                client_kwargs={"scope": provider.scope, "code_challenge_method": "S256"},
            )

    async def send_away(
        self, request: Request, key: str, back_to: str, next_: str
    ) -> tuple[RedirectResponse, str]:
        """The way to the provider, and what the browser has to bring back."""
        client = await self._client(key)
        request.scope["session"] = {}
        away: RedirectResponse = await client.authorize_redirect(request, back_to)
        journey = _Journey(key, next_, time.time() + _SECONDS, request.scope["session"])
        nonce = os.urandom(_NONCE)
        sealed = nonce + self._seal.encrypt(nonce, msgspec.json.encode(journey), None)
        return away, sealed.hex()

    async def take_back(
        self, request: Request, key: str, brought: str
    ) -> tuple[Provider, dict[str, Any], str]:
        """The provider, the claims of its ID token and where to go on; raises `LoginFailed`."""
        journey = self._journey(brought)
        if journey is None or journey.provider != key:
            raise LoginFailed
        provider, client = self.known[key], await self._client(key)
        request.scope["session"] = journey.state
        expected = {
            "iss": {"essential": True, "value": provider.issuer},
            "aud": {"essential": True, "value": provider.client_id},
        }
        try:
            token = await client.authorize_access_token(request, claims_options=expected)
        except httpx2.TransportError as away:
            raise Unavailable from away
        except (OAuthError, JoseError, httpx2.HTTPError, ValueError) as refused:
            raise LoginFailed from refused
        claims = token.get("userinfo")
        if not claims:
            raise LoginFailed
        return provider, dict(claims), journey.next

    async def _client(self, key: str) -> Any:
        """The provider's client, with what it says of itself; raises `Unavailable` while it is away."""
        if key not in self.known:
            raise LoginFailed
        provider, client = self.known[key], self._oauth.create_client(key)
        try:
            about = await client.load_server_metadata()
        except httpx2.HTTPError as away:
            raise Unavailable from away
        if about.get("issuer") != provider.issuer:
            raise LoginFailed
        about["id_token_signing_alg_values_supported"] = list(provider.algorithms)
        return client

    def _journey(self, brought: str) -> _Journey | None:
        try:
            sealed = bytes.fromhex(brought)
            opened = self._seal.decrypt(sealed[:_NONCE], sealed[_NONCE:], None)
            journey = msgspec.json.decode(opened, type=_Journey)
        except (ValueError, InvalidTag, msgspec.MsgspecError):
            return None
        return journey if journey.until > time.time() else None
