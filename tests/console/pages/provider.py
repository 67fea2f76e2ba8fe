"""A small identity provider: OpenID Connect by code and PKCE, and ways to misbehave."""

from __future__ import annotations

import base64
import hashlib
import secrets
import time
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from fastapi import FastAPI, Request
from fastapi.responses import HTMLResponse, JSONResponse, RedirectResponse, Response
from joserfc import jwt
from joserfc.jwk import RSAKey

CLIENT, SECRET = "cairn", "between us"


@dataclass
class Provider:
    """Logs in whoever it is told to; `claims` overrides what its ID tokens say."""

    url: str
    person: str = "ana"
    claims: dict[str, Any] = field(default_factory=dict)
    key: RSAKey = field(default_factory=lambda: RSAKey.generate_key(2048, auto_kid=True))
    signs_with: RSAKey | None = None
    algorithm: str = "RS256"
    refuses_with: str | None = None
    cannot_ask_again: bool = False
    calls_itself: str | None = None
    way_out: Any = None
    says_instead: bytes | None = None
    hangs: bool = False
    codes: dict[str, dict[str, str]] = field(default_factory=dict)

    def application(self) -> FastAPI:
        app = FastAPI(openapi_url=None)
        app.add_api_route("/.well-known/openid-configuration", self.about)
        app.add_api_route("/jwks", self.jwks)
        app.add_api_route("/authorize", self.ask)
        app.add_api_route("/token", self.token, methods=["POST"])
        return app

    async def about(self, request: Request) -> Response:
        while self.hangs and (await request.receive())["type"] != "http.disconnect":
            pass
        if self.says_instead is not None:
            return Response(self.says_instead)
        way_out = {"end_session_endpoint": self.way_out} if self.way_out else {}
        said = {
            **way_out,
            "issuer": self.calls_itself or self.url,
            "authorization_endpoint": f"{self.url}/authorize",
            "token_endpoint": f"{self.url}/token",
            "jwks_uri": f"{self.url}/jwks",
            "id_token_signing_alg_values_supported": ["RS256", "HS256", "none"],
            "token_endpoint_auth_methods_supported": ["client_secret_basic"],
        }
        return JSONResponse(said)

    async def jwks(self) -> dict[str, Any]:
        return {"keys": [self.key.as_dict(private=False)]}

    async def ask(self, request: Request) -> Response:
        """Ask whether to log in; the way back is a link on the page."""
        asked = dict(request.query_params)
        assert asked["code_challenge_method"] == "S256"
        code = secrets.token_urlsafe(16)
        self.codes[code] = asked
        error = self.refuses_with
        if self.cannot_ask_again and asked.get("prompt") == "login":
            error = "login_required"
        answer = {"error": error} if error else {"code": code}
        back = f"{asked['redirect_uri']}?{urlencode(answer | {'state': asked['state']})}"
        if request.headers.get("accept", "").startswith("application/json"):
            return RedirectResponse(back, 302)
        return HTMLResponse(
            f'<!doctype html><title>Log in</title><a href="{back}">Yes, it is me</a>'
        )

    async def token(self, request: Request) -> JSONResponse:
        """Give tokens for a code, once, to whoever knows the secret and the verifier."""
        form = await request.form()
        basic = base64.b64encode(f"{CLIENT}:{SECRET.replace(' ', '%20')}".encode()).decode()
        plain = base64.b64encode(f"{CLIENT}:{SECRET}".encode()).decode()
        asked = self.codes.pop(str(form["code"]), None)
        verifier = str(form.get("code_verifier", "")).encode()
        challenge = (
            base64.urlsafe_b64encode(hashlib.sha256(verifier).digest()).rstrip(b"=").decode()
        )
        known = request.headers.get("authorization") in {f"Basic {basic}", f"Basic {plain}"}
        if not known or asked is None or asked["code_challenge"] != challenge:
            return JSONResponse({"error": "invalid_grant"}, 400)
        token = {"access_token": "opaque", "token_type": "Bearer", "expires_in": 60}
        return JSONResponse(token | {"id_token": self._id_token(asked)})

    def _id_token(self, asked: dict[str, str]) -> str:
        now = int(time.time())
        claims = {
            "iss": self.url,
            "aud": CLIENT,
            "sub": f"sub-of-{self.person}",
            "iat": now,
            "exp": now + 60,
            "nonce": asked["nonce"],
            "preferred_username": self.person,
            "roles": ["staff"],
        }
        key = self.signs_with or self.key
        header = {"alg": self.algorithm, "kid": self.key.kid}
        return jwt.encode(header, claims | self.claims, key, algorithms=[self.algorithm])
