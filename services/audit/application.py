"""What an auditor may ask: the timeline, and any stream as it stood at a version or a moment."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from services.audit.film import Frame, difference, frames, stand, text_of
from services.audit.readmodel import Wanted
from services.audit.sentences import sentence_of
from services.permission import Permission, Resource
from shared.errors import NotFound
from shared.eventstore.record import Record, Recorded
from shared.principal import Principal, person_of

Wording = Callable[[str], Callable[[str], str]]
"""Answers what translates sentences for whoever accepts these languages (`de-CH, en;q=0.8`)."""

Place = int | datetime | None
"""A version of a stream, or a moment; None is today."""


class Audit:
    """Shows what happened, when, by whom and why: hashes stand where words are."""

    def __init__(self, record: Record, permission: Permission, wording: Wording) -> None:
        self._record = record
        self._permission = permission
        self._wording = wording

    async def require(self, by: Principal) -> None:
        """Raise unless the caller audits."""
        await self._permission.require(by, "read", Resource("audit"), self._record.clock.now())

    async def wanted(
        self, tenant: str, person: str | None, actor: str | None, **more: Any
    ) -> Wanted | None:
        """What is asked for, with people as the record knows them; None for a stranger."""
        subject = await self._record.vault.subject_of(tenant, person) if person else None
        if person and subject is None:
            return None
        return Wanted(person=subject, actor=await self._actor(tenant, actor), **more)

    async def replay(
        self, by: Principal, kind: str, stream: UUID, place: Place = None, languages: str = ""
    ) -> dict[str, Any]:
        """A conversation, plan or cycle as it stood, with the hash of each text instead of it."""
        events = await self._events(by, kind, stream, place)
        return _head(events) | {
            "state": stand(events),
            "events": await self.items(by.tenant, events, languages),
        }

    async def diff(
        self, by: Principal, kind: str, stream: UUID, old: Place, new: Place, languages: str = ""
    ) -> dict[str, Any]:
        """What differs between two versions or moments, and the events that made the difference."""
        before = await self._events(by, kind, stream, old)
        after = await self._events(by, kind, stream, new)
        if len(after) < len(before):
            before, after = after, before
        return {
            "from": _head(before),
            "to": _head(after),
            **difference(stand(before), stand(after)),
            "events": await self.items(by.tenant, after[len(before) :], languages),
        }

    async def film(
        self, by: Principal, kind: str, stream: UUID, languages: str = ""
    ) -> list[tuple[dict[str, Any], Frame]]:
        """Every version of a stream, with the item that led to it."""
        events = await self._events(by, kind, stream, None)
        items = await self.items(by.tenant, events, languages)
        return list(zip(items, frames(events), strict=True))

    async def require_disclosures(self, by: Principal, person: UUID) -> None:
        """Raise unless the caller may see who read a person's words: the person does."""
        resource, now = Resource("disclosures", person), self._record.clock.now()
        await self._permission.require(by, "read", resource, now)

    async def disclosures(self, tenant: str, found: Sequence[Recorded]) -> list[dict[str, Any]]:
        """Who read what, in which hour, on what ground, with the customer's own ids of people."""
        readers = {who for r in found if (who := person_of(_facts(r)["reader"]))}
        names = await self._record.vault.people_of(tenant, readers)
        return [_disclosure(recorded, names) for recorded in found]

    async def items(
        self, tenant: str, events: Sequence[Recorded], languages: str = ""
    ) -> list[dict[str, Any]]:
        """The timeline's items for these events, with the customer's own ids of people."""
        subjects = {s for r in events for s in (r.meta.subject, person_of(r.meta.actor)) if s}
        names = await self._record.vault.people_of(tenant, subjects)
        translate = self._wording(languages)
        return [_item(recorded, names, translate) for recorded in events]

    async def _events(self, by: Principal, kind: str, stream: UUID, place: Place) -> list[Recorded]:
        await self.require(by)
        version = place if isinstance(place, int) else None
        as_of = place if isinstance(place, datetime) else None
        rows = await self._record.rows(by.tenant, stream, at_version=version, as_of=as_of)
        if not rows or rows[0].type.partition(".")[0] != kind:
            raise NotFound
        return self._record.read_facts(rows)

    async def _actor(self, tenant: str, actor: str | None) -> str | None:
        """The actor as the record names it; people are given by the customer's id."""
        kind, _, who = (actor or "").partition(":")
        if kind != "person":
            return actor
        subject = await self._record.vault.subject_of(tenant, who)
        return f"person:{subject or who}"


def _head(events: Sequence[Recorded]) -> dict[str, Any]:
    last = events[-1].row
    return {
        "id": str(last.stream),
        "version": last.version,
        "at": text_of(last.at),
        "recorded_at": text_of(last.recorded_at),
    }


def _item(
    recorded: Recorded, names: dict[UUID, str], translate: Callable[[str], str]
) -> dict[str, Any]:
    row, meta = recorded.row, recorded.meta
    facts = _facts(recorded)
    who = person_of(meta.actor)
    return {
        "position": row.position,
        "type": row.type,
        "stream": str(row.stream),
        "version": row.version,
        "at": text_of(row.at),
        "recorded_at": text_of(row.recorded_at),
        "actor": f"person:{names.get(who, who)}" if who else meta.actor,
        "on_behalf_of": meta.on_behalf_of,
        "cause": meta.cause,
        "person": names.get(meta.subject) if meta.subject else None,
        "cycle": str(meta.correlation) if meta.correlation else None,
        "event_id": str(row.event_id),
        "facts": facts,
        "words_sha256": row.words_hash.hex() if row.key_id else None,
        "leaf": b64encode(row.leaf).decode(),
        "sentence": sentence_of(row.type, facts, translate),
    }


def _facts(recorded: Recorded) -> dict[str, Any]:
    found: dict[str, Any] = msgspec.json.decode(recorded.row.facts)
    return found


def _disclosure(recorded: Recorded, names: dict[UUID, str]) -> dict[str, Any]:
    facts = _facts(recorded)
    who = person_of(facts["reader"])
    return {
        "position": recorded.row.position,
        "reader": names.get(who) if who else facts["reader"],
        "artefact": facts["artefact"],
        "id": facts["artefact_id"],
        "ground": facts["ground"],
        "hour": facts["hour"],
    }
