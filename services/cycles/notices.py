"""Which mails a cycle has given rise to, and what became of each: read from the cycle's own events."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from shared.eventstore.sealing import Row


class Notice(msgspec.Struct):
    """A mail because of one event to one side; `outcome` is None until it was sent or refused."""

    event: UUID
    kind: str
    to: str
    at: datetime
    facts: dict[str, Any]
    outcome: str | None = None


def notices_in(rows: Sequence[Row]) -> list[Notice]:
    """All notices of a cycle, in their order."""
    found: dict[tuple[UUID, str], Notice] = {}
    for row in rows:
        facts = msgspec.json.decode(row.facts)
        for to in facts.get("tells", ()):
            kind = row.type.partition(".")[2]
            found[row.event_id, to] = Notice(row.event_id, kind, to, row.at, facts)
        if row.type in {"cycles.notice_sent", "cycles.notice_refused"}:
            known = found.get((UUID(facts["notice"]), facts["to"]))
            if known is not None:
                known.outcome = facts.get("why", "sent")
    return list(found.values())
