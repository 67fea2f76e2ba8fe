"""OpenID Connect: authorization code with PKCE, by authlib. Nothing is stored on the way.

What has to be remembered between leaving and coming back travels in a sealed cookie of ten minutes.
"""

from __future__ import annotations

import asyncio
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
_PATIENCE = 2.0
"""Seconds in which a provider says where one logs out of it, while somebody waits for the page."""


class LoginFailed(Exception):
    """What came back from the identity provider can't be trusted, or nobody there said yes."""


class NotAsked(LoginFailed):
    """The provider came back with an error of its own, as one does that can't ask again who it is."""


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
        self, request: Request, key: str, back_to: str, next_: str, *, afresh: bool = False
    ) -> tuple[RedirectResponse, str]:
        """The way to the provider, and what the browser has to bring back.

        `afresh` has the provider ask who it is, also where somebody is still logged in there.
        """
        client = await self._client(key)
        request.scope["session"] = {}
        asked = {"prompt": "login"} if afresh else {}
        away: RedirectResponse = await client.authorize_redirect(request, back_to, **asked)
        journey = _Journey(key, next_, time.time() + _SECONDS, request.scope["session"])
        nonce = os.urandom(_NONCE)
        sealed = nonce + self._seal.encrypt(nonce, msgspec.json.encode(journey), None)
        return away, sealed.hex()

    async def take_back(
        self, request: Request, key: str, brought: str
    ) -> tuple[Provider, dict[str, Any], str]:
        """The provider, the claims of its ID token and where to go on; raises `LoginFailed`.

        It is `NotAsked` for all that the provider may refuse, except that somebody said no there.
        """
        journey = self._journey(brought)
        if journey is None or journey.provider != key:
            raise LoginFailed
        if request.query_params.get("error", "access_denied") != "access_denied":
            raise NotAsked
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

    async def ways_out(self, tenant: str, back_to: str) -> list[tuple[str, str]]:
        """Names and addresses where one logs out of a tenant's providers (RP-Initiated Logout 1.0).

        A provider that names no such address of the web, is away or takes long is left out.
        """
        theirs = {key: each.name for key, each in self.known.items() if each.tenant == tenant}
        ways = await asyncio.gather(*(self._way_out(key, back_to) for key in theirs))
        return [(name, way) for name, way in zip(theirs.values(), ways, strict=True) if way]

    async def _way_out(self, key: str, back_to: str) -> str | None:
        asked = {"client_id": self.known[key].client_id, "post_logout_redirect_uri": back_to}
        try:
            async with asyncio.timeout(_PATIENCE):
                about = (await self._client(key)).server_metadata
            way = httpx2.URL(about.get("end_session_endpoint")).copy_merge_params(asked)
        except (LoginFailed, Unavailable, TimeoutError, httpx2.InvalidURL, TypeError, ValueError):
            return None
        return str(way) if way.scheme in ("https", "http") and way.host else None

    async def _client(self, key: str) -> Any:
        """The provider's client, with what it says of itself; raises `Unavailable` while it is away,
        or says something else at that address."""
        if key not in self.known:
            raise LoginFailed
        provider, client = self.known[key], self._oauth.create_client(key)
        try:
            about = await client.load_server_metadata()
        except (httpx2.HTTPError, ValueError, TypeError) as away:
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
