"""The use cases of access: ask for what is held, review others' notes, and take the package along."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

import msgspec

from services.access import Action
from services.disclosure import Disclosures, Reading
from services.exhibits import Opening
from services.permission import Permission, Resource, Standing
from services.privacy.holdings import Holdings, is_anothers
from services.privacy.readable import activity_row, readable
from services.privacy.requests import AccessRequest, NotAskedFor, Note, request_id
from shared.errors import NotFound
from shared.eventstore.ledger import Ledger
from shared.eventstore.package import FORMAT, lines_of, packed
from shared.eventstore.record import Answer, Command, Record, Recorded
from shared.periods import rfc3339
from shared.principal import Principal

Acts = Callable[[str, UUID], AsyncIterator[list[Recorded]]]
"""Answers what somebody did, some hundred events at a time; without words."""

Lately = Callable[[str], Awaitable[set[UUID]]]
"""Answers the streams in which somebody has asked within the time that a request lasts."""


class NoSuchNote(NotFound):
    """There is no note of somebody else's own in that conversation with that number."""


class Packages:
    """What a person gets who asks what is held about them."""

    def __init__(
        self,
        record: Record,
        permission: Permission,
        disclosures: Disclosures,
        ledger: Ledger,
        holdings: Holdings,
        acts: Acts,
        lately: Lately,
    ) -> None:
        self._record = record
        self._permission = permission
        self._disclosures = disclosures
        self._ledger = ledger
        self._holdings = holdings
        self._acts = acts
        self._lately = lately

    async def request_package(self, command: Command, person: str) -> Answer:
        """Ask for it; data protection puts it on record for whoever has asked by other means."""
        subject, standing = await self._permit(command.by, person, "write")
        through = "person" if standing == "employee" else "data_protection"
        known = await self._load(command.tenant, subject)
        if known is None:
            known = AccessRequest.request(subject, command.at, through)
        else:
            known.request_again(through)
        return await self._record.save(known, command)

    async def get_request(self, by: Principal, person: str) -> dict[str, Any]:
        """When it was asked for, and what became of others' notes; without their words."""
        subject, _ = await self._permit(by, person, "read")
        request = await self._load(by.tenant, subject)
        notes = await self._notes(by.tenant, subject)
        return {
            "person": person,
            "requested_at": rfc3339(request.requested_at) if request else None,
            "until": rfc3339(request.until) if request else None,
            "open": request is not None and request.is_open,
            "through": request.through if request else None,
            "notes": [_reviewed(note, request) for note in notes],
        }

    async def notes_to_review(self, by: Principal, person: str) -> list[dict[str, Any]]:
        """Others' own notes about the person with their words, for data protection to decide on."""
        subject, _ = await self._permit(by, person, "approve")
        request = await self._asked(by.tenant, subject)
        notes = await self._notes(by.tenant, subject)
        read = {note.row.stream for note in notes}
        await self._disclose(by, subject, [Reading("conversation", id_, _GROUND) for id_ in read])
        return [_reviewed(note, request) | {"text": _text(note)} for note in notes]

    async def requests_to_review(self, by: Principal) -> list[dict[str, Any]]:
        """Who else has asked and waits for a decision on others' notes, those first who asked first."""
        now = self._record.clock.now()
        await self._permission.require(by, "approve", Resource("package"), now)
        waiting = []
        for stream in await self._lately(by.tenant):
            request = await self._record.load(AccessRequest, by.tenant, stream)
            if request is None or request.person == by.subject or not request.is_open:
                continue
            if await self._waits(by.tenant, request):
                waiting.append(request)
        ids = await self._record.vault.people_of(by.tenant, {each.person for each in waiting})
        return [
            {"person": ids[each.person], "until": rfc3339(each.until)}
            for each in sorted(waiting, key=lambda each: each.until)
            if each.person in ids
        ]

    async def _waits(self, tenant: str, request: AccessRequest) -> bool:
        notes = await self._notes(tenant, request.person)
        return any(_place(note) not in request.reviews for note in notes)

    async def review_note(
        self, command: Command, person: str, note: Note, *, released: bool, reason: str
    ) -> Answer:
        """Decide whether somebody else's own note is part of the package, and why."""
        subject, _ = await self._permit(command.by, person, "approve")
        await self._asked(command.tenant, subject)
        if note not in {_place(each) for each in await self._notes(command.tenant, subject)}:
            raise NoSuchNote
        return await self._record.change(
            AccessRequest,
            request_id(subject),
            command,
            lambda request: request.review(note, released, reason),
        )

    async def fetch_package(
        self, by: Principal, person: str, languages: str = ""
    ) -> AsyncIterator[bytes]:
        """The package as a zip. Data protection gets it for somebody who has asked for it."""
        subject, standing = await self._permit(by, person, "read")
        request = await self._load(by.tenant, subject)
        if standing != "employee":
            if request is None or not request.is_open:
                raise NotAskedFor
            await self._disclose(by, subject, [Reading("package", request.id, _GROUND)])
        relations = await self._permission.relations_of(by.tenant, subject)
        held = await self._holdings.gather(
            by.tenant, subject, person, relations, request, languages
        )
        return packed(
            {
                "data.json": _whole(msgspec.json.format(msgspec.json.encode(held), indent=1)),
                "readable.html": _whole(readable(held, languages).encode()),
                "activity.csv": self._activity(by.tenant, subject),
            },
            lambda digests: self._seal(by.tenant, held["made_at"], digests),
        )

    async def openings(self, tenant: str, stream: UUID, as_of: datetime) -> list[Opening]:
        """What a person's request opened at a moment."""
        request = await self._record.load(AccessRequest, tenant, stream, as_of=as_of)
        if request is None:
            return []
        request.at = as_of
        return request.openings()

    async def _seal(self, tenant: str, at: str, digests: Any) -> tuple[str, list[str]]:
        note = await self._ledger.sign(tenant, FORMAT, lines_of(at, digests))
        return note, await self._ledger.verifier_keys(tenant)

    async def _activity(self, tenant: str, subject: UUID) -> AsyncIterator[bytes]:
        yield activity_row("at", "type")
        async for page in self._acts(tenant, subject):
            rows = [activity_row(rfc3339(each.row.at), each.row.type) for each in page]
            yield b"".join(rows)

    async def _notes(self, tenant: str, subject: UUID) -> list[Recorded]:
        """The notes that others wrote about a person for themselves alone."""
        streams = await self._holdings.streams(tenant, subject, self._record.clock.now())
        of = [stream for stream, kind in streams if kind == "conversation"]
        recorded = await self._record.read_words(await self._record.rows_of(tenant, of))
        return [each for each in recorded if is_anothers(each)]

    async def _asked(self, tenant: str, subject: UUID) -> AccessRequest:
        """The person's request; `NotAskedFor` where none is open."""
        request = await self._load(tenant, subject)
        if request is None:
            raise NotAskedFor
        request.must_be_open()
        return request

    async def _load(self, tenant: str, subject: UUID) -> AccessRequest | None:
        return await self._record.load(AccessRequest, tenant, request_id(subject))

    async def _permit(self, by: Principal, person: str, action: Action) -> tuple[UUID, Standing]:
        subject = await self._record.vault.subject_of(by.tenant, person)
        if subject is None:
            subject = uuid4()  # nobody's: refused as somebody's would be
        resource, now = Resource("package", subject), self._record.clock.now()
        standing = await self._permission.require(by, action, resource, now)
        if not await self._record.rows(by.tenant, subject, at_version=1):
            raise NotFound
        return subject, standing

    async def _disclose(self, by: Principal, subject: UUID, readings: list[Reading]) -> None:
        await self._disclosures.record(by, subject, readings, self._record.clock.now())


async def _whole(content: bytes) -> AsyncIterator[bytes]:
    yield content


def _place(note: Recorded) -> Note:
    event: Any = note.event
    return note.row.stream, event.note


def _text(note: Recorded) -> str:
    event: Any = note.event
    text: str = event.text
    return text


def _reviewed(note: Recorded, request: AccessRequest | None) -> dict[str, Any]:
    place = _place(note)
    review = request.reviews.get(place) if request else None
    return {
        "conversation": str(place[0]),
        "note": place[1],
        "at": rfc3339(note.row.at),
        "decision": None if review is None else "release" if review.released else "withhold",
        "reason": review.reason if review else None,
    }


_GROUND = "access_request"
