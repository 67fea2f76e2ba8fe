"""Loads many streams of one kind at once, for those who work through a list."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import cast
from uuid import UUID

from shared.eventstore.events import fold
from shared.eventstore.record import AggregateT, Record, Recorded


async def load_all(
    record: Record, cls: type[AggregateT], tenant: str, streams: Sequence[UUID]
) -> dict[UUID, AggregateT]:
    """Replay these streams; one that isn't there, or of another kind, is missing in the answer."""
    found: dict[UUID, list[Recorded]] = defaultdict(list)
    for recorded in await record.read_words(await record.rows_of(tenant, streams)):
        found[recorded.row.stream].append(recorded)
    return {
        stream: _replay(record, cls, events)
        for stream, events in found.items()
        if events[0].row.type.partition(".")[0] == cls.TOPIC
    }


def _replay(record: Record, cls: type[AggregateT], events: Sequence[Recorded]) -> AggregateT:
    aggregate = cast("AggregateT", fold([recorded.event for recorded in events]))
    aggregate.leaf = events[-1].row.leaf
    aggregate.at = record.clock.now()
    return aggregate
