"""How deliveries are signed (Standard Webhooks), and the names under which secrets are kept sealed."""

from __future__ import annotations

import secrets
from base64 import b64encode
from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from standardwebhooks import Webhook as Signer

_SECRET_BYTES = 32
_KEY_BYTES = 8


def new_secret() -> str:
    """A fresh signing secret, as Standard Webhooks writes it."""
    return "whsec_" + b64encode(secrets.token_bytes(_SECRET_BYTES)).decode()


def new_key() -> str:
    """A name for an address or a secret, by which the record speaks of what is kept sealed."""
    return secrets.token_hex(_KEY_BYTES)


def sealed_name(webhook: UUID, key: str = "") -> str:
    """The name of what is kept sealed of a webhook; without a key, how all of them begin."""
    return f"webhook/{webhook}/{key}"


def signed_headers(
    signing: Iterable[str], event_id: str, body: bytes, now: datetime
) -> dict[str, str]:
    """The headers of a delivery that is signed with each of these secrets."""
    text = body.decode()
    signatures = [Signer(secret).sign(event_id, now, text) for secret in signing]
    return {
        "Content-Type": "application/cloudevents+json; charset=utf-8",
        "User-Agent": "Cairn",
        "webhook-id": event_id,
        "webhook-timestamp": str(int(now.timestamp())),
        "webhook-signature": " ".join(signatures),
    }
