"""An identity provider's public keys: fetched, kept, rotated, and used on while it is away."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Sequence
from typing import Any

import httpx2
import msgspec
import structlog
from joserfc.errors import JoseError
from joserfc.jwk import JWKRegistry, Key

from shared.errors import Unavailable

_FRESH_SECONDS = 600.0
_STALE_SECONDS = 86_400.0
_AGAIN_SECONDS = 60.0
_SOON_SECONDS = 2.0
_FETCH_SECONDS = 5.0
_LARGEST = 256 * 1024
_MOST_KEYS = 50
_KINDS = frozenset({"RSA", "EC", "OKP"})
_CERTIFICATES = frozenset({"x5c", "x5u", "x5t", "x5t#S256"})
SAFE_URLS = ("https://", "http://127.0.0.1:", "http://localhost:")

log = structlog.get_logger("cairn.jwks")


class KeySource:
    """One provider's keys, fetched anew after ten minutes, and at a key id that isn't known.

    Once there are any, a fetch is tried at most once a minute, whatever tokens come in. While the
    provider is away the last ones go on for a day.
    """

    def __init__(self, issuer: str, url: str | None) -> None:
        self._issuer = issuer
        self._url = url
        self._keys: list[Key] = []
        self._fetched = float("-inf")
        self._tried = float("-inf")
        self._under_way: asyncio.Task[None] | None = None

    async def keys_for(self, kid: object) -> Sequence[Key]:
        """The keys that may have signed a token with this key id; `Unavailable` before the first."""
        age = time.monotonic() - self._fetched
        if age > _STALE_SECONDS or not self._matching(kid):
            await self._refresh()
        elif age > _FRESH_SECONDS:
            self._begin()  # the next request has it; this one needn't wait
        if time.monotonic() - self._fetched > _STALE_SECONDS:
            raise Unavailable("The identity provider can't be reached; try again shortly.")
        return self._matching(kid)

    def _matching(self, kid: object) -> Sequence[Key]:
        return self._keys if kid is None else [key for key in self._keys if key.kid == kid]

    async def _refresh(self) -> None:
        self._begin()
        if self._under_way is not None:
            await asyncio.shield(self._under_way)

    def _begin(self) -> None:
        """Start a fetch, unless one is under way or was tried within the last minute."""
        if self._under_way is not None and not self._under_way.done():
            return
        self._under_way = None
        pause = _AGAIN_SECONDS if self._keys else _SOON_SECONDS
        if time.monotonic() - self._tried >= pause:
            self._tried = time.monotonic()
            self._under_way = asyncio.create_task(self._fetch())

    async def _fetch(self) -> None:
        try:
            async with asyncio.timeout(_FETCH_SECONDS), httpx2.AsyncClient() as http:
                found = await _get(http, self._url or await self._discover(http))
                self._keys = _usable(found.get("keys"))
                self._fetched = time.monotonic()
        except (
            OSError,
            ValueError,
            msgspec.MsgspecError,
            httpx2.HTTPError,
            httpx2.InvalidURL,
        ) as away:
            log.warning("keys not fetched", issuer=self._issuer, why=type(away).__name__)

    async def _discover(self, http: httpx2.AsyncClient) -> str:
        page = f"{self._issuer.rstrip('/')}/.well-known/openid-configuration"
        found = await _get(http, page)
        url = found.get("jwks_uri")
        if found.get("issuer") != self._issuer:
            raise ValueError("the discovery document is of another issuer")
        if not isinstance(url, str) or not url.startswith(SAFE_URLS):
            raise ValueError("the keys aren't to be fetched safely")
        return url


async def _get(http: httpx2.AsyncClient, url: str) -> dict[str, Any]:
    """A JSON object of at most 256 KB; redirects aren't followed."""
    body = b""
    async with http.stream("GET", url, headers={"Accept": "application/json"}) as answer:
        if answer.status_code != 200:
            raise ValueError(f"answered {answer.status_code}")
        async for chunk in answer.aiter_bytes():
            body += chunk
            if len(body) > _LARGEST:
                raise ValueError("too large")
    return msgspec.json.decode(body, type=dict[str, Any])


def _usable(keys: object) -> list[Key]:
    """The public keys for signatures among them; whatever else is there is passed over."""
    found: list[Key] = []
    for each in keys if isinstance(keys, list) else []:
        if isinstance(each, dict) and each.get("kty") in _KINDS and each.get("use", "sig") == "sig":
            bare = {name: value for name, value in each.items() if name not in _CERTIFICATES}
            with contextlib.suppress(JoseError, ValueError, TypeError, KeyError):
                found.append(JWKRegistry.import_key(bare))
    if not found:
        raise ValueError("there are no keys for signatures")
    return found[:_MOST_KEYS]
