"""What an auditor may ask: the timeline, and any stream as it stood at a version or a moment."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from services.audit.sentences import sentence_of
from services.permission import Permission, Resource
from shared.errors import NotFound
from shared.eventstore.record import Record, Recorded
from shared.principal import Principal, person_of


class Audit:
    """Shows what happened, when, by whom and why: hashes stand where words are."""

    def __init__(self, record: Record, permission: Permission) -> None:
        self._record = record
        self._permission = permission

    async def require(self, by: Principal) -> None:
        """Raise unless the caller audits."""
        await self._permission.require(by, "read", Resource("audit"), self._record.clock.now())

    async def replay(
        self,
        by: Principal,
        kind: str,
        stream: UUID,
        version: int | None = None,
        as_of: datetime | None = None,
    ) -> dict[str, Any]:
        """A conversation, plan or cycle as it stood, with the hash of each text instead of it."""
        await self.require(by)
        rows = await self._record.rows(by.tenant, stream, at_version=version, as_of=as_of)
        if not rows or rows[0].type.partition(".")[0] != kind:
            raise NotFound
        events = self._record.read_facts(rows)
        state: dict[str, Any] = {}
        for recorded in events:
            _fold(state, recorded)
        return {
            "id": str(stream),
            "version": rows[-1].version,
            "at": text_of(rows[-1].at),
            "recorded_at": text_of(rows[-1].recorded_at),
            "state": state,
            "events": await self.items(by.tenant, events),
        }

    async def require_disclosures(self, by: Principal, person: UUID) -> None:
        """Raise unless the caller may see who read a person's words: the person does."""
        resource, now = Resource("disclosures", person), self._record.clock.now()
        await self._permission.require(by, "read", resource, now)

    async def disclosures(self, tenant: str, found: Sequence[Recorded]) -> list[dict[str, Any]]:
        """Who read what, in which hour, on what ground, with the customer's own ids of people."""
        readers = {who for r in found if (who := person_of(_facts(r)["reader"]))}
        names = await self._record.vault.people_of(tenant, readers)
        return [_disclosure(recorded, names) for recorded in found]

    async def items(self, tenant: str, events: Sequence[Recorded]) -> list[dict[str, Any]]:
        """The timeline's items for these events, with the customer's own ids of people."""
        subjects = {s for r in events for s in (r.meta.subject, person_of(r.meta.actor)) if s}
        names = await self._record.vault.people_of(tenant, subjects)
        return [_item(recorded, names) for recorded in events]


def _item(recorded: Recorded, names: dict[UUID, str]) -> dict[str, Any]:
    row, meta = recorded.row, recorded.meta
    facts = msgspec.json.decode(row.facts)
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
        "sentence": sentence_of(row.type, facts),
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


def _fold(state: dict[str, Any], recorded: Recorded) -> None:
    """Lay an event's facts over the state: what they name has its own entry, the rest is latest."""
    row = recorded.row
    facts = msgspec.json.decode(row.facts)
    entry = {
        "event": row.type.partition(".")[2],
        "version": row.version,
        "at": text_of(row.at),
        "by": recorded.meta.actor.partition(":")[0],
        **({"words_sha256": row.words_hash.hex()} if row.key_id else {}),
    }
    for name in ("question", "facet", "goal", "action"):
        if name in facts:
            part = state.setdefault(f"{name}s", {})
            details = {key: value for key, value in facts.items() if key != name}
            part[facts[name]] = entry | details
            return
    state[row.type.partition(".")[2]] = entry | facts


def text_of(moment: datetime) -> str:
    """RFC 3339 in UTC."""
    return moment.isoformat().replace("+00:00", "Z")
