"""How a stream stood after each of its events, and what differs between two of them; no words."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import msgspec

from shared.eventstore.record import Recorded

_PARTS = ("note", "goal", "action", "question", "facet")
"""What has entries of its own; a note may name a question, a goal a facet, so that those come last."""


@dataclass(frozen=True)
class Frame:
    """One picture of the film: the event, how everything stands after it, and what it has touched."""

    event: Recorded
    state: dict[str, Any]
    touched: tuple[str, ...]


def frames(events: Sequence[Recorded]) -> Iterator[Frame]:
    """The film of a stream, from its first event on."""
    state: dict[str, Any] = {}
    for event in events:
        before, state = state, stand([event], state)
        touched = difference(before, state)
        yield Frame(event, state, (*touched["added"], *touched["changed"]))


def stand(events: Sequence[Recorded], state: dict[str, Any] | None = None) -> dict[str, Any]:
    """How a stream stands after its events: what they name has its own entry, the rest is latest."""
    standing = dict(state or {})
    for event in events:
        facts = msgspec.json.decode(event.row.facts)
        part = next((name for name in _PARTS if facts.get(name) is not None), None)
        if part is None:
            standing[event.row.type.partition(".")[2]] = _entry(event) | facts
        else:
            details = {name: value for name, value in facts.items() if name != part}
            named = {str(facts[part]): _entry(event) | details}
            standing[f"{part}s"] = standing.get(f"{part}s", {}) | named
    return standing


def difference(before: dict[str, Any], after: dict[str, Any]) -> dict[str, Any]:
    """What came, what is another now, and what has gone, by name (`questions/impact`)."""
    old, new = _flat(before), _flat(after)
    return {
        "added": {name: new[name] for name in new if name not in old},
        "changed": {
            name: {"from": old[name], "to": new[name]}
            for name in new
            if name in old and old[name] != new[name]
        },
        "removed": {name: old[name] for name in old if name not in new},
    }


def _flat(state: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, entry in state.items():
        several = name.removesuffix("s") in _PARTS and name.endswith("s")
        found |= (
            {f"{name}/{part}": one for part, one in entry.items()} if several else {name: entry}
        )
    return found


def _entry(event: Recorded) -> dict[str, Any]:
    row = event.row
    return {
        "event": row.type.partition(".")[2],
        "version": row.version,
        "at": text_of(row.at),
        "by": event.meta.actor.partition(":")[0],
        **({"words_sha256": row.words_hash.hex()} if row.key_id else {}),
    }


def text_of(moment: datetime) -> str:
    """RFC 3339 in UTC."""
    return moment.isoformat().replace("+00:00", "Z")
