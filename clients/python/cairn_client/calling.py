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

_TOO_MANY = 429
_AGAIN = frozenset({_TOO_MANY, 500, 502, 503, 504})
_LONGEST_PAUSE = 10.0


class Refused(Exception):
    """The service refused a request; nothing was changed by it."""

    def __init__(
        self, status: int, problem: Mapping[str, Any], idempotency_key: str | None = None
    ) -> None:
        self.idempotency_key = idempotency_key
        self.status = status
        self.code = str(problem.get("type", "")).rpartition("/")[2]
        self.detail = str(problem.get("detail", ""))
        self.errors: list[dict[str, Any]] = list(problem.get("errors", []))
        fields = "".join(f" {error['pointer']}: {error['detail']}." for error in self.errors)
        super().__init__(f"{status} {self.code}: {self.detail}{fields}")


class Unreachable(Exception):
    """No answer came in time. A write may have had its effect: send it again with the same key.

    `answered` is what came last, where something did, as from a proxy or a service that is down.
    """

    def __init__(self, idempotency_key: str | None, answered: Refused | None) -> None:
        super().__init__(f"the service can't be reached{f': {answered}' if answered else ''}")
        self.idempotency_key = idempotency_key
        self.answered = answered


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
        may_be_done = False
        while True:
            answer = self._try(method, path, wanted, sent, headers)
            if answer is not None and answer.status_code not in _AGAIN:
                return _read(answer, key)
            may_be_done |= answer is None or answer.status_code != _TOO_MANY
            asked = _asked_pause(answer)
            wait = max(pause * random.uniform(0.5, 1.0), asked)  # noqa: S311 - only spreads them
            if time.monotonic() + wait > until:
                break
            time.sleep(wait)
            pause = min(pause * 2, _LONGEST_PAUSE)
        refused = None if answer is None else _refusal(answer, key)
        if refused is None or may_be_done:
            raise Unreachable(key, refused) from refused
        raise refused

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


def _read(answer: httpx2.Response, key: str | None) -> Any:
    """The body of an answer; raises `Refused`."""
    kind = _kind(answer)
    if answer.is_success and kind == "application/x-ndjson":
        return [json.loads(line) for line in answer.text.split("\n") if line]
    if answer.is_success and kind == "application/zip":
        return answer.content
    if answer.is_success:
        return answer.json() if kind.endswith("json") else answer.text
    raise _refusal(answer, key)


def _refusal(answer: httpx2.Response, key: str | None) -> Refused:
    problem = answer.json() if _kind(answer).endswith("json") else {}
    return Refused(answer.status_code, problem, key)


def _kind(answer: httpx2.Response) -> str:
    return str(answer.headers.get("content-type", "")).partition(";")[0]


def _asked_pause(answer: httpx2.Response | None) -> float:
    """For how long the service has asked to wait."""
    asked = answer.headers.get("retry-after", "") if answer is not None else ""
    return float(asked) if asked.isdigit() else 0.0
