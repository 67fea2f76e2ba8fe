"""Aggregates in chapters, and words that are more than one text: written, read, and erased."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated
from uuid import UUID, uuid4

import msgspec
from eventsourcing.domain import event

from shared.eventstore.events import Aggregate, Chapter, Created, Event, Registry, Words, fold

AT = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


class Link(msgspec.Struct, frozen=True):
    uri: str
    label: str


LinkInWords = Annotated[Link, msgspec.Meta(extra={"words": True, "erased": None})]
LinksInWords = Annotated[dict[str, Link], msgspec.Meta(extra={"words": True, "erased": None})]


class Beginning(Chapter):
    class Began(Created, frozen=True, kw_only=True):
        TOPIC = "chaptered.began"
        person: UUID
        links: LinksInWords | None = None

    @event(Began)
    def __init__(self, person: UUID, links: dict[str, Link] | None) -> None:
        self.person = person
        self.links = dict(links or {})
        self.said: list[str] = []


class Saying(Beginning):
    class Said(Event, frozen=True, kw_only=True):
        TOPIC = "chaptered.said"
        text: Words
        link: LinkInWords | None = None

    def say(self, text: str, link: Link | None = None) -> None:
        self._say(text=text, link=link)

    @event(Said)
    def _say(self, text: str, link: Link | None) -> None:
        self.said.append(text)


class Ending(Beginning):
    class Ended(Event, frozen=True, kw_only=True):
        TOPIC = "chaptered.ended"

    def end(self) -> None:
        self._end()

    @event(Ended)
    def _end(self) -> None:
        self.said.append("the end")


class Chaptered(Saying, Ending, Aggregate):
    TOPIC = "chaptered"

    @property
    def subject(self) -> UUID:
        return self.person


REGISTRY = Registry([Chaptered])
LINK = Link("urn:x", "leading")


def whole() -> Chaptered:
    made = Chaptered.begin(uuid4(), AT, person=uuid4(), links={"one": LINK})
    made.say("hello", LINK)
    made.end()
    return made


def test_an_aggregate_has_the_events_and_the_mutators_of_all_its_chapters() -> None:
    assert set(REGISTRY.types) == {"chaptered.began", "chaptered.said", "chaptered.ended"}
    assert whole().said == ["hello", "the end"]


def test_a_replay_goes_through_all_chapters() -> None:
    made = whole()
    again = fold(list(made.collect_events()))  # type: ignore[arg-type]
    assert isinstance(again, Chaptered)
    assert (again.said, again.links) == (["hello", "the end"], {"one": LINK})


def test_words_of_several_parts_are_all_in_the_body_and_none_in_the_facts() -> None:
    for happened in list(whole().collect_events())[:2]:
        kind = REGISTRY.of_event(happened)  # type: ignore[arg-type]
        assert b"leading" not in kind.encode_facts(happened)  # type: ignore[arg-type]
        words = kind.encode_words(happened)  # type: ignore[arg-type]
        assert words is not None
        assert b"leading" in words


def test_what_stands_where_erased_words_of_several_parts_were_is_what_their_mark_says() -> None:
    began, said, _ = whole().collect_events()
    for happened, name, left in ((began, "links", None), (said, "link", None), (said, "text", "")):
        kind = REGISTRY.of_event(happened)  # type: ignore[arg-type]
        facts = kind.encode_facts(happened)  # type: ignore[arg-type]
        read = kind.decode(uuid4(), 1, AT, facts, b"")
        assert getattr(read, name) == left


def test_words_that_are_there_no_longer_leave_an_aggregate_that_can_be_replayed() -> None:
    events = []
    for happened in whole().collect_events():
        kind = REGISTRY.of_event(happened)  # type: ignore[arg-type]
        words = b"" if kind.encode_words(happened) else None  # type: ignore[arg-type]
        facts = kind.encode_facts(happened)  # type: ignore[arg-type]
        version = happened.originator_version
        events.append(kind.decode(happened.originator_id, version, AT, facts, words))
    again = fold(events)
    assert isinstance(again, Chaptered)
    assert (again.said, again.links) == (["", "the end"], {})
