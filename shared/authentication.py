"""Who sent a request: its bearer token, verified once and remembered for a moment."""

from __future__ import annotations

import time
from collections.abc import Sequence
from hashlib import sha256

from cachetools import TLRUCache

from shared.eventstore.keys import Vault
from shared.principal import Principal
from shared.tokens import BadToken, Claims, Verifier

_KEPT = 50_000
_KEPT_SECONDS = 60.0


class Authentication:
    """Asks the verifiers whose token it is; a good one is remembered by its hash.

    It is remembered for a minute at most, and for a shorter time where its verifier says so, since
    keys and clients can be withdrawn before a token ends.
    """

    def __init__(self, verifiers: Sequence[Verifier], vault: Vault) -> None:
        self._verifiers = verifiers
        self._vault = vault
        self._known: TLRUCache[bytes, tuple[Principal, float]] = TLRUCache(
            _KEPT, ttu=lambda _, known, __: known[1], timer=time.monotonic
        )

    async def principal_of(self, token: str) -> Principal:
        """Who the token speaks for; raises `BadToken` for anything but a good one."""
        digest = sha256(token.encode("utf-8", "surrogatepass")).digest()
        known = self._known.get(digest)
        if known is not None:
            return known[0]
        claims = await self._claims(token)
        if not await self._vault.has_tenant(claims.tenant):
            raise BadToken("tenant")
        principal = await self._principal(claims)
        if (
            principal.subject is not None or claims.person is None
        ):  # else they may be registered soon
            seconds = min(claims.until - time.time(), _KEPT_SECONDS)
            self._known[digest] = (principal, time.monotonic() + seconds)
        return principal

    async def _claims(self, token: str) -> Claims:
        for verifier in self._verifiers:
            claims = await verifier.verify(token)
            if claims is not None:
                return claims
        raise BadToken("issuer")

    async def _principal(self, claims: Claims) -> Principal:
        tenant, person = claims.tenant, claims.person
        subject = await self._vault.subject_of(tenant, person) if person else None
        return Principal(tenant, claims.roles, claims.name, subject, claims.machine)
