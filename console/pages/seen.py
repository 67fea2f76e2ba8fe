"""What a reader may see of conversations and plans: the same views that the API answers with, typed."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import date, datetime
from typing import Any, Literal
from uuid import UUID

import msgspec

from console.pages.language import Texts
from console.pages.names import Names
from console.pages.planned import Planned, Suggestion
from console.pages.stated import Stated
from services.conversation.both_sides import BothSides
from services.conversation.drafts import Draft
from services.conversation.reading import ConversationReader
from services.directory import Offering
from services.planning.reading import PlanReader
from shared.errors import NotFound
from shared.eventstore.record import Record
from shared.principal import Principal, person_of

AnswerState = Literal["open", "answered", "set_aside", "declined"]


class Earlier(msgspec.Struct, frozen=True):
    """What was said to the same question before."""

    answer: str
    at: datetime | None = None


class Question(msgspec.Struct, frozen=True):
    """A question of the guide, with what was said to it."""

    id: str
    text: Texts
    purpose: Texts
    state: AnswerState
    answer: str | None = None
    version: int = 0
    until: datetime | None = None
    shared: bool = False
    earlier: Earlier | None = None


class Facet(msgspec.Struct, frozen=True):
    """A value, skill, interest or goal."""

    kind: str
    text: str


class Parts(msgspec.Struct, frozen=True):
    """Parts of a conversation."""

    questions: tuple[str, ...] = ()
    facets: tuple[str, ...] = ()
    direction: bool = False

    @property
    def something(self) -> bool:
        return self.direction or bool(self.questions or self.facets)

    def has_question(self, question: str) -> bool:
        return question in self.questions

    def has_facet(self, facet: str) -> bool:
        return facet in self.facets

    @property
    def has_direction(self) -> bool:
        return self.direction


class Shared(Parts, frozen=True):
    """What the conversation partner of today can read, and what only one before was shown."""

    before: Parts = Parts()


class Meeting(msgspec.Struct, frozen=True):
    """What is known of the meeting."""

    state: Literal["scheduled", "claimed", "held", "waived"] | None = None
    held_on: date | None = None
    starts_at: datetime | None = None
    duration: str | None = None
    place: str | None = None

    @property
    def claimed_on(self) -> date | None:
        return self.held_on if self.state == "claimed" else None


class Note(msgspec.Struct, frozen=True):
    """What one side wrote down; `author` is an id, None for somebody who was forgotten."""

    note: int
    by: Literal["employee", "partner"]
    author: str | None
    shared: bool
    text: str
    at: datetime
    question: str | None = None


class Before(msgspec.Struct, frozen=True):
    """The conversation before this one."""

    conversation: UUID
    direction: str | None = None


class Conversed(msgspec.Struct, frozen=True):
    """A conversation as its reader may see it.

    `people` are the names of those who are in it by their ids, and `you` the reader's id among them;
    `claimed_by` says that there was a meeting.
    """

    id: UUID
    version: int
    cycle: UUID
    round: int
    kind: Literal["conversation", "follow_up"]
    state: Literal["open", "paused", "concluded", "declined", "closed"]
    questions: tuple[Question, ...]
    facets: dict[str, Facet]
    direction: str | None
    shared: Shared
    meeting: Meeting
    direction_comment: str | None = None
    resting: bool = False
    resting_until: datetime | None = None
    notes: tuple[Note, ...] = ()
    before: Before | None = None
    corrections: tuple[Stated, ...] = ()
    claimed_by: str | None = None
    people: dict[str, str] = {}
    you: str | None = None

    @property
    def path(self) -> str:
        return f"/conversations/{self.id}"

    @property
    def goes_on(self) -> bool:
        return self.state in {"open", "paused"}

    @property
    def has_words(self) -> bool:
        return bool(self.facets) or any(question.answer for question in self.questions)

    def question(self, id_: str) -> Question:
        """One question; raises `NotFound`."""
        for question in self.questions:
            if question.id == id_:
                return question
        raise NotFound

    def facets_of(self, kind: str) -> list[tuple[str, Facet]]:
        return [(id_, facet) for id_, facet in self.facets.items() if facet.kind == kind]


class Seen:
    """Reads conversations and plans for somebody, as far as they may be seen."""

    def __init__(
        self,
        record: Record,
        conversations: ConversationReader,
        plans: PlanReader,
        both: BothSides,
        names: Names,
        offering: Offering,
    ) -> None:
        self._record = record
        self._conversations = conversations
        self._plans = plans
        self._both = both
        self._names = names
        self._offering = offering

    async def conversation(self, by: Principal, id_: UUID) -> Conversed:
        """A conversation; raises `NotFound`."""
        shown, _ = await self._conversations.get_conversation(by, id_)
        claimed = shown["meeting"]["state"] == "claimed"
        claimed_by = await self._claimed_by(by, id_) if claimed else None
        people = await self._people(by, [claimed_by, *(n["author"] for n in shown["notes"])])
        more = people | {"claimed_by": claimed_by}
        return msgspec.convert(shown | more, Conversed, strict=False)

    async def drafts(self, by: Principal, conversation: UUID) -> dict[str, Draft]:
        """The reader's own drafts, by what they are of."""
        found = await self._both.read_drafts(by, conversation)
        return {draft.part: draft for draft in found}

    async def plan(self, by: Principal, id_: UUID, near: Collection[UUID] = ()) -> Planned:
        """A plan; raises `NotFound`.

        Anybody's id can be written into it as a mentor's. They are called by name where both have agreed
        on them, where they offer it, and where they are one of those `near` to the reader.
        """
        shown, _ = await self._plans.get_plan(by, id_)
        promised = [each["promised_by"] for each in shown["promises"].values()]
        actions = shown.get("actions", {}).values()
        in_force = (shown.get("in_force_plan") or {}).get("actions", {}).values()
        agreed = [each.get("mentor") for each in (*in_force, *(a for a in actions if a["agreed"]))]
        written = {each["mentor"] for each in actions if each.get("mentor")}
        mentors = await self._known_mentors(by.tenant, written, near)
        people = await self._people(by, [*promised, *agreed, *mentors])
        return msgspec.convert(shown | people, Planned, strict=False)

    async def suggestions(self, by: Principal, id_: UUID) -> tuple[Suggestion, ...]:
        """Methods that might fit a plan."""
        found = await self._plans.suggest_methods(by, id_)
        return msgspec.convert(found["suggestions"], tuple[Suggestion, ...], strict=False)

    async def is_about(self, by: Principal, stream: UUID) -> UUID | None:
        """Whom a conversation or a plan is about: the first event of its stream says so."""
        first = await self._record.rows(by.tenant, stream, at_version=1)
        facts: dict[str, Any] = msgspec.json.decode(first[0].facts) if first else {}
        return UUID(facts["person"]) if "person" in facts else None

    async def _claimed_by(self, by: Principal, conversation: UUID) -> str | None:
        """The id of whoever said that there was a meeting: the last event of that kind says who."""
        rows = await self._record.rows(by.tenant, conversation)
        claims = [row for row in rows if row.type == "conversation.meeting_claimed"]
        who = person_of(self._record.read_facts(claims)[-1].meta.actor)
        return (await self._record.vault.people_of(by.tenant, {who})).get(who) if who else None

    async def _known_mentors(self, tenant: str, ids: set[str], near: Collection[UUID]) -> list[str]:
        """Those of these ids that a reader may see the names of, whoever has written them."""
        known = await self._record.vault.subjects_of(tenant, ids) if ids else {}
        offering = await self._offering(tenant, known.values()) if known else set()
        return [id_ for id_, who in known.items() if who in offering or who in near]

    async def _people(self, by: Principal, ids: Iterable[str | None]) -> dict[str, Any]:
        """What those are called whom a view names by their ids, and which of them reads it."""
        wanted = {id_ for id_ in ids if id_}
        known = await self._record.vault.subjects_of(by.tenant, wanted) if wanted else {}
        called = await self._names.of_all(by.tenant, known.values()) if known else {}
        return {
            "people": {id_: called[who] for id_, who in known.items() if who in called},
            "you": next((id_ for id_, who in known.items() if who == by.subject), None),
        }
