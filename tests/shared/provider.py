"""A customer's identity provider: a real HTTP server with keys, that can rotate them and be away."""

from __future__ import annotations

import asyncio
import json
import time
from typing import Any

from joserfc import jwt
from joserfc.jwk import ECKey, OKPKey, RSAKey

AUDIENCE = "https://cairn.example.com"


class Provider:
    """Serves discovery and keys on loopback, and signs tokens as it is told."""

    def __init__(self) -> None:
        self.keys: dict[str, Any] = {
            "rsa": RSAKey.generate_key(2048, {"kid": "rsa", "use": "sig"}),
            "ec": ECKey.generate_key("P-256", {"kid": "ec"}),
        }
        self.fetches = 0
        self.answer: bytes | None = None
        self.delay = 0.0
        self._server: asyncio.Server | None = None
        self.issuer = ""

    async def start(self, port: int = 0) -> None:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", port)
        self.port = self._server.sockets[0].getsockname()[1]
        self.issuer = f"http://127.0.0.1:{self.port}"

    async def stop(self) -> None:
        if self._server is not None:
            self._server.close()
            await self._server.wait_closed()
            self._server = None

    def claims(self, **changes: Any) -> dict[str, Any]:
        """What a good access token of an employee says, with changes; None leaves a claim out."""
        now = int(time.time())
        good = {
            "iss": self.issuer,
            "aud": AUDIENCE,
            "sub": "idp|17",
            "client_id": "portal",
            "iat": now,
            "exp": now + 300,
            "person": "ana",
        }
        return {name: value for name, value in (good | changes).items() if value is not None}

    def sign(
        self, claims: dict[str, Any], key: str = "rsa", alg: str = "RS256", **header: Any
    ) -> str:
        """A token; header parameters that are None are left out."""
        wanted = {"alg": alg, "typ": "at+jwt", "kid": key} | header
        kept = {name: value for name, value in wanted.items() if value is not None}
        return jwt.encode(kept, claims, self.keys[key], algorithms=[alg], default_type=None)

    def rotate(self) -> None:
        self.keys = {"new": OKPKey.generate_key("Ed25519", {"kid": "new"})}

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        line = (await reader.readuntil(b"\r\n\r\n")).split(b" ")
        await asyncio.sleep(self.delay)
        if line[1] == b"/.well-known/openid-configuration":
            body = json.dumps({"issuer": self.issuer, "jwks_uri": f"{self.issuer}/keys"}).encode()
        else:
            self.fetches += 1
            public = [key.as_dict(private=False) for key in self.keys.values()]
            body = self.answer if self.answer is not None else json.dumps({"keys": public}).encode()
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(body) + body)
        await writer.drain()
        writer.close()
