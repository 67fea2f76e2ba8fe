"""What every answer has: a request id, what is left of the rate limit, and nothing for caches."""

from __future__ import annotations

import re
from collections.abc import Mapping
from secrets import token_hex

from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from shared.problems import too_large

_ID = re.compile(rb"[A-Za-z0-9._:-]{1,128}")
_NOSNIFF = (b"x-content-type-options", b"nosniff")
_NO_STORE = (b"cache-control", b"no-store")


class Habits:
    """Gives each request an id, its own where it brought a good one, and adds headers to answers.

    A route says by its own Cache-Control where an answer may be kept.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        state = scope.setdefault("state", {})
        state["request_id"] = request_id = _asked(scope) or token_hex(8)

        async def send_with_habits(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = message["headers"]
                there = {name for name, _ in headers}
                headers += [each for each in (_NO_STORE, _NOSNIFF) if each[0] not in there]
                headers.append((b"x-request-id", request_id.encode()))
                headers += state.get("allowance", ())
            await send(message)

        await self._app(scope, receive, send_with_habits)


class SizeLimit:
    """Refuses a body that is too large: at once where it declares its size, else on the way.

    `larger` holds the paths that take more than others.
    """

    def __init__(self, app: ASGIApp, largest: int, larger: Mapping[str, int]) -> None:
        self._app = app
        self._largest = largest
        self._larger = larger

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        limit = self._larger.get(scope["path"], self._largest)
        declared = Headers(scope=scope).get("content-length", "")
        if declared.isdigit() and int(declared) > limit:
            await too_large()(scope, receive, send)
            return
        received = 0

        async def receive_within_limit() -> Message:
            nonlocal received
            message = await receive()
            received += len(message.get("body", b""))
            if received > limit:
                raise HTTPException(413)
            return message

        await self._app(scope, receive_within_limit, send)


def _asked(scope: Scope) -> str | None:
    found = [value for name, value in scope["headers"] if name == b"x-request-id"]
    return found[0].decode() if len(found) == 1 and _ID.fullmatch(found[0]) else None
