"""Takes a whole roster in: each line by the same use case as a single person, many at once."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from services.people.application import PARTNER_HAS_GONE, Keep, Naming, People, begin
from services.people.domain import Person
from services.people.employment import Profile
from services.people.intake import Intake
from services.people.roster_file import Line
from services.permission import Permission, Resource
from shared.errors import Refusal, Stale, Unavailable
from shared.eventstore.many import load_all
from shared.eventstore.record import Command, KeyReused, KeyUsed, Record

STATUSES = ("created", "updated", "unchanged", "refused")
Result = dict[str, Any]
_CHUNK = 200
_IMPORTS_AT_ONCE = 4


@dataclass(frozen=True)
class Entry:
    """A line that can be taken in: whose, and what is to be known of them."""

    number: int
    person: str
    profile: Profile
    partner: str | Keep | None
    partner_since: datetime | None = None


@dataclass
class Chunk:
    """Everybody whom some lines are about or name, by their random keys, and who is known of them."""

    subjects: dict[str, UUID]
    people: dict[UUID, Person]
    gone: set[UUID]
    """Who has left or was forgotten, and doesn't come back by their own line."""

    def person(self, entry: Entry) -> Person | None:
        return self.people.get(self.subjects[entry.person])

    def meant(self, entry: Entry) -> Naming | Keep:
        """Whom the line names as partner, whether or not they have gone."""
        if isinstance(entry.partner, Keep):
            return entry.partner
        return (self.subjects[entry.partner] if entry.partner else None), entry.partner_since

    def naming(self, entry: Entry) -> Naming | Keep:
        """Whom the line names as partner: nobody new, where they have left or were forgotten."""
        meant = self.meant(entry)
        if isinstance(meant, Keep) or meant[0] == self.subjects[entry.person]:
            return meant
        return PARTNER_HAS_GONE if meant[0] in self.gone else meant


class Refused(Exception):
    """A line that can't be taken in; `body` is the problem."""

    def __init__(self, body: dict[str, Any]) -> None:
        super().__init__()
        self.body = body


Check = Callable[[Line], Entry]
"""Makes an entry of a line; raises `Refused`."""

Tell = Callable[[Refusal], dict[str, Any]]
"""Makes the members of a problem of a refusal."""


