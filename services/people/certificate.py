"""What an erasure answers: what is gone, where copies were, and when the last backup expires."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

import isodate

from shared.periods import rfc3339

Depth = Literal["words", "link"]
FORMAT = "cairn-certificate/1"

_WORDS = {
    "data_key": "destroyed",
    "record": "deleted",
    "drafts": "deleted",
    "forms": "deleted",
    "sessions": "deleted",
    "lists": "unreadable",
    "processes": "forgotten",
    "mail_queue": "never_held",
    "mail_folder": "deleted",
    "temporal": "never_held",
    "bundles": "unreadable",
}
"""Every place where a copy of somebody's words was, and what becomes of it."""
_LINK = {"customers_id": "deleted"}


def certificate(
    subject: UUID, at: datetime, depth: Depth, backups_kept: str, bundles: Sequence[str]
) -> dict[str, Any]:
    """The certificate of one erasure; it holds no word and no name. `bundles` were written before."""
    gone = _WORDS | (_LINK if depth == "link" else {})
    copies: list[dict[str, Any]] = [
        {"where": where, "state": state, "until": None, "ids": []} for where, state in gone.items()
    ]
    for copy in copies:
        if copy["where"] == "bundles":
            copy["ids"] = list(bundles)
    expires = rfc3339(at + isodate.parse_duration(backups_kept))
    backups: dict[str, Any] = {
        "where": "backups_of_keys",
        "state": "unreadable_after",
        "until": expires,
        "ids": [],
    }
    return {
        "subject": str(subject),
        "depth": depth,
        "erased_at": rfc3339(at),
        "copies": [*copies, backups],
    }


def lines_of(told: dict[str, Any]) -> list[str]:
    """The same as lines, to be signed."""
    return [
        f"{told['subject']} {told['depth']} {told['erased_at']}",
        *(
            " ".join([copy["where"], copy["state"], copy["until"] or "-", *copy["ids"]])
            for copy in told["copies"]
        ),
    ]
