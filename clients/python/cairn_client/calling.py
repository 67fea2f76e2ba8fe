"""Sends requests: with a token, a key for each write, and patience where the service is away."""

from __future__ import annotations

import json
import random
import time
from collections.abc import Callable, Mapping
from typing import Any
from uuid import uuid4

import httpx2

Token = str | Callable[[], str]
"""An API key or access token, or a function that gives one; it is asked before each request."""

_AGAIN = frozenset({429, 500, 502, 503, 504})
_LONGEST_PAUSE = 10.0


class Refused(Exception):
    """The service refused a request; nothing was changed by it."""

    def __init__(self, status: int, problem: Mapping[str, Any]) -> None:
        self.status = status
        self.code = str(problem.get("type", "")).rpartition("/")[2]
        self.detail = str(problem.get("detail", ""))
        self.errors: list[dict[str, Any]] = list(problem.get("errors", []))
        fields = "".join(f" {error['pointer']}: {error['detail']}." for error in self.errors)
        super().__init__(f"{status} {self.code}: {self.detail}{fields}")


class Unreachable(Exception):
    """No answer came in time. A write may have had its effect: send it again with the same key."""

    def __init__(self, idempotency_key: str | None) -> None:
        super().__init__("the service can't be reached")
        self.idempotency_key = idempotency_key


class Calling:
    """Sends requests for all operations, and sends them again for as long as `patience` lasts."""

    def __init__(self, url: str, token: Token, patience: float, http: httpx2.Client) -> None:
        self._http = http
        self._url = url.rstrip("/")
        self._token = token
        self._patience = patience

    def close(self) -> None:
        """Close the connections."""
        self._http.close()

    def call(
        self,
        method: str,
        path: str,
        *,
        query: Mapping[str, Any] | None = None,
        body: Any = None,
        content: bytes | None = None,
        media_type: str = "application/json",
        idempotency_key: str | None = None,
        if_match: int | None = None,
    ) -> Any:
        """The answer to a request; raises `Refused`, or `Unreachable` when patience has ended."""
        key = idempotency_key or (None if method == "GET" else str(uuid4()))
        headers = {"Idempotency-Key": key} if key else {}
        headers |= {"If-Match": f'"{if_match}"'} if if_match is not None else {}
        sent = json.dumps(body).encode() if body is not None else content
        headers |= {"Content-Type": media_type} if sent is not None else {}
        wanted = {name: value for name, value in (query or {}).items() if value is not None}
        until, pause = time.monotonic() + self._patience, 0.25
        while True:
            answer = self._try(method, path, wanted, sent, headers)
            if answer is not None and answer.status_code not in _AGAIN:
                return _read(answer)
            asked = _asked_pause(answer)
            wait = max(pause * random.uniform(0.5, 1.0), asked)  # noqa: S311 - only spreads them
            if time.monotonic() + wait > until:
                break
            time.sleep(wait)
            pause = min(pause * 2, _LONGEST_PAUSE)
        if answer is None:
            raise Unreachable(key)
        return _read(answer)

    def _try(
        self,
        method: str,
        path: str,
        query: Mapping[str, Any],
        content: bytes | None,
        headers: Mapping[str, str],
    ) -> httpx2.Response | None:
        """One attempt; None where no answer came."""
        token = self._token if isinstance(self._token, str) else self._token()
        sent = {**headers, "Authorization": f"Bearer {token}"}
        try:
            return self._http.request(
                method, self._url + path, params=query, content=content, headers=sent
            )
        except httpx2.TransportError:
            return None


def _read(answer: httpx2.Response) -> Any:
    """The body of an answer; raises `Refused`."""
    kind = answer.headers.get("content-type", "").partition(";")[0]
    if answer.is_success and kind == "application/x-ndjson":
        return [json.loads(line) for line in answer.text.split("\n") if line]
    if answer.is_success and kind == "application/zip":
        return answer.content
    if answer.is_success:
        return answer.json() if kind.endswith("json") else answer.text
    raise Refused(answer.status_code, answer.json() if kind.endswith("json") else {})


def _asked_pause(answer: httpx2.Response | None) -> float:
    """For how long the service has asked to wait."""
    asked = answer.headers.get("retry-after", "") if answer is not None else ""
    return float(asked) if asked.isdigit() else 0.0