class Imports:
    """Runs imports; a few at a time, since each holds its file in memory."""

    def __init__(self, record: Record, permission: Permission, people: People) -> None:
        self._record = record
        self._permission = permission
        self._people = people
        self._under_way = 0

    async def permit(self, command: Command) -> None:
        """Refuse whoever may not import."""
        await self._permission.require(command.by, "write", Resource("person"), command.at)

    async def answered(self, command: Command, lines: Sequence[Line]) -> list[Result] | None:
        """What the import with this key and this file answered before.

        Who is named in the lines is kept in none of our tables for it, but read from them again.
        Raises `KeyReused` where the file has other lines than it had then.
        """
        before = await self._record.answered(command)
        if before is None:
            return None
        people = {line.number: line.person for line in lines}
        if {result["line"] for result in before.body["results"]} != set(people):
            raise KeyReused  # the same bytes, but as a file of another kind
        return [
            {"line": result["line"], "person": people[result["line"]], **result}
            for result in before.body["results"]
        ]

    async def run(
        self, command: Command, lines: Sequence[Line], check: Check, tell: Tell
    ) -> AsyncGenerator[Result]:
        """Take the lines in and answer what became of each, in their order; then record the whole.

        Raises `Stale` where one version of a whole roster is expected: it has none.
        """
        if command.if_version is not None:
            raise Stale
        if self._under_way >= _IMPORTS_AT_ONCE:
            raise Unavailable("Several imports are under way; try again when they have ended.")
        self._under_way += 1
        plain, results = replace(command, asked=None), []
        try:
            for chunk in _chunks(lines):
                for result in await self._take(plain, chunk, check, tell):
                    results.append(result)
                    yield result
            await self._complete(command, results)
        finally:
            self._under_way -= 1

    async def _take(
        self, command: Command, lines: Sequence[Line], check: Check, tell: Tell
    ) -> list[Result]:
        checked = [_checked(line, check, tell) for line in lines]
        entries = [each for each in checked if isinstance(each, Entry)]
        chunk = await self._load(command.tenant, entries)
        await self._welcome(command, entries, chunk)

        async def one(each: Entry | Result) -> Result:
            if not isinstance(each, Entry):
                return each
            return await self._put(command, each, chunk, tell)

        return await asyncio.gather(*(one(each) for each in checked))

    async def _load(self, tenant: str, entries: Sequence[Entry]) -> Chunk:
        """Everybody's random keys and those who are known, partners too, in a few statements."""
        partners = {entry.partner for entry in entries if isinstance(entry.partner, str)}
        people = {entry.person for entry in entries}
        subjects = await self._record.vault.prepare(tenant, people | partners)
        known = await load_all(self._record, Person, tenant, list(subjects.values()))
        return Chunk(subjects, known, {key for key, person in known.items() if person.has_gone})

    async def _welcome(self, command: Command, entries: Sequence[Entry], chunk: Chunk) -> None:
        """Take those first who come back, so that other lines can name them.

        Whoever was forgotten has another random key from here on. A line that is refused changes
        nothing yet, and is told so when it is taken.
        """
        for entry in entries:
            known = chunk.person(entry)
            if known is None or not known.returns(entry.profile):
                continue
            try:
                await self._welcome_one(command, entry, known, chunk)
            except Unavailable:
                raise
            except Refusal:
                continue

    async def _welcome_one(
        self, command: Command, entry: Entry, known: Person, chunk: Chunk
    ) -> None:
        meant = chunk.meant(entry)
        if known.erased is None:
            begin(known.id, command.at, entry.profile, meant)
            chunk.gone.discard(known.id)
            return
        subject, new = await self._people.begin_anew(
            command, entry.person, known, entry.profile, meant
        )
        chunk.subjects[entry.person] = subject
        if new is not None:
            chunk.people[subject] = new

    async def _put(self, command: Command, entry: Entry, chunk: Chunk, tell: Tell) -> Result:
        subject = chunk.subjects[entry.person]
        known, naming = chunk.person(entry), chunk.naming(entry)
        try:
            try:
                return await self._settle(command, entry, subject, known, naming)
            except Stale:  # somebody else changed the person since they were loaded
                known = await self._record.load(Person, command.tenant, subject)
                return await self._settle(command, entry, subject, known, naming)
        except Unavailable:
            raise
        except Refusal as refusal:
            return _refused(entry, tell(refusal))

    async def _settle(
        self,
        command: Command,
        entry: Entry,
        subject: UUID,
        known: Person | None,
        naming: Naming | Keep,
    ) -> Result:
        if known is not None and known.begins_anew(entry.profile):
            subject, known = await self._people.begin_anew(
                command, entry.person, known, entry.profile, naming
            )
        before = known.version if known else 0
        answer = await self._people.put_known(command, subject, known, entry.profile, naming)
        version: int = answer.body["version"]
        status = "unchanged" if version == before else "updated" if before else "created"
        noted = {name: answer.body[name] for name in ("noted",) if name in answer.body}
        told = {"line": entry.number, "person": entry.person, "status": status, "version": version}
        return told | noted

    async def _complete(self, command: Command, results: Sequence[Result]) -> None:
        counts = {
            status: sum(result["status"] == status for result in results) for status in STATUSES
        }
        intake = Intake.complete(uuid4(), command.at, counts)
        kept = [{name: result[name] for name in result if name != "person"} for result in results]
        try:
            await self._record.save(intake, command, intake.receipt() | {"results": kept})
        except KeyUsed:
            return  # the same import ran twice at once, and nothing is different for it


def _checked(line: Line, check: Check, tell: Tell) -> Entry | Result:
    try:
        return check(line) if line.problem is None else _refused(line, tell(line.problem))
    except Refused as refused:
        return _refused(line, refused.body)


def _refused(line: Line | Entry, problem: dict[str, Any]) -> Result:
    return {"line": line.number, "person": line.person, "status": "refused", "problem": problem}


def _chunks(lines: Sequence[Line]) -> Iterator[list[Line]]:
    """Parts of a file in which nobody is named twice, so that the later line counts."""
    chunk: list[Line] = []
    seen: set[str | None] = set()
    for line in lines:
        if len(chunk) == _CHUNK or line.person in seen:
            yield chunk
            chunk, seen = [], set()
        chunk.append(line)
        seen |= {line.person} if line.person else set()
    if chunk:
        yield chunk
