"""Checks who has sent a webhook (Standard Webhooks)."""

from __future__ import annotations

import base64
import binascii
import hmac
import json
import time
from collections.abc import Iterable, Mapping
from typing import cast

from cairn_client.schemas import CloudEvent

_OLDEST_SECONDS = 300


class BadSignature(Exception):
    """The request isn't from Cairn, or it was sent long ago: answer 401 and do nothing."""


def verified(body: bytes, headers: Mapping[str, str], secrets: Iterable[str]) -> CloudEvent:
    """The event of a delivery that one of these secrets has signed; raises `BadSignature`."""
    given = {name.lower(): value for name, value in headers.items()}
    id_, sent_at = given.get("webhook-id", ""), given.get("webhook-timestamp", "")
    if not sent_at.isdigit() or abs(time.time() - int(sent_at)) > _OLDEST_SECONDS:
        raise BadSignature
    signed = b".".join((id_.encode(), sent_at.encode(), body))
    expected = [b"v1," + base64.b64encode(_digest(secret, signed)) for secret in secrets]
    for signature in given.get("webhook-signature", "").encode().split():
        if any(hmac.compare_digest(signature, one) for one in expected):
            return cast("CloudEvent", json.loads(body))
    raise BadSignature


def _digest(secret: str, signed: bytes) -> bytes:
    try:
        key = base64.b64decode(secret.removeprefix("whsec_"), validate=True)
    except binascii.Error:
        raise ValueError("a secret is whsec_ and base64, as Cairn has shown it") from None
    return hmac.digest(key, signed, "sha256")
