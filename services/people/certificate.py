"""What an erasure answers: what is gone, where copies were, and when the last backup expires."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

import isodate

from shared.periods import rfc3339

Depth = Literal["words", "link"]

_WORDS = [
    {"where": "data_key", "state": "destroyed"},
    {"where": "record", "state": "deleted"},
    {"where": "drafts", "state": "deleted"},
    {"where": "lists", "state": "unreadable"},
    {"where": "bundles", "state": "unreadable"},
    {"where": "processes", "state": "forgotten"},
]
_LINK = [{"where": "customers_id", "state": "deleted"}]


def certificate(at: datetime, depth: Depth, backups_kept: str) -> dict[str, Any]:
    """The certificate of one erasure; it holds no word and no name."""
    backup = {
        "where": "backups_of_keys",
        "state": "unreadable_after",
        "until": rfc3339(at + isodate.parse_duration(backups_kept)),
    }
    copies = [*_WORDS, *(_LINK if depth == "link" else [])]
    return {
        "depth": depth,
        "erased_at": rfc3339(at),
        "copies": [*({**each, "until": None} for each in copies), backup],
    }
