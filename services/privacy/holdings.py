"""Everything that is held of a person, gathered for themselves; of others' words what is theirs."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from services.permission import Relation
from services.privacy.requests import AccessRequest
from services.processing import PROCESSING, Processing
from shared.eventstore.record import Record, Recorded
from shared.periods import rfc3339

FORMAT = "cairn-access-package/1"
Streams = Callable[[str, UUID, datetime], Awaitable[list[tuple[UUID, str]]]]
"""Answers the streams about a person, each with its kind."""
Items = Callable[[str, Sequence[Recorded], str], Awaitable[list[dict[str, Any]]]]
"""Answers the timeline's items for events, in a reader's language."""
Part = Callable[[str, UUID, Sequence[UUID]], Awaitable[Any]]
"""Answers one part of what is held of a person of a tenant, who has these streams."""
_NOTE = "conversation.note_written"
_PROFILE = ("people.registered", "people.profile_changed")


@dataclass(frozen=True)
class Holdings:
    """Gathers it: the events themselves, and each service's own view of what they have led to."""

    record: Record
    streams: Streams
    items: Items
    parts: Mapping[str, tuple[str, Part]]
    """By name: the kind of stream that it is of, and who answers it."""

    async def gather(
        self,
        tenant: str,
        subject: UUID,
        person: str,
        relations: Sequence[Relation],
        request: AccessRequest | None,
        languages: str,
    ) -> dict[str, Any]:
        """One document, as JSON has it."""
        now = self.record.clock.now()
        streams = await self.streams(tenant, subject, now)
        ids = list(dict.fromkeys([subject, *(stream for stream, _ in streams)]))
        recorded = await self.record.read_words(await self.record.rows_of(tenant, ids))
        items = await self.items(tenant, recorded, languages)
        events = [
            self._event(one, item, request) for one, item in zip(recorded, items, strict=True)
        ]
        parts = {
            name: await of(tenant, subject, [s for s, each in streams if each == kind])
            for name, (kind, of) in self.parts.items()
        }
        names = await self.record.vault.people_of(tenant, {tie.partner for tie in relations})
        return {
            "format": FORMAT,
            "person": person,
            "made_at": rfc3339(now),
            "profile": _profile(events),
            "partners": [_partner(tie, names) for tie in relations],
            **parts,
            "notes_of_others": [e for e in events if e["type"] == _NOTE and "review" in e],
            "disclosures": _of(events, "disclosures."),
            "cases": _of(events, "cases."),
            "mails": _of(events, "cycles.notice_"),
            "events": events,
            "purposes": [_purpose(group) for group in PROCESSING if group.kept == "person"],
        }

    def _event(
        self, recorded: Recorded, item: dict[str, Any], request: AccessRequest | None
    ) -> dict[str, Any]:
        """The event with its words; somebody else's own note only where it was released."""
        told = {name: item[name] for name in _TOLD}
        if recorded.row.key_id is None:
            return told
        event: Any = recorded.event
        if is_anothers(recorded):
            review = request.reviews.get((recorded.row.stream, event.note)) if request else None
            told["review"] = "waiting" if review is None else review.reason
            if review is None or not review.released:
                return told | {"words": None}
        names = self.record.registry.of_topic(recorded.row.type).words
        return told | {"words": {n: msgspec.to_builtins(getattr(event, n)) for n in names}}


def is_anothers(recorded: Recorded) -> bool:
    """Whether it is a note that somebody else wrote for themselves alone."""
    if recorded.row.type != _NOTE:
        return False
    event: Any = recorded.event
    return not event.shared and event.author != recorded.meta.subject


def _profile(events: Sequence[dict[str, Any]]) -> dict[str, Any] | None:
    last = [e for e in events if e["type"] in _PROFILE][-1:]
    return last[0]["facts"] | last[0]["words"] if last else None


def _partner(tie: Relation, names: Mapping[UUID, str]) -> dict[str, Any]:
    return {
        "partner": names.get(tie.partner),
        "since": rfc3339(tie.since),
        "until": rfc3339(tie.until),
    }


def _of(events: Iterable[dict[str, Any]], kind: str) -> list[dict[str, Any]]:
    return [event for event in events if event["type"].startswith(kind)]


def _purpose(group: Processing) -> dict[str, Any]:
    return {
        "name": group.name,
        "purpose": group.purpose,
        "category": group.category,
        "recipients": list(group.recipients),
    }


_TOLD = (
    "position", "at", "recorded_at", "type", "stream", "version", "actor", "cycle", "facts", "sentence",
)  # fmt: skip
